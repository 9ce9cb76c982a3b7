//! Every way a call can fail: of which kind, tried how often, in which words.

use crate::peer::{Answer, Peer, head, reply};
use crate::scene::{Scene, get, post, text};
use std::net::TcpListener;
use std::time::Duration;
use tacho_connectors::FailureKind::{self, Auth, Forbidden, Network, NotFound, RateLimit, Server, Timeout, Unknown, Validation};
use tacho_transport::SendError;

/// Sends to a peer that always answers so.
async fn fails(answer: Answer) -> (SendError, Peer) {
    let peer = Peer::answering([answer]).await;
    let error = Scene::to(&peer).get(&peer).await.unwrap_err();
    (error, peer)
}

/// Sends to a peer that answers so once and then well.
async fn recovers(answer: Answer) {
    let peer = Peer::answering([answer.clone(), reply(200, &[], b"well")]).await;
    let received = Scene::to(&peer).get(&peer).await.unwrap();
    assert_eq!((text(&received).as_str(), received.tries, peer.asked().len()), ("well", 2, 2), "{answer:?}");
}

#[tokio::test]
async fn each_status_has_its_kind_and_only_what_may_pass_is_tried_again() {
    let table: [(u16, FailureKind, bool); 20] = [
        (302, Unknown, false),
        (304, Unknown, false),
        (400, Validation, false),
        (401, Auth, false),
        (402, Unknown, false),
        (403, Forbidden, false),
        (404, NotFound, false),
        (408, Timeout, true),
        (409, Validation, false),
        (410, NotFound, false),
        (413, Validation, false),
        (418, Unknown, false),
        (422, Validation, false),
        (429, RateLimit, true),
        (500, Server, true),
        (502, Server, true),
        (503, Server, true),
        (504, Server, true),
        (529, Server, true),
        (599, Server, true),
    ];
    for (status, kind, again) in table {
        let body: &[u8] = if status == 304 { b"" } else { b"{\"why\":1}" };
        let (error, peer) = fails(reply(status, &["X-Request-Id: r7"], body)).await;
        let tries = if again { 4 } else { 1 };
        assert_eq!((error.kind, error.status, error.tries, error.retryable), (kind, Some(status), tries, again), "{status}");
        assert_eq!(peer.asked().len(), tries as usize, "{status}");
        let refusal = error.refusal.as_ref().unwrap();
        assert_eq!((refusal.status, refusal.headers.get("x-request-id"), refusal.body.as_bytes()), (status, Some("r7"), body));
        assert_eq!(refusal.as_refusal().status, status);
        assert!(error.to_string().starts_with(&format!("{} answered {status}", peer.host())), "{error}");
        assert!(error.wait_until.is_none() && !error.cancelled);
        if again {
            recovers(reply(status, &[], body)).await;
        }
    }
}

#[tokio::test]
async fn a_success_of_any_2xx_is_received_at_once() {
    for status in [200, 201, 204] {
        let peer = Peer::answering([reply(status, &["X-Next: 2"], b"")]).await;
        let scene = Scene::to(&peer);
        let received = scene.get(&peer).await.unwrap();
        assert_eq!((received.status, received.tries, received.headers.get("X-Next")), (status, 1, Some("2")));
        assert!(received.body.is_empty() && scene.rests().is_empty());
    }
}

#[tokio::test]
async fn backoff_doubles_and_stays_within_half_to_all_of_it() {
    let peer = Peer::answering([reply(500, &[], b"")]).await;
    let scene = Scene::to(&peer);
    scene.get(&peer).await.unwrap_err();
    let rests = scene.rests();
    assert_eq!(rests.len(), 3);
    for (rest, whole) in rests.iter().zip([1.0, 2.0, 4.0]) {
        assert!(rest.as_secs_f64() >= whole * 0.499 && rest.as_secs_f64() <= whole * 1.001, "{rests:?}");
    }
}

#[tokio::test]
async fn a_post_is_repeated_with_its_body() {
    let peer = Peer::answering([reply(502, &[], b""), reply(200, &[], b"well")]).await;
    let received = Scene::to(&peer).send(&post(&peer.url("/q"))).await.unwrap();
    assert_eq!(received.tries, 2);
    for asked in peer.asked() {
        assert!(asked.starts_with("POST /q HTTP/1.1") && asked.ends_with("\r\n\r\n{\"page\":1}"), "{asked}");
        assert!(asked.contains("content-type: application/json"), "{asked}");
    }
}

#[tokio::test]
async fn a_broken_connection_is_a_network_failure_and_tried_again() {
    let gzip = ["Content-Encoding: gzip"];
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n".to_vec();
    let cut = [head(200, &[], 100), b"only this".to_vec()].concat();
    // The gzip of "one\ntwo\n", without its last eight bytes.
    let zipped = hex::decode("1f8b0800000000000203cbcf4be52a29cfe70200").unwrap();
    for (what, answer, words) in [
        ("closed without a word", Answer::Say(Vec::new()), "gave no answer: connection closed early"),
        ("reset without a word", Answer::SayAndReset(Vec::new()), "connection reset"),
        ("cut body", Answer::Say(cut.clone()), "broke off: connection closed early"),
        ("reset body", Answer::SayAndReset(cut), "broke off: connection"),
        ("cut chunks", Answer::Say(chunked), "broke off: connection closed early"),
        ("no gzip at all", reply(200, &gzip, b"plain text, not zipped"), "broke off: its compressed body is damaged"),
        ("cut gzip", reply(200, &gzip, &zipped), "broke off: connection closed early"),
    ] {
        let (error, peer) = fails(answer.clone()).await;
        assert_eq!((error.kind, error.status, error.tries, error.retryable), (Network, None, 4, true), "{what}: {error}");
        assert_eq!(peer.asked().len(), 4, "{what}");
        assert!(error.message.contains(words) && error.message.contains(&peer.host()), "{what}: {error}");
        recovers(answer).await;
    }
}

#[tokio::test]
async fn a_refused_connection_is_said_to_be_refused() {
    let peer = Peer::answering([reply(200, &[], b"")]).await;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let base = format!("http://127.0.0.1:{port}");
    let scene = Scene::with(&peer, |props| {
        props.policy.allowed_private = vec!["127.0.0.1".to_owned()];
        props.base_url = Some(base.clone());
    });
    let error = scene.send(&get(&base)).await.unwrap_err();
    assert_eq!((error.kind, error.tries, error.retryable), (Network, 4, true));
    assert_eq!(error.message, format!("could not connect to 127.0.0.1:{port}: connection refused, 4 times"));
}

#[tokio::test]
async fn a_name_that_is_not_found_is_named() {
    let peer = Peer::answering([reply(200, &[], b"")]).await;
    let scene = Scene::with(&peer, |props| props.base_url = Some("https://api.vendor.test".to_owned()));
    let error = scene.send(&get("https://api.vendor.test/x")).await.unwrap_err();
    assert_eq!((error.kind, error.tries, error.retryable), (Network, 4, true));
    let words = "could not connect to api.vendor.test: the name api.vendor.test could not be looked up: no such name";
    assert!(error.message.starts_with(words), "{error}");
}

#[tokio::test]
async fn a_peer_without_tls_is_said_to_fail_at_tls() {
    let peer = Peer::answering([reply(200, &[], b"")]).await;
    let base = format!("https://{}", peer.host());
    let scene = Scene::with(&peer, |props| props.base_url = Some(base.clone()));
    let error = scene.send(&get(&base)).await.unwrap_err();
    assert_eq!(error.kind, Network);
    assert!(error.message.contains("TLS failed"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_says_nothing_or_stops_is_a_timeout() {
    let cut = [head(200, &[], 100), b"only this".to_vec()].concat();
    for answer in [Answer::SayAndStall(Vec::new()), Answer::SayAndStall(cut)] {
        let begun = tokio::time::Instant::now();
        let (error, _peer) = fails(answer).await;
        assert_eq!((error.kind, error.status, error.tries, error.retryable), (Timeout, None, 4, true), "{error}");
        assert!(begun.elapsed() <= Duration::from_secs(121), "four times thirty seconds: {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_put_into_words_is_not_sent() {
    let peer = Peer::answering([reply(200, &[], b"")]).await;
    let mut call = get(&peer.url("/x"));
    call.headers.push(("x-odd", "two\r\nlines".to_owned()));
    let error = Scene::to(&peer).send(&call).await.unwrap_err();
    assert_eq!((error.kind, error.retryable), (Validation, false));
    assert!(error.message.contains("`x-odd`") && peer.asked().is_empty());
}
