//! Merged pull requests and deployments of the invented organization. Any day follows from the seed alone, so that a
//! window of it costs no more than its own days; what was planted is known exactly.

mod agents;
pub(crate) mod apps;
mod chance;
pub(crate) mod commit_records;
mod days;
pub(crate) mod deployments;
mod files;
mod human;
pub(crate) mod messages;
pub(crate) mod pull;
mod repositories;
mod repository_day;
mod reverts;
mod signs;
mod span;
pub mod webhook;

pub(crate) use days::{Days, merged};
pub use deployments::{DeploymentTruth, PRODUCTION, ReleaseTruth};
pub use files::FileTruth;
pub use pull::PullTruth;
pub use repository_day::RepositoryDay;
pub(crate) use repository_day::of as repository_day;
pub(crate) use span::planted;

use tacho_domain::Day;

/// What to simulate of delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "switches, each on its own")]
pub struct Delivery {
    /// Whether there are repositories at all.
    pub enabled: bool,
    /// How many repositories.
    pub repositories: u32,
    /// Merged pull requests of a person in a week of five working days, in thousandths. Agents' and bots' come on top.
    pub merged_per_week_milli: u32,
    /// What a pull request of a person who has begun to use AI tools takes, in thousandths of what it takes otherwise:
    /// 750 is a quarter less, `None` and 1,000 make no difference. It acts on the whole cycle and so on every part of it,
    /// from the day of the person's first tool on, by the day of the merge.
    pub effect_permille: Option<u32>,
    /// How much people differ: the standard deviation of the natural logarithm of their usual cycle time, in thousandths.
    pub person_spread_permille: u32,
    /// How much one person's pull requests differ, in the same unit.
    pub noise_permille: u32,
    /// Members who use no tool at all, in thousandths, besides the tenth that every organization has.
    pub abstainers_permille: u32,
    /// Whether repositories deploy.
    pub deployments: bool,
    /// Whether the team is on the Cursor plan that has records of commits.
    pub commit_records: bool,
    /// A day on which people merged exactly so many pull requests.
    pub busy_day: Option<(Day, u32)>,
    /// Whether GitHub's limits of GraphQL points are enforced: 5,000 an hour and 2,000 a minute.
    pub graphql_limits: bool,
    /// The page size above which the search ends in 502, as a query does that is too heavy for GitHub's ten seconds.
    pub heavy_above: Option<u32>,
}

impl Default for Delivery {
    /// Eight repositories, 1.3 pull requests a week, and a quarter less time for whoever uses AI tools.
    fn default() -> Self {
        Self {
            enabled: true,
            repositories: 8,
            merged_per_week_milli: 1_300,
            effect_permille: Some(750),
            person_spread_permille: 300,
            noise_permille: 900,
            abstainers_permille: 0,
            deployments: true,
            commit_records: false,
            busy_day: None,
            graphql_limits: false,
            heavy_above: None,
        }
    }
}

/// What was planted: the medians of the population that people and pull requests are drawn from. Every logarithm is
/// symmetric around its median, so these are exact and not an average of runs. Both groups are compared over days on which
/// nobody starts: tools begin within the first four fifths of the history, so its last fifth is such a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Planted {
    /// The multiplier in thousandths; 1,000 is no effect.
    pub effect_permille: u32,
    /// From opened to merged, in seconds, without AI tools; with them it is this times the effect.
    pub cycle_seconds: i64,
    /// From ready to the first review by a person, likewise.
    pub pickup_seconds: i64,
    /// From that review to the last approval, likewise.
    pub review_seconds: i64,
    /// From the first commit to opened, with or without tools.
    pub coding_seconds: i64,
    /// Lines added and deleted, with or without tools.
    pub lines: i64,
}

impl Planted {
    /// With AI tools less without, in seconds, of a median given here.
    #[must_use]
    pub fn difference(&self, seconds: i64) -> i64 {
        seconds * i64::from(self.effect_permille) / 1_000 - seconds
    }
}
