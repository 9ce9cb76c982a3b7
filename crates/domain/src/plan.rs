//! Which slices to fetch: those that are missing and those a vendor may still restate, newest first, never beyond what
//! the vendor keeps. Pure: today is a value.

use crate::{Day, Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often a stream says something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// One slice a day, and past days can be asked for.
    Daily,
    /// Only how things stand now can be asked for; the slice carries the day it was taken.
    Snapshot,
}

/// What a stream's facts are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamRole {
    /// Facts that figures are made of, from the stream that knows who was active and how much they did. A day that it
    /// answers without rows is a day on which nobody did anything; each tool has one such stream by default.
    Activity,
    /// Further facts that figures are made of: tokens, money. Their absence says nothing about people.
    Counted,
    /// The vendor's view of facts that another stream counts: kept to reconcile with, never added (METRICS rule 4).
    Evidence,
    /// Who there is: rosters, seats, teams.
    Roster,
    /// Pull requests and deployments: what delivery figures are made of, never part of use.
    Delivery,
}

/// One kind of data a connector reads, and how its days behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamSpec {
    /// Stable id: `users_daily`.
    pub id: &'static str,
    /// What it holds, in words.
    pub label: &'static str,
    /// How often it is asked.
    pub cadence: Cadence,
    /// What its facts are for.
    pub role: StreamRole,
    /// The vendor's documentation.
    pub docs: &'static str,
    /// The first day the vendor ever has; `None` where it names none.
    pub floor: Option<&'static str>,
    /// How many days back the vendor keeps; `None` where it names no limit.
    pub keeps_days: Option<u32>,
    /// The newest day worth asking for is today minus this.
    pub lag_days: u32,
    /// A day may be restated until it is this many days old.
    pub provisional_days: u32,
    /// How many days one call may cover; at least 1.
    pub batch_days: u32,
    /// Whether `sync` asks for it unless told otherwise; the others serve imports and hosts that still answer.
    pub by_default: bool,
}

/// What is fetched and replaced as a whole: days of one stream. One call may cover several days where the vendor
/// allows it; each day is still replaced on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slice {
    /// The stream's id.
    pub stream: &'static str,
    /// The days.
    pub window: Window,
}

/// What Tacho knows of one day of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SliceState {
    /// Read, and the vendor may still restate it.
    Provisional,
    /// Read and settled.
    Final,
    /// Asked, settled, and the vendor has nothing: "no data", not zero.
    NoData,
    /// Asked, and the vendor has nothing yet.
    Pending,
}

impl SliceState {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisional => "provisional",
            Self::Final => "final",
            Self::NoData => "no_data",
            Self::Pending => "pending",
        }
    }

    /// The state of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Provisional, Self::Final, Self::NoData, Self::Pending].into_iter().find(|state| state.as_str() == name)
    }

    /// Whether the day need not be asked for again.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Final | Self::NoData)
    }
}

impl StreamRole {
    /// Whether figures of use are made of its facts.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::Activity | Self::Counted)
    }

    /// Whether figures of any kind are made of its facts: an integration without them shows nothing.
    #[must_use]
    pub const fn brings_figures(self) -> bool {
        self.is_counted() || matches!(self, Self::Delivery)
    }
}

impl SliceState {
    /// Whether the vendor had an answer for the day, be it of no rows.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        matches!(self, Self::Provisional | Self::Final)
    }
}

impl StreamSpec {
    /// A counted daily stream with the commonest behaviour, to be adjusted by struct update.
    pub const DAILY: Self = Self {
        id: "",
        label: "",
        cadence: Cadence::Daily,
        role: StreamRole::Counted,
        docs: "",
        floor: None,
        keeps_days: None,
        lag_days: 1,
        provisional_days: 3,
        batch_days: 1,
        by_default: true,
    };

    /// The days the vendor can answer for on `today`; `None` when there is none yet.
    #[must_use]
    pub fn available(&self, today: Day) -> Option<Window> {
        if self.cadence == Cadence::Snapshot {
            return Some(Window::day(today));
        }
        let newest = today.minus(i32::try_from(self.lag_days).unwrap_or(i32::MAX));
        let floor = self.floor.and_then(|text| text.parse().ok());
        let kept = self.keeps_days.map(|days| today.minus(i32::try_from(days).unwrap_or(i32::MAX)));
        let oldest = floor.into_iter().chain(kept).max().unwrap_or(Day(i32::MIN / 2));
        Window::new(oldest, newest).ok()
    }

    /// Whether a day may still be restated.
    #[must_use]
    pub fn is_provisional(&self, day: Day, today: Day) -> bool {
        today.since(day) <= i32::try_from(self.provisional_days).unwrap_or(i32::MAX)
    }

    /// How a day stands after it was asked for on `today`. `answered`: the vendor had an answer for it, be it of no rows.
    #[must_use]
    pub fn state_after(&self, day: Day, today: Day, answered: bool) -> SliceState {
        if self.cadence == Cadence::Snapshot {
            return SliceState::Final;
        }
        match (self.is_provisional(day, today), answered) {
            (false, true) => SliceState::Final,
            (false, false) => SliceState::NoData,
            (true, true) => SliceState::Provisional,
            (true, false) => SliceState::Pending,
        }
    }
}

/// The slices to fetch on `today`, newest first, for the days of `wanted` that the vendor has.
///
/// Settled days are left alone; a snapshot is always taken anew. Adjacent days share a slice up to the stream's batch.
#[must_use]
pub fn plan(spec: &StreamSpec, today: Day, wanted: Window, known: &BTreeMap<Day, SliceState>) -> Vec<Slice> {
    let Some(available) = spec.available(today) else { return Vec::new() };
    if spec.cadence == Cadence::Snapshot {
        return vec![Slice { stream: spec.id, window: available }];
    }
    let Ok(days) = Window::new(available.from.max(wanted.from), available.to.min(wanted.to)) else { return Vec::new() };
    let mut slices: Vec<Slice> = Vec::new();
    for day in days.days().rev() {
        // A day read while provisional stays "provisional" in the store after it has aged: read it once more, then it is final.
        if known.get(&day).is_some_and(|state| state.is_settled()) {
            continue;
        }
        match slices.last_mut() {
            Some(last) if last.window.from == day.plus(1) && last.window.len() < spec.batch_days => last.window.from = day,
            _ => slices.push(Slice { stream: spec.id, window: Window::day(day) }),
        }
    }
    slices
}

/// As [`plan`], for the hourly tick: only days that are already known and may still be restated or are still awaited.
#[must_use]
pub fn plan_provisional(spec: &StreamSpec, today: Day, known: &BTreeMap<Day, SliceState>) -> Vec<Slice> {
    if spec.cadence == Cadence::Snapshot {
        return Vec::new();
    }
    let newest = today.minus(i32::try_from(spec.lag_days).unwrap_or(i32::MAX));
    let recent = Window::ending(newest, spec.provisional_days.max(1));
    plan(spec, today, recent, known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_spec() -> impl Strategy<Value = StreamSpec> {
        (prop::option::of(1u32..400), 0u32..3, 0u32..6, 1u32..31).prop_map(
            |(keeps_days, lag_days, provisional_days, batch_days)| StreamSpec {
                id: "s",
                keeps_days,
                lag_days,
                provisional_days,
                batch_days,
                floor: Some("2025-10-10"),
                ..StreamSpec::DAILY
            },
        )
    }

    fn any_known() -> impl Strategy<Value = BTreeMap<Day, SliceState>> {
        let state = prop_oneof![
            Just(SliceState::Final),
            Just(SliceState::NoData),
            Just(SliceState::Provisional),
            Just(SliceState::Pending)
        ];
        prop::collection::btree_map((20_300i32..20_700).prop_map(Day), state, 0..200)
    }

    proptest! {
        #[test]
        fn a_plan_asks_for_each_open_day_once_and_for_no_other(
            spec in any_spec(), today in (20_300i32..20_700).prop_map(Day), days in 1u32..500, known in any_known()
        ) {
            let wanted = Window::ending(today, days);
            let slices = plan(&spec, today, wanted, &known);
            let asked: Vec<Day> = slices.iter().flat_map(|s| s.window.days().rev()).collect();
            let open: Vec<Day> = wanted.days().rev()
                .filter(|day| spec.available(today).is_some_and(|a| a.contains(*day)))
                .filter(|day| !known.get(day).is_some_and(|s| s.is_settled()))
                .collect();
            prop_assert_eq!(asked, open, "newest first, no gaps, no repeats, settled days left alone");
            prop_assert!(slices.iter().all(|s| s.window.len() <= spec.batch_days));
        }

        #[test]
        fn every_day_settles_once_it_is_old_enough(spec in any_spec(), day in (20_300i32..20_700).prop_map(Day), age in 0i32..40, facts: bool) {
            let state = spec.state_after(day, day.plus(age), facts);
            prop_assert_eq!(state.is_settled(), age > i32::try_from(spec.provisional_days).unwrap());
        }
    }

    #[test]
    fn the_vendors_floor_is_never_crossed() {
        let spec = StreamSpec { id: "s", floor: Some("2025-10-10"), keeps_days: Some(365), ..StreamSpec::DAILY };
        let today: Day = "2025-10-12".parse().unwrap();
        let slices = plan(&spec, today, Window::ending(today, 90), &BTreeMap::new());
        let asked: Vec<String> = slices.iter().map(|s| s.window.from.to_string()).collect();
        assert_eq!(asked, ["2025-10-11", "2025-10-10"]);
        assert!(plan(&spec, "2025-10-10".parse().unwrap(), Window::ending(today, 90), &BTreeMap::new()).is_empty());
    }
}
