//! Sessions: how long they last, what ends them, and that their secret changes.

use crate::house::{House, open};
use axum::http::StatusCode;
use tacho_domain::Role;
use tacho_web::{SESSION_IDLE_SECONDS, SESSION_SECONDS};

const DAY: i64 = 86_400;

async fn lets_in(house: &House, cookie: &str) -> bool {
    house.page(cookie, "/settings/account").await.status == StatusCode::OK
}

#[tokio::test]
async fn a_session_ends_after_a_week_of_silence_and_after_a_month_in_any_case() {
    let house = House::patient().await;
    let quiet = house.user(Role::Member).await;
    let busy = house.user(Role::Member).await;
    house.wait(SESSION_IDLE_SECONDS - 1);
    assert!(lets_in(&house, &busy).await);
    house.wait(2);
    assert!(!lets_in(&house, &quiet).await, "a week and nobody came");
    for _ in 0..4 {
        assert!(lets_in(&house, &busy).await);
        house.wait(5 * DAY);
    }
    assert!(lets_in(&house, &busy).await, "27 days");
    house.wait(SESSION_SECONDS - 27 * DAY);
    assert!(!lets_in(&house, &busy).await, "a month, however often it was used");
}

#[tokio::test]
async fn signing_in_again_gives_another_secret_and_ends_the_one_before() {
    let house = House::patient().await;
    let (id, before) = house.person(Role::Member).await;
    let link = open(&tacho_web::new_sign_in_link(&house.store, house.organization, id, house.now).await.unwrap());
    let again = house.submit(&before, &link, &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_ne!(again.cookie(), before);
    assert!(lets_in(&house, &again.cookie()).await);
    assert!(!lets_in(&house, &before).await);
    let planted = "tacho_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let link = open(&tacho_web::new_sign_in_link(&house.store, house.organization, id, house.now).await.unwrap());
    assert_ne!(house.submit(planted, &link, &[]).await.cookie(), planted, "a secret that somebody else chose is not taken");
}

#[tokio::test]
async fn a_change_of_role_changes_the_secret_and_holds_at_once() {
    let house = House::patient().await;
    let (id, cookie) = house.person(Role::Owner).await;
    house.user(Role::Owner).await;
    assert_eq!(house.page(&cookie, "/settings/users").await.status, StatusCode::OK);
    house.store.put_membership(house.organization, id, Role::Viewer, house.now).await.unwrap();
    assert_eq!(house.page(&cookie, "/settings/users").await.status, StatusCode::FORBIDDEN, "no page later");
    let data = house.page(&cookie, "/api/overview").await;
    assert_eq!((data.status, data.header("set-cookie")), (StatusCode::OK, ""), "only a page that is opened brings it home");
    let page = house.page(&cookie, "/settings/account").await;
    assert_eq!(page.status, StatusCode::OK);
    let rotated = page.cookie();
    assert!(rotated.starts_with("tacho_session=") && rotated != cookie);
    assert!(page.header("set-cookie").ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"));
    assert!(lets_in(&house, &cookie).await, "requests that were on their way still arrive");
    house.wait(31);
    assert!(!lets_in(&house, &cookie).await);
    let next = house.page(&rotated, "/settings/account").await;
    assert_eq!((next.status, next.header("set-cookie")), (StatusCode::OK, ""), "once is enough");
}

#[tokio::test]
async fn one_sees_where_one_is_signed_in_and_ends_it_there() {
    let house = House::patient().await;
    let (id, here) = house.person(Role::Member).await;
    let there = house.session(house.organization, id).await;
    let (_, stranger) = house.person(Role::Owner).await;
    let page = house.page(&here, "/settings/account").await.text;
    assert_eq!(page.matches("192.0.2.7").count(), 2);
    assert_eq!(page.matches("this one").count(), 1);
    let sessions = house.store.list_sessions(id, &[], house.now).await.unwrap();
    let revoke = |number: i64| format!("/settings/account/sessions/{number}/revoke");
    for session in &sessions {
        let foreign = house.submit(&stranger, &revoke(session.id), &[]).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND, "somebody else's session is none, even to an owner");
    }
    assert_eq!(house.submit(&here, "/settings/account/sessions/x/revoke", &[]).await.status, StatusCode::NOT_FOUND);
    let mut ended = 0;
    for session in sessions {
        let answer = house.submit(&here, &revoke(session.id), &[]).await;
        ended += i32::from(answer.header("location") == "/settings/account?said=session-ended");
        if !lets_in(&house, &here).await {
            assert_eq!(answer.header("location"), "/sign-in?said=signed-out");
            assert!(answer.header("set-cookie").contains("Max-Age=0"));
            break;
        }
    }
    assert!(ended <= 1);
    assert!(!(lets_in(&house, &here).await && lets_in(&house, &there).await));
    assert!(lets_in(&house, &stranger).await);
}

#[tokio::test]
async fn signing_out_everywhere_ends_them_all_and_the_others_all_but_this() {
    let house = House::patient().await;
    let (id, here) = house.person(Role::Member).await;
    let (_, stranger) = house.person(Role::Member).await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(house.session(house.organization, id).await);
    }
    let answer = house.submit(&here, "/settings/account/sessions/revoke-others", &[]).await;
    assert_eq!(answer.header("location"), "/settings/account?said=others-ended");
    assert!(lets_in(&house, &here).await);
    for other in &others {
        assert!(!lets_in(&house, other).await);
    }
    let there = house.session(house.organization, id).await;
    let answer = house.submit(&here, "/settings/account/sessions/revoke-all", &[]).await;
    assert_eq!(answer.header("location"), "/sign-in?said=signed-out-everywhere");
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    for gone in [&here, &there] {
        assert!(!lets_in(&house, gone).await);
    }
    assert!(lets_in(&house, &stranger).await);
}

#[tokio::test]
async fn one_changes_between_one_s_own_organizations_only() {
    let house = House::patient().await;
    let fabrikam = house.store.add_organization("Fabrikam", house.now).await.unwrap();
    let contoso = house.store.add_organization("Contoso", house.now).await.unwrap();
    let (id, cookie) = house.person(Role::Viewer).await;
    assert!(!house.page(&cookie, "/").await.text.contains(r#"action="/organization""#), "there is nothing to choose");
    house.store.put_membership(fabrikam, id, Role::Admin, house.now).await.unwrap();
    let page = house.page(&cookie, "/").await.text;
    assert!(page.contains(r#"action="/organization""#) && page.contains("Fabrikam") && !page.contains("Contoso"));
    assert_eq!(
        house.page(&cookie, "/settings/users").await.status,
        StatusCode::FORBIDDEN,
        "an administrator elsewhere is none here"
    );
    for closed in [contoso.0.to_string(), "999".to_owned(), "x".to_owned()] {
        assert_eq!(house.submit(&cookie, "/organization", &[("id", &closed)]).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(house.submit(&cookie, "/organization", &[("id", &fabrikam.0.to_string())]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.page(&cookie, "/settings/users").await.status, StatusCode::OK);
    house.store.lock_user(house.organization, id, true).await.unwrap();
    let back = house.submit(&cookie, "/organization", &[("id", &house.organization.0.to_string())]).await;
    assert_eq!(back.status, StatusCode::NOT_FOUND, "locked out there");
}
