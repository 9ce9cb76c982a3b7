//! What is promised of sessions, tokens, second factors, round trips, devices and idempotency keys: when each one ends.

use crate::access::{after, device, link, open, refusal, session, token, user, vault};
use crate::engines;
use crate::organization::NOW;
use secrecy::SecretString;
use serde_json::json;
use tacho_domain::Role;
use tacho_store::{Claimed, DevicePoll, LinkKind, NewRoundTrip, NewToken};

#[tokio::test]
async fn a_session_ends_by_age_by_idleness_and_with_the_membership() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        user(store, acme, "owner@x.example", Role::Owner).await;
        let ada = user(store, acme, "ada@x.example", Role::Member).await;
        store.add_session(acme, &session(ada, b"s"), NOW).await.unwrap();
        assert!(store.find_session(b"s", after(999)).await.unwrap().is_some());
        assert!(store.find_session(b"s", after(1_998)).await.unwrap().is_some(), "it was used in between");
        assert!(store.find_session(b"s", after(2_998)).await.unwrap().is_none(), "it lay idle for 1,000 seconds");
        for at in (2_500..10_000).step_by(500) {
            // What was found above noted nothing, so the session is as it was at 1,998.
            assert!(store.find_session(b"s", after(at)).await.unwrap().is_some(), "{at}");
        }
        assert!(store.find_session(b"s", after(10_000)).await.unwrap().is_none(), "its time is over");
        assert!(store.list_sessions(ada, b"s", after(10_000)).await.unwrap().is_empty());
        for end in ["lock", "remove"] {
            store.add_session(acme, &session(ada, b"t"), NOW).await.unwrap();
            store.add_api_token(acme, &token("ci", b"token", Some(ada)), NOW).await.unwrap();
            store.add_link(acme, &link(LinkKind::SignIn, b"link", Some(ada)), NOW).await.unwrap();
            match end {
                "lock" => {
                    assert!(store.lock_user(acme, ada, true).await.unwrap());
                    assert!(refusal(store.add_session(acme, &session(ada, b"u"), NOW).await).contains("locked"));
                    assert!(refusal(store.add_api_token(acme, &token("x", b"x", Some(ada)), NOW).await).contains("locked"));
                    assert!(
                        refusal(store.add_link(acme, &link(LinkKind::SignIn, b"x", Some(ada)), NOW).await).contains("locked")
                    );
                    assert!(store.lock_user(acme, ada, false).await.unwrap());
                }
                _ => assert!(store.remove_membership(acme, ada).await.unwrap()),
            }
            assert!(store.find_session(b"t", NOW).await.unwrap().is_none(), "{end}");
            assert!(store.find_api_token(b"token", NOW).await.unwrap().is_none(), "{end}");
            assert!(store.find_link(b"link", NOW).await.unwrap().is_none(), "{end}");
        }
        assert!(store.find_user_by_email("ada@x.example").await.unwrap().is_none(), "nobody stays who is nowhere");
        database.drop().await;
    }
}

#[tokio::test]
async fn a_role_change_asks_for_a_rotation_and_the_secret_before_works_for_half_a_minute() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        user(store, acme, "owner@x.example", Role::Owner).await;
        let ada = user(store, acme, "ada@x.example", Role::Member).await;
        store.add_session(acme, &session(ada, b"old"), NOW).await.unwrap();
        store.put_membership(acme, ada, Role::Member, NOW).await.unwrap();
        assert!(!store.find_session(b"old", NOW).await.unwrap().unwrap().rotate, "nothing changed");
        store.put_membership(acme, ada, Role::Admin, NOW).await.unwrap();
        let found = store.find_session(b"old", NOW).await.unwrap().unwrap();
        assert!(found.rotate && found.role == Role::Admin, "{found:?}");
        let (a, b) = tokio::join!(store.rotate_session(b"old", b"new", NOW), store.rotate_session(b"old", b"newer", NOW));
        assert!(a.unwrap() != b.unwrap(), "one request is first");
        let new: &[u8] = if store.find_session(b"new", NOW).await.unwrap().is_some() { b"new" } else { b"newer" };
        assert!(!store.find_session(new, NOW).await.unwrap().unwrap().rotate);
        assert!(!store.find_session(b"old", after(29)).await.unwrap().unwrap().rotate, "it is rotated already");
        assert!(store.find_session(b"old", after(30)).await.unwrap().is_none());
        assert!(store.find_session(new, after(30)).await.unwrap().is_some());
        assert!(store.remove_session(b"old").await.unwrap(), "signing out with the secret before ends it too");
        assert!(store.find_session(new, NOW).await.unwrap().is_none());
        database.drop().await;
    }
}

#[tokio::test]
async fn a_token_has_its_owners_role_of_that_moment_and_ends_when_it_should() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        user(store, acme, "owner@x.example", Role::Owner).await;
        let ada = user(store, acme, "ada@x.example", Role::Manager).await;
        let ending = NewToken { expires_at: Some(after(60)), ..token("ci", b"t", Some(ada)) };
        store.add_api_token(acme, &ending, NOW).await.unwrap();
        let found = store.find_api_token(b"t", after(59)).await.unwrap().unwrap();
        assert_eq!((found.role, found.name.as_deref(), found.rotate), (Role::Manager, Some("ci"), false));
        assert_eq!(found.scopes.unwrap().to_string(), "view_aggregates view_all_data");
        store.put_membership(acme, ada, Role::Viewer, NOW).await.unwrap();
        assert_eq!(store.find_api_token(b"t", NOW).await.unwrap().unwrap().role, Role::Viewer);
        assert!(store.find_api_token(b"t", after(60)).await.unwrap().is_none());
        assert!(refusal(store.add_api_token(acme, &ending, after(60)).await).contains("ended already"));
        store.add_api_token(acme, &token("ci", b"u", Some(ada)), after(60)).await.unwrap();
        assert_eq!(store.list_api_tokens(acme, Some(ada)).await.unwrap().len(), 1, "the name of one that has ended is free");
        assert!(refusal(store.add_api_token(acme, &token(" ", b"v", None), NOW).await).contains("1 to 100"));
        let used = async || store.list_api_tokens(acme, None).await.unwrap()[0].last_used_at;
        assert_eq!(used().await, None);
        for (at, noted) in [(100, 100), (3_699, 100), (3_700, 3_700)] {
            store.find_api_token(b"u", after(at)).await.unwrap().unwrap();
            assert_eq!(used().await, Some(after(noted)), "noted hourly");
        }
        database.drop().await;
    }
}

#[tokio::test]
async fn a_code_of_the_second_factor_works_once_and_its_secret_survives_a_rotation() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        let (ada, eve) =
            (user(store, acme, "ada@x.example", Role::Owner).await, user(store, acme, "eve@x.example", Role::Viewer).await);
        let (old, new) = (vault(), vault());
        let secret = SecretString::from("JBSWY3DPEHPK3PXP".to_owned());
        assert!(store.find_second_factor(ada, &old).await.unwrap().is_none());
        store.put_recovery_codes(ada, &[b"of before".to_vec()]).await.unwrap();
        store.put_second_factor(ada, Some(&secret), &old, NOW).await.unwrap();
        assert_eq!(store.count_recovery_codes(ada).await.unwrap(), 0, "they belonged to the one before");
        assert!(store.find_user(ada).await.unwrap().unwrap().has_second_factor);
        let (a, b) = tokio::join!(store.claim_second_factor_step(ada, 7), store.claim_second_factor_step(ada, 7));
        assert!(a.unwrap() != b.unwrap(), "two who send the same code at once");
        assert!(!store.claim_second_factor_step(ada, 6).await.unwrap(), "nor one of before");
        assert!(store.claim_second_factor_step(ada, 8).await.unwrap());
        assert!(!store.claim_second_factor_step(eve, 8).await.unwrap(), "she has none");
        let payload = json!({"verifier": "very secret"});
        let trip = NewRoundTrip {
            hash: b"state",
            purpose: "sign_in",
            session: Some(b"session"),
            payload: &payload,
            expires_at: after(600),
        };
        store.add_round_trip(&trip, &old, NOW).await.unwrap();
        assert_eq!(store.rotate_credentials(&old, &new, NOW).await.unwrap(), 0);
        assert_eq!(open(&store.find_second_factor(ada, &new).await.unwrap().unwrap()), "JBSWY3DPEHPK3PXP");
        assert!(store.find_second_factor(ada, &old).await.unwrap_err().is_wrong_key());
        assert!(!store.claim_second_factor_step(ada, 8).await.unwrap(), "what was used stays used");
        assert!(store.claim_round_trip(b"state", "sign_in", &new, NOW).await.unwrap().is_none(), "its browser begins again");
        assert_eq!(database.run(&format!("update second_factors set user_id = {eve}")).await, 1);
        assert!(store.find_second_factor(eve, &new).await.unwrap_err().is_damaged(), "sealed as Ada's");
        store.put_second_factor(eve, None, &new, NOW).await.unwrap();
        assert!(!store.find_user(eve).await.unwrap().unwrap().has_second_factor);
        database.drop().await;
    }
}

#[tokio::test]
async fn a_round_trip_comes_back_once_for_its_purpose_and_in_time() {
    for database in engines::both().await {
        let (store, vault) = (&database.store, vault());
        let payload = json!({"nonce": "n", "verifier": "very secret"});
        let trip = |hash: &'static [u8]| NewRoundTrip {
            hash,
            purpose: "sign_in",
            session: None,
            payload: &payload,
            expires_at: after(600),
        };
        store.add_round_trip(&trip(b"one"), &vault, NOW).await.unwrap();
        assert!(!database.holds_bytes("round_trips", "sealed", b"very secret").await, "it is sealed");
        assert!(store.claim_round_trip(b"one", "connect", &vault, NOW).await.unwrap().is_none());
        assert!(store.claim_round_trip(b"one", "sign_in", &vault, after(600)).await.unwrap().is_none());
        let back = store.claim_round_trip(b"one", "sign_in", &vault, after(599)).await.unwrap().unwrap();
        assert_eq!((back.session.clone(), back.payload.clone()), (None, payload.clone()));
        assert!(!format!("{back:?}").contains("very secret"));
        assert!(store.claim_round_trip(b"one", "sign_in", &vault, NOW).await.unwrap().is_none(), "once");
        store.add_round_trip(&trip(b"two"), &vault, NOW).await.unwrap();
        store.add_round_trip(&NewRoundTrip { expires_at: after(2_000), ..trip(b"three") }, &vault, after(700)).await.unwrap();
        assert_eq!(database.run("delete from round_trips").await, 1, "what came too late was swept");
        database.drop().await;
    }
}

#[tokio::test]
async fn a_device_is_told_its_answer_once_and_to_slow_down_when_it_hurries() {
    for database in engines::both().await {
        let store = &database.store;
        let acme = store.ensure_organization("Acme", NOW).await.unwrap();
        let ada = user(store, acme, "ada@x.example", Role::Owner).await;
        let poll = |hash: &'static [u8], at: i64| async move { store.poll_device_grant(hash, after(at)).await.unwrap() };
        store.add_device_grant(&device(b"d", "CODE"), NOW).await.unwrap();
        assert!(refusal(store.add_device_grant(&device(b"e", "CODE"), NOW).await).contains("waits already"));
        assert_eq!(poll(b"d", 0).await, DevicePoll::Pending);
        assert_eq!(poll(b"d", 4).await, DevicePoll::SlowDown);
        assert_eq!(poll(b"d", 10).await, DevicePoll::SlowDown, "ten seconds are asked for now");
        assert_eq!(poll(b"d", 25).await, DevicePoll::Pending);
        assert!(store.find_device_grant("CODE", NOW).await.unwrap().is_some());
        assert!(store.decide_device_grant(acme, "CODE", ada, true, NOW).await.unwrap());
        assert!(!store.decide_device_grant(acme, "CODE", ada, false, NOW).await.unwrap(), "it is decided");
        assert!(store.find_device_grant("CODE", NOW).await.unwrap().is_none());
        let (a, b) = tokio::join!(poll(b"d", 26), poll(b"d", 26));
        let approved = |told: &DevicePoll| matches!(told, DevicePoll::Approved { organization, user, .. } if (*organization, *user) == (acme, ada));
        assert_eq!([&a, &b].into_iter().filter(|told| approved(told)).count(), 1, "{a:?} {b:?}");
        assert_eq!(poll(b"d", 27).await, DevicePoll::Expired);
        store.add_device_grant(&device(b"f", "NEXT"), NOW).await.unwrap();
        assert!(store.decide_device_grant(acme, "NEXT", ada, false, NOW).await.unwrap());
        assert_eq!(poll(b"f", 1).await, DevicePoll::Denied);
        store.add_device_grant(&device(b"g", "LATE"), NOW).await.unwrap();
        assert!(!store.decide_device_grant(acme, "LATE", ada, true, after(900)).await.unwrap());
        assert_eq!(poll(b"g", 900).await, DevicePoll::Expired);
        assert_eq!(poll(b"never", 0).await, DevicePoll::Expired);
        database.drop().await;
    }
}

#[tokio::test]
async fn an_idempotency_key_is_its_callers_and_lasts_a_day() {
    for database in engines::both().await {
        let store = &database.store;
        let (acme, umbrella) =
            (store.ensure_organization("Acme", NOW).await.unwrap(), store.ensure_organization("Umbrella", NOW).await.unwrap());
        let claim = |organization, who, at: i64| store.claim_idempotency_key(organization, who, "k", b"print", after(at));
        let (a, b) = tokio::join!(claim(acme, "ada", 0), claim(acme, "ada", 0));
        let claims = [a.unwrap(), b.unwrap()];
        assert!(claims.contains(&Claimed::Fresh) && claims.contains(&Claimed::Busy), "{claims:?}");
        assert_eq!(claim(umbrella, "ada", 0).await.unwrap(), Claimed::Fresh);
        assert_eq!(claim(acme, "bob", 0).await.unwrap(), Claimed::Fresh);
        store.finish_idempotency_key(acme, "ada", "k", 204, "", b"").await.unwrap();
        store.finish_idempotency_key(acme, "ada", "k", 500, "", b"late").await.unwrap();
        let stored = Claimed::Stored { status: 204, content_type: String::new(), body: Vec::new() };
        assert_eq!(claim(acme, "ada", 86_399).await.unwrap(), stored);
        assert_eq!(claim(umbrella, "ada", 86_399).await.unwrap(), Claimed::Busy, "never answered, never done again by itself");
        assert_eq!(claim(acme, "ada", 86_400).await.unwrap(), Claimed::Fresh);
        database.drop().await;
    }
}
