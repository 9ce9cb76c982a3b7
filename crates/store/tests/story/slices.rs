//! A slice is replaced as a whole or not at all, and reading the same again changes nothing.

use crate::engines::{self, Database};
use crate::organization::*;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use tacho_domain::report::Question;
use tacho_domain::{Dimension, Fact, IdentityRef, IntegrationId, Measure, OrganizationId, SliceState, StreamRole, Window};
use tacho_store::{SliceWrite, Store};

/// The tables that hold when something was read; a second reading changes those alone.
fn without_instants(dump: Vec<String>) -> Vec<String> {
    dump.into_iter().map(|row| row.split(" fetched_at=").next().unwrap().to_owned()).collect()
}

fn facts_of(today: tacho_domain::Day, people: i64, each: i64) -> Vec<Fact> {
    let mut facts = Vec::new();
    for number in 0..people {
        let who = IdentityRef::github(number, &format!("login-{number}"));
        facts.push(usage(today, &who, &[(Measure::Interactions, each), (Measure::LinesAdded, number)]));
        facts.push(split(today, &who, Dimension::Language, "rust", &[(Measure::LinesAdded, number)]));
        facts.push(person(&who, Some("Somebody"), Some(&format!("p{number}@acme.example"))));
    }
    facts
}

async fn start(store: &Store) -> (OrganizationId, IntegrationId) {
    let organization = store.ensure_organization("Acme", NOW).await.unwrap();
    (organization, integration(store, organization, &COPILOT).await)
}

#[tokio::test]
async fn a_second_replace_changes_nothing() {
    for database in engines::both().await {
        let (organization, id) = start(&database.store).await;
        let today = day("2026-03-02");
        let facts = facts_of(today, 700, 3);
        let write = slice(id, today, b"one", &facts);
        assert!(put(&database.store, organization, &write).await.changed);
        let first = without_instants(database.dump().await);
        let later = SliceWrite { fetched_at: NOW.plus_seconds(60), ..write };
        assert!(!put(&database.store, organization, &later).await.changed);
        assert_eq!(without_instants(database.dump().await), first);
        let forced = SliceWrite { force: true, ..later };
        assert!(put(&database.store, organization, &forced).await.changed);
        assert_eq!(without_instants(database.dump().await), first, "the same facts written again are the same rows");
        database.drop().await;
    }
}

#[tokio::test]
async fn a_restated_day_replaces_and_what_vanished_is_gone() {
    for database in engines::both().await {
        let (organization, id) = start(&database.store).await;
        let today = day("2026-03-02");
        let (many, few) = (facts_of(today, 9, 3), facts_of(today, 4, 8));
        put(&database.store, organization, &slice(id, today, b"many", &many)).await;
        assert_eq!(put(&database.store, organization, &slice(id, today, b"few", &few)).await.rows, 12);
        let restated = database.dump_of(&["usage_daily", "usage_splits", "slice_rollups", "slice_people", "slice_splits"]).await;
        assert_eq!(restated.iter().filter(|row| row.starts_with("usage_daily")).count(), 4);
        let fresh = engines::sqlite().await;
        let (other, id) = start(&fresh.store).await;
        put(&fresh.store, other, &slice(id, today, b"few", &few)).await;
        let direct = fresh.dump_of(&["usage_daily", "usage_splits", "slice_rollups", "slice_splits"]).await;
        // Packed people hold the numbers of identities, of which the other store has drawn fewer; a stamp is made from them.
        let numbered = |row: String| row.split(' ').filter(|field| !field.starts_with("stamp=")).collect::<Vec<_>>().join(" ");
        let restated = restated.into_iter().filter(|row| !row.starts_with("slice_people")).map(numbered);
        let direct: Vec<_> = direct.into_iter().map(numbered).collect();
        assert_eq!(restated.collect::<Vec<_>>(), direct, "as if only the restatement had ever been read");
        fresh.drop().await;
        database.drop().await;
    }
}

#[tokio::test]
async fn evidence_is_kept_and_never_counted() {
    for database in engines::both().await {
        let (organization, id) = start(&database.store).await;
        let today = day("2026-03-02");
        let mut facts = facts_of(today, 5, 3);
        facts.push(cost(today, "credits", 1_000_000, None));
        let write = SliceWrite { role: StreamRole::Evidence, stream: "users_28_day", ..slice(id, today, b"one", &facts) };
        put(&database.store, organization, &write).await;
        let overview = database.store.overview(&Question::overview(organization, Window::day(today)), &TOOLS).await.unwrap();
        assert!(overview.is_empty());
        assert_eq!(database.dump_of(&["usage_daily"]).await.len(), 5);
        assert_eq!(
            database.dump_of(&["slice_rollups", "slice_splits", "slice_costs", "slice_people"]).await,
            Vec::<String>::new()
        );
        database.drop().await;
    }
}

#[tokio::test]
async fn billing_days_without_usage_do_not_count_as_days_with_data() {
    for database in engines::both().await {
        let (organization, id) = start(&database.store).await;
        let today = day("2026-03-02");
        let bill = [cost(today, "credits", 2_000_000, Some(500_000))];
        put(&database.store, organization, &SliceWrite { stream: "credits_daily", ..slice(id, today, b"bill", &bill) }).await;
        let used = facts_of(today.minus(1), 2, 3);
        put(&database.store, organization, &slice(id, today.minus(1), b"used", &used)).await;
        let question = Question::overview(organization, Window::ending(today, 2));
        let overview = database.store.overview(&question, &TOOLS).await.unwrap();
        assert_eq!(overview.provenance.missing_days, 1);
        assert_eq!(overview.figure("metered_value").unwrap().value.number(), Some(2.0));
        assert_eq!(overview.figure("metered_charged").unwrap().value.number(), Some(0.5));
        database.drop().await;
    }
}

#[tokio::test]
async fn seats_are_those_of_the_newest_snapshot_and_old_snapshots_stay() {
    for database in engines::both().await {
        let (organization, id) = start(&database.store).await;
        let today = day("2026-03-09");
        let people: Vec<IdentityRef> = (0..4).map(|n| IdentityRef::github(n, &format!("l{n}"))).collect();
        for (back, holders) in [(0, 0), (7, 2), (14, 4)] {
            let day = today.minus(back);
            let seats: Vec<Fact> = people[..holders].iter().map(|who| seat(day, who, Some(19.0))).collect();
            let sum = [u8::try_from(back).unwrap()];
            let write = SliceWrite { stream: "seats", role: StreamRole::Roster, ..slice(id, day, &sum, &seats) };
            put(&database.store, organization, &write).await;
        }
        let seats_on = async |day| {
            let used = facts_of(day, 1, 1);
            put(&database.store, organization, &slice(id, day, b"used", &used)).await;
            let question = Question::overview(organization, Window::ending(day, 10));
            let overview = database.store.overview(&question, &TOOLS).await.unwrap();
            overview.figure("seat_fees").unwrap().value.number()
        };
        assert_eq!(seats_on(today.minus(9)).await, Some(76.0));
        assert_eq!(seats_on(today.minus(8)).await, Some(38.0), "the morning after the window tells how it ended");
        assert_eq!(seats_on(today.minus(2)).await, Some(38.0));
        assert_eq!(database.dump_of(&["seats_daily"]).await.len(), 6);
        database.drop().await;
    }
}

/// A future that is dropped after some polls, like a process that is killed between two steps.
async fn cut_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

async fn survives_cuts(database: &Database) {
    let store = &database.store;
    let (organization, id) = start(store).await;
    let today = day("2026-03-02");
    let old = facts_of(today, 3, 1);
    put(store, organization, &slice(id, today, b"old", &old)).await;
    let before = without_instants(database.dump().await);
    let new = facts_of(today, 6, 2);
    let write = SliceWrite { state: SliceState::Provisional, ..slice(id, today, b"new", &new) };
    let mut cuts = 0;
    while cut_after(cuts, store.replace_slice(organization, &write)).await.is_none() {
        // The next statement through the pool comes after the roll-back.
        store.ensure_organization("Acme", NOW).await.unwrap();
        let now = without_instants(database.dump().await);
        if now != before {
            assert!(now.iter().any(|row| row.contains("state=provisional")), "half a slice after {cuts} polls: {now:#?}");
            break;
        }
        cuts += 1;
    }
    // How often depends on how fast the database answers: what is ready at once leaves no place to cut.
    assert!(cuts > 0, "the replace was never cut");
    put(store, organization, &write).await;
    let undisturbed = engines::sqlite().await;
    let (other, id) = start(&undisturbed.store).await;
    put(&undisturbed.store, other, &slice(id, today, b"old", &old)).await;
    put(&undisturbed.store, other, &SliceWrite { integration: id, ..write }).await;
    assert_eq!(database.dump().await, undisturbed.dump().await, "ends as if nothing had happened");
    undisturbed.drop().await;
}

#[tokio::test]
async fn a_replace_that_is_cut_anywhere_leaves_the_old_slice() {
    for database in engines::both().await {
        survives_cuts(&database).await;
        database.drop().await;
    }
}

#[tokio::test]
async fn a_refused_slice_leaves_no_identity_behind() {
    for database in engines::both().await {
        let (organization, id) = start(&database.store).await;
        let today = day("2026-03-02");
        let before = database.dump().await;
        let mut facts = facts_of(today, 3, 1);
        facts.extend(facts_of(today.plus(1), 1, 1));
        let error = database.store.replace_slice(organization, &slice(id, today, b"bad", &facts)).await.unwrap_err();
        assert!(error.is_invalid(), "{error}");
        assert_eq!(database.dump().await, before);
        facts.truncate(9);
        put(&database.store, organization, &slice(id, today, b"good", &facts)).await;
        assert_eq!(database.dump_of(&["identities"]).await.len(), 3, "what was rolled back was not remembered");
        database.drop().await;
    }
}
