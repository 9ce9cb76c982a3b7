//! Surveys: off until an owner turns them on; authors and reviewers answer on a page without a script, or by REST; an answer
//! is its author's alone.

use crate::house::House;
use crate::seeds::{code_host, pull_request, write_pull_requests};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tacho_domain::audit::Action;
use tacho_domain::delivery::AuthorKind;
use tacho_domain::{Fact, OrganizationId, Role, SubjectId};
use tacho_store::{AuditFilter, By, NewMember};

const REPOSITORY: (i64, &str) = (7, "acme/api");

/// Two people of one organization: an author of two pull requests, and a colleague.
struct Asked {
    author: String,
    colleague: String,
    owner: String,
}

async fn member(house: &House, name: &str) -> (SubjectId, String) {
    let email = format!("{name}@example.com");
    let new = NewMember { email: &email, name: Some(name), ..NewMember::default() };
    let member = house.store.add_member(house.organization, &new, By::Operator, house.now).await.unwrap();
    let (user, cookie) = house.person_at(house.organization, Role::Member, &email, name).await;
    house.store.link_user(house.organization, user, Some(member)).await.unwrap();
    (member, cookie)
}

/// Numbers 1 and 2 are Ada's, of yesterday; 3 is a bot's; 4 is Ada's and older than the switch.
async fn merged(house: &House, organization: OrganizationId) {
    let integration = code_host(house, organization).await;
    for (back, numbers) in [(1, vec![1, 2, 3]), (9, vec![4])] {
        let day = house.now.day().minus(back);
        let facts: Vec<Fact> = numbers
            .into_iter()
            .map(|number| {
                let mut fact = pull_request(day, REPOSITORY, number, "ada@example.com");
                if number == 3 {
                    fact.author_kind = AuthorKind::Bot;
                }
                Fact::PullRequest(Box::new(fact))
            })
            .collect();
        write_pull_requests(house, organization, integration, day, &facts).await;
    }
}

async fn asking(house: &House) -> Asked {
    let (_, author) = member(house, "ada").await;
    let (_, colleague) = member(house, "ben").await;
    merged(house, house.organization).await;
    Asked { author, colleague, owner: house.user(Role::Owner).await }
}

async fn turn_on(house: &House) {
    let since = house.now.plus_seconds(-5 * 86_400);
    house.store.put_surveys(house.organization, true, By::Operator, since).await.unwrap();
}

#[tokio::test]
async fn nobody_is_asked_until_an_owner_says_so() {
    House::on_each_engine(async |house| {
        let asked = asking(&house).await;
        let off = house.page(&asked.author, "/survey").await;
        assert!(off.status == StatusCode::OK && off.text.contains("asks nobody about pull requests"), "{}", off.text);
        assert!(!off.text.contains("/settings/organization#surveys"), "a member cannot turn it on");
        assert!(house.page(&asked.author, "/survey/7/1").await.text.contains("asks nobody"));
        assert!(!house.page(&asked.author, "/me").await.text.contains("/survey"));
        let owner = &asked.owner;
        assert!(house.page(owner, "/survey").await.text.contains("linked to no member"));
        assert!(house.page(owner, "/settings/organization").await.text.contains("Turn surveys on"));
        let admin = house.user(Role::Admin).await;
        let refused = house.submit(&admin, "/settings/organization/surveys", &[("surveys", "on")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert_eq!(house.submit(owner, "/settings/organization/surveys", &[]).await.status, StatusCode::BAD_REQUEST);
        for _ in 0..2 {
            let on = house.submit(owner, "/settings/organization/surveys", &[("surveys", "on")]).await;
            assert_eq!(on.status, StatusCode::SEE_OTHER, "{}", on.text);
        }
        assert!(house.page(owner, "/settings/organization").await.text.contains("Turn surveys off"));
        let filter = AuditFilter { limit: 50, ..AuditFilter::default() };
        let log = house.store.list_audit(house.organization, &filter).await.unwrap();
        let done = log.iter().filter(|row| row.action == Action::OrganizationChanged && row.target == "surveys");
        assert_eq!(done.map(|row| row.detail.clone()).collect::<Vec<_>>(), [json!({ "surveys": true })], "written down once");
        // What was merged before is not asked about.
        let none = house.page(&asked.author, "/survey").await.text;
        assert!(none.contains("Nothing waits"), "{none}");
        assert!(house.page(&asked.author, "/survey/7/1").await.text.contains("merged before surveys were turned on"));
    })
    .await;
}

#[tokio::test]
async fn an_author_answers_on_the_list_and_changes_and_takes_it_back() {
    House::on_each_engine(async |house| {
        let asked = asking(&house).await;
        turn_on(&house).await;
        let list = house.page(&asked.author, "/survey").await.text;
        assert!(list.contains("2 wait for an answer") && list.contains("acme/api#1") && list.contains("acme/api#2"), "{list}");
        assert!(!list.contains("acme/api#3") && !list.contains("acme/api#4"), "neither a bot's nor an old one: {list}");
        let mine = house.page(&asked.author, "/me").await.text;
        assert!(mine.contains("2 of your merged pull requests wait"), "{mine}");
        for (fields, id) in [
            (vec![("answer", "")], "pull-7-1-wrong"),
            (vec![("answer", "could_tell")], "pull-7-1-wrong"),
            (vec![("answer", "mostly"), ("minutes", "2401")], "pull-7-1-minutes-wrong"),
        ] {
            let wrong = house.submit(&asked.author, "/survey/7/1", &fields).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(wrong.text.contains(&format!("id=\"{id}\"")), "{fields:?}: {}", wrong.text);
        }
        let typed = house.submit(&asked.author, "/survey/7/1", &[("answer", "mostly"), ("minutes", "an hour")]).await.text;
        assert!(
            typed.contains("value=\"mostly\" checked") && typed.contains("value=\"an hour\""),
            "nothing typed is lost: {typed}"
        );
        let kept = house.submit(&asked.author, "/survey/7/1", &[("answer", "mostly"), ("minutes", "30")]).await;
        assert_eq!((kept.status, kept.header("location")), (StatusCode::SEE_OTHER, "/survey?said=answered"), "{}", kept.text);
        let list = house.page(&asked.author, "/survey").await.text;
        assert!(list.contains("1 waits for an answer") && list.contains("Mostly, 30 min saved"), "{list}");
        let one = house.page(&asked.author, "/survey/7/1").await.text;
        assert!(
            one.contains("You are its author.")
                && one.contains("value=\"mostly\" checked")
                && one.contains("Take the answer back")
        );
        house.submit(&asked.author, "/survey/7/1", &[("answer", "no"), ("minutes", "")]).await;
        assert!(house.page(&asked.author, "/survey").await.text.contains("<td>No</td>"), "answered anew");
        let back = house.submit(&asked.author, "/survey/7/1/remove", &[]).await;
        assert_eq!(back.header("location"), "/survey?said=taken-back");
        assert_eq!(house.submit(&asked.author, "/survey/7/1/remove", &[]).await.status, StatusCode::NOT_FOUND);
        assert!(house.page(&asked.author, "/survey").await.text.contains("2 wait for an answer"));
    })
    .await;
}

#[tokio::test]
async fn a_reviewer_follows_a_link_and_sees_nobody_elses_answer() {
    let house = House::empty().await;
    let asked = asking(&house).await;
    turn_on(&house).await;
    house.submit(&asked.author, "/survey/7/1", &[("answer", "mostly"), ("minutes", "77")]).await;
    let one = house.page(&asked.colleague, "/survey/7/1").await.text;
    assert!(one.contains("You are asked as a reviewer.") && one.contains("Could you tell"), "{one}");
    assert!(!one.contains("checked") && !one.contains("77") && !one.contains("mostly"), "{one}");
    assert!(house.page(&asked.colleague, "/survey").await.text.contains("Nothing waits"), "a reviewer has no list");
    let as_author = house.submit(&asked.colleague, "/survey/7/1", &[("answer", "mostly")]).await;
    assert_eq!(as_author.status, StatusCode::UNPROCESSABLE_ENTITY);
    let kept = house.submit(&asked.colleague, "/survey/7/1", &[("answer", "could_not_tell")]).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text);
    assert!(house.page(&asked.colleague, "/survey/7/1").await.text.contains("value=\"could_not_tell\" checked"));
    // The owner sees everything of everyone, and not this.
    for place in ["/survey/7/1", "/delivery", "/api/v1/reports/delivery"] {
        let text = house.page(&asked.owner, place).await.text;
        assert!(!text.contains("could_not_tell") && !text.contains(">77<"), "{place}: {text}");
    }
    assert_eq!(house.page(&asked.colleague, "/survey/7/99").await.status, StatusCode::NOT_FOUND);
    for wrong in ["/survey/8/1", "/survey/x/1", "/survey/7/-1"] {
        assert_eq!(house.page(&asked.colleague, wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    assert!(house.page(&asked.colleague, "/survey/7/3").await.text.contains("Nobody is asked about this"), "a bot's");
    let viewer = house.user(Role::Viewer).await;
    assert_eq!(house.page(&viewer, "/survey").await.status, StatusCode::FORBIDDEN);
    let log = house.store.list_audit(house.organization, &AuditFilter { limit: 50, ..AuditFilter::default() }).await.unwrap();
    assert!(!format!("{log:?}").contains("mostly"), "the log keeps no answer");
}

/// A call of the API with somebody's session.
async fn call(house: &House, cookie: &str, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = axum::http::Request::builder()
        .method(method)
        .uri(path)
        .header("host", "tacho.example")
        .header("origin", "http://tacho.example")
        .header("cookie", cookie)
        .header("content-type", "application/json");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = house.send(request.body(body.into()).unwrap()).await;
    (answer.status, if answer.text.is_empty() { Value::Null } else { answer.json() })
}

#[tokio::test]
async fn the_api_asks_and_takes_answers_as_the_pages_do() {
    let house = House::empty().await;
    let asked = asking(&house).await;
    let organization = "/api/v1/organization";
    assert_eq!(house.get(organization).await.json()["surveys_since"], Value::Null);
    let questions = "/api/v1/survey/questions";
    let (status, off) = call(&house, &asked.author, "GET", questions, &Value::Null).await;
    assert_eq!((status, off), (StatusCode::OK, json!({ "not_asked": "off", "items": [] })));
    let (status, problem) = call(&house, &asked.author, "GET", &format!("{questions}/7/1"), &Value::Null).await;
    assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("urn:tacho:problem:not-asked")));
    let (status, _) = call(&house, &asked.author, "PATCH", organization, &json!({ "surveys": true })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, on) = call(&house, &asked.owner, "PATCH", organization, &json!({ "surveys": true })).await;
    assert!(status == StatusCode::OK && on["surveys_since"].is_string() && on["name"] == "Example & Sons", "{on}");
    house.store.put_surveys(house.organization, false, By::Operator, house.now).await.unwrap();
    turn_on(&house).await;
    let (_, list) = call(&house, &asked.author, "GET", questions, &Value::Null).await;
    let numbers: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|item| &item["number"]).collect();
    assert_eq!(numbers, [1, 2], "{list}");
    let one = format!("{questions}/7/2");
    for (body, field) in [
        (json!({ "answer": "could_tell" }), "answer"),
        (json!({ "answer": "perhaps" }), "answer"),
        (json!({ "answer": "no", "minutes_saved": 2401 }), "minutes_saved"),
        (json!({ "answer": "no", "minutes": 5 }), "minutes"),
    ] {
        let (status, problem) = call(&house, &asked.author, "PUT", &one, &body).await;
        assert_eq!((status, &problem["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{problem}");
    }
    let (status, kept) = call(&house, &asked.author, "PUT", &one, &json!({ "answer": "a_little", "minutes_saved": 5 })).await;
    assert_eq!(status, StatusCode::OK, "{kept}");
    assert_eq!((&kept["asked_as"], &kept["answer"], &kept["minutes_saved"]), (&json!("author"), &json!("a_little"), &json!(5)));
    let (_, theirs) = call(&house, &asked.colleague, "GET", &one, &Value::Null).await;
    assert_eq!((&theirs["asked_as"], &theirs["answer"]), (&json!("reviewer"), &Value::Null));
    assert_eq!(call(&house, &asked.author, "DELETE", &one, &Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(call(&house, &asked.author, "DELETE", &one, &Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(call(&house, &asked.author, "GET", &format!("{questions}/7/9"), &Value::Null).await.0, StatusCode::NOT_FOUND);
    let (_, unlinked) = call(&house, &asked.owner, "GET", questions, &Value::Null).await;
    assert_eq!(unlinked, json!({ "not_asked": "unlinked", "items": [] }));
    assert_eq!(call(&house, &asked.owner, "GET", &one, &Value::Null).await.0, StatusCode::CONFLICT, "no member");
}
