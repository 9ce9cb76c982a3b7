//! Numbers in as few characters as a bar has: `50/100`, `111%`, `+10`, and the marks beside them.

use super::Look;
use crate::view::{Condition, Display, MeterView, ToolView, View};
use crate::{Freshness, Limit, Milli, Tool, Unit};

/// What stands for a number that nobody told.
pub(super) const NO_DATA: &str = "-";

/// A number with at most one decimal, cut and not rounded: what is shown was reached.
pub(super) fn count(amount: Milli) -> String {
    Milli(amount.0 / 100 * 100).to_string()
}

/// An amount in its unit.
pub(super) fn amount(amount: Milli, unit: Unit) -> String {
    match unit {
        Unit::Requests | Unit::Credits => count(amount),
        Unit::Percent => share(amount),
        Unit::Cents => {
            let cents = amount.0 / 1_000;
            format!("${}.{:02}", cents / 100, cents % 100)
        }
    }
}

/// A share in whole per cent, cut and not rounded: 99.9 % is not 100 %.
pub(super) fn share(percent: Milli) -> String {
    format!("{}%", percent.0 / 1_000)
}

/// A meter in the terms that were chosen.
pub(super) fn brief(meter: &MeterView, display: Display, ascii: bool) -> String {
    let Some(used) = meter.used else { return NO_DATA.to_owned() };
    let limit = match meter.limit {
        Limit::Unlimited => return if ascii { "unlimited" } else { "∞" }.to_owned(),
        // A count without anything to measure it against, and the word for it.
        Limit::Unknown => return format!("{} used", amount(used, meter.unit)),
        Limit::Of(limit) => limit,
    };
    let over = meter.overage.0 > 0;
    match (display, meter.percent) {
        (Display::Left, _) if over => format!("+{}", amount(meter.overage, meter.unit)),
        (Display::Left, _) => format!("{} left", amount(meter.left().unwrap_or_default(), meter.unit)),
        (Display::Used, Some(percent)) if meter.unit == Unit::Percent => share(percent),
        (Display::Percent, Some(percent)) => share(percent),
        _ if over => {
            let beyond = amount(meter.overage, meter.unit);
            format!("{}/{} +{beyond}", amount(used, meter.unit), amount(limit, meter.unit))
        }
        _ => format!("{}/{}", amount(used, meter.unit), amount(limit, meter.unit)),
    }
}

/// What a bar shows of a tool, without its name.
pub(super) fn of_tool(tool: &ToolView, display: Display, ascii: bool) -> String {
    let Some(numbers) = numbers(tool, display, ascii) else {
        return match tool.condition {
            Condition::SignIn => "sign in".to_owned(),
            _ => with_marks(NO_DATA.to_owned(), tool, ascii),
        };
    };
    with_marks(numbers, tool, ascii)
}

/// The main meter, and another that is nearer its end.
pub(super) fn numbers(tool: &ToolView, display: Display, ascii: bool) -> Option<String> {
    let mut text = brief(tool.main()?, display, ascii);
    if let Some(worse) = tool.worse() {
        text = format!("{text}{}{} {}", if ascii { ", " } else { " · " }, worse.label, brief(worse, display, ascii));
    }
    Some(text)
}

fn with_marks(text: String, tool: &ToolView, ascii: bool) -> String {
    let age = match tool.freshness {
        Some(Freshness::Stale) => Some(if ascii { "~" } else { "◷" }),
        Some(Freshness::VeryStale) => Some(if ascii { "~~" } else { "◷◷" }),
        _ => None,
    };
    let marks = [age, condition_mark(tool.condition, ascii)].into_iter().flatten();
    marks.fold(text, |text, mark| format!("{text} {mark}"))
}

const fn condition_mark(condition: Condition, ascii: bool) -> Option<&'static str> {
    match condition {
        Condition::Good | Condition::NoData => None,
        Condition::SignIn => Some("sign in"),
        Condition::Offline if ascii => Some("offline"),
        Condition::Offline => Some("⊘"),
        Condition::RateLimited => Some("wait"),
        Condition::NoAccess => Some("no access"),
        Condition::Error => Some("!"),
    }
}

/// A tool in a line of several.
pub(super) struct Piece<'a> {
    pub(super) tool: &'a ToolView,
    pub(super) text: String,
}

/// The tools of a line, each with its name where it needs one.
pub(super) fn pieces<'a>(view: &'a View, look: &Look) -> Vec<Piece<'a>> {
    let piece = |tool: &'a ToolView| {
        let text = of_tool(tool, view.display, look.ascii);
        Piece { tool, text: if view.sole { text } else { format!("{} {text}", tool.tool.name()) } }
    };
    fit(view.tools.iter().map(piece).collect(), look)
}

/// What stands between tools.
pub(super) const fn between(ascii: bool) -> &'static str {
    if ascii { "; " } else { " · " }
}

/// Drops tools from the right until the rest has room. The first stays whatever happens: half a number is a wrong one.
fn fit<'a>(mut pieces: Vec<Piece<'a>>, look: &Look) -> Vec<Piece<'a>> {
    let Some(columns) = look.columns else { return pieces };
    let gap = between(look.ascii).chars().count();
    let width = |pieces: &[Piece<'_>]| {
        pieces.iter().map(|piece| piece.text.chars().count()).sum::<usize>() + gap * pieces.len().saturating_sub(1)
    };
    while pieces.len() > 1 && width(&pieces) > usize::from(columns) {
        pieces.pop();
    }
    pieces
}

/// The pieces in one line, each as `painted`; what stands for no data where there are none.
pub(super) fn joined(pieces: &[Piece<'_>], look: &Look, painted: impl Fn(&Piece<'_>) -> String) -> String {
    if pieces.is_empty() {
        return NO_DATA.to_owned();
    }
    pieces.iter().map(painted).collect::<Vec<_>>().join(between(look.ascii))
}

/// The state of a tool in one word, for classes and programs: what is wrong first, then how old it is.
pub(super) fn state_word(tool: &ToolView) -> &'static str {
    match (tool.condition, tool.freshness) {
        (Condition::NoData, _) => "no_data",
        (Condition::SignIn, _) => "sign_in",
        (Condition::Offline, _) => "offline",
        (Condition::RateLimited, _) => "rate_limited",
        (Condition::NoAccess, _) => "no_access",
        (Condition::Error, _) => "error",
        (Condition::Good, _) if tool.main().is_some_and(MeterView::has_ended) => "no_data",
        (Condition::Good, Some(Freshness::Stale)) => "stale",
        (Condition::Good, Some(Freshness::VeryStale)) => "very_stale",
        (Condition::Good, _) => "good",
    }
}

/// Where a person sees the vendor's own numbers.
pub(super) fn dashboard(tool: Tool, look: &Look) -> Option<String> {
    let page = match tool {
        Tool::Copilot => {
            let host = look.about.copilot_host.as_deref().unwrap_or("github.com");
            return Some(format!("https://{host}/settings/billing"));
        }
        Tool::Claude => "https://claude.ai/settings/usage",
        Tool::Codex => "https://chatgpt.com/codex/settings/usage",
        Tool::Cursor => "https://cursor.com/dashboard",
        Tool::Opencode => "https://opencode.ai/auth",
        Tool::Team => return look.about.server.clone(),
    };
    Some(page.to_owned())
}
