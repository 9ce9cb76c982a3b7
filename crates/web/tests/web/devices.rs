//! Devices: a program asks for a code, somebody approves it, and the program is given a token that may no more than they.

use crate::house::{Answer, House};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;
use tacho_domain::Role;
use tacho_domain::audit::Action;
use tacho_store::AuditFilter;
use url::form_urlencoded;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn send(house: &House, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(path).header("host", "tacho.example").header("content-type", "application/x-www-form-urlencoded");
    house.send(request.body(Body::from(body)).unwrap()).await
}

/// A program's codes.
async fn code(house: &House, scope: &str) -> Value {
    let answer = send(house, "/api/v1/device/code", &[("client_id", "tacho on laptop"), ("scope", scope)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

/// What a program is told that asks after the pause it was told.
async fn poll(house: &House, code: &Value) -> Answer {
    house.wait(6);
    ask(house, code["device_code"].as_str().unwrap()).await
}

async fn ask(house: &House, device_code: &str) -> Answer {
    let fields = [("grant_type", GRANT), ("device_code", device_code), ("client_id", "tacho on laptop")];
    send(house, "/api/v1/device/token", &fields).await
}

fn error(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    answer.json()["error"].as_str().unwrap().to_owned()
}

async fn with_token(house: &House, method: &str, path: &str, token: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("host", "tacho.example");
    house.send(request.header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn an_approved_device_is_given_a_token_of_its_approver_with_its_scopes_once() {
    let house = House::patient().await;
    let (ada, session) = house.person_at(house.organization, Role::Member, "ada@example.com", "Ada").await;
    let waiting = code(&house, "view_aggregates manage_users").await;
    let user_code = waiting["user_code"].as_str().unwrap();
    assert_eq!(waiting["verification_uri"], "http://tacho.example/device");
    assert_eq!(error(&poll(&house, &waiting).await), "authorization_pending");

    let page = house.page(&session, &format!("/device?user_code={}", user_code.to_lowercase())).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("tacho on laptop") && page.text.contains("see totals of the organization"), "{}", page.text);
    assert!(!page.text.contains("invite users"), "what the approver may not, the device may not");
    let approved = house.submit(&session, "/device", &[("user_code", user_code), ("decision", "approve")]).await;
    assert!(approved.text.contains("Approved"), "{}", approved.text);

    let answer = poll(&house, &waiting).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(answer.json()["token_type"], "bearer");
    assert_eq!(error(&poll(&house, &waiting).await), "expired_token", "told once");

    let me = with_token(&house, "GET", "/api/v1/me", &token).await.json();
    assert_eq!((me["user"]["email"].as_str(), me["token"].as_str()), (Some("ada@example.com"), Some("tacho on laptop")));
    assert_eq!(me["permissions"], serde_json::json!(["view_aggregates"]));
    let tokens = house.store.list_api_tokens(house.organization, Some(ada)).await.unwrap();
    assert!(tokens[0].expires_at.is_some());
    for (action, count) in [(Action::DeviceApproved, 1), (Action::TokenMade, 1)] {
        let filter = AuditFilter { action: Some(action), limit: 10, ..AuditFilter::default() };
        assert_eq!(house.store.list_audit(house.organization, &filter).await.unwrap().len(), count, "{action:?}");
    }
    assert_eq!(with_token(&house, "DELETE", "/api/v1/device/token", &token).await.status, StatusCode::NO_CONTENT);
    assert_eq!(with_token(&house, "GET", "/api/v1/me", &token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_second_device_of_the_name_does_not_end_the_first() {
    let house = House::patient().await;
    let session = house.user(Role::Member).await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let waiting = code(&house, "").await;
        let user_code = waiting["user_code"].as_str().unwrap();
        house.submit(&session, "/device", &[("user_code", user_code), ("decision", "approve")]).await;
        tokens.push(poll(&house, &waiting).await.json()["access_token"].as_str().unwrap().to_owned());
    }
    for token in &tokens {
        assert_eq!(with_token(&house, "GET", "/api/v1/me", token).await.status, StatusCode::OK);
    }
    with_token(&house, "DELETE", "/api/v1/device/token", &tokens[0]).await;
    assert_eq!(with_token(&house, "GET", "/api/v1/me", &tokens[1]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_device_that_is_refused_too_late_or_too_eager_is_told_so() {
    let house = House::patient().await;
    let session = house.user(Role::Viewer).await;
    let waiting = code(&house, "").await;
    let user_code = waiting["user_code"].as_str().unwrap();
    house.submit(&session, "/device", &[("user_code", user_code), ("decision", "deny")]).await;
    assert_eq!(error(&poll(&house, &waiting).await), "access_denied");

    let waiting = code(&house, "").await;
    let device_code = waiting["device_code"].as_str().unwrap();
    assert_eq!(error(&ask(&house, device_code).await), "authorization_pending");
    assert_eq!(error(&ask(&house, device_code).await), "slow_down");
    house.wait(901);
    let user_code = waiting["user_code"].as_str().unwrap();
    let late = house.submit(&session, "/device", &[("user_code", user_code), ("decision", "approve")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(error(&ask(&house, device_code).await), "expired_token");
}

#[tokio::test]
async fn what_a_program_sends_wrongly_is_named() {
    let house = House::patient().await;
    let long = "x".repeat(81);
    for (fields, expected) in [
        (vec![], "invalid_request"),
        (vec![("client_id", long.as_str())], "invalid_request"),
        (vec![("client_id", "a"), ("client_id", "b")], "invalid_request"),
        (vec![("client_id", "a"), ("scope", "everything")], "invalid_scope"),
    ] {
        assert_eq!(error(&send(&house, "/api/v1/device/code", &fields).await), expected, "{fields:?}");
    }
    for (fields, expected) in [
        (vec![("grant_type", "password")], "unsupported_grant_type"),
        (vec![("grant_type", GRANT)], "invalid_request"),
        (vec![("grant_type", GRANT), ("device_code", "short")], "invalid_request"),
        (vec![("grant_type", GRANT), ("device_code", &long[..43])], "expired_token"),
    ] {
        assert_eq!(error(&send(&house, "/api/v1/device/token", &fields).await), expected, "{fields:?}");
    }
    let json = Request::post("/api/v1/device/code").header("host", "h").header("content-type", "application/json");
    let answer = house.send(json.body(Body::from("{}")).unwrap()).await;
    assert_eq!(error(&answer), "invalid_request");
}

#[tokio::test]
async fn only_somebody_who_is_signed_in_decides_and_a_wrong_code_is_shown_at_its_field() {
    let house = House::patient().await;
    assert_eq!(house.page("", "/device").await.status, StatusCode::UNAUTHORIZED);
    let waiting = code(&house, "").await;
    let user_code = waiting["user_code"].as_str().unwrap();
    let fields = [("user_code", user_code), ("decision", "approve")];
    let stranger = house.submit("", "/device", &fields).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let by_token = house.asks("POST", "/device").header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(house.send(by_token.body(Body::from(body)).unwrap()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(error(&poll(&house, &waiting).await), "authorization_pending");

    let session = house.user(Role::Member).await;
    let wrong = house.page(&session, "/device?user_code=BBBB-BBBB").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("aria-invalid=\"true\"") && wrong.text.contains("value=\"BBBB-BBBB\""), "{}", wrong.text);
    let hostile = house.page(&session, "/device?user_code=%3Cscript%3E").await;
    assert!(!hostile.text.contains("<script>"));
}

#[tokio::test]
async fn a_device_whose_approver_was_locked_out_gets_nothing() {
    let house = House::patient().await;
    house.user(Role::Owner).await;
    let (ada, session) = house.person(Role::Member).await;
    let waiting = code(&house, "").await;
    let user_code = waiting["user_code"].as_str().unwrap();
    house.submit(&session, "/device", &[("user_code", user_code), ("decision", "approve")]).await;
    house.store.lock_user(house.organization, ada, true).await.unwrap();
    assert_eq!(error(&poll(&house, &waiting).await), "expired_token", "what they approved went with them");
}
