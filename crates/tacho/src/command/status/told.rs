//! What Claude Code tells its status line, kept for all bars.

use super::scene::Scene;
use tacho_domain::Instant;
use tacho_quota::{Source, State, UsageData, read};

/// Claude Code runs its status line at every message; the same numbers are not written again within so many microseconds.
const WRITTEN_AGAIN_AFTER: i64 = 60_000_000;

/// Puts the limits into the state and its file. Anything else that stands on the input changes nothing.
pub(super) fn keep(scene: &Scene, state: &mut State, body: &[u8]) {
    let now = scene.now();
    let Some(account) = scene.places.account(Source::ClaudeStatusLine) else { return };
    let Ok(usage) = read(Source::ClaudeStatusLine, body, now) else { return };
    if usage.meters.is_empty() || is_known(state, &account, &usage, now) {
        return;
    }
    let learn = |state: &mut State| {
        state.turn_to(Source::ClaudeStatusLine, Some(&account));
        state.entry(Source::ClaudeStatusLine, &account).learn(usage.clone(), now);
    };
    learn(state);
    if let Some(file) = scene.file() {
        // A home that cannot be written to: this bar has its line, the others go without.
        let _ = file.update(now, learn);
    }
}

fn is_known(state: &State, account: &str, usage: &UsageData, now: Instant) -> bool {
    let known = state.present(Source::ClaudeStatusLine).filter(|entry| entry.account == account);
    known.and_then(|entry| entry.usage.as_ref()).is_some_and(|known| {
        let age = now.0.saturating_sub(known.as_of.0);
        known.meters == usage.meters && (0..WRITTEN_AGAIN_AFTER).contains(&age)
    })
}
