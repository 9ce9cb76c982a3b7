//! Budgets and seats that stay: set and removed by pages and by REST, refused at the field, written down, seen in the reports.

use crate::house::{Answer, House};
use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tacho_domain::Role;

async fn ask(house: &House, method: &str, path: &str, body: Value) -> Answer {
    let request = house.asks(method, path);
    let request = match body {
        Value::Null => request.body(Body::empty()),
        body => request.header("content-type", "application/json").body(Body::from(body.to_string())),
    };
    house.send(request.unwrap()).await
}

async fn actions(house: &House) -> Vec<String> {
    let rows = house.store.list_audit(house.organization, &tacho_store::AuditFilter { limit: 50, ..Default::default() }).await;
    rows.unwrap().into_iter().map(|row| format!("{} {}", row.action.as_str(), row.target)).collect()
}

#[tokio::test]
async fn a_budget_is_set_changed_and_removed_without_script() {
    let house = House::seeded(5).await;
    let cookie = house.user(Role::Admin).await;
    let wrong = house.submit(&cookie, "/settings/budgets", &[("tool", ""), ("basis", "bill"), ("monthly", "five")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("Type an amount in dollars") && wrong.text.contains("value=\"five\""), "{}", wrong.text);
    assert!(wrong.text.contains("value=\"bill\" selected"), "what was chosen stays chosen");

    for (amount, shown) in [("1,250.50", "$1,250.50"), ("$900", "$900.00")] {
        let set = house.submit(&cookie, "/settings/budgets", &[("tool", ""), ("basis", "bill"), ("monthly", amount)]).await;
        assert_eq!((set.status, set.header("location")), (StatusCode::SEE_OTHER, "/settings/budgets?said=set"), "{}", set.text);
        let page = house.page(&cookie, "/settings/budgets?said=set").await.text;
        assert!(page.contains(shown) && page.contains("Seat fees and charged use") && page.contains("Budget set."), "{page}");
    }
    let budgets = house.store.list_budgets(house.organization).await.unwrap();
    assert_eq!(budgets.len(), 1, "setting it again changes it");
    let removed = house.submit(&cookie, &format!("/settings/budgets/{}/remove", budgets[0].id), &[]).await;
    assert_eq!(removed.header("location"), "/settings/budgets?said=removed");
    let again = house.submit(&cookie, &format!("/settings/budgets/{}/remove", budgets[0].id), &[]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let written = actions(&house).await;
    assert_eq!(written.iter().filter(|line| *line == "budget_changed budget of All tools").count(), 3, "{written:?}");
}

#[tokio::test]
async fn a_seat_stays_while_somebody_is_away() {
    let house = House::seeded(5).await;
    let cookie = house.user(Role::Admin).await;
    let put = async |member: &str, until: &str| {
        let fields = [("member", member), ("tool", ""), ("reason", "leave"), ("until", until)];
        house.submit(&cookie, "/settings/seats", &fields).await
    };
    for (member, until, why) in
        [("nobody at all", "", "No member"), ("moreau", "2020-01-01", "in the past"), ("moreau", "soon", "soon")]
    {
        let wrong = put(member, until).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains(why) && wrong.text.contains(&format!("value=\"{member}\"")), "{}", wrong.text);
    }
    let until = house.now.day().plus(40).to_string();
    assert_eq!(put("moreau", &until).await.header("location"), "/settings/seats?said=set");
    let page = house.page(&cookie, "/settings/seats").await.text;
    assert!(page.contains("Chiara Moreau</a></th>") && page.contains("On leave"), "{page}");
    let known = house.store.list_seat_exclusions(house.organization).await.unwrap();
    let removed = house.submit(&cookie, &format!("/settings/seats/{}/remove", known[0].id), &[]).await;
    assert_eq!(removed.header("location"), "/settings/seats?said=removed");
    assert!(house.page(&cookie, "/settings/seats").await.text.contains("Nobody is excluded"));
    let target = format!("seat_exclusion_changed member {}", known[0].member.0);
    assert_eq!(actions(&house).await.iter().filter(|line| **line == target).count(), 2, "by number, never by name");
}

#[tokio::test]
async fn rest_sets_lists_and_removes_both_and_refuses_by_field() {
    let house = House::seeded(5).await;
    let members = house.store.list_members(house.organization).await.unwrap();
    for (path, right, wrong, field) in [
        (
            "/api/v1/budgets",
            json!({"tool": "pair", "basis": "value", "monthly_micros": 5_000_000}),
            json!({"basis": "value", "monthly_micros": 0}),
            "monthly_micros",
        ),
        (
            "/api/v1/seat-exclusions",
            json!({"member_id": members[0].id, "tool": "pair", "reason": "allow_list"}),
            json!({"member_id": members[0].id, "tool": "abacus", "reason": "allow_list"}),
            "tool",
        ),
    ] {
        let refused = ask(&house, "PUT", path, wrong).await;
        assert_eq!(
            (refused.status, refused.json()["field"].clone()),
            (StatusCode::BAD_REQUEST, json!(field)),
            "{}",
            refused.text
        );
        let put = ask(&house, "PUT", path, right.clone()).await;
        assert_eq!(put.status, StatusCode::OK, "{}", put.text);
        let again = ask(&house, "PUT", path, right).await.json();
        assert_eq!(put.json(), again);
        let list = ask(&house, "GET", path, Value::Null).await.json();
        assert_eq!(list["items"], json!([again]));
        let gone = ask(&house, "DELETE", &format!("{path}/{}", again["id"]), Value::Null).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
        let none = ask(&house, "DELETE", &format!("{path}/{}", again["id"]), Value::Null).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
    }
}
