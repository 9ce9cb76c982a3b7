//! The figures at the head of a person's page.

use super::Material;
use super::gather::{Gathered, ToolDays};
use crate::measure::plus;
use crate::metrics::{Cohort, acceptance, cohort, ratio};
use crate::report::{Amount, Figure, Group, Part};
use crate::reports::people::{METERED_FORMULA, metered};
use crate::{AcceptanceRule, Measure, Measures, ToolId, ToolProfile, Window, money};

pub(super) fn groups(window: Window, material: &Material<'_>, gathered: &Gathered<'_>) -> Vec<Group> {
    let mut activity = vec![interactions(window, gathered), active_days(window, gathered)];
    activity.extend(top_tool(window, gathered));
    activity.extend(active_hours(material));
    let mut groups = vec![
        Group { heading: "Activity".into(), figures: activity },
        Group { heading: "Acceptance, per tool".into(), figures: rates(window, gathered) },
        Group { heading: "Output".into(), figures: SUMS.iter().filter_map(|rule| sum(window, gathered, rule)).collect() },
    ];
    groups.retain(|group| !group.figures.is_empty());
    groups
}

fn part(profile: &ToolProfile, value: Amount, share: Option<f64>) -> Part {
    Part { tool: ToolId::new(profile.id), label: profile.name.to_owned(), value, share }
}

fn any_provisional(window: Window, gathered: &Gathered<'_>) -> bool {
    gathered.tools.iter().any(|tool| tool.has_provisional(window))
}

#[expect(clippy::cast_precision_loss, reason = "a spark line to look at")]
fn interactions(window: Window, gathered: &Gathered<'_>) -> Figure {
    let now = gathered.interactions_in(window);
    let parts = gathered.used(window).map(|tool| {
        let own = tool.interactions_in(window);
        part(tool.profile, Amount::count(own), ratio(own, now))
    });
    let rules: Vec<String> =
        gathered.used(window).map(|tool| format!("{}: {}", tool.profile.name, tool.profile.interaction_formula)).collect();
    let units = "Explicit use, added over the tools although their units differ";
    let formula = if rules.is_empty() { format!("{units}.") } else { format!("{units}: {}.", rules.join("; ")) };
    Figure {
        before: Amount::count(gathered.interactions_in(window.before())),
        parts: parts.collect(),
        provisional: any_provisional(window, gathered),
        spark: window.days().map(|day| gathered.interactions(day).map(|value| value as f64)).collect(),
        ..Figure::bare("interactions", "Total interactions", Amount::count(now), &formula)
    }
}

fn active_days(window: Window, gathered: &Gathered<'_>) -> Figure {
    let days = gathered.active_days(window);
    let parts = gathered.used(window).map(|tool| part(tool.profile, Amount::count(tool.active_days(window)), None));
    Figure {
        before: Amount::count(gathered.active_days(window.before())),
        parts: parts.collect(),
        context: days.map_or_else(String::new, |days| format!("of {}{}", window.len(), habit(days, window))),
        provisional: any_provisional(window, gathered),
        ..Figure::bare(
            "active_days",
            "Active days",
            Amount::count(days),
            "Distinct days of the window with activity in at least one tool, by each tool's own rule. A day with two tools counts once.",
        )
    }
}

/// The cohort in words, where there is one.
fn habit(days: i64, window: Window) -> &'static str {
    match cohort(u32::try_from(days).unwrap_or(u32::MAX), window.workdays()) {
        Cohort::None => "",
        Cohort::Light => ", light use",
        Cohort::Moderate => ", moderate use",
        Cohort::Heavy => ", heavy use",
    }
}

/// The tool with the most interactions: its share stands for it.
fn top_tool(window: Window, gathered: &Gathered<'_>) -> Option<Figure> {
    let total = gathered.interactions_in(window);
    let (tool, most) = top(window, gathered)?;
    Some(Figure {
        context: format!("{} of {} interactions", money::group(most), money::group(total?)),
        parts: vec![part(tool.profile, Amount::Count(most), ratio(Some(most), total))],
        provisional: tool.has_provisional(window),
        ..Figure::bare(
            "top_tool",
            &format!("Top tool: {}", tool.profile.name),
            Amount::share(ratio(Some(most), total)),
            "The tool with the most interactions, and its share of all. Units differ between tools, so the share leans towards tools that count small steps.",
        )
    })
}

fn top<'g, 'a>(window: Window, gathered: &'g Gathered<'a>) -> Option<(&'g ToolDays<'a>, i64)> {
    let used = gathered.tools.iter().filter_map(|tool| Some((tool, tool.interactions_in(window).filter(|many| *many > 0)?)));
    used.max_by_key(|(tool, many)| (*many, std::cmp::Reverse(tool.profile.colour)))
}

fn active_hours(material: &Material<'_>) -> Option<Figure> {
    let hours = material.active_hours?;
    Some(Figure {
        context: "in tools that give a time of day".into(),
        ..Figure::bare(
            "active_hours",
            "Active hours",
            Amount::Count(i64::from(hours)),
            "Distinct clock hours (UTC) with an event, added over the days. Only tools whose vendor gives the time of each event.",
        )
    })
}

fn rates(window: Window, gathered: &Gathered<'_>) -> Vec<Figure> {
    let mut figures = Vec::new();
    for tool in &gathered.tools {
        figures.extend(tool.profile.acceptance.iter().filter_map(|rule| rate(window, tool, rule)));
    }
    figures
}

fn rate(window: Window, tool: &ToolDays<'_>, rule: &AcceptanceRule) -> Option<Figure> {
    let offered = tool.now.sum(rule.offered)?;
    Some(Figure {
        before: Amount::share(acceptance(rule, &tool.before)),
        context: format!("of {} offered", money::group(offered)),
        provisional: tool.has_provisional(window),
        spark: window.days().map(|day| acceptance(rule, &tool.measures(day))).collect(),
        ..Figure::bare(
            &format!("acceptance_{}_{}", tool.profile.id, rule.id),
            &format!("Acceptance, {}", rule_label(tool.profile, rule)),
            Amount::share(acceptance(rule, &tool.now)),
            rule.formula,
        )
    })
}

/// "Cursor: Tab completions", or the tool's name alone where it has one rule.
pub(super) fn rule_label(profile: &ToolProfile, rule: &AcceptanceRule) -> String {
    if profile.acceptance.len() > 1 { format!("{}: {}", profile.name, rule.label) } else { profile.name.to_owned() }
}

/// A sum over the tools.
struct Sum {
    id: &'static str,
    label: &'static str,
    of: fn(&Measures) -> Option<i64>,
    amount: fn(Option<i64>) -> Amount,
    formula: &'static str,
}

const SUMS: [Sum; 7] = [
    Sum {
        id: "lines_added",
        label: "Lines added",
        of: |measures| measures[Measure::LinesAdded],
        amount: Amount::count,
        formula: "Lines a tool wrote and the person kept, as each vendor counts them.",
    },
    Sum {
        id: "lines_removed",
        label: "Lines removed",
        of: |measures| measures[Measure::LinesRemoved],
        amount: Amount::count,
        formula: "Lines a tool removed, as each vendor counts them.",
    },
    Sum {
        id: "sessions",
        label: "Sessions",
        of: |measures| measures[Measure::Sessions],
        amount: Amount::count,
        formula: "Distinct sessions or conversations, in tools whose vendor counts them.",
    },
    Sum {
        id: "commits",
        label: "Commits",
        of: |measures| measures[Measure::Commits],
        amount: Amount::count,
        formula: "Commits made through a tool, where its vendor counts them.",
    },
    Sum {
        id: "pull_requests",
        label: "Pull requests",
        of: |measures| measures[Measure::PullRequests],
        amount: Amount::count,
        formula: "Pull requests opened through a tool, where its vendor counts them.",
    },
    Sum {
        id: "tokens",
        label: "Tokens",
        of: Measures::tokens,
        amount: Amount::count,
        formula: "Input (uncached), output, cache read and cache write, added; the table by tool keeps them apart.",
    },
    Sum {
        id: "metered_value",
        label: "Metered use, at vendor prices",
        of: metered,
        amount: Amount::money,
        formula: METERED_FORMULA,
    },
];

fn sum(window: Window, gathered: &Gathered<'_>, rule: &Sum) -> Option<Figure> {
    let total =
        |sums: fn(&ToolDays<'_>) -> Measures| gathered.tools.iter().fold(None, |sum, tool| plus(sum, (rule.of)(&sums(tool))));
    let now = total(|tool| tool.now);
    now?;
    let parts = gathered.tools.iter().filter_map(|tool| {
        let own = (rule.of)(&tool.now)?;
        Some(part(tool.profile, (rule.amount)(Some(own)), ratio(Some(own), now)))
    });
    Some(Figure {
        before: (rule.amount)(total(|tool| tool.before)),
        parts: parts.collect(),
        provisional: any_provisional(window, gathered),
        ..Figure::bare(rule.id, rule.label, (rule.amount)(now), rule.formula)
    })
}
