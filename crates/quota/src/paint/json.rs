//! Everything as one line of JSON. `version` counts up when a field changes its meaning or goes; new ones come without.

use super::line::ended;
use super::text::{of_tool, state_word};
use super::{Look, words};
use crate::view::{MeterView, ToolView, View};
use crate::{Freshness, Limit, Milli, Unit};
use serde::Serialize;
use serde_json::Number;
use tacho_connectors::FailureKind;

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    at: Option<String>,
    verdict: &'static str,
    level: &'static str,
    tools: Vec<ToolDocument<'a>>,
    remarks: &'a [String],
}

#[derive(Serialize)]
struct ToolDocument<'a> {
    tool: &'static str,
    name: &'static str,
    text: String,
    state: &'static str,
    level: &'static str,
    source: Option<&'static str>,
    account: Option<&'a str>,
    plan: Option<&'a str>,
    as_of: Option<String>,
    age_seconds: Option<i64>,
    freshness: Option<&'static str>,
    meters: Vec<MeterDocument<'a>>,
    error: Option<ErrorDocument<'a>>,
    remarks: &'a [String],
    dashboard: Option<String>,
}

#[derive(Serialize)]
struct MeterDocument<'a> {
    id: &'a str,
    label: &'a str,
    unit: Unit,
    /// `null` since the period ended.
    used: Option<Number>,
    /// `null` where there is none, or none is told.
    limit: Option<Number>,
    unlimited: bool,
    percent: Option<Number>,
    left: Option<Number>,
    overage: Number,
    overage_permitted: Option<bool>,
    resets_at: Option<String>,
    window_minutes: Option<u32>,
    level: &'static str,
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    kind: FailureKind,
    status: Option<u16>,
    message: &'a str,
    at: Option<String>,
}

pub(super) fn json(view: &View, look: &Look) -> String {
    let document = Document {
        version: 1,
        at: words::rfc3339(view.now),
        verdict: view.verdict().as_str(),
        level: view.level().as_str(),
        tools: view.tools.iter().map(|tool| of(tool, view, look)).collect(),
        remarks: &view.remarks,
    };
    ended(serde_json::to_string(&document).unwrap_or_default())
}

fn of<'a>(tool: &'a ToolView, view: &View, look: &Look) -> ToolDocument<'a> {
    ToolDocument {
        tool: tool.tool.as_str(),
        name: tool.tool.name(),
        text: of_tool(tool, view.display, look.ascii),
        state: state_word(tool),
        level: tool.level.as_str(),
        source: tool.source.map(crate::Source::as_str),
        account: tool.account.as_deref(),
        plan: tool.plan.as_deref(),
        as_of: tool.as_of.and_then(words::rfc3339),
        age_seconds: age_seconds(tool, view),
        freshness: tool.freshness.map(freshness_word),
        meters: tool.meters.iter().map(meter).collect(),
        error: tool.error.as_ref().map(|error| ErrorDocument {
            kind: error.kind,
            status: error.status,
            message: &error.message,
            at: words::rfc3339(error.at),
        }),
        remarks: &tool.remarks,
        dashboard: super::text::dashboard(tool.tool, look),
    }
}

fn meter(meter: &MeterView) -> MeterDocument<'_> {
    MeterDocument {
        id: &meter.id,
        label: &meter.label,
        unit: meter.unit,
        used: meter.used.map(number),
        limit: if let Limit::Of(limit) = meter.limit { Some(number(limit)) } else { None },
        unlimited: meter.limit == Limit::Unlimited,
        percent: meter.percent.map(number),
        left: meter.left().map(number),
        overage: number(meter.overage),
        overage_permitted: meter.overage_permitted,
        resets_at: meter.resets_at.and_then(words::rfc3339),
        window_minutes: meter.window_minutes,
        level: meter.level.as_str(),
    }
}

/// How old the numbers are. A clock that stepped back makes nothing younger than now.
pub(super) fn age_seconds(tool: &ToolView, view: &View) -> Option<i64> {
    tool.as_of.map(|as_of| view.now.0.saturating_sub(as_of.0).max(0) / 1_000_000)
}

const fn freshness_word(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Fresh => "fresh",
        Freshness::Valid => "valid",
        Freshness::Stale => "stale",
        Freshness::VeryStale => "very_stale",
    }
}

/// Whole where it is whole.
fn number(amount: Milli) -> Number {
    #[expect(clippy::cast_precision_loss, reason = "amounts stay below 2^53 thousandths")]
    let decimal = || Number::from_f64(amount.0 as f64 / 1_000.0);
    let whole = || Number::from(amount.0 / 1_000);
    if amount.0 % 1_000 == 0 { whole() } else { decimal().unwrap_or_else(whole) }
}
