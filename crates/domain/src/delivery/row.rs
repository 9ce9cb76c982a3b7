//! A merged pull request as pages read it: numbers only, small enough that a year of them is read in one go.

use super::{AuthorKind, DeploymentOutcome, PullRequestFact, SignalKind, Tier};
use crate::{Day, IdentityId, Instant};
use std::num::NonZeroU32;

/// A whole second between 1970 and 2106, in UTC: repository hosts tell no parts of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Second(NonZeroU32);

const PER_DAY: u32 = 86_400;

impl Second {
    /// The second that the instant is in; what lies outside is moved to the nearest end.
    #[must_use]
    pub fn of(instant: Instant) -> Self {
        Self::from_number(instant.0.div_euclid(1_000_000))
    }

    /// From seconds since 1970; what lies outside is moved to the nearest end.
    #[must_use]
    pub fn from_number(seconds: i64) -> Self {
        let inside = u32::try_from(seconds.clamp(1, i64::from(u32::MAX))).unwrap_or(1);
        Self(NonZeroU32::new(inside).unwrap_or(NonZeroU32::MIN))
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn number(self) -> i64 {
        i64::from(self.0.get())
    }

    /// The UTC day it is in.
    #[must_use]
    pub fn day(self) -> Day {
        Day(i32::try_from(self.0.get() / PER_DAY).unwrap_or(i32::MAX))
    }

    /// The second's beginning.
    #[must_use]
    pub fn instant(self) -> Instant {
        Instant(self.number() * 1_000_000)
    }

    /// Seconds from `earlier` to `self`; negative where that is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.number() - earlier.number()
    }
}

/// The kinds of signals that a pull request has, a bit each in the order of [`SignalKind::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct SignalSet(pub u8);

impl SignalSet {
    /// These kinds.
    #[must_use]
    pub fn of(kinds: impl IntoIterator<Item = SignalKind>) -> Self {
        Self(kinds.into_iter().fold(0, |bits, kind| bits | bit(kind)))
    }

    /// Whether the kind is in it.
    #[must_use]
    pub fn has(self, kind: SignalKind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// These kinds and that one.
    #[must_use]
    pub fn with(self, kind: SignalKind) -> Self {
        Self(self.0 | bit(kind))
    }

    /// The surest tier that the kinds give; `None`: no signal.
    #[must_use]
    pub fn tier(self) -> Option<Tier> {
        SignalKind::ALL.into_iter().filter(|kind| self.has(*kind)).map(SignalKind::tier).max()
    }
}

fn bit(kind: SignalKind) -> u8 {
    1 << SignalKind::ALL.iter().position(|other| *other == kind).unwrap_or(0)
}

/// A merged pull request in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullRow {
    /// The repository's numeric id.
    pub repository: i64,
    /// Its number there.
    pub number: u32,
    /// What opened it.
    pub author_kind: AuthorKind,
    /// Who is credited.
    pub author: Option<IdentityId>,
    /// When it was opened.
    pub created_at: Second,
    /// When it left the draft state last.
    pub ready_at: Option<Second>,
    /// When it was merged.
    pub merged_at: Second,
    /// When the earliest of its commits was authored.
    pub first_commit_at: Option<Second>,
    /// The UTC day on which the latest of its commits was authored.
    pub last_commit_day: Option<Day>,
    /// When a person other than the author reviewed it first.
    pub first_review_at: Option<Second>,
    /// When such a person approved it last.
    pub last_approval_at: Option<Second>,
    /// How many people other than the author approved it.
    pub approvals: u32,
    /// Lines added.
    pub additions: u32,
    /// Lines deleted.
    pub deletions: u32,
    /// What names an agent.
    pub signals: SignalSet,
    /// The first 32 bits of the merge commit's id.
    pub merge_mark: Option<u32>,
    /// The number of the pull request that it reverts, in the same repository.
    pub reverts_number: Option<u32>,
    /// The first 32 bits of the id of the commit that it reverts.
    pub reverts_mark: Option<u32>,
    /// Whether it has more commits, reviews or labels than were read.
    pub truncated: bool,
}

/// The first 32 bits of a commit's id: enough to find one among the merges of a repository's month. `None`: not an id.
///
/// ```
/// use tacho_domain::delivery::commit_mark;
/// assert_eq!(commit_mark("00000010c0ffee"), Some(16));
/// assert_eq!(commit_mark("main"), None);
/// ```
#[must_use]
pub fn commit_mark(id: &str) -> Option<u32> {
    u32::from_str_radix(id.get(..8)?, 16).ok()
}

impl PullRow {
    /// From what a reader took, with the number that the store gave the credited author.
    #[must_use]
    pub fn new(fact: &PullRequestFact, author: Option<IdentityId>) -> Self {
        let lines = |lines: i64| u32::try_from(lines.max(0)).unwrap_or(u32::MAX);
        Self {
            repository: fact.repository.id,
            number: fact.number,
            author_kind: fact.author_kind,
            author,
            created_at: Second::of(fact.created_at),
            ready_at: fact.ready_at.map(Second::of),
            merged_at: Second::of(fact.merged_at),
            first_commit_at: fact.first_commit_at.map(Second::of),
            last_commit_day: fact.last_commit_at.map(Instant::day),
            first_review_at: fact.first_review_at.map(Second::of),
            last_approval_at: fact.last_approval_at.map(Second::of),
            approvals: fact.approvals,
            additions: lines(fact.additions),
            deletions: lines(fact.deletions),
            signals: SignalSet::of(fact.signals.iter().map(|signal| signal.kind)),
            merge_mark: fact.merge_commit.as_deref().and_then(commit_mark),
            reverts_number: fact.reverts_number,
            reverts_mark: fact.reverts_commit.as_deref().and_then(commit_mark),
            truncated: fact.truncated,
        }
    }

    /// A human's, opened in the second it was merged in; nothing else is known of it.
    #[cfg(test)]
    pub(crate) fn merged(repository: i64, number: u32, merged_at: Second) -> Self {
        Self {
            repository,
            number,
            author_kind: AuthorKind::Human,
            author: None,
            created_at: merged_at,
            ready_at: None,
            merged_at,
            first_commit_at: None,
            last_commit_day: None,
            first_review_at: None,
            last_approval_at: None,
            approvals: 0,
            additions: 0,
            deletions: 0,
            signals: SignalSet::default(),
            merge_mark: None,
            reverts_number: None,
            reverts_mark: None,
            truncated: false,
        }
    }

    /// Lines added and deleted.
    #[must_use]
    pub fn lines(&self) -> i64 {
        i64::from(self.additions) + i64::from(self.deletions)
    }
}

/// A file that a merged pull request changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRow {
    /// The repository's numeric id.
    pub repository: i64,
    /// The pull request's number there.
    pub number: u32,
    /// A fingerprint of repository and path.
    pub file: u64,
    /// Lines added and deleted in it.
    pub lines: u32,
}

/// A deployment in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeploymentRow {
    /// The repository's numeric id.
    pub repository: i64,
    /// When it began.
    pub created_at: Second,
    /// When it ended.
    pub finished_at: Option<Second>,
    /// How it ended.
    pub outcome: DeploymentOutcome,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_signal_gives_the_tier() {
        assert_eq!(SignalSet::default().tier(), None);
        assert_eq!(SignalSet::of([SignalKind::Label, SignalKind::Marker]).tier(), Some(Tier::Strong));
        assert_eq!(SignalSet::of([SignalKind::Label, SignalKind::Trailer]).tier(), Some(Tier::Exact));
        for kind in SignalKind::ALL {
            assert!(SignalSet::of([kind]).has(kind) && SignalSet::of([kind]).tier() == Some(kind.tier()));
        }
    }

    #[test]
    fn seconds_know_their_day_and_what_lies_outside_is_moved_to_an_end() {
        let instant = Instant::parse("2026-03-01T23:59:59.9Z").unwrap();
        assert_eq!(Second::of(instant).day(), instant.day());
        assert_eq!(Second::of(instant).instant().to_string(), "2026-03-01T23:59:59Z");
        assert_eq!(Second::from_number(-5).number(), 1);
        assert_eq!(Second::from_number(i64::MAX).number(), i64::from(u32::MAX));
    }
}
