//! The only SQL: two engines, one text. Integrations and their sealed credentials, slices and their facts, roll-ups and
//! the reports made from them, the archive of raw replies, jobs, and who may come in.
//!
//! Every function that touches a tenant's data takes its organization first. Instants and today are given, never asked.

mod access;
mod archive;
mod audit;
mod backup;
mod budgets;
mod connections;
mod credentials;
mod data_mark;
mod day_memory;
mod engine;
mod error;
mod export;
mod facts;
mod health;
mod integrations;
mod jobs;
mod load;
mod migrations;
mod organizations;
mod people;
mod person_months;
mod progress;
mod pull_requests;
mod reports;
mod seat_exclusions;
mod shares;
mod slices;
mod sql;
mod surveys;
mod vault;
mod webhooks;

pub use access::{
    ApiToken, Claimed, DeviceGrant, DevicePoll, Entrant, Link, LinkKind, Membership, NewDeviceGrant, NewLink, NewRoundTrip,
    NewSession, NewToken, NewUser, RoundTrip, SessionRow, SignOn, User,
};
pub use archive::{ArchiveBody, ArchiveEntry, ArchivedReply};
pub use audit::{AuditFilter, AuditRow, NewAudit};
pub use backup::{Backup, back_up, restore, verify_backup};
pub use connections::{AuthKind, CredentialFacts, Probe, StripDay, TriedEndpoint};
pub use data_mark::DataMark;
pub use engine::{Engine, PoolState, Store};
pub use error::StoreError;
pub use export::{ExportRow, MemberDay};
pub use health::{Examination, Freshness, QueueState};
pub use integrations::{Credential, Integration, IntegrationState, NewIntegration, Outcome, StoredFailure, StreamFailure};
pub use jobs::{Job, JobId, JobState, NewJob};
pub use organizations::Organization;
pub use people::{
    By, IdentityRow, Imported, MatchKind, MatchRate, Member, MemberFilter, MemberSource, MemberState, NewMember, PeopleChange,
    Suggestion, Team, TeamMember, TeamSource, TeamSpan, Undone,
};
pub use progress::{Progress, ProgressState};
pub use pull_requests::PullRequest;
pub use reports::{Known, OrganizationStanding, SplitSum, TotalRow};
pub use shares::{NewShare, Share};
pub use slices::{Replaced, SliceRow, SliceWrite};
pub use surveys::SurveyQuestion;
pub use vault::{MasterKey, Vault};
pub use webhooks::Webhook;
