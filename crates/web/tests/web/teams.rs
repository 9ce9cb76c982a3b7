//! Teams: made, renamed, filled and removed by pages and by REST; a vendor's stay the vendor's.

use crate::house::{Answer, House};
use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tacho_domain::{Role, SubjectId};

async fn ask(house: &House, method: &str, path: &str, body: Value) -> Answer {
    let request = house.asks(method, path);
    let request = match body {
        Value::Null => request.body(Body::empty()),
        body => request.header("content-type", "application/json").body(Body::from(body.to_string())),
    };
    house.send(request.unwrap()).await
}

async fn member(house: &House, person: u32) -> SubjectId {
    let email = format!("person{person}@example.com");
    let members = house.store.list_members(house.organization).await.unwrap();
    members.into_iter().find(|member| member.email.as_deref() == Some(&email)).unwrap().id
}

#[tokio::test]
async fn a_team_is_made_filled_renamed_and_removed_without_script() {
    let house = House::seeded(5).await;
    let cookie = house.user(Role::Admin).await;
    let made = house.submit(&cookie, "/settings/teams", &[("name", " Platform ")]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let path = made.header("location").strip_suffix("?said=made").unwrap().to_owned();
    assert!(house.page(&cookie, made.header("location")).await.text.contains("role=\"status\">Team made."));

    let put =
        house.submit(&cookie, &format!("{path}/members"), &[("member", "moreau"), ("from", "2026-10-01"), ("to", "")]).await;
    assert_eq!(put.status, StatusCode::SEE_OTHER, "{}", put.text);
    let page = house.page(&cookie, &path).await.text;
    assert!(page.contains("Chiara Moreau</a></th><td data-label=\"Since\">1 Oct 2026</td>"), "{page}");
    let list = house.page(&cookie, "/settings/teams").await.text;
    assert!(list.contains(">Platform</a></th><td class=\"number\" data-label=\"Members today\">1</td>"), "{list}");

    let chiara = member(&house, 2).await.0;
    let ended = house.submit(&cookie, &format!("{path}/members/{chiara}/end"), &[("on", "2026-11-10")]).await;
    assert_eq!(ended.header("location"), format!("{path}?said=ended"));
    let page = house.page(&cookie, &path).await.text;
    assert!(page.contains("Nobody is in it today.") && page.contains("10 Nov 2026"), "{page}");

    let renamed = house.submit(&cookie, &format!("{path}/name"), &[("name", "Core")]).await;
    assert_eq!(renamed.status, StatusCode::SEE_OTHER);
    let unsure = house.submit(&cookie, &format!("{path}/remove"), &[]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsure.text.contains("Say that you are sure") && unsure.text.contains("<h1>Core</h1>"));
    let removed = house.submit(&cookie, &format!("{path}/remove"), &[("sure", "yes")]).await;
    assert_eq!(removed.header("location"), "/settings/teams?said=removed");
    assert_eq!(house.page(&cookie, &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_that_cannot_be_used_says_so_at_the_field_and_loses_nothing() {
    let house = House::seeded(5).await;
    let cookie = house.user(Role::Admin).await;
    let empty = house.submit(&cookie, "/settings/teams", &[("name", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("aria-describedby=\"name-error\" aria-invalid=\"true\"") && empty.text.contains("Is empty"));
    house.submit(&cookie, "/settings/teams", &[("name", "Platform")]).await;
    let taken = house.submit(&cookie, "/settings/teams", &[("name", "platform")]).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.text.contains("value=\"platform\"") && taken.text.contains("another team"), "{}", taken.text);
    let id = house.store.list_teams(house.organization, house.now.day()).await.unwrap()[0].id;
    let path = format!("/settings/teams/{id}/members");
    for (fields, field, words) in [
        ([("member", "zzz"), ("from", "2026-10-01"), ("to", "")], "member", "No member&#39;s name"),
        ([("member", "person"), ("from", "2026-10-01"), ("to", "")], "member", "fits 4 members"),
        ([("member", "moreau"), ("from", "soon"), ("to", "")], "from", "is not a day"),
        ([("member", "moreau"), ("from", "2026-10-01"), ("to", "2026-09-01")], "to", "before the first one"),
    ] {
        let answer = house.submit(&cookie, &path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let at =
            answer.text.split(&format!("id=\"{field}-error\">")).nth(1).unwrap_or_else(|| panic!("{field}: {}", answer.text));
        assert!(at.split("</p>").next().unwrap().contains(words), "{field}: {}", &at[..200]);
        assert!(answer.text.contains(&format!("value=\"{}\"", fields[0].1)), "what was typed stays");
    }
}

#[tokio::test]
async fn rest_does_all_that_the_pages_do() {
    let house = House::seeded(6).await;
    let made = ask(&house, "POST", "/api/v1/teams", json!({ "name": "Platform" })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let path = made.header("location").to_owned();
    let id = made.json()["id"].as_i64().unwrap();
    assert_eq!(path, format!("/api/v1/teams/{id}"));
    assert_eq!(made.json(), json!({ "id": id, "name": "Platform", "source": "hand", "integration_id": null, "members": 0 }));
    assert_eq!(ask(&house, "POST", "/api/v1/teams", json!({ "name": "PLATFORM" })).await.status, StatusCode::CONFLICT);
    let empty = ask(&house, "POST", "/api/v1/teams", json!({ "name": "" })).await;
    assert_eq!((empty.status, empty.json()["field"].clone()), (StatusCode::BAD_REQUEST, json!("name")));

    let (one, two) = (member(&house, 2).await.0, member(&house, 3).await.0);
    for (member, days) in [(one, json!({ "from": "2026-09-01" })), (two, json!({ "from": "2026-09-01", "to": "2026-09-30" }))] {
        let put = ask(&house, "PUT", &format!("{path}/members/{member}"), days).await;
        assert_eq!(put.status, StatusCode::NO_CONTENT, "{}", put.text);
    }
    let now = ask(&house, "GET", &format!("{path}/members"), Value::Null).await.json();
    assert_eq!(now["items"], json!([{ "member_id": one, "name": "Chiara Moreau", "from": "2026-09-01", "to": null }]));
    let then = ask(&house, "GET", &format!("{path}/members?on=2026-09-15"), Value::Null).await.json();
    assert_eq!(then["items"].as_array().unwrap().len(), 2);
    let backwards =
        ask(&house, "PUT", &format!("{path}/members/{one}"), json!({ "from": "2026-09-01", "to": "2026-08-01" })).await;
    assert_eq!((backwards.status, backwards.json()["field"].clone()), (StatusCode::BAD_REQUEST, json!("to")));
    let ended = ask(&house, "DELETE", &format!("{path}/members/{one}?on=2026-10-31"), Value::Null).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.text);
    assert_eq!(ask(&house, "DELETE", &format!("{path}/members/{one}"), Value::Null).await.status, StatusCode::CONFLICT);
    let history = ask(&house, "GET", &format!("{path}/history"), Value::Null).await.json();
    assert_eq!(history["items"][0]["to"], "2026-09-30");
    assert_eq!(history["items"][1]["to"], "2026-10-31");

    assert_eq!(ask(&house, "PATCH", &path, json!({ "name": "Core" })).await.json()["name"], "Core");
    assert_eq!(ask(&house, "GET", "/api/v1/teams?limit=1", Value::Null).await.json()["items"][0]["name"], "Core");
    assert_eq!(ask(&house, "DELETE", &path, Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ask(&house, "GET", &path, Value::Null).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_organizations_team_is_not_there() {
    let mut house = House::seeded(5).await;
    let cookie = house.user(Role::Owner).await;
    let own = member(&house, 2).await.0;
    let organization = house.organization;
    let other = house.store.add_organization("Other", house.now).await.unwrap();
    house.organization = other;
    house.seed(30).await;
    let stranger = member(&house, 29).await.0;
    house.organization = organization;
    let mine = house.store.add_team(organization, "Mine").await.unwrap();
    let mut team = 0;
    while team <= mine {
        team = house.store.add_team(other, &format!("Theirs {team}")).await.unwrap();
    }
    for (method, path, body) in [
        ("GET", format!("/api/v1/teams/{team}"), Value::Null),
        ("PATCH", format!("/api/v1/teams/{team}"), json!({ "name": "x" })),
        ("DELETE", format!("/api/v1/teams/{team}"), Value::Null),
        ("GET", format!("/api/v1/teams/{team}/members"), Value::Null),
        ("GET", format!("/api/v1/teams/{team}/history"), Value::Null),
        ("PUT", format!("/api/v1/teams/{team}/members/{own}"), json!({ "from": "2026-09-01" })),
        ("PUT", format!("/api/v1/teams/{mine}/members/{stranger}"), json!({ "from": "2026-09-01" })),
        ("DELETE", format!("/api/v1/teams/{mine}/members/{stranger}"), Value::Null),
    ] {
        let answer = ask(&house, method, &path, body).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}: {}", answer.text);
        assert!(!answer.text.contains("Theirs"));
    }
    assert_eq!(house.page(&cookie, &format!("/settings/teams/{team}")).await.status, StatusCode::NOT_FOUND);
    let remove = house.submit(&cookie, &format!("/settings/teams/{team}/remove"), &[("sure", "yes")]).await;
    assert_eq!(remove.status, StatusCode::NOT_FOUND);
    assert!(!house.page(&cookie, "/settings/teams").await.text.contains("Theirs"));
}
