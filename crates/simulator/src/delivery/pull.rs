//! A merged pull request as it was, with what was planted in it.

use std::sync::Arc;
use tacho_domain::delivery::{AuthorKind, PullRequestFact, Repository, Signal, SignalKind};
use tacho_domain::{Day, IdentityRef, Instant};

/// A merged pull request: everything a reader can find out, and what only the simulation knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullTruth {
    /// The UTC day it was merged on.
    pub day: Day,
    /// The repository's numeric id.
    pub repository_id: i64,
    /// `owner/name`.
    pub repository: Arc<str>,
    /// Its number there.
    pub number: u32,
    /// What opened it.
    pub author_kind: AuthorKind,
    /// Index of the person who is credited: the author, or whoever started the agent where a trailer tells.
    pub author: Option<usize>,
    /// When it was opened.
    pub created_at: Instant,
    /// When it left the draft state; `None`: it never was one.
    pub ready_at: Option<Instant>,
    /// When it was merged.
    pub merged_at: Instant,
    /// When its first commit was authored.
    pub first_commit_at: Instant,
    /// When its last commit was authored.
    pub last_commit_at: Instant,
    /// When another person reviewed it first.
    pub first_review_at: Option<Instant>,
    /// When another person approved it last.
    pub last_approval_at: Option<Instant>,
    /// How many other people approved it.
    pub approvals: u32,
    /// Indexes of the people who reviewed it; all of them approved where anybody did.
    pub reviewers: Vec<usize>,
    /// Lines added.
    pub additions: i64,
    /// Lines deleted.
    pub deletions: i64,
    /// Files changed.
    pub changed_files: i64,
    /// Commits on its branch.
    pub commits: i64,
    /// Its labels, sorted.
    pub labels: Vec<&'static str>,
    /// What names an agent, sorted, each once, with the agents' ids as Tacho's table has them.
    pub signals: Vec<(SignalKind, &'static str)>,
    /// The id of the merge commit.
    pub merge_commit: String,
    /// The number in its branch `revert-<number>-…`.
    pub reverts_number: Option<u32>,
    /// The id in its commit "This reverts commit <id>."
    pub reverts_commit: Option<String>,
    /// The number of the pull request that it takes back, in the same repository.
    pub reverts: Option<u32>,
    /// Whether it has more commits than a page of 50 shows.
    pub truncated: bool,
    /// Whether a signal proves an agent's part.
    pub exact: bool,
    /// Whether its author had begun to use AI tools by the day of the merge, so that the planted effect is in it. Never of
    /// an agent's or a bot's.
    pub with_ai: bool,
    /// Its branch.
    pub branch: String,
    pub(crate) script: Script,
}

/// What the wire needs beyond it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) key: u64,
    pub(crate) opener: Opener,
    /// The place of its repository.
    pub(crate) place: usize,
    /// What the commits' messages carry below the subject.
    pub(crate) trailers: Vec<String>,
    /// Whether only the merge commit carries them.
    pub(crate) only_at_merge: bool,
    /// Whether the merge commit carries them at all: squashing may lose them.
    pub(crate) kept_at_merge: bool,
    /// Whether it is to take back an earlier one, if one is found.
    pub(crate) revert: bool,
}

/// Who opened it, on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opener {
    Person(usize),
    App(&'static super::apps::App),
}

impl PullTruth {
    /// From opened to merged, in seconds.
    #[must_use]
    pub fn cycle_seconds(&self) -> i64 {
        seconds(self.created_at, self.merged_at)
    }

    /// From the first commit to opened, in seconds; 0 where the commits were made anew later.
    #[must_use]
    pub fn coding_seconds(&self) -> i64 {
        seconds(self.first_commit_at, self.created_at).max(0)
    }

    /// From ready to the first review by another person, in seconds.
    #[must_use]
    pub fn pickup_seconds(&self) -> Option<i64> {
        Some(seconds(self.ready_at.unwrap_or(self.created_at), self.first_review_at?))
    }

    /// From that review to the last approval, in seconds.
    #[must_use]
    pub fn review_seconds(&self) -> Option<i64> {
        Some(seconds(self.first_review_at?, self.last_approval_at?))
    }

    /// From the last approval to the merge, in seconds.
    #[must_use]
    pub fn merge_seconds(&self) -> Option<i64> {
        Some(seconds(self.last_approval_at?, self.merged_at))
    }

    /// The fact a reader makes of it, with the credited person as the reader names people.
    #[must_use]
    pub fn fact(&self, author: Option<IdentityRef>) -> PullRequestFact {
        PullRequestFact {
            day: self.day,
            repository: Repository { id: self.repository_id, name: self.repository.to_string() },
            number: self.number,
            author_kind: self.author_kind,
            author,
            created_at: self.created_at,
            ready_at: self.ready_at,
            merged_at: self.merged_at,
            first_commit_at: Some(self.first_commit_at),
            last_commit_at: Some(self.last_commit_at),
            first_review_at: self.first_review_at,
            last_approval_at: self.last_approval_at,
            approvals: self.approvals,
            additions: self.additions,
            deletions: self.deletions,
            changed_files: self.changed_files,
            commits: self.commits,
            labels: self.labels.iter().map(|label| (*label).to_owned()).collect(),
            signals: self.signals.iter().map(|(kind, agent)| Signal { kind: *kind, agent: (*agent).to_owned() }).collect(),
            merge_commit: Some(self.merge_commit.clone()),
            reverts_number: self.reverts_number,
            reverts_commit: self.reverts_commit.clone(),
            truncated: self.truncated,
        }
    }
}

fn seconds(from: Instant, to: Instant) -> i64 {
    (to.0 - from.0) / 1_000_000
}
