//! What is added up column by column, and looked up once for many days, is what a plain loop over everybody's days gives.

use super::*;
use crate::columns::{LaidPeople, LaidValues, PersonDay};
use crate::memberships::{Memberships, Stay};
use crate::metrics::People;
use crate::teams::Span;
use crate::{Day, Directory, IdentityId, IntegrationId, SubjectId, ToolId, WHOLE_ORGANIZATION, Window};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const WINDOW: Window = Window { from: Day(100), to: Day(110) };
const MEASURES: [Measure; 2] = [Measure::Interactions, Measure::LinesAdded];

/// Identities 1 to 3 match the members 51 to 53, 4 and 5 the member 54; 6 and 7 match nobody; 0 is nobody in particular.
fn directory() -> Directory {
    Directory::new((1..8).map(|id| (IdentityId(id), (id < 6).then_some(SubjectId(id.min(4) + 50)))))
}

/// Days of two tools; most are of the same people as the one before.
fn any_slices() -> impl Strategy<Value = Vec<CountedSlice>> {
    let values = prop::collection::vec((any::<Option<bool>>(), prop::option::of(0i64..400), prop::option::of(0i64..9)), 8);
    let who = prop_oneof![3 => Just((0..8).collect::<BTreeSet<u32>>()), 1 => prop::collection::btree_set(0u32..8, 0..8)];
    prop::collection::vec((100i32..111, 0usize..2, who, values), 0..14).prop_map(|mut days| {
        days.sort_by_key(|(day, ..)| *day);
        let mut slices: Vec<CountedSlice> = Vec::new();
        for (day, tool, who, values) in days {
            let tool = [ToolId::new("one"), ToolId::new("other")][tool].clone();
            let like = slices.iter().rfind(|slice| slice.tool == tool).map(|slice| slice.people.clone());
            slices.push(slice(Day(day), tool, &who, &values, like.as_deref()));
        }
        slices
    })
}

/// Whether somebody was active, their interactions and lines.
type Did = (Option<bool>, Option<i64>, Option<i64>);
/// What was done in which teams, and whether it was active use.
type Told = BTreeMap<(ToolId, IdentityId, Vec<i64>), (Measures, bool)>;

fn slice(day: Day, tool: ToolId, who: &BTreeSet<u32>, values: &[Did], like: Option<&LaidPeople>) -> CountedSlice {
    let person = |id: &u32| {
        let (active, interactions, _) = values[*id as usize];
        PersonDay { identity: IdentityId(*id), active, agent: None, interactions }
    };
    let people: Vec<PersonDay> = who.iter().map(person).collect();
    let lines = who.iter().map(|id| values[*id as usize].2).collect();
    CountedSlice {
        integration: IntegrationId(1),
        tool,
        day,
        provisional: false,
        knows_activity: true,
        people: Arc::new(LaidPeople::of(&people, like)),
        columns: vec![(Measure::LinesAdded, Arc::new(LaidValues::of(lines)))],
    }
}

/// Each slice with those who count: everybody, or these.
fn counted(slices: &[CountedSlice], only: Option<&BTreeSet<u32>>) -> Vec<(CountedSlice, Option<Vec<usize>>)> {
    // Everybody counts on every second day, so that lists that are kept are there and not there by turns.
    let these = |slice: &CountedSlice| {
        let wanted: Vec<IdentityId> = only.filter(|_| slice.day.0 % 2 == 0)?.iter().copied().map(IdentityId).collect();
        Some(slice.people.places(&wanted))
    };
    slices.iter().map(|slice| (slice.clone(), these(slice))).collect()
}

/// Every person-day that counts.
fn each(counted: &[(CountedSlice, Option<Vec<usize>>)]) -> Vec<(&CountedSlice, PersonDay, Measures)> {
    let mut all = Vec::new();
    for (slice, these) in counted {
        for (place, person) in slice.people.iter().enumerate() {
            if these.as_ref().is_none_or(|these| these.contains(&place)) {
                all.push((slice, person, slice.sums(&MEASURES, Some(&[place]))));
            }
        }
    }
    all
}

fn people(ids: impl IntoIterator<Item = u32>) -> People {
    let mut people = People::default();
    ids.into_iter().for_each(|id| people.insert(SubjectId(id)));
    people
}

proptest! {
    #[test]
    fn sums_are_each_identitys_days_with_each_tool(
        slices in any_slices(), only in prop::option::of(prop::collection::btree_set(0u32..8, 0..8)),
    ) {
        let counted = counted(&slices, only.as_ref());
        let mut sums = Sums::default();
        for (slice, these) in &counted {
            sums.add(slice, &MEASURES, these.as_deref());
        }
        let mut expected: BTreeMap<(ToolId, IdentityId), (Measures, BTreeSet<Day>)> = BTreeMap::new();
        for (slice, person, measures) in each(&counted).into_iter().filter(|(_, person, _)| person.identity != WHOLE_ORGANIZATION) {
            let (sum, days) = expected.entry((slice.tool.clone(), person.identity)).or_default();
            sum.add(&measures);
            days.extend((person.active == Some(true)).then_some(slice.day));
        }
        let mut told: Vec<PersonSum> = sums.finish();
        told.sort_by_key(|sum| (sum.tool.clone(), sum.identity));
        let expected: Vec<PersonSum> = expected.into_iter().map(|((tool, identity), (measures, days))| PersonSum {
            identity, tool, measures, active_days: u32::try_from(days.len()).unwrap(), last_active: days.last().copied(),
        }).collect();
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn presence_is_everybodys_distinct_days(
        slices in any_slices(), only in prop::option::of(prop::collection::btree_set(0u32..8, 0..8)),
    ) {
        let (directory, counted) = (directory(), counted(&slices, only.as_ref()));
        let mut presence = Presence::over(WINDOW);
        for (slice, these) in &counted {
            presence.add(&directory, slice, these.as_deref());
        }
        let (mut expected, mut daily): (BTreeMap<SubjectId, BTreeSet<Day>>, BTreeMap<Day, BTreeSet<SubjectId>>) = Default::default();
        for slice in &slices {
            daily.entry(slice.day).or_default();
        }
        for (slice, person, _) in each(&counted).into_iter().filter(|(_, person, _)| person.identity != WHOLE_ORGANIZATION) {
            let subject = directory.subject(person.identity);
            let days = expected.entry(subject).or_default();
            if person.active == Some(true) {
                days.insert(slice.day);
                daily.entry(slice.day).or_default().extend((!directory.unmatched().contains(subject)).then_some(subject));
            }
        }
        let mut told: Vec<Present> = presence.people().to_vec();
        told.sort_by_key(|present| present.subject);
        let expected: Vec<Present> = expected.into_iter().map(|(subject, days)| Present {
            subject, active_days: u32::try_from(days.len()).unwrap(), last_active: days.last().copied(),
        }).collect();
        prop_assert_eq!(told, expected);
        let of_day = |day| daily.get(&day).map(|members| f64::from(u32::try_from(members.len()).unwrap()));
        prop_assert_eq!(presence.daily(), WINDOW.days().map(of_day).collect::<Vec<_>>());
    }

    #[test]
    fn every_day_is_told_once_with_the_teams_of_that_day(
        slices in any_slices(),
        only in prop::option::of(prop::collection::btree_set(0u32..8, 0..8)),
        stays in prop::collection::vec((0i64..3, 98i32..112, prop::option::of(0i32..8), 51u32..55), 0..8),
    ) {
        let (directory, counted) = (directory(), counted(&slices, only.as_ref()));
        let stays = stays.into_iter().map(|(team, from, days, id)| {
            let span = Span { from: Day(from), to: days.map(|days| Day(from + days)) };
            Stay { team, span, people: people([id]) }
        });
        let memberships = Memberships::new(WINDOW, &stays.collect::<Vec<_>>());
        let mut told = Told::new();
        let mut note = |stint: &Stint<'_>| for one in stint.people {
            let teams = stint.teams.places(one.subject).iter().map(|place| stint.teams.teams()[*place]).collect();
            let (sums, active) = told.entry((stint.tool.tool().clone(), one.identity, teams)).or_default();
            stint.tool.columns().for_each(|(measure, column)| sums.add_to(measure, column.value(one.place)));
            *active |= one.is_active;
        };
        let mut stints = Stints::of(&directory, &memberships, &MEASURES);
        for (slice, these) in &counted {
            stints.add(slice, these.as_deref(), &mut note);
        }
        stints.end(&mut note);
        stints.end(&mut note);
        let mut expected = Told::new();
        for (slice, person, measures) in each(&counted) {
            let subject = directory.subject(person.identity);
            let teams = (0..3).filter(|team| memberships.holds(*team, slice.day, subject)).collect();
            let (sums, active) = expected.entry((slice.tool.clone(), person.identity, teams)).or_default();
            sums.add(&measures);
            *active |= person.active == Some(true);
        }
        // Who did nothing in a stint may be told of as well.
        let said = |told: Told| told.into_iter().filter(|(_, (sums, active))| *active || !sums.is_silent()).collect::<Told>();
        prop_assert_eq!(said(told), said(expected));
    }
}
