//! Settings: API tokens. A token does what its owner may and its scopes name, until it ends or is revoked.

use crate::house::{Answer, House};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use tacho_domain::Role;

const HERE: &str = "/settings/tokens";

async fn make(house: &House, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    house.submit(cookie, HERE, fields).await
}

/// The token that a page shows once.
fn shown(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let start = answer.text.find("id=\"made\"").unwrap();
    answer.text[start..].split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn bearing(house: &House, token: &str, path: &str) -> StatusCode {
    let request = Request::get(path).header("host", "tacho.example").header("authorization", format!("Bearer {token}"));
    house.send(request.body(Body::empty()).unwrap()).await.status
}

#[tokio::test]
async fn a_token_is_shown_once_and_may_what_its_scopes_name() {
    let house = House::patient().await;
    let cookie = house.user(Role::Owner).await;
    let fields = [("name", "build server"), ("scope", "view_aggregates"), ("ends", "30")];
    let token = shown(&make(&house, &cookie, &fields).await);
    assert!(token.starts_with("tacho_"));
    let listed = house.page(&cookie, HERE).await.text;
    assert!(listed.contains("build server") && listed.contains("view_aggregates") && !listed.contains(&token));
    assert_eq!(bearing(&house, &token, "/api/overview").await, StatusCode::OK);
    assert_eq!(
        bearing(&house, &token, "/api/ai-usage/integrations").await,
        StatusCode::FORBIDDEN,
        "an owner's, but not in scope"
    );
    house.wait(30 * 86_400 + 1);
    assert_eq!(bearing(&house, &token, "/api/overview").await, StatusCode::UNAUTHORIZED, "it ended");
    let cookie = house.user(Role::Owner).await;
    assert!(house.page(&cookie, HERE).await.text.contains("ended"));
}

#[tokio::test]
async fn a_token_follows_its_owner_s_role_and_end() {
    let house = House::patient().await;
    let (id, cookie) = house.person(Role::Admin).await;
    let fields = [("name", "sync"), ("scope", "view_integrations"), ("scope", "view_aggregates"), ("ends", "never")];
    let token = shown(&make(&house, &cookie, &fields).await);
    assert_eq!(bearing(&house, &token, "/api/ai-usage/integrations").await, StatusCode::OK);
    house.wait(3_000 * 86_400);
    assert_eq!(bearing(&house, &token, "/api/ai-usage/integrations").await, StatusCode::OK, "it never ends by itself");
    house.store.put_membership(house.organization, id, Role::Viewer, house.now).await.unwrap();
    assert_eq!(bearing(&house, &token, "/api/ai-usage/integrations").await, StatusCode::FORBIDDEN);
    assert_eq!(bearing(&house, &token, "/api/overview").await, StatusCode::OK);
    house.store.lock_user(house.organization, id, true).await.unwrap();
    assert_eq!(bearing(&house, &token, "/api/overview").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nobody_makes_a_token_that_may_more_than_they() {
    let house = House::patient().await;
    for (role, beyond) in [(Role::Viewer, "view_own_data"), (Role::Manager, "manage_users"), (Role::Admin, "grant_owner")] {
        let cookie = house.user(role).await;
        assert!(!house.page(&cookie, HERE).await.text.contains(&format!("value=\"{beyond}\"")), "{role} is not offered {beyond}");
        let fields = [("name", "mine"), ("scope", "view_aggregates"), ("scope", beyond), ("ends", "90")];
        let refused = make(&house, &cookie, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{role}");
        assert!(refused.text.contains("you do not have it yourself") && refused.text.contains("value=\"mine\""));
        assert!(refused.text.contains("value=\"view_aggregates\" checked"), "what was ticked stays ticked");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_said_at_its_field() {
    let house = House::patient().await;
    let cookie = house.user(Role::Member).await;
    let empty = make(&house, &cookie, &[("name", ""), ("ends", "365")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["Enter a name", "Choose at least one scope", "name-error", "scopes-error", "value=\"365\" selected"] {
        assert!(empty.text.contains(words), "{words}");
    }
    assert_eq!(
        make(&house, &cookie, &[("name", "x"), ("scope", "view_aggregates"), ("ends", "1000")]).await.status,
        StatusCode::BAD_REQUEST
    );
    shown(&make(&house, &cookie, &[("name", "x"), ("scope", "view_aggregates"), ("ends", "30")]).await);
    let twice = make(&house, &cookie, &[("name", "x"), ("scope", "view_aggregates"), ("ends", "30")]).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY, "names tell tokens apart");
}

#[tokio::test]
async fn one_revokes_one_s_own_and_an_administrator_any() {
    let house = House::patient().await;
    let (ada, ben) = (house.user(Role::Member).await, house.user(Role::Viewer).await);
    let admin = house.user(Role::Admin).await;
    let fields = |name| [("name", name), ("scope", "view_aggregates"), ("ends", "30")];
    let ada_s = shown(&make(&house, &ada, &fields("ada's")).await);
    let ben_s = shown(&make(&house, &ben, &fields("ben's")).await);
    let page = house.page(&ada, HERE).await.text;
    assert!(page.contains("ada&#39;s") && !page.contains("ben&#39;s"));
    let page = house.page(&admin, HERE).await.text;
    assert!(page.contains("ada&#39;s") && page.contains("ben&#39;s") && page.contains("nobody in particular"));

    let all = house.store.list_api_tokens(house.organization, None).await.unwrap();
    let number = |name: &str| all.iter().find(|token| token.name == name).unwrap().id;
    let revoke = |name: &str| format!("{HERE}/{}/revoke", number(name));
    assert_eq!(house.submit(&ada, &revoke("ben's"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.submit(&ada, &format!("{HERE}/x/revoke"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bearing(&house, &ben_s, "/api/overview").await, StatusCode::OK);
    assert_eq!(house.submit(&ada, &revoke("ada's"), &[]).await.header("location"), "/settings/tokens?said=revoked");
    assert_eq!(bearing(&house, &ada_s, "/api/overview").await, StatusCode::UNAUTHORIZED);
    assert_eq!(house.submit(&admin, &revoke("ben's"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(bearing(&house, &ben_s, "/api/overview").await, StatusCode::UNAUTHORIZED);

    let elsewhere = house.store.add_organization("Fabrikam", house.now).await.unwrap();
    let (_, foreign) = house.person_at(elsewhere, Role::Owner, "mallory@fabrikam.example", "Mallory").await;
    assert!(!house.page(&foreign, HERE).await.text.contains("tests"));
    assert_eq!(house.submit(&foreign, &revoke("tests"), &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_token_opens_no_page_of_an_account() {
    let house = House::patient().await;
    for path in ["/settings/account", "/settings/account/name", "/settings/account/sessions/revoke-all"] {
        let method = if path == "/settings/account" { "GET" } else { "POST" };
        let request = house.asks(method, path).header("content-type", "application/x-www-form-urlencoded");
        let answer = house.send(request.body(Body::from("name=x")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: a token of nobody has no account");
    }
}
