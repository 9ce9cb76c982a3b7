//! Version 1 of the REST API through the real router: its frame (pages, tags, idempotency, strictness), and users,
//! invitations, tokens, sessions and the organization.

use crate::house::{Answer, House};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tacho_domain::Role;
use tacho_store::Claimed;

/// A request with JSON, as somebody with that cookie sends it.
fn request(cookie: &str, method: &str, path: &str, key: Option<&str>, body: &Value) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header("host", "tacho.example").header("cookie", cookie);
    let request = request.header("content-type", "application/json");
    let request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
    request.body(Body::from(body.to_string())).unwrap()
}

async fn send(house: &House, cookie: &str, method: &str, path: &str, body: &Value) -> Answer {
    house.send(request(cookie, method, path, None, body)).await
}

async fn keyed(house: &House, cookie: &str, path: &str, key: &str, body: &Value) -> Answer {
    house.send(request(cookie, "POST", path, Some(key), body)).await
}

async fn with_token(house: &House, token: &str, path: &str) -> Answer {
    let request = Request::get(path).header("host", "tacho.example").header("authorization", format!("Bearer {token}"));
    house.send(request.body(Body::empty()).unwrap()).await
}

fn items(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_list_is_walked_page_by_page_and_every_item_comes_once() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    for role in [Role::Lead, Role::Member, Role::Member, Role::Viewer] {
        house.person(role).await;
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let answer = house.page(&owner, &format!("/api/v1/users?limit=2{after}")).await;
        seen.extend(items(&answer).iter().map(|user| user["id"].as_i64().unwrap()));
        match answer.json()["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted() && seen.windows(2).all(|pair| pair[0] != pair[1]), "{seen:?}");
    let members = items(&house.page(&owner, "/api/v1/users?role=member&search=MEMBER").await);
    assert_eq!(members.len(), 2);
    assert!(members.iter().all(|user| user["role"] == "member"));
}

#[tokio::test]
async fn a_query_that_no_description_names_or_that_cannot_be_read_is_refused_by_name() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    for (query, field) in [
        ("limt=2", "limt"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("after=x", "after"),
        ("role=king", "role"),
        ("limit=1&limit=2", "limit"),
    ] {
        let answer = house.page(&owner, &format!("/api/v1/users?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(
            (answer.json()["field"].as_str(), answer.json()["type"].as_str()),
            (Some(field), Some("urn:tacho:problem:invalid-field"))
        );
    }
}

#[tokio::test]
async fn a_body_is_read_strictly_and_its_problem_points_at_the_field() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    let cases = [
        (json!({ "scopes": ["view_audit"] }), "/name"),
        (json!({ "name": "ci", "scopes": ["view_audit", "rule_the_world"] }), "/scopes/1"),
        (json!({ "name": "ci", "scopes": ["view_audit"], "expires": 3 }), "/expires"),
        (json!({ "name": "ci", "scopes": "view_audit" }), "/scopes"),
        (json!({ "name": "ci\u{0}", "scopes": ["view_audit"] }), "/name"),
    ];
    for (body, pointer) in cases {
        let answer = send(&house, &owner, "POST", "/api/v1/tokens", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.text);
        assert_eq!(answer.json()["pointer"], pointer, "{body}");
    }
    let plain = Request::post("/api/v1/tokens").header("host", "tacho.example").header("cookie", &owner);
    let answer = house.send(plain.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = json!({ "name": "x".repeat(1 << 20), "scopes": [] });
    for key in [None, Some("large")] {
        let answer = house.send(request(&owner, "POST", "/api/v1/tokens", key, &large)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
}

#[tokio::test]
async fn whoever_holds_an_answer_is_told_so_until_it_changes() {
    let house = House::seeded(3).await;
    let owner = house.user(Role::Owner).await;
    let ask = async |path: &str, tag: &str| {
        let request = Request::get(path).header("host", "tacho.example").header("cookie", &owner).header("if-none-match", tag);
        house.send(request.body(Body::empty()).unwrap()).await
    };
    for path in ["/api/v1/organization", "/api/overview", "/api/ai-usage/dashboard", "/api/openapi.json"] {
        let first = house.page(&owner, path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}: {tag}");
        let again = ask(path, &tag).await;
        assert_eq!(
            (again.status, again.text.as_str(), again.header("etag")),
            (StatusCode::NOT_MODIFIED, "", tag.as_str()),
            "{path}"
        );
        assert_eq!(ask(path, "W/\"other\"").await.text, first.text);
    }
    let tag = house.page(&owner, "/api/v1/organization").await.header("etag").to_owned();
    let renamed = send(&house, &owner, "PATCH", "/api/v1/organization", &json!({ "name": "Other & Sons" })).await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.text);
    assert_eq!(ask("/api/v1/organization", &tag).await.json()["name"], "Other & Sons");
    let refused = house.page("", "/api/v1/organization").await;
    assert_eq!((refused.status, refused.header("etag")), (StatusCode::UNAUTHORIZED, ""));
}

#[tokio::test]
async fn the_same_request_under_the_same_key_is_done_once_and_answered_twice() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    let body = json!({ "email": "ada@example.com", "name": "Ada" });
    let first = keyed(&house, &owner, "/api/v1/members", "key-1", &body).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (StatusCode::CREATED, ""), "{}", first.text);
    let again = keyed(&house, &owner, "/api/v1/members", "key-1", &body).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (StatusCode::CREATED, "true"));
    assert_eq!((again.text.as_str(), again.header("location")), (first.text.as_str(), first.header("location")));
    assert!(first.header("location").starts_with("/api/v1/members/") && again.header("content-type") == "application/json");
    assert_eq!(house.store.list_members(house.organization).await.unwrap().len(), 1);

    let other = keyed(&house, &owner, "/api/v1/members", "key-1", &json!({ "email": "ben@example.com" })).await;
    assert_eq!(
        (other.status, other.json()["type"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("urn:tacho:problem:idempotency-key-reused"))
    );
    let teams = keyed(&house, &owner, "/api/v1/teams", "key-1", &json!({ "name": "Platform" })).await;
    assert_eq!(teams.status, StatusCode::UNPROCESSABLE_ENTITY, "another address is another request");
    let wrong = keyed(&house, &owner, "/api/v1/members", "two words", &body).await;
    assert_eq!((wrong.status, wrong.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("Idempotency-Key")));

    let someone = house.user(Role::Admin).await;
    let theirs = keyed(&house, &someone, "/api/v1/members", "key-1", &json!({ "email": "chi@example.com" })).await;
    assert_eq!(theirs.status, StatusCode::CREATED, "another caller's keys are their own: {}", theirs.text);
}

#[tokio::test]
async fn what_was_refused_may_be_put_right_under_the_same_key_and_what_is_under_way_is_not_begun_again() {
    let house = House::empty().await;
    let (id, owner) = house.person(Role::Owner).await;
    let refused = keyed(&house, &owner, "/api/v1/teams", "key", &json!({ "nam": "Platform" })).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let body = json!({ "name": "Platform" });
    let made = keyed(&house, &owner, "/api/v1/teams", "key", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);

    let path = "/api/v1/teams";
    let other = json!({ "name": "Data" }).to_string();
    let parts = ["POST", path, &hex::encode("application/json"), &hex::encode(&other)];
    let hashes: Vec<u8> = parts.iter().flat_map(|part| Sha256::digest(part.as_bytes()).to_vec()).collect();
    let fingerprint = Sha256::digest(hex::encode(hashes).as_bytes()).to_vec();
    let who = format!("user {id}");
    let claimed = house.store.claim_idempotency_key(house.organization, &who, "busy", &fingerprint, house.now).await.unwrap();
    assert_eq!(claimed, Claimed::Fresh);
    let busy = keyed(&house, &owner, path, "busy", &json!({ "name": "Data" })).await;
    assert_eq!(
        (busy.status, busy.json()["type"].as_str()),
        (StatusCode::CONFLICT, Some("urn:tacho:problem:request-in-progress"))
    );
    assert_eq!(busy.header("retry-after"), "1");
    house.store.release_idempotency_key(house.organization, &who, "busy").await.unwrap();
    assert_eq!(keyed(&house, &owner, path, "busy", &json!({ "name": "Data" })).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn an_answer_with_a_secret_is_never_kept_for_a_second_time() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    let body = json!({ "name": "ci", "scopes": ["view_aggregates"] });
    let made = keyed(&house, &owner, "/api/v1/tokens", "once", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let token = made.json()["token"].as_str().unwrap().to_owned();
    let again = keyed(&house, &owner, "/api/v1/tokens", "once", &body).await;
    assert_eq!((again.status, again.json()["type"].as_str()), (StatusCode::CONFLICT, Some("urn:tacho:problem:already-done")));
    assert!(!again.text.contains(&token));
    let named = items(&house.page(&owner, "/api/v1/tokens").await).into_iter().filter(|one| one["name"] == "ci").count();
    assert_eq!(named, 1);
}

#[tokio::test]
async fn me_tells_who_asks_and_what_they_may() {
    let house = House::empty().await;
    let (id, lead) = house.person(Role::Lead).await;
    let me = house.page(&lead, "/api/v1/me").await.json();
    assert_eq!(
        (me["user"]["id"].as_i64(), me["role"].as_str(), me["sees"].as_str()),
        (Some(id.0), Some("lead"), Some("own_teams"))
    );
    assert_eq!(me["token"], Value::Null);
    let granted: Vec<&str> = me["permissions"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert_eq!(granted, Role::Lead.permissions().iter().map(|one| one.as_str()).collect::<Vec<_>>());
    assert_eq!(me["organizations"][0]["name"], "Example & Sons");
    let token = house.get("/api/v1/me").await.json();
    assert_eq!(
        (token["user"].clone(), token["token"].as_str(), token["role"].as_str()),
        (Value::Null, Some("tests"), Some("owner"))
    );
    let rules = house.page(&lead, "/api/v1/permissions").await.json();
    assert_eq!((rules["roles"].as_array().unwrap().len(), rules["permissions"].as_array().unwrap().len()), (6, 17));
}

#[tokio::test]
async fn a_users_role_is_changed_by_whom_the_table_lets_and_an_owner_remains() {
    let house = House::empty().await;
    let (owner_id, owner) = house.person(Role::Owner).await;
    let admin = house.user(Role::Admin).await;
    let (member, _) = house.person(Role::Member).await;
    let at = |id: tacho_domain::UserId| format!("/api/v1/users/{id}");
    let lead = send(&house, &admin, "PATCH", &at(member), &json!({ "role": "lead" })).await;
    assert_eq!((lead.status, lead.json()["role"].as_str()), (StatusCode::OK, Some("lead")), "{}", lead.text);
    let king = send(&house, &admin, "PATCH", &at(member), &json!({ "role": "owner" })).await;
    assert_eq!((king.status, king.json()["permission"].as_str()), (StatusCode::FORBIDDEN, Some("grant_owner")));
    for method in ["PATCH", "DELETE"] {
        let body = json!({ "locked": true });
        let refused = send(&house, &admin, method, &at(owner_id), &body).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{method}: {}", refused.text);
    }
    let last = send(&house, &owner, "PATCH", &at(owner_id), &json!({ "role": "admin" })).await;
    assert_eq!((last.status, last.json()["field"].as_str()), (StatusCode::CONFLICT, Some("role")), "{}", last.text);
    let own = send(&house, &owner, "DELETE", &at(owner_id), &json!({})).await;
    assert_eq!((own.status, own.json()["type"].as_str()), (StatusCode::CONFLICT, Some("urn:tacho:problem:own-account")));
    let locked = send(&house, &owner, "PATCH", &at(member), &json!({ "locked": true })).await;
    assert_eq!(locked.json()["locked"], true);
    assert_eq!(send(&house, &owner, "DELETE", &at(member), &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(house.page(&owner, &at(member)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.page(&owner, "/api/v1/users/one").await.status, StatusCode::NOT_FOUND);
    let log = items(&house.page(&owner, "/api/v1/audit").await);
    let did: Vec<&str> = log.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(did, ["user_removed", "user_locked", "role_changed"]);
    assert_eq!(log[2]["detail"], json!({ "from": "member", "to": "lead" }));
}

#[tokio::test]
async fn a_token_never_may_more_than_its_maker_and_is_revoked_by_its_owner_or_a_manager_of_tokens() {
    let house = House::empty().await;
    let manager = house.user(Role::Manager).await;
    let beyond = send(&house, &manager, "POST", "/api/v1/tokens", &json!({ "name": "up", "scopes": ["manage_users"] })).await;
    assert_eq!((beyond.status, beyond.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("scopes")));
    let empty = send(&house, &manager, "POST", "/api/v1/tokens", &json!({ "name": "none", "scopes": [] })).await;
    assert_eq!(empty.json()["field"], "scopes");
    let shared = json!({ "name": "all", "scopes": ["view_aggregates"], "shared_role": "viewer" });
    let shared = send(&house, &manager, "POST", "/api/v1/tokens", &shared).await;
    assert_eq!(shared.status, StatusCode::FORBIDDEN);
    let made = json!({ "name": "ci", "scopes": ["manage_own_tokens", "view_aggregates"], "expires_in_days": 1 });
    let made = send(&house, &manager, "POST", "/api/v1/tokens", &made).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let token = made.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(with_token(&house, &token, "/api/overview").await.status, StatusCode::OK);
    assert_eq!(with_token(&house, &token, "/api/v1/users").await.status, StatusCode::FORBIDDEN);
    let wider =
        Request::post("/api/v1/tokens").header("host", "tacho.example").header("authorization", format!("Bearer {token}"));
    let body = json!({ "name": "wider", "scopes": ["view_all_data"] }).to_string();
    let wider = house.send(wider.header("content-type", "application/json").body(Body::from(body)).unwrap()).await;
    assert_eq!(
        (wider.status, wider.json()["field"].as_str()),
        (StatusCode::BAD_REQUEST, Some("scopes")),
        "a token must not widen itself"
    );

    let owned = items(&house.page(&manager, "/api/v1/tokens").await);
    assert_eq!((owned.len(), owned[0]["name"].as_str()), (1, Some("ci")), "only one's own are seen");
    let at = format!("/api/v1/tokens/{}", owned[0]["id"]);
    let stranger = house.user(Role::Member).await;
    assert_eq!(send(&house, &stranger, "DELETE", &at, &json!({})).await.status, StatusCode::NOT_FOUND);
    let admin = house.user(Role::Admin).await;
    assert_eq!(send(&house, &admin, "DELETE", &at, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(with_token(&house, &token, "/api/overview").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_invitation_is_made_shown_once_and_taken_back() {
    let house = House::empty().await;
    let admin = house.user(Role::Admin).await;
    let owner =
        send(&house, &admin, "POST", "/api/v1/invitations", &json!({ "email": "ben@example.com", "role": "owner" })).await;
    assert_eq!(owner.status, StatusCode::FORBIDDEN);
    let nobody = send(&house, &admin, "POST", "/api/v1/invitations", &json!({ "email": "ben" })).await;
    assert_eq!((nobody.status, nobody.json()["pointer"].as_str()), (StatusCode::BAD_REQUEST, Some("/email")));
    let made = send(&house, &admin, "POST", "/api/v1/invitations", &json!({ "email": "Ben@Example.com" })).await;
    assert_eq!((made.status, made.json()["role"].as_str()), (StatusCode::CREATED, Some("member")), "{}", made.text);
    let link = made.json()["link"].as_str().unwrap().to_owned();
    assert_eq!(house.stranger("GET", &link).await.status, StatusCode::OK);
    let listed = house.page(&admin, "/api/v1/invitations").await;
    assert_eq!(items(&listed)[0]["email"], "ben@example.com");
    assert!(!listed.text.contains("/invitation/"));
    let at = "/api/v1/invitations/ben%40example.com";
    assert_eq!(send(&house, &admin, "DELETE", at, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(send(&house, &admin, "DELETE", at, &json!({})).await.status, StatusCode::NOT_FOUND);
    assert_ne!(house.stranger("GET", &link).await.status, StatusCode::OK);
}

#[tokio::test]
async fn sessions_are_ones_own_and_ended_one_by_one_or_all_but_this() {
    let house = House::empty().await;
    let (id, here) = house.person(Role::Member).await;
    let elsewhere = house.session(house.organization, id).await;
    let third = house.session(house.organization, id).await;
    let stranger = house.user(Role::Owner).await;
    let sessions = items(&house.page(&here, "/api/v1/sessions").await);
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.iter().filter(|one| one["current"] == true).count(), 1);
    let other = sessions.iter().find(|one| one["current"] == false).unwrap();
    let at = format!("/api/v1/sessions/{}", other["id"]);
    assert_eq!(send(&house, &stranger, "DELETE", &at, &json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(&house, &here, "DELETE", &at, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(send(&house, &here, "DELETE", "/api/v1/sessions", &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(house.page(&here, "/api/v1/me").await.status, StatusCode::OK);
    for gone in [elsewhere, third] {
        assert_eq!(house.page(&gone, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(house.get("/api/v1/sessions").await.status, StatusCode::FORBIDDEN, "a token of nobody has no sessions");
}
