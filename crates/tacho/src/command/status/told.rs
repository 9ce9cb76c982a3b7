//! What Claude Code tells its status line, kept for all bars.

use super::scene::Scene;
use tacho_domain::Instant;
use tacho_quota::{Source, State, UsageData, read};

/// Claude Code runs its status line at every message; the same numbers are not written again within so many microseconds.
const WRITTEN_AGAIN_AFTER: i64 = 60_000_000;

/// Limits that were told just now.
pub(super) struct Told {
    account: String,
    usage: UsageData,
}

impl Told {
    /// The limits that stand on the input, where they are news. Anything else there counts as nothing.
    pub(super) fn of(scene: &Scene, state: &State, body: &[u8]) -> Option<Self> {
        let now = scene.now();
        let account = scene.places.account(Source::ClaudeStatusLine)?;
        let usage = read(Source::ClaudeStatusLine, body, now).ok()?;
        (!usage.meters.is_empty() && !is_known(state, &account, &usage, now)).then_some(Self { account, usage })
    }

    /// Puts them into a state.
    pub(super) fn learn(&self, state: &mut State, now: Instant) {
        state.turn_to(Source::ClaudeStatusLine, Some(&self.account));
        state.entry(Source::ClaudeStatusLine, &self.account).learn(self.usage.clone(), now);
    }

    /// Writes them down for the other bars. In a home that cannot be written to these go without.
    pub(super) fn keep(&self, scene: &Scene) {
        if let Some(file) = scene.file() {
            let now = scene.now();
            let _ = file.update(now, |state| self.learn(state, now));
        }
    }
}

fn is_known(state: &State, account: &str, usage: &UsageData, now: Instant) -> bool {
    let known = state.present(Source::ClaudeStatusLine).filter(|entry| entry.account == account);
    known.and_then(|entry| entry.usage.as_ref()).is_some_and(|known| {
        let age = now.0.saturating_sub(known.as_of.0);
        known.meters == usage.meters && (0..WRITTEN_AGAIN_AFTER).contains(&age)
    })
}
