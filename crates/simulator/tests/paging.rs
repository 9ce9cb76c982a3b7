//! Pages end where they should, and together are the whole.

mod client;

use client::{Vendors, json, number, range};
use serde_json::Value;
use std::collections::BTreeSet;
use tacho_domain::Window;
use tacho_simulator::Config;

fn sixty() -> Config {
    Config { days: 30, ..Config::new(9, client::today()) }
}

#[tokio::test]
async fn anthropic_gives_twenty_rows_unless_asked_for_more() {
    let vendors = Vendors::start(Config { members: 200, ..sixty() }).await;
    let day = client::today().minus(3);
    let path = format!("/v1/organizations/usage_report/claude_code?starting_at={day}");
    let first = json(vendors.anthropic(&path)).await;
    assert_eq!((first["data"].as_array().unwrap().len(), first["has_more"].as_bool()), (20, Some(true)));
    let all = vendors.claude_of(day, 1_000).await;
    for size in [1, 7, 20] {
        assert_eq!(vendors.claude_of(day, size).await, all);
    }
    let terminals: BTreeSet<_> = all.iter().map(|row| row["terminal_type"].as_str().unwrap()).collect();
    assert!(terminals.len() > 2);
    let forms: BTreeSet<_> = all.iter().map(|row| row["date"].as_str().unwrap().len()).collect();
    assert_eq!(forms.into_iter().collect::<Vec<_>>(), [10, 20], "both ways to write a day");
    assert!(all.iter().any(|row| row["model_breakdown"].as_array().unwrap().len() > 1));
    assert!(all.iter().any(|row| row["actor"]["type"] == "api_actor"));
}

#[tokio::test]
async fn anthropic_users_are_read_after_the_last_id() {
    let vendors = Vendors::start(sixty()).await;
    let whole = json(vendors.anthropic("/v1/organizations/users?limit=1000")).await;
    let (mut ids, mut after) = (Vec::new(), String::new());
    loop {
        let page = json(vendors.anthropic(&format!("/v1/organizations/users?limit=5{after}"))).await;
        ids.extend(page["data"].as_array().unwrap().iter().map(|user| user["id"].clone()));
        if page["has_more"] == false {
            break;
        }
        after = format!("&after_id={}", page["last_id"].as_str().unwrap());
    }
    let all: Vec<Value> = whole["data"].as_array().unwrap().iter().map(|user| user["id"].clone()).collect();
    assert!(all.len() > 10);
    assert_eq!(ids, all);
}

#[tokio::test]
async fn cursor_events_come_in_pages_and_daily_usage_by_people() {
    let vendors = Vendors::start(sixty()).await;
    let week = Window::ending(client::today(), 7);
    let all = vendors.events_of(week, 1_000).await;
    assert!(all.len() > 200);
    let timestamps: Vec<i64> = all.iter().map(|event| event["timestamp"].as_str().unwrap().parse().unwrap()).collect();
    assert!(timestamps.is_sorted_by(|a, b| a >= b), "newest first");
    assert_eq!(vendors.events_of(week, 97).await, all);
    let kinds: BTreeSet<_> = all.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.len(), 4, "both spellings of both kinds");

    let unpaged = vendors.daily_usage_of(week).await;
    assert!(unpaged.iter().all(|row| row["isActive"] == true));
    let (mut paged, mut page) = (Vec::new(), 1);
    loop {
        let mut body = range(week);
        body["page"] = page.into();
        body["pageSize"] = 4.into();
        let reply = json(vendors.cursor("/teams/daily-usage-data", &body)).await;
        paged.extend(reply["data"].as_array().unwrap().iter().cloned());
        if reply["pagination"]["hasNextPage"] == false {
            break;
        }
        page += 1;
    }
    let members = json(vendors.cursor_members()).await["teamMembers"].as_array().unwrap().len();
    assert_eq!(paged.len(), members * 7, "every member, every day");
    paged.retain(|row| row["isActive"] == true);
    assert_eq!(paged, unpaged);
}

#[tokio::test]
async fn seats_beyond_a_hundred_a_page_are_not_given() {
    let vendors = Vendors::start(Config { members: 400, days: 10, ..sixty() }).await;
    let page = json(vendors.github("/enterprises/{enterprise}/copilot/billing/seats?per_page=500")).await;
    assert_eq!(page["seats"].as_array().unwrap().len(), 100);
    assert!(number(&page, "/total_seats") > 250);
    assert!(page["seats"][0].get("organization").is_some());
    let past = json(vendors.github("/orgs/{org}/copilot/billing/seats?per_page=100&page=99")).await;
    assert_eq!(past["seats"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn larger_organizations_get_several_files() {
    for (members, files) in [(5, 1), (60, 2), (1_200, 3)] {
        let vendors = Vendors::start(Config { members, days: 10, ..sixty() }).await;
        let path = format!("/orgs/{{org}}/copilot/metrics/reports/users-1-day?day={}", client::today().minus(3));
        let envelope = json(vendors.github(&path)).await;
        assert_eq!(envelope["download_links"].as_array().unwrap().len(), files, "{members}");
        let rows = vendors.users_of(client::today().minus(3)).await.unwrap();
        let ids: BTreeSet<i64> = rows.iter().map(|row| number(row, "/user_id")).collect();
        assert_eq!(ids.len(), rows.len(), "nobody is in two files");
    }
}
