//! Eight hours at a tick a minute: how often vendors are asked, and whether anything grows. A program of its own, because what
//! a process holds is counted.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "this is a test")]
#![allow(dead_code, reason = "the scene serves the other tests of the engine as well")]

#[path = "engine/answers.rs"]
mod answers;
#[path = "engine/scene.rs"]
mod scene;

use crate::answers::Answer::{self, Fails, Used, Wait};
use crate::answers::Answers;
use crate::scene::{Scene, given, only};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tacho_connectors::FailureKind;
use tacho_domain::Instant;
use tacho_quota::{ApiError, Ask, Network, Quotas, Source, Token, Tokens, UsageData};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const SOURCES: [Source; 4] = [Source::Copilot, Source::CodexLogs, Source::Cursor, Source::Opencode];
const VARIABLES: &[(&str, &str)] =
    &[("TACHO_STATUS_GITHUB_TOKEN", "gho_one"), ("TACHO_STATUS_CURSOR_TOKEN", "cookie"), ("TACHO_STATUS_OPENCODE_TOKEN", "key")];

/// Copilot is always well, Cursor's vendor has bad days, OpenCode's is never there; Codex's logs are read for real.
struct Vendors {
    copilot: Answers,
    cursor: Answers,
    opencode: Answers,
    machine: Network,
}

#[async_trait]
impl Ask for Vendors {
    async fn ask(
        &self,
        source: Source,
        token: Option<&Token>,
        now: Instant,
        cancel: &CancellationToken,
    ) -> Result<UsageData, ApiError> {
        match source {
            Source::Copilot => self.copilot.ask(source, token, now, cancel).await,
            Source::Cursor => self.cursor.ask(source, token, now, cancel).await,
            Source::Opencode => self.opencode.ask(source, token, now, cancel).await,
            _ => self.machine.ask(source, token, now, cancel).await,
        }
    }
}

/// What a process may hold ever more of.
#[derive(Debug, Clone, Copy)]
struct Held {
    resident_kib: u64,
    handles: usize,
    threads: usize,
}

impl Held {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let count = |folder: &str| std::fs::read_dir(folder).unwrap().count();
        Self {
            resident_kib: resident.trim().trim_end_matches(" kB").parse().unwrap(),
            handles: count("/proc/self/fd"),
            threads: count("/proc/self/task"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn eight_hours_ask_once_in_five_minutes_and_grow_nothing() {
    let scene = Scene::new();
    let log = r#"{"timestamp":"2026-11-21T10:00:00Z","type":"event_msg","payload":{"type":"token_count","rate_limits":{"primary":{"used_percent":5.0,"window_minutes":300,"resets_at":1795400000}}}}"#;
    scene.put(".codex/sessions/2026/11/21/rollout-2026-11-21T10-00-00-a.jsonl", &format!("{log}\n"));
    let vendors = Arc::new(Vendors {
        copilot: Answers::new(scene.clock()),
        cursor: Answers::new(scene.clock()),
        opencode: Answers::new(scene.clock()),
        machine: Network::new(scene.places(), only(&SOURCES), scene.clock()),
    });
    // Other numbers and other messages all the time, so that whatever is kept of them would add up.
    vendors.copilot.say((0..200).map(Used));
    let days = [Used(5), Fails(FailureKind::Timeout), Fails(FailureKind::Server), Wait(1_234), Fails(FailureKind::Auth), Used(9)];
    vendors.cursor.say_slowly(days.into_iter().cycle().take(200).map(|answer: Answer| (answer, Duration::from_secs(45))));
    vendors.opencode.say([Fails(FailureKind::Network)]);
    let tokens = Tokens::new(scene.places(), given(VARIABLES));
    let ask = Arc::clone(&vendors);
    let quotas = Arc::new(Quotas::open(scene.places(), only(&SOURCES), ask, tokens, scene.clock()));
    let running = tokio::spawn({
        let (quotas, cancel) = (Arc::clone(&quotas), scene.cancel.clone());
        async move { quotas.run(&cancel).await }
    });
    // The first hour fills what is filled once: caches, the thread that looks into files.
    sleep(Duration::from_hours(1)).await;
    let before = Held::now();
    sleep(Duration::from_hours(7)).await;
    let after = Held::now();
    scene.cancel.cancel();
    running.await.unwrap();

    assert!(after.resident_kib <= before.resident_kib + 1_024, "memory: {before:?}, then {after:?}");
    assert!(after.handles <= before.handles, "handles: {before:?}, then {after:?}");
    assert!(after.threads <= before.threads, "threads: {before:?}, then {after:?}");
    let text = std::fs::metadata(scene.file().path()).unwrap().len();
    assert!(text < 4_096, "the state file has {text} bytes");

    let mut counts = BTreeMap::new();
    for (name, vendor) in [("copilot", &vendors.copilot), ("cursor", &vendors.cursor), ("opencode", &vendors.opencode)] {
        let questions = vendor.questions.lock().unwrap().clone();
        for pair in questions.windows(2) {
            assert!(pair[1].at - pair[0].at >= Duration::from_mins(5), "{name}: {pair:?}");
        }
        assert!(vendor.most_at_once() == 1, "{name}");
        counts.insert(name, questions.len());
    }
    // A tick a minute meets the five minutes within one tick: eight hours have 96 of them at most and 80 at least.
    assert!((80..=96).contains(&counts["copilot"]), "{counts:?}");
    // Being offline spreads the questions by an eighth; bad days by far more.
    assert!((70..=96).contains(&counts["opencode"]) && (10..60).contains(&counts["cursor"]), "{counts:?}");
    assert!(quotas.state().present(Source::CodexLogs).unwrap().usage.is_some());
}
