//! In which order an integration's slices are asked for: rosters first, so that people are known before their usage;
//! then recent days of everything that is counted; what only reconciles comes last. Pure.

use crate::Scope;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::plan::{plan, plan_provisional};
use tacho_domain::{Cadence, Day, Slice, SliceState, StreamRole, StreamSpec};

/// What is known of a stream's days.
pub(crate) type Known = BTreeMap<Day, SliceState>;

/// How many settled days without a report in a row mean that a vendor's reports do not reach further back.
///
/// A vendor whose stream names a first day makes one report a day, of no rows if need be, so two weeks without any mean
/// that reporting was off then. Streams without such a floor (an empty page says only that nobody worked that day) are
/// asked day by day: a tool that nobody used for a fortnight keeps its older history.
const SILENT_DAYS: i32 = 14;

/// The slices to ask for, in order.
#[must_use]
pub(crate) fn agenda(
    streams: &[&'static StreamSpec],
    scope: &Scope,
    today: Day,
    known: &BTreeMap<&'static str, Known>,
) -> Vec<(&'static StreamSpec, Slice)> {
    let nothing = Known::new();
    let mut agenda = Vec::new();
    for (place, spec) in streams.iter().copied().filter(|spec| spec.by_default).enumerate() {
        let known = known.get(spec.id).unwrap_or(&nothing);
        let slices = match (scope.window, scope.provisional_only) {
            (Some(window), _) => plan(spec, today, window, &nothing),
            (None, true) => plan_provisional(spec, today, known),
            (None, false) => plan(spec, today, scope.wanted(today), known),
        };
        agenda
            .extend(slices.into_iter().map(|slice| (phase(spec), Reverse(slice.window.to), rank(spec.role), place, spec, slice)));
    }
    agenda.sort_by_key(|&(phase, day, rank, place, ..)| (phase, day, rank, place));
    agenda.into_iter().map(|(.., spec, slice)| (spec, slice)).collect()
}

fn phase(spec: &StreamSpec) -> u8 {
    match (spec.role, spec.cadence) {
        (StreamRole::Roster, Cadence::Snapshot) => 0,
        (StreamRole::Roster | StreamRole::Activity | StreamRole::Counted | StreamRole::Delivery, _) => 1,
        (StreamRole::Evidence, _) => 2,
    }
}

fn rank(role: StreamRole) -> u8 {
    match role {
        StreamRole::Roster => 0,
        StreamRole::Activity => 1,
        StreamRole::Counted | StreamRole::Delivery => 2,
        StreamRole::Evidence => 3,
    }
}

/// Tells during a run which streams have come to the end of what their vendor ever had.
///
/// Days beyond that end stay "missing", which is the truth: nobody asked. They are found again by the same rule, so a
/// second sync asks for none of them; an operator who names the days has them asked all the same.
#[derive(Debug, Default)]
pub(crate) struct Silence(BTreeSet<&'static str>);

impl Silence {
    /// Whether a slice lies beyond the end of its stream, by what is known of the days that follow it.
    pub(crate) fn reaches(&mut self, spec: &'static StreamSpec, slice: &Slice, known: &Known) -> bool {
        if spec.floor.is_none() {
            return false;
        }
        let silent = || (1..=SILENT_DAYS).all(|n| known.get(&slice.window.to.plus(n)) == Some(&SliceState::NoData));
        if !self.0.contains(spec.id) && silent() {
            self.0.insert(spec.id);
        }
        self.0.contains(spec.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_domain::Window;

    static SEATS: StreamSpec =
        StreamSpec { id: "seats", cadence: Cadence::Snapshot, role: StreamRole::Roster, lag_days: 0, ..StreamSpec::DAILY };
    static TEAMS: StreamSpec = StreamSpec { id: "teams", role: StreamRole::Roster, ..StreamSpec::DAILY };
    static USAGE: StreamSpec = StreamSpec { id: "usage", floor: Some("2025-10-10"), ..StreamSpec::DAILY };
    static EVENTS: StreamSpec = StreamSpec { id: "events", lag_days: 0, batch_days: 2, ..StreamSpec::DAILY };
    static TOTALS: StreamSpec = StreamSpec { id: "totals", role: StreamRole::Evidence, ..StreamSpec::DAILY };
    static OLD: StreamSpec = StreamSpec { id: "old", by_default: false, ..StreamSpec::DAILY };
    static ALL: [&StreamSpec; 6] = [&TOTALS, &USAGE, &EVENTS, &TEAMS, &SEATS, &OLD];

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn shown(agenda: &[(&StreamSpec, Slice)]) -> Vec<String> {
        agenda.iter().map(|(spec, slice)| format!("{} {}", spec.id, slice.window)).collect()
    }

    #[test]
    fn rosters_come_first_then_recent_days_of_all_that_is_counted_and_evidence_last() {
        let scope = Scope { days: 3, ..Scope::default() };
        let agenda = agenda(&ALL, &scope, day("2026-03-10"), &BTreeMap::new());
        assert_eq!(
            shown(&agenda),
            [
                "seats 2026-03-10..2026-03-10",
                "events 2026-03-09..2026-03-10",
                "teams 2026-03-09..2026-03-09",
                "usage 2026-03-09..2026-03-09",
                "teams 2026-03-08..2026-03-08",
                "usage 2026-03-08..2026-03-08",
                "events 2026-03-08..2026-03-08",
                "totals 2026-03-09..2026-03-09",
                "totals 2026-03-08..2026-03-08",
            ]
        );
    }

    #[test]
    fn a_named_window_is_asked_again_though_it_is_settled() {
        let known = BTreeMap::from([("usage", Known::from([(day("2026-03-08"), SliceState::Final)]))]);
        let today = day("2026-03-10");
        let usage: [&StreamSpec; 1] = [&USAGE];
        let ordinary = agenda(&usage, &Scope { days: 3, ..Scope::default() }, today, &known);
        assert_eq!(shown(&ordinary), ["usage 2026-03-09..2026-03-09"]);
        let named = agenda(&usage, &Scope::again(Window::day(day("2026-03-08"))), today, &known);
        assert_eq!(shown(&named), ["usage 2026-03-08..2026-03-08"]);
    }

    #[test]
    fn the_hourly_tick_asks_for_no_snapshot_and_no_old_day() {
        let agenda = agenda(&[&SEATS, &USAGE], &Scope::recent(), day("2026-03-10"), &BTreeMap::new());
        assert_eq!(
            shown(&agenda),
            ["usage 2026-03-09..2026-03-09", "usage 2026-03-08..2026-03-08", "usage 2026-03-07..2026-03-07"]
        );
    }

    #[test]
    fn two_silent_weeks_end_a_stream_of_daily_reports_and_no_other() {
        let slice = |stream, text: &str| Slice { stream, window: Window::day(day(text)) };
        let mut known: Known = Window::ending(day("2026-03-14"), 14).days().map(|day| (day, SliceState::NoData)).collect();
        let mut silence = Silence::default();
        assert!(!silence.reaches(&EVENTS, &slice("events", "2026-02-28"), &known));
        assert!(silence.reaches(&USAGE, &slice("usage", "2026-02-28"), &known));
        assert!(silence.reaches(&USAGE, &slice("usage", "2026-02-27"), &known), "and what lies further back");

        known.insert(day("2026-03-05"), SliceState::Final);
        assert!(!Silence::default().reaches(&USAGE, &slice("usage", "2026-02-28"), &known), "a report in between breaks it");
        known.insert(day("2026-03-05"), SliceState::Pending);
        assert!(!Silence::default().reaches(&USAGE, &slice("usage", "2026-02-28"), &known), "awaited is not silent");
    }
}
