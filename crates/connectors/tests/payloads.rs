//! Real payloads, which are no part of this repository: set `TACHO_PAYLOADS` to the folder that holds `github/` and
//! `vendors/`. Every payload that a stream can read is read, and figures computed by hand are compared.

#![allow(clippy::unwrap_used, reason = "a payload that cannot be read is a failed test")]

mod support;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use support::{Seen, read};
use tacho_connectors::{Call, Headers, find};
use tacho_domain::{Fact, Measure, Measures, Window};

/// Connector, file, stream, step.
const PAYLOADS: &[(&str, &str, &str, &str)] = &[
    ("github_copilot", "github/report_links_1_day.json", "users_daily", "envelope"),
    ("github_copilot", "github/report_links_28_day.json", "users_28_day", "envelope"),
    ("github_copilot", "github/docs_example_users_1_day.ndjson", "users_daily", "report"),
    ("github_copilot", "github/gogithub_users_1_day.ndjson", "users_daily", "report"),
    ("github_copilot", "github/gogithub_users_28_day.ndjson", "users_daily", "report"),
    ("github_copilot", "github/viewer_org_users_28_day_trimmed.ndjson", "users_daily", "report"),
    ("github_copilot", "github/docs_example_enterprise_28_day.ndjson", "totals_daily", "report"),
    ("github_copilot", "github/viewer_org_28_day_trimmed.json", "totals_daily", "report"),
    ("github_copilot", "github/gogithub_org_1_day.json", "totals_daily", "report"),
    ("github_copilot", "github/observed_org_1_day_idle.json", "totals_daily", "report"),
    ("github_copilot", "github/docs_example_user_teams_1_day.ndjson", "user_teams", "report"),
    ("github_copilot", "github/copilot_seats.json", "seats", "page"),
    ("github_copilot", "github/copilot_billing.json", "seat_summary", "page"),
    ("github_copilot", "github/ai_credit_usage_org.json", "credits_daily", "page"),
    ("github_copilot", "github/viewer_ai_credit_usage_trimmed.json", "credits_daily", "page"),
    ("github_copilot", "github/legacy_org_metrics.json", "legacy_metrics", "page"),
    ("claude_console", "vendors/anthropic_claude_code_usage_report.json", "usage_daily", "report"),
    ("claude_console", "vendors/anthropic_claude_code_usage_report_empty.json", "usage_daily", "report"),
    ("claude_console", "vendors/anthropic_claude_code_usage_report_ref.json", "usage_daily", "report"),
    ("cursor", "vendors/cursor_members.json", "members", "page"),
    ("cursor", "vendors/cursor_daily_usage_active.json", "daily_usage", "page"),
    ("cursor", "vendors/cursor_daily_usage_paged.json", "daily_usage", "page"),
    ("cursor", "vendors/cursor_spend.json", "spend", "page"),
    ("cursor", "vendors/cursor_usage_events.json", "usage_events", "page"),
    ("cursor", "vendors/cursor_usage_events_observed_display.json", "usage_events", "page"),
    ("cursor", "vendors/cursor_usage_events_service_account.json", "usage_events", "page"),
    ("cursor", "vendors/cursor_ai_code_commits.json", "commit_records", "page"),
];

/// Straight to the terminal: what the print macros say is shown of failed tests only.
fn say(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "the one place that says where the payloads are")]
fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("TACHO_PAYLOADS").map(PathBuf::from);
    if folder.is_none() {
        say("SKIPPED: set TACHO_PAYLOADS to read the vendors' real payloads");
    }
    folder
}

fn read_payload(folder: &Path, connector: &str, file: &str, stream: &str, step: &'static str) -> Seen {
    let connector = find(connector).unwrap();
    let spec = connector.profile().streams.iter().find(|spec| spec.id == stream).unwrap();
    let body = fs::read(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let call = Call::replay(spec.id, step, Window::day("2024-03-18".parse().unwrap()));
    let (result, seen) = read(connector, &call, 200, &Headers::default(), &body);
    if let Err(misread) = result {
        panic!("{file}: {misread}");
    }
    seen
}

#[test]
fn every_payload_reads() {
    let Some(folder) = folder() else { return };
    let mut facts = 0;
    for &(connector, file, stream, step) in PAYLOADS {
        let seen = read_payload(&folder, connector, file, stream, step);
        // The documentation's example puts two enterprises into one file; a real report is of one.
        let skipped = usize::from(file.ends_with("docs_example_enterprise_28_day.ndjson"));
        assert_eq!(seen.skipped.len(), skipped, "{file}: {:?}", seen.skipped);
        let leads_on = step == "envelope" || file.ends_with("_empty.json");
        assert_eq!(seen.facts.is_empty(), leads_on, "{file}");
        facts += seen.facts.len();
        say(&format!("{file}: {} facts, unknown fields {:?}", seen.facts.len(), seen.unknown));
    }
    say(&format!("{} payloads, {facts} facts, none misread", PAYLOADS.len()));
    assert_eq!(PAYLOADS.len(), 27);
}

#[test]
fn every_file_a_person_may_import_is_recognised() {
    let Some(folder) = folder() else { return };
    for &(connector, file, stream, step) in PAYLOADS.iter().filter(|(.., step)| *step != "envelope") {
        let head = fs::read(folder.join(file)).unwrap();
        let head = &head[..head.len().min(64 << 10)];
        if connector == "github_copilot" {
            let call = find(connector).unwrap().recognise(head).unwrap_or_else(|| panic!("{file}: not recognised"));
            assert_eq!((call.stream, call.step), (stream, step), "{file}");
            assert!(find(connector).unwrap().saved().iter().any(|spec| spec.id == stream), "{file}");
        }
        let others = tacho_connectors::CONNECTORS.iter().filter(|other| other.profile().id != connector);
        for other in others {
            assert_eq!(other.recognise(head), None, "{file} is not of {}", other.profile().id);
        }
    }
}

fn sum(seen: &Seen) -> Measures {
    seen.facts.iter().fold(Measures::default(), |mut sum, fact| {
        if let Fact::Usage(usage) = fact {
            sum.add(&usage.measures);
        }
        sum
    })
}

/// File, stream, then interactions, suggestions, acceptances, lines suggested, lines added: computed from the files by hand.
type ByHand = (&'static str, &'static str, [Option<i64>; 5]);

const BY_HAND: &[ByHand] = &[
    // Suggestions 249 + 496 + 112 + 132, acceptances 123 + 253 + 56 + 67, chats 45 + 10 + 38; interactions 93 + 499.
    ("github/legacy_org_metrics.json", "legacy_metrics", [Some(592), Some(989), Some(499), Some(1042), Some(538)]),
    // No prompt, one accepted completion.
    ("github/docs_example_users_1_day.ndjson", "users_daily", [Some(1), Some(1), Some(1), Some(10), Some(8)]),
    // 5 prompts of one user; no row says anything of features or lines.
    ("github/gogithub_users_1_day.ndjson", "users_daily", [Some(5), None, None, None, None]),
    ("github/gogithub_users_28_day.ndjson", "users_daily", [Some(3), None, None, None, None]),
    // Prompts 10 + 3 + 3, no completions; lines suggested 19 + 8, lines added 2359 + 1.
    ("github/viewer_org_users_28_day_trimmed.ndjson", "users_daily", [Some(16), Some(0), Some(0), Some(27), Some(2360)]),
];

#[test]
fn imported_files_give_the_figures_a_person_computes() {
    let Some(folder) = folder() else { return };
    for (file, stream, expected) in BY_HAND {
        let step = if *stream == "legacy_metrics" { "page" } else { "report" };
        let sum = sum(&read_payload(&folder, "github_copilot", file, stream, step));
        let measures =
            [Measure::Interactions, Measure::Suggestions, Measure::Acceptances, Measure::LinesSuggested, Measure::LinesAdded];
        assert_eq!(measures.map(|measure| sum[measure]), *expected, "{file}");
    }
}
