//! What a reader takes out of a repository host's reply.

use super::Signal;
use crate::{Day, IdentityRef, Instant};
use serde::{Deserialize, Serialize};

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Repository {
    /// The host's numeric id: names change, ids do not.
    pub id: i64,
    /// `owner/name`.
    pub name: String,
}

/// Who opened a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// A person.
    Human,
    /// An AI agent; the person who started it is credited where the host tells.
    Agent,
    /// Another bot: dependency updates and the like, left out of every figure.
    Bot,
}

impl AuthorKind {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Agent => "agent",
            Self::Bot => "bot",
        }
    }

    /// The kind of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Human, Self::Agent, Self::Bot].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A merged pull request. Its day is the UTC day of the merge; it never has a title, a body or code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestFact {
    /// The UTC day it was merged on.
    pub day: Day,
    /// Where.
    pub repository: Repository,
    /// Its number there.
    pub number: u32,
    /// What opened it.
    pub author_kind: AuthorKind,
    /// Who is credited: the human author, or whoever started the agent; `None` where the host does not tell.
    pub author: Option<IdentityRef>,
    /// When it was opened.
    pub created_at: Instant,
    /// When it left the draft state last; `None`: it never was one.
    pub ready_at: Option<Instant>,
    /// When it was merged.
    pub merged_at: Instant,
    /// When the earliest of its commits was authored.
    pub first_commit_at: Option<Instant>,
    /// When the latest of its commits was authored.
    pub last_commit_at: Option<Instant>,
    /// When a person other than the author reviewed it first.
    pub first_review_at: Option<Instant>,
    /// When such a person approved it last.
    pub last_approval_at: Option<Instant>,
    /// How many people other than the author approved it.
    pub approvals: u32,
    /// Lines added.
    pub additions: i64,
    /// Lines deleted.
    pub deletions: i64,
    /// Files changed.
    pub changed_files: i64,
    /// Commits on its branch.
    pub commits: i64,
    /// Its labels, as given, sorted.
    pub labels: Vec<String>,
    /// What names an agent, sorted, each once.
    pub signals: Vec<Signal>,
    /// The id of the merge commit.
    pub merge_commit: Option<String>,
    /// The number of the pull request that it reverts, in the same repository.
    pub reverts_number: Option<u32>,
    /// The id of the commit that it reverts.
    pub reverts_commit: Option<String>,
    /// Whether it has more commits, reviews or labels than were read.
    pub truncated: bool,
}

/// How a deployment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentOutcome {
    /// It went live.
    Succeeded,
    /// It failed.
    Failed,
    /// It has not ended yet, or its end is not told.
    Unknown,
}

impl DeploymentOutcome {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The outcome of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Succeeded, Self::Failed, Self::Unknown].into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// A deployment to production, or a release where the operator says that releases are deployments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentFact {
    /// The UTC day it began on.
    pub day: Day,
    /// Where.
    pub repository: Repository,
    /// The host's id of it, unique in the repository.
    pub key: String,
    /// When it began.
    pub created_at: Instant,
    /// When it ended.
    pub finished_at: Option<Instant>,
    /// How it ended.
    pub outcome: DeploymentOutcome,
    /// The commit deployed.
    pub commit: Option<String>,
}

/// Which files a merged pull request changed, as fingerprints: names are never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFilesFact {
    /// The UTC day it was merged on.
    pub day: Day,
    /// The repository's numeric id.
    pub repository: i64,
    /// Its number there.
    pub number: u32,
    /// Of each file a fingerprint of repository and path, and the lines added and deleted in it.
    pub files: Vec<(u64, u32)>,
}
