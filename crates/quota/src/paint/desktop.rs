//! The bars that take more than a line: waybar's JSON, i3blocks' three lines, xbar's menu.

use super::Look;
use super::escape;
use super::line::{ended, hex};
use super::text::{NO_DATA, brief, dashboard, joined, of_tool, pieces, state_word};
use super::words;
use crate::view::{Level, ToolView, View};
use serde::Serialize;

/// waybar(5), custom module with `return-type: json`; `text` and `tooltip` are Pango markup.
/// <https://man.archlinux.org/man/waybar-custom.5>, read 2026-11-21.
#[derive(Serialize)]
struct Waybar {
    text: String,
    alt: &'static str,
    tooltip: String,
    class: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percentage: Option<i64>,
}

pub(super) fn waybar(view: &View, look: &Look) -> String {
    let pieces = pieces(view, look);
    let text = joined(&pieces, look, |piece| escape::pango(&escape::one_line(&piece.text)));
    let percentage = share(view);
    let level = level_class(view.level(), percentage);
    let tooltip = tooltip(view, look);
    let states = pieces.iter().map(|piece| state_word(piece.tool)).filter(|state| *state != "good");
    let mut class: Vec<&'static str> = std::iter::once(level).chain(states).collect();
    class.dedup();
    let waybar = Waybar { text, alt: level, tooltip: escape::pango(&tooltip), class, percentage };
    ended(serde_json::to_string(&waybar).unwrap_or_default())
}

/// The classes that modules of this kind have used for long, and one for what is beyond.
fn level_class(level: Level, percentage: Option<i64>) -> &'static str {
    match (level, percentage) {
        (Level::Over, _) => "over",
        (Level::Critical, _) => "critical",
        (Level::Warn, _) => "high",
        (Level::Ok, Some(50..)) => "mid",
        (Level::Ok, _) => "low",
    }
}

/// The highest share that is shown, in whole per cent; above 100 beyond the limit.
fn share(view: &View) -> Option<i64> {
    let shown = view.tools.iter().flat_map(|tool| [tool.main(), tool.worse()]).flatten();
    shown.filter_map(|meter| meter.percent).max().map(|percent| percent.0 / 1_000)
}

fn tooltip(view: &View, look: &Look) -> String {
    let of_tool = |tool: &ToolView| {
        let lines = words::lines(tool, view.now, &look.zone).into_iter().map(|line| escape::one_line(&line));
        std::iter::once(tool.tool.name().to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
    };
    let tools = view.tools.iter().map(of_tool);
    let remarks = view.remarks.iter().map(|remark| escape::one_line(remark));
    let all: Vec<String> = tools.chain(remarks).collect();
    if all.is_empty() { "No data yet".to_owned() } else { all.join("\n\n") }
}

/// i3blocks: the text, a short text for a narrow bar, and a colour, on a line each.
/// <https://vivien.github.io/i3blocks/#_format>, read 2026-11-21.
pub(super) fn i3blocks(view: &View, look: &Look) -> String {
    let full = joined(&pieces(view, look), look, |piece| escape::one_line(&piece.text));
    let nearest = view.tools.iter().rev().max_by_key(|tool| tool.level);
    let short = nearest.map_or_else(|| NO_DATA.to_owned(), |tool| short(tool, view, look));
    let colour = hex(view.level()).filter(|_| look.colour);
    ended([Some(full.as_str()), Some(short.as_str()), colour].into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

/// A tool's number alone.
fn short(tool: &ToolView, view: &View, look: &Look) -> String {
    let nearest = tool.worse().or_else(|| tool.main());
    nearest.map_or_else(|| of_tool(tool, view.display, look.ascii), |meter| brief(meter, view.display, look.ascii))
}

/// xbar and `SwiftBar`: the bar's line, `---`, then the menu.
/// <https://github.com/matryer/xbar-plugins/blob/main/CONTRIBUTING.md>, read 2026-11-21.
pub(super) fn xbar(view: &View, look: &Look) -> String {
    let bar = joined(&pieces(view, look), look, |piece| escape::xbar(&escape::one_line(&piece.text)));
    let colour = hex(view.level()).filter(|_| look.colour).map(|colour| format!(" | color={colour}"));
    let mut lines = vec![format!("{bar}{}", colour.unwrap_or_default()), "---".to_owned()];
    for tool in &view.tools {
        let open = dashboard(tool.tool, look).map(|page| format!(" | href={}", escape::xbar(&page).replace(' ', "%20")));
        lines.push(format!("{}{}", tool.tool.name(), open.unwrap_or_default()));
        let told = words::lines(tool, view.now, &look.zone);
        lines.extend(told.iter().map(|line| escape::xbar_row(&escape::one_line(line))));
        lines.push("---".to_owned());
    }
    lines.extend(view.remarks.iter().map(|remark| escape::xbar_row(&escape::one_line(remark))));
    lines.push("Refresh | refresh=true".to_owned());
    ended(lines.join("\n"))
}
