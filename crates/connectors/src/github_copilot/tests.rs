//! Which calls are made, how refusals are explained, which files are recognised.

use super::*;
use crate::{FailureKind, Headers, Verdict};

fn of_organization() -> Settings {
    Settings::new([("organization", "acme-org")])
}

fn of_enterprise() -> Settings {
    Settings::new([("enterprise", "acme")])
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn addresses(settings: &Settings) -> Vec<String> {
    let window = Window::day(day("2026-09-01"));
    let streams = GithubCopilot.streams(settings);
    let calls = streams.iter().flat_map(|stream| GithubCopilot.calls(stream, &Slice { stream: stream.id, window }, settings));
    calls.map(|call| format!("{}/{} {}", call.stream, call.step, call.url)).collect()
}

#[test]
fn each_stream_asks_the_documented_address() {
    insta::assert_snapshot!("addresses_of_an_organization", addresses(&of_organization()).join("\n"));
    insta::assert_snapshot!("addresses_of_an_enterprise", addresses(&of_enterprise()).join("\n"));
}

#[test]
fn a_tenant_of_its_own_is_asked_at_its_own_host() {
    let settings = Settings::new([("enterprise", "acme"), ("base_url", "https://api.acme.ghe.com")]);
    assert!(addresses(&settings).iter().all(|address| address.contains(" https://api.acme.ghe.com/enterprises/acme/")));
}

#[test]
fn every_call_carries_the_version_and_the_token_and_no_envelope_is_kept() {
    let calls = GithubCopilot.probe(&of_organization(), day("2026-09-04"));
    assert_eq!(calls.len(), GithubCopilot.streams(&of_organization()).iter().filter(|stream| stream.by_default).count());
    for call in calls {
        assert_eq!(call.auth, Auth::Bearer);
        assert!(call.headers.iter().any(|(name, value)| *name == "X-GitHub-Api-Version" && value == API_VERSION));
        assert_eq!(call.archive == Archive::Never, call.step == ENVELOPE);
        assert_eq!(call.window, Window::day(day("2026-09-01")));
    }
}

#[test]
fn exactly_one_of_organization_and_enterprise_is_needed() {
    assert_eq!(GithubCopilot.check(&of_organization()), Ok(()));
    assert_eq!(GithubCopilot.check(&of_enterprise()), Ok(()));
    assert!(GithubCopilot.check(&Settings::default()).is_err());
    assert!(GithubCopilot.check(&Settings::new([("organization", "a"), ("enterprise", "b")])).is_err());
    assert!(GithubCopilot.check(&Settings::new([("org", "a")])).is_err());
    assert!(GithubCopilot.probe(&Settings::default(), day("2026-09-04")).is_empty());
}

fn diagnose(stream: &str, settings: &Settings, status: u16, headers: &[(&str, &str)], body: &str) -> Diagnosis {
    let spec = GithubCopilot.streams(settings).into_iter().find(|spec| spec.id == stream).unwrap();
    let slice = Slice { stream: spec.id, window: Window::day(day("2026-09-01")) };
    let call = GithubCopilot.calls(spec, &slice, settings).remove(0);
    let headers = Headers::new(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    GithubCopilot.diagnose(&call, &Refusal { status, headers: &headers, body, signing_in: false })
}

#[test]
fn every_refusal_names_its_cause_and_its_fix() {
    let org = of_organization();
    let ent = of_enterprise();
    let scopes = [("X-OAuth-Scopes", "repo, gist"), ("X-Accepted-OAuth-Scopes", "manage_billing:copilot, read:org")];
    let enough = [("X-OAuth-Scopes", "admin:org"), ("X-Accepted-OAuth-Scopes", "read:org")];
    let sso = [("X-GitHub-SSO", "required; url=https://github.com/orgs/acme-org/sso?authorization_request=AB12")];
    let permission = [("X-Accepted-GitHub-Permissions", "organization_copilot_metrics=read; organization_administration=read")];
    let policy = r#"{"message":"The 'Copilot usage metrics' policy must be enabled to use this API"}"#;
    let not_accessible = r#"{"message":"Resource not accessible by personal access token"}"#;
    let admin = r#"{"message":"This requires admin, or relevant organization role access"}"#;
    let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
    let cases: &[(&str, Diagnosis)] = &[
        ("401", diagnose("users_daily", &org, 401, &[], "{}")),
        ("policy off", diagnose("users_daily", &org, 403, &[], policy)),
        ("scope missing", diagnose("users_daily", &org, 403, &scopes, "{}")),
        ("scope held, role missing", diagnose("users_daily", &org, 403, &enough, admin)),
        ("single sign-on", diagnose("seats", &org, 403, &sso, "{}")),
        ("permission missing", diagnose("users_daily", &org, 403, &permission, not_accessible)),
        ("permission missing, unnamed", diagnose("seats", &org, 403, &[], not_accessible)),
        ("fine-grained at an enterprise", diagnose("users_daily", &ent, 403, &[], not_accessible)),
        ("app not approved", diagnose("seats", &org, 403, &[], "OAuth App access restrictions")),
        ("billing forbidden", diagnose("credits_daily", &org, 403, &[], "{}")),
        ("429", diagnose("seats", &org, 429, &[("Retry-After", "60")], "")),
        ("403 with a wait", diagnose("seats", &org, 403, &[("retry-after", "5")], "")),
        ("403 used up", diagnose("seats", &org, 403, &[("x-ratelimit-remaining", "0")], "")),
        ("403 secondary", diagnose("seats", &org, 403, &[], secondary)),
        ("404", diagnose("users_daily", &org, 404, &[], "")),
        ("404 enterprise", diagnose("users_daily", &ent, 404, &[], "")),
        ("404 seats", diagnose("seats", &org, 404, &[], "")),
        ("404 billing", diagnose("credits_daily", &org, 404, &[], "")),
        ("404 legacy", diagnose("legacy_metrics", &org, 404, &[], "")),
        ("422", diagnose("users_daily", &org, 422, &[], "")),
        ("422 payment", diagnose("seat_summary", &org, 422, &[], "There is a problem with your payment method")),
        ("422 legacy", diagnose("legacy_metrics", &org, 422, &[], "")),
        ("502", diagnose("users_daily", &org, 502, &[], "<html>")),
        ("418", diagnose("users_daily", &org, 418, &[], "")),
    ];
    let text: Vec<String> =
        cases.iter().map(|(name, d)| format!("{name}: {} {:?}\n  {}\n  {}", d.kind, d.verdict, d.cause, d.fix)).collect();
    insta::assert_snapshot!("diagnoses", text.join("\n"));
}

#[test]
fn an_expired_link_is_no_fault_of_the_token() {
    let url = Url::parse("https://copilot-reports.github.com/file").unwrap();
    let call = Call::get("users_daily", REPORT, Window::day(day("2026-09-01")), url, Auth::None);
    let diagnosis = GithubCopilot
        .diagnose(&call, &Refusal { status: 403, headers: &Headers::default(), body: "AuthenticationFailed", signing_in: false });
    assert_eq!((diagnosis.kind, diagnosis.verdict), (FailureKind::Forbidden, Verdict::Later));
}

#[test]
fn files_are_recognised_by_their_beginning() {
    let told =
        |head: &str| GithubCopilot.recognise(head.as_bytes()).map(|call| (call.stream, call.step, call.window.from.to_string()));
    let known = |stream, step, day: &str| Some((stream, step, day.to_owned()));
    let row = r#"{"day":"2026-09-01","user_id":7,"user_login":"a","used_chat":true}"#;
    assert_eq!(told(row), known("users_daily", "report", "2026-09-01"));
    assert_eq!(told(&format!("[{row}]")), known("users_daily", "report", "2026-09-01"));
    assert_eq!(told(&row[..40].replace("user_login", "used_cli\":1,\"")), None, "a beginning that tells too little");
    let wrapped = format!("{{\"report_start_day\":\"2026-08-05\",\"report_end_day\":\"2026-09-01\"}}\n{row}\n");
    assert_eq!(told(&wrapped), known("users_daily", "report", "2026-08-05"));
    let of_28_days = r#"{"report_start_day":"2026-08-05","day":"2026-09-01","user_id":7,"loc_added_sum":3}"#;
    assert_eq!(told(of_28_days), known("users_daily", "report", "2026-08-05"));
    assert_eq!(told(r#"{"day":"2026-09-01","daily_active_users":3}"#), known("totals_daily", "report", "2026-09-01"));
    assert_eq!(told("{\n \"day_totals\": [ {"), known("totals_daily", "report", "1970-01-01"));
    let team = r#"{"user_id":7,"user_login":"a","day":"2026-09-01","team_id":4,"slug":"x"}"#;
    assert_eq!(told(team), known("user_teams", "report", "2026-09-01"));
    let legacy = r#"[{"date":"2024-06-24","total_active_users":24,"total_engaged_users":20}]"#;
    assert_eq!(told(legacy), known("legacy_metrics", "page", "2024-06-24"));
    let seats = r#"{"total_seats":1,"seats":[{"created_at":"2026-08-03T18:00:00-06:00","pending_cancellation_date":"2027-01-01","assignee":{}}]}"#;
    assert_eq!(told(seats), known("seats", "page", "2026-08-04"));
    assert_eq!(told(r#"{"seat_breakdown":{},"seat_management_setting":"x"}"#), known("seat_summary", "page", "1970-01-01"));
    let credits = r#"{"timePeriod":{"year":2026},"usageItems":[{"sku":"copilot_ai_credit","grossQuantity":1}]}"#;
    assert_eq!(told(credits), known("credits_daily", "page", "1970-01-01"));
    assert_eq!(told(&credits.replace("copilot_ai_credit", "copilot_premium_request")), None);
    for other in ["", "user_id,day", r#"{"usageEvents":[]}"#, r#"{"data":[],"has_more":false}"#, "\u{0}\u{1}"] {
        assert_eq!(told(other), None, "{other}");
    }
}
