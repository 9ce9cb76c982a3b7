//! `GET /zen/go/v1/usage`: the three limits of the Go plan. Undocumented; the rolling one is of five hours
//! (<https://github.com/anomalyco/opencode/issues/31084>, read 2026-11-21).

use super::fields::Fields;
use super::misread::Misread;
use super::told::Told;
use super::window::{Name, Share};
use serde_json::Value;

/// Field, what a person calls it, length in minutes where it is a rolling one.
const WINDOWS: [(&str, &str, Option<u32>); 3] =
    [("rolling", "5 hours", Some(300)), ("weekly", "this week", None), ("monthly", "this month", None)];

pub(super) fn read(answer: &Value) -> Result<Told, Misread> {
    let answer = Fields::whole(answer, &["usage"])?;
    let mut told = Told::default();
    if let Some(usage) = answer.object("usage")? {
        for (key, label, minutes) in WINDOWS {
            let Some(window) = usage.object(key)? else { continue };
            let Some(used) = window.amount("percent")? else { continue };
            let share = Share { used, resets_at: window.instant("resetsAt")?, minutes };
            told.meters.push(share.meter(&Name::new(key, label))?);
        }
    }
    Ok(told)
}
