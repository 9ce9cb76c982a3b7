//! What Claude Code's status line shows besides limits: the model, how full the context is, what the session has cost.
//! Runs on every message of a session, so it never fails: what is not as expected is not there.

use super::fields::Fields;
use crate::Milli;
use serde_json::Value;

/// Of the session that asks for its line; each may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusLine {
    /// What the model is called: `Opus`; its id where it has no name.
    pub model: Option<String>,
    /// How full the context is, in per cent.
    pub context_percent: Option<Milli>,
    /// What the session has cost so far at list price, in US cents, to the tenth of a cent.
    pub session_cost: Option<Milli>,
}

/// Reads the input of a status line; of anything else nothing.
#[must_use]
pub fn status_line(body: &[u8]) -> StatusLine {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return StatusLine::default() };
    let Ok(input) = Fields::whole(&value, &["model", "context_window", "cost"]) else { return StatusLine::default() };
    let part = |key| input.object(key).ok().flatten();
    let model = part("model");
    let text = |key| model.as_ref()?.text(key).ok().flatten();
    let dollars = part("cost").and_then(|cost| cost.amount("total_cost_usd").ok().flatten());
    StatusLine {
        model: text("display_name").or_else(|| text("id")),
        context_percent: part("context_window").and_then(|window| window.amount("used_percentage").ok().flatten()),
        session_cost: dollars.and_then(|dollars| dollars.0.checked_mul(100)).map(Milli),
    }
}
