//! Who was in which teams on each day of a window: usage of a day counts for the teams its person was in on that day.

use crate::metrics::People;
use crate::teams::Span;
use crate::{Day, SubjectId, Window};
use std::collections::{BTreeMap, BTreeSet};

/// The teams of each day of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memberships {
    /// Runs of days without a change, ascending and without a gap: the first day of each and the teams from then on.
    runs: Vec<(Day, BTreeMap<i64, People>)>,
}

/// Somebody, or several at once, in a team for some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The team.
    pub team: i64,
    /// The days.
    pub span: Span,
    /// Who.
    pub people: People,
}

impl Memberships {
    /// From who was in a team when; days outside the window are left out.
    #[must_use]
    pub fn new(window: Window, stays: &[Stay]) -> Self {
        let begins = |span: &Span| span.from.max(window.from);
        let ends = |span: &Span| span.to.map_or(window.to, |to| to.min(window.to));
        let inside: Vec<&Stay> = stays.iter().filter(|stay| begins(&stay.span) <= ends(&stay.span)).collect();
        let mut borders = BTreeSet::from([window.from]);
        for stay in &inside {
            borders.insert(begins(&stay.span));
            borders.insert(ends(&stay.span).plus(1));
        }
        borders.retain(|day| *day <= window.to);
        let mut runs: Vec<(Day, BTreeMap<i64, People>)> = borders.into_iter().map(|day| (day, BTreeMap::new())).collect();
        for stay in inside {
            let first = runs.partition_point(|(day, _)| *day < begins(&stay.span));
            let last = runs.partition_point(|(day, _)| *day <= ends(&stay.span));
            for (_, teams) in &mut runs[first..last] {
                teams.entry(stay.team).or_default().extend(&stay.people);
            }
        }
        Self { runs }
    }

    /// The teams of a day with their members; teams without any are left out. Days before the window have none.
    #[must_use]
    pub fn on(&self, day: Day) -> &BTreeMap<i64, People> {
        self.of_run(self.run(day))
    }

    /// The teams of a run of days without a change.
    pub(crate) fn of_run(&self, run: Option<usize>) -> &BTreeMap<i64, People> {
        static NONE: BTreeMap<i64, People> = BTreeMap::new();
        run.map_or(&NONE, |run| &self.runs[run].1)
    }

    /// Whose teams are others in one run than in another.
    pub(crate) fn changes(&self, run: Option<usize>, other: Option<usize>) -> People {
        let (before, after) = (self.of_run(run), self.of_run(other));
        let (nobody, mut changed) = (People::default(), People::default());
        for (team, people) in before {
            changed.extend_with_changes(people, after.get(team).unwrap_or(&nobody));
        }
        after.iter().filter(|(team, _)| !before.contains_key(team)).for_each(|(_, people)| changed.extend(people));
        changed
    }

    /// Which run of days without a change a day is in.
    #[must_use]
    pub fn run(&self, day: Day) -> Option<usize> {
        self.runs.partition_point(|(from, _)| *from <= day).checked_sub(1)
    }

    /// Whether somebody was in a team on a day.
    #[must_use]
    pub fn holds(&self, team: i64, day: Day, subject: SubjectId) -> bool {
        self.on(day).get(&team).is_some_and(|people| people.contains(subject))
    }

    /// Whether somebody was in a team on any day of the window.
    #[must_use]
    pub fn ever_held(&self, team: i64, subject: SubjectId) -> bool {
        self.runs.iter().filter_map(|(_, teams)| teams.get(&team)).any(|people| people.contains(subject))
    }

    /// Everybody who was in a team on any day of the window.
    #[must_use]
    pub fn ever(&self, team: i64) -> People {
        let mut people = People::default();
        self.runs.iter().filter_map(|(_, teams)| teams.get(&team)).for_each(|on| people.extend(on));
        people
    }

    /// The teams that anybody was in.
    #[must_use]
    pub fn teams(&self) -> BTreeSet<i64> {
        self.runs.iter().flat_map(|(_, teams)| teams.keys().copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn people(ids: &[u32]) -> People {
        let mut people = People::default();
        for id in ids {
            people.insert(SubjectId(*id));
        }
        people
    }

    fn any_stay() -> impl Strategy<Value = Stay> {
        (0i64..3, 0i32..30, prop::option::of(0i32..12), prop::collection::vec(0u32..6, 1..4)).prop_map(
            |(team, from, days, ids)| Stay {
                team,
                span: Span { from: Day(from), to: days.map(|days| Day(from + days)) },
                people: people(&ids),
            },
        )
    }

    proptest! {
        #[test]
        fn each_day_has_exactly_those_whose_days_hold_it(stays in prop::collection::vec(any_stay(), 0..8)) {
            let window = Window { from: Day(5), to: Day(25) };
            let memberships = Memberships::new(window, &stays);
            for day in window.days() {
                for (team, id) in (0..3).flat_map(|team| (0..6).map(move |id| (team, id))) {
                    let expected = stays.iter().any(|stay| {
                        stay.team == team && stay.span.contains(day) && stay.people.contains(SubjectId(id))
                    });
                    prop_assert_eq!(memberships.holds(team, day, SubjectId(id)), expected);
                    prop_assert!(!expected || memberships.ever_held(team, SubjectId(id)));
                    prop_assert_eq!(memberships.ever(team).contains(SubjectId(id)), memberships.ever_held(team, SubjectId(id)));
                }
                let teams = |day, id| (0..3).map(|team| memberships.holds(team, day, SubjectId(id))).collect::<Vec<_>>();
                let changed = memberships.changes(memberships.run(window.from), memberships.run(day));
                for id in 0..6 {
                    prop_assert_eq!(changed.contains(SubjectId(id)), teams(window.from, id) != teams(day, id));
                }
            }
        }
    }
}
