//! What the vendors tell one person: every shape, who is let in, use that moves, faults over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod client;

use client::{Vendors, json, small, status};
use reqwest::RequestBuilder;
use serde_json::{Value, json as object};
use tacho_simulator::{Endpoint, Fault, Rule, Vendor};

fn url(vendors: &Vendors, path: &str) -> String {
    format!("{}{path}", vendors.running.quota().base_url())
}

fn token(vendors: &Vendors, tool: &str, account: &str) -> String {
    vendors.running.quota().token(tool, account).unwrap()
}

fn copilot(vendors: &Vendors, account: &str) -> RequestBuilder {
    let token = token(vendors, "copilot", account);
    vendors.client.get(url(vendors, "/copilot_internal/user")).header("authorization", format!("token {token}"))
}

async fn switch(vendors: &Vendors, path: &str, body: Value) -> (u16, Value) {
    status(vendors.client.post(url(vendors, path)).json(&body)).await
}

#[tokio::test]
async fn copilot_has_an_account_for_every_shape() {
    let vendors = Vendors::start(small()).await;
    let of = async |account| json(copilot(&vendors, account)).await;
    // The 20th of a month of 30 days: two thirds of what it will be by the end.
    let paid = of("paid").await;
    assert_eq!(paid["login"], "paid");
    assert_eq!(paid["quota_reset_date_utc"], "2026-12-01T00:00:00.000Z");
    let premium = &paid["quota_snapshots"]["premium_interactions"];
    assert_eq!([&premium["entitlement"], &premium["quota_remaining"], &premium["percent_remaining"]], [300.0, 171.0, 57.0]);
    assert_eq!(of("free").await["quota_snapshots"]["premium_interactions"]["entitlement"], 0);
    let old = of("free-old").await;
    assert_eq!((&old["monthly_quotas"]["chat"], old.get("quota_snapshots")), (&object!(500.0), None));
    assert_eq!(of("free-credits").await["token_based_billing"], true);
    assert_eq!(of("student").await["access_type_sku"], "free_educational_quota");
    assert_eq!(of("unlimited").await["quota_snapshots"]["premium_interactions"]["unlimited"], true);
    let placeholder = of("placeholder").await;
    let premium = &placeholder["quota_snapshots"]["premium_interactions"];
    assert_eq!((&premium["entitlement"], &premium["percent_remaining"]), (&object!(0), &object!(100)));
    let overage = of("overage").await;
    assert_eq!(overage["quota_snapshots"]["premium_interactions"]["entitlement"], 500.0);
    let credits = of("credits-only").await;
    assert_eq!(credits["quota_snapshots"]["premium_interactions"]["credits_used"], 599.0);
    assert_eq!(of("user-budget").await["quota_snapshots"]["premium_interactions"]["entitlement"], 3_000.0);
}

#[tokio::test]
async fn use_follows_the_calendar_until_somebody_moves_it() {
    let vendors = Vendors::start(small()).await;
    let left =
        async || json(copilot(&vendors, "paid")).await["quota_snapshots"]["premium_interactions"]["percent_remaining"].clone();
    vendors.running.faults().set_today("2026-12-01".parse().unwrap());
    assert_eq!(left().await, 98.0);
    vendors.running.quota().set_used("copilot", "paid", 50.0, Some(100.0)).unwrap();
    assert_eq!(left().await, 50.0);
    let moved =
        switch(&vendors, "/simulator/use", object!({"tool": "copilot", "account": "paid", "used": 111, "limit": 100})).await;
    assert_eq!(moved, (200, object!({"ok": true})));
    assert_eq!(left().await, -11.0);
    switch(&vendors, "/simulator/use", object!({"tool": "copilot", "account": "paid", "used": null})).await;
    switch(&vendors, "/simulator/today", object!({"day": "2026-11-20"})).await;
    assert_eq!(left().await, 57.0);
    let wrong = switch(&vendors, "/simulator/use", object!({"tool": "copilot", "account": "rich", "used": 1})).await;
    assert_eq!(wrong, (400, object!({"error": "`copilot rich` is no account here"})));
    assert!(vendors.running.quota().token("copilot", "rich").is_err());
}

#[tokio::test]
async fn each_endpoint_lets_in_its_own_tokens_in_its_own_manner() {
    let vendors = Vendors::start(small()).await;
    let get = |path: &str| vendors.client.get(url(&vendors, path));
    let paid = token(&vendors, "copilot", "paid");
    assert_eq!(status(get("/copilot_internal/user").bearer_auth(&paid)).await.0, 401);
    assert_eq!(status(get("/copilot_internal/user")).await.0, 401);
    assert_eq!(status(copilot(&vendors, "paid").header("user-agent", "")).await.0, 403);
    let classic = vendors.running.secrets().github;
    assert_eq!(status(get("/copilot_internal/user").header("authorization", format!("token {classic}"))).await.0, 401);

    let claude = token(&vendors, "claude", "windows");
    assert_eq!(status(get("/api/oauth/usage").bearer_auth(&claude)).await.0, 401, "the beta header is wanted");
    let body = json(get("/api/oauth/usage").bearer_auth(&claude).header("anthropic-beta", "oauth-2025-04-20")).await;
    assert_eq!((&body["five_hour"]["utilization"], body["limits"].as_array().unwrap().len()), (&object!(59.0), 3));
    let extra = get("/api/oauth/usage").bearer_auth(token(&vendors, "claude", "extra"));
    assert_eq!(json(extra.header("anthropic-beta", "oauth-2025-04-20")).await["extra_usage"]["monthly_limit"], 2_050);

    let codex = token(&vendors, "codex", "pro");
    assert_eq!(status(get("/backend-api/wham/usage").bearer_auth(&codex)).await.0, 403, "the account is wanted");
    let body = json(get("/backend-api/wham/usage").bearer_auth(&codex).header("chatgpt-account-id", "acct")).await;
    assert_eq!(body["rate_limit"]["secondary_window"]["limit_window_seconds"], 604_800);

    let cookie = |account| format!("a=b; WorkosCursorSessionToken={}", token(&vendors, "cursor", account));
    let body = json(get("/api/usage-summary").header("cookie", cookie("pro"))).await;
    assert_eq!(body["individualUsage"]["plan"]["limit"], 5_000.0);
    let body = json(get("/api/usage-summary").header("cookie", cookie("enterprise"))).await;
    assert_eq!(body["limitType"], "team");
    assert_eq!(status(get("/api/usage-summary").header("cookie", cookie("old"))).await.0, 404);
    let body = json(get("/api/usage?user=x").header("cookie", cookie("old"))).await;
    assert_eq!(body["gpt-4"]["maxRequestUsage"], 750.0);

    let body = json(get("/zen/go/v1/usage").bearer_auth(token(&vendors, "opencode", "go"))).await;
    assert_eq!(body["usage"]["weekly"]["resetsAt"], "2026-11-23T00:00:00.000Z");
}

#[tokio::test]
async fn githubs_address_answers_too() {
    let vendors = Vendors::start(small()).await;
    let paid = token(&vendors, "copilot", "paid");
    let ask = vendors.client.get(vendors.url(Vendor::Github, "/copilot_internal/user"));
    let body = json(ask.header("authorization", format!("token {paid}"))).await;
    assert_eq!(body["copilot_plan"], "individual");
}

#[tokio::test]
async fn faults_are_switched_over_http_and_counted() {
    let vendors = Vendors::start(small()).await;
    let fault = async |body| switch(&vendors, "/simulator/faults", body).await;
    fault(object!({"tool": "copilot", "fault": "429", "retry_after": 120, "times": 1})).await;
    let reply = copilot(&vendors, "paid").send().await.unwrap();
    assert_eq!((reply.status().as_u16(), reply.headers()["retry-after"].to_str().unwrap()), (429, "120"));
    for (name, expected) in [("401", 401), ("403", 403), ("404", 404), ("408", 408), ("500", 500), ("503", 503)] {
        fault(object!({"tool": "copilot", "fault": name, "times": 1})).await;
        assert_eq!(status(copilot(&vendors, "paid")).await.0, expected);
    }
    fault(object!({"tool": "copilot", "fault": "invalid-json", "times": 1})).await;
    let text = copilot(&vendors, "paid").send().await.unwrap().text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_err());
    fault(object!({"tool": "copilot", "fault": "wrong-shape", "times": 1})).await;
    assert!(json(copilot(&vendors, "paid")).await.is_string());
    fault(object!({"tool": "copilot", "fault": "reset", "times": 1})).await;
    assert!(copilot(&vendors, "paid").send().await.unwrap().bytes().await.is_err());
    assert_eq!(status(copilot(&vendors, "paid")).await.0, 200, "each of them but once");

    let told = json(vendors.client.get(url(&vendors, "/simulator"))).await;
    assert_eq!(told["calls"]["copilot"], 11);
    assert_eq!(vendors.running.calls()[&Endpoint::CopilotQuota].calls, 11);
    assert_eq!(told["accounts"].as_array().unwrap().len(), vendors.running.quota().accounts().len());

    let no = fault(object!({"tool": "copilot", "fault": "fire"})).await;
    assert_eq!(no.0, 400);
    assert_eq!(fault(object!({"tool": "fax", "fault": "500"})).await.0, 400);
    assert_eq!(status(vendors.client.get(url(&vendors, "/simulator/faults"))).await.0, 400);
}

#[tokio::test]
async fn an_answer_that_hangs_is_let_go_when_faults_are_cleared() {
    let vendors = Vendors::start(small()).await;
    vendors.running.faults().add(Rule::always(Endpoint::CopilotQuota, Fault::Slow));
    let hanging = tokio::spawn(copilot(&vendors, "paid").send());
    while vendors.running.calls().get(&Endpoint::CopilotQuota).is_none_or(|calls| calls.calls == 0) {
        tokio::task::yield_now().await;
    }
    assert!(!hanging.is_finished());
    assert_eq!(status(vendors.client.delete(url(&vendors, "/simulator/faults"))).await.0, 200);
    assert_eq!(hanging.await.unwrap().unwrap().status(), 200);
    assert_eq!(status(copilot(&vendors, "paid")).await.0, 200);
}

#[test]
fn accounts_do_not_print_their_tokens() {
    let account = tacho_simulator::quota::QuotaAccount { tool: "copilot", account: "paid", token: "gho_secret".into() };
    assert!(!format!("{account:?}").contains("secret"));
}
