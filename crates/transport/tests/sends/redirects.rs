//! Redirects are followed with care: through the door, and without the credential once they leave.

use crate::peer::{Peer, reply};
use crate::scene::{SECRET, Scene, download, get, post, text};
use tacho_connectors::{Auth, Call, FailureKind};

fn leading_to(status: u16, url: &str) -> crate::peer::Answer {
    reply(status, &[&format!("Location: {url}")], b"")
}

fn two(scene_peer: &Peer, other: &Peer) -> Scene {
    Scene::with(scene_peer, |props| props.policy.allowed_private.push(other.host()))
}

#[tokio::test]
async fn the_credential_does_not_leave_the_origin_and_does_not_come_back() {
    for (auth, header) in
        [(Auth::Bearer, "authorization"), (Auth::Header("x-api-key"), "x-api-key"), (Auth::BasicUser, "authorization")]
    {
        let home = Peer::answering([reply(200, &[], b"home")]).await;
        let away = Peer::answering([leading_to(302, &home.url("/back"))]).await;
        let start = Peer::answering([leading_to(302, "/here"), leading_to(302, &away.url("/there"))]).await;
        let scene = Scene::with(&start, |props| props.policy.allowed_private.extend([away.host(), home.host()]));
        let received = scene.send(&Call { auth, ..get(&start.url("/x")) }).await.unwrap();
        assert_eq!((text(&received).as_str(), received.tries), ("home", 1));
        let carries = |asked: &str| asked.contains(&format!("{header}: "));
        assert_eq!(start.asked().iter().map(|asked| carries(asked)).collect::<Vec<_>>(), [true, true]);
        for asked in [away.asked(), home.asked()].concat() {
            assert!(!carries(&asked) && !asked.contains(SECRET), "{asked}");
        }
    }
}

#[tokio::test]
async fn a_redirect_back_to_the_origin_finds_no_credential_either() {
    let start = Peer::answering([]).await;
    let away = Peer::answering([leading_to(302, &start.url("/back"))]).await;
    start.answer([leading_to(302, &away.url("/there")), reply(200, &[], b"back")]);
    let received = two(&start, &away).get(&start).await.unwrap();
    assert_eq!(text(&received), "back");
    assert_eq!(start.asked().iter().map(|asked| asked.contains(SECRET)).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test]
async fn a_second_redirect_within_the_foreign_origin_does_not_earn_the_credential() {
    let away = Peer::answering([leading_to(302, "/further"), reply(200, &[], b"further")]).await;
    let start = Peer::answering([leading_to(302, &away.url("/there"))]).await;
    assert_eq!(text(&two(&start, &away).get(&start).await.unwrap()), "further");
    assert_eq!(away.asked().iter().filter(|asked| asked.contains(SECRET)).count(), 0);
    assert_eq!(away.asked().len(), 2);
}

#[tokio::test]
async fn a_download_carries_no_credential_at_all() {
    let peer = Peer::answering([reply(200, &[], b"")]).await;
    Scene::to(&peer).send(&download(&peer.url("/r?sig=1"))).await.unwrap();
    let asked = peer.asked().remove(0).to_ascii_lowercase();
    assert!(!asked.contains("authorization") && !asked.contains("api-key") && !asked.contains("cookie"), "{asked}");
    assert!(
        asked.contains("user-agent: tacho/") && asked.contains("(+https://") && asked.contains("accept-encoding: gzip"),
        "{asked}"
    );
}

#[tokio::test]
async fn a_question_is_asked_again_where_it_is_sent_unless_told_to_look() {
    for (status, first) in [(301, "POST"), (302, "POST"), (307, "POST"), (308, "POST"), (303, "GET")] {
        let peer = Peer::answering([leading_to(status, "/y"), reply(200, &[], b"")]).await;
        Scene::to(&peer).send(&post(&peer.url("/x"))).await.unwrap();
        let asked = peer.asked().remove(1);
        assert!(asked.starts_with(&format!("{first} /y ")), "{status}: {asked}");
        assert_eq!(asked.ends_with("{\"page\":1}"), first == "POST", "{status}: {asked}");
    }
}

#[tokio::test]
async fn a_redirect_to_a_foreign_host_is_not_followed_and_its_link_not_shown() {
    for foreign in [
        "https://evil.example/r?sig=hidden",
        "http://169.254.169.254/latest?sig=hidden",
        "http://2130706433/?sig=hidden",
        "http://[::1]/?sig=hidden",
        "file:///etc/hidden",
        "http://me:hidden@127.0.0.1/",
        "https://x.files.vendor.test:8443/?sig=hidden",
    ] {
        let peer = Peer::answering([leading_to(302, foreign)]).await;
        let error = Scene::to(&peer).get(&peer).await.unwrap_err();
        assert_eq!((error.kind, error.tries, error.retryable), (FailureKind::Validation, 1, false), "{foreign}: {error}");
        assert!(error.message.starts_with("not called: "), "{error}");
        assert!(!format!("{error:?}").contains("hidden"), "{error:?}");
    }
}

#[tokio::test]
async fn a_user_name_in_a_redirect_does_not_become_a_credential() {
    let other = Peer::answering([reply(200, &[], b"")]).await;
    let peer = Peer::answering([leading_to(302, &format!("http://me:pw@{}/", other.host()))]).await;
    two(&peer, &other).get(&peer).await.unwrap_err();
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn going_round_in_circles_ends() {
    let peer = Peer::answering([leading_to(302, "/x")]).await;
    let error = Scene::to(&peer).get(&peer).await.unwrap_err();
    assert_eq!((error.kind, error.tries, peer.asked().len()), (FailureKind::Validation, 1, 6));
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_no_way() {
    let peer = Peer::answering([leading_to(302, "http://[")]).await;
    let error = Scene::to(&peer).get(&peer).await.unwrap_err();
    assert_eq!((error.kind, error.tries), (FailureKind::Validation, 1));
}
