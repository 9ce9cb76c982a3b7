//! Names that lead inside, proxies, and what an operator may allow.

use crate::peer::{Peer, reply};
use crate::scene::{Scene, get};
use secrecy::SecretString;
use std::net::IpAddr;
use tacho_connectors::FailureKind::Validation;
use tacho_transport::{BuildError, Policy, Transport};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused_when_it_is_looked_up() {
    let peer = Peer::answering([reply(200, &[], b"")]).await;
    for private in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1"] {
        for host in ["api.vendor.test", "a.files.vendor.test"] {
            let scene = Scene::with(&peer, |props| {
                props.base_url = Some("https://api.vendor.test".to_owned());
                props.names.insert(host, vec![address(private)]);
            });
            let error = scene.send(&get(&format!("https://{host}/x"))).await.unwrap_err();
            assert_eq!((error.kind, error.tries, error.retryable), (Validation, 1, false), "{host} {private}: {error}");
            assert!(error.message.contains(&format!("`{host}` leads to a private address")), "{error}");
        }
    }
    assert!(peer.asked().is_empty());
}

#[tokio::test]
async fn a_name_that_the_operator_lists_with_its_port_may_lead_inside() {
    let peer = Peer::answering([reply(200, &[], b"")]).await;
    let base = format!("http://ghe.corp.test:{}", peer.port);
    let scene = Scene::with(&peer, |props| {
        props.base_url = Some(base.clone());
        props.policy.allowed_private = vec![format!("ghe.corp.test:{}", peer.port)];
        props.names.insert("ghe.corp.test", vec![address("127.0.0.1")]);
    });
    assert_eq!(scene.send(&get(&base)).await.unwrap().status, 200);
    assert_eq!(scene.send(&get("http://ghe.corp.test:1/")).await.unwrap_err().kind, Validation);
}

#[tokio::test]
async fn an_unlisted_loopback_peer_is_never_asked() {
    let peer = Peer::answering([reply(200, &[], b"")]).await;
    let scene = Scene::with(&peer, |props| props.policy.allowed_private = vec!["127.0.0.2".to_owned()]);
    let error = scene.get(&peer).await.unwrap_err();
    assert_eq!((error.kind, error.tries), (Validation, 1));
    assert!(error.message.contains("allowed_private"), "{error}");
    assert!(peer.asked().is_empty());
}

#[tokio::test]
async fn a_proxy_is_asked_for_everything_and_its_password_not_shown() {
    let peer = Peer::answering([reply(200, &[], b"")]).await;
    let scene = Scene::with(&peer, |props| {
        props.base_url = Some("http://ghe.corp.test".to_owned());
        props.policy.allowed_private = vec!["ghe.corp.test".to_owned()];
        props.policy.proxy = Some(SecretString::from(format!("http://me:whisper@{}", peer.host())));
    });
    scene.send(&get("http://ghe.corp.test/x")).await.unwrap();
    assert!(peer.asked()[0].starts_with("GET http://ghe.corp.test/x HTTP/1.1"), "{:?}", peer.asked());
    assert!(!format!("{:?}", scene.transport).contains("whisper"));
}

#[test]
fn a_policy_that_cannot_be_worked_with_says_why() {
    let clock: tacho_domain::Clock = std::sync::Arc::new(|| crate::scene::NOW);
    let wrong = Policy { allowed_private: vec!["http://x".to_owned()], ..Policy::default() };
    let error = Transport::new(wrong, clock.clone()).unwrap_err();
    assert!(matches!(&error, BuildError::Allowance { entry } if entry == "http://x"), "{error}");
    let wrong = Policy { proxy: Some(SecretString::from("whisper")), ..Policy::default() };
    let error = Transport::new(wrong, clock).unwrap_err();
    assert!(matches!(error, BuildError::Proxy { .. }) && !error.to_string().contains("whisper"), "{error}");
}
