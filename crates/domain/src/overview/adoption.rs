//! How regular the use is: stickiness and the use of agents.

use super::MONTH;
use super::figures::any_provisional;
use super::gather::{Gathered, ToolSum};
use crate::metrics::{People, ratio};
use crate::money::group;
use crate::report::{Amount, Figure, Part};
use crate::{Day, ToolId, Window};

/// Active members by day, week and month, up to one day.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Regularity {
    /// Sum of the daily active members over the working days that have data.
    on_workdays: i64,
    /// How many those working days are.
    workdays: i64,
    /// Distinct in the last seven days.
    week: i64,
    /// Distinct in 28 days.
    month: i64,
}

impl Regularity {
    /// `None` where no day of the four weeks tells who was active.
    fn ending(to: Day, gathered: &Gathered<'_>) -> Option<Self> {
        let (mut on_workdays, mut workdays, mut known) = (0, 0, false);
        let (mut week, mut month) = (People::default(), People::default());
        for day in Window::ending(to, MONTH).days() {
            let of_day: Vec<&People> = gathered.tools.iter().filter_map(|tool| tool.daily.get(&day)).collect();
            let mut who = People::default();
            for people in &of_day {
                who.extend(people);
            }
            known |= !of_day.is_empty();
            if day.is_workday() && !of_day.is_empty() {
                on_workdays += gathered.members_in(&who);
                workdays += 1;
            }
            if Window::ending(to, 7).contains(day) {
                week.extend(&who);
            }
            month.extend(&who);
        }
        let (week, month) = (gathered.members_in(&week), gathered.members_in(&month));
        known.then_some(Self { on_workdays, workdays, week, month })
    }

    /// Mean of the daily active members by the monthly ones, as a ratio of whole numbers.
    fn stickiness(self) -> Option<f64> {
        ratio(Some(self.on_workdays), Some(self.workdays * self.month))
    }

    #[expect(clippy::cast_precision_loss, reason = "a mean to look at")]
    fn in_words(self) -> String {
        let mean = if self.workdays == 0 { 0.0 } else { self.on_workdays as f64 / self.workdays as f64 };
        let days = if self.workdays == 1 { "working day" } else { "working days" };
        let (week, month) = (group(self.week), group(self.month));
        format!("{mean:.1} a day over {} {days}, {week} in 7 days, {month} in 28 days", self.workdays)
    }
}

/// METRICS: mean DAU over working days in 28 / MAU28.
pub(crate) fn stickiness(window: Window, gathered: &Gathered<'_>) -> Figure {
    let now = Regularity::ending(window.to, gathered);
    let before = Regularity::ending(window.before().to, gathered);
    Figure {
        id: "stickiness".into(),
        label: "Stickiness".into(),
        value: Amount::share(now.and_then(Regularity::stickiness)),
        before: Amount::share(before.and_then(Regularity::stickiness)),
        parts: Vec::new(),
        context: now.map(Regularity::in_words).unwrap_or_default(),
        formula:
            "Mean of the members active on a working day, by the members active in 28 days; both over the 28 days up to the \
                  end of the window. Working days without data are left out."
                .into(),
        provisional: any_provisional(gathered),
        spark: Vec::new(),
    }
}

/// METRICS: members with agent use / active members. Tools that say nothing of agents have no part in the upper number.
pub(crate) fn agent_adoption(gathered: &Gathered<'_>) -> Figure {
    let active = gathered.distinct(|tool| &tool.active);
    let mut agents: Option<People> = None;
    for tool in &gathered.tools {
        if let Some(people) = &tool.agents {
            agents.get_or_insert_default().extend(people);
        }
    }
    let used = agents.map(|agents| members_in_both(gathered, &agents, &active));
    let all = gathered.members_in(&active);
    let part = |tool: &ToolSum<'_>| {
        let used = members_in_both(gathered, tool.agents.as_ref()?, &tool.active);
        let value = Amount::share(ratio(Some(used), Some(gathered.members_in(&tool.active))));
        Some(Part { tool: ToolId::new(tool.profile.id), label: tool.profile.name.to_owned(), value, share: None })
    };
    Figure {
        id: "agent_adoption".into(),
        label: "Agent adoption".into(),
        value: Amount::share(ratio(used, Some(all))),
        before: Amount::Unknown,
        parts: gathered.tools.iter().filter_map(part).collect(),
        context: used.map(|used| format!("{} of {} active members used an agent", group(used), group(all))).unwrap_or_default(),
        formula: "Active members who used an agent at least once in the window, by the active members. A tool that says nothing \
                  of agents adds to the lower number only."
            .into(),
        provisional: any_provisional(gathered),
        spark: Vec::new(),
    }
}

fn members_in_both(gathered: &Gathered<'_>, people: &People, others: &People) -> i64 {
    let is_member = |subject: &crate::SubjectId| !gathered.directory.unmatched().contains(*subject);
    let both = people.iter().filter(|subject| others.contains(*subject)).filter(is_member);
    i64::try_from(both.count()).unwrap_or(i64::MAX)
}
