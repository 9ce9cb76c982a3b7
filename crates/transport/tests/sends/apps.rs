//! An app that signs for itself: its token is asked for with a real signature, kept, renewed before its end, and refused in
//! words.

use crate::peer::{Answer, Peer, reply};
use crate::scene::{NOW, Scene, download};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::SecretString;
use serde_json::{Value, json};
use tacho_connectors::FailureKind;

const KEY: &str = include_str!("app_key.pem");
const PUBLIC_KEY: &str = include_str!("app_key.pub.pem");

fn credential(key: &str) -> SecretString {
    json!({ "app_id": 17, "installation_id": "42", "private_key": key }).to_string().into()
}

fn token(name: &str, lives_seconds: i64) -> Answer {
    let body = json!({ "token": name, "expires_at": NOW.plus_seconds(lives_seconds).to_string(), "permissions": {} });
    reply(201, &["Content-Type: application/json"], body.to_string().as_bytes())
}

fn good() -> Answer {
    reply(200, &[], b"[]")
}

fn app(peer: &Peer) -> Scene {
    Scene::with(peer, |props| props.secret = credential(KEY))
}

/// Method and address of a request, and what it was authorized with.
fn asked(request: &str) -> (&str, &str) {
    let first = request.lines().next().unwrap().trim_end_matches(" HTTP/1.1");
    let bearer = request.lines().find_map(|line| line.strip_prefix("authorization: Bearer ")).unwrap_or("");
    (first, bearer)
}

#[tokio::test]
async fn the_token_is_asked_for_with_a_signature_that_verifies_and_lives_ten_minutes_at_most() {
    let peer = Peer::answering([token("ghs_one", 3_600), good()]).await;
    app(&peer).get(&peer).await.unwrap();
    let requests = peer.asked();
    let (line, jwt) = asked(&requests[0]);
    assert_eq!(line, "POST /app/installations/42/access_tokens");
    assert!(requests[0].contains("accept: application/json"), "{}", requests[0]);
    let mut rules = Validation::new(Algorithm::RS256);
    rules.validate_exp = false;
    let key = DecodingKey::from_rsa_pem(PUBLIC_KEY.as_bytes()).unwrap();
    let claims = jsonwebtoken::decode::<Value>(jwt, &key, &rules).unwrap().claims;
    let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert_eq!((claims["iss"].as_str(), NOW.0 / 1_000_000 - iat), (Some("17"), 60), "{claims}");
    assert!(exp - iat <= 600 && exp > NOW.0 / 1_000_000, "{claims}");
    assert_eq!(asked(&requests[1]), ("GET /x", "ghs_one"));
}

#[tokio::test]
async fn a_token_serves_every_call_until_five_minutes_before_its_end() {
    let peer = Peer::answering([token("ghs_one", 3_600), good(), good(), token("ghs_two", 9_000), good()]).await;
    let scene = app(&peer);
    scene.get(&peer).await.unwrap();
    scene.pass_seconds(3_299);
    scene.get(&peer).await.unwrap();
    scene.pass_seconds(1);
    scene.get(&peer).await.unwrap();
    let requests = peer.asked();
    let bearers: Vec<&str> = requests.iter().map(|request| asked(request).1).filter(|text| text.starts_with("ghs_")).collect();
    assert_eq!((requests.len(), bearers), (5, vec!["ghs_one", "ghs_one", "ghs_two"]));
}

#[tokio::test]
async fn a_kept_token_that_was_taken_back_is_replaced_at_once_and_a_fresh_one_is_not() {
    let no = || reply(401, &[], b"{\"message\": \"Bad credentials\"}");
    let peer = Peer::answering([token("ghs_one", 3_600), good(), no(), token("ghs_two", 3_600), good()]).await;
    let scene = app(&peer);
    scene.get(&peer).await.unwrap();
    scene.get(&peer).await.unwrap();
    assert_eq!((peer.asked().len(), asked(&peer.asked()[4]).1), (5, "ghs_two"));

    let peer = Peer::answering([token("ghs_one", 3_600), no()]).await;
    let error = app(&peer).get(&peer).await.unwrap_err();
    assert_eq!((error.kind, peer.asked().len()), (FailureKind::Auth, 2));
    assert!(!error.refusal.unwrap().signing_in);
}

#[tokio::test]
async fn a_refused_key_is_told_from_a_refused_call_and_nothing_secret_is_said() {
    let peer = Peer::answering([reply(401, &[], b"{\"message\": \"A JSON web token could not be decoded\"}")]).await;
    let error = app(&peer).get(&peer).await.unwrap_err();
    assert_eq!((error.kind, error.retryable, peer.asked().len()), (FailureKind::Auth, false, 1));
    assert_eq!(error.message, format!("{} answered 401 Unauthorized when the app asked for a token", peer.host()));
    let jwt = asked(&peer.asked()[0]).1.to_owned();
    assert!(error.refusal.as_ref().unwrap().signing_in);
    let told = format!("{error:?}");
    assert!(!told.contains("PRIVATE") && !told.contains(&jwt), "{told}");
}

#[tokio::test]
async fn a_key_that_is_none_is_explained_before_anybody_is_asked() {
    let peer = Peer::answering([good()]).await;
    let cut = KEY.lines().take(5).collect::<Vec<_>>().join("\n");
    for (key, word) in [("-----BEGIN hush", "cannot be read"), (cut.as_str(), "cannot")] {
        let scene = Scene::with(&peer, |props| props.secret = credential(key));
        let error = scene.get(&peer).await.unwrap_err();
        assert_eq!((error.kind, error.retryable), (FailureKind::Auth, false));
        assert!(error.message.contains(word) && !error.message.contains("hush"), "{error}");
    }
    assert!(peer.asked().is_empty());
}

#[tokio::test]
async fn a_failing_vendor_is_asked_for_the_token_again_and_a_reply_without_one_is_not() {
    let peer = Peer::answering([reply(503, &[], b""), token("ghs_one", 3_600), good()]).await;
    let received = app(&peer).get(&peer).await.unwrap();
    assert_eq!((received.tries, peer.asked().len()), (2, 3));
    let peer = Peer::answering([reply(201, &[], b"{\"token\": 5}")]).await;
    let error = app(&peer).get(&peer).await.unwrap_err();
    assert_eq!((error.kind, peer.asked().len()), (FailureKind::Validation, 1));
}

#[tokio::test]
async fn a_download_needs_no_token() {
    let peer = Peer::answering([good()]).await;
    let scene = app(&peer);
    scene.send(&download(&peer.url("/file"))).await.unwrap();
    assert_eq!(asked(&peer.asked()[0]), ("GET /file", ""));
}
