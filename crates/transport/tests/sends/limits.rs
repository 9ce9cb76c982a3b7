//! What vendors say about waiting, and that it is done.

use crate::peer::{Answer, Peer, reply};
use crate::scene::{NOW, Scene};
use std::time::Duration;
use tacho_connectors::FailureKind::{Forbidden, RateLimit, Server};

const SPEND: &[u8] =
    br#"{"type":"error","error":{"type":"rate_limit_error","details":{"error_code":"enforced_spend_limit_reached"}}}"#;
const SECONDARY: &[u8] = br#"{"message":"You have exceeded a secondary rate limit."}"#;

async fn rested(answer: Answer) -> Vec<Duration> {
    let peer = Peer::answering([answer, reply(200, &[], b"")]).await;
    let scene = Scene::to(&peer);
    assert_eq!(scene.get(&peer).await.unwrap().tries, 2);
    scene.rests()
}

#[tokio::test]
async fn retry_after_is_waited_in_seconds_or_until_its_date() {
    let date = "Retry-After: Wed, 18 Nov 2026 11:06:49 GMT";
    assert_eq!(tacho_domain::Instant::parse("2026-11-18T11:06:40Z"), Some(NOW));
    assert_eq!(rested(reply(429, &["Retry-After: 7"], b"")).await, [Duration::from_secs(7)]);
    assert_eq!(rested(reply(503, &["Retry-After: 7"], b"")).await, [Duration::from_secs(7)]);
    assert_eq!(rested(reply(403, &["Retry-After: 7"], b"")).await, [Duration::from_secs(7)]);
    assert_eq!(rested(reply(429, &[date], b"")).await, [Duration::from_secs(9)]);
    let short = rested(reply(429, &["Retry-After: 0"], b"")).await;
    assert!(short[0] >= Duration::from_millis(499), "0 is no invitation to hammer: {short:?}");
}

#[tokio::test]
async fn a_spent_allowance_is_waited_out_until_its_reset_and_a_little_more() {
    for status in [403, 429] {
        let waited = rested(reply(status, &["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1795000030"], b"")).await;
        assert_eq!(waited.len(), 1);
        assert!(waited[0] > Duration::from_secs(30) && waited[0] <= Duration::from_millis(31_001), "{waited:?}");
    }
}

#[tokio::test]
async fn a_secondary_limit_is_waited_a_minute_then_two_and_then_given_back() {
    let peer = Peer::answering([reply(403, &[], SECONDARY)]).await;
    let scene = Scene::to(&peer);
    let error = scene.get(&peer).await.unwrap_err();
    assert_eq!((error.kind, error.tries, error.retryable), (RateLimit, 3, true));
    assert_eq!(scene.rested_seconds(), [60, 120]);
    assert_eq!(error.wait_until, Some(NOW.plus_seconds(240)));
}

#[tokio::test]
async fn a_403_without_a_limit_is_a_missing_permission() {
    let peer = Peer::answering([reply(403, &["X-RateLimit-Remaining: 4999", "X-RateLimit-Reset: 1795000030"], b"no")]).await;
    let error = Scene::to(&peer).get(&peer).await.unwrap_err();
    assert_eq!((error.kind, error.tries, error.retryable), (Forbidden, 1, false));
}

#[tokio::test]
async fn a_reached_spend_limit_is_not_tried_again() {
    let peer = Peer::answering([reply(429, &[], SPEND)]).await;
    let error = Scene::to(&peer).get(&peer).await.unwrap_err();
    assert_eq!((error.kind, error.tries, error.retryable, error.wait_until), (RateLimit, 1, false, None));
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_given_back_and_the_vendor_left_alone_until_then() {
    let peer = Peer::answering([reply(429, &["Retry-After: 500"], b""), reply(200, &[], b"")]).await;
    let scene = Scene::to(&peer);
    for (passed, tries) in [(0, 1), (300, 0)] {
        scene.pass_seconds(passed);
        let error = scene.get(&peer).await.unwrap_err();
        assert_eq!((error.kind, error.tries, error.retryable), (RateLimit, tries, true), "{error}");
        assert_eq!(error.wait_until, Some(NOW.plus_seconds(500)));
        assert!(error.message.contains("until 2026-11-18T11:15:00Z"), "{error}");
        assert_eq!(peer.asked().len(), 1);
    }
    scene.pass_seconds(100);
    assert_eq!(scene.get(&peer).await.unwrap().status, 200);
    assert_eq!(scene.rested_seconds(), [100], "the rest of the five hundred");
}

#[tokio::test]
async fn a_server_that_names_a_long_wait_stays_a_server_failure() {
    let peer = Peer::answering([reply(503, &["Retry-After: 500"], b"")]).await;
    let error = Scene::to(&peer).get(&peer).await.unwrap_err();
    assert_eq!((error.kind, error.tries, error.wait_until), (Server, 1, Some(NOW.plus_seconds(500))));
}

#[tokio::test]
async fn the_last_call_of_an_allowance_makes_the_next_one_wait() {
    let spent = ["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1795000040"];
    let peer = Peer::answering([reply(200, &spent, b""), reply(200, &[], b"")]).await;
    let scene = Scene::to(&peer);
    for rests in [0, 1, 1] {
        assert_eq!(scene.get(&peer).await.unwrap().tries, 1);
        assert_eq!(scene.rested_seconds(), vec![40; rests]);
    }
}
