//! A cancelled call ends wherever it is, and leaves the lane usable.

use crate::peer::{Answer, Peer, head, reply};
use crate::scene::{Scene, get};
use std::future::Future;
use tacho_transport::{Received, SendError};

/// Sends, waits until the condition holds, cancels.
async fn cancelled_when(scene: &Scene, peer: &Peer, condition: impl Fn() -> bool) -> SendError {
    let cancelling = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
        // So that what the peer has said is taken in.
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        scene.cancel.cancel();
    };
    both(scene.get(peer), cancelling).await.unwrap_err()
}

async fn both(
    sending: impl Future<Output = Result<Received, SendError>>,
    cancelling: impl Future,
) -> Result<Received, SendError> {
    tokio::join!(sending, cancelling).0
}

fn assert_cancelled(error: &SendError, tries: u32) {
    assert!(error.cancelled && error.retryable && error.refusal.is_none(), "{error:?}");
    assert_eq!(error.tries, tries, "{error:?}");
    assert!(error.message.ends_with("was cancelled"), "{error}");
}

#[tokio::test]
async fn cancelling_ends_a_backoff() {
    let peer = Peer::answering([reply(500, &[], b"")]).await;
    let scene = Scene::with(&peer, |props| props.sleepless = true);
    let error = cancelled_when(&scene, &peer, || !scene.rests().is_empty()).await;
    assert_cancelled(&error, 1);
}

#[tokio::test]
async fn cancelling_ends_the_wait_for_an_answer_and_for_the_rest_of_one() {
    let cut = [head(200, &[], 100), b"only this".to_vec()].concat();
    for said in [Vec::new(), cut] {
        let peer = Peer::answering([Answer::SayAndStall(said), reply(200, &[], b"well")]).await;
        let scene = Scene::to(&peer);
        let error = cancelled_when(&scene, &peer, || !peer.asked().is_empty()).await;
        assert_cancelled(&error, 1);
        let free = tokio_util::sync::CancellationToken::new();
        let received = scene.transport.send(&scene.lane, &get(&peer.url("/x")), &free).await.unwrap();
        assert_eq!(received.tries, 1, "the lane is free again");
    }
}

#[tokio::test]
async fn cancelling_ends_the_wait_for_the_lane() {
    let peer = Peer::answering([Answer::SayAndStall(Vec::new())]).await;
    let scene = Scene::to(&peer);
    let (first, waiting) = (scene.cancel.clone(), scene.cancel.child_token());
    let call = get(&peer.url("/x"));
    let cancelling = async {
        while peer.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        waiting.cancel();
    };
    let holding = async {
        tokio::select! {
            biased;
            _ = scene.transport.send(&scene.lane, &call, &first) => unreachable!("the peer stalls"),
            error = both(scene.transport.send(&scene.lane, &call, &waiting), cancelling) => error.unwrap_err(),
        }
    };
    assert_cancelled(&holding.await, 0);
    assert_eq!(peer.asked().len(), 1);
}

#[tokio::test]
async fn a_call_that_is_cancelled_beforehand_is_not_sent() {
    let peer = Peer::answering([reply(200, &[], b"")]).await;
    let scene = Scene::to(&peer);
    scene.cancel.cancel();
    assert_cancelled(&scene.get(&peer).await.unwrap_err(), 0);
    assert!(peer.asked().is_empty());
}
