//! GitHub's web flow, from the button to the person.

use crate::around::{line, no_rest};
use crate::github_stage::{Stage, callback, nowhere, open, texts};
use secrecy::SecretString;
use std::time::Duration;
use tacho_signon::{GitHub, GitHubSettings, Kind};
use url::Url;

const SIGN_IN: &[&str] = &["read:user", "user:email"];

#[tokio::test]
async fn a_person_comes_back_with_a_code_and_is_known_by_number_and_verified_address() {
    let stage = Stage::start().await;
    assert_eq!(stage.github.sign_in_scopes(), SIGN_IN);
    let (code, verifier) = stage.code(SIGN_IN).await;
    let grant = stage.github.exchange(&code, &verifier, &callback()).await.unwrap();
    assert!(open(&grant.access_token).starts_with("gho_"));
    assert_eq!(grant.scopes, SIGN_IN);
    let person = stage.github.person(&grant.access_token).await.unwrap();
    assert!(person.email.ends_with("@example.com"), "{person:?}");
    assert!(person.subject.parse::<i64>().is_ok());
    assert_eq!(person.login, Some(stage.running.oauth().logins().remove(0)));
    let profile = stage.github.profile(&grant.access_token).await.unwrap();
    assert_eq!(profile.scopes, Some(texts(SIGN_IN)), "read back from the header");
    assert!(!format!("{grant:?}").contains("gho_"));
}

#[tokio::test]
async fn a_code_works_once_for_ten_minutes_and_for_its_own_verifier_and_callback_only() {
    let stage = Stage::start().await;
    let (code, verifier) = stage.code(SIGN_IN).await;
    stage.github.exchange(&code, &verifier, &callback()).await.unwrap();
    assert_eq!(stage.github.exchange(&code, &verifier, &callback()).await.unwrap_err().kind, Kind::Spent);

    let (code, _) = stage.code(SIGN_IN).await;
    let other = SecretString::from("a-verifier-of-somebody-else-that-is-long-enough-000");
    assert_eq!(stage.github.exchange(&code, &other, &callback()).await.unwrap_err().kind, Kind::Spent);

    let (code, verifier) = stage.code(SIGN_IN).await;
    stage.running.oauth().pass(Duration::from_secs(601));
    assert_eq!(stage.github.exchange(&code, &verifier, &callback()).await.unwrap_err().kind, Kind::Spent);

    let (code, verifier) = stage.code(SIGN_IN).await;
    let elsewhere = Url::parse("http://127.0.0.1:9/elsewhere").unwrap();
    let refusal = stage.github.exchange(&code, &verifier, &elsewhere).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Configuration);
    assert!(refusal.fix.contains("`http://127.0.0.1:9/elsewhere`"), "{refusal}");
}

#[tokio::test]
async fn whoever_cancels_comes_back_with_the_state_and_without_a_code() {
    let stage = Stage::start().await;
    let departure = stage.github.authorize_url(&callback(), &texts(SIGN_IN));
    let back = stage.press(&departure, "cancel").await;
    assert_eq!((back["error"].as_str(), &back["state"]), ("access_denied", &open(&departure.state)));
    assert!(!back.contains_key("code"));
}

#[tokio::test]
async fn no_two_departures_share_state_or_verifier_and_only_the_challenge_travels() {
    let stage = Stage::start().await;
    let (one, other) = (stage.github.authorize_url(&callback(), &[]), stage.github.authorize_url(&callback(), &[]));
    assert_ne!(open(&one.state), open(&other.state));
    assert_ne!(open(&one.verifier), open(&other.verifier));
    assert!(!open(&one.url).contains(&open(&one.verifier)));
    assert!(open(&one.url).contains("code_challenge_method=S256"));
    assert!(!format!("{one:?}").contains(&open(&one.state)));
}

#[tokio::test]
async fn an_address_that_is_not_verified_signs_nobody_in() {
    let stage = Stage::start().await;
    let login = stage.running.oauth().logins().remove(0);
    stage.running.oauth().unverify(&login);
    let (code, verifier) = stage.code(SIGN_IN).await;
    let grant = stage.github.exchange(&code, &verifier, &callback()).await.unwrap();
    let refusal = stage.github.person(&grant.access_token).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Unverified);
}

#[tokio::test]
async fn a_wrong_secret_is_the_operators_to_mend_and_is_not_repeated() {
    let wrong = "0123456789abcdef0123456789abcdef01234567";
    let stage = Stage::with(|settings| GitHubSettings { client_secret: Some(wrong.into()), ..settings }).await;
    let (code, verifier) = stage.code(SIGN_IN).await;
    let refusal = stage.github.exchange(&code, &verifier, &callback()).await.unwrap_err();
    assert!(refusal.kind.is_for_operator() && refusal.fix.contains("github_client_secret"), "{refusal}");
    assert!(!format!("{refusal:?} {:?}", stage.github).contains(wrong));
}

#[tokio::test]
async fn what_was_granted_is_read_back_and_the_api_holds_the_token_to_it() {
    let stage = Stage::start().await;
    stage.running.oauth().grant_only(Some(&["read:user"]));
    let (code, verifier) = stage.code(&["read:org", "read:user"]).await;
    let grant = stage.github.exchange(&code, &verifier, &callback()).await.unwrap();
    assert_eq!(grant.scopes, ["read:user"]);
    let seats = format!("/orgs/{}/copilot/billing/seats", stage.running.organization());
    let refused = stage.api(&seats, &grant.access_token).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(refused.headers()["x-oauth-scopes"], "read:user");
    assert_eq!(refused.headers()["x-accepted-oauth-scopes"], "manage_billing:copilot, read:org");

    stage.running.oauth().grant_only(None);
    let (code, verifier) = stage.code(&["read:org", "read:user"]).await;
    let grant = stage.github.exchange(&code, &verifier, &callback()).await.unwrap();
    assert_eq!(stage.api(&seats, &grant.access_token).await.status(), 200);

    stage.running.oauth().revoke_all();
    assert_eq!(stage.api(&seats, &grant.access_token).await.status(), 401);
    assert_eq!(stage.github.person(&grant.access_token).await.unwrap_err().kind, Kind::Spent);
}

#[tokio::test]
async fn membership_of_an_organization_is_asked_with_the_scope_it_takes() {
    let stage = Stage::with(|settings| GitHubSettings { organizations: texts(&["another", "octo-demo"]), ..settings }).await;
    let scopes = stage.github.sign_in_scopes();
    assert_eq!(scopes, ["read:user", "user:email", "read:org"]);
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let (code, verifier) = stage.code(&scopes).await;
    let grant = stage.github.exchange(&code, &verifier, &callback()).await.unwrap();
    assert!(stage.github.is_member(&grant.access_token).await.unwrap());

    let elsewhere = Stage::with(|settings| GitHubSettings { organizations: texts(&["another"]), ..settings }).await;
    let (code, verifier) = elsewhere.code(&scopes).await;
    let grant = elsewhere.github.exchange(&code, &verifier, &callback()).await.unwrap();
    assert!(!elsewhere.github.is_member(&grant.access_token).await.unwrap());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let refusal = nowhere().reach().await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Unreachable);
    assert!(refusal.cause.contains("`127.0.0.1:9`"), "{refusal}");
    Stage::start().await.github.reach().await.unwrap();
}

#[tokio::test]
async fn github_is_called_with_tls_unless_the_operator_names_the_host() {
    for (url, fits) in [
        ("https://github.com", true),
        ("https://octo.ghe.com", true),
        ("http://github.com", false),
        ("https://10.0.0.7", true),
        ("https://127.0.0.1", false),
    ] {
        let settings = GitHubSettings {
            url: Url::parse(url).unwrap(),
            client_id: "x".into(),
            client_secret: None,
            organizations: Vec::new(),
        };
        assert_eq!(GitHub::new(line(&[], no_rest()), settings).is_ok(), fits, "{url}");
    }
}
