//! The same numbers in words, for tooltips, menus and people who listen to their screen.

use super::text::{amount, share};
use crate::view::{Condition, MeterView, ToolView};
use crate::{Freshness, Limit, Source, Unit};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tacho_domain::Instant;

/// What is used of a meter: `50 of 100 premium requests used`.
pub(super) fn used(meter: &MeterView) -> String {
    let label = &meter.label;
    let Some(used) = meter.used else { return format!("{label}: a new period has begun, nothing is told of it yet") };
    let shown = amount(used, meter.unit);
    match (meter.limit, meter.unit) {
        (Limit::Unlimited, _) => format!("{label}: unlimited"),
        (Limit::Unknown, Unit::Cents) => format!("{label}: {shown}"),
        (Limit::Unknown, _) => format!("{shown} {label} used"),
        (Limit::Of(_), Unit::Percent) => format!("{} of {label} used", share(meter.percent.unwrap_or(used))),
        (Limit::Of(limit), Unit::Cents) => format!("{label}: {shown} of {}", amount(limit, meter.unit)),
        (Limit::Of(limit), _) => format!("{shown} of {} {label} used", amount(limit, meter.unit)),
    }
}

/// What goes beyond: `10 over`, and what that means, where it is told.
pub(super) fn beyond(meter: &MeterView) -> Option<String> {
    let over = amount(meter.overage, meter.unit);
    match (meter.overage.0 > 0, meter.overage_permitted) {
        (false, _) => None,
        (true, Some(true)) => Some(format!("{over} over, which is billed")),
        (true, Some(false)) => Some(format!("{over} over, and no more is let through")),
        (true, None) => Some(format!("{over} over")),
    }
}

/// When it begins again: `resets 1 December`.
pub(super) fn resets(meter: &MeterView, now: Instant, zone: &TimeZone) -> Option<String> {
    let at = meter.resets_at.filter(|_| !meter.has_ended() && meter.limit != Limit::Unlimited)?;
    moment(at, now, zone).map(|when| format!("resets {when}"))
}

/// A moment as short as it stays clear: the time on the same day, else the day, with the year where it is another.
pub(super) fn moment(at: Instant, now: Instant, zone: &TimeZone) -> Option<String> {
    let local = |instant: Instant| Some(Timestamp::from_microsecond(instant.0).ok()?.to_zoned(zone.clone()));
    let (at, now) = (local(at)?, local(now)?);
    let pattern = match () {
        () if at.date() == now.date() => "%H:%M",
        () if at.year() == now.year() => "%-d %B",
        () => "%-d %B %Y",
    };
    Some(at.strftime(pattern).to_string())
}

/// When numbers were told: the day and the time.
pub(super) fn told_at(at: Instant, now: Instant, zone: &TimeZone) -> Option<String> {
    let time = Timestamp::from_microsecond(at.0).ok()?.to_zoned(zone.clone()).strftime("%H:%M").to_string();
    let day = moment(at, now, zone)?;
    Some(if day == time { time } else { format!("{day}, {time}") })
}

/// A moment for programs.
pub(super) fn rfc3339(at: Instant) -> Option<String> {
    Timestamp::from_microsecond(at.0).ok().map(|at| at.to_string())
}

/// Who told.
pub(super) const fn source(source: Source) -> &'static str {
    match source {
        Source::Copilot => "GitHub's API (undocumented)",
        Source::ClaudeStatusLine => "Claude Code, to its status line",
        Source::ClaudeUsage => "Anthropic's API (undocumented)",
        Source::CodexLogs => "Codex's session logs on this machine",
        Source::CodexUsage => "OpenAI's API (undocumented)",
        Source::Cursor => "Cursor's API (undocumented)",
        Source::Opencode => "OpenCode's API",
        Source::Server => "the Tacho server",
    }
}

/// How it stands, where something is to be said.
pub(super) fn condition(tool: &ToolView) -> Option<&'static str> {
    let words = match tool.condition {
        Condition::Good => match tool.freshness {
            Some(Freshness::Stale) => "more than an hour old",
            Some(Freshness::VeryStale) => "more than a day old",
            _ => return None,
        },
        Condition::NoData if tool.as_of.is_some() => "nothing to measure",
        Condition::NoData => "no data yet",
        Condition::SignIn => "sign in to see your use",
        Condition::Offline => "offline",
        Condition::RateLimited => "the vendor asks to wait",
        Condition::NoAccess => "no access",
        Condition::Error => "the last question failed",
    };
    Some(words)
}

/// The lines of a tool: its meters, then how it stands, then who told and when.
pub(super) fn lines(tool: &ToolView, now: Instant, zone: &TimeZone) -> Vec<String> {
    let mut lines: Vec<String> = tool.meters.iter().map(|meter| meter_line(meter, now, zone)).collect();
    lines.extend(condition(tool).map(capitalized));
    lines.extend(tool.error.as_ref().map(|error| error.message.clone()));
    lines.extend(tool.remarks.iter().cloned());
    lines.extend(whose(tool));
    if let (Some(at), Some(who)) = (tool.as_of.and_then(|at| told_at(at, now, zone)), tool.source) {
        lines.push(format!("Told {at} by {}", source(who)));
    }
    lines
}

/// Whose numbers they are, where that is told.
pub(super) fn whose(tool: &ToolView) -> Option<String> {
    match (&tool.account, &tool.plan) {
        (Some(account), Some(plan)) => Some(format!("Account: {account}, plan: {plan}")),
        (Some(account), None) => Some(format!("Account: {account}")),
        (None, Some(plan)) => Some(format!("Plan: {plan}")),
        (None, None) => None,
    }
}

/// All about one meter in a line.
pub(super) fn meter_line(meter: &MeterView, now: Instant, zone: &TimeZone) -> String {
    let share = meter.percent.filter(|_| meter.unit != Unit::Percent).map(|percent| format!(" ({})", share(percent)));
    let rest = [beyond(meter), resets(meter, now, zone)].into_iter().flatten();
    let first = format!("{}{}", capitalized(&used(meter)), share.unwrap_or_default());
    rest.fold(first, |line, part| format!("{line}, {part}"))
}

/// With its first letter as a sentence has it.
pub(super) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
