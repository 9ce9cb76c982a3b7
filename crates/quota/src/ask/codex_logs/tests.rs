//! Which of the logs is read, and how much of it.

use super::*;
use crate::Milli;
use std::io::Write as _;
use std::time::Duration;

const NOW: Instant = Instant(1_795_300_000_000_000);

/// A log line with limits, as Codex writes it.
fn limits(percent: u32) -> String {
    format!(
        r#"{{"timestamp":"2026-11-21T10:00:00.000Z","type":"event_msg","payload":{{"type":"token_count","info":null,"rate_limits":{{"primary":{{"used_percent":{percent}.0,"window_minutes":300,"resets_at":1795301000}}}}}}}}"#
    ) + "\n"
}

/// Writes a log of a day, last written `age` seconds ago.
fn put(folder: &Path, day: &str, name: &str, text: &str, age: u64) -> PathBuf {
    let day = folder.join("sessions").join(day);
    std::fs::create_dir_all(&day).unwrap();
    let path = day.join(format!("rollout-{name}.jsonl"));
    std::fs::write(&path, text).unwrap();
    let written = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(NOW.0).unwrap()) - Duration::from_secs(age);
    File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
    path
}

fn used(usage: &UsageData) -> Option<Milli> {
    usage.meters.first().map(crate::Meter::used)
}

#[test]
fn the_log_that_was_written_to_last_among_the_newest_tells() {
    let home = tempfile::tempdir().unwrap();
    put(home.path(), "2026/11/20", "2026-11-20T09-00-00-a", &limits(40), 10);
    put(home.path(), "2026/11/21", "2026-11-21T09-00-00-b", &limits(30), 60);
    put(home.path(), "2026/11/21", "2026-11-21T10-00-00-c", "{\"type\":\"session_meta\"}\n", 5);
    let usage = CodexLogs::default().look(home.path(), NOW).unwrap();
    assert_eq!(used(&usage), Some(Milli::whole(40)), "the session goes on that began yesterday");
}

#[test]
fn days_long_gone_are_not_looked_at() {
    let home = tempfile::tempdir().unwrap();
    for day in 18..=21 {
        put(home.path(), &format!("2026/11/{day}"), "x", "", 60);
    }
    put(home.path(), "2026/11/18", "y", &limits(1), 1);
    put(home.path(), "2025/12/31", "z", &limits(2), 1);
    let usage = CodexLogs::default().look(home.path(), NOW).unwrap();
    assert_eq!((used(&usage), usage.remarks.len()), (None, 1));
}

#[test]
fn a_log_of_gigabytes_is_read_from_its_end() {
    let home = tempfile::tempdir().unwrap();
    let path = put(home.path(), "2026/11/21", "big", "", 5);
    let mut file = File::options().write(true).open(&path).unwrap();
    // A hole: it costs no room on the disk, and reading it whole would take far longer than this test may.
    file.set_len(8 << 30).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(format!("\n{}{{\"torn", limits(77)).as_bytes()).unwrap();
    drop(file);
    assert_eq!(used(&CodexLogs::default().look(home.path(), NOW).unwrap()), Some(Milli::whole(77)));
}

#[test]
fn a_log_that_has_not_grown_is_not_read_again_and_one_that_has_is() {
    let home = tempfile::tempdir().unwrap();
    let path = put(home.path(), "2026/11/21", "a", &limits(10), 5);
    let mut logs = CodexLogs::default();
    assert_eq!(used(&logs.look(home.path(), NOW).unwrap()), Some(Milli::whole(10)));
    // Same length, same time, other content: only who reads again can tell.
    put(home.path(), "2026/11/21", "a", &limits(20), 5);
    assert_eq!(used(&logs.look(home.path(), NOW).unwrap()), Some(Milli::whole(10)));
    std::fs::write(&path, limits(10) + &limits(90)).unwrap();
    assert_eq!(used(&logs.look(home.path(), NOW).unwrap()), Some(Milli::whole(90)));
}

#[test]
fn no_sessions_are_no_error() {
    let home = tempfile::tempdir().unwrap();
    let usage = CodexLogs::default().look(home.path(), NOW).unwrap();
    assert_eq!((usage.meters.len(), usage.remarks.len()), (0, 1));
    std::fs::write(home.path().join("sessions"), "no folder").unwrap();
    assert!(CodexLogs::default().look(home.path(), NOW).is_ok());
}
