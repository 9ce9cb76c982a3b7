//! Decisions about people: they move no total, no roster overrides them, and each can be taken back.

use crate::engines;
use crate::members::{ADMIN, called, identity, member};
use crate::organization::*;
use proptest::prelude::*;
use tacho_domain::report::{Amount, HeatDay, Question};
use tacho_domain::{Fact, IdentityRef, IntegrationId, Measure, OrganizationId, StreamRole, Window};
use tacho_store::{IdentityRow, MatchKind, Member, SliceWrite, Store, Undone};

/// What no decision about people may move.
#[derive(Debug, PartialEq)]
pub(crate) struct Totals {
    interactions: Amount,
    tools: Vec<(String, Option<i64>, Option<i64>)>,
    heat: Vec<HeatDay>,
    of_rows: i64,
}

pub(crate) async fn totals(store: &Store, organization: OrganizationId, window: Window) -> Totals {
    let question = Question { limit: 1_000, ..Question::overview(organization, window) };
    let overview = store.overview(&question, &TOOLS).await.unwrap();
    Totals {
        interactions: overview.figure("interactions").unwrap().value,
        tools: overview.usage.iter().map(|tool| (tool.name.clone(), tool.interactions, tool.tokens)).collect(),
        heat: overview.heatmap.clone(),
        of_rows: overview.members.rows.iter().filter_map(|row| row.interactions).sum(),
    }
}

async fn roster(store: &Store, organization: OrganizationId, id: IntegrationId, people: &[Fact], checksum: &[u8]) {
    let write = SliceWrite { stream: "roster", role: StreamRole::Roster, ..slice(id, day("2026-03-02"), checksum, people) };
    put(store, organization, &write).await;
}

fn logins() -> Vec<IdentityRef> {
    let mut all: Vec<IdentityRef> = (0..5).map(|number| IdentityRef::github(number, &format!("login{number}"))).collect();
    all.extend((0..3).map(|number| IdentityRef::email(&format!("p{number}@acme.example"))));
    all
}

/// Four members by a roster, each with a GitHub account, and usage of eight identities with two tools.
async fn filled(store: &Store, name: &str) -> (OrganizationId, IntegrationId, Vec<Fact>) {
    let organization = store.ensure_organization(name, NOW).await.unwrap();
    let (copilot, claude) = (integration(store, organization, &COPILOT).await, integration(store, organization, &CLAUDE).await);
    let today = day("2026-03-02");
    let people: Vec<Fact> = (0..4u8)
        .map(|number| {
            person(&logins()[usize::from(number)], Some(&format!("Person {number}")), Some(&format!("p{number}@acme.example")))
        })
        .collect();
    roster(store, organization, copilot, &people, b"r").await;
    let facts: Vec<Fact> = (1..).zip(&logins()).map(|(much, who)| usage(today, who, &[(Measure::Interactions, much)])).collect();
    put(store, organization, &slice(copilot, today, b"1", &facts[..5])).await;
    put(store, organization, &SliceWrite { tool: &CLAUDE, ..slice(claude, today.minus(1), b"2", &[]) }).await;
    let facts: Vec<Fact> =
        (1..).zip(&logins()).map(|(much, who)| usage(today.minus(2), who, &[(Measure::Interactions, much)])).collect();
    put(store, organization, &SliceWrite { tool: &CLAUDE, ..slice(claude, today.minus(2), b"3", &facts) }).await;
    (organization, copilot, people)
}

#[tokio::test]
async fn rosters_never_change_what_a_person_decided() {
    for database in engines::both().await {
        let store = &database.store;
        let (organization, copilot, people) = filled(store, "Acme").await;
        let window = Window::ending(day("2026-03-02"), 7);
        let before = totals(store, organization, window).await;
        let (zero, one) =
            (member(store, organization, "p0@acme.example").await, member(store, organization, "p1@acme.example").await);
        let [split, moved, ignored] = ["login0", "login1", "login2"];
        let id = async |label| identity(store, organization, label).await.id;
        assert!(store.split_identity(organization, id(split).await, ADMIN, NOW).await.unwrap());
        assert!(store.match_identity(organization, id(moved).await, zero.id, ADMIN, NOW).await.unwrap());
        assert!(store.ignore_identity(organization, id(ignored).await, ADMIN, NOW).await.unwrap());
        assert!(!store.split_identity(organization, id(split).await, ADMIN, NOW).await.unwrap(), "it has no member any more");
        roster(store, organization, copilot, &people, b"another day").await;
        assert_eq!(identity(store, organization, split).await.member, None, "split stays split");
        let now = identity(store, organization, moved).await;
        assert_eq!((now.member, now.how, now.member_name.as_deref()), (Some(zero.id), MatchKind::ByHand, Some("Person 0")));
        let now = identity(store, organization, ignored).await;
        assert_eq!((now.member, now.how), (None, MatchKind::Ignored));
        assert_eq!(now.last_active, Some(day("2026-03-02")));
        assert_eq!(now.tools, [CLAUDE.clone(), COPILOT.clone()]);
        assert_eq!(totals(store, organization, window).await, before);
        let rate = store.match_rate(organization, window).await.unwrap();
        assert_eq!((rate.people, rate.matched, rate.ignored), (7, 5, 1), "{rate:?}");
        assert!(
            store.find_member(organization, one.id).await.unwrap().is_some_and(|one| one.identities == 1),
            "her address stays hers"
        );
        database.drop().await;
    }
}

#[tokio::test]
async fn two_members_become_one_and_two_again() {
    for database in engines::both().await {
        let store = &database.store;
        let (organization, copilot, people) = filled(store, "Acme").await;
        let window = Window::ending(day("2026-03-02"), 7);
        let (before, directory) = (totals(store, organization, window).await, store.directory(organization).await.unwrap());
        let (zero, one) =
            (member(store, organization, "p0@acme.example").await, member(store, organization, "p1@acme.example").await);
        let two = member(store, organization, "p2@acme.example").await;
        assert!(store.merge_members(organization, zero.id, one.id, ADMIN, NOW).await.unwrap());
        assert!(store.merge_members(organization, one.id, two.id, ADMIN, NOW).await.unwrap());
        assert!(store.merge_members(organization, two.id, two.id, ADMIN, NOW).await.unwrap_err().is_invalid());
        assert!(!store.merge_members(organization, zero.id, two.id, ADMIN, NOW).await.unwrap(), "they are one already");
        let merged = store.find_member(organization, two.id).await.unwrap().unwrap();
        assert_eq!((merged.identities, store.list_members(organization).await.unwrap().len()), (6, 2));
        roster(store, organization, copilot, &people, b"another day").await;
        assert_eq!(store.list_members(organization).await.unwrap().len(), 2, "the roster's old addresses mean the one member");
        assert_eq!(store.find_member(organization, two.id).await.unwrap().unwrap(), merged, "and do not rename them");
        assert_eq!(totals(store, organization, window).await, before);
        let changes = store.list_people_changes(organization, 9, None).await.unwrap();
        assert_eq!(changes[1].what, "Person 0 and Person 1 are the same person");
        let early = store.undo_people_change(organization, changes[1].id, ADMIN, NOW).await.unwrap();
        assert!(matches!(early, Undone::Overtaken(_)), "{early:?}");
        for change in &changes {
            assert_eq!(store.undo_people_change(organization, change.id, ADMIN, NOW).await.unwrap(), Undone::Done);
        }
        assert_eq!(store.directory(organization).await.unwrap(), directory);
        assert_eq!(store.list_members(organization).await.unwrap().len(), 4);
        let changes = store.list_people_changes(organization, 9, None).await.unwrap();
        assert!(changes.iter().all(|change| change.undone_at == Some(NOW) && !change.can_undo));
        database.drop().await;
    }
}

#[tokio::test]
async fn suggestions_are_for_those_nobody_decided_about_and_never_apply_themselves() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let today = day("2026-03-02");
        let who = [
            IdentityRef::github(1, "ada-lovelace_acme"),
            IdentityRef::email("g.hopper@elsewhere.example"),
            IdentityRef::api_key("ada"),
        ];
        let facts: Vec<Fact> = who.iter().map(|who| usage(today, who, &[(Measure::Interactions, 1)])).collect();
        put(store, organization, &slice(id, today, b"1", &facts)).await;
        let ada = store.add_member(organization, &called("al@acme.example", "Ada Lovelace"), ADMIN, NOW).await.unwrap();
        let grace = store.add_member(organization, &called("gh@acme.example", "Grace Hopper"), ADMIN, NOW).await.unwrap();
        let told = async || {
            let all = store.list_suggestions(organization).await.unwrap();
            all.into_iter().map(|one| (one.identity.label, one.member.id, one.why)).collect::<Vec<_>>()
        };
        let suggested = told().await;
        assert_eq!(suggested.len(), 2, "{suggested:?}");
        assert_eq!((suggested[0].1, suggested[1].1), (ada, grace));
        assert_eq!(suggested[0].2, "the login ada-lovelace_acme is the name Ada Lovelace, written another way");
        assert_eq!(store.match_rate(organization, Window::day(today)).await.unwrap().matched, 0);
        let login = identity(store, organization, "ada-lovelace_acme").await;
        assert!(store.refuse_suggestion(organization, login.id, ada, ADMIN, NOW).await.unwrap());
        assert_eq!(told().await.len(), 1);
        let refusal = store.list_people_changes(organization, 1, None).await.unwrap()[0].id;
        assert_eq!(store.undo_people_change(organization, refusal, ADMIN, NOW).await.unwrap(), Undone::Done);
        assert_eq!(told().await.len(), 2);
        assert!(store.match_identity(organization, login.id, ada, ADMIN, NOW).await.unwrap());
        assert!(store.split_identity(organization, login.id, ADMIN, NOW).await.unwrap());
        assert_eq!(told().await.len(), 1, "who was split is not suggested again");
        database.drop().await;
    }
}

#[tokio::test]
async fn organizations_decide_about_their_own_people_only() {
    for database in engines::both().await {
        let store = &database.store;
        let (acme, ..) = filled(store, "Acme").await;
        let (other, ..) = filled(store, "Other").await;
        let extra = store.add_member(other, &called("extra@acme.example", "Extra"), ADMIN, NOW).await.unwrap();
        let first = identity(store, acme, "login0").await.id;
        let before = database.dump_of(&["members", "identities", "people_changes", "refused_matches"]).await;
        assert!(!store.match_identity(acme, first, extra, ADMIN, NOW).await.unwrap());
        assert!(!store.merge_members(acme, extra, member(store, acme, "p0@acme.example").await.id, ADMIN, NOW).await.unwrap());
        assert!(!store.refuse_suggestion(acme, first, extra, ADMIN, NOW).await.unwrap());
        assert!(!store.erase_member(acme, extra, ADMIN, NOW).await.unwrap());
        assert!(store.find_member(acme, extra).await.unwrap().is_none());
        assert_eq!(store.undo_people_change(acme, 1, ADMIN, NOW).await.unwrap(), Undone::NotFound);
        assert_eq!(database.dump_of(&["members", "identities", "people_changes", "refused_matches"]).await, before);
        database.drop().await;
    }
}

#[derive(Debug, Clone)]
enum Step {
    Match(usize, usize),
    Split(usize),
    Ignore(usize),
    Refuse(usize, usize),
    Merge(usize, usize),
    Sync,
    UndoNewest,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0usize..8, 0usize..4).prop_map(|(identity, member)| Step::Match(identity, member)),
        2 => (0usize..8).prop_map(Step::Split),
        1 => (0usize..8).prop_map(Step::Ignore),
        1 => (0usize..8, 0usize..4).prop_map(|(identity, member)| Step::Refuse(identity, member)),
        2 => (0usize..4, 0usize..4).prop_map(|(from, into)| Step::Merge(from, into)),
        1 => Just(Step::Sync),
        2 => Just(Step::UndoNewest),
    ]
}

async fn do_step(
    store: &Store,
    organization: OrganizationId,
    step: &Step,
    (identities, members): (&[IdentityRow], &[Member]),
    open: Option<i64>,
) {
    let outcome = match *step {
        Step::Match(identity, member) => {
            store.match_identity(organization, identities[identity].id, members[member].id, ADMIN, NOW).await.map(drop)
        }
        Step::Split(identity) => store.split_identity(organization, identities[identity].id, ADMIN, NOW).await.map(drop),
        Step::Ignore(identity) => store.ignore_identity(organization, identities[identity].id, ADMIN, NOW).await.map(drop),
        Step::Refuse(identity, member) => {
            store.refuse_suggestion(organization, identities[identity].id, members[member].id, ADMIN, NOW).await.map(drop)
        }
        Step::Merge(from, into) => {
            store.merge_members(organization, members[from].id, members[into].id, ADMIN, NOW).await.map(drop)
        }
        Step::UndoNewest => match open {
            Some(change) => store.undo_people_change(organization, change, ADMIN, NOW).await.map(drop),
            None => Ok(()),
        },
        Step::Sync => Ok(()),
    };
    assert!(outcome.is_ok() || matches!(step, Step::Merge(from, into) if from == into), "{step:?}: {outcome:?}");
}

async fn take(store: &Store, steps: &[Step], name: &str) {
    let (organization, copilot, people) = filled(store, name).await;
    let window = Window::ending(day("2026-03-02"), 7);
    let expected = totals(store, organization, window).await;
    let identities = store.list_identities(organization).await.unwrap();
    let members = store.list_members(organization).await.unwrap();
    for (turn, step) in (0u32..).zip(steps) {
        let before = store.directory(organization).await.unwrap();
        let newest = async || store.list_people_changes(organization, 1, None).await.unwrap().first().cloned();
        let last = newest().await;
        let open = async || {
            let all = store.list_people_changes(organization, 99, None).await.unwrap();
            all.into_iter().find(|change| change.undone_at.is_none())
        };
        do_step(store, organization, step, (&identities, &members), open().await.map(|change| change.id)).await;
        if matches!(step, Step::Sync) {
            roster(store, organization, copilot, &people, format!("turn {turn}").as_bytes()).await;
        }
        assert_eq!(totals(store, organization, window).await, expected, "{step:?}");
        let counted: u32 = store.list_members(organization).await.unwrap().iter().map(|member| member.identities).sum();
        let directory = store.directory(organization).await.unwrap();
        assert_eq!(i64::from(counted) + directory.unmatched().count(), 8, "each identity has one place: {step:?}");
        let made = newest().await.filter(|made| Some(made.id) != last.as_ref().map(|last| last.id));
        if let Some(made) = made.filter(|_| turn % 2 == 0) {
            assert_eq!(store.undo_people_change(organization, made.id, ADMIN, NOW).await.unwrap(), Undone::Done, "{step:?}");
            assert_eq!(store.directory(organization).await.unwrap(), before, "{step:?}");
        }
    }
    let decided: Vec<_> = store.list_identities(organization).await.unwrap();
    roster(store, organization, copilot, &people, b"at the end").await;
    for (before, after) in decided.iter().zip(store.list_identities(organization).await.unwrap()) {
        if matches!(before.how, MatchKind::ByHand | MatchKind::Ignored) {
            assert_eq!((before.member, before.how), (after.member, after.how));
        }
    }
}

#[test]
fn whatever_is_decided_totals_stay_and_the_last_decision_can_be_undone() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let databases = runtime.block_on(engines::both());
    let turn = std::cell::Cell::new(0);
    proptest!(ProptestConfig::with_cases(16), |(steps in prop::collection::vec(any_step(), 1..14))| {
        turn.set(turn.get() + 1);
        for database in &databases {
            runtime.block_on(take(&database.store, &steps, &format!("turn {}", turn.get())));
        }
    });
    for database in databases {
        runtime.block_on(database.drop());
    }
}
