//! Headers, limits and problems: what surrounds every answer.

use crate::house::House;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use std::num::NonZeroU32;
use tacho_web::Limits;

#[tokio::test]
async fn every_answer_carries_the_strict_policy() {
    let house = House::seeded(3).await;
    for path in ["/", "/sign-in", "/nowhere", "/health", "/api/overview", "/api/nowhere"] {
        let answer = house.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'") && !policy.contains("unsafe"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), if path == "/sign-in" { "strict-origin" } else { "same-origin" });
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cache-control"), "private, no-store", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "not over plain HTTP");
    }
}

#[tokio::test]
async fn a_page_holds_nothing_its_policy_would_block_and_nothing_foreign() {
    let house = House::seeded(5).await;
    let page = house.get("/?days=90").await.text;
    for blocked in [" style=", "<style", "onclick=", "onload=", "javascript:", "src=\"http", "href=\"http", "//cdn"] {
        assert!(!page.contains(blocked), "{blocked}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_good_under_a_name_that_changes_with_them() {
    let house = House::seeded(2).await;
    let page = house.get("/").await.text;
    let addresses: Vec<&str> = page.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert!(addresses.len() >= 3);
    for address in addresses {
        let asset = house.stranger("GET", address).await;
        assert_eq!(asset.status, StatusCode::OK, "{address}");
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
        assert!(!asset.text.contains("://") || asset.text.contains("http://www.w3.org/2000/svg"));
    }
    assert_eq!(house.stranger("GET", "/assets/tacho-000000000000.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_is_small_on_the_wire() {
    let house = House::seeded(60).await;
    let request = house.asks("GET", "/?days=90").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(house.router.clone(), request).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert!(bytes.len() < 150 * 1024, "{} bytes", bytes.len());
}

#[tokio::test]
async fn a_request_id_is_kept_when_harmless_and_made_when_not() {
    let house = House::empty().await;
    let ask = async |id: &str| {
        let request = house.asks("GET", "/health").header("x-request-id", id).body(Body::empty()).unwrap();
        house.send(request).await.header("x-request-id").to_owned()
    };
    assert_eq!(ask("proxy-7.a_b").await, "proxy-7.a_b");
    for wrong in ["", "two words", "a\"b", &"x".repeat(65)] {
        let made = ask(wrong).await;
        assert!(made.len() == 36 && made != wrong, "{wrong}: {made}");
    }
}

#[tokio::test]
async fn a_form_from_another_site_changes_nothing() {
    let house = House::empty().await;
    let cookie = house.sign_in().await;
    let foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")];
    for (name, value) in foreign {
        let request = Request::post("/sign-out").header("host", "tacho.example").header("cookie", &cookie).header(name, value);
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
        assert!(answer.text.contains("another site"));
    }
    let own = Request::post("/sign-out").header("host", "tacho.example").header("cookie", &cookie);
    let own = own.header("origin", "http://tacho.example").body(Body::empty()).unwrap();
    assert_eq!(house.send(own).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let one = |number| NonZeroU32::new(number).unwrap();
    let limits = Limits { sign_in_per_minute: one(2), connect_per_minute: one(1), requests_per_minute: one(3) };
    let house = House::with(limits, false).await;
    let link = format!("/sign-in/{}", "A".repeat(43));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(house.stranger("POST", &link).await.status.as_u16());
    }
    assert_eq!(seen, [410, 410, 429]);
    for _ in 0..3 {
        assert_eq!(house.get("/api/ai-usage/integrations").await.status, StatusCode::OK);
    }
    let refused = house.get("/api/ai-usage/integrations").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    assert_eq!(refused.json()["type"], "urn:tacho:problem:too-many-requests");
    for _ in 0..5 {
        assert_eq!(house.stranger("GET", "/health").await.status, StatusCode::OK, "probes are not counted");
    }
}

#[tokio::test]
async fn what_a_layer_refuses_is_a_problem_too() {
    let house = House::empty().await;
    let large = house.asks("POST", "/api/ai-usage/sync").header("content-type", "application/json");
    let large = house.send(large.body(Body::from(vec![b' '; (1 << 20) + 1])).unwrap()).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.json()["detail"].as_str().unwrap().contains("1 MiB"));

    let method = house.asks("PUT", "/api/ai-usage/sync").body(Body::empty()).unwrap();
    let method = house.send(method).await;
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(method.json()["type"], "urn:tacho:problem:method-not-allowed");

    let nowhere = house.get("/api/nowhere").await;
    assert_eq!((nowhere.status, nowhere.header("content-type")), (StatusCode::NOT_FOUND, "application/problem+json"));
    let page = house.get("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.header("content-type").starts_with("text/html") && page.text.contains("Back to the Overview"));
}

#[tokio::test]
async fn ready_says_no_when_the_database_is_gone() {
    let house = House::empty().await;
    assert_eq!(house.stranger("GET", "/ready").await.json()["status"], "ready");
    house.store.close().await;
    let answer = house.stranger("GET", "/ready").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["type"], "urn:tacho:problem:unavailable");
    assert_eq!(house.stranger("GET", "/health").await.status, StatusCode::OK);
}
