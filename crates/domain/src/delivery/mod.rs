//! Delivery: merged pull requests, deployments, and the evidence that an AI tool had a part in them. Titles, bodies and
//! code are no part of any of it.

mod evidence;
mod fact;

pub use evidence::{Signal, SignalKind, Tier};
pub use fact::{AuthorKind, ChangedFilesFact, DeploymentFact, DeploymentOutcome, PullRequestFact, Repository};
