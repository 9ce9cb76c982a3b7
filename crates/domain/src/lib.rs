//! What Tacho knows about the use of AI coding tools, free of any I/O: facts, days, money, people, planning, metric
//! formulas, questions and reports. Nothing here asks a clock, a file or a network.

pub mod access;
pub mod association;
pub mod audit;
pub mod budget;
pub mod columns;
pub mod day;
pub mod delivery;
pub mod fact;
pub mod hours;
pub mod matching;
pub mod measure;
pub mod memberships;
pub mod metrics;
pub mod money;
pub mod overview;
pub mod people_file;
pub mod person;
pub mod plan;
pub mod reconcile;
pub mod report;
pub mod reports;
pub mod seats;
pub mod share;
pub mod teams;
pub mod tool;

pub use access::{Permission, Reach, Rights, Role, Scopes, UserId};
pub use columns::{Damaged, PersonDay, decode_active, decode_people, encode_active, encode_people};
pub use day::{Day, Instant, Window};
pub use fact::{CostFact, Fact, HoursFact, Ledger, SeatFact, SplitFact, TeamFact, TotalFact, UsageFact};
pub use hours::{DayHours, decode_hours, encode_hours};
pub use measure::{Measure, Measures};
pub use money::Money;
pub use person::{Directory, IdentityKind, IdentityRef, PersonFact};
pub use plan::{Cadence, Slice, SliceState, StreamRole, StreamSpec};
pub use tool::{AcceptanceRule, Caveat, Dimension, StepChange, ToolId, ToolProfile, UserTotal};

/// The organization (tenant) a row belongs to. Every store function takes one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct OrganizationId(pub i64);

/// One configured connection of an organization. Unique within its organization only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct IntegrationId(pub i64);

impl std::fmt::Display for IntegrationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Whom a fact is about once identities are matched: a member, or an identity that nobody has matched yet.
/// Members and identities draw their numbers from one counter per organization, so the two never collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct SubjectId(pub u32);

/// A vendor's login, e-mail or key name as the store numbers it, unique within its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct IdentityId(pub u32);

/// The identity of facts that a vendor gives for an organization as a whole, naming nobody.
pub const WHOLE_ORGANIZATION: IdentityId = IdentityId(0);

/// Where a room learns what time it is: handed over at the door, a fixed value in tests.
pub type Clock = std::sync::Arc<dyn Fn() -> Instant + Send + Sync>;
