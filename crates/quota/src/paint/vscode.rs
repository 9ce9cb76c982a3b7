//! What our editor extension paints as it is told: one line of JSON. The extension decides nothing by itself.

use super::json::age_seconds;
use super::line::ended;
use super::text::{NO_DATA, Piece, dashboard, joined, numbers, pieces, share, state_word};
use super::{Look, escape, words};
use crate::view::{Condition, MeterView, ToolView, View};
use crate::{Freshness, Tool, Unit};
use serde::Serialize;

/// A label that is read aloud stays below this many characters.
const LABEL_BELOW: usize = 100;

#[derive(Serialize)]
struct Document {
    version: u8,
    text: String,
    icon: &'static str,
    level: &'static str,
    state: &'static str,
    label: String,
    tooltip: String,
    details: Vec<Detail>,
    dashboard: Option<String>,
    diagnostics: Diagnostics,
}

/// A row of the quick pick.
#[derive(Serialize)]
struct Detail {
    label: String,
    description: String,
    #[serde(rename = "detail")]
    below: String,
}

/// What helps somebody who helps; no secret, no account.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Diagnostics {
    version: String,
    source: Option<&'static str>,
    as_of: Option<String>,
    age_seconds: Option<i64>,
    state_file: Option<String>,
    last_error: Option<String>,
    interval: u64,
    remarks: Vec<String>,
}

pub(super) fn vscode(view: &View, look: &Look) -> String {
    let speaker = speaker(view);
    let document = Document {
        version: 1,
        text: escape::one_line(&joined(&pieces(view, look), look, |piece| text(piece, view, look))),
        icon: speaker.map_or("sync", icon),
        level: view.level().as_str(),
        state: speaker.map_or("no_data", state_word),
        label: label(view, look),
        tooltip: tooltip(view, look),
        details: view.tools.iter().flat_map(|tool| details(tool, view, look)).collect(),
        dashboard: speaker.and_then(|tool| dashboard(tool.tool, look)),
        diagnostics: diagnostics(view, speaker, look),
    };
    ended(serde_json::to_string(&document).unwrap_or_default())
}

/// The tool that one icon speaks for: the first in need of attention, else the first.
fn speaker(view: &View) -> Option<&ToolView> {
    let needy = view.tools.iter().find(|tool| !matches!(tool.condition, Condition::Good | Condition::NoData));
    needy.or_else(|| view.tools.first())
}

/// A tool's numbers without marks: icon and colour say the rest.
fn text(piece: &Piece<'_>, view: &View, look: &Look) -> String {
    let tool = piece.tool;
    let silent = if tool.condition == Condition::SignIn { "Sign in" } else { NO_DATA };
    let text = numbers(tool, view.display, look.ascii).unwrap_or_else(|| silent.to_owned());
    if view.sole { text } else { format!("{} {text}", tool.tool.name()) }
}

/// A name from <https://code.visualstudio.com/api/references/icons-in-labels>, read 2026-11-21.
const fn icon(tool: &ToolView) -> &'static str {
    match (tool.condition, tool.freshness) {
        (Condition::SignIn, _) => "sign-in",
        (Condition::NoAccess | Condition::Error, _) => "error",
        (Condition::Offline | Condition::RateLimited, _) | (Condition::Good, Some(Freshness::Stale | Freshness::VeryStale)) => {
            "warning"
        }
        (Condition::NoData, None) => "sync",
        (Condition::NoData | Condition::Good, _) if matches!(tool.tool, Tool::Copilot) => "copilot",
        (Condition::NoData | Condition::Good, _) => "dashboard",
    }
}

/// The tools in words, as many parts as have room. Parts are left out whole.
fn label(view: &View, look: &Look) -> String {
    let mut label = String::new();
    for tool in &view.tools {
        let main = tool.main();
        let first = main.map(words::used).or_else(|| words::condition(tool).map(str::to_owned));
        let condition = main.and_then(|_| words::condition(tool)).map(str::to_owned);
        let reset = main.and_then(|meter| words::resets(meter, view.now, &look.zone));
        let worse = tool.worse().map(words::used);
        let parts = [main.and_then(words::beyond), condition, worse, reset];
        let head = format!("{}: {}", tool.tool.name(), first.unwrap_or_default());
        let gap = if label.is_empty() { "" } else { "; " };
        if !add(&mut label, gap, &head) {
            break;
        }
        for part in parts.into_iter().flatten() {
            add(&mut label, ", ", &part);
        }
    }
    if label.is_empty() { "Tacho: no data yet".to_owned() } else { label }
}

/// Whether there was room. The first part is cut where it has none: some words are better than none.
fn add(label: &mut String, gap: &str, part: &str) -> bool {
    let part = escape::one_line(part);
    let room = LABEL_BELOW - 1 - label.chars().count();
    if gap.chars().count() + part.chars().count() <= room {
        label.push_str(gap);
        label.push_str(&part);
        return true;
    }
    if label.is_empty() {
        label.extend(part.chars().take(room));
    }
    false
}

fn tooltip(view: &View, look: &Look) -> String {
    let mut paragraphs = Vec::new();
    for tool in &view.tools {
        paragraphs.push(format!("**{}**", tool.tool.name()));
        let lines = words::lines(tool, view.now, &look.zone);
        paragraphs.extend(lines.iter().map(|line| escape::markdown(&escape::one_line(line))));
    }
    paragraphs.extend(view.remarks.iter().map(|remark| escape::markdown(&escape::one_line(remark))));
    if paragraphs.is_empty() { "No data yet".to_owned() } else { paragraphs.join("\n\n") }
}

fn details(tool: &ToolView, view: &View, look: &Look) -> Vec<Detail> {
    let mut rows: Vec<Detail> = tool.meters.iter().map(|meter| row(meter, tool.tool, view, look)).collect();
    let told = tool.as_of.and_then(|at| words::told_at(at, view.now, &look.zone));
    let standing = words::condition(tool).map(str::to_owned);
    rows.push(Detail {
        label: tool.tool.name().to_owned(),
        description: escape::one_line(&words::whose(tool).unwrap_or_default()),
        below: words::capitalized(
            &standing.into_iter().chain(told.map(|at| format!("told {at}"))).collect::<Vec<_>>().join(", "),
        ),
    });
    let error = tool.error.as_ref().map(|error| error.message.as_str());
    let remarks = error.into_iter().chain(tool.remarks.iter().map(String::as_str));
    rows.extend(remarks.map(|remark| Detail {
        label: format!("{}: note", tool.tool.name()),
        description: String::new(),
        below: escape::one_line(remark),
    }));
    rows
}

fn row(meter: &MeterView, tool: Tool, view: &View, look: &Look) -> Detail {
    let share = meter.percent.filter(|_| meter.unit != Unit::Percent).map(|percent| format!(" ({})", share(percent)));
    let rest: Vec<String> = [words::beyond(meter), words::resets(meter, view.now, &look.zone)].into_iter().flatten().collect();
    Detail {
        label: escape::one_line(&format!("{}: {}", tool.name(), meter.label)),
        description: escape::one_line(&format!("{}{}", words::capitalized(&words::used(meter)), share.unwrap_or_default())),
        below: words::capitalized(&rest.join(", ")),
    }
}

fn diagnostics(view: &View, tool: Option<&ToolView>, look: &Look) -> Diagnostics {
    Diagnostics {
        version: look.about.version.clone(),
        source: tool.and_then(|tool| tool.source).map(crate::Source::as_str),
        as_of: tool.and_then(|tool| tool.as_of).and_then(words::rfc3339),
        age_seconds: tool.and_then(|tool| age_seconds(tool, view)),
        state_file: look.about.state_file.clone(),
        last_error: tool.and_then(|tool| tool.error.as_ref()).map(|error| error.message.clone()),
        interval: look.about.interval_seconds,
        remarks: view.remarks.iter().chain(&look.about.notes).cloned().collect(),
    }
}
