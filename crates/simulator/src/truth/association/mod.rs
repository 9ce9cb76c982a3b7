//! What the association sections of the Delivery page are to say, by plain loops over what people merged and used: nothing of
//! the code that it judges is in it but plain types.

mod compared;
mod scatter;
mod within;

pub use compared::{CohortTruth, ComparedTruth, SideTruth};
pub use scatter::{PieceTruth, PointTruth, middle_line};
pub use within::{ChangeTruth, LagTruth};

use super::Truth;
use crate::activity::Tool;
use crate::delivery::PullTruth;
use crate::organization::Kind;
use std::collections::BTreeSet;
use tacho_domain::delivery::AuthorKind;
use tacho_domain::{Day, Window};

/// Weeks before and after are looked for in half a year, which begins on a Monday.
const HALF_YEAR_DAYS: i32 = 26 * 7;
/// Days before the first merge that is read, in which use is looked for.
const USE_BEFORE_DAYS: i32 = 30;

/// Everything that the association sections hold, but for intervals that are drawn by chance.
#[derive(Debug, Clone, PartialEq)]
pub struct AssociationTruth {
    /// Use of no working day, of up to 25 %, of up to 60 %, of more.
    pub cohorts: [CohortTruth; 4],
    /// With and without: cycle, pickup and review time in seconds, and lines.
    pub measures: [ComparedTruth; 4],
    /// Cycle time within the ten repositories with the most pull requests that are compared, by name.
    pub repositories: Vec<(String, ComparedTruth)>,
    /// Cycle time of up to 50 lines, up to 200, up to 500, more.
    pub sizes: [ComparedTruth; 4],
    /// Before and after, of the same people: cycle, pickup and review time.
    pub changes: [ChangeTruth; 3],
    /// Use of the same week, of one week earlier, of two: how it goes with cycle time.
    pub lags: [LagTruth; 3],
    /// A point for each team; of the whole organization only.
    pub teams: Vec<PointTruth>,
    /// A point for each person.
    pub people: Vec<PointTruth>,
}

/// What people merged themselves of whom it is known which tools they use, and on which days that was.
struct Studied {
    window: Window,
    /// Half a year that ends with the window, or the window where that is longer.
    half_year: Window,
    /// Merged in the half year, with the author, in the order of the merges.
    pulls: Vec<(usize, PullTruth)>,
    /// The days on which a vendor has them as active, by person.
    used: Vec<BTreeSet<Day>>,
    /// The days of which any vendor tells.
    told: BTreeSet<Day>,
}

impl Truth {
    /// The answers of a window, of all or of the people of a team by its slug.
    #[must_use]
    pub fn association(&self, window: Window, team: Option<&str>) -> AssociationTruth {
        let studied = self.studied(window, team);
        AssociationTruth {
            cohorts: studied.cohorts(),
            measures: studied.measures(),
            repositories: studied.repositories(),
            sizes: studied.sizes(),
            changes: studied.changes(),
            lags: studied.lags(),
            teams: if team.is_some() { Vec::new() } else { self.points_of_teams(&studied) },
            people: self.points_of_people(&studied),
        }
    }

    fn studied(&self, window: Window, team: Option<&str>) -> Studied {
        let monday = window.from.min(window.to.minus(HALF_YEAR_DAYS - 1)).week();
        let half_year = Window { from: monday, to: window.to };
        let is_meant = |it: &PullTruth| {
            it.author_kind == AuthorKind::Human
                && it.author.is_some_and(|person| self.0.people[person].kind == Kind::Member && self.has_known_account(person))
                && team.is_none_or(|team| self.is_of_team(it, team))
        };
        let meant = self.pull_requests(half_year).filter(is_meant);
        let pulls = meant.filter_map(|it| Some((it.author?, it))).collect();
        let (mut used, mut told) = (vec![BTreeSet::new(); self.0.people.len()], BTreeSet::new());
        let first = half_year.from.min(window.before().from).minus(USE_BEFORE_DAYS);
        for day in (Window { from: first, to: window.to }).days() {
            for rows in Tool::ALL.into_iter().filter_map(|tool| self.rows(tool, day)) {
                told.insert(day);
                for row in rows.iter().filter(|row| row.active) {
                    used[row.person].insert(day);
                }
            }
        }
        Studied { window, half_year, pulls, used, told }
    }
}

impl Studied {
    /// Those merged in the window.
    fn now(&self) -> impl Iterator<Item = &(usize, PullTruth)> {
        self.pulls.iter().filter(|(_, it)| self.window.contains(it.day))
    }

    /// On how many days of the window somebody used a tool.
    fn used_days(&self, person: usize) -> usize {
        self.used[person].iter().filter(|day| self.window.contains(**day)).count()
    }

    fn workdays(&self) -> usize {
        self.window.days().filter(|day| day.is_workday()).count()
    }

    /// Whoever merged any of the half year's.
    fn contributors(&self) -> BTreeSet<usize> {
        self.pulls.iter().map(|(person, _)| *person).collect()
    }
}

/// The middle one; the mean of the two middle ones of an even number.
fn middle(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let many = sorted.len();
    match many {
        0 => None,
        _ if many % 2 == 1 => Some(sorted[many / 2]),
        _ => Some(f64::midpoint(sorted[many / 2 - 1], sorted[many / 2])),
    }
}

/// Between which two values the true middle lies in at least 95 of 100: by tosses of a coin, each row of Pascal's triangle
/// from the one before. `None`: no two are far enough apart.
fn binomial_interval(values: &[f64]) -> Option<(f64, f64)> {
    let mut chances = vec![1.0];
    for _ in 0..values.len() {
        let next = (0..=chances.len()).map(|heads| {
            let lower = if heads > 0 { chances[heads - 1] } else { 0.0 };
            f64::midpoint(lower, chances.get(heads).copied().unwrap_or(0.0))
        });
        chances = next.collect();
    }
    let is_outside = |heads: usize| chances[..=heads].iter().sum::<f64>() <= 0.025;
    let outside = (0..values.len() / 2).filter(|heads| is_outside(*heads)).max()?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some((sorted[outside], sorted[sorted.len() - 1 - outside]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middles_and_their_intervals_are_those_of_the_tables() {
        let values = |many: i32| (0..many).map(f64::from).collect::<Vec<f64>>();
        assert_eq!([middle(&values(3)), middle(&values(4)), middle(&[])], [Some(1.0), Some(1.5), None]);
        let intervals = [5, 6, 10, 25].map(|many| binomial_interval(&values(many)));
        assert_eq!(intervals, [None, Some((0.0, 5.0)), Some((1.0, 8.0)), Some((7.0, 17.0))]);
    }
}
