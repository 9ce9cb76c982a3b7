//! Delivery: merged pull requests, deployments, and the evidence that an AI tool had a part in them. Titles, bodies and
//! code are no part of any of it.

mod assisted;
mod commit_records;
mod commits;
mod deployed;
mod evidence;
mod fact;
mod pack;
mod place;
mod rework;
mod row;
pub mod streams;
mod survey;
mod times;
mod use_days;

pub use assisted::Assisted;
pub use commit_records::{
    AiCommits, CommitRecordFact, CommitRecordRow, CommitSource, RECORD_DAYS, RECORD_DAYS_AFTER, decode_commit_records,
    encode_commit_records,
};
pub use commits::{CommitKeys, PullCommitsFact, commit_key, decode_pull_commits, encode_pull_commits};
pub use deployed::{Deployed, deployed};
pub use evidence::{Signal, SignalKind, Tier};
pub use fact::{AuthorKind, ChangedFilesFact, DeploymentFact, DeploymentOutcome, PullRequestFact, Repository};
pub use pack::{decode_files, decode_pulls, encode_files, encode_pulls};
pub use rework::{REVERT_DAYS, REWORK_DAYS, Reverted, Rework, rework};
pub use row::{DeploymentRow, FileRow, PullRow, Second, SignalSet, commit_mark};
pub use survey::{Answered, Assistance, MOST_MINUTES_SAVED, SurveyAnswer, SurveyRole};
pub use times::{Part, percentile};
pub use use_days::UseDays;
