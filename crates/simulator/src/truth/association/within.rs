//! Within people and within time: before and after somebody began, and weeks of much and of little use.

use super::{Studied, binomial_interval, middle};
use crate::delivery::PullTruth;
use crate::truth::Length;
use std::collections::BTreeSet;
use tacho_domain::{Day, Window};

const WEEKS_EACH_DAYS: i32 = 8 * 7;
/// At least so many days must be known on each side.
const LEAST_EACH_DAYS: i32 = 4 * 7;
const LEAST_PULLS: usize = 3;
const LEAST_WEEKS: usize = 12;

/// Of the same people, after less before.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ChangeTruth {
    /// Who merged three on each side, of whom that length is known.
    pub people: usize,
    /// Theirs before.
    pub before: usize,
    /// Theirs after.
    pub after: usize,
    /// The middle person's relative change and the interval of it; `None`: fewer than six people.
    pub change: Option<(f64, f64, f64)>,
}

/// How use in a week goes with cycle time so many weeks later.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LagTruth {
    /// Weeks of which both is known.
    pub weeks: usize,
    /// Spearman's coefficient; `None`: fewer than twelve weeks, or nothing that moves.
    pub rho: Option<f64>,
}

impl Studied {
    /// The first of three days of use within a week, if there are four weeks of data before it and after.
    fn began(&self, person: usize) -> Option<Day> {
        let days: Vec<Day> = self.used[person].iter().copied().collect();
        let sustained = days.iter().zip(days.iter().skip(2)).find(|(first, third)| third.since(**first) <= 6);
        let began = *sustained?.0;
        let first_told = *self.told.iter().find(|day| self.half_year.contains(**day))?;
        let weeks_before = began.since(first_told) >= LEAST_EACH_DAYS;
        let weeks_after = self.half_year.to.since(began) + 1 >= LEAST_EACH_DAYS;
        (weeks_before && weeks_after).then_some(began)
    }

    pub(super) fn changes(&self) -> [ChangeTruth; 3] {
        let of: [fn(&PullTruth) -> Option<i64>; 3] =
            [|it| Some(it.cycle_seconds()), PullTruth::pickup_seconds, PullTruth::review_seconds];
        of.map(|seconds| self.change(seconds))
    }

    fn change(&self, seconds: fn(&PullTruth) -> Option<i64>) -> ChangeTruth {
        let (mut truth, mut changes) = (ChangeTruth::default(), Vec::new());
        for person in self.contributors() {
            let Some(began) = self.began(person) else { continue };
            let of = |from: i32, to: i32| {
                let own = self.pulls.iter().filter(|(author, _)| *author == person);
                let within = own.filter(|(_, it)| (from..=to).contains(&it.day.since(began)));
                Length::of(within.filter_map(|(_, it)| seconds(it)).collect())
            };
            let (before, after) = (of(-WEEKS_EACH_DAYS, -1), of(0, WEEKS_EACH_DAYS - 1));
            if before.known < LEAST_PULLS || after.known < LEAST_PULLS {
                continue;
            }
            let (Some(was @ 1..), Some(is)) = (before.median, after.median) else { continue };
            truth.people += 1;
            truth.before += before.known;
            truth.after += after.known;
            changes.push(number(is) / number(was) - 1.0);
        }
        let interval = binomial_interval(&changes);
        truth.change = interval.and_then(|(low, high)| Some((middle(&changes)?, low, high)));
        truth
    }

    pub(super) fn lags(&self) -> [LagTruth; 3] {
        let weeks: Vec<(Option<f64>, Option<f64>)> = self.mondays().map(|monday| self.week(monday)).collect();
        [0, 1, 2].map(|lag| {
            let both = (lag..weeks.len()).filter_map(|at| Some((weeks[at - lag].0?, weeks[at].1?)));
            let pairs: Vec<(f64, f64)> = both.collect();
            let rho = if pairs.len() < LEAST_WEEKS { None } else { spearman(&pairs) };
            LagTruth { weeks: pairs.len(), rho }
        })
    }

    /// Mondays of the weeks that lie wholly in the half year.
    fn mondays(&self) -> impl Iterator<Item = Day> {
        let (first, last) = (self.half_year.from, self.half_year.to);
        (0..).map(move |week| first.plus(7 * week)).take_while(move |monday| monday.plus(6) <= last)
    }

    /// The share of contributors who used a tool in a week, and the median cycle time of what was merged in it.
    fn week(&self, monday: Day) -> (Option<f64>, Option<f64>) {
        let week = Window { from: monday, to: monday.plus(6) };
        let contributors: BTreeSet<usize> = self.contributors();
        let users = contributors.iter().filter(|person| week.days().any(|day| self.used[**person].contains(&day))).count();
        let is_told = week.days().any(|day| self.told.contains(&day));
        let merged = self.pulls.iter().filter(|(_, it)| week.contains(it.day));
        let cycle = Length::of(merged.map(|(_, it)| it.cycle_seconds()).collect()).median;
        let share = (is_told && !contributors.is_empty()).then(|| count(users) / count(contributors.len()));
        (share, cycle.map(number))
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds far below 2^52")]
fn number(seconds: i64) -> f64 {
    seconds as f64
}

#[expect(clippy::cast_precision_loss, reason = "numbers of weeks and people")]
fn count(many: usize) -> f64 {
    many as f64
}

/// Pearson's coefficient of the ranks; a rank is the mean of the places that equals take together.
fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let rank = |value: f64, of: fn(&(f64, f64)) -> f64| {
        let below = pairs.iter().filter(|pair| of(pair) < value).count();
        let alike = pairs.iter().filter(|pair| of(pair).total_cmp(&value).is_eq()).count();
        count(below) + f64::midpoint(count(alike), 1.0)
    };
    let ranks: Vec<(f64, f64)> = pairs.iter().map(|(one, two)| (rank(*one, |it| it.0), rank(*two, |it| it.1))).collect();
    let many = count(pairs.len());
    let mean = |of: fn(&(f64, f64)) -> f64| ranks.iter().map(of).sum::<f64>() / many;
    let (one, two) = (mean(|it| it.0), mean(|it| it.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| ranks.iter().map(|(x, y)| of(x - one, y - two)).sum::<f64>();
    let spread = (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
    (spread > 0.0).then(|| sum(&|x, y| x * y) / spread)
}

#[cfg(test)]
mod tests {
    use super::spearman;

    #[test]
    fn ranks_go_together_or_against_one_another_or_do_not_move() {
        let pairs = |of: fn(f64) -> f64| (0..12).map(f64::from).map(|at| (at, of(at))).collect::<Vec<_>>();
        assert_eq!(spearman(&pairs(|at| at * at)), Some(1.0));
        assert_eq!(spearman(&pairs(|at| -at)), Some(-1.0));
        assert_eq!(spearman(&pairs(|_| 3.0)), None);
        // 1, 2.5, 2.5, 4 beside 1, 2, 3, 4: 4.5 of the root of 4.5 * 5.
        let alike = spearman(&[(1.0, 1.0), (2.0, 2.0), (2.0, 3.0), (9.0, 4.0)]).unwrap();
        assert!((alike - 0.948_683).abs() < 1e-6, "{alike}");
    }
}
