//! What each source's answers come to: every fixture as it is read, and the rules that no fixture shows.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read is a failed test")]

mod answers;

use answers::{NOON, fixtures_of, written};
use serde_json::{Value, json};
use std::fmt::Write as _;
use tacho_connectors::FailureKind;
use tacho_domain::Instant;
use tacho_quota::{ApiError, Limit, Meter, Milli, Source, StatusLine, Unit, UsageData, read, status_line};

fn read_json(source: Source, answer: &Value) -> Result<UsageData, ApiError> {
    read(source, answer.to_string().as_bytes(), NOON)
}

fn copilot(premium: &Value) -> UsageData {
    read_json(Source::Copilot, &json!({"copilot_plan": "individual", "quota_snapshots": {"premium_interactions": premium}}))
        .unwrap()
}

fn only(usage: &UsageData) -> &Meter {
    assert_eq!(usage.meters.len(), 1, "{usage:?}");
    &usage.meters[0]
}

fn refusal(source: Source, body: &[u8]) -> String {
    let error = read(source, body, NOON).unwrap_err();
    assert_eq!((error.kind, error.retryable, error.status), (FailureKind::Validation, false, None));
    error.message
}

#[test]
fn every_fixture_says_what_a_person_reads_in_it() {
    for source in Source::ALL {
        let fixtures = fixtures_of(source);
        assert!(!fixtures.is_empty(), "{source}: no fixture");
        let mut text = String::new();
        for fixture in fixtures {
            write!(text, "{}\n{}", fixture.name, written(&read(source, &fixture.body, NOON))).unwrap();
        }
        insta::assert_snapshot!(source.as_str(), text);
    }
}

#[test]
fn an_exact_remainder_goes_before_the_credits_and_those_before_the_rounded_one() {
    let all = json!({"entitlement": 200, "quota_remaining": 198.6, "credits_used": 1, "remaining": 198, "percent_remaining": 99});
    assert_eq!(only(&copilot(&all)).used(), Milli(1_400));
    let rounded = json!({"entitlement": 200, "credits_used": 1.5, "remaining": 198});
    assert_eq!(only(&copilot(&rounded)).used(), Milli(1_500));
    let share = json!({"entitlement": 200, "percent_remaining": 39.9});
    assert_eq!(only(&copilot(&share)).used(), Milli(120_200));
}

#[test]
fn a_share_without_counts_is_shown_as_a_share() {
    let usage = copilot(&json!({"percent_remaining": -15}));
    let meter = only(&usage);
    assert_eq!((meter.unit, meter.used(), meter.limit()), (Unit::Percent, Milli::whole(115), Limit::Of(Milli::whole(100))));
}

#[test]
fn more_left_than_included_is_nothing_used() {
    let usage = copilot(&json!({"entitlement": 300, "remaining": 350}));
    assert_eq!(only(&usage).used(), Milli(0));
}

#[test]
fn use_where_nothing_is_included_has_no_known_limit() {
    let usage = copilot(&json!({"entitlement": 0, "remaining": -12, "overage_count": 12, "overage_permitted": true}));
    let meter = only(&usage);
    assert_eq!((meter.used(), meter.limit()), (Milli::whole(12), Limit::Unknown));
}

#[test]
fn without_premium_requests_the_fuller_meter_comes_first() {
    let quota = |remaining| json!({"entitlement": 100, "remaining": remaining});
    let user = |chat, completions| {
        let snapshots = json!({"chat": quota(chat), "completions": quota(completions)});
        read_json(Source::Copilot, &json!({"quota_snapshots": snapshots})).unwrap().meters.remove(0).id
    };
    assert_eq!((user(80, 20), user(20, 80)), ("completions".to_owned(), "chat".to_owned()));
}

#[test]
fn quotas_of_tomorrow_are_no_error_and_are_told() {
    let usage = read_json(Source::Copilot, &json!({"quota_snapshots": {"moon_credits": {"entitlement": "many"}}})).unwrap();
    assert_eq!(usage.remarks, ["GitHub told of quotas that this version does not know."]);
    let usage = read_json(Source::Copilot, &json!({"login": "hubot", "copilot_plan": "none"})).unwrap();
    assert_eq!(usage.remarks, ["GitHub told of no quota for this account."]);
}

#[test]
fn the_older_pair_counts_only_where_both_halves_are_there() {
    let half = json!({"monthly_quotas": {"chat": 50, "completions": 0}, "limited_user_quotas": {"completions": 0}});
    assert!(read_json(Source::Copilot, &half).unwrap().meters.is_empty());
}

#[test]
fn an_answer_of_somebody_else_is_no_account_without_quotas() {
    for source in Source::ALL.into_iter().filter(|source| *source != Source::CodexLogs) {
        let message = refusal(source, br#"{"message": "please sign in to the hotel's network"}"#);
        assert!(message.contains("at `$` expected an object with at least one field"), "{message}");
    }
}

#[test]
fn what_is_wrong_is_told_by_place_and_kind() {
    let wrong = [
        (Source::Copilot, "<html>"),
        (Source::Copilot, ""),
        (Source::Copilot, "[]"),
        (Source::Copilot, r#"{"login": "hubot""#),
        (Source::Copilot, r#"{"quota_snapshots": {"chat": {"entitlement": ["hush"]}}}"#),
        (Source::Copilot, r#"{"quota_snapshots": {"chat": {"entitlement": -5, "remaining": 0}}}"#),
        (Source::Copilot, r#"{"quota_snapshots": {"chat": {"entitlement": 1e300}}}"#),
        (Source::Copilot, r#"{"quota_reset_date": "hush", "quota_snapshots": {}}"#),
        (Source::ClaudeStatusLine, r#"{"rate_limits": {"five_hour": {"used_percentage": true}}}"#),
        (Source::ClaudeUsage, r#"{"limits": [null, {"percent": "hush"}]}"#),
        (Source::CodexLogs, r#"{"payload": {"type": "token_count", "rate_limits": {"primary": 5}}}"#),
        (Source::CodexUsage, r#"{"rate_limit": {"primary_window": {"used_percent": {}}}}"#),
        (Source::Cursor, r#"{"individualUsage": {"plan": {"enabled": "hush"}}}"#),
        (Source::Opencode, r#"{"usage": {"weekly": {"percent": 1, "resetsAt": false}}}"#),
        (Source::Server, r#"{"month": {"spent_micros": "hush"}}"#),
    ];
    let messages: Vec<String> = wrong.iter().map(|(source, body)| refusal(*source, body.as_bytes())).collect();
    assert!(messages.iter().all(|message| !message.contains("hush")), "a message repeats the content");
    insta::assert_snapshot!("refusals", messages.join("\n"));
}

#[test]
fn a_codex_line_that_cannot_be_read_leaves_the_one_before() {
    let good =
        r#"{"timestamp":"2026-11-21T09:00:00Z","payload":{"type":"token_count","rate_limits":{"primary":{"used_percent":7}}}}"#;
    let bad = good.replace('7', "\"seven\"");
    let usage = read(Source::CodexLogs, format!("{good}\n{bad}\n").as_bytes(), NOON).unwrap();
    assert_eq!((only(&usage).used(), only(&usage).id.as_str()), (Milli::whole(7), "primary"));
    let nothing = read(Source::CodexLogs, b"", NOON).unwrap();
    assert!(nothing.meters.is_empty());
}

#[test]
fn two_limits_of_one_name_are_one() {
    let window = |used| json!({"used_percent": used, "limit_window_seconds": 604_800});
    let answer = json!({"rate_limit": {"primary_window": window(5), "secondary_window": window(9)}});
    assert_eq!(only(&read_json(Source::CodexUsage, &answer).unwrap()).used(), Milli::whole(5));
}

#[test]
fn where_nothing_is_told_a_remark_says_so() {
    let empty = [
        (Source::ClaudeUsage, json!({"five_hour": null})),
        (Source::Opencode, json!({"usage": null})),
        (Source::Server, json!({"month": null})),
    ];
    let remarks = empty.map(|(source, answer)| read_json(source, &answer).unwrap().remarks.join(""));
    assert_eq!(
        remarks,
        ["Anthropic's answer about Claude", "OpenCode's answer", "The Tacho server's answer"]
            .map(|who| format!("{who} holds nothing to measure."))
    );
}

#[test]
fn a_codex_line_of_another_limit_does_not_pass_for_the_main_one() {
    let line = |id: &str, used| {
        let limits = json!({"limit_id": id, "primary": {"used_percent": used, "window_minutes": 300}});
        json!({"payload": {"type": "token_count", "rate_limits": limits}}).to_string()
    };
    let usage = read(Source::CodexLogs, [line("codex", 8), line("premium", 90)].join("\n").as_bytes(), NOON).unwrap();
    assert_eq!((only(&usage).used(), only(&usage).id.as_str()), (Milli::whole(8), "five_hour"));
    let usage = read(Source::CodexLogs, [line("premium", 90), line("premium", 91)].join("\n").as_bytes(), NOON).unwrap();
    assert_eq!((only(&usage).used(), only(&usage).label.as_str()), (Milli::whole(91), "premium, 5 hours"));
}

#[test]
fn no_answer_is_newer_than_its_reading() {
    let line =
        r#"{"timestamp":"2027-01-01T00:00:00Z","payload":{"type":"token_count","rate_limits":{"primary":{"used_percent":7}}}}"#;
    assert_eq!(read(Source::CodexLogs, line.as_bytes(), NOON).unwrap().as_of, NOON);
}

#[test]
fn extra_usage_in_another_currency_is_not_passed_off_as_dollars() {
    let extra = json!({"is_enabled": true, "used_credits": 100, "monthly_limit": 200, "currency": "EUR"});
    let usage = read_json(Source::ClaudeUsage, &json!({"extra_usage": extra})).unwrap();
    assert!(usage.meters.is_empty() && usage.remarks.len() == 1, "{usage:?}");
}

#[test]
fn a_month_of_cursor_ends_on_the_last_day_of_a_shorter_month() {
    let answer = json!({"gpt-4": {"numRequests": 1, "maxRequestUsage": null}, "startOfMonth": "2026-01-31T00:00:00Z"});
    let usage = read_json(Source::Cursor, &answer).unwrap();
    // 2026-02-28.
    assert_eq!(only(&usage).resets_at, Some(Instant(1_772_236_800_000_000)));
    assert_eq!(only(&usage).limit(), Limit::Unknown);
}

#[test]
fn the_servers_micro_dollars_are_cents_to_the_thousandth() {
    let month = json!({"from": "2026-11-01", "to": "2026-11-30", "spent_micros": 1_234_567_890, "budget_micros": 2_000_000_000,
        "forecast_micros": 1_900_005_000, "unknown_models": 0});
    let usage =
        read_json(Source::Server, &json!({"month": month, "by_tool": [], "me": null, "as_of": "2026-11-21T10:00:00Z"})).unwrap();
    let meter = only(&usage);
    assert_eq!((meter.used(), meter.limit()), (Milli(123_456_789), Limit::Of(Milli::whole(200_000))));
    assert_eq!(meter.resets_at, Some(Instant(1_796_083_200_000_000)));
    assert_eq!(usage.remarks[0], "Forecast for the month: $1900.00.");
    assert_eq!((usage.as_of, usage.remarks[1].as_str()), (NOON, "The server last read the vendors on 2026-11-21 at 10:00 UTC."));
    let credit_note = json!({"month": {"spent_micros": -5_000_000, "budget_micros": 0}});
    let usage = read_json(Source::Server, &credit_note).unwrap();
    assert_eq!((only(&usage).used(), only(&usage).limit()), (Milli(0), Limit::Unknown));
}

#[test]
fn a_status_line_takes_what_it_can() {
    let full = fixtures_of(Source::ClaudeStatusLine).into_iter().find(|fixture| fixture.name == "subscriber").unwrap();
    let line = status_line(&full.body);
    let expected = StatusLine {
        model: Some("Opus".to_owned()),
        context_percent: Some(Milli::whole(34)),
        session_cost: Some(Milli(183_800)),
    };
    assert_eq!(line, expected);
    let odd = json!({"model": {"id": "claude-opus-5"}, "context_window": [], "cost": {"total_cost_usd": "a lot"}});
    let line = status_line(odd.to_string().as_bytes());
    assert_eq!(line, StatusLine { model: Some("claude-opus-5".to_owned()), ..StatusLine::default() });
    for garbage in ["", "null", "[1]", "{", "\u{0}", "{\"model\":"] {
        assert_eq!(status_line(garbage.as_bytes()), StatusLine::default(), "{garbage}");
    }
}
