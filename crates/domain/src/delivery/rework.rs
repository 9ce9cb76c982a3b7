//! What did not last: merged pull requests that were reverted, and lines in files that were changed again soon.

use super::{FileRow, PullRow, Second};
use crate::{Day, Window};
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

/// A repository's pull requests, in the order of their merges, and the files that they changed, by pull request.
#[derive(Debug, Default)]
struct Repository<'f> {
    pulls: Vec<Merged>,
    files: Vec<(u32, &'f [FileRow])>,
}

/// A merged pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Merged {
    at: Second,
    number: u32,
    group: Option<usize>,
}

/// When each file was changed next, by its fingerprint.
type Next = HashMap<u64, Second, BuildHasherDefault<Spread>>;

/// What was changed again of each group's pull requests, of those merged at least [`REWORK_DAYS`] before the end of the data,
/// as far as it is known which files they changed. `pulls` are all there are, each with its group, if it is in one: any of the
/// repository changes the others' lines again. The files of a pull request come one after the other, and its number is once
/// among the pull requests.
#[must_use]
pub fn rework<'p, const GROUPS: usize>(
    pulls: impl Iterator<Item = (&'p PullRow, Option<usize>)>,
    files: &[FileRow],
    last_day: Day,
) -> [Rework; GROUPS] {
    let mut repositories: HashMap<i64, Repository<'_>, BuildHasherDefault<Spread>> = HashMap::default();
    for files in files.chunk_by(|one, two| (one.repository, one.number) == (two.repository, two.number)) {
        repositories.entry(files[0].repository).or_default().files.push((files[0].number, files));
    }
    for (pull, group) in pulls {
        if let Some(repository) = repositories.get_mut(&pull.repository) {
            repository.pulls.push(Merged { at: pull.merged_at, number: pull.number, group });
        }
    }
    let (mut next, mut found) = (Next::default(), [Rework::default(); GROUPS]);
    for repository in repositories.values_mut() {
        next.clear();
        repository.each_from_newest(&mut next, |pull, again, lines| {
            let is_old = pull.at.day() <= last_day.minus(REWORK_DAYS);
            if let Some(rework) = pull.group.filter(|_| is_old).and_then(|group| found.get_mut(group)) {
                rework.again += again;
                rework.lines += lines;
                rework.pulls += 1;
            }
        });
    }
    found
}

impl Repository<'_> {
    /// Tells of each pull request, the newest first, how many of its lines are in files that were changed again, and how many
    /// it has: whoever changed a file has before them who changed it next.
    fn each_from_newest(&mut self, next: &mut Next, mut tell: impl FnMut(&Merged, i64, i64)) {
        self.files.sort_unstable_by_key(|(number, _)| *number);
        // As the store gives them.
        if !self.pulls.is_sorted() {
            self.pulls.sort_unstable();
        }
        for pull in self.pulls.iter().rev() {
            if let Ok(place) = self.files.binary_search_by_key(&pull.number, |(number, _)| *number) {
                let (again, lines) = count(pull.at, self.files[place].1, next);
                tell(pull, again, lines);
            }
        }
    }
}

/// A pull request's lines in files that were changed again, and all of them.
fn count(merged: Second, files: &[FileRow], next: &mut Next) -> (i64, i64) {
    let is_soon = |later: &Second| later.since(merged) <= i64::from(REWORK_DAYS) * SECONDS_PER_DAY;
    let (mut again, mut lines) = (0, 0);
    for file in files {
        lines += i64::from(file.lines);
        if next.get(&file.file).is_some_and(is_soon) {
            again += i64::from(file.lines);
        }
    }
    next.extend(files.iter().map(|file| (file.file, merged)));
    (again, lines)
}

/// Files are named by fingerprints and repositories by numbers, which one multiplication spreads well enough.
#[derive(Debug, Clone, Copy, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number.cast_unsigned());
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
    use proptest::prelude::*;

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
        let [all, second] = [|_: u32| Some(0), |number| (number == 2).then_some(0)].map(|group| {
            let grouped = pulls.iter().map(|pull| (pull, group(pull.number)));
            rework::<1>(grouped, &files, Day(165))[0]
        });
        assert_eq!(all, Rework { again: 100, lines: 1_165, pulls: 4 }, "number 2 was changed 22 days later, 5 is too new");
        assert_eq!(second, Rework { again: 0, lines: 5, pulls: 1 });
    }

    proptest! {
        #[test]
        fn rework_is_what_a_plain_search_finds(
            days in prop::collection::vec((0i64..90, 0i64..2), 0..12),
            files in prop::collection::vec((0u32..12, 0u64..5, 1u32..99), 0..40),
        ) {
            let pulls: Vec<PullRow> = (0..).zip(&days).map(|(number, (day, repository))| pull(*repository, number, *day)).collect();
            let known = files.iter().filter(|(number, ..)| (*number as usize) < pulls.len());
            let mut files: Vec<FileRow> = known
                .map(|(number, file, lines)| {
                    let repository = pulls[*number as usize].repository;
                    FileRow { repository, number: *number, file: *file * 2 + repository.cast_unsigned(), lines: *lines }
                })
                .collect();
            files.sort_by_key(|file| (file.repository, file.number));
            let merged = |file: &FileRow| pulls[file.number as usize].merged_at;
            // Of pull requests merged at the same second the one with the higher number is the later one.
            let again = |file: &&FileRow| {
                let later = files.iter().filter(|other| (merged(other), other.number) > (merged(file), file.number));
                let next = later.filter(|other| other.file == file.file).map(merged).min();
                next.is_some_and(|next| next.since(merged(file)) <= i64::from(REWORK_DAYS) * SECONDS_PER_DAY)
            };
            let last = Day(80);
            let found: [Rework; 2] = rework(pulls.iter().map(|pull| (pull, (pull.number > 0).then_some(pull.number as usize % 2))), &files, last);
            for (group, found) in found.into_iter().enumerate() {
                let is_meant = |file: &&FileRow| file.number > 0 && file.number as usize % 2 == group;
                let is_old = |file: &&FileRow| merged(file).day() <= last.minus(REWORK_DAYS);
                let old: Vec<&FileRow> = files.iter().filter(is_meant).filter(is_old).collect();
                let lines = |files: &[&FileRow]| files.iter().map(|file| i64::from(file.lines)).sum::<i64>();
                let mut numbers: Vec<u32> = old.iter().map(|file| file.number).collect();
                numbers.sort_unstable();
                numbers.dedup();
                let again: Vec<&FileRow> = old.iter().copied().filter(again).collect();
                prop_assert_eq!(found, Rework { again: lines(&again), lines: lines(&old), pulls: numbers.len() });
            }
        }
    }
}
