//! The REST API through the real router.

use crate::house::{House, TOOLS};
use axum::body::Body;
use axum::http::StatusCode;
use serde_json::json;
use tacho_domain::report::Question;
use tacho_domain::{IntegrationId, Window};

#[tokio::test]
async fn the_dashboard_has_its_shape_and_the_numbers_of_the_report() {
    let house = House::seeded(5).await;
    let answer = house.get("/api/ai-usage/dashboard").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let dashboard = answer.json();
    let window = Window::ending(house.now.day().minus(1), 90);
    let report = house.store.overview(&Question::overview(house.organization, window), &TOOLS).await.unwrap();

    let total: i64 = report.usage.iter().filter_map(|tool| tool.interactions).sum();
    assert!(total > 0);
    assert_eq!(dashboard["totalInteractions"], total);
    assert_eq!(dashboard["topTool"], report.usage[0].name);
    let heat = dashboard["heatmapData"].as_array().unwrap();
    let dates: Vec<&str> = heat.iter().map(|day| day["date"].as_str().unwrap()).collect();
    assert_eq!(dates, window.days().map(|day| day.to_string()).collect::<Vec<_>>());
    assert_eq!(heat.iter().map(|day| day["count"].as_i64().unwrap()).sum::<i64>(), total);
    let gap = heat.iter().find(|day| day["date"] == "2026-11-04").unwrap();
    assert_eq!(gap["count"], 0);
    assert_eq!(dashboard["activeDays"], heat.iter().filter(|day| day["count"].as_i64() > Some(0)).count());
    assert_eq!(dashboard["lastSynced"], "2026-11-21T08:00:00Z");

    let tools = dashboard["tools"].as_array().unwrap();
    assert_eq!(tools.len(), 3);
    for (tool, usage) in tools.iter().zip(&report.usage) {
        assert_eq!(tool["name"], usage.name);
        assert_eq!(tool["requests"].as_i64(), usage.interactions);
        assert_eq!(tool["tokens"].as_i64(), usage.tokens);
    }
    assert!(tools.iter().any(|tool| tool["tokens"].is_null()), "a vendor that names no tokens is not zero");
    let percent: f64 = tools.iter().map(|tool| tool["percentage"].as_f64().unwrap()).sum();
    assert!((percent - 100.0).abs() < 0.2, "{percent}");
}

#[tokio::test]
async fn a_dashboard_without_data_says_null_and_counts_no_day() {
    let house = House::empty().await;
    let dashboard = house.get("/api/ai-usage/dashboard?days=7").await.json();
    assert_eq!(dashboard["totalInteractions"], json!(null));
    assert_eq!(dashboard["topTool"], json!(null));
    assert_eq!(dashboard["tools"], json!([]));
    assert_eq!(dashboard["activeDays"], 0);
    assert_eq!(dashboard["heatmapData"].as_array().unwrap().len(), 7);
    assert_eq!(dashboard["lastSynced"], json!(null));
}

#[tokio::test]
async fn the_overview_is_the_report_itself() {
    let house = House::seeded(6).await;
    let answer = house.get("/api/overview?from=2026-10-01&to=2026-10-31&tool=pair,canvas&limit=2&page=2").await;
    let mut question = Question::overview(
        house.organization,
        Window::new("2026-10-01".parse().unwrap(), "2026-10-31".parse().unwrap()).unwrap(),
    );
    question.tools = vec![tacho_domain::ToolId::new("pair"), tacho_domain::ToolId::new("canvas")];
    (question.offset, question.limit) = (2, 2);
    let report = house.store.overview(&question, &TOOLS).await.unwrap();
    assert_eq!(report.members.rows.len(), 2);
    assert_eq!(answer.text, serde_json::to_string(&report).unwrap());
}

#[tokio::test]
async fn a_question_that_cannot_be_read_names_the_field() {
    let house = House::empty().await;
    for (query, field) in [("days=none", "days"), ("from=yesterday", "from"), ("tool=abacus", "tool"), ("limit=100000", "limit")]
    {
        let answer = house.get(&format!("/api/overview?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["field"], field);
        assert_eq!(answer.json()["type"], "urn:tacho:problem:invalid-field");
    }
}

#[tokio::test]
async fn connecting_by_a_tools_name_takes_its_usual_connector() {
    let house = House::seeded(2).await;
    let body = json!({ "provider": "shell", "api_key": " key-123 ", "settings": { "base_url": "http://127.0.0.1:1" } });
    let answer = house.post("/api/ai-usage/connect", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let id = ids(&house).await.pop().unwrap();
    assert_eq!(answer.json(), json!({ "success": true, "integration_id": id, "last_synced_at": null }));
    let recorded = house.recorded.connects.lock().unwrap();
    let settings = [("base_url".to_owned(), "http://127.0.0.1:1".to_owned())].into();
    assert_eq!(*recorded, [("shell_console".to_owned(), settings, "key-123".to_owned())]);
}

#[tokio::test]
async fn a_refused_connection_tells_cause_fix_and_what_was_tried() {
    let house = House::empty().await;
    let answer = house.post("/api/ai-usage/connect", &json!({ "provider": "pair", "api_key": "key-refused" })).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let problem = answer.json();
    assert_eq!(problem["type"], "urn:tacho:problem:connection-refused");
    assert_eq!(problem["detail"], "The key is not valid. Make a new one.");
    assert_eq!(problem["kind"], "auth");
    assert_eq!(problem["tried"], json!([{ "endpoint": "GET /usage", "ok": false, "cause": "401" }]));
}

#[tokio::test]
async fn a_body_that_cannot_be_used_names_field_and_fix_and_never_the_secret() {
    let house = House::empty().await;
    let cases = [
        (json!({ "api_key": "key-hidden" }), "provider"),
        (json!({ "provider": "key-hidden", "api_key": "key-hidden" }), "provider"),
        (json!({ "provider": "pair" }), "api_key"),
        (json!({ "provider": "pair", "api_key": 5 }), "api_key"),
        (json!({ "provider": "pair", "api_key": "key-hidden", "settings": "key-hidden" }), "settings"),
        (json!({ "provider": "pair", "api_key": "key-hidden", "apikey": "key-hidden" }), "apikey"),
        (json!({ "provider": "pair", "api_key": "wrong-form" }), "api_key"),
    ];
    for (body, field) in cases {
        let answer = house.post("/api/ai-usage/connect", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.json()["field"], field, "{body}");
        assert!(!answer.text.contains("key-hidden"), "{}", answer.text);
    }
    let request = house.asks("POST", "/api/ai-usage/connect").header("content-type", "application/json");
    let answer = house.send(request.body(Body::from("{\"api_key\": \"key-hidden\"")).unwrap()).await;
    assert_eq!(answer.json()["type"], "urn:tacho:problem:invalid-body");
    assert!(!answer.text.contains("key-hidden"));
    let form = house.asks("POST", "/api/ai-usage/connect").body(Body::from("{}")).unwrap();
    assert_eq!(house.send(form).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn our_own_failure_gives_a_request_id_and_no_detail() {
    let house = House::empty().await;
    let answer = house.post("/api/ai-usage/connect", &json!({ "provider": "pair", "api_key": "broken" })).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.json()["request_id"], answer.header("x-request-id"));
    assert!(!answer.text.contains("secret-detail"));
}

#[tokio::test]
async fn a_sync_is_asked_for_once_it_is_known_what_to_sync() {
    let house = House::seeded(2).await;
    let [first, second, ..] = ids(&house).await[..] else { panic!("three were seeded") };
    *house.recorded.stuck.lock().unwrap() = Some(second);
    let answer = house.post("/api/ai-usage/sync", &json!({ "integration_id": first })).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    assert_eq!(answer.json()["success"], true);
    assert_eq!(*house.recorded.syncs.lock().unwrap(), [first]);

    let unknown = house.post("/api/ai-usage/sync", &json!({ "integration_id": 9999 })).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(unknown.json()["detail"], "There is no integration `9999`.");
    let imported = house.post("/api/ai-usage/sync", &json!({ "integration_id": second })).await;
    assert_eq!(imported.status, StatusCode::CONFLICT);
    let missing = house.post("/api/ai-usage/sync", &json!({})).await;
    assert_eq!((missing.status, missing.json()["field"].clone()), (StatusCode::BAD_REQUEST, json!("integration_id")));
    assert_eq!(house.recorded.syncs.lock().unwrap().len(), 1);
}

async fn ids(house: &House) -> Vec<i64> {
    let list = house.get("/api/ai-usage/integrations").await.json();
    list["integrations"].as_array().unwrap().iter().map(|one| one["integration_id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn integrations_are_listed_found_and_removed() {
    let house = House::seeded(4).await;
    let [first, second, third] = ids(&house).await[..] else { panic!("three were seeded") };
    assert!(first < second && second < third);
    let one = house.get(&format!("/api/ai-usage/integrations/{first}")).await.json();
    assert_eq!((one["provider"].as_str(), one["last_synced_at"].as_str()), (Some("pair"), Some("2026-11-21T08:00:00Z")));
    assert_eq!(house.get("/api/ai-usage/integrations/9999").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/api/ai-usage/integrations/one").await.status, StatusCode::NOT_FOUND);

    let wrong = house
        .send(house.asks("DELETE", &format!("/api/ai-usage/integrations/{first}?data=maybe")).body(Body::empty()).unwrap())
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let kept =
        house.send(house.asks("DELETE", &format!("/api/ai-usage/integrations/{first}")).body(Body::empty()).unwrap()).await;
    assert_eq!((kept.status, kept.text.as_str()), (StatusCode::NO_CONTENT, ""));
    assert!(
        house
            .store
            .find_integration(house.organization, IntegrationId(first))
            .await
            .unwrap()
            .is_none_or(|gone| gone.credential_tail.is_none())
    );
    let tools = house.get("/api/ai-usage/dashboard").await.json()["tools"].as_array().unwrap().len();
    assert_eq!(tools, 3, "the data was kept");
    let deleted = house
        .send(house.asks("DELETE", &format!("/api/ai-usage/integrations/{second}?data=delete")).body(Body::empty()).unwrap())
        .await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    let tools = house.get("/api/ai-usage/dashboard").await.json()["tools"].as_array().unwrap().len();
    assert_eq!(tools, 2, "the data went too");
}
