//! What is known of a connection besides its syncs, told on both engines; and that nothing is written of one that is gone.

use super::Told;
use super::organization::*;
use std::collections::BTreeMap;
use tacho_domain::{IntegrationId, OrganizationId, SliceState, UserId, Window};
use tacho_store::{AuthKind, CredentialFacts, NewIntegration, Probe, Progress, ProgressState, SliceWrite, Store, TriedEndpoint};

pub(crate) async fn tell_connections(store: &Store, organization: OrganizationId, id: IntegrationId, told: &mut Told) {
    told.tell("renamed", store.rename_integration(organization, id, "Copilot of everybody").await.unwrap());
    let settings = BTreeMap::from([("organization".to_owned(), "umbrella".to_owned())]);
    told.tell("settings", store.put_integration_settings(organization, id, &settings).await.unwrap());
    let nobody = IntegrationId(999);
    assert!(!store.rename_integration(organization, nobody, "x").await.unwrap());
    assert!(!store.put_integration_settings(organization, nobody, &settings).await.unwrap());
    let facts = CredentialFacts {
        auth: Some(AuthKind::OAuth),
        granted_scopes: Some(vec!["read:org".into(), "repo".into()]),
        extra_scopes: Some(vec!["manage_billing:copilot".into()]),
        expires_at: Some(NOW.plus_seconds(86_400)),
    };
    store.put_credential_facts(organization, id, &facts).await.unwrap();
    told.tell("facts", store.find_integration(organization, id).await.unwrap());
    // A later reply that tells of scopes only leaves the rest; none at all are told too.
    let fewer = CredentialFacts { granted_scopes: Some(Vec::new()), ..CredentialFacts::default() };
    store.put_credential_facts(organization, id, &fewer).await.unwrap();
    let known = store.find_integration(organization, id).await.unwrap().unwrap();
    assert_eq!((known.auth, known.granted_scopes, known.expires_at), (AuthKind::OAuth, Some(Vec::new()), facts.expires_at));

    told.tell("not tried", store.find_probe(organization, id).await.unwrap());
    let no = TriedEndpoint {
        stream: "seats".into(),
        endpoint: "GET https://vendor.example/seats".into(),
        ok: false,
        cause: Some("No.".into()),
        fix: Some("Ask.".into()),
    };
    let yes = TriedEndpoint { ok: true, cause: None, fix: None, stream: "users_daily".into(), ..no.clone() };
    store.put_probe(organization, id, &Probe { at: NOW, tried: vec![yes, no] }).await.unwrap();
    told.tell("tried", store.find_probe(organization, id).await.unwrap());

    let begun =
        Progress { integration: id, state: ProgressState::Running, done: 0, total: 40, stream: None, begun_at: NOW, at: NOW };
    store.put_progress(organization, &begun).await.unwrap();
    let further = Progress { done: 12, stream: Some("users_daily".into()), at: NOW.plus_seconds(9), ..begun.clone() };
    store.put_progress(organization, &further).await.unwrap();
    store.put_progress(organization, &Progress { integration: nobody, ..begun }).await.unwrap();
    told.tell("progress", store.list_progress(organization).await.unwrap());
    assert_eq!(store.list_progress(organization).await.unwrap(), [further]);
    assert_eq!(store.list_progress(OrganizationId(2)).await.unwrap(), []);

    let strip = store.list_day_strip(organization, id, Window::ending(day("2026-03-03"), 28)).await.unwrap();
    assert!(strip.iter().any(|day| day.state == SliceState::Final), "{strip:?}");
    told.tell("strip", strip);
    told.tell(
        "strip of nobody",
        store.list_day_strip(OrganizationId(2), id, Window::ending(day("2026-03-03"), 28)).await.unwrap(),
    );
    told.tell("open jobs", store.list_open_jobs(organization).await.unwrap());
}

#[tokio::test]
async fn what_somebody_connected_for_themselves_is_forgotten_when_they_go_and_its_data_stays() {
    for database in super::engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let settings = BTreeMap::new();
        let new = |owner| NewIntegration {
            connector: "own",
            tool: &CLAUDE,
            name: "My own",
            settings: &settings,
            credential: None,
            owner,
        };
        let (ada, ben) = (Some(UserId(1)), Some(UserId(2)));
        let mut ids = Vec::new();
        for owner in [ada, ada, ben, None] {
            ids.push(store.add_integration(organization, &new(owner), NOW).await.unwrap());
        }
        put(store, organization, &slice(ids[0], day("2026-03-02"), b"one", &[])).await;
        assert_eq!(store.remove_personal_integrations(organization, UserId(1)).await.unwrap(), 2);
        assert_eq!(store.remove_personal_integrations(organization, UserId(1)).await.unwrap(), 0);
        let left: Vec<_> = store.list_integrations(organization).await.unwrap().iter().map(|one| one.owner).collect();
        assert_eq!(left, [ben, None]);
        let window = Window::ending(day("2026-03-03"), 28);
        assert_eq!(store.list_day_strip(organization, ids[0], window).await.unwrap().len(), 1);
        database.drop().await;
    }
}

#[tokio::test]
async fn nothing_is_written_of_an_integration_that_is_gone() {
    for database in super::engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        for keep_data in [true, false] {
            let id = integration(store, organization, &CLAUDE).await;
            let write: SliceWrite<'_> = slice(id, day("2026-03-02"), b"one", &[]);
            store.replace_slice(organization, &write).await.unwrap();
            assert!(store.remove_integration(organization, id, keep_data).await.unwrap());
            let late = slice(id, day("2026-03-03"), b"two", &[]);
            assert!(store.replace_slice(organization, &late).await.unwrap_err().is_invalid());
            let window = Window::day(day("2026-03-03"));
            let archived = store.put_archive(organization, id, "usage", window, Vec::new(), NOW).await;
            assert!(archived.unwrap_err().is_invalid());
            let strip = store.list_day_strip(organization, id, Window::ending(day("2026-03-03"), 9)).await.unwrap();
            assert_eq!(strip.len(), usize::from(keep_data), "what was read before is kept or gone, as was wished");
        }
        database.drop().await;
    }
}
