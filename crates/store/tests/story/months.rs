//! Months rolled up: a person's page says the same with and without them, and whatever changes a slice takes its month's away.

use crate::Told;
use crate::engines::{self, Database};
use crate::members::member;
use crate::organization::*;
use proptest::prelude::*;
use std::pin::pin;
use std::task::Poll;
use tacho_domain::report::{Question, Report, ReportName};
use tacho_domain::{Day, Fact, IdentityRef, IntegrationId, Measure, OrganizationId, SliceState, StreamRole, SubjectId, Window};
use tacho_store::{Known, SliceWrite, Store};

const LAST: &str = "2026-06-17";
const ADA: &str = "ada@acme.example";
const TABLES: [&str; 3] = ["rolled_months", "tool_months", "person_months"];

/// The statements about months, for the story of both engines.
pub(crate) async fn tell_months(store: &Store, organization: OrganizationId, told: &mut Told) {
    let months = store.list_unrolled_months(organization, day("2026-12-01")).await.unwrap();
    for month in &months {
        told.tell("rolled up", (month, store.roll_up_month(organization, *month).await.unwrap()));
    }
    told.tell("unrolled", store.list_unrolled_months(organization, day("2026-12-01")).await.unwrap());
    told.tell("nobody's", store.list_unrolled_months(OrganizationId(4_711), day("2026-12-01")).await.unwrap());
}

async fn page(store: &Store, organization: OrganizationId, subject: SubjectId, days: u32) -> Report {
    let question = Question::overview(organization, Window::ending(day(LAST), days));
    let known = Known { profiles: &TOOLS, today: day(LAST) };
    store.report(&ReportName::Member(subject), &question, &known).await.unwrap().unwrap()
}

/// The page as it is, and as it is when every day is looked up.
async fn both_ways(database: &Database, organization: OrganizationId, subject: SubjectId, days: u32) -> (Report, Report) {
    let as_it_is = page(&database.store, organization, subject, days).await;
    let copy = TABLES.map(|table| format!("create table kept_{table} as select * from {table}"));
    let back = TABLES.map(|table| format!("insert into {table} select * from kept_{table}"));
    let done = TABLES.map(|table| format!("drop table kept_{table}"));
    let empty = TABLES.map(|table| format!("delete from {table}"));
    for sql in copy.iter().chain(&empty) {
        database.run(sql).await;
    }
    let by_day = page(&database.store, organization, subject, days).await;
    for sql in back.iter().chain(&done) {
        database.run(sql).await;
    }
    (as_it_is, by_day)
}

async fn roll_up(store: &Store, organization: OrganizationId) -> usize {
    let months = store.list_unrolled_months(organization, day(LAST)).await.unwrap();
    for month in &months {
        assert!(store.roll_up_month(organization, *month).await.unwrap(), "{month} was listed");
    }
    months.len()
}

/// A slice: which of three, how long ago, whether it is provisional, and who did how much.
type Slice = (u8, i32, bool, Vec<(u8, Option<i64>)>);

fn any_slices(most: usize) -> impl Strategy<Value = Vec<Slice>> {
    let named = prop::collection::vec((0u8..4, prop::option::of(0i64..40)), 0..4);
    prop::collection::vec((0u8..3, 0i32..330, prop::bool::weighted(0.1), named), 1..most)
}

/// Two of Ada's identities and two of others.
fn who(number: u8) -> IdentityRef {
    match number {
        0 => IdentityRef::github(7, "ada"),
        1 => IdentityRef::email(ADA),
        _ => IdentityRef::github(i64::from(number) + 70, &format!("l{number}")),
    }
}

async fn write(store: &Store, organization: OrganizationId, ids: [IntegrationId; 2], slices: &[Slice], checksum: &[u8]) {
    for (which, back, provisional, named) in slices {
        let day = day(LAST).minus(*back);
        let facts: Vec<Fact> = named
            .iter()
            .map(|(number, much)| match much {
                Some(much) => usage(day, &who(*number), &[(Measure::Interactions, *much)]),
                None => usage(day, &who(*number), &[(Measure::LinesAdded, 3)]),
            })
            .collect();
        let (tool, integration, stream, role) = match which {
            0 => (&COPILOT, ids[0], "users_daily", StreamRole::Activity),
            1 => (&COPILOT, ids[0], "events", StreamRole::Counted),
            _ => (&CLAUDE, ids[1], "usage", StreamRole::Activity),
        };
        let state = if *provisional { SliceState::Provisional } else { SliceState::Final };
        let write = SliceWrite { tool, stream, role, state, ..slice(integration, day, checksum, &facts) };
        put(store, organization, &write).await;
    }
}

async fn compare(database: &Database, name: &str, first: &[Slice], then: &[Slice]) {
    let store = &database.store;
    let organization = store.ensure_organization(name, NOW).await.unwrap();
    let ids = [integration(store, organization, &COPILOT).await, integration(store, organization, &CLAUDE).await];
    let roster = [person(&IdentityRef::email(ADA), Some("Ada"), Some(ADA))];
    let roster = SliceWrite { stream: "roster", role: StreamRole::Roster, ..slice(ids[1], day(LAST), b"r", &roster) };
    put(store, organization, &roster).await;
    let ada = member(store, organization, ADA).await.id;
    write(store, organization, ids, first, b"first").await;
    let before = page(store, organization, ada, 28).await;
    roll_up(store, organization).await;
    assert_eq!(page(store, organization, ada, 28).await, before, "with roll-ups and without");
    write(store, organization, ids, then, b"then").await;
    // A second identity of the same person is found once everything is rolled up.
    let roster = [person(&who(0), Some("Ada"), Some(ADA))];
    let roster = SliceWrite { stream: "roster", role: StreamRole::Roster, ..slice(ids[0], day(LAST), b"r", &roster) };
    put(store, organization, &roster).await;
    for days in [28, 120] {
        let (with, without) = both_ways(database, organization, ada, days).await;
        assert_eq!(with, without, "some months' roll-ups are gone");
        roll_up(store, organization).await;
        assert_eq!(page(store, organization, ada, days).await, without, "they are made anew");
    }
}

#[test]
fn a_page_says_the_same_with_roll_ups_and_without() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let databases = runtime.block_on(engines::both());
    let turn = std::cell::Cell::new(0);
    proptest!(ProptestConfig::with_cases(16), |(first in any_slices(24), then in any_slices(4))| {
        turn.set(turn.get() + 1);
        for database in &databases {
            runtime.block_on(compare(database, &format!("turn {}", turn.get()), &first, &then));
        }
    });
    for database in databases {
        runtime.block_on(database.drop());
    }
}

/// A week of January with somebody in it, rolled up.
async fn rolled_week(store: &Store) -> (OrganizationId, [IntegrationId; 2]) {
    let organization = store.ensure_organization("Acme", NOW).await.unwrap();
    let ids = [integration(store, organization, &COPILOT).await, integration(store, organization, &CLAUDE).await];
    write(store, organization, ids, &week(), b"one").await;
    assert_eq!(roll_up(store, organization).await, 2, "January and, without any data, February; March is read by its days");
    (organization, ids)
}

fn week() -> Vec<Slice> {
    (150..157).map(|back| (0, back, false, vec![(0, Some(3)), (2, Some(1))])).collect()
}

#[tokio::test]
async fn whatever_changes_a_slice_takes_its_months_roll_up_away_and_nothing_else_does() {
    for database in engines::both().await {
        let store = &database.store;
        let (organization, ids) = rolled_week(store).await;
        let rolled = database.dump_of(&TABLES).await;
        assert_eq!(rolled.len(), 2 + 1 + 1, "{rolled:?}");
        write(store, organization, ids, &week(), b"one").await;
        write(store, organization, ids, &[(0, 2, false, vec![(0, Some(1))])], b"today").await;
        assert_eq!(database.dump_of(&TABLES).await, rolled, "the same facts, and another month");
        let changes: [(&str, Vec<Slice>, &[u8]); 4] = [
            ("other facts", vec![(0, 150, false, vec![(0, Some(4))])], b"two"),
            ("a day that was missing", vec![(0, 149, false, vec![(0, Some(4))])], b"one"),
            ("another tool", vec![(2, 150, false, vec![])], b"one"),
            ("restated as provisional", vec![(0, 151, true, vec![])], b"one"),
        ];
        for (what, slices, checksum) in changes {
            write(store, organization, ids, &slices, checksum).await;
            let left = database.dump_of(&TABLES).await;
            assert_eq!(left.len(), 1, "{what} leaves February's: {left:?}");
            roll_up(store, organization).await;
            let settled = usize::from(!slices[0].2);
            assert_eq!(database.dump_of(&["rolled_months"]).await.len(), 1 + settled, "provisional days are not rolled up");
        }
        assert!(!store.roll_up_month(organization, day("2026-01-01")).await.unwrap(), "nor when it is asked for");
        write(store, organization, ids, &[(0, 151, false, vec![])], b"one").await;
        assert_eq!(roll_up(store, organization).await, 1, "it has settled");
        assert!(!store.roll_up_month(organization, day("2026-01-05")).await.unwrap(), "once is enough");
        store.remove_integration(organization, ids[1], true).await.unwrap();
        assert_eq!(database.dump_of(&["rolled_months"]).await.len(), 2, "its data was kept");
        store.remove_integration(organization, ids[0], false).await.unwrap();
        assert_eq!(database.dump_of(&TABLES).await, Vec::<String>::new());
        database.drop().await;
    }
}

/// Rolls up from another replica while a slice is replaced: begun after so many steps of that. Gives whether the replacement
/// was over by then.
async fn roll_up_beside(
    store: &Store,
    replica: &Store,
    organization: OrganizationId,
    steps: usize,
    write: &SliceWrite<'_>,
) -> bool {
    let mut replacing = pin!(store.replace_slice(organization, write));
    let mut left = steps;
    let over = std::future::poll_fn(|context| match replacing.as_mut().poll(context) {
        Poll::Ready(replaced) => Poll::Ready(Some(replaced)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    });
    if let Some(replaced) = over.await {
        assert!(replaced.unwrap().changed);
        return true;
    }
    let month = write.day.month();
    let (replaced, rolled) = tokio::join!(replacing, replica.roll_up_month(organization, month));
    assert!(replaced.unwrap().changed);
    rolled.unwrap();
    false
}

#[tokio::test]
async fn a_roll_up_beside_a_replacement_holds_what_is_there_afterwards() {
    for database in engines::both().await {
        let store = &database.store;
        let replica = Store::open(&database.url.clone().into(), 2).await.unwrap();
        let (organization, ids) = rolled_week(store).await;
        let ada = store.add_member(organization, &crate::members::called(ADA, "Ada"), crate::members::ADMIN, NOW).await.unwrap();
        let roster = [person(&who(0), Some("Ada"), Some(ADA))];
        let roster = SliceWrite { stream: "roster", role: StreamRole::Roster, ..slice(ids[0], day(LAST), b"r", &roster) };
        put(store, organization, &roster).await;
        let at: Day = day(LAST).minus(152);
        for steps in 0..400usize {
            // Every other time there is no roll-up that the replacement could take away.
            if steps % 2 == 0 {
                for table in TABLES {
                    database.run(&format!("delete from {table}")).await;
                }
            } else {
                roll_up(store, organization).await;
            }
            let facts = [usage(at, &who(0), &[(Measure::Interactions, i64::try_from(steps).unwrap() + 10)])];
            let checksum = steps.to_le_bytes();
            let write = SliceWrite { role: StreamRole::Activity, ..slice(ids[0], at, &checksum, &facts) };
            let over = roll_up_beside(store, &replica, organization, steps / 2, &write).await;
            let (with, without) = both_ways(&database, organization, ada, 28).await;
            assert_eq!(with, without, "begun after {} steps", steps / 2);
            if over {
                assert!(steps > 1, "the replacement was never met");
                break;
            }
        }
        replica.close().await;
        database.drop().await;
    }
}

#[tokio::test]
async fn a_roll_up_that_is_damaged_is_told() {
    for database in engines::both().await {
        let store = &database.store;
        let (organization, ids) = rolled_week(store).await;
        let roster = [person(&who(0), Some("Ada"), Some(ADA))];
        let roster = SliceWrite { stream: "roster", role: StreamRole::Roster, ..slice(ids[0], day(LAST), b"r", &roster) };
        put(store, organization, &roster).await;
        let ada = member(store, organization, ADA).await.id;
        assert_eq!(database.run("update person_months set packed = (select people from slice_people limit 1)").await, 1);
        let question = Question::overview(organization, Window::ending(day(LAST), 28));
        let known = Known { profiles: &TOOLS, today: day(LAST) };
        let error = store.report(&ReportName::Member(ada), &question, &known).await.unwrap_err();
        assert!(error.to_string().contains("person_months"), "{error}");
        database.drop().await;
    }
}
