//! What the real APIs refuse is refused, in their own words.

mod client;

use client::{Vendors, range, small, status};
use reqwest::RequestBuilder;
use serde_json::json;
use tacho_domain::Window;
use tacho_simulator::{Endpoint, Vendor};

const SEATS: &str = "/orgs/{org}/copilot/billing/seats";

fn github(vendors: &Vendors) -> RequestBuilder {
    vendors.client.get(vendors.url(Vendor::Github, "/orgs/octo-demo/copilot/billing"))
}

#[tokio::test]
async fn github_refuses_a_call_without_its_manners() {
    let vendors = Vendors::start(small()).await;
    let token = vendors.running.secrets().github;
    assert!(token.starts_with("ghp_") && token.len() == 40);
    let version = |call: RequestBuilder| call.header("x-github-api-version", "2026-03-10");
    for (call, expected, message) in [
        (version(github(&vendors)), 401, "Requires authentication"),
        (version(github(&vendors).bearer_auth("ghp_wrong")), 401, "Bad credentials"),
        (version(github(&vendors).basic_auth(&token, Some(""))), 401, "Bad credentials"),
        (github(&vendors).bearer_auth(&token), 400, "The X-GitHub-Api-Version header is required"),
        (
            github(&vendors).bearer_auth(&token).header("x-github-api-version", "2020-01-01"),
            400,
            "\"2020-01-01\" is not a supported version of the API",
        ),
        (
            version(github(&vendors).bearer_auth(&token)).header("accept", "text/html"),
            415,
            "Unsupported 'Accept' header. Must accept 'application/json'.",
        ),
    ] {
        let (status, body) = status(call).await;
        assert_eq!((status, body["message"].as_str()), (expected, Some(message)));
        assert_eq!(body["status"], expected.to_string());
    }
    let calls = &vendors.running.calls()[&Endpoint::CopilotBilling];
    assert_eq!((calls.calls, calls.refused), (6, 6));
    assert!(calls.headers.contains("authorization"));
}

#[tokio::test]
async fn github_refuses_a_call_that_does_not_say_who_calls() {
    let vendors = Vendors::start(small()).await;
    let (code, _) = status(vendors.github(SEATS).header("user-agent", "")).await;
    assert_eq!(code, 403);
}

#[tokio::test]
async fn github_knows_its_days_and_its_names() {
    let vendors = Vendors::start(small()).await;
    let today = client::today();
    let users = "/orgs/{org}/copilot/metrics/reports/users-1-day";
    let organization = "/orgs/{org}/copilot/metrics/reports/organization-1-day";
    for (path, expected) in [
        (format!("{users}?day={}", today.minus(1)), 204),
        (format!("{users}?day={}", today.minus(2)), 200),
        (format!("{users}?day={}", today.minus(60)), 204),
        (format!("{users}?day={}", today.minus(366)), 404),
        (format!("{users}?day={}", today.plus(1)), 404),
        (format!("{users}?day=yesterday"), 422),
        (users.to_owned(), 422),
        (format!("{organization}?day={}", today.minus(3)), 200),
        (format!("/enterprises/{{enterprise}}/copilot/metrics/reports/organization-1-day?day={}", today.minus(3)), 404),
        ("/orgs/another/copilot/billing".to_owned(), 404),
        ("/orgs/{org}/copilot/metrics".to_owned(), 404),
        ("/orgs/{org}/settings/billing/ai_credit/usage".to_owned(), 404),
        ("/organizations/{org}/settings/billing/ai_credit/usage?year=x".to_owned(), 400),
        ("/organizations/{org}/settings/billing/ai_credit/usage?year=2026&month=2&day=30".to_owned(), 400),
    ] {
        let (code, body) = status(vendors.github(&path)).await;
        assert_eq!(code, expected, "{path}: {body}");
    }
}

#[tokio::test]
async fn github_reports_begin_on_their_first_days() {
    let config =
        tacho_simulator::Config { members: 5, days: 300, ..tacho_simulator::Config::new(1, "2026-03-01".parse().unwrap()) };
    let vendors = Vendors::start(config).await;
    for (report, day, expected) in [
        ("users-1-day", "2025-10-09", 204),
        ("users-1-day", "2025-10-10", 200),
        ("organization-1-day", "2025-12-11", 204),
        ("organization-1-day", "2025-12-12", 200),
    ] {
        let (code, _) = status(vendors.github(&format!("/orgs/{{org}}/copilot/metrics/reports/{report}?day={day}"))).await;
        assert_eq!(code, expected, "{report} {day}");
    }
    let day = "2026-01-15".parse().unwrap();
    assert!(vendors.users_of(day).await.unwrap().iter().all(|row| row.get("ai_credits_used").is_none()), "credits came in June");
    assert_eq!(vendors.running.truth().bill(day), None);
}

#[tokio::test]
async fn the_download_host_wants_its_signature_and_no_token() {
    let vendors = Vendors::start(small()).await;
    let path = format!("/orgs/{{org}}/copilot/metrics/reports/users-1-day?day={}", client::today().minus(3));
    let envelope = client::json(vendors.github(&path)).await;
    let link = envelope["download_links"][0].as_str().unwrap().to_owned();
    assert!(
        link.contains(vendors.running.download_host())
            && !vendors.running.base_url(Vendor::Github).contains(vendors.running.download_host())
    );
    let (code, body) = status(vendors.client.get(&link).bearer_auth(vendors.running.secrets().github)).await;
    assert_eq!(code, 400);
    assert!(body.as_str().unwrap().contains("InvalidAuthenticationInfo"));
    assert_eq!(status(vendors.client.get(&link[..link.len() - 4])).await.0, 403);
    assert_eq!(status(vendors.client.get(link.replace("part-00000", "part-00001"))).await.0, 403);
    assert_eq!(status(vendors.client.get(&link)).await.0, 200);
    // A day later the link is past its hour.
    vendors.running.faults().set_today(client::today().plus(1));
    assert_eq!(status(vendors.client.get(&link)).await.0, 403);
}

#[tokio::test]
async fn unchanged_seats_are_not_sent_twice() {
    let vendors = Vendors::start(small()).await;
    let reply = vendors.github(SEATS).send().await.unwrap();
    let tag = reply.headers()["etag"].to_str().unwrap().to_owned();
    assert!(tag.starts_with("W/") && reply.headers().contains_key("x-oauth-scopes"));
    assert_eq!(status(vendors.github(SEATS).header("if-none-match", tag)).await.0, 304);
}

#[tokio::test]
async fn anthropic_refuses_in_its_own_words() {
    let vendors = Vendors::start(small()).await;
    let key = vendors.running.secrets().anthropic;
    assert!(key.starts_with("sk-ant-admin01-"));
    let url = |query: &str| vendors.url(Vendor::Anthropic, &format!("/v1/organizations/usage_report/claude_code{query}"));
    let plain = |query: &str| vendors.client.get(url(query));
    let version = |call: RequestBuilder| call.header("anthropic-version", "2023-06-01");
    let good = |query: &str| version(plain(query)).header("x-api-key", &key);
    for (call, expected, kind) in [
        (version(plain("?starting_at=2026-11-01")), 401, "authentication_error"),
        (version(plain("?starting_at=2026-11-01")).bearer_auth(&key), 401, "authentication_error"),
        (version(plain("?starting_at=2026-11-01")).header("x-api-key", "sk-ant-admin01-wrong"), 401, "authentication_error"),
        (version(plain("?starting_at=2026-11-01")).header("x-api-key", "sk-ant-api03-ordinary"), 403, "permission_error"),
        (plain("?starting_at=2026-11-01").header("x-api-key", &key), 400, "invalid_request_error"),
        (good(""), 400, "invalid_request_error"),
        (good("?starting_at=2026-11-01T00:00:00Z"), 400, "invalid_request_error"),
        (good("?starting_at=2026-11-21"), 400, "invalid_request_error"),
        (good("?starting_at=2026-11-01&limit=1001"), 400, "invalid_request_error"),
        (good("?starting_at=2026-11-01&limit=0"), 400, "invalid_request_error"),
        (good("?starting_at=2026-11-01&page=page_junk"), 400, "invalid_request_error"),
    ] {
        let (code, body) = status(call).await;
        assert_eq!((code, body["error"]["type"].as_str()), (expected, Some(kind)), "{body}");
        assert_eq!(body["type"], "error");
    }
    let (code, body) = status(good("?starting_at=2020-01-01")).await;
    assert_eq!((code, body), (200, json!({"data": [], "has_more": false, "next_page": null})));
}

#[tokio::test]
async fn cursor_refuses_in_its_own_words() {
    let vendors = Vendors::start(small()).await;
    let key = vendors.running.secrets().cursor;
    assert!(key.starts_with("key_"));
    let today = client::today();
    let events = "/teams/filtered-usage-events";
    let with = |mut body: serde_json::Value, name: &str, value: i64| {
        body[name] = value.into();
        body
    };
    let month = range(Window::ending(today, 30));
    let bare = || vendors.client.post(vendors.url(Vendor::Cursor, events)).json(&month);
    for (call, expected) in [
        (bare(), 401),
        (bare().bearer_auth(&key), 401),
        (bare().basic_auth(&key, Some("password")), 401),
        (bare().basic_auth("key_wrong", Some("")), 401),
        (vendors.client.post(vendors.url(Vendor::Cursor, events)).basic_auth(&key, Some("")).body("{}"), 400),
        (vendors.cursor(events, &range(Window::ending(today, 31))), 400),
        (vendors.cursor("/teams/daily-usage-data", &range(Window::ending(today, 31))), 400),
        (vendors.cursor(events, &with(month.clone(), "pageSize", 1_001)), 400),
        (vendors.cursor(events, &with(month.clone(), "page", 0)), 400),
        (vendors.cursor(events, &with(month.clone(), "endDate", 0)), 400),
        (vendors.cursor("/teams/remove-member", &month), 404),
        (vendors.cursor(events, &month), 200),
        (vendors.cursor("/teams/daily-usage-data", &month), 200),
    ] {
        let (code, body) = status(call).await;
        assert_eq!(code, expected, "{body}");
        assert_eq!(body.get("error").is_some(), code != 200);
    }
}

#[tokio::test]
async fn cursor_counts_calls_a_minute_where_told_to() {
    let vendors = Vendors::start(tacho_simulator::Config { cursor_per_minute: Some(3), ..small() }).await;
    for _ in 0..3 {
        assert_eq!(status(vendors.cursor_members()).await.0, 200);
    }
    assert_eq!(status(vendors.cursor_members()).await.0, 429);
}
