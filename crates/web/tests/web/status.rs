//! The month at a glance: the same money as the Cost page, one's own use as one's own page counts it, and nothing invented.

use crate::house::{House, TOOLS};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tacho_domain::budget::Basis;
use tacho_domain::{Money, Role, ToolId};
use tacho_store::By;

async fn ask(house: &House, cookie: &str, path: &str) -> Value {
    let answer = house.page(cookie, path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.json()
}

/// A figure of a report, with its parts.
fn figure<'a>(report: &'a Value, id: &str) -> &'a Value {
    let groups = report["groups"].as_array().unwrap().iter();
    let mut figures = groups.flat_map(|group| group["figures"].as_array().unwrap());
    figures.find(|figure| figure["id"] == id).unwrap_or_else(|| panic!("no {id} in {report}"))
}

/// What a figure, a part or a cell holds, of that unit; `null` where it holds no data.
fn held(amount: &Value, unit: &str) -> Value {
    assert!([unit, "unknown", "nothing"].contains(&amount["unit"].as_str().unwrap()), "{amount}");
    amount["value"].clone()
}

fn micros(figure: &Value) -> Value {
    held(&figure["value"], "money")
}

fn row<'a>(report: &'a Value, section: &str) -> (&'a Value, &'a Value) {
    let sections = report["sections"].as_array().unwrap();
    let table = &sections.iter().find(|one| one["id"] == section).unwrap_or_else(|| panic!("no {section}"))["table"];
    (&table["columns"], &table["rows"][0])
}

/// The amount of a column in a section's first row.
fn cell(report: &Value, section: &str, column: &str) -> Value {
    let (columns, row) = row(report, section);
    let place = columns.as_array().unwrap().iter().position(|one| one["id"] == column).unwrap();
    held(&row[place], "money")
}

async fn budget(house: &House, tool: Option<&str>, basis: Basis, dollars: i64) -> i64 {
    let tool = tool.map(|tool| ToolId::new(TOOLS.iter().find(|known| known.id == tool).unwrap().id));
    let monthly = (basis, Money(dollars * 1_000_000));
    house.store.put_budget(house.organization, tool.as_ref(), monthly, By::Operator, house.now).await.unwrap()
}

#[tokio::test]
async fn its_money_is_that_of_the_cost_page_on_every_basis() {
    let house = House::seeded(9).await;
    let cookie = house.user(Role::Viewer).await;
    let status = ask(&house, &cookie, "/api/v1/status").await;
    let cost = ask(&house, &cookie, "/api/v1/reports/cost").await;
    let month = &status["month"];
    assert_eq!((&month["from"], &month["to"], &month["basis"]), (&json!("2026-11-01"), &json!("2026-11-30"), &json!("value")));
    assert!(month["spent_micros"].as_i64().unwrap() > 0);
    assert_eq!(month["spent_micros"], micros(figure(&cost, "month_value_to_date")));
    assert_eq!(month["forecast_micros"], micros(figure(&cost, "month_value_forecast")));
    assert_eq!((&month["budget_micros"], &month["budget_of"]), (&Value::Null, &json!([])));
    for part in figure(&cost, "month_value_to_date")["parts"].as_array().unwrap() {
        let mut tools = status["by_tool"].as_array().unwrap().iter();
        let own = tools.find(|tool| tool["tool"] == part["tool"]).unwrap();
        assert_eq!((&own["spent_micros"], &own["name"]), (&micros(part), &part["label"]));
    }

    for basis in [Basis::Value, Basis::Charged, Basis::Bill] {
        let id = budget(&house, None, basis, 3_000).await;
        let status = ask(&house, &cookie, "/api/v1/status").await;
        let cost = ask(&house, &cookie, "/api/v1/reports/cost").await;
        let (month, gauge) = (&status["month"], format!("budget_{id}"));
        assert_eq!(month["basis"], basis.as_str());
        assert_eq!(month["budget_micros"], cell(&cost, &gauge, "budget"));
        assert_eq!(month["spent_micros"], cell(&cost, &gauge, "so_far"), "{basis:?}");
        assert_eq!(month["forecast_micros"], cell(&cost, &gauge, "forecast"), "{basis:?}");
        let tools = status["by_tool"].as_array().unwrap().iter();
        let sum: i64 = tools.filter_map(|tool| tool["spent_micros"].as_i64()).sum();
        assert_eq!(month["spent_micros"], sum, "tools add up, {basis:?}");
    }
}

#[tokio::test]
async fn budgets_of_tools_are_added_by_name_and_held_against_those_tools_alone() {
    let house = House::seeded(9).await;
    let cookie = house.user(Role::Member).await;
    let one = budget(&house, Some("shell"), Basis::Value, 800).await;
    let other = budget(&house, Some("canvas"), Basis::Value, 200).await;
    budget(&house, Some("canvas"), Basis::Charged, 50).await;
    let month = ask(&house, &cookie, "/api/v1/status").await["month"].clone();
    let cost = ask(&house, &cookie, "/api/v1/reports/cost").await;
    assert_eq!(
        (&month["basis"], &month["budget_micros"], &month["budget_of"]),
        (&json!("value"), &json!(1_000_000_000), &json!(["Shell", "Canvas"]))
    );
    let both = [one, other].map(|id| cell(&cost, &format!("budget_{id}"), "so_far").as_i64().unwrap());
    assert_eq!(month["spent_micros"], both[0] + both[1]);
}

#[tokio::test]
async fn what_you_did_is_what_your_own_page_says_and_nobody_elses() {
    let house = House::seeded(9).await;
    let members = house.store.list_members(house.organization).await.unwrap();
    for (role, person, shown) in [(Role::Member, 3, true), (Role::Owner, 4, true), (Role::Viewer, 5, false)] {
        let (id, cookie) = house.person(role).await;
        let mail = format!("person{person}@example.com");
        let member = members.iter().find(|member| member.email.as_deref() == Some(&mail)).unwrap().id;
        assert!(house.store.link_user(house.organization, id, Some(member)).await.unwrap());
        let me = ask(&house, &cookie, "/api/v1/status").await["me"].clone();
        if !shown {
            assert_eq!(me, Value::Null, "a viewer sees totals only");
            continue;
        }
        let today = house.now.day();
        let mine = ask(&house, &cookie, &format!("/api/v1/reports/me?from={}&to={}", today.month(), today.minus(1))).await;
        let value = |id| held(&figure(&mine, id)["value"], "count");
        assert_eq!(me, json!({"interactions": value("interactions"), "active_days": value("active_days")}));
        assert!(me["interactions"].as_i64().unwrap() > 0);
    }
    let stranger = house.user(Role::Member).await;
    assert_eq!(ask(&house, &stranger, "/api/v1/status").await["me"], Value::Null, "an account that is no member");
}

#[tokio::test]
async fn an_empty_organization_knows_nothing_and_says_so() {
    let house = House::empty().await;
    let cookie = house.user(Role::Owner).await;
    let status = ask(&house, &cookie, "/api/v1/status").await;
    let month = &status["month"];
    for unknown in [&month["spent_micros"], &month["budget_micros"], &month["forecast_micros"], &status["me"], &status["as_of"]] {
        assert_eq!(*unknown, Value::Null);
    }
    assert_eq!((&month["unknown_models"], &status["by_tool"]), (&json!(0), &json!([])));
    assert_eq!(status["dashboard"], "http://tacho.example/cost");
    let strange = house.page(&cookie, "/api/v1/status?tool=pair").await;
    assert_eq!(strange.status, StatusCode::BAD_REQUEST, "it takes no query");
}

#[tokio::test]
async fn a_token_of_the_command_line_may_ask() {
    let house = House::seeded(5).await;
    let answer = house.get("/api/v1/status").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let status = answer.json();
    assert!(!status["organization"].as_str().unwrap().is_empty());
    assert_eq!(status["as_of"], house.now.plus_seconds(-3_600).to_string());
    assert_eq!(house.stranger("GET", "/api/v1/status").await.status, StatusCode::UNAUTHORIZED);
}
