//! Each fault on demand, as often as told and no more.

mod client;

use client::{Vendors, json, small, status};
use reqwest::RequestBuilder;
use serde_json::Value;
use tacho_domain::Window;
use tacho_simulator::{Endpoint, Fault, Rule, Tool, Vendor};

const SEATS: &str = "/orgs/{org}/copilot/billing/seats";

fn report(vendors: &Vendors) -> RequestBuilder {
    vendors.github(&format!("/orgs/{{org}}/copilot/metrics/reports/users-1-day?day={}", client::today().minus(3)))
}

fn usage(vendors: &Vendors) -> RequestBuilder {
    usage_page(vendors, "")
}

fn usage_page(vendors: &Vendors, page: &str) -> RequestBuilder {
    let path = format!("/v1/organizations/usage_report/claude_code?starting_at={}&limit=5", client::today().minus(3));
    vendors.anthropic(&format!("{path}{page}"))
}

fn events(vendors: &Vendors, page: u32) -> RequestBuilder {
    let mut body = client::range(Window::day(client::today().minus(3)));
    body["page"] = page.into();
    body["pageSize"] = 5.into();
    vendors.cursor("/teams/filtered-usage-events", &body)
}

#[tokio::test]
async fn limits_come_with_and_without_headers_and_count_down() {
    let vendors = Vendors::start(small()).await;
    let faults = vendors.running.faults();
    faults.add(Rule::once(Endpoint::ClaudeUsage, Fault::RateLimited { retry_after_seconds: Some(7) }).after(1).times(2));
    assert_eq!(status(usage(&vendors)).await.0, 200);
    for _ in 0..2 {
        let reply = usage(&vendors).send().await.unwrap();
        assert_eq!((reply.status().as_u16(), reply.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    }
    assert_eq!(status(usage(&vendors)).await.0, 200);

    faults.add(Rule::once(Endpoint::CopilotSeats, Fault::RateLimited { retry_after_seconds: None }));
    let reply = vendors.github(SEATS).send().await.unwrap();
    assert_eq!(reply.status(), 429);
    assert!(!reply.headers().keys().any(|name| name.as_str().contains("ratelimit") || name == "retry-after"));
    faults.add(Rule::once(Endpoint::CopilotSeats, Fault::LimitSpent { reset_epoch_seconds: 1_800_000_000 }));
    let reply = vendors.github(SEATS).send().await.unwrap();
    assert_eq!((reply.status().as_u16(), reply.headers()["x-ratelimit-remaining"].to_str().unwrap()), (403, "0"));
    assert_eq!(reply.headers()["x-ratelimit-reset"], "1800000000");
    assert_eq!(status(vendors.github(SEATS)).await.0, 200);
}

#[tokio::test]
async fn servers_fail_with_their_own_bodies() {
    let vendors = Vendors::start(small()).await;
    let faults = vendors.running.faults();
    for code in [500, 502, 503, 529] {
        faults.add(Rule::once(Endpoint::ClaudeUsage, Fault::Status(code)));
        let (status, body) = status(usage(&vendors)).await;
        assert_eq!(status, code);
        assert_eq!(body.is_string(), matches!(code, 502 | 503), "gateways speak HTML: {body}");
    }
    faults.add(Rule::always(Endpoint::CopilotSeats, Fault::Status(500)));
    assert_eq!(status(vendors.github(SEATS)).await.0, 500);
    assert_eq!(status(vendors.github(SEATS)).await.0, 500);
    faults.clear();
    assert_eq!(status(vendors.github(SEATS)).await.0, 200);
}

#[tokio::test]
async fn bodies_are_cut_garbled_and_badly_packed() {
    let vendors = Vendors::start(small()).await;
    let faults = vendors.running.faults();
    faults.add(Rule::once(Endpoint::ClaudeUsage, Fault::CutBody));
    let reply = usage(&vendors).send().await.unwrap();
    assert!(reply.headers()["content-length"].to_str().unwrap().parse::<u32>().unwrap() > 100);
    assert!(reply.bytes().await.is_err(), "the body ends before its length");
    faults.add(Rule::once(Endpoint::ClaudeUsage, Fault::InvalidJson));
    assert!(usage(&vendors).send().await.unwrap().json::<Value>().await.is_err());
    faults.add(Rule::once(Endpoint::ClaudeUsage, Fault::CutGzip));
    let reply = usage(&vendors).send().await.unwrap();
    assert!(reply.bytes().await.is_err(), "the packed body has no end");
    assert_eq!(status(usage(&vendors)).await.0, 200);
}

#[tokio::test]
async fn a_slow_answer_waits_for_its_release() {
    let vendors = Vendors::start(small()).await;
    let faults = vendors.running.faults();
    faults.add(Rule::once(Endpoint::CursorMembers, Fault::Slow));
    let call = tokio::spawn(vendors.cursor_members().send());
    while !vendors.running.calls().contains_key(&Endpoint::CursorMembers) {
        tokio::task::yield_now().await;
    }
    assert!(!call.is_finished());
    while !call.is_finished() {
        faults.release();
        tokio::task::yield_now().await;
    }
    assert_eq!(call.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn an_expired_link_is_refused_and_a_new_one_works() {
    let vendors = Vendors::start(small()).await;
    vendors.running.faults().add(Rule::once(Endpoint::CopilotDownload, Fault::ExpiredLink));
    let link = json(report(&vendors)).await["download_links"][0].as_str().unwrap().to_owned();
    let (code, body) = status(vendors.client.get(&link)).await;
    assert_eq!(code, 403);
    assert!(body.as_str().unwrap().contains("AuthenticationFailed"));
    assert_eq!(status(vendors.client.get(&link)).await.0, 200);
}

#[tokio::test]
async fn pages_repeat_and_overlap() {
    let vendors = Vendors::start(small()).await;
    let faults = vendors.running.faults();
    faults.add(Rule::once(Endpoint::ClaudeUsage, Fault::RepeatedPage));
    let repeated = json(usage(&vendors)).await;
    let again = json(usage_page(&vendors, &format!("&page={}", repeated["next_page"].as_str().unwrap()))).await;
    assert_eq!(repeated["data"], again["data"], "the next page is the same one");

    let (first, second) = (json(events(&vendors, 1)).await, json(events(&vendors, 2)).await);
    faults.add(Rule::once(Endpoint::CursorEvents, Fault::OverlappingPages));
    let overlapping = json(events(&vendors, 2)).await;
    assert_eq!(overlapping["usageEvents"][0]["timestamp"], first["usageEvents"][4]["timestamp"]);
    assert_eq!(overlapping["usageEvents"].as_array().unwrap().len(), second["usageEvents"].as_array().unwrap().len() + 1);

    faults.add(Rule::once(Endpoint::CursorEvents, Fault::OtherEnvelope));
    let other = json(events(&vendors, 1)).await;
    assert!(other.get("pagination").is_none());
    assert_eq!(other["usageEventsDisplay"], first["usageEvents"]);

    faults.add(Rule::once(Endpoint::CopilotSeats, Fault::RepeatedPage));
    let reply = vendors.github(&format!("{SEATS}?per_page=3")).send().await.unwrap();
    assert!(reply.headers()["link"].to_str().unwrap().contains("?page=1&per_page=3>; rel=\"next\""));
}

#[tokio::test]
async fn a_restated_day_changes_loses_rows_and_the_truth_follows() {
    let vendors = Vendors::start(tacho_simulator::Config { members: 120, ..small() }).await;
    let (truth, day) = (vendors.running.truth(), client::today().minus(4));
    let others = [day.minus(1), day.plus(1)];
    for tool in Tool::ALL {
        let (before, around) = (truth.rows(tool, day).unwrap(), others.map(|other| truth.rows(tool, other)));
        vendors.running.faults().restate(tool, day);
        let after = truth.rows(tool, day).unwrap();
        assert!(after.len() < before.len() && !after.is_empty(), "{tool:?}");
        assert_ne!(after, before);
        assert_eq!(others.map(|other| truth.rows(tool, other)), around, "no other day changes");
    }
    assert_eq!(vendors.users_of(day).await.unwrap().len(), truth.rows(Tool::Copilot, day).unwrap().len());
    let window = Window::day(day);
    let sessions = vendors.claude_of(day, 1_000).await.iter().map(|row| client::number(row, "/core_metrics/num_sessions")).sum();
    assert_eq!(truth.interactions(window, Tool::Claude), Some(sessions));
    let charged: i64 =
        vendors.events_of(window, 1_000).await.iter().map(|event| client::millionths(event, "/chargedCents", 1e4)).sum();
    assert_eq!(truth.cost(window, Tool::Cursor).unwrap().0, charged);
}

#[tokio::test]
async fn a_restated_day_changes_no_other_days_bill() {
    let vendors = Vendors::start(tacho_simulator::Config { members: 60, ..small() }).await;
    let (truth, day) = (vendors.running.truth(), client::today().minus(9));
    let bills = || {
        Window::ending(client::today(), 30)
            .days()
            .filter(|other| *other != day)
            .map(|other| truth.bill(other))
            .collect::<Vec<_>>()
    };
    let (of_day, before) = (truth.bill(day), bills());
    vendors.running.faults().restate(Tool::Copilot, day);
    assert_ne!(truth.bill(day), of_day);
    assert_eq!(bills(), before);
}

#[tokio::test]
async fn reports_come_late_and_days_go_by() {
    let vendors = Vendors::start(small()).await;
    let (faults, truth) = (vendors.running.faults(), vendors.running.truth());
    let day = client::today().minus(2);
    assert_eq!(
        status(vendors.github("/orgs/{org}/copilot/metrics/reports/users-28-day/latest")).await.1["report_end_day"],
        day.to_string()
    );
    faults.late_reports(4);
    assert_eq!((vendors.users_of(day).await, truth.rows(Tool::Copilot, day)), (None, None));
    let today = truth.sums(Window::day(client::today()), Tool::Cursor);
    faults.set_today(client::today().plus(2));
    assert_eq!(vendors.users_of(day).await.map(|rows| rows.len()), truth.rows(Tool::Copilot, day).map(|rows| rows.len()));
    assert!(vendors.users_of(day).await.is_some());
    assert_ne!(truth.sums(Window::day(client::today()), Tool::Cursor), today, "the running day was only a part");
}

#[tokio::test]
async fn tokens_are_rotated_scopes_missing_and_policies_off() {
    let vendors = Vendors::start(small()).await;
    let faults = vendors.running.faults();
    for vendor in Vendor::ALL {
        let old = vendors.running.secrets();
        let call = match vendor {
            Vendor::Github => vendors.github(SEATS),
            Vendor::Anthropic => usage(&vendors),
            Vendor::Cursor => vendors.cursor_members(),
        };
        let new = faults.rotate(vendor);
        assert_eq!(status(call).await.0, 401, "{vendor:?}");
        assert!(![old.github, old.anthropic, old.cursor].contains(&new));
    }
    assert_eq!(status(vendors.github(SEATS)).await.0, 200, "the new one works");

    faults.add(Rule::once(Endpoint::CopilotUsersDay, Fault::MissingScopes));
    let reply = report(&vendors).send().await.unwrap();
    assert_eq!((reply.status().as_u16(), reply.headers()["x-oauth-scopes"].to_str().unwrap()), (403, "public_repo"));
    assert_eq!(reply.headers()["x-accepted-oauth-scopes"], "manage_billing:copilot, read:org");
    faults.add(Rule::once(Endpoint::CopilotUsersDay, Fault::PolicyOff));
    assert!(status(report(&vendors)).await.1["message"].as_str().unwrap().starts_with("The 'Copilot usage metrics' policy"));
    faults.add(Rule::once(Endpoint::CopilotUsersDay, Fault::NoReportText));
    assert_eq!(status(report(&vendors)).await, (200, Value::from("No report available")));
    faults.add(Rule::once(Endpoint::ClaudeUsage, Fault::Unauthorized));
    assert_eq!(status(usage(&vendors)).await.0, 401);
}

#[tokio::test]
async fn a_vendor_may_repeat_the_secret_and_nothing_else_does() {
    let vendors = Vendors::start(small()).await;
    let secrets = vendors.running.secrets();
    vendors.running.faults().add(Rule::once(Endpoint::ClaudeUsage, Fault::EchoSecret));
    let (code, body) = status(usage(&vendors)).await;
    assert_eq!(code, 400);
    assert!(body.to_string().contains(&secrets.anthropic));
    let shown = format!("{:?} {secrets:?} {:?}", vendors.running, vendors.running.calls());
    for secret in [secrets.github, secrets.anthropic, secrets.cursor] {
        assert!(!shown.contains(&secret));
    }
}

#[tokio::test]
async fn a_stopped_simulator_answers_nobody() {
    let vendors = Vendors::start(small()).await;
    let call = vendors.cursor_members();
    let Vendors { running, .. } = vendors;
    running.shutdown().await;
    assert!(call.send().await.is_err());
}
