//! What the report promises: every seat in one class, totals of everyone, each name with its reason.

use super::*;
use crate::OrganizationId;
use crate::report::{Audience, Cell};
use crate::seats::ExclusionReason;
use proptest::prelude::*;
use std::collections::BTreeSet;

const AS_OF: Day = Day(20_000);
static COPILOT: ToolId = ToolId::new("github_copilot");
static CURSOR: ToolId = ToolId::new("cursor");

const fn profile(id: &'static str, name: &'static str, colour: u8) -> ToolProfile {
    ToolProfile { id, name, colour, ..ToolProfile::BLANK }
}

fn question(audience: Audience) -> Question {
    Question { audience, ..Question::overview(OrganizationId(1), Window::ending(AS_OF.minus(1), 28)) }
}

fn seat(subject: u32, tool: &ToolId, idle_days: Option<i32>) -> HeldSeat {
    HeldSeat {
        subject: SubjectId(subject),
        name: format!("Person {subject}"),
        unmatched: false,
        tool: tool.clone(),
        plan: Some("business".into()),
        since: Some(AS_OF.minus(400)),
        held_on: None,
        vendor_activity: None,
        counted_activity: idle_days.map(|days| AS_OF.minus(days)),
        cancels_on: None,
        price: (*tool == COPILOT).then_some(Money(19_000_000)),
    }
}

fn material(seats: Vec<HeldSeat>) -> Material<'static> {
    let mut held: BTreeMap<ToolId, BTreeMap<Day, i64>> = BTreeMap::new();
    for seat in &seats {
        *held.entry(seat.tool.clone()).or_default().entry(AS_OF.minus(1)).or_default() += 1;
    }
    Material { profiles: &PROFILES, as_of: AS_OF, seats, exclusions: Vec::new(), held, last_synced: None }
}

fn count(report: &Report, id: &str) -> i64 {
    match report.figure(id).unwrap().value {
        Amount::Count(count) => count,
        other => panic!("{id} is {other:?}"),
    }
}

fn some_seats() -> Material<'static> {
    let mut seats = vec![
        seat(1, &COPILOT, Some(0)),
        seat(2, &COPILOT, Some(29)),
        seat(3, &COPILOT, Some(64)),
        seat(4, &COPILOT, None),
        seat(5, &COPILOT, Some(120)),
        seat(6, &COPILOT, Some(200)),
        seat(7, &COPILOT, None),
        seat(8, &CURSOR, Some(31)),
        seat(9, &CURSOR, None),
        seat(10, &COPILOT, None),
    ];
    // GitHub knows better than we do.
    seats[4].vendor_activity = Some(AS_OF.minus(45));
    seats[5].cancels_on = Some(AS_OF.plus(10));
    (seats[8].since, seats[8].unmatched) = (None, true);
    seats[9].since = Some(AS_OF.minus(12));
    let leave =
        SeatExclusion { id: 1, member: SubjectId(7), tool: None, reason: ExclusionReason::Leave, until: Some(AS_OF.plus(30)) };
    Material { exclusions: vec![leave], ..material(seats) }
}

#[test]
fn every_seat_has_its_class_its_reason_and_its_evidence() {
    let report = document(&question(Audience::Everyone), &some_seats());
    let words = |cell: &Cell| match cell {
        Cell::Nothing => "-".to_owned(),
        Cell::Text(text) | Cell::Link { text, .. } => text.clone(),
        Cell::Count(count) => count.to_string(),
        Cell::Money(money) => money.to_string(),
        Cell::Day(day) => day.to_string(),
        other => format!("{other:?}"),
    };
    let table = &report.section("seats").unwrap().table;
    let rows: Vec<String> =
        table.rows.iter().chain(&table.total).map(|row| row.iter().map(words).collect::<Vec<_>>().join(" | ")).collect();
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn figures_count_what_the_classes_say_and_each_tool_has_its_part() {
    let report = document(&question(Audience::Everyone), &some_seats());
    let found: Vec<String> = report
        .groups
        .iter()
        .flat_map(|group| &group.figures)
        .map(|figure| {
            let parts: Vec<String> = figure.parts.iter().map(|part| format!("{} {:?}", part.label, part.value)).collect();
            format!("{}: {:?} ({}) {}", figure.id, figure.value, figure.context, parts.join(", "))
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn totals_are_of_everyone_and_a_strangers_row_is_for_those_who_see_all() {
    let all = document(&question(Audience::Everyone), &some_seats());
    let few = document(&question(Audience::Only(BTreeSet::from([SubjectId(3), SubjectId(9)]))), &some_seats());
    assert_eq!(all.groups, few.groups);
    let table = &few.section("seats").unwrap().table;
    assert_eq!((table.rows.len(), table.hidden_rows), (1, 9), "nobody's identity could be anybody's");
    assert_eq!(table.total, all.section("seats").unwrap().table.total);
    assert!(few.notes.iter().any(|note| note.title == "9 rows are not shown"));
}

#[test]
fn no_seats_is_no_data_and_not_a_nought() {
    let report = document(&question(Audience::Everyone), &material(Vec::new()));
    assert!(report.is_empty && report.groups.is_empty());
    assert!(report.section("seats").unwrap().table.rows.is_empty());
    let unpriced = document(&question(Audience::Everyone), &material(vec![seat(1, &CURSOR, None)]));
    assert_eq!(unpriced.figure("waste_per_month").unwrap().value, Amount::Unknown);
    let busy = document(&question(Audience::Everyone), &material(vec![seat(1, &COPILOT, Some(0))]));
    assert_eq!(busy.figure("waste_per_month").unwrap().value, Amount::Money(Money(0)), "nothing is wasted");
}

fn any_seat() -> impl Strategy<Value = HeldSeat> {
    let idle = prop::option::of(0i32..200);
    (0u32..40, any::<bool>(), idle.clone(), idle, prop::option::of(0i32..90), prop::option::of(1i32..9)).prop_map(
        |(subject, is_copilot, counted, vendor, since, cancels)| HeldSeat {
            vendor_activity: vendor.map(|days| AS_OF.minus(days)),
            since: since.map(|days| AS_OF.minus(days)),
            cancels_on: cancels.filter(|days| *days > 6).map(|days| AS_OF.plus(days)),
            ..seat(subject, if is_copilot { &COPILOT } else { &CURSOR }, counted)
        },
    )
}

proptest! {
    #[test]
    fn classes_make_up_all_seats_and_parts_make_up_each_figure(
        seats in prop::collection::vec(any_seat(), 1..60),
        away in prop::collection::btree_set(0u32..40, 0..10)
    ) {
        let exclusions = away.into_iter().map(|member| SeatExclusion {
            id: 1, member: SubjectId(member), tool: None, reason: ExclusionReason::AllowList, until: None,
        });
        let material = Material { exclusions: exclusions.collect(), ..material(seats) };
        let report = document(&question(Audience::Everyone), &material);
        let Some(Chart::Bars(bars)) = &report.section("classes").unwrap().chart else { panic!("no bars") };
        let classes: f64 = bars.bars.iter().filter_map(|bar| bar.value.number()).sum();
        #[expect(clippy::cast_precision_loss, reason = "a few seats")]
        let held = count(&report, "seats") as f64;
        prop_assert!((classes - held).abs() < 0.5);
        for figure in report.groups.iter().flat_map(|group| &group.figures) {
            let parts: f64 = figure.parts.iter().filter_map(|part| part.value.number()).sum();
            prop_assert!((parts - figure.value.number().unwrap_or(0.0)).abs() < 1e-6, "{}", figure.id);
        }
        let idle = [30, 60, 90].map(|days| count(&report, &format!("seats_idle_{days}")));
        prop_assert!(idle[0] >= idle[1] && idle[1] >= idle[2]);
    }
}

static PROFILES: [ToolProfile; 2] = [profile("github_copilot", "GitHub Copilot", 0), profile("cursor", "Cursor", 2)];
