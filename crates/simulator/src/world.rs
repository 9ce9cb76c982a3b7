//! The simulated world: everybody, any day of theirs on demand, and what each vendor has published by now.

use crate::activity::copilot::{CREDITS_SINCE, Counts};
use crate::activity::{ClaudeDay, CopilotDay, CursorDay, CursorEvent, Tool};
use crate::dice::{Dice, per_mille};
use crate::organization::{Config, Kind, Person, people};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tacho_domain::{Day, Instant, Window};

/// 2025-10-10: Copilot's users and enterprise reports begin.
/// <https://docs.github.com/en/rest/copilot/copilot-usage-metrics>, read 2026-11-21.
pub(crate) const USERS_FLOOR: Day = Day(20_371);
/// 2025-12-12: Copilot's organization reports begin.
pub(crate) const ORGANIZATION_FLOOR: Day = Day(20_434);
/// Copilot keeps a year.
const COPILOT_YEAR: i32 = 365;
/// A seat's share of the organization's monthly pool, in hundredths of a credit (Copilot Business: 1,900 credits).
const POOL_PER_SEAT: i64 = 190_000;

#[derive(Debug)]
struct Now {
    today: Day,
    late_days: i32,
    revisions: HashMap<(Tool, Day), u64>,
    generation: u64,
}

/// What the organization did with Copilot on one day: kept, since weekly and monthly figures and bills ask again.
#[derive(Debug, Default)]
pub(crate) struct CopilotTotals {
    pub(crate) active: Vec<usize>,
    pub(crate) chat: Vec<usize>,
    pub(crate) agent: Vec<usize>,
    pub(crate) cli: Vec<usize>,
    pub(crate) cloud_agent: Vec<usize>,
    pub(crate) features: BTreeMap<&'static str, Counts>,
    pub(crate) cli_sums: [i64; 5],
    /// Hundredths of a credit by model.
    pub(crate) credits: BTreeMap<&'static str, i64>,
}

/// One model's line on a day's bill, in hundredths of a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BillLine {
    pub(crate) model: &'static str,
    pub(crate) gross: i64,
    pub(crate) included: i64,
}

/// How a day is for everybody.
struct Season {
    day: Day,
    workday: bool,
    holiday: bool,
    growth: i64,
    scale: i64,
    revision: u64,
}

type EventCache = Option<((Day, Day, u64), Arc<Vec<CursorEvent>>)>;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) config: Config,
    pub(crate) people: Vec<Person>,
    now: RwLock<Now>,
    totals: Mutex<HashMap<(Day, u64), Arc<CopilotTotals>>>,
    events: Mutex<EventCache>,
    pub(crate) delivery: crate::delivery::Days,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(crate) fn new(config: Config) -> Self {
        let late_days = i32::try_from(config.copilot_late_days).unwrap_or(i32::MAX);
        let now = Now { today: config.today, late_days, revisions: HashMap::new(), generation: 0 };
        let delivery = crate::delivery::Days::new(&config);
        let (people, now) = (people(&config), RwLock::new(now));
        Self { people, config, now, totals: Mutex::default(), events: Mutex::default(), delivery }
    }

    fn read<T>(&self, of: impl FnOnce(&Now) -> T) -> T {
        of(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, with: impl FnOnce(&mut Now)) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        with(&mut now);
        now.generation += 1;
    }

    pub(crate) fn today(&self) -> Day {
        self.read(|now| now.today)
    }

    /// The simulation's moment: the middle of its day.
    pub(crate) fn noon(&self) -> Instant {
        self.today().start().plus_seconds(43_200)
    }

    pub(crate) fn first_day(&self) -> Day {
        self.config.first_day()
    }

    pub(crate) fn set_today(&self, today: Day) {
        self.change(|now| now.today = today);
    }

    pub(crate) fn set_late_days(&self, days: u32) {
        self.change(|now| now.late_days = i32::try_from(days).unwrap_or(i32::MAX));
    }

    /// The vendor corrects a day: numbers change, some rows vanish.
    pub(crate) fn restate(&self, tool: Tool, day: Day) {
        self.change(|now| *now.revisions.entry((tool, day)).or_insert(0) += 1);
    }

    /// The newest day Copilot has reports of.
    pub(crate) fn newest_report(&self) -> Day {
        self.read(|now| now.today.minus(now.late_days))
    }

    /// Whether Copilot's users report of that day exists.
    pub(crate) fn has_report(&self, day: Day) -> bool {
        let oldest = USERS_FLOOR.max(self.today().minus(COPILOT_YEAR)).max(self.first_day());
        oldest <= day && day <= self.newest_report()
    }

    /// Whether that day lies outside what Copilot answers for at all.
    pub(crate) fn is_beyond_reports(&self, day: Day) -> bool {
        day < self.today().minus(COPILOT_YEAR) || day > self.today()
    }

    /// The days with any activity so far.
    pub(crate) fn history(&self) -> Window {
        Window { from: self.first_day().min(self.today()), to: self.today() }
    }

    fn season(&self, tool: Tool, day: Day, original: bool) -> Season {
        let (today, revision) = self.read(|now| (now.today, now.revisions.get(&(tool, day)).copied().unwrap_or(0)));
        let age = i64::from(day.since(self.first_day())).max(0);
        let span = i64::from(self.config.days).max(1);
        let week = u64::try_from(day.week().0).unwrap_or(0);
        let wobble = Dice::new(&[self.config.seed, 3, week]).between(-50, 50);
        let growth = (560 + 440 * age / span).min(1_000) + wobble;
        let date = day.date();
        let holiday = matches!((date.month(), date.day()), (1 | 5, 1) | (7, 4) | (10, 3) | (12, 24..=26 | 31));
        let scale = if day == today { 400 } else { 1_000 };
        Season { day, workday: day.is_workday(), holiday, growth, scale, revision: if original { 0 } else { revision } }
    }

    /// Whether they used the tool at all that day, and the dice for what they did.
    fn present(person: &Person, tool: Tool, season: &Season) -> Option<Dice> {
        let since = person.since[tool as usize]?;
        if season.day < since || !person.is_here(season.day) {
            return None;
        }
        let day = u64::try_from(season.day.0).unwrap_or(0);
        let mut dice = Dice::new(&[person.key, 1 + tool as u64, day]);
        let usual = match (person.kind, season.workday) {
            (Kind::Member | Kind::StrangerLogin, true) => person.diligence,
            (Kind::Member | Kind::StrangerLogin, false) => person.weekends,
            (_, true) => 950,
            (_, false) => 300,
        };
        let usual = if season.holiday && person.kind == Kind::Member { usual / 20 } else { usual };
        if !dice.hit(per_mille(usual, season.growth)) {
            return None;
        }
        if season.revision > 0 {
            if Dice::new(&[person.key, 9, day, season.revision]).below(4) == 0 {
                return None;
            }
            return Some(Dice::new(&[person.key, 1 + tool as u64, day, season.revision]));
        }
        Some(dice)
    }

    /// Whether they worked with the tool that day, as it was before any restatement.
    pub(crate) fn came_with(&self, person: &Person, tool: Tool, day: Day) -> bool {
        self.history().contains(day) && Self::present(person, tool, &self.season(tool, day, true)).is_some()
    }

    fn scale(person: &Person, season: &Season) -> i64 {
        per_mille(per_mille(person.volume, season.growth), season.scale)
    }

    /// Everybody's day with Copilot, in the order of people.
    pub(crate) fn copilot(&self, day: Day) -> Vec<(&Person, CopilotDay)> {
        self.copilot_of(day, &self.people, false)
    }

    /// The day of some people; `original` is the day before any restatement.
    pub(crate) fn copilot_of<'w>(&'w self, day: Day, people: &'w [Person], original: bool) -> Vec<(&'w Person, CopilotDay)> {
        let season = self.season(Tool::Copilot, day, original);
        let of = |person: &'w Person| {
            let mut dice = Self::present(person, Tool::Copilot, &season)?;
            Some((person, CopilotDay::of(person, day, Self::scale(person, &season), &mut dice)))
        };
        if day < self.first_day() || day > self.today() { Vec::new() } else { people.iter().filter_map(of).collect() }
    }

    /// Everybody's day with Claude Code.
    pub(crate) fn claude(&self, day: Day) -> Vec<(&Person, ClaudeDay)> {
        let season = self.season(Tool::Claude, day, false);
        let of = |person| {
            let mut dice = Self::present(person, Tool::Claude, &season)?;
            Some((person, ClaudeDay::of(person, Self::scale(person, &season), &mut dice)))
        };
        if day < self.first_day() || day > self.today() { Vec::new() } else { self.people.iter().filter_map(of).collect() }
    }

    /// Everybody's day with Cursor, and the events of it.
    pub(crate) fn cursor(&self, day: Day) -> Vec<(&Person, CursorDay, Vec<CursorEvent>)> {
        let season = self.season(Tool::Cursor, day, false);
        let of = |person| {
            let mut dice = Self::present(person, Tool::Cursor, &season)?;
            let it = CursorDay::of(person, Self::scale(person, &season), &mut dice);
            let events = it.events(person, day, &mut dice);
            Some((person, it, events))
        };
        if day < self.first_day() || day > self.today() { Vec::new() } else { self.people.iter().filter_map(of).collect() }
    }

    /// Cursor's events of a run of days, newest first. The last answer is kept: its pages are asked for one by one.
    pub(crate) fn cursor_events(&self, window: Window) -> Arc<Vec<CursorEvent>> {
        let key = (window.from, window.to, self.read(|now| now.generation));
        if let Some((known, events)) = &*held(&self.events)
            && *known == key
        {
            return Arc::clone(events);
        }
        let mut all: Vec<CursorEvent> =
            window.days().flat_map(|day| self.cursor(day)).flat_map(|(_, _, events)| events).collect();
        all.sort_by_key(|event| (std::cmp::Reverse(event.at_ms), event.person, event.charged_micros));
        let all = Arc::new(all);
        *held(&self.events) = Some((key, Arc::clone(&all)));
        all
    }

    /// What the organization did with Copilot on that day.
    pub(crate) fn copilot_totals(&self, day: Day) -> Arc<CopilotTotals> {
        // The running day is part of the key through its scale, a restated one through its revision.
        let revision =
            self.read(|now| now.revisions.get(&(Tool::Copilot, day)).copied().unwrap_or(0) * 2 + u64::from(now.today == day));
        if let Some(known) = held(&self.totals).get(&(day, revision)) {
            return Arc::clone(known);
        }
        let totals = Arc::new(sum_up(&self.copilot(day)));
        held(&self.totals).insert((day, revision), Arc::clone(&totals));
        totals
    }

    /// Seats that are held on a day.
    pub(crate) fn copilot_seats(&self, day: Day) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| person.copilot_seat && person.joined <= day)
    }

    /// The day's bill in AI credits. The pool is used up in the order of days as they were metered at the time, so
    /// that a restated day changes no other day's bill.
    pub(crate) fn bill(&self, day: Day) -> Vec<BillLine> {
        if day < CREDITS_SINCE || day > self.newest_report() {
            return Vec::new();
        }
        let seats = i64::try_from(self.copilot_seats(day).count()).unwrap_or(0);
        let mut left = seats * POOL_PER_SEAT;
        for earlier in (Window { from: day.month(), to: day }).days().filter(|earlier| *earlier < day) {
            left -= self.metered(earlier);
        }
        let mut lines = Vec::new();
        for (model, gross) in &self.copilot_totals(day).credits {
            let included = left.clamp(0, *gross);
            left -= included;
            lines.push(BillLine { model, gross: *gross, included });
        }
        lines
    }

    /// Hundredths of a credit as metered at the time.
    fn metered(&self, day: Day) -> i64 {
        let restated = self.read(|now| now.revisions.contains_key(&(Tool::Copilot, day)));
        if restated {
            self.copilot_of(day, &self.people, true).iter().map(|(_, it)| it.credits()).sum()
        } else {
            self.copilot_totals(day).credits.values().sum()
        }
    }
}

fn sum_up(days: &[(&Person, CopilotDay)]) -> CopilotTotals {
    let mut totals = CopilotTotals::default();
    for (person, day) in days {
        let note = |yes: bool, list: &mut Vec<usize>| {
            if yes {
                list.push(person.index);
            }
        };
        note(day.is_active(), &mut totals.active);
        note(day.used_chat(), &mut totals.chat);
        note(day.used_agent(), &mut totals.agent);
        note(day.cli.is_some(), &mut totals.cli);
        note(day.cloud_agent, &mut totals.cloud_agent);
        for (feature, counts) in &day.features {
            totals.features.entry(feature).or_default().add(counts);
        }
        if let Some(cli) = day.cli {
            let these = [cli.sessions, cli.requests, cli.prompts, cli.tokens_input, cli.tokens_output];
            for (sum, this) in totals.cli_sums.iter_mut().zip(these) {
                *sum += this;
            }
        }
        for (model, hundredths) in &day.credits {
            *totals.credits.entry(model).or_insert(0) += hundredths;
        }
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_begin_on_these_days() {
        assert_eq!([USERS_FLOOR.to_string(), ORGANIZATION_FLOOR.to_string()], ["2025-10-10", "2025-12-12"]);
    }
}
