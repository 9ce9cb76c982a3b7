//! Who spent how much over a window, from packed days: people, the teams they were in on each day, and each tool's days.

use super::spent::Spent;
use crate::columns::{CountedSlice, OpenSlice};
use crate::measure::plus;
use crate::memberships::Memberships;
use crate::metrics::People;
use crate::reports::people::{metered, metered_of};
use crate::{Day, Directory, Measure, SubjectId, ToolId, WHOLE_ORGANIZATION, Window};
use std::collections::BTreeMap;

/// The measures that costs are made of.
pub const MEASURES: [Measure; 3] = [Measure::Cost, Measure::Billed, Measure::Credits];

/// One tool's people over the window.
#[derive(Debug, Clone)]
pub struct ToolPeople {
    /// The tool.
    pub tool: ToolId,
    /// Who was active with it.
    pub active: People,
    /// Who was active in the window's last seven days.
    pub active_week: People,
    /// Micro-dollars by the number of the subject.
    values: Vec<Option<i64>>,
}

/// A team's people and what they spent while they were in it.
#[derive(Debug, Clone, Default)]
pub struct TeamSpent {
    /// Who spent anything.
    pub people: People,
    /// Micro-dollars.
    pub value: Option<i64>,
}

/// Who spent how much.
#[derive(Debug, Clone, Default)]
pub struct Spenders {
    /// By tool.
    pub tools: Vec<ToolPeople>,
    /// By team, as its members were on each day. Who is in two teams is in both.
    pub teams: BTreeMap<i64, TeamSpent>,
    /// Members who were in no team on the day.
    pub no_team: TeamSpent,
    /// Identities that match no member.
    pub unmatched: TeamSpent,
    /// Each tool's days, of the people who count.
    pub days: Spent,
    /// By the number of the subject: the places of their teams on the day at hand in `of_day`.
    teams_of: Vec<Vec<usize>>,
    of_day: Vec<(i64, TeamSpent)>,
    run: Option<usize>,
}

impl Spenders {
    /// Adds a slice; slices are given in the order of their days.
    pub fn add(
        &mut self,
        window: Window,
        slice: &CountedSlice,
        open: &OpenSlice,
        (directory, teams): (&Directory, &Memberships),
    ) {
        self.turn_to(slice.day, teams);
        let index = self.tools.iter().position(|known| known.tool == slice.tool).unwrap_or_else(|| {
            self.tools.push(ToolPeople::new(slice.tool.clone()));
            self.tools.len() - 1
        });
        let column = |measure| open.values.iter().find(|(known, _)| *known == measure).map(|(_, values)| values);
        let (cost, credits) = (column(Measure::Cost), column(Measure::Credits));
        let at = |values: Option<&Vec<Option<i64>>>, place: usize| values.and_then(|values| values[place]);
        let is_last_week = Window::ending(window.to, 7).contains(slice.day);
        for (place, person) in open.people.iter().enumerate().filter(|(_, person)| person.identity != WHOLE_ORGANIZATION) {
            let subject = directory.subject(person.identity);
            if person.active == Some(true) {
                self.tools[index].active.insert(subject);
                if is_last_week {
                    self.tools[index].active_week.insert(subject);
                }
            }
            if let Some(value) = metered_of(at(cost, place), at(credits, place)) {
                self.tools[index].spend(subject, value);
                self.spend_in_teams(subject, value, directory);
            }
        }
        self.close();
        let (sums, day) = (open.sums(), self.days.entry(slice.tool.clone()).or_default().entry(slice.day).or_default());
        day.value = plus(day.value, metered(&sums));
        day.charged = plus(day.charged, sums[Measure::Billed]);
        day.provisional |= slice.provisional;
    }

    /// Makes the list of everybody's teams anew where they are others on this day.
    fn turn_to(&mut self, day: Day, teams: &Memberships) {
        let run = teams.run(day);
        if self.run == run {
            return;
        }
        self.run = run;
        self.teams_of.iter_mut().for_each(Vec::clear);
        self.of_day = teams.on(day).keys().map(|team| (*team, TeamSpent::default())).collect();
        for (place, people) in teams.on(day).values().enumerate() {
            for subject in people.iter() {
                let index = subject.0 as usize;
                if self.teams_of.len() <= index {
                    self.teams_of.resize(index + 1, Vec::new());
                }
                self.teams_of[index].push(place);
            }
        }
    }

    /// Adds a slice's teams to the window's: looked up once a slice, not once a person.
    fn close(&mut self) {
        for (team, spent) in self.of_day.iter_mut().filter(|(_, spent)| spent.value.is_some()) {
            let of_window = self.teams.entry(*team).or_default();
            of_window.people.extend(&spent.people);
            of_window.value = plus(of_window.value, spent.value);
            *spent = TeamSpent::default();
        }
    }

    fn spend_in_teams(&mut self, subject: SubjectId, value: i64, directory: &Directory) {
        let own = self.teams_of.get(subject.0 as usize).map(Vec::as_slice).unwrap_or_default();
        if directory.unmatched().contains(subject) {
            self.unmatched.spend(subject, value);
        } else if own.is_empty() {
            self.no_team.spend(subject, value);
        }
        for place in own {
            self.of_day[*place].1.spend(subject, value);
        }
    }

    /// What each subject spent with each tool, as micro-dollars; those who spent nothing are in it with nothing.
    #[must_use]
    pub fn people(&self) -> Vec<(SubjectId, Vec<(&ToolId, i64)>)> {
        let most = self.tools.iter().map(|tool| tool.values.len()).max().unwrap_or(0);
        let mut people = Vec::with_capacity(most);
        for (subject, place) in (0u32..).zip(0..most) {
            let spent = |tool: &ToolPeople| tool.values.get(place).copied().flatten();
            if self.tools.iter().any(|tool| spent(tool).is_some()) {
                let tools = self.tools.iter().filter_map(|tool| Some((&tool.tool, spent(tool)?)));
                people.push((SubjectId(subject), tools.collect()));
            }
        }
        people
    }
}

impl ToolPeople {
    fn new(tool: ToolId) -> Self {
        Self { tool, active: People::default(), active_week: People::default(), values: Vec::new() }
    }

    fn spend(&mut self, subject: SubjectId, value: i64) {
        let index = subject.0 as usize;
        if self.values.len() <= index {
            self.values.resize((index + 1).next_power_of_two(), None);
        }
        self.values[index] = plus(self.values[index], Some(value));
    }
}

impl TeamSpent {
    fn spend(&mut self, subject: SubjectId, value: i64) {
        self.people.insert(subject);
        self.value = plus(self.value, Some(value));
    }
}
