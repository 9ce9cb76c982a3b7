//! Cursor's records of commits: of some commits that were merged, by day and page, where the plan has them; and what they make
//! of a pull request.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails its test")]

mod client;

use client::{Vendors, json, small, status};
use reqwest::RequestBuilder;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::delivery::Tier;
use tacho_domain::{Day, Window};
use tacho_simulator::{Config, Delivery, Endpoint, Fault, PullTruth, Rule, Simulator, Vendor};

fn enterprise() -> Config {
    let delivery = Delivery { commit_records: true, ..Delivery::default() };
    Config { members: 40, days: 60, delivery, ..small() }
}

fn page(vendors: &Vendors, day: Day, page: usize, size: usize) -> RequestBuilder {
    let path = format!(
        "/analytics/ai-code/commits?startDate={day}T00:00:00.000Z&endDate={day}T23:59:59.999Z&page={page}&pageSize={size}"
    );
    vendors.client.get(vendors.url(Vendor::Cursor, &path)).basic_auth(vendors.running.secrets().cursor, Some(""))
}

async fn of_day(vendors: &Vendors, day: Day) -> Vec<Value> {
    json(page(vendors, day, 1, 1_000)).await["items"].as_array().unwrap().clone()
}

fn number(row: &Value, key: &str) -> i64 {
    row[key].as_i64().unwrap()
}

fn ai_lines(row: &Value) -> i64 {
    ["tabLinesAdded", "tabLinesDeleted", "composerLinesAdded", "composerLinesDeleted"].map(|key| number(row, key)).iter().sum()
}

#[tokio::test]
async fn every_kind_of_record_is_met_and_each_adds_up() {
    let vendors = Vendors::start(enterprise()).await;
    let mut rows = Vec::new();
    for day in Window::ending(client::today().minus(1), 40).days() {
        for row in of_day(&vendors, day).await {
            let at = row["commitTs"].as_str().or(row["createdAt"].as_str()).unwrap();
            assert!(at.starts_with(&day.to_string()), "{row}");
            for end in ["Added", "Deleted"] {
                let of = |kind: &str| number(&row, &format!("{kind}Lines{end}"));
                assert_eq!(of("total"), of("tab") + of("composer") + of("nonAi"), "{row}");
            }
            rows.push(row);
        }
    }
    let any = |what: &str, is: &dyn Fn(&Value) -> bool| assert!(rows.iter().any(is), "{what} among {} records", rows.len());
    any("no traced line", &|row| ai_lines(row) == 0);
    any("an unknown repository", &|row| row["repoName"].is_null());
    any("no time of its own", &|row| row["commitTs"].is_null());
    for source in ["ide", "cli", "cloud"] {
        any(source, &|row| row["commitSource"] == source);
    }
    let mut branches: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &rows {
        branches.entry(row["commitHash"].as_str().unwrap()).or_default().insert(row["branchName"].as_str().unwrap());
    }
    assert!(branches.values().any(|branches| branches.len() == 2), "a commit on two branches");
    assert!(of_day(&vendors, client::today()).await.is_empty(), "the running day is not there yet");
}

#[tokio::test]
async fn pages_follow_each_other_and_a_team_without_the_plan_is_told_so() {
    let vendors = Vendors::start(enterprise()).await;
    let mut days = Window::ending(client::today().minus(1), 14).days();
    let (day, all) = loop {
        let day = days.next().unwrap();
        let all = of_day(&vendors, day).await;
        if all.len() > 3 {
            break (day, all);
        }
    };
    let mut paged = Vec::new();
    for number in 1..=all.len().div_ceil(2) {
        let reply = json(page(&vendors, day, number, 2)).await;
        assert_eq!((&reply["totalCount"], &reply["page"], &reply["pageSize"]), (&all.len().into(), &number.into(), &2.into()));
        paged.extend(reply["items"].as_array().unwrap().clone());
    }
    assert_eq!(paged, all);
    vendors.running.faults().add(Rule::once(Endpoint::CursorCommits, Fault::RepeatedPage));
    assert_eq!(json(page(&vendors, day, 2, 2)).await["page"], 1, "it says itself which page it is");
    assert_eq!(status(page(&vendors, day, 1, 1_001)).await.0, 400);
    assert_eq!(status(page(&vendors, day, 0, 10)).await.0, 400);
    let team = Vendors::start(small()).await;
    let (code, body) = status(page(&team, day, 1, 10)).await;
    assert_eq!((code, &body["message"]), (403, &"Enterprise access required".into()));
}

#[tokio::test]
async fn a_record_with_traced_lines_makes_a_pull_request_exact_and_nothing_else_does() {
    let (with, without) =
        (Simulator::truth(enterprise()), Simulator::truth(Config { delivery: Delivery::default(), ..enterprise() }));
    let window = Window::ending(client::today().minus(1), 28);
    let pulls: Vec<PullTruth> = with.pull_requests(window).collect();
    assert_eq!(pulls, without.pull_requests(window).collect::<Vec<_>>(), "what was merged is the same");
    let (recorded, plain) = (with.tiers(pulls.iter()), without.tiers(pulls.iter()));
    let changed: Vec<_> = recorded.iter().zip(&plain).filter(|(a, b)| a != b).collect();
    assert!(changed.len() > 3 && changed.iter().all(|(after, _)| **after == Some(Tier::Exact)), "{changed:?}");
    assert!(recorded.iter().filter(|tier| **tier == Some(Tier::Strong)).count() > 3, "not every commit is recorded");
}
