//! The repositories of the invented organization.

use crate::organization::Config;
use std::sync::Arc;

const NAMES: [&str; 12] = [
    "checkout",
    "api-gateway",
    "mobile-app",
    "billing",
    "search",
    "data-pipeline",
    "web-console",
    "identity",
    "notifications",
    "infrastructure",
    "reports",
    "handbook",
];

/// A repository.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) id: i64,
    /// Without its owner.
    pub(crate) short: String,
    /// `owner/name`.
    pub(crate) name: Arc<str>,
    /// Whether everybody sees it.
    pub(crate) public: bool,
}

pub(super) fn all(config: &Config) -> Vec<Place> {
    let count = if config.delivery.enabled { config.delivery.repositories.max(1) } else { 0 };
    let place = |index: usize| {
        let short = match (NAMES[index % NAMES.len()], index / NAMES.len()) {
            (name, 0) => name.to_owned(),
            (name, again) => format!("{name}-{}", again + 1),
        };
        let id = 910_000_000 + i64::try_from(index).unwrap_or(0) * 7_919;
        Place { id, name: format!("{}/{short}", config.organization).into(), short, public: index % 4 == 3 }
    };
    (0..usize::try_from(count).unwrap_or(0)).map(place).collect()
}
