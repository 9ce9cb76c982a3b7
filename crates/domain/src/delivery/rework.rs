//! What did not last: merged pull requests that were reverted, and lines in files that were changed again soon.

use super::{FileRow, PullRow, Second};
use crate::Day;
use std::collections::HashSet;

/// A revert counts where it was merged within so many days.
pub const REVERT_DAYS: i32 = 30;
/// A file is changed again where that was merged within so many days.
pub const REWORK_DAYS: i32 = 21;

const SECONDS_PER_DAY: i64 = 86_400;

/// Which pull requests were reverted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reverted {
    /// By repository and number.
    pulls: HashSet<(i64, u32)>,
}

impl Reverted {
    /// Among these pull requests: those that another one of the same repository takes back by its number or by its merge
    /// commit, no more than [`REVERT_DAYS`] after its merge.
    #[must_use]
    pub fn among(pulls: &[PullRow]) -> Self {
        let reverting = || Self::reverts(pulls);
        let mut numbers: Vec<(i64, u32, Second)> =
            reverting().filter_map(|pull| Some((pull.repository, pull.reverts_number?, pull.merged_at))).collect();
        let mut marks: Vec<(i64, u32, Second)> =
            reverting().filter_map(|pull| Some((pull.repository, pull.reverts_mark?, pull.merged_at))).collect();
        numbers.sort_unstable();
        marks.sort_unstable();
        let is_reverted = |pull: &&PullRow| {
            taken_back(&numbers, pull.repository, pull.number, pull.merged_at)
                || pull.merge_mark.is_some_and(|mark| taken_back(&marks, pull.repository, mark, pull.merged_at))
        };
        Self { pulls: pulls.iter().filter(is_reverted).map(|pull| (pull.repository, pull.number)).collect() }
    }

    /// The pull requests that take another one back.
    pub fn reverts(pulls: &[PullRow]) -> impl Iterator<Item = &PullRow> {
        pulls.iter().filter(|pull| pull.reverts_number.is_some() || pull.reverts_mark.is_some())
    }

    /// Whether it was reverted.
    #[must_use]
    pub fn has(&self, pull: &PullRow) -> bool {
        self.pulls.contains(&(pull.repository, pull.number))
    }
}

fn taken_back(reverts: &[(i64, u32, Second)], repository: i64, name: u32, merged: Second) -> bool {
    let from = reverts.partition_point(|revert| *revert < (repository, name, merged));
    let next = reverts.get(from).filter(|revert| (revert.0, revert.1) == (repository, name));
    next.is_some_and(|revert| revert.2.since(merged) <= i64::from(REVERT_DAYS) * SECONDS_PER_DAY)
}

/// Lines that may have been changed again, of all lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rework {
    /// Lines in files that another pull request changed again within [`REWORK_DAYS`]: at most these were reworked.
    pub again: i64,
    /// All lines of the pull requests looked at.
    pub lines: i64,
    /// How many pull requests those are.
    pub pulls: usize,
}

/// Which files were changed when, put in order once for any number of questions.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pulls: Vec<(i64, u32, Second)>,
    changes: Vec<Change>,
}

/// One file changed by one pull request; sorted by file, then by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    file: u64,
    repository: i64,
    merged: Second,
    /// Place among the pull requests.
    pull: u32,
    lines: u32,
}

impl Changes {
    /// Of these pull requests, as far as it is known which files they changed.
    #[must_use]
    pub fn of<'p>(pulls: impl Iterator<Item = &'p PullRow>, files: &[FileRow]) -> Self {
        let mut pulls: Vec<_> = pulls.map(|pull| (pull.repository, pull.number, pull.merged_at)).collect();
        pulls.sort_unstable();
        let mut changes = Vec::with_capacity(files.len());
        // The files of a pull request come one after the other.
        for files in files.chunk_by(|one, two| (one.repository, one.number) == (two.repository, two.number)) {
            let key = (files[0].repository, files[0].number);
            let at = pulls.partition_point(|pull| (pull.0, pull.1) < key);
            let Some(pull) = pulls.get(at).filter(|pull| (pull.0, pull.1) == key) else { continue };
            let place = u32::try_from(at).unwrap_or(u32::MAX);
            let change = |file: &FileRow| Change {
                file: file.file,
                repository: file.repository,
                merged: pull.2,
                pull: place,
                lines: file.lines,
            };
            changes.extend(files.iter().map(change));
        }
        changes.sort_unstable();
        Self { pulls, changes }
    }

    /// Lines of pull requests in files that were changed again, where they were merged at least [`REWORK_DAYS`] before the end
    /// of the data. `counts` says by repository and number whose lines are looked at; any other pull request of the repository
    /// changes them again.
    #[must_use]
    pub fn rework(&self, last_day: Day, counts: impl Fn(i64, u32) -> bool) -> Rework {
        let is_old = |merged: Second| merged.day() <= last_day.minus(REWORK_DAYS);
        let counted: Vec<bool> = self.pulls.iter().map(|pull| is_old(pull.2) && counts(pull.0, pull.1)).collect();
        let mut seen = vec![false; counted.len()];
        let mut rework = Rework::default();
        for (at, change) in self.changes.iter().enumerate().filter(|(_, change)| counted[change.pull as usize]) {
            seen[change.pull as usize] = true;
            rework.lines += i64::from(change.lines);
            let same = |next: &&Change| (next.file, next.repository) == (change.file, change.repository);
            let next = self.changes[at + 1..].iter().take_while(same).find(|next| next.pull != change.pull);
            if next.is_some_and(|next| next.merged.since(change.merged) <= i64::from(REWORK_DAYS) * SECONDS_PER_DAY) {
                rework.again += i64::from(change.lines);
            }
        }
        rework.pulls = seen.into_iter().filter(|seen| *seen).count();
        rework
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{AuthorKind, SignalSet};

    fn pull(repository: i64, number: u32, day: i64) -> PullRow {
        PullRow {
            repository,
            number,
            author_kind: AuthorKind::Human,
            author: None,
            created_at: Second::from_number((day - 1) * SECONDS_PER_DAY),
            ready_at: None,
            merged_at: Second::from_number(day * SECONDS_PER_DAY),
            first_commit_at: None,
            last_commit_day: None,
            first_review_at: None,
            last_approval_at: None,
            approvals: 0,
            additions: 0,
            deletions: 0,
            signals: SignalSet::default(),
            merge_mark: Some(number * 1_000),
            reverts_number: None,
            reverts_mark: None,
            truncated: false,
        }
    }

    #[test]
    fn a_revert_is_of_the_same_repository_and_no_more_than_thirty_days_later() {
        let by_number = |repository, number, day, of: u32| PullRow { reverts_number: Some(of), ..pull(repository, number, day) };
        let by_commit =
            |repository, number, day, of: u32| PullRow { reverts_mark: Some(of * 1_000), ..pull(repository, number, day) };
        let pulls = [
            pull(1, 10, 100),
            pull(1, 11, 100),
            pull(1, 12, 100),
            pull(2, 10, 100),
            pull(2, 13, 100),
            by_number(1, 20, 130, 10),
            by_commit(1, 21, 101, 11),
            by_number(1, 22, 131, 12),
            by_commit(1, 23, 99, 12),
            by_commit(2, 24, 110, 12),
        ];
        let reverted = Reverted::among(&pulls);
        let which: Vec<(i64, u32)> =
            pulls.iter().filter(|pull| reverted.has(pull)).map(|pull| (pull.repository, pull.number)).collect();
        assert_eq!(which, [(1, 10), (1, 11)], "too late, too early and of another repository are none");
    }

    #[test]
    fn lines_are_changed_again_by_another_pull_request_in_the_same_file_within_three_weeks() {
        let file = |repository, number, file, lines| FileRow { repository, number, file, lines };
        let pulls = [pull(1, 1, 100), pull(1, 2, 121), pull(1, 3, 143), pull(2, 4, 101), pull(1, 5, 160)];
        let files =
            [file(1, 1, 7, 100), file(1, 1, 8, 10), file(1, 2, 7, 5), file(1, 3, 7, 50), file(2, 4, 8, 1_000), file(1, 5, 9, 3)];
        let changes = Changes::of(pulls.iter(), &files);
        let all = changes.rework(Day(165), |_, _| true);
        assert_eq!(all, Rework { again: 100, lines: 1_165, pulls: 4 }, "number 2 was changed 22 days later, 5 is too new");
        assert_eq!(changes.rework(Day(165), |_, number| number == 2), Rework { again: 0, lines: 5, pulls: 1 });
    }
}
