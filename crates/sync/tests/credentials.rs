//! Journeys of a credential: what a vendor tells of it is kept, an app signs for itself, a new one replaces one that is
//! refused, and no secret goes to another host than the one it was given for.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod stage;

use secrecy::SecretString;
use serde_json::{Value, json};
use stage::{Stage, on_each_engine, today};
use tacho_domain::{IntegrationId, UserId};
use tacho_simulator::{Endpoint, Fault, Rule, Vendor};
use tacho_store::{AuthKind, Integration, IntegrationState, JobState, ProgressState};
use tacho_sync::{Connect, ConnectError, Edit, Step};
use tokio_util::sync::CancellationToken;

async fn find(stage: &Stage, id: IntegrationId) -> Integration {
    stage.store.find_integration(stage.organization, id).await.unwrap().unwrap()
}

fn app(stage: &Stage, change: impl FnOnce(&mut Value)) -> Connect {
    let mut credential: Value = serde_json::from_str(&stage.simulator.app_credential()).unwrap();
    change(&mut credential);
    Connect { secret: credential.to_string().into(), ..stage.request(Vendor::Github) }
}

async fn connect(stage: &Stage, request: Connect) -> Result<IntegrationId, ConnectError> {
    stage.engine.connect(stage.organization, request, &CancellationToken::new()).await
}

fn asked(stage: &Stage, endpoint: Endpoint) -> u64 {
    stage.simulator.calls().get(&endpoint).map_or(0, |calls| calls.calls)
}

#[tokio::test]
async fn what_the_vendor_tells_of_a_token_is_known_once_it_is_connected_and_kept_up_to_date() {
    on_each_engine(async |stage: Stage| {
        let id = stage.connect(Vendor::Github).await;
        let known = find(&stage, id).await;
        let scopes = ["manage_billing:copilot", "read:enterprise", "read:org", "repo"].map(str::to_owned).to_vec();
        assert_eq!((known.auth, known.granted_scopes), (AuthKind::Secret, Some(scopes.clone())));
        assert_eq!(known.expires_at, Some(today().plus(10).start().plus_seconds(8 * 3_600)));
        let probe = stage.store.find_probe(stage.organization, id).await.unwrap().unwrap();
        assert!(probe.tried.len() > 4 && probe.tried.iter().all(|tried| tried.ok), "{probe:?}");

        // A refusal tells of the credential too: scopes were taken away since.
        stage.simulator.faults().add(Rule::always(Endpoint::CopilotSeats, Fault::MissingScopes));
        stage.engine.probe_stored(stage.organization, id, &CancellationToken::new()).await.unwrap().unwrap();
        let probe = stage.store.find_probe(stage.organization, id).await.unwrap().unwrap();
        let refused = probe.tried.iter().find(|tried| tried.stream == "seats").unwrap();
        assert!(!refused.ok && refused.fix.as_ref().unwrap().contains("`read:org`"), "{refused:?}");
        stage.simulator.faults().clear();
        stage.sync(id).await.unwrap();
        assert_eq!(find(&stage, id).await.granted_scopes, Some(scopes));

        let other = find(&stage, stage.connect(Vendor::Cursor).await).await;
        assert_eq!((other.granted_scopes, other.expires_at), (None, None), "a vendor that tells nothing is not guessed at");
    })
    .await;
}

#[tokio::test]
async fn an_app_signs_for_itself_and_its_token_is_renewed_when_it_is_due() {
    on_each_engine(async |stage: Stage| {
        let id = connect(&stage, app(&stage, |_| {})).await.unwrap();
        let known = find(&stage, id).await;
        assert_eq!((known.auth, known.granted_scopes, known.expires_at), (AuthKind::App, None, None));
        assert_eq!(known.credential_tail.as_deref(), Some("app"), "nothing of the key is shown");
        let trying = asked(&stage, Endpoint::AppToken);
        stage.sync(id).await.unwrap();
        assert_eq!(asked(&stage, Endpoint::AppToken), trying + 1, "one token serves the whole sync");
        stage.sync(id).await.unwrap();
        assert_eq!(asked(&stage, Endpoint::AppToken), trying + 1, "and the next one");
        stage.pass_seconds(3_400);
        stage.sync(id).await.unwrap();
        assert_eq!(asked(&stage, Endpoint::AppToken), trying + 2, "until shortly before its end");
        stage.simulator.revoke_app_tokens();
        stage.sync(id).await.unwrap();
        assert_eq!(asked(&stage, Endpoint::AppToken), trying + 3, "one that was taken back is replaced at once");
    })
    .await;
}

#[tokio::test]
async fn an_app_that_is_refused_is_told_why() {
    let stage = Stage::new().await;
    let other_key = include_str!("../../transport/tests/sends/app_key.pem");
    for (request, cause) in [
        (app(&stage, |app| app["private_key"] = json!(other_key)), "does not accept the app's private key"),
        (app(&stage, |app| app["installation_id"] = json!(4711)), "knows no such installation"),
        (app(&stage, |app| app["app_id"] = json!(1)), "does not accept the app's private key"),
    ] {
        let refused = connect(&stage, request).await.unwrap_err().to_string();
        assert!(refused.contains(cause) && !refused.contains("PRIVATE"), "{refused}");
    }
    let broken =
        app(&stage, |app| app["private_key"] = json!("-----BEGIN RSA PRIVATE KEY-----\nhush\n-----END RSA PRIVATE KEY-----"));
    let refused = connect(&stage, broken).await.unwrap_err().to_string();
    assert!(refused.contains("cannot be read") && !refused.contains("hush"), "{refused}");
    assert!(stage.store.list_integrations(stage.organization).await.unwrap().is_empty());
}

#[tokio::test]
async fn another_credential_is_tried_before_it_replaces_one_that_is_refused() {
    on_each_engine(async |stage: Stage| {
        let cancel = CancellationToken::new();
        let id = stage.connect(Vendor::Github).await;
        let _ = stage.simulator.faults().rotate(Vendor::Github);
        assert_eq!(stage.sync(id).await.unwrap_err().failure.kind, "auth");
        assert_eq!(find(&stage, id).await.state, IntegrationState::Failing);
        let wrong = SecretString::from(format!("ghp_{}", "a".repeat(36)));
        let reauthorize = async |secret: &SecretString, auth, extra| {
            stage.engine.reauthorize(stage.organization, id, secret, auth, extra, &cancel).await
        };
        assert!(matches!(reauthorize(&wrong, AuthKind::Secret, Vec::new()).await, Err(ConnectError::Refused(_))));
        assert_eq!(find(&stage, id).await.state, IntegrationState::Failing, "nothing was replaced");

        let extra = vec!["manage_billing:copilot".to_owned()];
        reauthorize(&stage.secret(Vendor::Github), AuthKind::OAuth, extra.clone()).await.unwrap();
        let known = find(&stage, id).await;
        assert_eq!((known.state, known.auth, known.extra_scopes), (IntegrationState::Connected, AuthKind::OAuth, extra));
        let jobs = stage.store.list_open_jobs(stage.organization).await.unwrap();
        assert!(jobs.iter().any(|job| job.integration == Some(id) && job.state == JobState::Queued));
        stage.sync(id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn settings_are_tried_before_they_are_kept_and_no_credential_goes_to_another_host() {
    let stage = Stage::new().await;
    let cancel = CancellationToken::new();
    let id = stage.connect(Vendor::Github).await;
    let before = find(&stage, id).await;
    let edit = async |key: &str, value: &str| {
        let mut settings = before.settings.clone();
        settings.insert(key.to_owned(), value.to_owned());
        stage.engine.edit(stage.organization, id, Edit { name: None, settings: Some(settings) }, &cancel).await
    };
    let calls = stage.simulator.calls();
    let elsewhere = edit("base_url", "https://api.elsewhere.example").await.unwrap_err();
    assert!(matches!(elsewhere, ConnectError::Settings(_)) && elsewhere.to_string().contains("another host"), "{elsewhere}");
    assert!(matches!(edit("host", "acme.example").await.unwrap_err(), ConnectError::Settings(_)));
    assert_eq!(stage.simulator.calls(), calls, "nobody was asked");
    assert!(matches!(edit("organization", "somebody-else").await.unwrap_err(), ConnectError::Refused(_)));
    assert_eq!(find(&stage, id).await, before, "nothing was changed");

    edit("organization", &stage.simulator.organization().to_uppercase()).await.unwrap();
    let rename = Edit { name: Some("Copilot of the group".into()), settings: None };
    stage.engine.edit(stage.organization, id, rename, &cancel).await.unwrap();
    let after = find(&stage, id).await;
    assert_eq!((after.name.as_str(), after.settings["organization"].as_str()), ("Copilot of the group", "OCTO-DEMO"));
    let missing = stage.engine.edit(stage.organization, IntegrationId(999), Edit::default(), &cancel).await;
    assert!(matches!(missing, Err(ConnectError::Missing(_))));
}

#[tokio::test]
async fn a_key_that_shows_everybody_is_no_members_own() {
    let stage = Stage::new().await;
    for vendor in Vendor::ALL {
        let refused = connect(&stage, Connect { owner: Some(UserId(1)), ..stage.request(vendor) }).await.unwrap_err();
        assert!(matches!(refused, ConnectError::NotPersonal(_)), "{refused}");
    }
    assert!(stage.simulator.calls().is_empty(), "nobody was asked");
}

#[tokio::test]
async fn every_replica_sees_how_far_a_sync_is_and_how_it_ended() {
    on_each_engine(async |mut stage: Stage| {
        let id = stage.connect(Vendor::Anthropic).await;
        let progress = async |stage: &Stage| stage.store.list_progress(stage.organization).await.unwrap();
        assert_eq!(progress(&stage).await, []);
        let mortal = stage.mortal(Step::SliceDone, 2);
        let organization = stage.organization;
        let died =
            tokio::spawn(async move { mortal.sync(organization, id, &stage::four_weeks(), &CancellationToken::new()).await });
        assert!(died.await.is_err());
        stage.another_process().await;
        let [left] = &progress(&stage).await[..] else { panic!("one integration") };
        assert_eq!((left.integration, left.state), (id, ProgressState::Running));
        assert!(left.total > 3, "{left:?}");
        stage.sync(id).await.unwrap();
        let [ended] = &progress(&stage).await[..] else { panic!("one integration") };
        assert_eq!((ended.state, ended.done), (ProgressState::Finished, ended.total));
        stage.simulator.faults().add(Rule::always(Endpoint::ClaudeUsage, Fault::Unauthorized));
        stage.sync(id).await.unwrap_err();
        assert_eq!(progress(&stage).await[0].state, ProgressState::Failed);

        assert!(stage.engine.disconnect(stage.organization, id, false).await.unwrap());
        assert_eq!(progress(&stage).await, []);
        assert!(!stage.engine.disconnect(stage.organization, id, false).await.unwrap());
    })
    .await;
}
