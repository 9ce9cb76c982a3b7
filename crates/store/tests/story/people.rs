//! Who is who: matching before or after the facts gives the same answer, organizations stay apart, and the counts are
//! those that a brute force over the facts gives.

use crate::engines;
use crate::organization::*;
use proptest::prelude::*;
use std::collections::BTreeSet;
use tacho_domain::report::{Amount, Question};
use tacho_domain::{Fact, IdentityRef, Measure, OrganizationId, StreamRole, Window};
use tacho_store::{SliceWrite, Store};

async fn roster(store: &Store, organization: OrganizationId, id: tacho_domain::IntegrationId, facts: &[Fact], checksum: &[u8]) {
    let write = SliceWrite { stream: "roster", role: StreamRole::Roster, ..slice(id, day("2026-03-02"), checksum, facts) };
    put(store, organization, &write).await;
}

#[tokio::test]
async fn matching_before_or_after_the_facts_gives_the_same_overview() {
    let today = day("2026-03-02");
    let (github, mail) = (IdentityRef::github(7, "ada"), IdentityRef::email("Ada@Acme.example"));
    let people = [person(&github, Some("Ada"), Some(" ADA@acme.example"))];
    for database in engines::both().await {
        let mut overviews = Vec::new();
        for (name, first) in [("before", true), ("after", false)] {
            let store = &database.store;
            let organization = store.ensure_organization(name, NOW).await.unwrap();
            let id = integration(store, organization, &COPILOT).await;
            let claude = integration(store, organization, &CLAUDE).await;
            if first {
                roster(store, organization, id, &people, b"r").await;
            }
            let copilot = [usage(today, &github, &[(Measure::Interactions, 4)])];
            let sessions = [usage(today, &mail, &[(Measure::Interactions, 2)])];
            put(store, organization, &slice(id, today, b"1", &copilot)).await;
            put(store, organization, &SliceWrite { tool: &CLAUDE, ..slice(claude, today, b"2", &sessions) }).await;
            let question = Question::overview(organization, Window::day(today));
            if !first {
                let unmatched = store.overview(&question, &TOOLS).await.unwrap();
                assert_eq!(unmatched.figure("active_members").unwrap().value, Amount::Count(0));
                assert_eq!(unmatched.members.total_rows, 2);
                roster(store, organization, id, &people, b"r").await;
            }
            let mut overview = store.overview(&question, &TOOLS).await.unwrap();
            // The numbers depend on who came first; nothing else may.
            overview.members.rows.iter_mut().for_each(|row| row.subject = tacho_domain::SubjectId(0));
            overviews.push(overview);
        }
        assert_eq!(overviews[0], overviews[1]);
        assert_eq!(overviews[0].figure("active_members").unwrap().value, Amount::Count(1));
        let row = &overviews[0].members.rows[0];
        assert_eq!((row.name.as_str(), row.interactions, row.tools.len()), ("Ada", Some(6), 2));
        database.drop().await;
    }
}

#[tokio::test]
async fn two_organizations_never_see_each_other() {
    let today = day("2026-03-02");
    let ada = IdentityRef::email("ada@acme.example");
    for database in engines::both().await {
        let store = &database.store;
        let (acme, other) =
            (store.ensure_organization("Acme", NOW).await.unwrap(), store.ensure_organization("Other", NOW).await.unwrap());
        let id = integration(store, acme, &COPILOT).await;
        assert_eq!(integration(store, other, &COPILOT).await, id, "numbers are unique within an organization only");
        let facts = [usage(today, &ada, &[(Measure::Interactions, 4)]), person(&ada, Some("Ada"), None)];
        put(store, acme, &slice(id, today, b"1", &facts)).await;
        let before = database.dump().await;
        let question = Question::overview(other, Window::day(today));
        assert!(store.overview(&question, &TOOLS).await.unwrap().is_empty());
        assert!(store.list_members(other).await.unwrap().is_empty());
        assert!(store.list_slices(other, id, None, Window::day(today)).await.unwrap().is_empty());
        store.export_usage(other, Window::day(today), |row| panic!("{row:?}")).await.unwrap();
        assert!(store.remove_integration(other, id, false).await.unwrap());
        let mine = |dump: Vec<String>| dump.into_iter().filter(|row| row.contains("organization_id=1 ")).collect::<Vec<_>>();
        assert_eq!(mine(database.dump().await), mine(before), "removing the other's integration touched nothing here");
        let error = store.replace_slice(OrganizationId(99), &slice(id, today, b"1", &facts)).await.unwrap_err();
        assert!(error.is_invalid(), "{error}");
        database.drop().await;
    }
}

#[tokio::test]
async fn two_rosters_do_not_take_turns_with_a_name_or_a_match() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let (one, two) = (integration(store, organization, &COPILOT).await, integration(store, organization, &CLAUDE).await);
        let who = IdentityRef::github(7, "ada");
        roster(store, organization, one, &[person(&who, None, Some("ada@acme.example"))], b"1").await;
        roster(store, organization, two, &[person(&who, Some("A. L."), Some("ada@acme.example"))], b"2").await;
        roster(store, organization, one, &[person(&who, Some("Ada"), Some("ada@acme.example"))], b"3").await;
        let names = |members: Vec<tacho_store::Member>| members.into_iter().map(|m| m.name.unwrap()).collect::<Vec<_>>();
        assert_eq!(names(store.list_members(organization).await.unwrap()), ["A. L."], "who named first may rename");
        roster(store, organization, two, &[person(&who, Some("Ada L."), Some("ada.l@acme.example"))], b"4").await;
        let matched = store.directory(organization).await.unwrap();
        let members = store.list_members(organization).await.unwrap();
        let first = members.iter().find(|member| member.email.as_deref() == Some("ada@acme.example")).unwrap();
        assert_eq!(matched.identities(first.id).count(), 1, "the match of the first roster stands");
        roster(store, organization, one, &[person(&who, None, Some("ada.l@acme.example"))], b"5").await;
        let moved = store.directory(organization).await.unwrap();
        assert_eq!(moved.identities(first.id).count(), 0, "the roster that matched may match anew");
        database.drop().await;
    }
}

#[tokio::test]
async fn a_new_login_is_shown_and_an_older_day_does_not_bring_the_old_one_back() {
    let today = day("2026-03-02");
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        for (back, login) in [(1, "old"), (0, "new"), (5, "older")] {
            let day = today.minus(back);
            let facts = [usage(day, &IdentityRef::github(7, login), &[(Measure::Interactions, 1)])];
            put(store, organization, &slice(id, day, login.as_bytes(), &facts)).await;
        }
        let question = Question::overview(organization, Window::ending(today, 7));
        let rows = store.overview(&question, &TOOLS).await.unwrap().members.rows;
        assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["new"]);
        database.drop().await;
    }
}

#[tokio::test]
async fn replicas_that_meet_the_same_people_at_once_number_them_once() {
    let today = day("2026-03-02");
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let replica = Store::open(&database.url.clone().into(), 2).await.unwrap();
        let facts = |day| {
            let who = |number| IdentityRef::github(number, &format!("l{number}"));
            (0..300).map(|number| usage(day, &who(number), &[(Measure::Interactions, 1)])).collect::<Vec<_>>()
        };
        let (one, two) = (facts(today), facts(today.minus(1)));
        let (here, there) = (slice(id, today, b"1", &one), slice(id, today.minus(1), b"1", &two));
        let (here, there) = tokio::join!(store.replace_slice(organization, &here), replica.replace_slice(organization, &there));
        assert_eq!((here.unwrap().rows, there.unwrap().rows), (300, 300));
        assert_eq!(database.dump_of(&["identities"]).await.len(), 300);
        replica.close().await;
        database.drop().await;
    }
}

/// For each of two tools and each of some days: which of twelve identities were seen, and how much each did.
type Seen = Vec<(bool, u8, Vec<(u8, i64)>)>;

fn any_seen() -> impl Strategy<Value = Seen> {
    prop::collection::vec((any::<bool>(), 0u8..10, prop::collection::vec((0u8..12, 0i64..4), 1..8)), 1..12)
}

/// The identity of each number: half by GitHub id, half by address; two thirds of the first half are in the roster.
fn who(number: u8) -> IdentityRef {
    if number < 6 { IdentityRef::github(i64::from(number), &format!("l{number}")) } else { IdentityRef::email(&email(number)) }
}

fn email(number: u8) -> String {
    format!("p{}@acme.example", number % 6)
}

/// Whom a number stands for; `None` where nobody has matched it.
fn member(number: u8) -> Option<String> {
    (number % 6 < 4).then(|| email(number))
}

async fn compare_with_brute_force(store: &Store, name: &str, seen: &Seen) {
    let (start, window) = (day("2026-03-01"), Window::ending(day("2026-03-08"), 8));
    let organization = store.ensure_organization(name, NOW).await.unwrap();
    let (copilot, claude) = (integration(store, organization, &COPILOT).await, integration(store, organization, &CLAUDE).await);
    let people: Vec<Fact> = (0..4).map(|number| person(&who(number), None, Some(&email(number)))).collect();
    let mut days = std::collections::BTreeMap::<(bool, u8), Vec<(u8, i64)>>::new();
    for (tool, day, rows) in seen {
        days.insert((*tool, *day), rows.clone());
    }
    for (place, ((tool, offset), rows)) in days.iter().enumerate() {
        if place == days.len() / 2 {
            roster(store, organization, copilot, &people, b"r").await;
        }
        let day = start.plus(i32::from(*offset));
        let facts: Vec<Fact> =
            rows.iter().map(|(number, much)| usage(day, &who(*number), &[(Measure::Interactions, *much)])).collect();
        let (tool, id) = if *tool { (&COPILOT, copilot) } else { (&CLAUDE, claude) };
        put(store, organization, &SliceWrite { tool, ..slice(id, day, b"x", &facts) }).await;
    }
    let rows = days.iter().filter(|((_, day), _)| window.contains(start.plus(i32::from(*day))));
    let rows: Vec<(u8, i64)> = rows.flat_map(|(_, rows)| rows.iter().copied()).collect();
    let actives: BTreeSet<Option<String>> =
        rows.iter().filter(|(_, much)| *much > 0).map(|(number, _)| member(*number)).collect();
    let subjects: BTreeSet<String> = rows.iter().map(|(number, _)| member(*number).unwrap_or(format!("#{number}"))).collect();
    let question = Question { limit: 3, ..Question::overview(organization, window) };
    let overview = store.overview(&question, &TOOLS).await.unwrap();
    let sum: i64 = rows.iter().map(|(_, much)| much).sum();
    assert_eq!(overview.members.total_rows, subjects.len());
    assert_eq!(overview.members.rows.len(), subjects.len().min(3), "the page is cut, the counts are not");
    let expected = |value| if rows.is_empty() { Amount::Unknown } else { Amount::Count(value) };
    assert_eq!(overview.figure("interactions").unwrap().value, expected(sum));
    let members = i64::try_from(actives.iter().flatten().count()).unwrap();
    assert_eq!(overview.figure("active_members").unwrap().value, expected(members));
    for row in &overview.members.rows {
        let spark: f64 = row.spark.iter().flatten().sum();
        assert_eq!(row.interactions.map(|sum| sum.to_string()), Some(spark.to_string()), "{}", row.name);
    }
}

#[test]
fn counts_are_those_of_a_brute_force_over_the_facts() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let databases = runtime.block_on(engines::both());
    let turn = std::cell::Cell::new(0);
    proptest!(ProptestConfig::with_cases(24), |(seen in any_seen())| {
        turn.set(turn.get() + 1);
        for database in &databases {
            runtime.block_on(compare_with_brute_force(&database.store, &format!("turn {}", turn.get()), &seen));
        }
    });
    for database in databases {
        runtime.block_on(database.drop());
    }
}
