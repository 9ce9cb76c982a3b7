//! The only SQL: two engines, one text. Integrations and their sealed credentials, slices and their facts, roll-ups and
//! the reports made from them, the archive of raw replies, jobs, and who may come in.
//!
//! Every function that touches a tenant's data takes its organization first. Instants and today are given, never asked.

mod access;
mod archive;
mod credentials;
mod engine;
mod error;
mod export;
mod facts;
mod integrations;
mod jobs;
mod load;
mod migrations;
mod organizations;
mod people;
mod reports;
mod slices;
mod sql;
mod vault;

pub use access::ApiToken;
pub use archive::{ArchiveBody, ArchiveEntry, ArchivedReply};
pub use engine::{Engine, Store};
pub use error::StoreError;
pub use export::ExportRow;
pub use integrations::{Credential, Integration, IntegrationState, NewIntegration, Outcome, StoredFailure, StreamFailure};
pub use jobs::{Job, JobId, JobState, NewJob};
pub use organizations::Organization;
pub use people::Member;
pub use reports::{SplitSum, TotalRow};
pub use slices::{Replaced, SliceRow, SliceWrite};
pub use vault::{MasterKey, Vault};
