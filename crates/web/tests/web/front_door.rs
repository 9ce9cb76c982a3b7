//! Who comes in and who does not.

use crate::house::{House, open};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use tacho_domain::Role;
use tacho_web::{Limits, SIGN_IN_LINK_SECONDS, new_sign_in_link};

const GUARDED: [(&str, &str); 10] = [
    ("GET", "/"),
    ("GET", "/reports/overview/members.csv"),
    ("POST", "/sign-out"),
    ("GET", "/api/overview"),
    ("POST", "/api/ai-usage/connect"),
    ("GET", "/api/ai-usage/dashboard"),
    ("POST", "/api/ai-usage/sync"),
    ("GET", "/api/ai-usage/integrations"),
    ("GET", "/api/ai-usage/integrations/1"),
    ("DELETE", "/api/ai-usage/integrations/1"),
];

fn with_cookie(method: &str, path: &str, cookie: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "tacho.example")
        .header("cookie", cookie)
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn nothing_but_the_door_opens_for_a_stranger() {
    let house = House::seeded(3).await;
    for (method, path) in GUARDED {
        let answer = house.stranger(method, path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        if path.starts_with("/api/") {
            assert_eq!(answer.header("content-type"), "application/problem+json");
            let problem = answer.json();
            assert_eq!(problem["type"], "urn:tacho:problem:sign-in-needed");
            assert_eq!(problem["status"], 401);
            assert_eq!(problem["instance"], path);
            assert_eq!(problem["request_id"], answer.header("x-request-id"));
        } else {
            assert!(answer.text.contains("<h1>Sign in</h1>"), "{path}");
            assert!(!answer.text.contains("Example &#38; Sons"), "{path}");
        }
    }
    for path in ["/health", "/ready", "/sign-in"] {
        assert_eq!(house.stranger("GET", path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn opening_a_link_spends_nothing_and_pressing_the_button_spends_it() {
    let house = House::empty().await;
    let (owner, _) = house.person(Role::Owner).await;
    let link = open(&new_sign_in_link(&house.store, house.organization, owner, house.now).await.unwrap());
    for _ in 0..2 {
        let page = house.stranger("GET", &link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains(r#"<form method="post"><button class="primary">Sign in</button>"#));
        assert_eq!(page.header("set-cookie"), "");
    }
    let signed_in = house.stranger("POST", &link).await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER);
    assert_eq!(signed_in.header("location"), "/");
    let cookie = signed_in.header("set-cookie");
    assert!(
        cookie.starts_with("tacho_session=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"),
        "{cookie}"
    );

    let again = house.stranger("POST", &link).await;
    assert_eq!(again.status, StatusCode::GONE);
    assert!(again.text.contains("does not work any more"));
    let secret = link.rsplit('/').next().unwrap();
    assert!(!again.text.contains(secret));

    let pair = cookie.split(';').next().unwrap();
    assert_eq!(house.send(with_cookie("GET", "/", pair)).await.status, StatusCode::OK);
    assert_eq!(house.send(with_cookie("GET", "/api/overview", pair)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_expired_link_and_a_made_up_one_are_the_same_to_a_stranger() {
    let house = House::empty().await;
    let long_ago = house.now.plus_seconds(-SIGN_IN_LINK_SECONDS - 1);
    let (owner, _) = house.person(Role::Owner).await;
    let expired = open(&new_sign_in_link(&house.store, house.organization, owner, long_ago).await.unwrap());
    let made_up = format!("/sign-in/{}", "A".repeat(43));
    for link in [expired.as_str(), made_up.as_str(), "/sign-in/short", "/sign-in/%27%20or%201=1"] {
        let answer = house.stranger("POST", link).await;
        assert_eq!(answer.status, StatusCode::GONE, "{link}");
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_not_only_the_cookie() {
    let house = House::empty().await;
    let cookie = house.sign_in().await;
    let out = house.send(with_cookie("POST", "/sign-out", &cookie)).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(out.header("location"), "/sign-in?said=signed-out");
    assert!(out.header("set-cookie").starts_with("tacho_session=; ") && out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(house.send(with_cookie("GET", "/", &cookie)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_token_is_not_saved_by_a_good_cookie() {
    let house = House::empty().await;
    let cookie = house.sign_in().await;
    for wrong in ["Bearer nonsense".to_owned(), format!("Bearer tacho_{}", "A".repeat(43)), format!("Bearer {}x", house.token)] {
        let request = Request::get("/api/overview").header("cookie", &cookie).header("authorization", &wrong);
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    assert_eq!(house.get("/api/overview").await.status, StatusCode::OK);
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let house = House::with(Limits::default(), true).await;
    let (owner, _) = house.person(Role::Owner).await;
    let link = open(&new_sign_in_link(&house.store, house.organization, owner, house.now).await.unwrap());
    let answer = house.stranger("POST", &link).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-tacho_session=") && cookie.ends_with("; Secure"), "{cookie}");
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000; includeSubDomains");
    let plain = cookie.split(';').next().unwrap().replace("__Host-", "");
    assert_eq!(house.send(with_cookie("GET", "/", &plain)).await.status, StatusCode::UNAUTHORIZED);
}
