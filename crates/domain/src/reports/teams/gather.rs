//! One pass over the slices: what each person did on a day counts for the teams they were in on that day.

use crate::measure::plus;
use crate::memberships::Memberships;
use crate::metrics::People;
use crate::reports::people::{Counted, Presence, Stayed, Stint, Stints, SumColumn};
use crate::{Day, Directory, Measure, Measures, ToolId, WHOLE_ORGANIZATION, Window};
use std::collections::BTreeMap;

/// Whose line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Whose {
    Team(i64),
    /// Members who were in no team on the day.
    NoTeam,
    /// Identities that match no member.
    Unmatched,
    /// What vendors count without naming anybody.
    Nobody,
}

/// What one group did with one tool.
#[derive(Debug, Clone, Default)]
pub(super) struct WithTool {
    pub(super) sums: Measures,
    pub(super) active: People,
}

/// What one group did in one step of the window.
#[derive(Debug, Clone, Default)]
pub(super) struct StepSum {
    pub(super) active: People,
    pub(super) interactions: Option<i64>,
}

/// What one group did.
#[derive(Debug, Clone, Default)]
pub(super) struct Done {
    pub(super) tools: BTreeMap<ToolId, WithTool>,
    pub(super) steps: Vec<StepSum>,
}

impl Done {
    pub(super) fn active(&self) -> People {
        let mut active = People::default();
        self.tools.values().for_each(|tool| active.extend(&tool.active));
        active
    }

    fn note_active(&mut self, tool: &ToolId, step: usize, people: &People) {
        self.tools.entry(tool.clone()).or_default().active.extend(people);
        self.steps[step].active.extend(people);
    }

    pub(super) fn total(&self, measure: Measure) -> Option<i64> {
        self.tools.values().fold(None, |sum, tool| plus(sum, tool.sums[measure]))
    }
}

/// What every group did.
#[derive(Debug)]
pub struct Tally<'a> {
    directory: &'a Directory,
    memberships: &'a Memberships,
    pub(super) starts: Vec<Day>,
    groups: Vec<(Whose, Done)>,
    places: BTreeMap<Whose, usize>,
    pub(super) everyone: Done,
    several: People,
    in_a_team: People,
    presence: Presence,
    is_empty: bool,
    provisional: Vec<bool>,
    /// Who of each group was active, of the stint at hand.
    active: Vec<People>,
}

impl<'a> Tally<'a> {
    /// Of slices in the order of their days. The trends go from day to day in a window of two weeks, from week to week in a
    /// longer one.
    #[must_use]
    pub fn of<'s>(
        window: Window,
        (directory, memberships): (&'a Directory, &'a Memberships),
        measures: &[Measure],
        slices: impl Iterator<Item = Counted<'s>>,
    ) -> Self {
        let mut tally = Self::over(window, directory, memberships);
        let (mut stints, mut step) = (Stints::of(directory, memberships, measures), 0);
        for (slice, these) in slices {
            let next = tally.step(slice.day);
            if step != next {
                stints.end(|stint| tally.add(step, stint));
                step = next;
            }
            stints.add(slice, these.as_deref(), |stint| tally.add(step, stint));
            tally.is_empty = false;
            tally.provisional[step] |= slice.provisional;
            tally.presence.add(directory, slice, these.as_deref());
        }
        stints.end(|stint| tally.add(step, stint));
        tally
    }

    fn over(window: Window, directory: &'a Directory, memberships: &'a Memberships) -> Self {
        let by_day = window.len() <= 14;
        let mut starts: Vec<Day> = window.days().map(|day| if by_day { day } else { day.week() }).collect();
        starts.dedup();
        let steps = starts.len();
        let mut tally = Self {
            directory,
            memberships,
            starts,
            groups: Vec::new(),
            places: BTreeMap::new(),
            everyone: Done { steps: vec![StepSum::default(); steps], ..Done::default() },
            several: People::default(),
            in_a_team: People::default(),
            presence: Presence::over(window),
            is_empty: true,
            provisional: vec![false; steps],
            active: Vec::new(),
        };
        for whose in memberships.teams().into_iter().map(Whose::Team).chain([Whose::NoTeam, Whose::Unmatched, Whose::Nobody]) {
            tally.place(whose);
        }
        tally
    }

    fn step(&self, day: Day) -> usize {
        self.starts.partition_point(|start| *start <= day).saturating_sub(1)
    }

    fn add(&mut self, step: usize, stint: &Stint<'_>) {
        let targets = self.targets(stint);
        self.note_active(step, stint, &targets);
        for (measure, column) in stint.tool.columns() {
            self.add_values((stint.tool.tool(), measure), step, column, (stint.people, &targets));
        }
    }

    /// For each person the groups they count for: who of the people, and the group's place.
    fn targets(&mut self, stint: &Stint<'_>) -> Vec<(usize, usize)> {
        let place = |whose: Whose| self.places[&whose];
        let (none, unmatched, nobody) = (place(Whose::NoTeam), place(Whose::Unmatched), place(Whose::Nobody));
        let groups: Vec<usize> = stint.teams.teams().iter().map(|team| place(Whose::Team(*team))).collect();
        let mut targets = Vec::with_capacity(stint.people.len() * 9 / 8);
        for (index, one) in stint.people.iter().enumerate() {
            if one.identity == WHOLE_ORGANIZATION {
                targets.push((index, nobody));
            } else if self.directory.unmatched().contains(one.subject) {
                targets.push((index, unmatched));
            } else {
                let own = stint.teams.places(one.subject);
                if own.is_empty() {
                    targets.push((index, none));
                }
                targets.extend(own.iter().map(|place| (index, groups[*place])));
                if one.is_active && !own.is_empty() {
                    self.in_a_team.insert(one.subject);
                    if own.len() > 1 {
                        self.several.insert(one.subject);
                    }
                }
            }
        }
        targets
    }

    fn note_active(&mut self, step: usize, stint: &Stint<'_>, targets: &[(usize, usize)]) {
        let is_active = |one: &Stayed| one.is_active && one.identity != WHOLE_ORGANIZATION;
        let mut everyone = People::default();
        stint.people.iter().filter(|one| is_active(one)).for_each(|one| everyone.insert(one.subject));
        if everyone.count() == 0 {
            return;
        }
        self.everyone.note_active(stint.tool.tool(), step, &everyone);
        self.active.resize_with(self.groups.len(), People::default);
        for (one, group) in targets.iter().map(|(index, group)| (&stint.people[*index], *group)) {
            if is_active(one) {
                self.active[group].insert(one.subject);
            }
        }
        for ((_, done), people) in self.groups.iter_mut().zip(&mut self.active).filter(|(_, people)| people.count() > 0) {
            done.note_active(stint.tool.tool(), step, people);
            people.clear();
        }
    }

    fn add_values(
        &mut self,
        (tool, measure): (&ToolId, Measure),
        step: usize,
        column: &SumColumn,
        (people, targets): (&[Stayed], &[(usize, usize)]),
    ) {
        let values: Vec<Option<i64>> = people.iter().map(|one| column.value(one.place)).collect();
        let all = values.iter().fold(None, |sum, value| plus(sum, *value));
        let mut sums: Vec<Option<i64>> = vec![None; self.groups.len()];
        for &(index, group) in targets {
            sums[group] = plus(sums[group], values[index]);
        }
        let groups = self.groups.iter_mut().map(|(_, done)| done).zip(sums);
        for (done, sum) in groups.chain([(&mut self.everyone, all)]).filter(|(_, sum)| sum.is_some()) {
            done.tools.entry(tool.clone()).or_default().sums.add_to(measure, sum);
            if measure == Measure::Interactions {
                let at = &mut done.steps[step].interactions;
                *at = plus(*at, sum);
            }
        }
    }

    fn place(&mut self, whose: Whose) -> usize {
        let next = self.groups.len();
        let place = *self.places.entry(whose).or_insert(next);
        if place == next {
            self.groups.push((whose, Done { steps: vec![StepSum::default(); self.starts.len()], ..Done::default() }));
        }
        place
    }

    /// The lines that somebody or something is in, teams first.
    pub(super) fn groups(&self) -> impl Iterator<Item = (Whose, &Done)> {
        self.groups
            .iter()
            .filter(|(whose, done)| matches!(whose, Whose::Team(_)) || !done.tools.is_empty())
            .map(|(whose, done)| (*whose, done))
    }

    pub(super) fn members_on(&self, team: i64, day: Day) -> i64 {
        self.memberships.on(day).get(&team).map_or(0, People::count)
    }

    pub(super) fn is_provisional(&self, step: usize) -> bool {
        self.provisional.get(step).copied().unwrap_or_default()
    }

    /// How many teams had anybody in them.
    pub(super) fn teams(&self) -> usize {
        self.places.keys().filter(|whose| matches!(whose, Whose::Team(_))).count()
    }

    pub(super) fn active(&self) -> People {
        self.everyone.active()
    }

    pub(super) fn active_in_a_team(&self) -> &People {
        &self.in_a_team
    }

    /// Active members who were in more than one team on the day.
    pub(super) fn in_several(&self) -> &People {
        &self.several
    }

    pub(super) fn knows_activity(&self) -> bool {
        self.presence.knows_activity()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.is_empty
    }

    pub(super) fn daily_active(&self) -> Vec<Option<f64>> {
        self.presence.daily()
    }

    /// Interactions of everyone and of those who match a member: how much of the use is matched.
    #[must_use]
    pub fn interactions(&self) -> (Option<i64>, Option<i64>) {
        let of = |whose| self.places.get(&whose).and_then(|place| self.groups[*place].1.total(Measure::Interactions));
        let all = self.everyone.total(Measure::Interactions);
        let apart = plus(of(Whose::Unmatched), of(Whose::Nobody));
        (all, all.map(|all| all - apart.unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{CountedSlice, LaidPeople, PersonDay};
    use crate::memberships::Stay;
    use crate::teams::Span;
    use crate::{IdentityId, IntegrationId, SubjectId};
    use proptest::prelude::*;

    const WINDOW: Window = Window { from: Day(100), to: Day(110) };

    /// Identities 1 to 5 match members 51 to 55; 6 and 7 match nobody; 0 is nobody in particular.
    fn directory() -> Directory {
        Directory::new((1..8).map(|id| (IdentityId(id), (id < 6).then_some(SubjectId(id + 50)))))
    }

    fn any_slice() -> impl Strategy<Value = CountedSlice> {
        (100i32..111, prop::collection::btree_map(0u32..8, 0i64..50, 0..8)).prop_map(|(day, people)| {
            let person = |(id, many): (u32, i64)| PersonDay {
                identity: IdentityId(id),
                active: Some(many > 0),
                agent: None,
                interactions: Some(many),
            };
            CountedSlice {
                integration: IntegrationId(1),
                tool: ToolId::new("tool"),
                day: Day(day),
                provisional: false,
                knows_activity: true,
                people: std::sync::Arc::new(LaidPeople::of(&people.into_iter().map(person).collect::<Vec<_>>(), None)),
                columns: Vec::new(),
            }
        })
    }

    fn any_stay() -> impl Strategy<Value = Stay> {
        (0i64..3, 98i32..112, prop::option::of(0i32..8), 51u32..56).prop_map(|(team, from, days, id)| {
            let mut people = People::default();
            people.insert(SubjectId(id));
            Stay { team, span: Span { from: Day(from), to: days.map(|days| Day(from + days)) }, people }
        })
    }

    proptest! {
        #[test]
        fn every_line_is_what_its_people_did_on_their_days_and_everyone_counts_once(
            mut slices in prop::collection::vec(any_slice(), 1..12), stays in prop::collection::vec(any_stay(), 0..8),
        ) {
            slices.sort_by_key(|slice| slice.day);
            let (directory, memberships) = (directory(), Memberships::new(WINDOW, &stays));
            let mut expected: BTreeMap<Whose, i64> = BTreeMap::new();
            let (mut all, mut twice) = (0, 0);
            for slice in &slices {
                for person in slice.people.iter() {
                    let many = person.interactions.unwrap();
                    all += many;
                    let subject = directory.subject(person.identity);
                    let teams: Vec<Whose> = (0..3).filter(|team| memberships.holds(*team, slice.day, subject)).map(Whose::Team).collect();
                    let lines = match person.identity.0 {
                        0 => vec![Whose::Nobody],
                        6.. => vec![Whose::Unmatched],
                        _ if teams.is_empty() => vec![Whose::NoTeam],
                        _ => teams,
                    };
                    twice += many * i64::try_from(lines.len() - 1).unwrap();
                    for line in lines {
                        *expected.entry(line).or_default() += many;
                    }
                }
            }
            let counted = slices.iter().map(|slice| (slice, None));
            let tally = Tally::of(WINDOW, (&directory, &memberships), &[Measure::Interactions], counted);
            let told = tally.groups().filter_map(|(whose, done)| Some((whose, done.total(Measure::Interactions)?)));
            let told: BTreeMap<Whose, i64> = told.collect();
            prop_assert_eq!(&told, &expected);
            prop_assert_eq!(tally.everyone.total(Measure::Interactions).unwrap_or(0), all);
            prop_assert_eq!(told.values().sum::<i64>() - twice, all, "the lines add up but for who is in several teams");
            let of_steps: i64 = tally.everyone.steps.iter().filter_map(|step| step.interactions).sum();
            prop_assert_eq!(of_steps, all);
        }
    }
}
