//! One story runs every statement of the store on both engines and must read the same on both; the chapters beside it
//! hold what the store promises: slices replaced as a whole, organizations apart, jobs done once, secrets sealed.

#![expect(clippy::unwrap_used, reason = "in a test a failure is a panic")]

mod access;
mod accounts;
mod audience;
mod audit;
mod backup;
mod commit_records;
mod connections;
mod delivery;
mod delivery_page;
mod engines;
mod erasure;
mod groups;
mod hours;
mod keeping;
mod matching;
mod members;
mod money;
mod months;
mod organization;
mod parts;
mod people;
mod reconciliation;
mod sessions;
mod shares;
mod slices;
mod teams;

use organization::*;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{Cursor, Read};
use tacho_domain::report::Question;
use tacho_domain::{Dimension, IdentityId, IdentityRef, IntegrationId, Measure, OrganizationId, SliceState, StreamRole, Window};
use tacho_store::{
    ArchivedReply, Credential, JobId, MasterKey, NewIntegration, NewJob, Outcome, SliceWrite, Store, StoredFailure, Vault,
};

/// What the store answered, step by step.
#[derive(Default)]
struct Told(Vec<String>);

impl Told {
    fn tell(&mut self, what: &str, answer: impl Debug) {
        self.0.push(format!("{what}: {answer:?}"));
    }
}

#[tokio::test]
async fn every_statement_answers_the_same_on_both_engines() {
    let mut books = Vec::new();
    let mut dumps = Vec::new();
    for database in engines::both().await {
        let mut told = Told::default();
        tell_organizations(&database.store, &mut told).await;
        let (organization, integration) = tell_integrations(&database.store, &mut told).await;
        tell_slices(&database.store, organization, integration, &mut told).await;
        tell_reports(&database.store, organization, integration, &mut told).await;
        tell_archive(&database.store, organization, integration, &mut told).await;
        tell_jobs(&database.store, organization, integration, &mut told).await;
        shares::tell_shares(&database.store, organization, &mut told).await;
        connections::tell_connections(&database.store, organization, integration, &mut told).await;
        tell_health(&database.store, &mut told).await;
        access::tell_access(&database.store, organization, &mut told).await;
        audit::tell_audit(&database.store, organization, &mut told).await;
        money::tell_money(&database.store, organization, &mut told).await;
        groups::tell_groups(&database.store, organization, &mut told).await;
        members::tell_people(&database.store, organization, &mut told).await;
        delivery::tell_delivery(&database.store, organization, &mut told).await;
        months::tell_months(&database.store, organization, &mut told).await;
        dumps.push(database.dump().await);
        tell_removal(&database.store, organization, integration, &mut told).await;
        dumps.push(database.dump().await);
        books.push(told.0);
        database.drop().await;
    }
    assert!(dumps[0].len() > 60, "the dump holds the story: {}", dumps[0].len());
    if let [sqlite, postgres] = &books[..] {
        for (one, other) in sqlite.iter().zip(postgres) {
            assert_eq!(one, other);
        }
        assert_eq!(sqlite.len(), postgres.len());
        assert_eq!(dumps[0], dumps[2]);
        assert_eq!(dumps[1], dumps[3]);
    }
}

#[test]
fn the_story_leaves_no_statement_out() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![source];
    let mut names = Vec::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let functions = text.split("    pub async fn ").skip(1);
        names.extend(functions.map(|rest| rest.split(['(', '<']).next().unwrap().to_owned()));
    }
    assert!(names.len() > 40, "{names:?}");
    // Every chapter runs on both engines.
    let story = [
        include_str!("main.rs"),
        include_str!("access.rs"),
        include_str!("sessions.rs"),
        include_str!("audit.rs"),
        include_str!("audience.rs"),
        include_str!("members.rs"),
        include_str!("money.rs"),
        include_str!("months.rs"),
        include_str!("connections.rs"),
        include_str!("shares.rs"),
        include_str!("delivery.rs"),
        include_str!("delivery_page.rs"),
    ]
    .concat();
    let told = |name: &String| story.contains(&format!(".{name}(")) || matches!(name.as_str(), "open" | "close");
    let untold: Vec<_> = names.iter().filter(|name| !told(name)).collect();
    assert!(untold.is_empty(), "{untold:?}");
}

async fn tell_organizations(store: &Store, told: &mut Told) {
    store.ping().await.unwrap();
    let first = store.ensure_organization("Acme", NOW).await.unwrap();
    assert_eq!(store.ensure_organization("Acme", NOW.plus_seconds(1)).await.unwrap(), first);
    let second = store.add_organization(" Umbrella Corp ", NOW).await.unwrap();
    for (name, wrong) in [("Acme", store.add_organization("Acme", NOW).await), ("", store.add_organization(" ", NOW).await)] {
        told.tell(name, wrong.unwrap_err());
    }
    told.tell("renamed", store.rename_organization(second, "Umbrella").await.unwrap());
    told.tell("found", store.find_organization(second).await.unwrap());
    told.tell("taken", store.rename_organization(second, "Acme").await.unwrap_err());
    told.tell("organizations", store.list_organizations().await.unwrap());
}

async fn tell_integrations(store: &Store, told: &mut Told) -> (OrganizationId, IntegrationId) {
    let organization = store.list_organizations().await.unwrap()[0].id;
    let vault = Vault::new(MasterKey::generate(&mut rand::rng()));
    let settings = BTreeMap::from([("organization".to_owned(), "acme".to_owned())]);
    let secret = "ghp_a secret of some length".to_owned().into();
    let credential = Some(Credential { secret: &secret, vault: &vault });
    let new = NewIntegration {
        connector: "github_copilot",
        tool: &COPILOT,
        name: "Copilot",
        settings: &settings,
        credential,
        owner: None,
    };
    let id = store.add_integration(organization, &new, NOW).await.unwrap();
    told.tell("added", store.find_integration(organization, id).await.unwrap());
    let found = store.find_credential(organization, id, &vault).await.unwrap().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a made-up secret is compared")]
    let same = found.expose_secret() == "ghp_a secret of some length";
    assert!(same && store.opens_with(&vault).await.unwrap());
    store.put_credential(organization, id, &"another secret, tail 1234".to_owned().into(), &vault, NOW).await.unwrap();
    let next = Vault::new(MasterKey::generate(&mut rand::rng()));
    told.tell("rotated", store.rotate_credentials(&vault, &next, NOW).await.unwrap());
    told.tell("opens with the old key", store.opens_with(&vault).await.unwrap());
    let other = integration(store, organization, &CLAUDE).await;
    let failure = StoredFailure { kind: "auth".into(), cause: "401".into(), fix: "new key".into(), at: NOW };
    let failed = Outcome { last_synced_at: None, failure: Some(failure.clone()), next_try_at: Some(NOW.plus_seconds(60)) };
    let synced = Outcome { last_synced_at: Some(NOW), ..Outcome::default() };
    store.put_integration_outcome(organization, id, &synced).await.unwrap();
    store.put_integration_outcome(organization, id, &failed).await.unwrap();
    told.tell("failing", store.list_integrations(organization).await.unwrap());
    store.put_stream_failure(organization, id, "seats", Some(&failure)).await.unwrap();
    store.put_stream_failure(organization, id, "users_daily", Some(&failure)).await.unwrap();
    store.put_stream_failure(organization, id, "users_daily", None).await.unwrap();
    told.tell("stream failures", store.list_stream_failures(organization, id).await.unwrap());
    told.tell("paused", store.pause_integration(organization, id, true).await.unwrap());
    told.tell("paused", store.find_integration(organization, id).await.unwrap());
    told.tell("resumed", store.pause_integration(organization, id, false).await.unwrap());
    store.put_integration_outcome(organization, id, &Outcome::default()).await.unwrap();
    told.tell("well again", store.find_integration(organization, id).await.unwrap());
    told.tell("nobody's", store.find_integration(OrganizationId(2), other).await.unwrap());
    (organization, id)
}

async fn tell_slices(store: &Store, organization: OrganizationId, id: IntegrationId, told: &mut Told) {
    let today = day("2026-03-02");
    let (ada, bob, bot) = (IdentityRef::github(1, "ada"), IdentityRef::github(2, "bob"), IdentityRef::api_key("ci"));
    let mut facts = vec![
        usage(today, &ada, &[(Measure::Interactions, 5), (Measure::Suggestions, 10), (Measure::Acceptances, 4)]),
        usage(today, &bob, &[(Measure::Interactions, 0), (Measure::LinesAdded, 7)]),
        usage(today, &ada, &[(Measure::Interactions, 1), (Measure::Credits, 2_500_000)]),
        usage(today, &bot, &[(Measure::Interactions, 3)]),
        usage(today, &IdentityRef::organization(), &[(Measure::Interactions, 2)]),
        split(today, &ada, Dimension::Model, "gpt\0-x", &[(Measure::Interactions, 4)]),
        split(today, &ada, Dimension::Model, "gpt-x", &[(Measure::Interactions, 1), (Measure::Sessions, 1)]),
        split(today, &bob, Dimension::Language, "rust", &[(Measure::LinesAdded, 7)]),
    ];
    facts.swap(0, 6);
    let write = SliceWrite { state: SliceState::Provisional, ..slice(id, today, b"one", &facts) };
    told.tell("written", put(store, organization, &write).await);
    told.tell("again", put(store, organization, &SliceWrite { state: SliceState::Final, ..write }).await);
    told.tell("forced", put(store, organization, &SliceWrite { force: true, ..write }).await);
    let roster = [
        person(&ada, Some("Ada Lovelace"), Some("ada@acme.example")),
        person(&bob, None, Some("bob@acme.example")),
        seat(today, &ada, Some(19.0)),
        seat(today, &bob, None),
    ];
    let seats = SliceWrite { stream: "seats", role: StreamRole::Roster, ..slice(id, today, b"seats", &roster) };
    told.tell("roster", put(store, organization, &seats).await);
    let teams = [team(today, &ada, "core"), team(today, &bob, "core"), team(today, &ada, "web")];
    let teams = SliceWrite { stream: "user_teams", role: StreamRole::Roster, ..slice(id, today, b"teams", &teams) };
    told.tell("teams", put(store, organization, &teams).await);
    let totals = [total(today, "daily_active_users", 2), total(today, "seats", 1), total(today, "seats", 1)];
    let totals = SliceWrite { stream: "totals_daily", role: StreamRole::Evidence, ..slice(id, today, b"totals", &totals) };
    told.tell("totals", put(store, organization, &totals).await);
    let costs =
        [cost(today, "credits", 1_000_000, Some(250_000)), cost(today, "credits", 10, None), cost(today, "other", 5, None)];
    let costs = SliceWrite { stream: "credits_daily", ..slice(id, today, b"costs", &costs) };
    told.tell("costs", put(store, organization, &costs).await);
    let renamed = [usage(today.plus(1), &IdentityRef::github(1, "ada-l"), &[(Measure::Interactions, 9)])];
    told.tell("next day", put(store, organization, &slice(id, today.plus(1), b"two", &renamed)).await);
    let nothing = SliceWrite { state: SliceState::NoData, ..slice(id, today.minus(1), b"", &[]) };
    told.tell("no data", put(store, organization, &nothing).await);
    let wrong = [usage(today, &ada, &[])];
    let error = store.replace_slice(organization, &slice(id, today.plus(9), b"x", &wrong)).await.unwrap_err();
    told.tell("another day's fact", error);
    let window = Window::ending(today.plus(1), 28);
    told.tell("slices", store.list_slices(organization, id, None, window).await.unwrap());
    told.tell("one stream's", store.list_slices(organization, id, Some("seats"), window).await.unwrap());
}

async fn tell_reports(store: &Store, organization: OrganizationId, id: IntegrationId, told: &mut Told) {
    let window = Window::ending(day("2026-03-03"), 28);
    told.tell("members", store.list_members(organization).await.unwrap());
    let directory = store.directory(organization).await.unwrap();
    let subjects: Vec<_> = (0..9).map(|id| directory.subject(IdentityId(id))).collect();
    told.tell("directory", (subjects, directory.unmatched().iter().collect::<Vec<_>>()));
    let overview = store.overview(&Question::overview(organization, window), &TOOLS).await.unwrap();
    let ada = overview.members.rows.iter().find(|row| row.name == "Ada Lovelace").unwrap();
    assert_eq!((ada.interactions, ada.cost.unwrap().0), (Some(15), 25_000), "2.5 credits are 2.5 cents");
    assert_eq!(ada.spark.iter().flatten().copied().collect::<Vec<_>>(), [6.0, 9.0]);
    assert_eq!(ada.acceptance.len(), 1);
    assert!(overview.members.rows.iter().any(|row| row.name == "bob@acme.example"));
    assert!(overview.members.rows.iter().any(|row| row.name == "ci" && row.unmatched));
    told.tell("overview", overview);
    let other_tool = Question { tools: vec![CLAUDE.clone()], ..Question::overview(organization, window) };
    assert!(store.overview(&other_tool, &TOOLS).await.unwrap().is_empty());
    told.tell("splits", store.list_splits(organization, Dimension::Model, window).await.unwrap());
    told.tell("totals", store.list_totals(organization, window).await.unwrap());
    let mut rows = Vec::new();
    store.export_usage(organization, window, |row| rows.push(row)).await.unwrap();
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row.integration == id));
    told.tell("export", rows);
    let mut days = Vec::new();
    for day in window.days() {
        days.extend(store.list_member_days(organization, day).await.unwrap());
    }
    assert!(days.len() <= 5 && days.iter().any(|row| row.name == "ci" && row.member.is_none()));
    told.tell("member days", days);
}

fn reply(seq: u32, window: Window, body: &[u8]) -> ArchivedReply {
    let body = Box::new(Cursor::new(body.to_vec()));
    ArchivedReply { seq, step: "report".into(), status: 200, window, body }
}

async fn tell_archive(store: &Store, organization: OrganizationId, id: IntegrationId, told: &mut Told) {
    let window = Window::ending(day("2026-03-02"), 3);
    let replies = vec![reply(0, window, b"first"), reply(1, window, b"")];
    store.put_archive(organization, id, "users_daily", window, replies, NOW).await.unwrap();
    let wider = Window::ending(day("2026-03-03"), 5);
    store
        .put_archive(organization, id, "users_daily", wider, vec![reply(0, window, b"again"), reply(1, wider, b"")], NOW)
        .await
        .unwrap();
    store.put_archive(organization, id, "seats", window, vec![reply(0, window, b"seats")], NOW).await.unwrap();
    let entries = store.list_archive(organization, id, None, Window::day(day("2026-02-28"))).await.unwrap();
    assert_eq!(entries.len(), 3, "the wider slice took the narrower one's place: {entries:?}");
    let entries = store.list_archive(organization, id, Some("users_daily"), wider).await.unwrap();
    for entry in entries {
        let mut text = String::new();
        store.open_archive(organization, &entry).await.unwrap().read_to_string(&mut text).unwrap();
        told.tell("archived", (entry, text));
    }
}

async fn tell_jobs(store: &Store, organization: OrganizationId, id: IntegrationId, told: &mut Told) {
    let job = |key: &str, seconds| NewJob {
        kind: "sync".into(),
        integration: Some(id),
        key: key.into(),
        payload: serde_json::json!({"days": 28}),
        run_at: NOW.plus_seconds(seconds),
    };
    let first = store.add_job(organization, &job("sync:1", 0), NOW).await.unwrap();
    assert_eq!(store.add_job(organization, &job("sync:1", 5), NOW).await.unwrap(), first);
    let second = store.add_job(organization, &job("sync:2", 0), NOW).await.unwrap();
    let third = store.add_job(organization, &job("sync:3", 0), NOW).await.unwrap();
    let claimed = store.claim_job("w1", NOW, 30).await.unwrap().unwrap();
    assert_eq!(claimed.id, first);
    told.tell("claimed", claimed);
    assert_eq!(store.claim_job("w2", NOW, 30).await.unwrap().unwrap().id, second);
    assert_eq!(store.claim_job("w2", NOW, 30).await.unwrap().unwrap().id, third);
    told.tell("nothing due", store.claim_job("w2", NOW, 30).await.unwrap());
    assert!(store.extend_lease(first, "w1", NOW, 60).await.unwrap());
    assert!(!store.extend_lease(first, "w2", NOW, 60).await.unwrap());
    let later = NOW.plus_seconds(31);
    let taken_over = store.claim_job("w3", later, 30).await.unwrap().unwrap();
    assert_eq!((taken_over.id, taken_over.attempts), (second, 2), "its lease ran out");
    assert!(!store.finish_job(second, "w2", later).await.unwrap(), "it is no longer theirs");
    assert!(store.finish_job(second, "w3", later).await.unwrap());
    assert!(!store.release_job(first, "w2", NOW).await.unwrap(), "it is not theirs");
    assert!(store.release_job(first, "w1", NOW).await.unwrap());
    let again = store.claim_job("w1", NOW, 90).await.unwrap().unwrap();
    assert_eq!((again.id, again.attempts), (first, 1), "a job given back was not tried");
    assert!(store.retry_job(first, "w1", NOW.plus_seconds(120), "HTTP 500").await.unwrap());
    assert!(!store.fail_job(first, "w1", "late", later).await.unwrap(), "it is queued again");
    assert!(store.fail_job(third, "w2", "HTTP 401", later).await.unwrap());
    told.tell("jobs", store.list_jobs(organization).await.unwrap());
    told.tell("forgotten", store.remove_ended_jobs(later.plus_seconds(1)).await.unwrap());
    assert!(!store.finish_job(JobId(99), "w1", NOW).await.unwrap());
}

async fn tell_health(store: &Store, told: &mut Told) {
    let mark = store.data_mark(OrganizationId(1)).await.unwrap();
    told.tell("mark", mark);
    assert_ne!(mark, store.data_mark(OrganizationId(4_711)).await.unwrap());
    told.tell("queue", store.queue_state(NOW.plus_seconds(500)).await.unwrap());
    let fresh = store.list_freshness().await.unwrap();
    assert!(fresh.iter().any(|row| row.newest_final_day.is_some() && row.last_synced_at.is_some()), "{fresh:?}");
    told.tell("freshness", fresh);
    // Versions, sizes and clocks differ between engines by nature.
    let found = store.examine(true).await.unwrap();
    assert!(found.migration >= 1 && found.size_bytes > 100_000 && !found.version.is_empty(), "{found:?}");
    assert!(found.damage.is_empty());
    assert!(found.journal.as_deref().map_or(found.clock.is_some(), |journal| journal == "wal"), "{found:?}");
    assert!(store.pool_state().open > 0);
}

async fn tell_removal(store: &Store, organization: OrganizationId, id: IntegrationId, told: &mut Told) {
    let window = Window::ending(day("2026-03-03"), 28);
    assert!(store.remove_integration(organization, id, true).await.unwrap());
    assert!(!store.remove_integration(organization, id, true).await.unwrap());
    assert!(store.find_integration(organization, id).await.unwrap().is_none());
    assert!(!store.list_slices(organization, id, None, window).await.unwrap().is_empty(), "the data was kept");
    assert!(store.remove_integration(organization, id, false).await.unwrap());
    told.tell("no slices", store.list_slices(organization, id, None, window).await.unwrap());
    assert!(store.overview(&Question::overview(organization, window), &TOOLS).await.unwrap().is_empty());
}
