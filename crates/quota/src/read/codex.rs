//! Codex's rolling limits: from the `token_count` lines of its session logs, and as the undocumented
//! `GET /backend-api/wham/usage` tells them. Which limit is which tells its length, not its place: at times the long one stands
//! first (<https://github.com/robinebers/openusage/blob/main/docs/providers/codex.md>, read 2026-11-21).

use super::fields::Fields;
use super::misread::Misread;
use super::told::Told;
use super::window::{Name, Share};
use crate::{Meter, Milli};
use serde_json::Value;
use tacho_domain::Instant;

/// A line without this is not read as JSON: most lines are conversation, and some are megabytes.
const MARK: &[u8] = b"\"rate_limits\"";

/// The limit that a subscription is about. Lines of others, of previews of single models, may stand between its own, each with
/// its `limit_id`; older logs know only this one and do not name it
/// (<https://github.com/erwins-enkel/shepherd/issues/2244>, read 2026-11-22).
const MAIN: &str = "codex";

/// The limits in a piece of a session log, as the last line has them that tells of the main one; of another where none does.
/// The piece may begin and end in the middle of a line; lines of other kinds and other programs are passed over.
pub(super) fn logs(piece: &[u8]) -> Result<Told, Misread> {
    let (mut other, mut unreadable) = (None, None);
    for line in piece.rsplit(|byte| *byte == b'\n') {
        if !line.windows(MARK.len()).any(|part| part == MARK) {
            continue;
        }
        let Ok(value) = serde_json::from_slice::<Value>(line) else { continue };
        match of_line(&value) {
            Ok(Some(line)) if line.scope.is_none() => return Ok(line.told),
            Ok(line) => other = other.or(line),
            Err(misread) => unreadable = unreadable.or(Some(misread)),
        }
    }
    match (other, unreadable) {
        (Some(line), _) => Ok(line.told),
        (None, Some(misread)) => Err(misread),
        (None, None) => Ok(Told { remarks: vec!["The newest session log tells no limits.".to_owned()], ..Told::default() }),
    }
}

/// What one line of a log tells.
struct Line {
    /// Which limit, where it is not the main one.
    scope: Option<String>,
    told: Told,
}

/// The limits of one line; `None` where it is of another kind, or from an account without any.
fn of_line(value: &Value) -> Result<Option<Line>, Misread> {
    let payload = value.get("payload").filter(|payload| payload.get("type") == Some(&Value::from("token_count")));
    if payload.is_none() {
        return Ok(None);
    }
    let line = Fields::whole(value, &["payload"])?;
    let limits = line.object("payload")?.map(|payload| payload.object("rate_limits")).transpose()?.flatten();
    let Some(limits) = limits else { return Ok(None) };
    let told_at = line.instant("timestamp")?;
    let scope = limits.text("limit_id")?.filter(|id| id != MAIN);
    let scope = scope.map(|id| Ok::<_, Misread>(limits.text("limit_name")?.unwrap_or(id))).transpose()?;
    let mut told = Told { plan: limits.text("plan_type")?, as_of: told_at, ..Told::default() };
    for slot in ["primary", "secondary"] {
        let Some(window) = limits.object(slot)? else { continue };
        let Some(used) = window.amount("used_percent")? else { continue };
        let minutes = window.amount("window_minutes")?.map(|minutes| minutes.0 / 1_000);
        let share = Share { used, resets_at: resets_at(&window, told_at)?, minutes: length(minutes) };
        told.meters.push(share.meter(&name(share, slot, scope.as_deref()))?);
    }
    told.meters.sort_by_key(shortest_first);
    Ok((!told.meters.is_empty()).then_some(Line { scope, told }))
}

/// When a limit of a log line begins again: as a moment, or in older logs in seconds after the line was written.
fn resets_at(window: &Fields<'_>, told_at: Option<Instant>) -> Result<Option<Instant>, Misread> {
    let (at, after) = (window.instant("resets_at")?, window.amount("resets_in_seconds")?);
    let later = |(told_at, after): (Instant, Milli)| Some(Instant(told_at.0.checked_add(after.0.checked_mul(1_000)?)?));
    Ok(at.or(told_at.zip(after).and_then(later)))
}

/// The usage answer.
pub(super) fn usage(answer: &Value) -> Result<Told, Misread> {
    let answer = Fields::whole(answer, &["plan_type", "rate_limit", "additional_rate_limits", "credits"])?;
    let mut told = Told { plan: answer.text("plan_type")?, ..Told::default() };
    if let Some(limit) = answer.object("rate_limit")? {
        told.meters.extend(windows(&limit, None)?);
    }
    for additional in answer.objects("additional_rate_limits")? {
        let scope = additional.text("limit_name")?.or(additional.text("metered_feature")?);
        let (Some(scope), Some(limit)) = (scope, additional.object("rate_limit")?) else { continue };
        told.meters.extend(windows(&limit, Some(&scope))?);
    }
    told.remarks.extend(credits(&answer)?);
    Ok(told)
}

fn windows(limit: &Fields<'_>, scope: Option<&str>) -> Result<Vec<Meter>, Misread> {
    let mut meters = Vec::new();
    for (slot, key) in [("primary", "primary_window"), ("secondary", "secondary_window")] {
        let Some(window) = limit.object(key)? else { continue };
        let Some(used) = window.amount("used_percent")? else { continue };
        let minutes = window.amount("limit_window_seconds")?.map(|seconds| seconds.0 / 60_000);
        let share = Share { used, resets_at: window.instant("reset_at")?, minutes: length(minutes) };
        meters.push(share.meter(&name(share, slot, scope))?);
    }
    meters.sort_by_key(shortest_first);
    Ok(meters)
}

/// A length that is one.
fn length(minutes: Option<i64>) -> Option<u32> {
    minutes.and_then(|minutes| u32::try_from(minutes).ok()).filter(|minutes| *minutes > 0)
}

/// Called by its length, else by its place; and by what it is of, where that is not everything.
fn name(share: Share, slot: &str, scope: Option<&str>) -> Name {
    let name = share.minutes.map_or_else(|| Name::new(slot, &format!("{slot} limit")), Name::of_length);
    match scope {
        Some(scope) => name.of(scope),
        None => name,
    }
}

fn shortest_first(meter: &Meter) -> u32 {
    meter.window_minutes.unwrap_or(u32::MAX)
}

/// What is bought besides: only what is left is told, so it is no meter.
fn credits(answer: &Fields<'_>) -> Result<Option<String>, Misread> {
    let Some(credits) = answer.object("credits")? else { return Ok(None) };
    if credits.flag("unlimited")? == Some(true) {
        return Ok(Some("Credits besides the plan: without limit.".to_owned()));
    }
    let balance = credits.number("balance")?.filter(|balance| balance.0 > 0);
    Ok(balance.map(|balance| format!("Credits besides the plan: {balance} left.")))
}
