//! What a lane keeps: one call at a time, the pace, the tags of what was seen.

use crate::peer::{Peer, reply};
use crate::scene::{Scene, get, text};
use futures_util::future::join_all;
use std::time::Duration;
use tacho_connectors::Call;

#[tokio::test]
async fn a_lane_lets_one_call_through_at_a_time_and_two_lanes_two() {
    let peer = Peer::answering([reply(200, &[], b"")]).await;
    let scene = Scene::to(&peer);
    let results = join_all((0..12).map(|_| scene.get(&peer))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!((peer.asked().len(), peer.most_at_once()), (12, 1));
    let other = Scene::to(&peer);
    let (a, b) = tokio::join!(scene.get(&peer), other.get(&peer));
    assert!(a.is_ok() && b.is_ok());
    assert_eq!(peer.most_at_once(), 2, "the peer would have noticed");
}

#[tokio::test]
async fn the_pace_holds_between_calls_tries_and_redirects() {
    let answers = [reply(500, &[], b""), reply(302, &["Location: /y"], b""), reply(200, &[], b""), reply(200, &[], b"")];
    let peer = Peer::answering(answers).await;
    let scene = Scene::with(&peer, |props| props.slow = true);
    scene.get(&peer).await.unwrap();
    scene.get(&peer).await.unwrap();
    let hours = scene.rests().iter().filter(|rest| **rest > Duration::from_mins(50)).count();
    assert_eq!((peer.asked().len(), hours), (4, 3), "{:?}", scene.rests());
}

#[tokio::test]
async fn a_tag_is_sent_back_verbatim_and_a_304_is_an_empty_reply() {
    let peer = Peer::answering([reply(200, &["ETag: W/\"v1\""], b"seen"), reply(304, &["ETag: W/\"v1\""], b"")]).await;
    let scene = Scene::to(&peer);
    let call = Call { conditional: true, ..get(&peer.url("/seats")) };
    assert_eq!(text(&scene.send(&call).await.unwrap()), "seen");
    let again = scene.send(&call).await.unwrap();
    assert_eq!((again.status, again.body.len(), again.tries), (304, 0, 1));
    let asked = peer.asked();
    assert!(!asked[0].contains("if-none-match"), "{}", asked[0]);
    assert!(asked[1].contains("if-none-match: W/\"v1\"\r\n"), "{}", asked[1]);
}

#[tokio::test]
async fn a_tag_is_kept_for_its_address_and_for_conditional_calls_only() {
    let peer = Peer::answering([reply(200, &["ETag: \"v1\""], b"")]).await;
    let scene = Scene::to(&peer);
    let call = Call { conditional: true, ..get(&peer.url("/seats?page=1")) };
    let other = Call { conditional: true, ..get(&peer.url("/seats?page=2")) };
    let plain = Call { conditional: false, ..call.clone() };
    for sent in [&plain, &call, &other, &plain, &call] {
        scene.send(sent).await.unwrap();
    }
    scene.lane.forget(&call).await;
    scene.send(&call).await.unwrap();
    let tagged: Vec<bool> = peer.asked().iter().map(|asked| asked.contains("if-none-match")).collect();
    assert_eq!(tagged, [false, false, false, false, true, false]);
}

#[tokio::test]
async fn a_tag_does_not_follow_to_another_origin() {
    let away = Peer::answering([reply(200, &[], b"")]).await;
    let to_away = reply(302, &[&format!("Location: {}", away.url("/"))], b"");
    let peer = Peer::answering([reply(200, &["ETag: \"v1\""], b""), to_away]).await;
    let scene = Scene::with(&peer, |props| props.policy.allowed_private.push(away.host()));
    let call = Call { conditional: true, ..get(&peer.url("/seats")) };
    scene.send(&call).await.unwrap();
    scene.send(&call).await.unwrap();
    assert!(peer.asked()[1].contains("if-none-match") && !away.asked()[0].contains("if-none-match"));
}
