//! Real answers, which are no part of this repository: set `TACHO_PAYLOADS` to the folder that holds `github/` and `vendors/`.
//! Every one is read, and figures computed by hand are compared.

#![allow(clippy::unwrap_used, reason = "a payload that cannot be read is a failed test")]

mod answers;

use answers::{NOON, written};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use tacho_quota::{Source, read, status_line};

/// Source, file, and for each meter in order: id, used and limit as they print (`?` where the limit is not known).
const PAYLOADS: &[(Source, &str, &[&str])] = &[
    (Source::Copilot, "github/copilot_internal_user.individual_2026-09.json", &["premium_interactions 1.4 of 200"]),
    (Source::Copilot, "github/copilot_internal_user.overage_legacy_premium.json", &["premium_interactions 575 of 500"]),
    (Source::Copilot, "github/copilot_internal_user.free_2026.json", &["chat 20.8 of 200", "completions 0 of 2000"]),
    (Source::Copilot, "github/copilot_internal_user.free_legacy_2025.json", &["chat 90 of 500", "completions 250 of 4000"]),
    (Source::Copilot, "github/copilot_internal_user.free_tbb_2026.json", &["chat 18 of 200", "completions 11 of 2000"]),
    (Source::Copilot, "github/copilot_internal_user.student_tbb_2026.json", &["premium_interactions 50 of 200"]),
    (Source::Copilot, "github/copilot_internal_user.business_placeholder_2026.json", &[]),
    (Source::Copilot, "github/copilot_internal_user.business_unlimited_tbb_2026.json", &["premium_interactions 31 of ?"]),
    (Source::Copilot, "github/copilot_internal_user.business_user_budget_2026.json", &["premium_interactions 1802.3 of 3000"]),
    (Source::ClaudeStatusLine, "vendors/claude_statusline.json", &["five_hour 23.5 of 100", "seven_day 41.2 of 100"]),
    (
        Source::ClaudeUsage,
        "vendors/claude_oauth_usage.json",
        &["five_hour 11 of 100", "seven_day 9 of 100", "seven_day_fable 5 of 100"],
    ),
    (Source::ClaudeUsage, "vendors/claude_oauth_usage_extra.json", &["five_hour 1 of 100", "extra_usage 325 of 2050"]),
    (Source::CodexLogs, "vendors/codex_session_alpha.jsonl", &[]),
    (Source::CodexLogs, "vendors/codex_session_edge_synthetic.jsonl", &["five_hour 22 of 100", "seven_day 43 of 100"]),
    (
        Source::CodexUsage,
        "vendors/codex_wham_usage.json",
        &[
            "five_hour 22 of 100",
            "seven_day 43 of 100",
            "five_hour_gpt_5_3_codex_spark 30 of 100",
            "seven_day_gpt_5_3_codex_spark 100 of 100",
        ],
    ),
    (Source::Cursor, "vendors/cursor_usage_summary.json", &["plan 1500 of 5000", "on_demand 500 of 10000"]),
    (Source::Cursor, "vendors/cursor_usage_summary_enterprise.json", &["plan 6.25 of 100", "on_demand 0 of 25000"]),
    (Source::Cursor, "vendors/cursor_legacy_usage.json", &["requests 37 of 750"]),
    (Source::Opencode, "vendors/opencode_go_usage.json", &["rolling 12 of 100", "weekly 30 of 100", "monthly 41 of 100"]),
];

#[expect(clippy::disallowed_methods, reason = "the one place that says where the payloads are")]
fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("TACHO_PAYLOADS").map(PathBuf::from);
    if folder.is_none() {
        // Straight to the terminal: what the print macros say is shown of failed tests only.
        std::io::stderr().write_all(b"SKIPPED: set TACHO_PAYLOADS to read the vendors' real answers\n").unwrap();
    }
    folder
}

#[test]
fn every_real_answer_reads_and_says_what_was_computed_by_hand() {
    let Some(folder) = folder() else { return };
    for (source, file, expected) in PAYLOADS {
        let body = fs::read(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let usage = read(*source, &body, NOON).unwrap_or_else(|error| panic!("{file}: {error}"));
        let figures = usage.meters.iter().map(|meter| {
            let limit = match meter.limit() {
                tacho_quota::Limit::Of(limit) => limit.to_string(),
                tacho_quota::Limit::Unlimited => "unlimited".to_owned(),
                tacho_quota::Limit::Unknown => "?".to_owned(),
            };
            format!("{} {} of {limit}", meter.id, meter.used())
        });
        assert_eq!(figures.collect::<Vec<_>>(), *expected, "{file}:\n{}", written(&Ok(usage.clone())));
        assert!(!usage.meters.is_empty() || !usage.remarks.is_empty(), "{file}: nothing to show and no word why");
    }
}

#[test]
fn no_real_copilot_answer_is_left_out() {
    let Some(folder) = folder() else { return };
    let names = fs::read_dir(folder.join("github")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for name in names.filter(|name| name.starts_with("copilot_internal_user.")) {
        assert!(PAYLOADS.iter().any(|(_, file, _)| *file == format!("github/{name}")), "{name} is read by no test");
    }
}

#[test]
fn the_real_status_line_has_model_context_and_cost() {
    let Some(folder) = folder() else { return };
    let line = status_line(&fs::read(folder.join("vendors/claude_statusline.json")).unwrap());
    let shown = [line.context_percent, line.session_cost].map(|value| value.unwrap().to_string());
    assert_eq!((line.model.as_deref(), shown), (Some("Opus"), ["8".to_owned(), "1.2".to_owned()]));
}
