//! Every quirk of the Claude Code report and of the list of people.

use super::*;
use crate::Answer;
use crate::json::tests::{Taken, read, window};
use tacho_domain::{Dimension, Fact, IdentityKind, Measure, Slice};

const DAY: &str = "2026-03-02";

fn usage_call() -> Call {
    let slice = Slice { stream: USAGE, window: window(DAY, DAY) };
    ClaudeConsole.calls(&profile::PROFILE.streams[1], &slice, &Settings::default()).remove(0)
}

fn report(rows: &str) -> String {
    format!(r#"{{"data":[{rows}],"has_more":false,"next_page":null}}"#)
}

fn row(date: &str, actor: &str, rest: &str) -> String {
    format!(r#"{{"date":"{date}","actor":{actor},"organization_id":"o-1"{rest}}}"#)
}

fn taken(rows: &str) -> Taken {
    read(&ClaudeConsole, &usage_call(), &report(rows)).unwrap().1
}

const ADA: &str = r#"{"type":"user_actor","email_address":"Ada@Example.COM"}"#;

#[test]
fn the_report_is_asked_for_one_utc_day_with_whole_pages() {
    let slice = Slice { stream: USAGE, window: window("2026-03-01", "2026-03-02") };
    let calls = ClaudeConsole.calls(&profile::PROFILE.streams[1], &slice, &Settings::default());
    let urls: Vec<&str> = calls.iter().map(|call| call.url.as_str()).collect();
    let address = "https://api.anthropic.com/v1/organizations/usage_report/claude_code?limit=1000&starting_at=";
    assert_eq!(urls, [format!("{address}2026-03-01"), format!("{address}2026-03-02")]);
    assert!(calls.iter().all(|call| call.window.len() == 1));
    assert_eq!(calls[0].headers, [("anthropic-version", "2023-06-01".to_owned())]);
    assert_eq!(calls[0].auth, Auth::Header("x-api-key"));
}

#[test]
fn the_doctor_tries_both_endpoints() {
    let probes = ClaudeConsole.probe(&Settings::default(), "2026-03-03".parse().unwrap());
    let paths: Vec<&str> = probes.iter().map(|call| call.url.path()).collect();
    assert_eq!(paths, ["/v1/organizations/usage_report/claude_code", "/v1/organizations/users"]);
    assert!(probes[0].url.query().unwrap().contains("starting_at=2026-03-02"), "yesterday is whole");
}

#[test]
fn all_models_and_all_tools_are_added_up() {
    let rest = r#","customer_type":"api","terminal_type":"vscode",
        "core_metrics":{"num_sessions":3,"lines_of_code":{"added":40,"removed":7},"commits_by_claude_code":2,
          "pull_requests_by_claude_code":1},
        "tool_actions":{"edit_tool":{"accepted":5,"rejected":1},"brand_new_tool":{"accepted":2,"rejected":3}},
        "model_breakdown":[
          {"model":"opus","tokens":{"input":10,"output":20,"cache_read":30,"cache_creation":40},
           "estimated_cost":{"currency":"USD","amount":1.00005}},
          {"model":"haiku","tokens":{"input":1,"output":2,"cache_read":3,"cache_creation":4},
           "estimated_cost":{"currency":"USD","amount":0.00005}}]"#;
    let taken = taken(&row(DAY, ADA, rest));
    let usage = taken.usage();
    assert_eq!(usage.len(), 1);
    assert_eq!(usage[0].identity.key, "ada@example.com");
    assert_eq!((usage[0].active, usage[0].agent), (Some(true), Some(true)));
    let said: Vec<(&str, i64)> = usage[0].measures.said().map(|(measure, value)| (measure.name(), value)).collect();
    assert_eq!(
        said,
        [
            ("interactions", 3),
            ("sessions", 3),
            ("edits_accepted", 7),
            ("edits_rejected", 4),
            ("lines_added", 40),
            ("lines_removed", 7),
            ("commits", 2),
            ("pull_requests", 1),
            ("tokens_input", 11),
            ("tokens_output", 22),
            ("tokens_cache_read", 33),
            ("tokens_cache_write", 44),
            // 10000.5 and 0.5 micro-dollars, each rounded before they are added.
            ("cost_micros", 10_002),
            ("billed_micros", 10_002),
        ]
    );
    let haiku = taken.split("haiku").unwrap();
    assert_eq!((haiku.dimension, haiku.measures[Measure::Cost]), (Dimension::Model, Some(1)));
    assert_eq!(taken.split("brand_new_tool").unwrap().measures[Measure::EditsRejected], Some(3));
    assert_eq!(taken.split("brand_new_tool").unwrap().dimension, Dimension::Feature);
    let editor = taken.split("vscode").unwrap();
    assert_eq!((editor.dimension, editor.measures[Measure::Sessions]), (Dimension::Editor, Some(3)));
    assert!(taken.unknown.is_empty() && taken.skipped.is_empty(), "{taken:?}");
}

#[test]
fn both_forms_of_a_date_are_one_day() {
    let rows = [row(DAY, ADA, ""), row("2026-03-02T00:00:00Z", ADA, "")].join(",");
    let days: Vec<String> = taken(&rows).usage().iter().map(|usage| usage.day.to_string()).collect();
    assert_eq!(days, [DAY, DAY]);
}

#[test]
fn rows_of_one_person_add_up_across_terminals() {
    let one = row(DAY, ADA, r#","terminal_type":"tmux","core_metrics":{"num_sessions":2}"#);
    let two = row(DAY, ADA, r#","terminal_type":" ","core_metrics":{"num_sessions":3}"#);
    let taken = taken(&[one, two].join(","));
    assert_eq!(taken.sum(IdentityKind::Email, "ada@example.com")[Measure::Sessions], Some(5));
    assert_eq!(taken.split("unknown").unwrap().measures[Measure::Sessions], Some(3), "an empty terminal has a name");
}

#[test]
fn subscription_rows_cost_but_are_not_billed() {
    let cost = r#""model_breakdown":[{"model":"m","estimated_cost":{"currency":"USD","amount":5}}]"#;
    let taken = taken(&row(DAY, ADA, &format!(r#","customer_type":"subscription","subscription_type":"team",{cost}"#)));
    assert_eq!(taken.usage()[0].measures[Measure::Cost], Some(50_000));
    assert_eq!(taken.usage()[0].measures[Measure::Billed], None);
    assert!(taken.unknown.is_empty());
}

#[test]
fn another_currency_is_no_dollars() {
    let rest = r#","model_breakdown":[{"model":"m","estimated_cost":{"currency":"EUR","amount":5}}]"#;
    let taken = taken(&row(DAY, ADA, rest));
    assert_eq!(taken.usage()[0].measures[Measure::Cost], None);
    assert_eq!(taken.unknown, ["data.model_breakdown.estimated_cost.currency"]);
}

#[test]
fn a_row_alone_is_not_activity_and_missing_counters_stay_unsaid() {
    let core = |core: &str| row(DAY, ADA, &format!(r#","core_metrics":{core}"#));
    let silent = row(DAY, ADA, r#","tool_actions":{},"model_breakdown":[]"#);
    let zero = core(r#"{"num_sessions":0,"lines_of_code":{"added":0,"removed":0},"commits_by_claude_code":0}"#);
    let headless = core(r#"{"num_sessions":0,"lines_of_code":{"added":9,"removed":0}}"#);
    let removed = core(r#"{"lines_of_code":{"removed":1}}"#);
    let taken = taken(&[silent, zero, headless, removed].join(","));
    let active: Vec<Option<bool>> = taken.usage().iter().map(|usage| usage.active).collect();
    assert_eq!(active, [None, Some(false), Some(true), Some(true)]);
    assert!(taken.usage()[0].measures.is_silent());
    assert_eq!(taken.usage()[1].measures[Measure::Sessions], Some(0), "none is not the same as no data");
}

#[test]
fn keys_and_actors_of_a_new_kind_keep_their_usage() {
    let actors = [
        r#"{"type":"api_actor","api_key_name":" ci-key "}"#,
        r#"{"type":"agent_actor","agent_id":"a1"}"#,
        r#"{"type":"user_actor","email_address":" "}"#,
    ];
    let rows: Vec<String> = actors.iter().map(|actor| row(DAY, actor, r#","core_metrics":{"num_sessions":1}"#)).collect();
    let taken = taken(&rows.join(","));
    assert_eq!(taken.sum(IdentityKind::ApiKey, "ci-key")[Measure::Sessions], Some(1));
    assert_eq!(taken.sum(IdentityKind::ServiceAccount, "actor:agent_actor")[Measure::Sessions], Some(1));
    assert_eq!(taken.usage()[1].identity.label, "unknown actor");
    assert_eq!(taken.unknown, ["data.actor.agent_id", "data.actor.type=agent_actor", "data.actor.type=user_actor"]);
}

#[test]
fn an_empty_report_is_no_data_but_an_empty_last_page_is_an_end() {
    let (first, _) = read(&ClaudeConsole, &usage_call(), &report("")).unwrap();
    assert_eq!(first, Read::nothing());
    let more = r#"{"data":[],"has_more":true,"next_page":"page_b"}"#;
    let (led_on, _) = read(&ClaudeConsole, &usage_call(), more).unwrap();
    let (last, _) = read(&ClaudeConsole, &led_on.next[0], &report("")).unwrap();
    assert_eq!(last, Read::done());
}

#[test]
fn pages_follow_the_cursor_until_it_ends() {
    let page = |cursor: &str| format!(r#"{{"data":[{}],"has_more":true,"next_page":"{cursor}"}}"#, row(DAY, ADA, ""));
    let (read_first, _) = read(&ClaudeConsole, &usage_call(), &page("page_b=")).unwrap();
    let second = &read_first.next[0];
    let query = "limit=1000&starting_at=2026-03-02&page=page_b%3D";
    assert_eq!((second.url.query(), second.headers.len(), second.window), (Some(query), 1, window(DAY, DAY)));
    let (read_second, _) = read(&ClaudeConsole, second, &page("page_c")).unwrap();
    assert_eq!(read_second.next[0].url.query(), Some("limit=1000&starting_at=2026-03-02&page=page_c"));
    let stuck = read(&ClaudeConsole, second, &page("page_b=")).unwrap_err();
    assert_eq!(stuck.path, "page");
    assert!(read(&ClaudeConsole, &usage_call(), r#"{"data":[],"has_more":true,"next_page":null}"#).is_err());
}

#[test]
fn a_replay_leads_nowhere_and_takes_every_day() {
    let text = format!(r#"{{"data":[{}],"has_more":true,"next_page":"page_b"}}"#, row("2026-01-05", ADA, ""));
    let call = ClaudeConsole.recognise(report(&row(DAY, ADA, r#","customer_type":"api","core_metrics":{}"#)).as_bytes()).unwrap();
    assert_eq!((call.stream, call.window), (USAGE, window(DAY, DAY)));
    let (replayed, taken) = read(&ClaudeConsole, &call, &text).unwrap();
    assert_eq!((replayed, taken.usage().len()), (Read::done(), 1));
    let (_, live) = read(&ClaudeConsole, &usage_call(), &text).unwrap();
    assert_eq!((live.facts.len(), live.skipped.len()), (0, 1), "a live answer only speaks of its day");
}

#[test]
fn a_date_of_another_form_and_a_cut_body_are_misread() {
    let wrong = read(&ClaudeConsole, &usage_call(), &report(&row("2 March", ADA, ""))).unwrap_err();
    assert_eq!(wrong.path, "data.date");
    assert!(!wrong.to_string().contains("March"), "content is not repeated");
    let cut = read(&ClaudeConsole, &usage_call(), r#"{"data":[{"date":"2026"#).unwrap_err();
    assert_eq!(cut.found, "end of input");
}

#[test]
fn people_are_read_page_by_page() {
    let slice = Slice { stream: USERS, window: window(DAY, DAY) };
    let call = ClaudeConsole.calls(&profile::PROFILE.streams[0], &slice, &Settings::default()).remove(0);
    assert_eq!(call.url.as_str(), "https://api.anthropic.com/v1/organizations/users?limit=1000");
    let text = r#"{"data":[
        {"id":"user_1","type":"user","email":"Ada@Example.com ","name":"Ada","role":"admin","added_at":"2025-01-01T00:00:00Z"},
        {"id":"user_2","type":"user","email":null,"name":"Bo","role":"user","added_at":"2025-01-01T00:00:00Z"}],
        "has_more":true,"first_id":"user_1","last_id":"user_2"}"#;
    let (answer, taken) = read(&ClaudeConsole, &call, text).unwrap();
    assert_eq!(answer.answer, Answer::Given);
    assert_eq!(answer.next[0].url.query(), Some("limit=1000&after_id=user_2"));
    let Fact::Person(ada) = &taken.facts[0] else { panic!("a person was expected") };
    assert_eq!((ada.email.as_deref(), ada.name.as_deref(), ada.removed), (Some("ada@example.com"), Some("Ada"), false));
    assert_eq!((taken.facts.len(), taken.skipped.len(), taken.unknown.len()), (1, 1, 0));
    let recognised = ClaudeConsole.recognise(text.as_bytes()).unwrap();
    assert_eq!(recognised.stream, USERS);
}

#[test]
fn other_files_are_not_taken_for_ours() {
    for text in [r#"{"data":[],"has_more":false,"next_page":null}"#, r#"{"data":[{"day":"2026-03-02"}]}"#, "", "\u{fffd}{{"] {
        assert_eq!(ClaudeConsole.recognise(text.as_bytes()), None, "{text}");
    }
}
