//! What did not last: merged pull requests that were reverted, and lines in files that were changed again soon.

use super::{FileRow, PullRow, Second};
use crate::{Day, Window};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

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
    /// Among these pull requests, of those merged in the window: those that another one of the same repository takes back by
    /// its number or by its merge commit, no more than [`REVERT_DAYS`] after its merge.
    #[must_use]
    pub fn among(pulls: &[PullRow], window: Window) -> Self {
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
        let meant = pulls.iter().filter(|pull| window.contains(pull.merged_at.day()));
        Self { pulls: meant.filter(is_reverted).map(|pull| (pull.repository, pull.number)).collect() }
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

/// What of each pull request was changed again, found once for any number of questions.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// By repository and number.
    pulls: Vec<Changed>,
}

/// A pull request of which it is known which files it changed.
#[derive(Debug, Clone, Copy)]
struct Changed {
    repository: i64,
    number: u32,
    merged: Second,
    /// Lines of its files.
    lines: i64,
    /// Those in files that were changed again.
    again: i64,
}

impl Changed {
    /// The pull request of a file, of which nothing else is known yet.
    fn of(file: &FileRow) -> Self {
        Self { repository: file.repository, number: file.number, merged: Second::from_number(0), lines: 0, again: 0 }
    }
}

/// A pull request with its files.
type Placed<'f> = (Changed, &'f [FileRow]);

impl Changes {
    /// Of these pull requests, as far as it is known which files they changed. The files of a pull request come one after the
    /// other, and its number is once among the pull requests.
    #[must_use]
    pub fn of<'p>(pulls: impl Iterator<Item = &'p PullRow>, files: &[FileRow]) -> Self {
        let mut merged: Vec<(i64, u32, Second)> = pulls.map(|pull| (pull.repository, pull.number, pull.merged_at)).collect();
        merged.sort_unstable();
        let chunks = files.chunk_by(|one, two| (one.repository, one.number) == (two.repository, two.number));
        let mut placed: Vec<Placed<'_>> = chunks.map(|files| (Changed::of(&files[0]), files)).collect();
        placed.sort_unstable_by_key(|(pull, _)| (pull.repository, pull.number));
        // Both are in one order now, and are walked along together.
        let mut merged = merged.into_iter().peekable();
        placed.retain_mut(|(pull, _)| {
            let key = (pull.repository, pull.number);
            while merged.next_if(|(repository, number, _)| (*repository, *number) < key).is_some() {}
            let found = merged.peek().filter(|(repository, number, _)| (*repository, *number) == key);
            found.inspect(|(_, _, at)| pull.merged = *at).is_some()
        });
        // The newest first: whoever changes a file has before them who changed it next.
        placed.sort_unstable_by_key(|(pull, _)| (pull.repository, Reverse((pull.merged, pull.number))));
        let mut next: HashMap<u64, Second, BuildHasherDefault<Spread>> = HashMap::default();
        for repository in placed.chunk_by_mut(|one, two| one.0.repository == two.0.repository) {
            next.clear();
            for pull in repository {
                count(pull, &mut next);
            }
        }
        let mut pulls: Vec<Changed> = placed.into_iter().map(|(pull, _)| pull).collect();
        pulls.sort_unstable_by_key(|pull| (pull.repository, pull.number));
        Self { pulls }
    }

    /// Lines of pull requests in files that were changed again, where they were merged at least [`REWORK_DAYS`] before the end
    /// of the data. `counts` says by repository and number whose lines are looked at; any other pull request of the repository
    /// changes them again.
    #[must_use]
    pub fn rework(&self, last_day: Day, counts: impl Fn(i64, u32) -> bool) -> Rework {
        let is_old = |pull: &Changed| pull.merged.day() <= last_day.minus(REWORK_DAYS);
        let mut rework = Rework::default();
        for pull in self.pulls.iter().filter(|pull| is_old(pull) && counts(pull.repository, pull.number)) {
            rework.lines += pull.lines;
            rework.again += pull.again;
            rework.pulls += 1;
        }
        rework
    }
}

/// Counts a pull request's lines; `next` has when each file of the repository was changed next, and then when this one did.
fn count((pull, files): &mut Placed<'_>, next: &mut HashMap<u64, Second, BuildHasherDefault<Spread>>) {
    let is_soon = |merged: &Second| merged.since(pull.merged) <= i64::from(REWORK_DAYS) * SECONDS_PER_DAY;
    for file in *files {
        pull.lines += i64::from(file.lines);
        if next.get(&file.file).is_some_and(is_soon) {
            pull.again += i64::from(file.lines);
        }
    }
    next.extend(files.iter().map(|file| (file.file, pull.merged)));
}

/// Files are named by fingerprints, which one multiplication spreads well enough.
#[derive(Debug, Clone, Copy, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// The upper bits are the best ones, and both ends are looked at.
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pull(repository: i64, number: u32, day: i64) -> PullRow {
        let merged_at = Second::from_number(day * SECONDS_PER_DAY);
        PullRow { merge_mark: Some(number * 1_000), ..PullRow::merged(repository, number, merged_at) }
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
        let reverted = Reverted::among(&pulls, Window { from: Day(0), to: Day(200) });
        let which: Vec<(i64, u32)> =
            pulls.iter().filter(|pull| reverted.has(pull)).map(|pull| (pull.repository, pull.number)).collect();
        assert_eq!(which, [(1, 10), (1, 11)], "too late, too early and of another repository are none");
        assert_eq!(Reverted::among(&pulls, Window { from: Day(101), to: Day(200) }), Reverted::default(), "none of these days");
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
