//! What a running sync tells whoever watches: progress bars, live pages.

use serde::Serialize;
use tacho_domain::{IntegrationId, OrganizationId, Window};
use tacho_store::StoredFailure;

/// Something that happened to an integration.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// Whose.
    pub organization: OrganizationId,
    /// Which integration.
    pub integration: IntegrationId,
    /// What happened.
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// A sync began.
    Started {
        /// Slices it will ask for.
        total: usize,
    },
    /// A slice is done, be it read, empty or failed.
    SliceDone {
        /// The slice's stream.
        stream: &'static str,
        /// The slice's days.
        window: Window,
        /// Slices done so far, this one included.
        done: usize,
        /// Slices in all.
        total: usize,
    },
    /// The sync ended; what it replaced is in the store.
    Finished {
        /// Days whose rows changed.
        days_changed: u64,
        /// Rows the read days have now.
        rows: u64,
    },
    /// The sync ended early; what was replaced until then stays.
    Failed {
        /// Why, and what to do.
        failure: StoredFailure,
    },
}
