//! The Overview against sums made by hand and, over random days, against plain loops.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tacho_domain::columns::LaidPeople;
use tacho_domain::overview::{Material, Packed, SliceRollup, build};
use tacho_domain::report::{Amount, Audience, Question};
use tacho_domain::{
    AcceptanceRule, Day, Directory, IdentityId, IntegrationId, Measure, Measures, OrganizationId, PersonDay, SubjectId, ToolId,
    ToolProfile, Window,
};

const TABS: AcceptanceRule = AcceptanceRule {
    id: "tabs",
    label: "Tabs",
    accepted: &[Measure::Acceptances],
    offered: &[Measure::Suggestions],
    formula: "accepted by shown",
};
const TOOLS: [ToolProfile; 2] = [tool("one", 0), tool("two", 1)];

const fn tool(id: &'static str, colour: u8) -> ToolProfile {
    ToolProfile {
        id,
        name: id,
        interaction_unit: "prompts",
        interaction_formula: "prompts",
        active_formula: "any prompt",
        acceptance: &[TABS],
        colour,
        ..ToolProfile::BLANK
    }
}

/// (tool, day offset, identity, active, interactions)
type Row = (usize, i32, u32, bool, i64);

type People = BTreeMap<u32, (bool, i64)>;

const LAST: i32 = 20_700;

fn slices(rows: &[Row]) -> Vec<SliceRollup> {
    let mut by_slice: BTreeMap<(usize, i32), People> = BTreeMap::new();
    for &(tool, back, identity, active, interactions) in rows {
        by_slice.entry((tool, back)).or_default().insert(identity, (active, interactions));
    }
    let slice = |((tool, back), people): (&(usize, i32), &People)| {
        let total: i64 = people.values().map(|p| p.1).sum();
        let packed: Vec<PersonDay> = people
            .iter()
            .map(|(&identity, &(active, interactions))| PersonDay {
                identity: IdentityId(identity),
                active: Some(active),
                agent: None,
                interactions: Some(interactions),
            })
            .collect();
        SliceRollup {
            integration: IntegrationId(1),
            tool: ToolId::new(TOOLS[*tool].id),
            day: Day(LAST - back),
            provisional: *back < 2,
            knows_activity: true,
            sums: Measures::default()
                .with(Measure::Interactions, total)
                .with(Measure::Suggestions, 4)
                .with(Measure::Acceptances, 1),
            people: Packed::Whole(Arc::new(LaidPeople::of(&packed, None))),
        }
    };
    by_slice.iter().map(slice).collect()
}

/// Identities 1 and 11 are member 100, 2 and 12 member 101, and so on; 9 and 19 match nobody.
fn directory() -> Directory {
    Directory::new((1..20).map(|identity| {
        let member = (identity % 10 != 9).then_some(SubjectId(100 + identity % 10));
        (IdentityId(identity), member)
    }))
}

fn report(rows: &[Row], days: u32) -> tacho_domain::report::Overview {
    seen_by(Audience::Everyone, rows, days)
}

fn seen_by(audience: Audience, rows: &[Row], days: u32) -> tacho_domain::report::Overview {
    let directory = directory();
    let material = Material {
        profiles: &TOOLS,
        slices: slices(rows),
        directory: &directory,
        seats: Vec::new(),
        costs: Vec::new(),
        costs_before: Vec::new(),
        last_synced: None,
    };
    let question = Question { audience, ..Question::overview(OrganizationId(1), Window::ending(Day(LAST), days)) };
    build(&question, &material)
}

#[test]
fn a_member_with_two_identities_counts_once_and_an_unmatched_one_apart() {
    let overview = report(&[(0, 0, 1, true, 5), (1, 0, 11, true, 7), (0, 3, 9, true, 2), (0, 1, 2, false, 0)], 7);
    let active = overview.figure("active_members").unwrap();
    assert_eq!(active.value, Amount::Count(1));
    assert_eq!(active.context, "and 1 active identity that matches no member");
    assert_eq!(overview.figure("interactions").unwrap().value, Amount::Count(14));
    let coverage = overview.provenance.coverage.unwrap();
    assert!((coverage - 12.0 / 14.0).abs() < 1e-12);
    let names: Vec<(u32, Option<i64>, u32)> =
        overview.members.rows.iter().map(|r| (r.subject.0, r.interactions, r.active_days)).collect();
    assert_eq!(names, [(101, Some(12), 1), (9, Some(2), 1), (102, Some(0), 0)]);
}

#[test]
fn an_unmatched_identity_is_nobodys_own_row_even_where_it_is_named() {
    let rows = [(0, 0, 1, true, 5), (0, 0, 9, true, 7)];
    let overview = seen_by(Audience::Only(BTreeSet::from([SubjectId(9), SubjectId(101)])), &rows, 7);
    let shown: Vec<u32> = overview.members.rows.iter().map(|row| row.subject.0).collect();
    assert_eq!((shown, overview.members.total_rows, overview.members.hidden_rows), (vec![101], 1, 1));
}

#[test]
fn a_day_answered_with_nobody_is_zero_but_tokens_alone_say_nothing_of_people() {
    let directory = directory();
    let day = |back, knows_activity, sums| SliceRollup {
        integration: IntegrationId(1),
        tool: ToolId::new("one"),
        day: Day(LAST - back),
        provisional: false,
        knows_activity,
        sums,
        people: Packed::Whole(Arc::new(LaidPeople::of(&[], None))),
    };
    let nobody = Measures::default().with(Measure::Interactions, 0);
    let tokens = Measures::default().with(Measure::TokensInput, 9);
    let material = Material {
        profiles: &TOOLS,
        slices: vec![day(1, true, nobody), day(0, false, tokens)],
        directory: &directory,
        seats: Vec::new(),
        costs: Vec::new(),
        costs_before: Vec::new(),
        last_synced: None,
    };
    let overview = build(&Question::overview(OrganizationId(1), Window::ending(Day(LAST), 3)), &material);
    let points: Vec<Option<f64>> = overview.adoption[0].points.iter().map(|p| p.value).collect();
    assert_eq!(points, [None, Some(0.0), None]);
    let heat: Vec<Option<i64>> = overview.heatmap.iter().rev().take(3).map(|day| day.interactions).collect();
    assert_eq!(heat, [None, Some(0), None]);
}

#[test]
fn days_without_data_are_unknown_not_zero() {
    let overview = report(&[(0, 2, 1, true, 5)], 7);
    let points: Vec<Option<f64>> = overview.adoption[0].points.iter().map(|p| p.value).collect();
    assert_eq!(points, [None, None, None, None, Some(1.0), None, None]);
    assert_eq!(overview.provenance.missing_days, 6);
    assert_eq!(overview.figure("lines_added").unwrap().value, Amount::Unknown);
    assert_eq!(overview.figure("active_members").unwrap().before, Amount::Unknown);
    assert!(report(&[], 7).is_empty());
}

fn any_row() -> impl Strategy<Value = Row> {
    (0usize..2, 0i32..60, 1u32..20, any::<bool>(), 0i64..50)
}

proptest! {
    #[test]
    fn every_sum_equals_plain_loops_over_the_rows(rows in prop::collection::vec(any_row(), 0..200), days in 1u32..40) {
        let mut unique: BTreeMap<(usize, i32, u32), (bool, i64)> = BTreeMap::new();
        for (tool, back, identity, active, n) in rows.iter().copied() {
            unique.insert((tool, back, identity), (active, n));
        }
        let overview = report(&rows, days);
        let within = |back: i32| u32::try_from(back).unwrap() < days;
        let mut people = BTreeSet::new();
        let (mut total, mut any) = (0, false);
        let mut per_member: BTreeMap<u32, i64> = BTreeMap::new();
        for (&(_, back, identity), &(active, n)) in &unique {
            if !within(back) { continue; }
            any = true;
            total += n;
            let subject = if identity % 10 == 9 { identity } else { 100 + identity % 10 };
            *per_member.entry(subject).or_default() += n;
            if active && identity % 10 != 9 { people.insert(subject); }
        }
        let expected = |n: i64| if any { Amount::Count(n) } else { Amount::Unknown };
        prop_assert_eq!(overview.figure("active_members").unwrap().value, expected(i64::try_from(people.len()).unwrap()));
        prop_assert_eq!(overview.figure("interactions").unwrap().value, expected(total));
        prop_assert_eq!(overview.members.total_rows, per_member.len());
        for row in &overview.members.rows {
            prop_assert_eq!(row.interactions, Some(per_member[&row.subject.0]));
        }
        let shares: f64 = overview.usage.iter().filter_map(|tool| tool.share).sum();
        prop_assert!(total == 0 || (shares - 1.0).abs() < 1e-9);
    }

    #[test]
    fn figures_are_the_same_for_every_audience_and_rows_are_a_part_of_everyones(
        rows in prop::collection::vec(any_row(), 0..200),
        days in 1u32..40,
        chosen in prop::option::of(prop::collection::btree_set((1u32..120).prop_map(SubjectId), 0..12)),
    ) {
        let audience = chosen.clone().map_or(Audience::Nobody, Audience::Only);
        let (all, mut seen) = (report(&rows, days), seen_by(audience, &rows, days));
        let members = std::mem::replace(&mut seen.members, all.members.clone());
        prop_assert_eq!(&seen, &all, "but for the member table");
        prop_assert_eq!(members.total_rows + members.hidden_rows, all.members.total_rows);
        let visible = |subject: SubjectId| subject.0 >= 100 && chosen.iter().flatten().any(|one| *one == subject);
        let expected: Vec<_> = all.members.rows.into_iter().filter(|row| visible(row.subject)).collect();
        prop_assert_eq!(members.rows, expected, "in everyone's order");
    }
}
