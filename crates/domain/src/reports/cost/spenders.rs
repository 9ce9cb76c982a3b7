//! Who spent how much over a window, from packed days: people, the teams they were in on each day, and each tool's days.

use super::spent::Spent;
use crate::columns::CountedSlice;
use crate::measure::plus;
use crate::memberships::Memberships;
use crate::metrics::People;
use crate::reports::people::{Counted, Stayed, Stint, Stints, SumColumn, metered, metered_of};
use crate::{Directory, Measure, Measures, SubjectId, ToolId, WHOLE_ORGANIZATION, Window};
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
}

impl Spenders {
    /// Of slices in the order of their days.
    #[must_use]
    pub fn of<'s>(
        window: Window,
        (directory, memberships): (&Directory, &Memberships),
        slices: impl Iterator<Item = Counted<'s>>,
    ) -> Self {
        let (mut spenders, mut stints) = (Self::default(), Stints::of(directory, memberships, &MEASURES));
        let (last_week, mut is_last_week) = (Window::ending(window.to, 7), false);
        for (slice, these) in slices {
            if is_last_week != last_week.contains(slice.day) {
                stints.end(|stint| spenders.add(stint, directory, is_last_week));
                is_last_week = !is_last_week;
            }
            stints.add(slice, these.as_deref(), |stint| spenders.add(stint, directory, is_last_week));
            spenders.add_day(slice, &slice.sums(&MEASURES, these.as_deref()));
        }
        stints.end(|stint| spenders.add(stint, directory, is_last_week));
        spenders
    }

    fn add_day(&mut self, slice: &CountedSlice, sums: &Measures) {
        let day = self.days.entry(slice.tool.clone()).or_default().entry(slice.day).or_default();
        day.value = plus(day.value, metered(sums));
        day.charged = plus(day.charged, sums[Measure::Billed]);
        day.provisional |= slice.provisional;
    }

    fn add(&mut self, stint: &Stint<'_>, directory: &Directory, is_last_week: bool) {
        let own = self.place(stint.tool.tool());
        let (cost, credits) = (stint.tool.column(Measure::Cost), stint.tool.column(Measure::Credits));
        let mut of_teams = vec![TeamSpent::default(); stint.teams.teams().len()];
        for one in stint.people.iter().filter(|one| one.identity != WHOLE_ORGANIZATION) {
            let at = |column: Option<&SumColumn>| column.and_then(|column| column.value(one.place));
            let value = metered_of(at(cost), at(credits));
            self.tools[own].note(one, is_last_week, value);
            let Some(value) = value else { continue };
            let teams = stint.teams.places(one.subject);
            if directory.unmatched().contains(one.subject) {
                self.unmatched.spend(one.subject, value);
            } else if teams.is_empty() {
                self.no_team.spend(one.subject, value);
            }
            for place in teams {
                of_teams[*place].spend(one.subject, value);
            }
        }
        for (team, spent) in stint.teams.teams().iter().zip(&of_teams).filter(|(_, spent)| spent.value.is_some()) {
            let of_window = self.teams.entry(*team).or_default();
            of_window.people.extend(&spent.people);
            of_window.value = plus(of_window.value, spent.value);
        }
    }

    fn place(&mut self, tool: &ToolId) -> usize {
        self.tools.iter().position(|known| known.tool == *tool).unwrap_or_else(|| {
            self.tools.push(ToolPeople::new(tool.clone()));
            self.tools.len() - 1
        })
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

    fn note(&mut self, one: &Stayed, is_last_week: bool, value: Option<i64>) {
        if one.is_active {
            self.active.insert(one.subject);
            if is_last_week {
                self.active_week.insert(one.subject);
            }
        }
        if let Some(value) = value {
            self.spend(one.subject, value);
        }
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
