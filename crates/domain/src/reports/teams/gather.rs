//! One pass over the opened slices: what each person did on a day counts for the teams they were in on that day.

use crate::columns::{CountedSlice, OpenSlice};
use crate::measure::plus;
use crate::memberships::Memberships;
use crate::metrics::People;
use crate::{Day, Directory, Measure, Measures, SubjectId, ToolId, WHOLE_ORGANIZATION, Window};
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

    pub(super) fn total(&self, measure: Measure) -> Option<i64> {
        self.tools.values().fold(None, |sum, tool| plus(sum, tool.sums[measure]))
    }
}

/// Adds slices up; they are given in the order of their days.
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
    days: BTreeMap<Day, (bool, People)>,
    window: Window,
    run: Option<Run>,
    provisional: Vec<bool>,
}

/// The groups of each subject during a run of days on which no membership changes.
#[derive(Debug)]
struct Run {
    number: usize,
    /// By the subject's number: where their groups begin in `flat`.
    starts: Vec<u32>,
    flat: Vec<u32>,
}

impl<'a> Tally<'a> {
    /// Nobody yet. The trends go from day to day in a window of two weeks, from week to week in a longer one.
    #[must_use]
    pub fn over(window: Window, directory: &'a Directory, memberships: &'a Memberships) -> Self {
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
            days: BTreeMap::new(),
            window,
            run: None,
            provisional: vec![false; steps],
        };
        for team in memberships.teams() {
            tally.place(Whose::Team(team));
        }
        tally
    }

    /// Adds a slice.
    pub fn add(&mut self, slice: &CountedSlice, open: &OpenSlice) {
        let step = self.starts.partition_point(|start| *start <= slice.day).saturating_sub(1);
        self.provisional[step] |= slice.provisional;
        self.days.entry(slice.day).or_default().0 |= slice.knows_activity;
        let targets = self.targets(slice.day, open);
        self.note_active(slice, open, step, &targets);
        for (measure, values) in &open.values {
            self.add_values(&slice.tool, step, *measure, values, &targets);
        }
    }

    /// For each person of the slice the groups they count for: places of both.
    fn targets(&mut self, day: Day, open: &OpenSlice) -> Vec<(usize, usize)> {
        self.enter(day);
        let (none, unmatched, nobody) = (self.place(Whose::NoTeam), self.place(Whose::Unmatched), self.place(Whose::Nobody));
        let mut targets = Vec::with_capacity(open.people.len() + open.people.len() / 8);
        for (index, person) in open.people.iter().enumerate() {
            let subject = self.directory.subject(person.identity);
            if person.identity == WHOLE_ORGANIZATION {
                targets.push((index, nobody));
            } else if self.directory.unmatched().contains(subject) {
                targets.push((index, unmatched));
            } else {
                let teams = self.run.as_ref().map_or(&[][..], |run| run.of(subject));
                if teams.is_empty() {
                    targets.push((index, none));
                }
                targets.extend(teams.iter().map(|team| (index, *team as usize)));
                if person.active == Some(true) && !teams.is_empty() {
                    self.in_a_team.insert(subject);
                    if teams.len() > 1 {
                        self.several.insert(subject);
                    }
                }
            }
        }
        targets
    }

    fn note_active(&mut self, slice: &CountedSlice, open: &OpenSlice, step: usize, targets: &[(usize, usize)]) {
        let directory = self.directory;
        let active: Vec<Option<SubjectId>> = open
            .people
            .iter()
            .map(|person| {
                let named = person.identity != WHOLE_ORGANIZATION && person.active == Some(true);
                named.then(|| directory.subject(person.identity))
            })
            .collect();
        let mut everyone = People::default();
        active.iter().flatten().for_each(|subject| everyone.insert(*subject));
        self.days.entry(slice.day).or_default().1.extend(&everyone);
        self.everyone.tools.entry(slice.tool.clone()).or_default().active.extend(&everyone);
        self.everyone.steps[step].active.extend(&everyone);
        // A set for each group first: the tools and steps of the groups are looked up once a slice, not once a person.
        let mut of_groups: Vec<People> = vec![People::default(); self.groups.len()];
        for &(index, group) in targets {
            if let Some(subject) = active[index] {
                of_groups[group].insert(subject);
            }
        }
        for ((_, done), people) in self.groups.iter_mut().zip(&of_groups).filter(|(_, people)| people.count() > 0) {
            done.tools.entry(slice.tool.clone()).or_default().active.extend(people);
            done.steps[step].active.extend(people);
        }
    }

    fn add_values(&mut self, tool: &ToolId, step: usize, measure: Measure, values: &[Option<i64>], targets: &[(usize, usize)]) {
        let mut sums: Vec<Option<i64>> = vec![None; self.groups.len()];
        for &(index, group) in targets {
            sums[group] = plus(sums[group], values[index]);
        }
        let all = values.iter().fold(None, |sum, value| plus(sum, *value));
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

    /// Makes the groups of each subject for the day's run, if they are of another one.
    fn enter(&mut self, day: Day) {
        let Some(number) = self.memberships.run(day) else { return };
        if self.run.as_ref().is_none_or(|run| run.number != number) {
            let teams = self.memberships.on(day).iter().map(|(team, people)| (self.places[&Whose::Team(*team)], people));
            self.run = Some(Run::new(number, &teams.collect::<Vec<_>>()));
        }
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
        self.days.values().any(|(knows, _)| *knows)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    #[expect(clippy::cast_precision_loss, reason = "a spark line to look at")]
    pub(super) fn daily_active(&self) -> Vec<Option<f64>> {
        let members = |people: &People| (people.count() - people.count_within(self.directory.unmatched())) as f64;
        let on = |day| self.days.get(&day).filter(|(knows, _)| *knows).map(|(_, people)| members(people));
        self.window.days().map(on).collect()
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

impl Run {
    fn new(number: usize, teams: &[(usize, &People)]) -> Self {
        let size = teams.iter().flat_map(|(_, people)| people.iter()).map(|subject| subject.0 as usize + 1).max().unwrap_or(0);
        let mut starts = vec![0u32; size + 1];
        for subject in teams.iter().flat_map(|(_, people)| people.iter()) {
            starts[subject.0 as usize + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut next = starts.clone();
        let mut flat = vec![0u32; starts.last().map_or(0, |end| *end as usize)];
        for (place, people) in teams {
            for subject in people.iter() {
                let at = &mut next[subject.0 as usize];
                flat[*at as usize] = u32::try_from(*place).unwrap_or(u32::MAX);
                *at += 1;
            }
        }
        Self { number, starts, flat }
    }

    fn of(&self, subject: SubjectId) -> &[u32] {
        let index = subject.0 as usize;
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(from), Some(to)) => &self.flat[*from as usize..*to as usize],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{LaidPeople, PersonDay};
    use crate::memberships::Stay;
    use crate::teams::Span;
    use crate::{IdentityId, IntegrationId};
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
            let mut tally = Tally::over(WINDOW, &directory, &memberships);
            let mut open = OpenSlice::default();
            let mut expected: BTreeMap<Whose, i64> = BTreeMap::new();
            let (mut all, mut twice) = (0, 0);
            for slice in &slices {
                open.open(slice, &[Measure::Interactions]);
                tally.add(slice, &open);
                for person in &open.people {
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
