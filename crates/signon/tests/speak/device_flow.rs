//! GitHub's device flow with each of its answers. Time passes at the simulator's exactly when the client rests.

use crate::github_stage::{Stage, nowhere, open, texts};
use std::time::Duration;
use tacho_signon::{GitHubSettings, Kind};

#[tokio::test]
async fn a_device_waits_until_it_is_confirmed_and_is_given_a_token_with_its_scopes() {
    let stage = Stage::start().await;
    let device = stage.github.device();
    let code = device.begin(&texts(&["read:org"])).await.unwrap();
    assert_eq!((code.user_code.len(), code.expires_in), (9, Duration::from_mins(15)));
    assert!(code.verification_url.path().ends_with("/login/device"));
    let user_code = code.user_code.clone();
    stage.then(|_| {}).then(move |running| assert!(running.oauth().decide_device(&user_code, true)));
    let grant = device.wait(&code).await.unwrap();
    assert_eq!(grant.scopes, ["read:org"]);
    assert!(open(&grant.access_token).starts_with("gho_"));
    assert_eq!(*stage.rests.lock().unwrap(), [5, 5], "asked once in vain, as slowly as it was told");
    assert_eq!(stage.github.profile(&grant.access_token).await.unwrap().login, stage.running.oauth().logins()[0]);
    let again = device.wait(&code).await.unwrap_err();
    assert_eq!(again.kind, Kind::Spent, "a device code gives one token");
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_to_slow_down_and_does() {
    let stage = Stage::start().await;
    let device = stage.github.device();
    let code = device.begin(&[]).await.unwrap();
    // Somebody else asks with the same code between our questions, so ours come too soon.
    let impatient = stage.github.device();
    let early = impatient.wait(&code);
    stage.then(|_| {}).then(|_| {});
    let user_code = code.user_code.clone();
    stage.then(move |running| assert!(running.oauth().decide_device(&user_code, true)));
    early.await.unwrap();
    assert_eq!(*stage.rests.lock().unwrap(), [5, 5, 5]);

    let code = device.begin(&[]).await.unwrap();
    stage.rests.lock().unwrap().clear();
    // The clock is turned back right after the rest: the question comes at once.
    stage.then(|running| running.oauth().turn_back(Duration::from_secs(5)));
    let user_code = code.user_code.clone();
    stage.then(move |running| assert!(running.oauth().decide_device(&user_code, true)));
    device.wait(&code).await.unwrap();
    assert_eq!(*stage.rests.lock().unwrap(), [5, 10], "five seconds more from then on");
}

#[tokio::test]
async fn a_refusal_and_an_end_of_time_stop_the_wait() {
    let stage = Stage::start().await;
    let device = stage.github.device();
    let code = device.begin(&[]).await.unwrap();
    let user_code = code.user_code.clone();
    stage.then(move |running| assert!(running.oauth().decide_device(&user_code, false)));
    assert_eq!(device.wait(&code).await.unwrap_err().kind, Kind::Denied);

    let code = device.begin(&[]).await.unwrap();
    stage.then(|running| running.oauth().pass(Duration::from_secs(901)));
    let refusal = device.wait(&code).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Expired);
    assert!(refusal.fix.contains("15 minutes"), "{refusal}");

    let code = device.begin(&[]).await.unwrap();
    stage.rests.lock().unwrap().clear();
    assert_eq!(device.wait(&code).await.unwrap_err().kind, Kind::Expired, "nobody confirms it at all");
    assert!(stage.rests.lock().unwrap().len() <= 181, "and it is not asked for longer than it lives");
}

#[tokio::test]
async fn an_app_without_the_device_flow_and_a_wrong_app_are_the_operators_to_mend() {
    let stage = Stage::start().await;
    stage.running.oauth().allow_device_flow(false);
    let refusal = stage.github.device().begin(&[]).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Configuration);
    assert!(refusal.fix.contains("Enable Device Flow"), "{refusal}");

    let other = Stage::with(|settings| GitHubSettings { client_id: "Ov23unknown".into(), ..settings }).await;
    assert!(other.github.device().begin(&[]).await.unwrap_err().kind.is_for_operator());
}

#[tokio::test]
async fn a_confirmed_device_may_have_been_granted_less_than_it_asked_for() {
    let stage = Stage::start().await;
    stage.running.oauth().grant_only(Some(&["read:user"]));
    let device = stage.github.device();
    let code = device.begin(&texts(&["read:user", "read:org"])).await.unwrap();
    let user_code = code.user_code.clone();
    stage.then(move |running| assert!(running.oauth().decide_device(&user_code, true)));
    assert_eq!(device.wait(&code).await.unwrap().scopes, ["read:user"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_gives_no_code() {
    assert_eq!(nowhere().device().begin(&[]).await.unwrap_err().kind, Kind::Unreachable);
}
