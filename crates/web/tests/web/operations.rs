//! What an operator sets up around the server: proxies that are believed, metrics for whom they are meant, and a server that
//! says that it stops.

use crate::house::{Answer, House};
use async_trait::async_trait;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use std::error::Error;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tacho_web::{Limits, Metrics, Operations};

/// Metrics that say one thing, or that the database is gone.
struct Told(bool);

#[async_trait]
impl Metrics for Told {
    async fn render(&self) -> Result<String, Box<dyn Error + Send + Sync>> {
        if self.0 { Ok("tacho_build_info 1\n".to_owned()) } else { Err("the disk said secret-detail".into()) }
    }
}

async fn house(metrics: Told, token: Option<&str>) -> House {
    let operations = Operations {
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        metrics: Some(Arc::new(metrics)),
        metrics_token: token.map(|token| token.to_owned().into()),
        public_url: None,
        stopping: Arc::default(),
    };
    House::operated(Limits::default(), false, operations).await
}

async fn ask(house: &House, from: [u8; 4], path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path).extension(ConnectInfo(SocketAddr::from((from, 4711))));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    house.send(request.body(Body::empty()).unwrap()).await
}

const HERE: [u8; 4] = [127, 0, 0, 1];
const ELSEWHERE: [u8; 4] = [203, 0, 113, 9];
const PROXY: [u8; 4] = [10, 0, 0, 1];

#[tokio::test]
async fn metrics_are_for_this_machine_and_for_whoever_brings_the_token() {
    let house = house(Told(true), Some("a-long-token")).await;
    let metrics = ask(&house, HERE, "/metrics", &[]).await;
    assert_eq!((metrics.status, metrics.text.as_str()), (StatusCode::OK, "tacho_build_info 1\n"));
    assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
    let status = async |from, headers: &[(&str, &str)]| ask(&house, from, "/metrics", headers).await.status;
    assert_eq!(status(ELSEWHERE, &[("authorization", "Bearer a-long-token")]).await, StatusCode::OK);
    assert_eq!(status(ELSEWHERE, &[("authorization", "bearer a-long-token")]).await, StatusCode::OK);
    for wrong in ["Bearer a-long-toke", "Bearer a-long-token2", "Bearer ", "Basic a-long-token", "a-long-token"] {
        assert_eq!(status(ELSEWHERE, &[("authorization", wrong)]).await, StatusCode::NOT_FOUND, "{wrong}");
    }
    assert_eq!(status(ELSEWHERE, &[]).await, StatusCode::NOT_FOUND);
    let owner = format!("Bearer {}", house.token);
    assert_eq!(status(ELSEWHERE, &[("authorization", &owner)]).await, StatusCode::NOT_FOUND, "an API token opens no metrics");
    // A proxy on this machine passes on what comes from anywhere.
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
        assert_eq!(status(HERE, &[(header, "203.0.113.9")]).await, StatusCode::NOT_FOUND, "{header}");
    }
    assert_eq!(status(PROXY, &[("x-forwarded-for", "127.0.0.1")]).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_a_token_nobody_else_may_ask_and_without_metrics_there_is_nothing() {
    let unset = house(Told(true), None).await;
    for header in ["Bearer ", "Bearer null", "Bearer"] {
        let answer = ask(&unset, ELSEWHERE, "/metrics", &[("authorization", header)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(ask(&House::empty().await, HERE, "/metrics", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn metrics_that_cannot_be_read_say_so_without_the_cause() {
    let answer = ask(&house(Told(false), None).await, HERE, "/metrics", &[]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.header("content-type").starts_with("application/problem+json") && !answer.text.contains("secret-detail"));
}

#[tokio::test]
async fn limits_count_by_client_behind_a_trusted_proxy_and_by_peer_elsewhere() {
    let operations = Operations { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..Operations::default() };
    let limits = Limits { requests_per_minute: NonZeroU32::new(2).unwrap(), ..Limits::default() };
    let house = House::operated(limits, false, operations).await;
    let status = async |from, client: &str| ask(&house, from, "/sign-in", &[("x-forwarded-for", client)]).await.status;
    for client in ["203.0.113.1", "203.0.113.2"] {
        for _ in 0..2 {
            assert_eq!(status(PROXY, client).await, StatusCode::OK);
        }
        assert_eq!(status(PROXY, client).await, StatusCode::TOO_MANY_REQUESTS);
    }
    // Whoever writes the header without being a proxy of ours gains nothing by another name each time.
    let mut last = StatusCode::OK;
    for client in ["1.1.1.1", "2.2.2.2", "3.3.3.3"] {
        last = status(ELSEWHERE, client).await;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn cookies_are_bound_to_https_where_a_trusted_proxy_says_that_it_is() {
    let house = house(Told(true), None).await;
    let set = |from: [u8; 4], proto: &'static str| {
        let request = Request::post("/sign-out").header("authorization", format!("Bearer {}", house.token));
        let request = request.extension(ConnectInfo(SocketAddr::from((from, 1)))).header("x-forwarded-proto", proto);
        request.body(Body::empty()).unwrap()
    };
    let secure = house.send(set(PROXY, "https")).await;
    let plain = house.send(set(PROXY, "http")).await;
    let stranger = house.send(set(ELSEWHERE, "https")).await;
    for (answer, is_bound) in [(secure, true), (plain, false), (stranger, false)] {
        let cookie = answer.header("set-cookie");
        assert!(!cookie.is_empty(), "signing out takes the cookie away: {}", answer.status);
        assert_eq!(cookie.contains("; Secure"), is_bound, "{cookie}");
    }
}

#[tokio::test]
async fn a_server_that_stops_is_alive_but_not_ready() {
    let stopping = Arc::new(AtomicBool::new(false));
    let operations = Operations { stopping: Arc::clone(&stopping), ..Operations::default() };
    let house = House::operated(Limits::default(), false, operations).await;
    assert_eq!(house.stranger("GET", "/ready").await.status, StatusCode::OK);
    stopping.store(true, Ordering::Relaxed);
    let answer = house.stranger("GET", "/ready").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["type"], "urn:tacho:problem:stopping");
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(house.stranger("GET", "/health").await.status, StatusCode::OK);
}
