//! Journeys of a connection: nothing is stored before the vendor was seen to answer, and no secret is ever readable.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod stage;

use secrecy::SecretString;
use stage::{Stage, on_each_engine};
use tacho_connectors::Verdict;
use tacho_simulator::{Endpoint, Fault, Rule, Vendor};
use tacho_store::JobState;
use tacho_sync::{ConnectError, Happening, worker};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_good_connection_is_tried_stored_sealed_and_queued() {
    on_each_engine(async |stage: Stage| {
        for vendor in Vendor::ALL {
            let id = stage.connect(vendor).await;
            let known = stage.store.find_integration(stage.organization, id).await.unwrap().unwrap();
            assert!(known.credential_tail.is_some_and(|tail| tail.len() == 4), "{vendor:?}");
            let jobs = stage.store.list_jobs(stage.organization).await.unwrap();
            assert!(jobs.iter().any(|job| job.integration == Some(id) && job.state == JobState::Queued), "{vendor:?}");
            assert_eq!(stage.store.list_stream_failures(stage.organization, id).await.unwrap(), [], "{vendor:?}");
            let probed = stage.engine.probe_stored(stage.organization, id, &CancellationToken::new()).await.unwrap().unwrap();
            assert!(probed.len() >= 2 && probed.iter().all(|probed| probed.result.is_ok()), "{vendor:?} {probed:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_cannot_work_leaves_nothing_behind() {
    let stage = Stage::new().await;
    let cancel = CancellationToken::new();
    let good = stage.request(Vendor::Github);
    let refuse = async |change: &dyn Fn(&mut tacho_sync::Connect)| {
        let mut request = good.clone();
        change(&mut request);
        stage.engine.connect(stage.organization, request, &cancel).await.unwrap_err()
    };
    let calls = stage.simulator.calls();
    assert!(matches!(refuse(&|request| request.connector_id = "copilot".into()).await, ConnectError::Unknown(_)));
    let unknown = refuse(&|request| drop(request.settings.0.insert("organisation".into(), "acme".into()))).await;
    assert!(matches!(unknown, ConnectError::Settings(_)), "{unknown}");
    let form = refuse(&|request| request.secret = SecretString::from("sk-ant-admin01-of-another-vendor")).await;
    assert!(matches!(form, ConnectError::Credential(_)) && !form.to_string().contains("of-another-vendor"), "{form}");
    assert_eq!(stage.simulator.calls(), calls, "the vendor was not even asked");

    let wrong = SecretString::from(format!("ghp_{}", "a".repeat(36)));
    let refused = refuse(&|request| request.secret = wrong.clone()).await;
    let ConnectError::Refused(probed) = &refused else { panic!("{refused}") };
    assert!(probed.iter().all(|probed| probed.result.as_ref().is_err_and(|diagnosis| diagnosis.verdict == Verdict::Broken)));
    assert!(!refused.to_string().is_empty() && !refused.to_string().contains("aaaa"), "{refused}");
    assert!(stage.store.list_integrations(stage.organization).await.unwrap().is_empty());
    assert!(stage.store.list_jobs(stage.organization).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_key_may_not_see_is_noted_and_the_rest_is_connected() {
    let stage = Stage::new().await;
    stage.simulator.faults().add(Rule::always(Endpoint::CopilotSeats, Fault::MissingScopes));
    let id = stage.connect(Vendor::Github).await;
    let failures = stage.store.list_stream_failures(stage.organization, id).await.unwrap();
    assert_eq!(failures.len(), 1);
    assert!(failures[0].stream == "seats" && failures[0].failure.fix.contains("read"), "{failures:?}");

    let other = Stage::new().await;
    for endpoint in [Endpoint::CopilotUsersDay, Endpoint::CopilotCredits] {
        other.simulator.faults().add(Rule::always(endpoint, Fault::MissingScopes));
    }
    let refused = other.engine.connect(other.organization, other.request(Vendor::Github), &CancellationToken::new()).await;
    assert!(matches!(refused, Err(ConnectError::Refused(_))), "seats alone count nothing: {refused:?}");
}

#[tokio::test]
async fn whoever_watches_sees_every_slice_and_the_end() {
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Anthropic).await;
    let mut events = stage.engine.events();
    stage.sync(id).await.unwrap();
    let mut seen = Vec::new();
    while let Ok(event) = events.try_recv() {
        assert_eq!((event.organization, event.integration), (stage.organization, id));
        seen.push(event.what);
    }
    let Some(Happening::Started { total }) = seen.first() else { panic!("{seen:?}") };
    assert!(matches!(seen.last(), Some(Happening::Finished { rows, .. }) if *rows > 0), "{seen:?}");
    let done: Vec<usize> =
        seen.iter().filter_map(|what| if let Happening::SliceDone { done, .. } = what { Some(*done) } else { None }).collect();
    assert_eq!(done, (1..=*total).collect::<Vec<_>>());
}

/// Whether a text is in a file, whatever the file is.
fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_secret_is_in_any_file_of_the_database_nor_in_any_message() {
    let stage = Stage::new().await;
    let mut told = Vec::new();
    let mut events = stage.engine.events();
    for vendor in Vendor::ALL {
        let id = stage.connect(vendor).await;
        told.push(format!("{:?}", stage.sync(id).await));
    }
    // And with failures on the way: a vendor that repeats the secret, a link that has expired, a key that was revoked.
    stage.simulator.faults().add(Rule::once(Endpoint::CopilotSeats, Fault::EchoSecret));
    stage.simulator.faults().add(Rule::once(Endpoint::CopilotDownload, Fault::ExpiredLink).times(9));
    let before = stage.simulator.secrets();
    let _new = stage.simulator.faults().rotate(Vendor::Cursor);
    for integration in stage.store.list_integrations(stage.organization).await.unwrap() {
        told.push(format!("{integration:?} {:?}", stage.sync(integration.id).await));
        told.push(format!("{:?}", stage.store.list_stream_failures(stage.organization, integration.id).await));
    }
    while worker::run_one(&stage.engine, "worker", &CancellationToken::new()).await.unwrap().is_some() {}
    told.push(format!("{:?}", stage.store.list_jobs(stage.organization).await.unwrap()));
    while let Ok(event) = events.try_recv() {
        told.push(format!("{event:?}"));
    }
    let told = told.join("\n");
    assert!(told.contains("auth") && told.contains("expired"), "the failures were told");

    let link = "sig=";
    let files = stage.files();
    assert!(files.len() > 1, "the database and its journal: {files:?}");
    let bytes: Vec<u8> = files.iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    assert!(holds(&bytes, "github_copilot"), "the search finds what is there");
    for secret in [&before.github, &before.anthropic, &before.cursor] {
        assert!(!told.contains(secret.as_str()), "told");
        assert!(!holds(&bytes, secret), "stored");
    }
    assert!(!told.contains(link) && !holds(&bytes, link), "signed links are secrets too");
    // The archive is compressed, so it is searched as it reads.
    let always = tacho_domain::Window { from: stage::today().minus(400), to: stage::today() };
    let mut kept = 0;
    for integration in stage.store.list_integrations(stage.organization).await.unwrap() {
        for entry in stage.store.list_archive(stage.organization, integration.id, None, always).await.unwrap() {
            let mut body = stage.store.open_archive(stage.organization, &entry).await.unwrap();
            let text = tokio::task::spawn_blocking(move || std::io::read_to_string(&mut body).unwrap()).await.unwrap();
            assert!(!text.contains(link) && !text.contains(&before.github) && !text.contains(&before.anthropic), "{entry:?}");
            kept += 1;
        }
    }
    assert!(kept > 50, "{kept} replies are kept");
}
