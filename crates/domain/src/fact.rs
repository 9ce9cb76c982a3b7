//! What a reader takes out of a vendor's reply. A fact names its day, so that a reply may cover several slices.

use crate::delivery::{ChangedFilesFact, CommitRecordFact, DeploymentFact, PullCommitsFact, PullRequestFact};
use crate::{Day, DayHours, Dimension, IdentityRef, Instant, Measures, Money, PersonFact};
use serde::{Deserialize, Serialize};

/// One thing a vendor said.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// What an identity did on a day.
    Usage(UsageFact),
    /// A part of that, by model, language, editor or feature.
    Split(SplitFact),
    /// The vendor's own total of something on a day: evidence to reconcile with, never added to usage.
    Total(TotalFact),
    /// A seat as it stood on a day.
    Seat(SeatFact),
    /// A person in a vendor's roster.
    Person(PersonFact),
    /// A team membership as it stood on a day.
    Team(TeamFact),
    /// Money or credits on a day.
    Cost(CostFact),
    /// When in a day an identity used the tool.
    Hours(HoursFact),
    /// A merged pull request.
    PullRequest(Box<PullRequestFact>),
    /// A deployment.
    Deployment(DeploymentFact),
    /// Which files a merged pull request changed.
    ChangedFiles(ChangedFilesFact),
    /// The commits of a merged pull request.
    PullCommits(PullCommitsFact),
    /// A vendor's record of a commit.
    CommitRecord(Box<CommitRecordFact>),
}

/// What an identity did on a day with one tool. Several facts of one identity and day are added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageFact {
    /// The vendor's UTC day.
    pub day: Day,
    /// Who.
    pub identity: IdentityRef,
    /// Whether the day counts as active by the tool's rule (METRICS: "active member-day"); `None`: this stream cannot tell.
    pub active: Option<bool>,
    /// Whether an agent was used; `None`: the vendor does not say.
    pub agent: Option<bool>,
    /// What was counted.
    pub measures: Measures,
}

/// A part of an identity's usage by one dimension. Parts need not add up to the whole: vendors leave some unattributed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitFact {
    /// The vendor's UTC day.
    pub day: Day,
    /// Who.
    pub identity: IdentityRef,
    /// By what.
    pub dimension: Dimension,
    /// The vendor's word for the part, as given: `typescript`.
    pub value: String,
    /// What was counted.
    pub measures: Measures,
}

/// A total as the vendor itself gives it, for example `daily_active_users`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalFact {
    /// The vendor's UTC day.
    pub day: Day,
    /// The vendor's name for it.
    pub name: String,
    /// The value; fractions in millionths where the name ends in `_micros`.
    pub value: i64,
}

/// A seat as a vendor reports it on the day of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatFact {
    /// Day of the snapshot.
    pub day: Day,
    /// Who holds it.
    pub identity: IdentityRef,
    /// Since when.
    pub created_at: Option<Instant>,
    /// Last activity the vendor knows; vendors forget it after a while, so keep the snapshots.
    pub last_activity_at: Option<Instant>,
    /// The editor of the last activity, as given.
    pub last_editor: Option<String>,
    /// The plan's name, as given.
    pub plan: Option<String>,
    /// From when on the seat is cancelled.
    pub cancels_on: Option<Day>,
    /// List price per month, where the plan has a published one.
    pub monthly_price: Option<Money>,
}

/// A team membership on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamFact {
    /// The vendor's UTC day.
    pub day: Day,
    /// Who.
    pub identity: IdentityRef,
    /// The vendor's stable id of the team.
    pub team_key: String,
    /// The team's name or slug.
    pub team: String,
}

/// Which of the two ledgers an amount belongs to. They are shown side by side and never silently added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ledger {
    /// Seat fees and what they include.
    Subscription,
    /// Credits, tokens, overage.
    Metered,
}

impl Ledger {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Metered => "metered",
        }
    }

    /// The ledger of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Subscription, Self::Metered].into_iter().find(|ledger| ledger.as_str() == name)
    }
}

/// An amount on a day, by what it was for. Facts with the same key on a day are added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostFact {
    /// The vendor's UTC day.
    pub day: Day,
    /// Whose, where the vendor says.
    pub identity: Option<IdentityRef>,
    /// Which ledger.
    pub ledger: Ledger,
    /// The vendor's article, as given.
    pub sku: String,
    /// The model, where the vendor says.
    pub model: Option<String>,
    /// Quantity in millionths of the vendor's unit.
    pub quantity_micros: Option<i64>,
    /// Value of all use at the vendor's prices.
    pub gross: Money,
    /// The part that is charged after what the subscription includes; `None`: the vendor does not say.
    pub net: Option<Money>,
}

/// When in a day an identity used a tool, where the vendor gives the instants of events. Several facts of one identity
/// and day are added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoursFact {
    /// The vendor's UTC day.
    pub day: Day,
    /// Who.
    pub identity: IdentityRef,
    /// Events in each hour, UTC.
    pub hours: DayHours,
}

impl Fact {
    /// The day the fact is about; people of a roster have none.
    #[must_use]
    pub fn day(&self) -> Option<Day> {
        match self {
            Self::Usage(fact) => Some(fact.day),
            Self::Split(fact) => Some(fact.day),
            Self::Total(fact) => Some(fact.day),
            Self::Seat(fact) => Some(fact.day),
            Self::Team(fact) => Some(fact.day),
            Self::Cost(fact) => Some(fact.day),
            Self::Hours(fact) => Some(fact.day),
            Self::PullRequest(fact) => Some(fact.day),
            Self::Deployment(fact) => Some(fact.day),
            Self::ChangedFiles(fact) => Some(fact.day),
            Self::PullCommits(fact) => Some(fact.day),
            Self::CommitRecord(fact) => Some(fact.day),
            Self::Person(_) => None,
        }
    }
}
