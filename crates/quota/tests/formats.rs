//! Every shape of every source in every format, word for word, and what holds of all of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tacho_connectors::FailureKind;
use tacho_domain::Instant;
use tacho_quota::{
    About, Choice, Display, Entry, Format, Limit, Look, Meter, Milli, Note, Source, State, StatusLine, Tool, Unit, UsageData,
    View, paint, paint_status_line, read,
};

/// 2026-11-21T12:00:00Z.
const NOW: Instant = Instant(1_795_262_400_000_000);
const MINUTE: i64 = 60_000_000;
/// How every ANSI sequence begins.
const ESCAPE: char = '\u{1b}';

fn look() -> Look {
    let about = About {
        version: "0.1.0".to_owned(),
        state_file: Some("/home/ada/.local/state/tacho/status.json".to_owned()),
        interval_seconds: 60,
        copilot_host: None,
        server: Some("https://tacho.example.com/".to_owned()),
        notes: Vec::new(),
    };
    Look { about, ..Look::default() }
}

fn entry(source: Source, usage: Option<UsageData>) -> Entry {
    let asked_at = usage.as_ref().map(|usage| usage.as_of);
    Entry { usage, asked_at, ..Entry::new(source, "0011223344556677") }
}

fn state(entries: Vec<Entry>) -> State {
    let current = entries.iter().map(|entry| (entry.source, entry.account.clone())).collect();
    State { entries, current }
}

fn choice(tools: &[Tool], display: Display) -> Choice {
    Choice { tools: tools.to_vec(), sources: Source::ALL.to_vec(), display, ..Choice::default() }
}

/// The view in all formats, each under its name; the two-part ones as they are.
fn all(view: &View, look: &Look) -> String {
    Format::ALL.map(|format| format!("-- {}\n{}", format.as_str(), paint(view, format, look))).concat()
}

fn fixtures() -> Vec<(Source, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut found = Vec::new();
    for source in Source::ALL {
        let Ok(folder) = std::fs::read_dir(root.join(source.as_str())) else { continue };
        found.extend(folder.map(|file| (source, file.unwrap().path())));
    }
    found.retain(|(_, path)| path.is_file());
    found.sort();
    found
}

#[test]
fn every_shape_in_every_format() {
    let fixtures = fixtures();
    for source in Source::ALL {
        assert!(fixtures.iter().any(|(of, _)| *of == source), "no fixture of {source}");
    }
    for (source, path) in fixtures {
        let usage = read(source, &std::fs::read(&path).unwrap(), NOW);
        let known = state(vec![entry(source, Some(usage.unwrap()))]);
        let tool = source.tool();
        let short = [Display::Percent, Display::Left].map(|display| {
            let view = View::of(&known, &choice(&[tool], display), NOW);
            format!("-- line, {}\n{}", display.as_str(), paint(&view, Format::Line, &look()))
        });
        let view = View::of(&known, &choice(&[tool], Display::Used), NOW);
        let name = format!("{source}__{}", path.file_stem().unwrap().to_string_lossy());
        insta::assert_snapshot!(name, format!("{}{}", all(&view, &look()), short.concat()));
    }
}

fn meter(id: &str, label: &str, unit: Unit, used: i64, limit: Limit) -> Meter {
    let mut meter = Meter::new(id, label, unit, Milli::whole(used), limit).unwrap();
    meter.resets_at = Some(Instant(NOW.0 + 10 * 24 * 60 * MINUTE));
    meter
}

fn of(number: i64) -> Limit {
    Limit::Of(Milli::whole(number))
}

fn copilot(used: i64, minutes_old: i64) -> Entry {
    let usage = UsageData {
        account: Some("octocat".to_owned()),
        plan: Some("individual_pro".to_owned()),
        meters: vec![meter("premium_interactions", "premium requests", Unit::Requests, used, of(100))],
        remarks: Vec::new(),
        as_of: Instant(NOW.0 - minutes_old * MINUTE),
    };
    entry(Source::Copilot, Some(usage))
}

fn failed(mut entry: Entry, kind: FailureKind, message: &str) -> Entry {
    entry.error = Some(Note { kind, status: None, message: message.to_owned(), at: NOW });
    entry
}

/// Every state a tool can be in.
fn states() -> BTreeMap<&'static str, State> {
    let nobody = state(vec![failed(entry(Source::Copilot, None), FailureKind::Auth, "nobody is signed in to GitHub")]);
    let ended = {
        let mut over = copilot(95, 30);
        over.usage.as_mut().unwrap().meters[0].resets_at = Some(Instant(NOW.0 - MINUTE));
        state(vec![over])
    };
    BTreeMap::from([
        ("fresh", state(vec![copilot(50, 0)])),
        ("warn", state(vec![copilot(75, 0)])),
        ("critical", state(vec![copilot(90, 0)])),
        ("over", state(vec![copilot(110, 0)])),
        ("stale", state(vec![copilot(50, 90)])),
        ("very stale", state(vec![copilot(95, 3_000)])),
        ("offline", state(vec![failed(copilot(50, 90), FailureKind::Network, "GitHub cannot be reached")])),
        ("rate limited", state(vec![failed(copilot(50, 1), FailureKind::RateLimit, "GitHub asks to wait until 12:05")])),
        ("token refused", state(vec![failed(copilot(50, 1), FailureKind::Auth, "GitHub refuses the token (401)")])),
        ("no access", state(vec![failed(entry(Source::Copilot, None), FailureKind::Forbidden, "GitHub says no (403)")])),
        ("error", state(vec![failed(copilot(50, 1), FailureKind::Server, "GitHub failed (502)")])),
        ("signed out", nobody),
        ("nothing", State::default()),
        ("period ended", ended),
    ])
}

#[test]
fn every_state_in_every_format() {
    for (name, state) in states() {
        let view = View::of(&state, &choice(&[Tool::Copilot], Display::Used), NOW);
        let coloured = Look { colour: true, ..look() };
        insta::assert_snapshot!(format!("state__{}", name.replace(' ', "_")), all(&view, &coloured));
    }
}

fn crowd() -> State {
    let windows = |five: i64, seven: i64| {
        vec![
            meter("five_hour", "5 hours", Unit::Percent, five, of(100)),
            meter("seven_day", "7 days", Unit::Percent, seven, of(100)),
        ]
    };
    let told = |meters| UsageData { account: None, plan: None, meters, remarks: Vec::new(), as_of: NOW };
    let cents = vec![meter("month", "month's cost", Unit::Cents, 123_456, of(200_000))];
    state(vec![
        copilot(50, 0),
        entry(Source::ClaudeStatusLine, Some(told(windows(62, 31)))),
        entry(Source::CodexLogs, Some(told(windows(12, 91)))),
        entry(Source::Cursor, Some(told(vec![meter("plan", "plan", Unit::Requests, 31, Limit::Unknown)]))),
        entry(Source::Opencode, Some(told(vec![meter("chat", "chat", Unit::Requests, 31, Limit::Unlimited)]))),
        entry(Source::Server, Some(told(cents))),
    ])
}

#[test]
fn several_tools_in_every_format() {
    let view = View::of(&crowd(), &choice(&[], Display::Used), NOW);
    insta::assert_snapshot!("several_tools", all(&view, &look()));
    insta::assert_snapshot!("several_tools_ascii", all(&view, &Look { ascii: true, ..look() }));
}

#[test]
fn a_narrow_bar_loses_tools_and_never_half_a_number() {
    let view = View::of(&crowd(), &choice(&[], Display::Used), NOW);
    let at = |columns| paint(&view, Format::Line, &Look { columns: Some(columns), ..look() });
    let shown: Vec<String> = [1, 14, 26, 27, 200].map(|columns| format!("{columns:>3} {}", at(columns))).to_vec();
    insta::assert_snapshot!(shown.concat(), @"
      1 Copilot 50/100
     14 Copilot 50/100
     26 Copilot 50/100
     27 Copilot 50/100 · Claude 62%
    200 Copilot 50/100 · Claude 62% · Codex 12% · 7 days 91% · Cursor 31 used · OpenCode ∞ · Team $1234.56/$2000.00
    ");
}

#[test]
fn the_session_of_claude_code_stands_around_its_limits() {
    let view = View::of(&crowd(), &choice(&[Tool::Claude], Display::Used), NOW);
    let session = StatusLine {
        model: Some("Opus".to_owned()),
        context_percent: Some(Milli(42_900)),
        session_cost: Some(Milli::whole(153)),
    };
    let row = |session: &StatusLine, columns| paint_status_line(&view, session, &Look { columns, ..look() });
    assert_eq!(row(&session, None), "Opus · 5 hours 62% · 7 days 31% · context 42% · $1.53\n");
    assert_eq!(row(&session, Some(35)), "Opus · 5 hours 62% · 7 days 31%\n");
    assert_eq!(row(&StatusLine::default(), Some(3)), "5 hours 62%\n");
    let nothing = View::of(&State::default(), &choice(&[Tool::Claude], Display::Used), NOW);
    assert_eq!(paint_status_line(&nothing, &StatusLine::default(), &look()), "-\n");
}

#[test]
fn foreign_text_is_text_in_every_format() {
    let mut hostile = copilot(50, 0);
    let usage = hostile.usage.as_mut().unwrap();
    usage.account = Some("<b>#[fg=red]%{F#f00}|shell=rm\n--x $(bug) [y](command:z)".to_owned());
    usage.meters[0].label = "a<b>#(rm)%{A1:rm:}|\n\u{1b}[31m".to_owned();
    usage.meters.push(meter("w", "#(rm)<i>%{F-}|x", Unit::Percent, 99, of(100)));
    let hostile = failed(hostile, FailureKind::Unknown, "it <failed>\n| shell=rm");
    let view = View::of(&state(vec![hostile]), &choice(&[], Display::Used), NOW);
    insta::assert_snapshot!("foreign_text", all(&view, &look()));
}

/// What a format must not hold, whatever is painted.
fn check(view: &View, look: &Look) -> Result<(), TestCaseError> {
    for format in Format::ALL {
        let painted = paint(view, format, look);
        prop_assert!(painted.ends_with('\n') && !painted.ends_with("\n\n"), "{format:?}: {painted:?}");
        let lines = painted.lines().count();
        match format {
            Format::I3blocks => prop_assert!(lines == 2 || lines == 3),
            Format::Xbar => prop_assert_eq!(painted.lines().nth(1), Some("---")),
            _ => prop_assert_eq!(lines, 1),
        }
        prop_assert!(!painted.starts_with('\n'), "a bar is never blank");
        prop_assert!(look.colour || !painted.contains(ESCAPE));
        prop_assert!(!look.ascii || painted.is_ascii(), "{format:?}: {painted}");
    }
    let vscode: serde_json::Value = serde_json::from_str(&paint(view, Format::Vscode, look)).unwrap();
    let label = vscode["label"].as_str().unwrap();
    prop_assert!(label.chars().count() < 100 && !label.is_empty(), "{label}");
    for format in [Format::Json, Format::Waybar] {
        prop_assert!(serde_json::from_str::<serde_json::Value>(&paint(view, format, look)).is_ok());
    }
    Ok(())
}

fn limit() -> impl Strategy<Value = Limit> {
    prop_oneof![(1_i64..1 << 40).prop_map(|limit| Limit::Of(Milli(limit))), Just(Limit::Unlimited), Just(Limit::Unknown)]
}

fn any_meter() -> impl Strategy<Value = Meter> {
    let unit = prop_oneof![Just(Unit::Requests), Just(Unit::Credits), Just(Unit::Percent), Just(Unit::Cents)];
    ("[ -~]{0,60}", unit, 0_i64..1 << 40, limit(), proptest::option::of(-100_000_000_i64..100_000_000)).prop_map(
        |(label, unit, used, limit, reset)| {
            let mut meter = Meter::new("m", &label, unit, Milli(used), limit).unwrap();
            meter.resets_at = reset.map(|seconds| Instant(NOW.0 + seconds * 1_000_000));
            meter
        },
    )
}

fn any_state() -> impl Strategy<Value = State> {
    let kind = proptest::option::of(proptest::sample::select(FailureKind::ALL.to_vec()));
    let usage = proptest::option::of((proptest::collection::vec(any_meter(), 0..4), 0_i64..5_000, "[ -~]{0,30}"));
    let told = (proptest::sample::select(Source::ALL.to_vec()), usage, kind, "[ -~]{0,80}");
    proptest::collection::vec(told, 0..6).prop_map(|entries| {
        state(
            entries
                .into_iter()
                .map(|(source, usage, kind, message)| {
                    let usage = usage.map(|(meters, minutes, account)| UsageData {
                        account: Some(account),
                        plan: None,
                        meters,
                        remarks: vec![message.clone()],
                        as_of: Instant(NOW.0 - minutes * MINUTE),
                    });
                    let known = entry(source, usage);
                    if let Some(kind) = kind { failed(known, kind, &message) } else { known }
                })
                .collect(),
        )
    })
}

proptest! {
    #[test]
    fn every_painting_keeps_to_its_format(
        state in any_state(), colour: bool, ascii: bool, columns in proptest::option::of(0_u16..300), display in 0_usize..3, named: bool,
    ) {
        let tools = if named { vec![Tool::Copilot] } else { Vec::new() };
        let view = View::of(&state, &choice(&tools, Display::ALL[display]), NOW);
        check(&view, &Look { colour, ascii, columns, ..look() })?;
    }
}
