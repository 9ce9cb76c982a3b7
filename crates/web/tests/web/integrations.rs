//! Integrations by page and by REST: how they stand in words, connecting, changing, disconnecting, and who may.

use crate::house::{Answer, House};
use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tacho_domain::{IntegrationId, Role, StreamRole, ToolId};
use tacho_store::{AuditFilter, AuthKind, CredentialFacts, Outcome, Progress, ProgressState, StoredFailure};

const LIST: &str = "/settings/integrations";
const CONNECT: &str = "/settings/integrations/connect/pair_api";

/// Connects one by the page and gives its number.
async fn connected(house: &House, cookie: &str) -> i64 {
    let fields = [("name", "Our Pair"), ("organization", "acme"), ("secret", "key-hidden-and-long-4711"), ("way", "key")];
    let answer = house.submit(cookie, CONNECT, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let place = answer.header("location").strip_suffix("?said=connected").unwrap();
    place.rsplit('/').next().unwrap().parse().unwrap()
}

async fn synced(house: &House, id: i64) {
    let outcome = Outcome { last_synced_at: Some(house.now.plus_seconds(-60)), ..Outcome::default() };
    house.store.put_integration_outcome(house.organization, IntegrationId(id), &outcome).await.unwrap();
    let (tool, yesterday) = (ToolId::new("pair"), house.now.day().minus(1));
    for day in [yesterday, yesterday.minus(9)] {
        house.write(IntegrationId(id), &tool, "usage_daily", StreamRole::Activity, day, &[]).await;
    }
}

async fn failing(house: &House, id: i64, kind: &str, cause: &str) {
    let failure = StoredFailure { kind: kind.into(), cause: cause.into(), fix: "Do `this`.".into(), at: house.now };
    let outcome = Outcome { failure: Some(failure), next_try_at: Some(house.now.plus_seconds(240)), last_synced_at: None };
    house.store.put_integration_outcome(house.organization, IntegrationId(id), &outcome).await.unwrap();
}

async fn state(house: &House, id: i64) -> (String, String) {
    let told = house.get(&format!("/api/v1/integrations/{id}")).await.json();
    let page = house.get(LIST).await.text;
    let words = told["state_text"].as_str().unwrap().to_owned();
    assert!(page.contains(&words), "the page says the same: {words}");
    (told["state"].as_str().unwrap().to_owned(), words)
}

#[tokio::test]
async fn every_state_is_said_in_words_with_cause_and_fix() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    let id = connected(&house, &owner).await;
    assert_eq!(state(&house, id).await.0, "no_data_yet");
    let (organization, number) = (house.organization, IntegrationId(id));
    let progress = Progress {
        integration: number,
        state: ProgressState::Running,
        done: 30,
        total: 120,
        stream: None,
        begun_at: house.now,
        at: house.now,
    };
    house.store.put_progress(organization, &progress).await.unwrap();
    assert_eq!(state(&house, id).await.0, "first_sync");
    let page = house.page(&owner, LIST).await.text;
    assert!(page.contains(r#"max="100" value="25""#) && page.contains("30 of 120 parts read"), "{page}");
    house.store.put_progress(organization, &Progress { state: ProgressState::Finished, ..progress }).await.unwrap();

    synced(&house, id).await;
    assert_eq!(state(&house, id).await.0, "connected");
    let page = house.page(&owner, LIST).await.text;
    for words in
        ["2026-11-21 08:59 UTC", "2026-11-21 10:07 UTC", "key ending in 4711", "60 days from 2026-09-22 to 2026-11-20: 1 final"]
    {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("key-hidden"), "the key is never shown");

    for (kind, state_name) in [
        ("auth", "credential_refused"),
        ("forbidden", "no_permission"),
        ("plan", "too_few_licences"),
        ("not_found", "not_found"),
        ("rate_limit", "failing"),
        ("server", "failing"),
    ] {
        failing(&house, id, kind, "It said no.").await;
        assert_eq!(state(&house, id).await.0, state_name, "{kind}");
        let page = house.page(&owner, LIST).await.text;
        assert!(page.contains("It said no. Do <code>this</code>.") && page.contains("Next try 2026-11-21 09:04 UTC"), "{kind}");
    }
    house.store.put_integration_outcome(organization, number, &Outcome::default()).await.unwrap();
    let seats = StoredFailure { kind: "forbidden".into(), cause: "No seats.".into(), fix: "Ask.".into(), at: house.now };
    house.store.put_stream_failure(organization, number, "seats", Some(&seats)).await.unwrap();
    assert_eq!(state(&house, id).await.0, "connected_in_part");
    assert!(house.page(&owner, LIST).await.text.contains("Not available: Seats"));
    house.store.put_stream_failure(organization, number, "seats", None).await.unwrap();

    for (days, name, words) in [
        (20, "connected", "connected"),
        (13, "connected_ends_soon", "connected, credential expires in 13 days"),
        (0, "connected_ends_soon", "connected, credential expires today"),
        (-1, "credential_expired", "credential expired"),
    ] {
        let expires_at = Some(house.now.plus_seconds(days * 86_400 + 3_600));
        let facts = CredentialFacts { expires_at, ..CredentialFacts::default() };
        house.store.put_credential_facts(organization, number, &facts).await.unwrap();
        assert_eq!(state(&house, id).await, (name.to_owned(), words.to_owned()), "{days}");
    }
    house.submit(&owner, &format!("{LIST}/{id}/pause"), &[]).await;
    assert_eq!(state(&house, id).await.0, "paused");
    let page = house.page(&owner, LIST).await.text;
    assert!(page.contains("none while it is paused") && !page.contains("Sync now"), "{page}");
}

#[tokio::test]
async fn a_missing_scope_is_named_and_a_button_gets_it() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    let id = connected(&house, &owner).await;
    synced(&house, id).await;
    let facts =
        CredentialFacts { granted_scopes: Some(vec!["repo".into()]), auth: Some(AuthKind::OAuth), ..CredentialFacts::default() };
    house.store.put_credential_facts(house.organization, IntegrationId(id), &facts).await.unwrap();
    assert_eq!(state(&house, id).await.0, "connected_in_part");
    let page = house.page(&owner, LIST).await.text;
    assert!(page.contains("It was granted <code>repo</code>, and needs <code>read:org</code> too."), "{page}");
    assert!(page.contains("Re-authorize with read:org"));

    let refused = house.page(&owner, &format!("{LIST}/{id}/credential/leave")).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "no provider is configured");
    house.vouching.vouch(crate::house::vouching::external(house.organization, "github", "1", "ada@example.com"));
    let page = house.page(&owner, &format!("{LIST}/{id}/credential")).await.text;
    assert!(page.contains(&format!(r#"href="/settings/integrations/{id}/credential/leave""#)), "{page}");
    let away = house.page(&owner, &format!("{LIST}/{id}/credential/leave?scope=manage%3Aseats")).await;
    let back = come_back(&house, &owner, &away, "code=the-code").await;
    assert_eq!(back.header("location"), format!("/settings/integrations/{id}?said=reauthorized"), "{}", back.text);
    let known = house.store.find_integration(house.organization, IntegrationId(id)).await.unwrap().unwrap();
    assert_eq!(known.granted_scopes, Some(vec!["read:org".to_owned(), "manage:seats".to_owned()]));
    assert_eq!((known.auth, known.extra_scopes), (AuthKind::OAuth, vec!["manage:seats".to_owned()]));
}

/// The browser comes back from the provider with the state it left with.
async fn come_back(house: &House, cookie: &str, away: &Answer, rest: &str) -> Answer {
    assert_eq!(away.status, StatusCode::SEE_OTHER, "{}", away.text);
    let state = away.header("location").split("state=").nth(1).unwrap().to_owned();
    let cookie = format!("{cookie}; {}", away.cookie());
    house.page(&cookie, &format!("/sign-in/callback/github/connection?{rest}&state={state}")).await
}

#[tokio::test]
async fn signing_in_says_what_it_asks_for_and_connects_only_for_the_browser_that_left() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    assert!(house.page(&owner, CONNECT).await.text.contains("This server is not registered with Github yet"));
    house.vouching.vouch(crate::house::vouching::external(house.organization, "github", "1", "ada@example.com"));
    let page = house.page(&owner, CONNECT).await.text;
    assert!(page.contains("Sign in with GitHub") && page.contains("<code>manage:seats</code>"), "{page}");

    let wrong = house.page(&owner, &format!("{CONNECT}/sign-in?organization=no+such+name")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("<code>no such name</code> is no name"), "{}", wrong.text);
    let query = "organization=acme&name=Ours&scope=manage%3Aseats";
    let summary = house.page(&owner, &format!("{CONNECT}/sign-in?{query}")).await.text;
    assert!(
        summary.contains("<code>read:org</code> reads what is needed.") && summary.contains("Continue to GitHub"),
        "{summary}"
    );
    assert!(summary.contains("leave?organization=acme&#38;name=Ours&#38;scope=manage%3Aseats"), "{summary}");

    let away = house.page(&owner, &format!("{CONNECT}/leave?{query}")).await;
    let other = house.user(Role::Admin).await;
    let stolen = come_back(&house, &other, &away, "code=the-code").await;
    assert!(stolen.status.is_client_error() && house.recorded.connects.lock().unwrap().is_empty(), "{}", stolen.status);
    let away = house.page(&owner, &format!("{CONNECT}/leave?{query}")).await;
    let denied = come_back(&house, &owner, &away, "error=access_denied").await;
    assert!(denied.status.is_client_error(), "{}", denied.status);
    let away = house.page(&owner, &format!("{CONNECT}/leave?{query}")).await;
    let back = come_back(&house, &owner, &away, "code=the-code").await;
    assert!(back.header("location").ends_with("?said=connected"), "{} {}", back.status, back.text);
    let again = come_back(&house, &owner, &away, "code=the-code").await;
    assert!(again.status.is_client_error(), "a way back is taken once");
    let known = house.store.list_integrations(house.organization).await.unwrap();
    assert_eq!((known.len(), known[0].name.as_str(), known[0].auth), (1, "Ours", AuthKind::OAuth));
}

#[tokio::test]
async fn connecting_shows_what_was_tried_and_loses_nothing_but_the_secret() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    let choose = house.page(&owner, "/settings/integrations/connect").await.text;
    assert!(choose.contains("Shell (Console)") && choose.contains("a Pair App, or paste the Admin key"), "{choose}");
    assert_eq!(house.page(&owner, "/settings/integrations/connect/abacus").await.status, StatusCode::NOT_FOUND);

    let fields = [("name", "Our <Pair>"), ("organization", "acme"), ("secret", "key-refused"), ("way", "key")];
    let refused = house.submit(&owner, CONNECT, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "The key is not valid. Make a new one.",
        "Does not work",
        "<code>GET /usage</code>",
        r#"value="acme""#,
        "Our &#60;Pair&#62;",
    ] {
        assert!(refused.text.contains(words), "{words} in {}", refused.text);
    }
    assert!(!refused.text.contains("key-refused"));
    let wrong = house.submit(&owner, CONNECT, &[("secret", "wrong-form"), ("way", "key")]).await;
    assert!(wrong.text.contains(r#"aria-invalid="true" aria-describedby="key-secret-error key-secret-help""#), "{}", wrong.text);
    let setting = house.submit(&owner, CONNECT, &[("organization", "no such name"), ("secret", "key-1"), ("way", "key")]).await;
    assert!(setting.text.contains(r#"id="key-organization-error""#), "{}", setting.text);
    let broken = house.submit(&owner, CONNECT, &[("secret", "broken"), ("way", "key")]).await;
    assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!broken.text.contains("secret-detail"));

    let id = connected(&house, &owner).await;
    let page = house.page(&owner, &format!("{LIST}/{id}?said=connected")).await.text;
    for words in
        ["Every endpoint below was tried", "<b>Works</b>", "<b>Does not work</b>", "Ask an owner for <code>seats:read</code>"]
    {
        assert!(page.contains(words), "{words} in {page}");
    }
    let pem = "-----BEGIN RSA PRIVATE KEY-----\nhush\n-----END RSA PRIVATE KEY-----";
    let app = house.submit(&owner, CONNECT, &[("way", "app"), ("app_id", "17"), ("private_key", pem)]).await;
    assert_eq!(app.status, StatusCode::SEE_OTHER, "{}", app.text);
    let secret = house.recorded.connects.lock().unwrap().last().unwrap().2.clone();
    assert_eq!(serde_json::from_str::<Value>(&secret).unwrap(), json!({ "app_id": "17", "private_key": pem }));
}

#[tokio::test]
async fn changes_take_the_right_to_make_them_and_are_written_down() {
    let house = House::patient().await;
    let owner = house.user(Role::Owner).await;
    let id = connected(&house, &owner).await;
    let one = format!("{LIST}/{id}");
    for role in [Role::Manager, Role::Lead, Role::Member, Role::Viewer] {
        let cookie = house.user(role).await;
        for path in ["sync", "probe", "pause", "resume", "edit", "credential", "disconnect"] {
            let answer = house.submit(&cookie, &format!("{one}/{path}"), &[("data", "delete")]).await;
            let wanted = if role == Role::Manager { StatusCode::FORBIDDEN } else { StatusCode::NOT_FOUND };
            assert!(answer.status == wanted || answer.status == StatusCode::FORBIDDEN, "{role} {path}: {}", answer.status);
        }
        let seen = house.page(&cookie, &one).await;
        assert_eq!(seen.status == StatusCode::OK, role == Role::Manager, "{role}");
        assert!(!seen.text.contains("Disconnect"), "{role}: no button that leads nowhere");
    }
    let admin = house.user(Role::Admin).await;
    let saved = house.submit(&admin, &format!("{one}/edit"), &[("name", "Renamed"), ("organization", "beta")]).await;
    assert_eq!(saved.header("location"), format!("{one}?said=saved"), "{}", saved.text);
    let unnamed = house.submit(&admin, &format!("{one}/edit"), &[("name", " ")]).await;
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (path, said) in [("sync", "synced"), ("probe", "checked"), ("pause", "paused"), ("resume", "resumed")] {
        let answer = house.submit(&admin, &format!("{one}/{path}"), &[]).await;
        assert_eq!(answer.header("location"), format!("{one}?said={said}"), "{}", answer.text);
    }
    let listed = house.submit(&admin, &format!("{one}/sync"), &[("back", "list")]).await;
    assert_eq!(listed.header("location"), format!("{LIST}?said=synced"));
    let replaced =
        house.submit(&admin, &format!("{one}/credential"), &[("way", "key"), ("secret", "key-new-and-long-0815")]).await;
    assert_eq!(replaced.header("location"), format!("{one}?said=reauthorized"));
    let refused = house.submit(&admin, &format!("{one}/credential"), &[("way", "key"), ("secret", "key-refused")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Not replaced."));

    let found = house.store.list_audit(house.organization, &AuditFilter { limit: 50, ..AuditFilter::default() }).await.unwrap();
    let mut actions: Vec<&str> = found.iter().map(|row| row.action.as_str()).collect();
    actions.sort_unstable();
    let wanted = [
        "credential_changed",
        "integration_changed",
        "integration_changed",
        "integration_changed",
        "integration_connected",
        "sync_asked",
        "sync_asked",
    ];
    assert_eq!(actions, wanted);
    assert!(found.iter().all(|row| !format!("{row:?}").contains("key-")), "no secret is written down");
}

#[tokio::test]
async fn data_is_deleted_only_after_the_name_was_typed() {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    let id = connected(&house, &owner).await;
    synced(&house, id).await;
    let path = format!("{LIST}/{id}/disconnect");
    let asked = house.submit(&owner, &path, &[("data", "delete")]).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.text.contains("This is the second and last question."));
    let wrong = house.submit(&owner, &path, &[("data", "delete"), ("sure", "yes"), ("name", "our pair")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(house.store.find_integration(house.organization, IntegrationId(id)).await.unwrap().is_some());
    let gone = house.submit(&owner, &path, &[("data", "delete"), ("sure", "yes"), ("name", "Our Pair")]).await;
    assert_eq!(gone.header("location"), "/settings/integrations?said=deleted");
    let window = tacho_domain::Window::ending(house.now.day(), 30);
    assert_eq!(house.store.list_day_strip(house.organization, IntegrationId(id), window).await.unwrap(), []);

    let id = connected(&house, &owner).await;
    synced(&house, id).await;
    let kept = house.submit(&owner, &format!("{LIST}/{id}/disconnect"), &[("data", "keep")]).await;
    assert_eq!(kept.header("location"), "/settings/integrations?said=kept");
    assert_eq!(house.store.list_day_strip(house.organization, IntegrationId(id), window).await.unwrap().len(), 2);
    assert_eq!(house.page(&owner, &format!("{LIST}/{id}")).await.status, StatusCode::NOT_FOUND);
    for path in ["sync", "probe", "pause"] {
        let answer = house.submit(&owner, &format!("{LIST}/{id}/{path}"), &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_members_own_tool_is_seen_by_them_alone() {
    let house = House::patient().await;
    let (owner, ada, ben) = (house.user(Role::Owner).await, house.user(Role::Member).await, house.user(Role::Member).await);
    let page = house.page(&ada, "/settings/tools").await.text;
    assert!(page.contains("Connect Shell (Enterprise)") && page.contains("its key shows everybody"), "{page}");
    assert_eq!(house.page(&ada, "/settings/tools/connect/pair_api").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.page(&ada, "/settings/integrations").await.status, StatusCode::FORBIDDEN);
    let answer = house
        .submit(&ada, "/settings/tools/connect/shell_enterprise", &[("name", "Ada's own"), ("secret", "key-ada-0001")])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let place = answer.header("location").split('?').next().unwrap().to_owned();
    assert!(house.page(&ada, "/settings/tools").await.text.contains("Ada&#39;s own"));
    assert_eq!(house.page(&ada, &place).await.status, StatusCode::OK);
    for other in [&owner, &ben] {
        assert_eq!(house.page(other, &place).await.status, StatusCode::NOT_FOUND);
        assert_eq!(house.submit(other, &format!("{place}/disconnect"), &[("data", "keep")]).await.status, StatusCode::NOT_FOUND);
        for path in
            ["/settings/tools", "/", "/api/v1/integrations", "/api/ai-usage/integrations", "/api/v1/integrations?personal=true"]
        {
            assert!(!house.page(other, path).await.text.contains("own\""), "{path}");
        }
    }
    assert!(!house.page(&owner, LIST).await.text.contains("Ada&#39;s own"));
    let paused = house.submit(&ada, &format!("{place}/pause"), &[("back", "list")]).await;
    assert_eq!(paused.header("location"), "/settings/tools?said=paused");
    let own = house.page(&ada, "/api/v1/integrations?personal=true").await.json();
    assert_eq!(own["items"][0]["name"], "Ada's own");
    let gone = house.submit(&ada, &format!("{place}/disconnect"), &[("data", "keep")]).await;
    assert_eq!(gone.header("location"), "/settings/tools?said=kept");
}

#[tokio::test]
async fn the_api_connects_lists_changes_and_removes() {
    let house = House::patient().await;
    let body = json!({ "connector": "pair_api", "name": "By REST", "settings": { "organization": "acme" }, "secret": "key-hidden-and-long-4711" });
    let made = house.post("/api/v1/integrations", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let place = made.header("location").to_owned();
    let told = made.json();
    assert_eq!(
        told["credential"],
        json!({ "kind": "secret", "tail": "4711", "granted_scopes": null, "missing_scopes": [], "expires_at": null })
    );
    assert!(!made.text.contains("hidden"));
    for (body, field) in [
        (json!({ "connector": "abacus", "secret": "key-hidden" }), "connector"),
        (json!({ "connector": "pair_api" }), "secret"),
        (json!({ "connector": "pair_api", "secret": "wrong-form" }), "secret"),
        (json!({ "connector": "pair_api", "secret": "key-hidden", "app": {} }), "app"),
        (
            json!({ "connector": "pair_api", "secret": "key-hidden", "settings": { "organization": "no such name" } }),
            "settings.organization",
        ),
        (json!({ "connector": "pair_api", "secret": "key-hidden", "colour": 1 }), "colour"),
    ] {
        let answer = house.post("/api/v1/integrations", &body).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some(field)), "{body}");
        assert!(!answer.text.contains("key-hidden"), "{}", answer.text);
    }
    let refused = house.post("/api/v1/integrations", &json!({ "connector": "pair_api", "secret": "key-refused" })).await;
    assert_eq!(refused.json()["tried"], json!([{ "endpoint": "GET /usage", "ok": false, "cause": "401" }]));
    assert_eq!(house.get(&place).await.json()["name"], "By REST");
    let list = house.get("/api/v1/integrations?limit=1").await.json();
    assert_eq!((list["items"].as_array().unwrap().len(), list["next"].clone()), (1, Value::Null));

    let changed = send(&house, "PATCH", &place, Some(json!({ "name": "Renamed", "secret": "key-new-and-long-0815" }))).await;
    assert_eq!((changed.json()["name"].as_str(), changed.json()["credential"]["tail"].as_str()), (Some("Renamed"), Some("0815")));
    let synced = house.post(&format!("{place}/sync"), &json!({})).await;
    assert_eq!(synced.status, StatusCode::ACCEPTED, "{}", synced.text);
    let probed = house.post(&format!("{place}/probe"), &json!({})).await.json();
    assert_eq!(probed["tried"].as_array().unwrap().len(), 2);
    assert_eq!(house.post(&format!("{place}/pause"), &json!({})).await.json()["state"], "paused");
    assert_eq!(house.post(&format!("{place}/resume"), &json!({})).await.json()["state"], "no_data_yet");
    let days = house.get(&format!("{place}/days?days=3")).await.json();
    assert_eq!(
        days["days"],
        json!([{ "day": "2026-11-18", "state": "missing" }, { "day": "2026-11-19", "state": "missing" }, { "day": "2026-11-20", "state": "missing" }])
    );
    assert_eq!(house.get(&format!("{place}/days?days=0")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(send(&house, "DELETE", &format!("{place}?data=maybe"), None).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(send(&house, "DELETE", &place, None).await.status, StatusCode::NO_CONTENT);
    for (method, path) in [
        ("GET", place.clone()),
        ("DELETE", place.clone()),
        ("POST", format!("{place}/sync")),
        ("POST", "/api/v1/integrations/999/sync".into()),
    ] {
        assert_eq!(send(&house, method, &path, None).await.status, StatusCode::NOT_FOUND, "{method} {path}");
    }
}

async fn send(house: &House, method: &str, path: &str, body: Option<Value>) -> Answer {
    let request = house.asks(method, path).header("content-type", "application/json");
    house.send(request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap()).await
}

#[tokio::test]
async fn what_another_organization_connected_is_not_there() {
    let house = House::patient().await;
    let owner = house.user(Role::Owner).await;
    let id = connected(&house, &owner).await;
    let other = house.store.ensure_organization("Elsewhere", house.now).await.unwrap();
    let (_, stranger) = house.person_at(other, Role::Owner, "eve@elsewhere.example", "Eve").await;
    for path in ["", "/edit", "/credential", "/disconnect"] {
        assert_eq!(house.page(&stranger, &format!("{LIST}/{id}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(house.page(&stranger, &format!("/api/v1/integrations/{id}/days")).await.status, StatusCode::NOT_FOUND);
    assert!(!house.page(&stranger, LIST).await.text.contains("Our Pair"));
}
