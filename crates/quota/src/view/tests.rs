//! What the state comes to at a moment.

use super::*;
use crate::{Limit, Meter, Milli, Unit, UsageData};
use proptest::prelude::*;

const NOW: Instant = Instant(1_795_000_000_000_000);
const MINUTE: i64 = 60_000_000;

fn meter(id: &str, used: i64, limit: i64) -> Meter {
    Meter::new(id, id, Unit::Requests, Milli::whole(used), Limit::Of(Milli::whole(limit))).unwrap()
}

fn entry(source: Source, meters: Vec<Meter>, minutes_old: i64) -> Entry {
    let as_of = Instant(NOW.0 - minutes_old * MINUTE);
    let usage = UsageData { account: None, plan: None, meters, remarks: Vec::new(), as_of };
    Entry { usage: Some(usage), asked_at: Some(as_of), ..Entry::new(source, "0011223344556677") }
}

fn state(entries: Vec<Entry>) -> State {
    let current = entries.iter().map(|entry| (entry.source, entry.account.clone())).collect();
    State { entries, current }
}

fn failed(kind: FailureKind) -> Entry {
    let note = Note { kind, status: None, message: "it failed".to_owned(), at: NOW };
    Entry { error: Some(note), failures: 1, ..entry(Source::Copilot, vec![meter("premium_interactions", 50, 100)], 1) }
}

fn copilot() -> Choice {
    Choice { tools: vec![Tool::Copilot], ..Choice::default() }
}

fn level_at(used: i64) -> Level {
    View::of(&state(vec![entry(Source::Copilot, vec![meter("m", used, 1_000)], 0)]), &copilot(), NOW).level()
}

#[test]
fn levels_begin_at_their_thresholds() {
    assert_eq!([749, 750, 899, 900, 1_000, 1_001].map(level_at), {
        use Level::{Critical, Ok, Over, Warn};
        [Ok, Warn, Warn, Critical, Critical, Over]
    });
}

#[test]
fn thresholds_are_moved_to_where_they_make_sense() {
    let pairs = [(75, 90), (95, 80), (0, 0), (500, 1_000)].map(|(warn, critical)| {
        let made = Thresholds::new(warn, critical);
        (made.warn(), made.critical())
    });
    assert_eq!(pairs, [(75, 90), (80, 80), (1, 1), (100, 100)]);
}

#[test]
fn a_failure_never_wipes_a_number() {
    for (kind, expected) in [
        (FailureKind::Auth, Condition::SignIn),
        (FailureKind::Network, Condition::Offline),
        (FailureKind::Timeout, Condition::Offline),
        (FailureKind::RateLimit, Condition::RateLimited),
        (FailureKind::Forbidden, Condition::NoAccess),
        (FailureKind::NotFound, Condition::NoAccess),
        (FailureKind::Server, Condition::Error),
        (FailureKind::Validation, Condition::Error),
    ] {
        let view = View::of(&state(vec![failed(kind)]), &copilot(), NOW);
        assert_eq!(view.tools[0].condition, expected, "{kind:?}");
        assert_eq!(view.tools[0].main().unwrap().used, Some(Milli::whole(50)));
    }
}

#[test]
fn a_period_that_has_ended_is_unknown_and_not_the_old_number() {
    let ends = |minutes: i64| {
        let mut meter = meter("five_hour", 95, 100);
        meter.resets_at = Some(Instant(NOW.0 + minutes * MINUTE));
        meter
    };
    let view = |minutes| View::of(&state(vec![entry(Source::Copilot, vec![ends(minutes)], 10)]), &copilot(), NOW);
    assert_eq!((view(1).level(), view(1).verdict()), (Level::Critical, Verdict::Reached));
    let after = view(0);
    let meter = after.tools[0].main().unwrap();
    assert!(meter.has_ended() && meter.percent.is_none() && meter.left().is_none());
    assert_eq!((after.level(), after.verdict()), (Level::Ok, Verdict::Unknown));
}

#[test]
fn the_youngest_answer_of_a_tool_speaks_for_it() {
    let live = entry(Source::ClaudeStatusLine, vec![meter("five_hour", 10, 100)], 90);
    let asked = entry(Source::ClaudeUsage, vec![meter("five_hour", 20, 100)], 2);
    let mut choice = Choice { tools: vec![Tool::Claude], ..Choice::default() };
    let both = state(vec![live, asked]);
    assert_eq!(View::of(&both, &choice, NOW).tools[0].source, Some(Source::ClaudeStatusLine), "not opted in to the other");
    choice.sources.push(Source::ClaudeUsage);
    assert_eq!(View::of(&both, &choice, NOW).tools[0].source, Some(Source::ClaudeUsage));
}

#[test]
fn another_account_is_not_shown() {
    let mut state = state(vec![entry(Source::Copilot, vec![meter("m", 1, 2)], 0)]);
    state.current.insert(Source::Copilot, "ffffffffffffffff".to_owned());
    let view = View::of(&state, &copilot(), NOW);
    assert!(view.tools[0].meters.is_empty() && view.tools[0].condition == Condition::SignIn);
    let nobody_else = View::of(&state, &Choice::default(), NOW);
    assert_eq!(nobody_else.tools[0].condition, Condition::SignIn, "rather than nothing at all");
}

#[test]
fn nothing_known_is_no_data_and_nobody_can_decide_by_it() {
    let view = View::of(&State::default(), &copilot(), NOW);
    assert_eq!((view.tools[0].condition, view.verdict()), (Condition::NoData, Verdict::Unknown));
    assert_eq!(View::of(&State::default(), &Choice::default(), NOW).verdict(), Verdict::Unknown);
}

#[test]
fn old_numbers_are_shown_and_not_decided_by() {
    let at = |minutes| View::of(&state(vec![entry(Source::Copilot, vec![meter("m", 95, 100)], minutes)]), &copilot(), NOW);
    assert_eq!([4, 59, 60, 1_440].map(|minutes| at(minutes).verdict()), {
        use Verdict::{Reached, Unknown};
        [Reached, Reached, Unknown, Unknown]
    });
    assert_eq!(at(1_440).tools[0].freshness, Some(Freshness::VeryStale));
    assert_eq!(at(1_440).level(), Level::Critical);
}

#[test]
fn time_going_by_is_no_change_and_a_class_of_age_is() {
    let known = state(vec![entry(Source::Copilot, vec![meter("m", 95, 100)], 0)]);
    let at = |minutes: i64| View::of(&known, &copilot(), Instant(NOW.0 + minutes * MINUTE));
    assert!(!at(0).differs_from(&at(4)));
    assert!(at(4).differs_from(&at(5)));
}

#[test]
fn a_meter_nearer_its_end_stands_beside_the_main_one() {
    let meters = vec![meter("five_hour", 10, 100), meter("seven_day", 95, 100), meter("other", 96, 100)];
    let view = View::of(&state(vec![entry(Source::Copilot, meters, 0)]), &copilot(), NOW);
    assert_eq!(view.tools[0].worse().unwrap().id, "seven_day");
    assert_eq!(view.level(), Level::Critical);
}

proptest! {
    #[test]
    fn more_use_never_lowers_the_level(used in 0_i64..3_000, more in 0_i64..500, warn in 0_u64..200, critical in 0_u64..200) {
        let thresholds = Thresholds::new(warn, critical);
        let level = |used| MeterView::of(&meter("m", used, 1_000), thresholds, NOW).level;
        prop_assert!(level(used) <= level(used + more));
        prop_assert_eq!(level(used) == Level::Over, used > 1_000);
    }
}
