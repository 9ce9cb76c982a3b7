//! People who use AI tools beside people who use none.

use super::Studied;
use crate::delivery::PullTruth;
use crate::truth::Length;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer pull requests on a side are not compared.
const LEAST_PULLS: usize = 10;
/// Fewer people on a side are not compared.
const LEAST_PEOPLE: usize = 5;
const MOST_REPOSITORIES: usize = 10;

/// A length in seconds, or lines; `None`: not known.
type Measured = fn(&PullTruth) -> Option<i64>;

const CYCLE: Measured = |it| Some(it.cycle_seconds());
const LINES: Measured = |it| Some(it.additions + it.deletions);

/// People who use AI tools about as often.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CohortTruth {
    /// Who merged anything in the window.
    pub people: usize,
    /// What they merged.
    pub pulls: usize,
    /// Medians of cycle, pickup and review time in seconds, and of lines.
    pub medians: [Option<i64>; 4],
}

/// One of two sides: of the pull requests whose length is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SideTruth {
    /// Half take at most this.
    pub median: Option<i64>,
    /// How many they are.
    pub pulls: usize,
    /// Whose they are.
    pub people: usize,
}

/// Two sides: more than a quarter of the working days, and none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ComparedTruth {
    /// Who used AI tools on more than a quarter of the working days.
    pub with: SideTruth,
    /// Who used none.
    pub without: SideTruth,
}

impl ComparedTruth {
    /// With less without; `None`: fewer than ten pull requests or five people on a side.
    #[must_use]
    pub fn difference(&self) -> Option<i64> {
        let sides = [self.with, self.without];
        let is_enough = sides.iter().all(|side| side.pulls >= LEAST_PULLS && side.people >= LEAST_PEOPLE);
        if is_enough { Some(self.with.median? - self.without.median?) } else { None }
    }
}

impl SideTruth {
    fn of<'p>(pulls: impl Iterator<Item = &'p (usize, PullTruth)>, measured: Measured) -> Self {
        let known: Vec<(usize, i64)> = pulls.filter_map(|(person, it)| Some((*person, measured(it)?))).collect();
        Self {
            median: Length::of(known.iter().map(|(_, value)| *value).collect()).median,
            pulls: known.len(),
            people: known.iter().map(|(person, _)| *person).collect::<BTreeSet<_>>().len(),
        }
    }
}

impl Studied {
    /// The place of somebody's cohort.
    fn cohort(&self, person: usize) -> usize {
        match (self.used_days(person) * 100, self.workdays()) {
            (0, _) => 0,
            (used, workdays) if used <= workdays * 25 => 1,
            (used, workdays) if used <= workdays * 60 => 2,
            _ => 3,
        }
    }

    fn compare(&self, measured: Measured, counts: impl Fn(&PullTruth) -> bool) -> ComparedTruth {
        let side = |cohorts: &[usize]| {
            let own = self.now().filter(|(person, it)| cohorts.contains(&self.cohort(*person)) && counts(it));
            SideTruth::of(own, measured)
        };
        ComparedTruth { with: side(&[2, 3]), without: side(&[0]) }
    }

    pub(super) fn cohorts(&self) -> [CohortTruth; 4] {
        std::array::from_fn(|cohort| {
            let own = || self.now().filter(|(person, _)| self.cohort(*person) == cohort);
            let median = |measured| SideTruth::of(own(), measured).median;
            CohortTruth {
                people: own().map(|(person, _)| *person).collect::<BTreeSet<_>>().len(),
                pulls: own().count(),
                medians: [median(CYCLE), median(PullTruth::pickup_seconds), median(PullTruth::review_seconds), median(LINES)],
            }
        })
    }

    pub(super) fn measures(&self) -> [ComparedTruth; 4] {
        [CYCLE, PullTruth::pickup_seconds, PullTruth::review_seconds, LINES].map(|measured| self.compare(measured, |_| true))
    }

    pub(super) fn repositories(&self) -> Vec<(String, ComparedTruth)> {
        let mut many: BTreeMap<i64, (usize, &str)> = BTreeMap::new();
        for (_, it) in self.now().filter(|(person, _)| self.cohort(*person) != 1) {
            many.entry(it.repository_id).or_insert((0, &it.repository)).0 += 1;
        }
        let mut most: Vec<(i64, (usize, &str))> = many.into_iter().collect();
        most.sort_by_key(|(id, (many, _))| (Reverse(*many), *id));
        most.truncate(MOST_REPOSITORIES);
        let row = |(id, (_, name)): (i64, (usize, &str))| (name.to_owned(), self.compare(CYCLE, |it| it.repository_id == id));
        most.into_iter().map(row).collect()
    }

    pub(super) fn sizes(&self) -> [ComparedTruth; 4] {
        [(0, 50), (51, 200), (201, 500), (501, i64::MAX)].map(|(least, most)| {
            self.compare(CYCLE, |it| it.additions + it.deletions >= least && it.additions + it.deletions <= most)
        })
    }
}
