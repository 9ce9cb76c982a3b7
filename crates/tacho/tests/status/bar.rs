//! A bar has its line whatever happens.

use crate::stage::{FAR, GitHub, Home};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use tacho_quota::Format;

const TOLD: &str = "{\"model\":{\"display_name\":\"Opus\"},\"cost\":{\"total_cost_usd\":1.53},\"context_window\":{\"used_percentage\":42},\
    \"rate_limits\":{\"five_hour\":{\"used_percentage\":62,\"resets_at\":4000000000},\"seven_day\":{\"used_percentage\":31,\"resets_at\":4000000000}}}";

#[test]
fn every_format_has_a_line_with_numbers_and_without() {
    let (empty, known) = (Home::new(), Home::new().knows_claude(62, FAR));
    for format in Format::ALL.map(Format::as_str) {
        let shown = known.line(&["--tool", "claude", "--format", format]);
        assert!(shown.contains("62%") && shown.ends_with('\n'), "{format}: {shown}");
        let nothing = empty.line(&["--tool", "claude", "--format", format]);
        assert!(nothing.contains('-') && nothing.ends_with('\n'), "{format}: {nothing}");
    }
}

#[test]
fn without_a_home_there_is_a_line() {
    let home = Home::new();
    let output = Command::new(env!("CARGO_BIN_EXE_tacho"))
        .arg("status")
        .env_clear()
        .current_dir(home.folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice(), output.stderr.as_slice()), (Some(0), &b"-\n"[..], &b""[..]));
}

#[test]
fn a_state_file_that_is_garbage_is_no_state() {
    for garbage in ["", "{", "null", "[]", "{\"version\":99}", "\u{0}\u{0}", &"x".repeat(200_000)] {
        let home = Home::new();
        std::fs::create_dir_all(home.state_folder()).unwrap();
        std::fs::write(home.state_folder().join("status.json"), garbage).unwrap();
        assert_eq!(home.line(&["--tool", "claude"]), "-\n");
    }
}

#[cfg(unix)]
#[test]
fn a_home_that_cannot_be_written_to_has_a_line() {
    // A file where the folder should be: not even an administrator can write beneath it.
    let home = Home::new();
    std::fs::write(home.folder.path().join(".local"), "").unwrap();
    assert_eq!(
        home.told(&["--format", "claude-statusline"], TOLD.as_bytes()),
        "Opus · 5 hours 62% · 7 days 31% · context 42% · $1.53\n"
    );
    assert_eq!(home.line(&["--tool", "claude"]), "-\n");
}

#[test]
fn what_claude_code_tells_is_for_all_bars() {
    let home = Home::new();
    let row = home.told(&["--format", "claude-statusline"], TOLD.as_bytes());
    assert_eq!(row, "Opus · 5 hours 62% · 7 days 31% · context 42% · $1.53\n");
    assert_eq!(home.line(&["--tool", "claude"]), "62%\n");
    assert_eq!(home.line(&["--tool", "claude", "--display", "left", "--ascii"]), "38% left\n");
    let narrow = home.with("COLUMNS", "20").told(&["--format", "claude-statusline", "--ascii"], TOLD.as_bytes());
    assert_eq!(narrow, "Opus; 5 hours 62%\n");
}

#[test]
fn garbage_from_claude_code_leaves_the_line_as_it_was() {
    let home = Home::new();
    home.told(&["--format", "claude-statusline"], TOLD.as_bytes());
    for garbage in ["", "nonsense", "{\"rate_limits\":7}", "{\"rate_limits\":null}", "[", "\u{0}"] {
        let row = home.told(&["--format", "claude-statusline"], garbage.as_bytes());
        assert!(row.contains("5 hours 62%"), "{garbage}: {row}");
    }
    let huge = format!("{{\"model\":\"{}\"}}", "x".repeat(1 << 20));
    assert!(home.told(&["--format", "claude-statusline"], huge.as_bytes()).contains("62%"));
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let home = Home::new().knows_claude(62, FAR);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = home.command(&["--tool", "claude"]).stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn whatever_is_due_is_left_to_a_process_of_its_own() {
    // Nobody ever answers here.
    let hung = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", hung.local_addr().unwrap());
    let home = Home::new().with("TACHO_STATUS_URL_COPILOT", &address).with("TACHO_STATUS_GITHUB_TOKEN", "invented");
    assert_eq!(home.line(&["--tool", "copilot"]), "-\n");
    // The line was there before; this is the one who asks.
    hung.accept().unwrap();
    // It is at it: no second one is sent.
    assert_eq!(home.line(&["--tool", "copilot"]), "-\n");
    hung.set_nonblocking(true).unwrap();
    assert!(hung.accept().is_err());
}

#[test]
fn a_refresh_asks_once_with_our_own_name_and_keeps_the_answer() {
    let github = GitHub::telling(50);
    let home = Home::new().with("TACHO_STATUS_URL_COPILOT", &github.address).with("TACHO_STATUS_GITHUB_TOKEN", "invented");
    assert_eq!(home.line(&["--tool", "copilot", "--refresh"]), "50/100\n");
    assert_eq!(home.line(&["--tool", "copilot", "--refresh", "--display", "percent"]), "50%\n");
    assert_eq!(home.line(&["--tool", "copilot"]), "50/100\n");
    let asked = github.asked.lock().unwrap();
    assert_eq!(asked.len(), 1, "a vendor is not asked again within a minute, whoever wishes it");
    let head = asked[0].to_lowercase();
    assert!(head.contains("authorization: token invented") && head.contains("user-agent: tacho"), "{head}");
    let kept = std::fs::read_to_string(home.state_folder().join("status.json")).unwrap();
    assert!(kept.contains("octocat") && !kept.contains("invented"), "{kept}");
}
