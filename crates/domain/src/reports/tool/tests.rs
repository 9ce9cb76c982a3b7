//! Laws of a tool's report.

use super::*;
use crate::columns::LaidPeople;
use crate::overview::{Packed, SliceRollup};
use crate::report::{Amount, Chart};
use crate::{
    AcceptanceRule, Directory, IntegrationId, Measure, OrganizationId, PersonDay, StepChange, SubjectId, UserTotal, Window,
};
use proptest::prelude::*;
use std::sync::Arc;

const LAST: i32 = 20_700;

const RULE: AcceptanceRule = AcceptanceRule {
    id: "tabs",
    label: "Tabs",
    accepted: &[Measure::Acceptances],
    offered: &[Measure::Suggestions],
    formula: "accepted by shown",
};

const TOOL: ToolProfile = ToolProfile {
    id: "one",
    name: "Tool One",
    interaction_unit: "prompts",
    interaction_formula: "prompts",
    active_formula: "any prompt",
    acceptance: &[RULE],
    steps: &[StepChange { day: "2026-09-01", text: "It counts otherwise.", source: "https://example.com/" }],
    user_totals: &[UserTotal { stream: "totals", name: "daily_active_users", label: "Active" }],
    agent_features: &["robot"],
    features_apart: &["review"],
    partly_told: &[(Dimension::Editor, Measure::Interactions)],
    feature_names: &[("robot", "Robots")],
    ..ToolProfile::BLANK
};

/// Identities 1 to 8 are members 101 to 108; 9 matches nobody.
fn directory() -> Directory {
    Directory::new((1..10).map(|identity| (IdentityId(identity), (identity != 9).then_some(SubjectId(100 + identity)))))
}

/// A day on which these identities were active, with three prompts each.
fn slice(back: i32, active: &[u32]) -> SliceRollup {
    let person = |identity: &u32| PersonDay {
        identity: IdentityId(*identity),
        active: Some(true),
        agent: Some(identity.is_multiple_of(2)),
        interactions: Some(3),
    };
    let people: Vec<PersonDay> = active.iter().map(person).collect();
    let prompts = 3 * i64::try_from(active.len()).unwrap();
    SliceRollup {
        integration: IntegrationId(1),
        tool: ToolId::new(TOOL.id),
        day: Day(LAST - back),
        provisional: false,
        knows_activity: true,
        sums: Measures::default().with(Measure::Interactions, prompts).with(Measure::LinesAdded, 10 * prompts),
        people: Packed::Whole(Arc::new(LaidPeople::of(&people, None))),
    }
}

fn part(dimension: Dimension, value: &str, interactions: i64, lines: i64) -> PartSum {
    let measures = Measures::default().with(Measure::Interactions, interactions).with(Measure::LinesAdded, lines);
    PartSum { dimension, value: value.to_owned(), measures }
}

fn made(slices: Vec<SliceRollup>, parts: Vec<PartSum>, seats: Vec<SeatHeld>, days: u32) -> Report {
    let directory = directory();
    let profiles = [TOOL];
    let usage = Material {
        profiles: &profiles,
        slices,
        directory: &directory,
        seats: Vec::new(),
        costs: Vec::new(),
        costs_before: Vec::new(),
        last_synced: None,
    };
    let counts = vec![UserCount { day: Day(LAST), name: "daily_active_users".into(), value: 7 }];
    let material = ToolMaterial { profile: &profiles[0], usage, parts, features_before: Vec::new(), counts, seats };
    let question = Question::overview(OrganizationId(1), Window::ending(Day(LAST), days));
    draft(&question, &material).document(&profiles)
}

fn cells(report: &Report, section: &str) -> Vec<Vec<Cell>> {
    report.section(section).unwrap().table.rows.clone()
}

#[test]
fn what_is_not_told_is_absent_and_never_zero() {
    let report = made(vec![slice(0, &[1, 2])], Vec::new(), Vec::new(), 28);
    assert_eq!(report.figure("interactions").unwrap().value, Amount::Count(6));
    for id in ["commits", "sessions", "tokens", "agent_contribution", "seat_fees", "acceptance_one_tabs", "credits"] {
        assert!(report.figure(id).is_none(), "{id}");
    }
    for id in ["features", "models", "languages", "editors", "acceptance"] {
        assert!(report.section(id).is_none(), "{id}");
    }
}

#[test]
fn a_tool_that_nobody_connected_has_an_empty_report() {
    let report = made(Vec::new(), Vec::new(), Vec::new(), 28);
    assert!(report.is_empty && report.groups.iter().all(|group| group.figures.iter().all(|figure| figure.parts.is_empty())));
}

#[test]
fn a_member_without_a_day_counts_among_the_seats_and_a_new_seat_for_its_own_days() {
    let seat =
        |identity, since: Option<i32>| SeatHeld { identity: IdentityId(identity), since: since.map(|back| Day(LAST - back)) };
    // The window's last day is a Friday; member 102 has the seat since then, 103 holds one and did nothing, 109 is nobody.
    let seats = vec![seat(1, None), seat(2, Some(0)), seat(3, Some(90)), seat(9, None), seat(4, Some(-3))];
    let report = made(vec![slice(0, &[1, 2])], Vec::new(), seats, 28);
    let people: Vec<Cell> = cells(&report, "cohorts").into_iter().map(|mut row| row.remove(1)).collect();
    let friday = Day(LAST).is_workday();
    assert!(friday, "the day this is made on is a working day");
    assert_eq!(people, [1, 1, 0, 1].map(Cell::Count).to_vec());
    let regular = report.figure("regular_use").unwrap();
    assert_eq!(regular.context, "of 3 members: 1 heavy, 0 moderate, 1 light, 1 not once");
}

#[test]
fn agents_lines_are_a_share_of_all_lines_and_what_stands_apart_is_in_no_sum() {
    let parts = vec![
        part(Dimension::Feature, "chat", 4, 15),
        part(Dimension::Feature, "robot", 1, 30),
        part(Dimension::Feature, "review", 100, 500),
        part(Dimension::Editor, "vi", 2, 60),
    ];
    let report = made(vec![slice(0, &[1, 2])], parts, Vec::new(), 28);
    assert_eq!(report.figure("agent_contribution").unwrap().value, Amount::Share(0.5));
    let names: Vec<String> = cells(&report, "features").iter().map(|row| row[0].words().unwrap().to_owned()).collect();
    assert_eq!(names, ["review", "chat", "Robots", "Not attributed"]);
    let Some(Chart::Bars(bars)) = &report.section("features").unwrap().chart else { panic!("bars") };
    let bars: Vec<(&str, Amount)> = bars.bars.iter().map(|bar| (bar.label.as_str(), bar.value)).collect();
    let expected = [("chat", Amount::Count(4)), ("Robots", Amount::Count(1)), ("Not attributed", Amount::Count(1))];
    assert_eq!(bars, expected);
    let editors = &report.section("editors").unwrap().table;
    assert!(editors.column("interactions").is_none() && editors.column("lines_added").is_some());
}

#[test]
fn many_parts_are_one_bar_together() {
    let parts = (0..15).map(|number| part(Dimension::Model, &format!("m{number:02}"), 1 + number, 0)).collect();
    let report = made(vec![slice(0, &[1, 2])], parts, Vec::new(), 28);
    let section = report.section("models").unwrap();
    let Some(Chart::Bars(bars)) = &section.chart else { panic!("bars") };
    assert_eq!((bars.bars.len(), section.table.rows.len()), (11, 16), "the table holds them all, and what is left over");
    assert_eq!((bars.bars[10].label.as_str(), bars.bars[10].value), ("5 others", Amount::Count(1 + 2 + 3 + 4 + 5)));
}

#[test]
fn the_vendors_count_stands_beside_ours() {
    let report = made(vec![slice(0, &[1])], Vec::new(), Vec::new(), 7);
    let rows = cells(&report, "vendor_counts");
    assert_eq!(rows.last().unwrap()[1], Cell::Count(7));
    assert_eq!(rows[0][1], Cell::Nothing, "no data is not zero");
    assert_eq!(report.figure("active_members").unwrap().value, Amount::Count(1));
}

#[test]
fn stickiness_is_of_four_weeks_however_short_the_window() {
    let slices = || (0..28).map(|back| slice(back, if back == 20 { &[1, 2, 3, 4] } else { &[1] })).collect::<Vec<_>>();
    let (short, long) = (made(slices(), Vec::new(), Vec::new(), 7), made(slices(), Vec::new(), Vec::new(), 28));
    let of = |report: &Report| report.figure("stickiness").unwrap().value;
    assert_eq!(of(&short), of(&long));
    let workdays = Window::ending(Day(LAST), 28).workdays();
    let sum = i64::from(workdays) + if Day(LAST - 20).is_workday() { 3 } else { 0 };
    assert_eq!(of(&long), Amount::share(crate::metrics::ratio(Some(sum), Some(i64::from(workdays) * 4))));
    assert_eq!(short.figure("active_members").unwrap().value, Amount::Count(1), "the window itself is as short as asked");
}

proptest! {
    #[test]
    fn parts_and_what_is_left_over_are_the_total(
        values in prop::collection::vec((0i64..50, 0i64..500), 1..20), days in prop::collection::vec(0i32..28, 1..10)
    ) {
        let parts: Vec<PartSum> =
            values.iter().enumerate().map(|(n, (used, lines))| part(Dimension::Language, &format!("l{n}"), *used, *lines)).collect();
        let report = made(days.iter().map(|back| slice(*back, &[1, 2, 3])).collect(), parts, Vec::new(), 28);
        let table = &report.section("languages").unwrap().table;
        for id in ["interactions", "lines_added"] {
            let place = table.column(id).unwrap();
            let number = |cell: &Cell| if let Cell::Count(count) = cell { *count } else { 0 };
            let sum: i64 = table.rows.iter().map(|row| number(&row[place])).sum();
            prop_assert_eq!(sum, number(&table.total.as_ref().unwrap()[place]));
        }
        let whole = report.figure("interactions").unwrap().value;
        prop_assert_eq!(whole, Amount::Count(9 * i64::try_from(days.len()).unwrap()));
    }

    #[test]
    fn shares_of_people_are_shares(days in prop::collection::vec((0i32..56, prop::collection::btree_set(1u32..10, 0..9)), 0..20)) {
        let slices = days.iter().map(|(back, people)| slice(*back, &people.iter().copied().collect::<Vec<_>>())).collect();
        let report = made(slices, Vec::new(), Vec::new(), 28);
        for id in ["stickiness", "agent_adoption", "regular_use"] {
            if let Some(Amount::Share(share)) = report.figure(id).map(|figure| figure.value) {
                prop_assert!((0.0..=1.0).contains(&share), "{} {}", id, share);
            }
        }
    }
}
