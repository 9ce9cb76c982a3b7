//! A person's days put in order: by tool, then by day.

use super::{Material, PastMonth, UsedDay, needed_days};
use crate::measure::plus;
use crate::report::Question;
use crate::{Day, Measure, Measures, ToolId, ToolProfile, Window};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a day with a tool.
#[derive(Debug, Default)]
struct Known {
    provisional: bool,
    knows_activity: bool,
    /// Whether the person was active; `None`: they are not in it.
    active: Option<bool>,
    measures: Measures,
}

/// What is known of a whole month with a tool: days are bits.
#[derive(Debug, Default)]
struct KnownMonth {
    knows_activity: u32,
    present: u32,
    active: u32,
    interactions: Option<i64>,
}

/// A tool that has data, with what the person did.
#[derive(Debug)]
pub(super) struct ToolDays<'a> {
    pub(super) profile: &'a ToolProfile,
    days: BTreeMap<Day, Known>,
    /// Months of which the days are not known one by one, by their first days: a window holds all of one or nothing.
    months: BTreeMap<Day, KnownMonth>,
    /// Sums over the window.
    pub(super) now: Measures,
    /// Sums over the window before.
    pub(super) before: Measures,
}

#[derive(Debug)]
pub(super) struct Gathered<'a> {
    /// The tools with data, in the order of their colours.
    pub(super) tools: Vec<ToolDays<'a>>,
}

impl<'a> Gathered<'a> {
    pub(super) fn read(question: &Question, material: &Material<'a>) -> Self {
        let mut gathered = Self { tools: Vec::new() };
        for data in material.data.iter().filter(|data| question.asks_for(&data.tool)) {
            let Some(tool) = gathered.tool(&data.tool, material.profiles) else { continue };
            let known = tool.days.entry(data.day).or_default();
            known.provisional |= data.provisional;
            known.knows_activity |= data.knows_activity;
        }
        for used in material.used.iter().filter(|used| question.asks_for(&used.tool)) {
            if let Some(tool) = gathered.tool(&used.tool, material.profiles) {
                tool.add(question.window, used);
            }
        }
        for past in material.past.iter().filter(|past| question.asks_for(&past.tool)) {
            if let Some(tool) = gathered.tool(&past.tool, material.profiles) {
                tool.add_month(past);
            }
        }
        gathered.tools.sort_by_key(|tool| tool.profile.colour);
        gathered
    }

    fn tool(&mut self, id: &ToolId, profiles: &'a [ToolProfile]) -> Option<&mut ToolDays<'a>> {
        let known = self.tools.iter().position(|tool| tool.profile.id == id.as_str());
        let place = if let Some(place) = known {
            place
        } else {
            let profile = profiles.iter().find(|profile| profile.id == id.as_str())?;
            let (now, before) = (Measures::default(), Measures::default());
            self.tools.push(ToolDays { profile, days: BTreeMap::new(), months: BTreeMap::new(), now, before });
            self.tools.len() - 1
        };
        self.tools.get_mut(place)
    }

    /// The tools that the person is seen with in the window, the one before or the calendar.
    pub(super) fn used(&self, window: Window) -> impl Iterator<Item = &ToolDays<'a>> {
        self.tools.iter().filter(move |tool| tool.was_seen_in(needed_days(window)))
    }

    /// Interactions of all tools on a day; a tool that knows who was active and does not name the person says none.
    pub(super) fn interactions(&self, day: Day) -> Option<i64> {
        self.tools.iter().fold(None, |sum, tool| plus(sum, tool.interactions(day)))
    }

    pub(super) fn interactions_in(&self, window: Window) -> Option<i64> {
        self.tools.iter().fold(None, |sum, tool| plus(sum, tool.interactions_in(window)))
    }

    pub(super) fn is_active(&self, day: Day) -> bool {
        self.tools.iter().any(|tool| tool.is_active(day))
    }

    /// Distinct active days; `None` where no tool can tell.
    pub(super) fn active_days(&self, window: Window) -> Option<i64> {
        let count = window.days().filter(|day| self.is_active(*day)).count() + self.active_in_months(window);
        let known = count > 0 || self.tools.iter().any(|tool| tool.knows_activity(window));
        known.then(|| i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Distinct active days of the months that are known as a whole.
    fn active_in_months(&self, window: Window) -> usize {
        let months: BTreeSet<Day> = self.tools.iter().flat_map(|tool| tool.months_in(window)).map(|(month, _)| *month).collect();
        let active = |month: &Day| {
            let tools = self.tools.iter().filter_map(|tool| tool.months.get(month));
            tools.fold(0, |days, known| days | known.active).count_ones() as usize
        };
        months.iter().map(active).sum()
    }

    pub(super) fn is_provisional(&self, day: Day) -> bool {
        self.tools.iter().any(|tool| tool.is_provisional(day))
    }

    /// Whether any tool has data in the window, of whomever.
    pub(super) fn has_data(&self, window: Window) -> bool {
        let has = |tool: &ToolDays<'_>| {
            tool.days.range(window.from..=window.to).next().is_some() || tool.months_in(window).next().is_some()
        };
        self.tools.iter().any(has)
    }

    pub(super) fn was_seen(&self) -> bool {
        self.first_seen().is_some()
    }

    pub(super) fn was_seen_in(&self, window: Window) -> bool {
        self.tools.iter().any(|tool| tool.was_seen_in(window))
    }

    /// The first day the person is in, or the first of its month where no more is known.
    pub(super) fn first_seen(&self) -> Option<Day> {
        self.tools.iter().filter_map(ToolDays::first_seen).min()
    }
}

impl ToolDays<'_> {
    fn add(&mut self, window: Window, used: &UsedDay) {
        let known = self.days.entry(used.day).or_default();
        known.active = Some(known.active == Some(true) || used.active == Some(true));
        known.measures.add(&used.measures);
        if window.contains(used.day) {
            self.now.add(&used.measures);
        } else if window.before().contains(used.day) {
            self.before.add(&used.measures);
        }
    }

    fn add_month(&mut self, past: &PastMonth) {
        let known = self.months.entry(past.month).or_default();
        known.knows_activity |= past.knows_activity;
        known.present |= past.present;
        known.active |= past.active;
        known.interactions = plus(known.interactions, past.interactions);
    }

    fn months_in(&self, window: Window) -> impl Iterator<Item = (&Day, &KnownMonth)> {
        self.months.range(window.from..=window.to)
    }

    fn first_seen(&self) -> Option<Day> {
        let day = self.days.iter().find(|(_, known)| known.active.is_some()).map(|(day, _)| *day);
        let month = self.months.iter().find(|(_, known)| known.present != 0).map(|(month, _)| *month);
        day.into_iter().chain(month).min()
    }

    pub(super) fn interactions(&self, day: Day) -> Option<i64> {
        let known = self.days.get(&day)?;
        known.measures[Measure::Interactions].or((known.knows_activity && known.active.is_none()).then_some(0))
    }

    pub(super) fn interactions_in(&self, window: Window) -> Option<i64> {
        let days = self.days.range(window.from..=window.to).fold(None, |sum, (day, _)| plus(sum, self.interactions(*day)));
        self.months_in(window).fold(days, |sum, (_, known)| plus(sum, known.interactions()))
    }

    pub(super) fn is_active(&self, day: Day) -> bool {
        self.days.get(&day).is_some_and(|known| known.active == Some(true))
    }

    pub(super) fn active_days(&self, window: Window) -> Option<i64> {
        let days = self.days.range(window.from..=window.to).filter(|(_, known)| known.active == Some(true)).count();
        let count = self.months_in(window).fold(days, |sum, (_, known)| sum + known.active.count_ones() as usize);
        (count > 0 || self.knows_activity(window)).then(|| i64::try_from(count).unwrap_or(i64::MAX))
    }

    fn knows_activity(&self, window: Window) -> bool {
        self.days.range(window.from..=window.to).any(|(_, known)| known.knows_activity)
            || self.months_in(window).any(|(_, known)| known.knows_activity != 0)
    }

    pub(super) fn was_seen_in(&self, window: Window) -> bool {
        self.days.range(window.from..=window.to).any(|(_, known)| known.active.is_some())
            || self.months_in(window).any(|(_, known)| known.present != 0)
    }

    pub(super) fn is_provisional(&self, day: Day) -> bool {
        self.days.get(&day).is_some_and(|known| known.provisional)
    }

    pub(super) fn has_provisional(&self, window: Window) -> bool {
        self.days.range(window.from..=window.to).any(|(_, known)| known.provisional)
    }

    /// What was counted on a day.
    pub(super) fn measures(&self, day: Day) -> Measures {
        self.days.get(&day).map_or_else(Measures::default, |known| known.measures)
    }
}

impl KnownMonth {
    /// As of days: a tool that knows who was active on a day and does not name the person says none.
    fn interactions(&self) -> Option<i64> {
        plus(self.interactions, (self.knows_activity & !self.present != 0).then_some(0))
    }
}
