//! Claude's rolling limits: as Claude Code hands them to its status line (<https://code.claude.com/docs/en/statusline>, read
//! 2026-11-21), and as the undocumented `GET /api/oauth/usage` tells them
//! (<https://github.com/robinebers/openusage/blob/main/docs/providers/claude.md>, read 2026-11-21).

use super::fields::Fields;
use super::misread::Misread;
use super::told::Told;
use super::window::{Name, Share};
use crate::{Limit, Meter, Milli, Unit};
use serde_json::Value;

/// Any of these makes it the status line's input.
const OF_STATUS_LINE: &[&str] =
    &["session_id", "model", "workspace", "version", "cost", "context_window", "rate_limits", "transcript_path"];

/// The windows of the usage answer: field, what a person calls it, length in minutes. Those of one model have been `null` since
/// July 2026 (the `limits` list tells of them now); older answers still have them.
const WINDOWS: [(&str, &str, u32); 4] = [
    ("five_hour", "5 hours", FIVE_HOURS),
    ("seven_day", "7 days", SEVEN_DAYS),
    ("seven_day_opus", "Opus, 7 days", SEVEN_DAYS),
    ("seven_day_sonnet", "Sonnet, 7 days", SEVEN_DAYS),
];

const FIVE_HOURS: u32 = 300;
const SEVEN_DAYS: u32 = 10_080;

/// The limits in what the status line is handed. Accounts that pay by use have none, and nobody has before a session's first
/// answer: that is no error, and no answer either, so no meter comes back.
pub(super) fn status_line(answer: &Value) -> Result<Told, Misread> {
    let input = Fields::whole(answer, OF_STATUS_LINE)?;
    let mut told = Told::default();
    if let Some(limits) = input.object("rate_limits")? {
        for (key, label, minutes) in WINDOWS {
            let Some(window) = limits.object(key)? else { continue };
            let Some(used) = window.amount("used_percentage")? else { continue };
            let share = Share { used, resets_at: window.instant("resets_at")?, minutes: Some(minutes) };
            told.meters.push(share.meter(&Name::new(key, label))?);
        }
    }
    if told.meters.is_empty() {
        told.remarks.push("Claude Code tells limits to subscribers, after a session's first answer.".to_owned());
    }
    Ok(told)
}

/// The usage answer.
pub(super) fn usage(answer: &Value) -> Result<Told, Misread> {
    let keys = WINDOWS.map(|(key, ..)| key);
    let answer = Fields::whole(answer, &[&keys[..], &["limits", "extra_usage"]].concat())?;
    let mut told = Told::default();
    for (key, label, minutes) in WINDOWS {
        let Some(window) = answer.object(key)? else { continue };
        let Some(used) = window.amount("utilization")? else { continue };
        let share = Share { used, resets_at: window.instant("resets_at")?, minutes: Some(minutes) };
        told.meters.push(share.meter(&Name::new(key, label))?);
    }
    for limit in answer.objects("limits")? {
        if let Some(meter) = listed(&limit)?.filter(|meter| told.meters.iter().all(|known| known.id != meter.id)) {
            told.meters.push(meter);
        }
    }
    told.meters.sort_by_key(place);
    extra(&answer, &mut told)?;
    Ok(told)
}

/// A limit of the list, which repeats the windows and adds those of single models.
fn listed(limit: &Fields<'_>) -> Result<Option<Meter>, Misread> {
    let Some(used) = limit.amount("percent")? else { return Ok(None) };
    let week = || Name::new("seven_day", "7 days");
    let (name, minutes) = match limit.text("kind")?.as_deref() {
        Some("session") => (Name::new("five_hour", "5 hours"), FIVE_HOURS),
        Some("weekly_all") => (week(), SEVEN_DAYS),
        Some("weekly_scoped") => match scope(limit)? {
            Some(scope) => (week().of(&scope), SEVEN_DAYS),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let share = Share { used, resets_at: limit.instant("resets_at")?, minutes: Some(minutes) };
    share.meter(&name).map(Some)
}

/// What a limit is of: a model or a product.
fn scope(limit: &Fields<'_>) -> Result<Option<String>, Misread> {
    let Some(scope) = limit.object("scope")? else { return Ok(None) };
    match scope.object("model")? {
        Some(model) => Ok(model.text("display_name")?.or(model.text("id")?)),
        None => scope.text("surface"),
    }
}

/// The two limits of everybody first, then those of single models as they came.
fn place(meter: &Meter) -> usize {
    let keys = WINDOWS.map(|(key, ..)| key);
    keys.iter().position(|key| *key == meter.id).unwrap_or(keys.len())
}

/// What is bought beyond the plan, in cents.
fn extra(answer: &Fields<'_>, told: &mut Told) -> Result<(), Misread> {
    let Some(extra) = answer.object("extra_usage")? else { return Ok(()) };
    if extra.flag("is_enabled")? != Some(true) {
        return Ok(());
    }
    if extra.text("currency")?.is_some_and(|currency| !currency.eq_ignore_ascii_case("usd")) {
        told.remarks.push("Extra usage is counted in another currency than US dollars and is not shown.".to_owned());
        return Ok(());
    }
    let (used, limit) = (extra.amount("used_credits")?, extra.amount("monthly_limit")?);
    let limit = limit.filter(|limit| limit.0 > 0).map_or(Limit::Unknown, Limit::Of);
    let (used, limit, unit) = match (used, extra.amount("utilization")?) {
        (Some(used), _) => (used, limit, Unit::Cents),
        (None, Some(share)) => (share, Limit::Of(Milli::whole(100)), Unit::Percent),
        (None, None) => return Ok(()),
    };
    told.meters.push(Meter::new("extra_usage", "extra usage", unit, used, limit)?);
    Ok(())
}
