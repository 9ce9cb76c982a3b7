//! The status line of Claude Code: one row, since each line would be a row of its own; colour by ANSI, width by `COLUMNS`.
//! <https://code.claude.com/docs/en/statusline>, read 2026-11-21.

use super::line::{ansi, ended};
use super::text::{NO_DATA, amount, between, brief, of_tool, share};
use super::{Look, escape};
use crate::view::{Display, Level, MeterView, ToolView, View};
use crate::{Freshness, StatusLine, Tool, Unit};

/// How many of Claude's own meters have a place in the row.
const METERS: usize = 2;

/// A part of the row.
struct Part {
    text: String,
    level: Level,
    faded: bool,
}

/// The row: the model, the limits, other tools, then what is least missed where there is no room.
#[must_use]
pub fn paint_status_line(view: &View, session: &StatusLine, look: &Look) -> String {
    let plain = |text: String| Part { text, level: Level::Ok, faded: false };
    let context = session.context_percent.map(|percent| format!("context {}", share(percent)));
    let cost = session.session_cost.map(|cents| amount(cents, Unit::Cents));
    let mut parts: Vec<Part> = session.model.clone().map(plain).into_iter().collect();
    parts.extend(view.tools.iter().flat_map(|tool| of(tool, view.display, look)));
    parts.extend([context, cost].into_iter().flatten().map(plain));
    fit(&mut parts, look);
    let painted = parts.iter().map(|part| ansi(part.level, part.faded, &escape::one_line(&part.text), look));
    let row = painted.collect::<Vec<_>>().join(between(look.ascii));
    ended(if row.is_empty() { NO_DATA.to_owned() } else { row })
}

/// Claude's windows side by side without its name, which the row is inside of; other tools as everywhere.
fn of(tool: &ToolView, display: Display, look: &Look) -> Vec<Part> {
    let faded = tool.freshness == Some(Freshness::VeryStale);
    if tool.tool != Tool::Claude {
        let text = format!("{} {}", tool.tool.name(), of_tool(tool, display, look.ascii));
        return vec![Part { text, level: tool.level, faded }];
    }
    let part = |meter: &MeterView| {
        let text = format!("{} {}", meter.label, brief(meter, display, look.ascii));
        Part { text, level: meter.level, faded }
    };
    tool.meters.iter().take(METERS).map(part).collect()
}

/// Drops parts from the right until the rest has room; the first stays whole.
fn fit(parts: &mut Vec<Part>, look: &Look) {
    let Some(columns) = look.columns else { return };
    let gap = between(look.ascii).chars().count();
    let width =
        |parts: &[Part]| parts.iter().map(|part| part.text.chars().count()).sum::<usize>() + gap * parts.len().saturating_sub(1);
    while parts.len() > 1 && width(parts) > usize::from(columns) {
        parts.pop();
    }
}
