//! The audit log, read by page, by REST and as a file.

use crate::house::House;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tacho_domain::audit::{Action, Actor};
use tacho_domain::{Instant, Role, UserId};
use tacho_store::NewAudit;

/// Adds a row, days ago.
async fn add(house: &House, days: i64, email: &str, action: Action, target: &str, detail: &Value) {
    let at = house.now.plus_seconds(-days * 86_400);
    let actor = Actor::User { id: UserId(99), email: email.to_owned() };
    let new = NewAudit { at, actor: &actor, action, target, detail, address: "203.0.113.9", request_id: "r-1" };
    house.store.add_audit(house.organization, &new).await.unwrap();
}

async fn ids(house: &House, cookie: &str, query: &str) -> Vec<i64> {
    let answer = house.page(cookie, &format!("/api/v1/audit{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text);
    answer.json()["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

async fn written() -> (House, String) {
    let house = House::empty().await;
    let owner = house.user(Role::Owner).await;
    add(&house, 9, "ada@example.com", Action::SignedIn, "ada@example.com", &json!({ "method": "password" })).await;
    add(&house, 5, "ada@example.com", Action::RoleChanged, "ben@example.com", &json!({ "from": "member", "to": "lead" })).await;
    add(&house, 2, "chi@example.com", Action::TokenMade, "=HYPERLINK(\"evil\")", &json!({ "scopes": ["view_audit"] })).await;
    (house, owner)
}

#[tokio::test]
async fn rows_come_newest_first_and_are_filtered_by_who_what_whom_and_days() {
    let (house, owner) = written().await;
    let all = ids(&house, &owner, "").await;
    assert_eq!(all.len(), 3);
    assert!(all.is_sorted_by(|one, next| one > next));
    for (query, found) in [
        ("?actor=ADA", vec![all[1], all[2]]),
        ("?action=token_made", vec![all[0]]),
        ("?target=ben%40", vec![all[1]]),
        ("?from=2026-11-16&to=2026-11-16", vec![all[1]]),
        ("?from=2026-11-17", vec![all[0]]),
        ("?to=2026-11-15", vec![all[2]]),
        ("?actor=100%25", Vec::new()),
    ] {
        assert_eq!(ids(&house, &owner, query).await, found, "{query}");
    }
    let first = house.page(&owner, "/api/v1/audit?limit=2").await.json();
    let next = first["next"].as_str().unwrap();
    assert_eq!(ids(&house, &owner, &format!("?limit=2&after={next}")).await, [all[2]]);
    let row = &first["items"][1];
    assert_eq!((row["action_words"].as_str(), row["actor"]["name"].as_str()), (Some("changed a role"), Some("ada@example.com")));
    assert_eq!(row["at"], Instant::parse("2026-11-16T09:00:00Z").unwrap().to_string());
    for (query, field) in [("?action=flew", "action"), ("?from=soon", "from"), ("?from=2026-11-02&to=2026-11-01", "to")] {
        let answer = house.page(&owner, &format!("/api/v1/audit{query}")).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some(field)), "{query}");
    }
}

#[tokio::test]
async fn the_page_shows_the_rows_in_words_keeps_what_was_typed_and_says_what_is_wrong() {
    let (house, owner) = written().await;
    let page = house.page(&owner, "/settings/audit?actor=ada&action=role_changed").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("changed a role") && page.text.contains("from: member, to: lead"));
    assert!(page.text.contains("value=\"ada\"") && page.text.contains("value=\"role_changed\" selected"));
    assert!(!page.text.contains("HYPERLINK"));
    assert!(
        page.text.contains("/settings/audit.csv?action=role_changed&#38;actor=ada")
            || page.text.contains("action=role_changed&amp;actor=ada"),
        "{}",
        page.text
    );
    let wrong = house.page(&owner, "/settings/audit?from=2026-11-02&to=2026-11-01&target=%3Cb%3E").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text.contains("id=\"to-error\"") && wrong.text.contains("aria-invalid=\"true\""));
    assert!(!wrong.text.contains("<b>"), "what was typed is text");
}

#[tokio::test]
async fn a_long_log_is_paged_by_links() {
    let (house, owner) = written().await;
    for number in 0..60 {
        add(&house, 1, "ada@example.com", Action::SyncAsked, &format!("integration {number}."), &json!({})).await;
    }
    let first = house.page(&owner, "/settings/audit?actor=ada").await.text;
    let older = first.split("href=\"").map(|rest| rest.split('"').next().unwrap()).find(|link| link.contains("before=")).unwrap();
    let older = older.replace("&#38;", "&").replace("&amp;", "&");
    let second = house.page(&owner, &older).await;
    assert_eq!(second.status, StatusCode::OK);
    assert!(first.contains("integration 59.") && !first.contains("integration 9."));
    assert!(
        second.text.contains("integration 9.")
            && second.text.contains("changed a role")
            && !second.text.contains("integration 59.")
    );
    assert!(second.text.contains(">Newest</a>") && !second.text.contains(">Older</a>"));
}

#[tokio::test]
async fn the_file_holds_all_rows_neutral_for_spreadsheets_and_its_export_is_written_down() {
    let (house, owner) = written().await;
    for number in 0..1_100 {
        add(&house, 1, "ada@example.com", Action::SyncAsked, &format!("integration {number}"), &json!({})).await;
    }
    let file = house.page(&owner, "/settings/audit.csv").await;
    assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"tacho-audit-2026-11-21.csv\"");
    let mut rows = csv::Reader::from_reader(file.text.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    // The file was begun before its own row was written.
    assert_eq!(rows.len(), 1_103);
    assert_eq!(&rows[1_100][4], "'=HYPERLINK(\"evil\")");
    assert_eq!((&rows[1_101][3], &rows[1_101][5]), ("role_changed", "from: member, to: lead"));
    let mut numbers: Vec<i64> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    numbers.dedup();
    assert!(numbers.len() == 1_103 && numbers.is_sorted_by(|one, next| one > next));

    let some = house.page(&owner, "/settings/audit.csv?action=token_made").await;
    assert_eq!(some.text.lines().count(), 2);
    let log = house.page(&owner, "/api/v1/audit?action=audit_exported").await.json();
    let log = log["items"].as_array().unwrap().clone();
    assert_eq!(log.iter().map(|row| row["detail"].clone()).collect::<Vec<_>>(), [json!({ "action": "token_made" }), json!({})]);
    let wrong = house.page(&owner, "/settings/audit.csv?action=flew").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "refused before the file begins");
}

#[tokio::test]
async fn nobody_reads_another_organizations_log() {
    let (house, _) = written().await;
    let other = house.store.add_organization("Other", house.now).await.unwrap();
    let (_, stranger) = house.person_at(other, Role::Owner, "stranger@example.net", "Stranger").await;
    assert_eq!(ids(&house, &stranger, "").await, [] as [i64; 0]);
    assert!(!house.page(&stranger, "/settings/audit").await.text.contains("example.com"));
    assert_eq!(house.page(&stranger, "/settings/audit.csv").await.text.lines().count(), 1);
}
