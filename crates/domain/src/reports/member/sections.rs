//! The charts and tables of a person's page.

use super::figures::rule_label;
use super::gather::{Gathered, ToolDays};
use super::{LEVELS, Material, UsedSplit, calendar_days, history};
use crate::metrics::{acceptance, ratio};
use crate::report::{
    Amount, Bar, Bars, Calendar, Cell, Chart, Column, HeatDay, Point, Section, Series, Step, Table, Timeline, Unit,
};
use crate::reports::context::annotations;
use crate::reports::people::metered;
use crate::{AcceptanceRule, Day, Dimension, Measure, Measures, ToolId, ToolProfile, Window};
use std::collections::BTreeMap;

/// From how many days on points over time are weeks.
const WEEKS_FROM: u32 = 120;

pub(super) fn all(window: Window, material: &Material<'_>, gathered: &Gathered<'_>) -> Vec<Section> {
    let mut sections = vec![usage(window, gathered), calendar(window, gathered), trend(window, gathered)];
    sections.extend(acceptance_by_week(window, gathered));
    sections.extend(material.punch.clone().map(|punch| {
        let says = format!("When in the week: {} by weekday and hour, in tools that give a time of day.", punch.unit);
        Section::drawn("punch", "Hours of the week", &says, Chart::Punch(punch))
    }));
    sections.push(history::section(window, gathered));
    sections.push(by_tool(window, gathered));
    sections.extend(Dimension::ALL.into_iter().filter_map(|dimension| split(dimension, material, gathered)));
    sections
}

fn usage(window: Window, gathered: &Gathered<'_>) -> Section {
    let total = gathered.interactions_in(window);
    let mut used: Vec<&ToolDays<'_>> = gathered.used(window).collect();
    used.sort_by_key(|tool| std::cmp::Reverse(tool.interactions_in(window)));
    let bars = used.into_iter().map(|tool| {
        let own = tool.interactions_in(window);
        Bar {
            label: tool.profile.name.to_owned(),
            colour: tool.profile.colour,
            value: Amount::count(own),
            share: ratio(own, total),
            context: tool.profile.interaction_unit.to_owned(),
        }
    });
    let bars = Bars { of: "Tool".into(), measure: "Interactions".into(), bars: bars.collect() };
    Section::drawn("usage", "Use by tool", "Interactions, each tool in its own unit, and its share of all.", Chart::Bars(bars))
}

fn calendar(window: Window, gathered: &Gathered<'_>) -> Section {
    let at = |day| HeatDay { day, interactions: gathered.interactions(day) };
    let calendar = Calendar { days: calendar_days(window).days().map(at).collect(), levels: Some(LEVELS) };
    Section::drawn(
        "heatmap",
        "Activity",
        "Interactions per day, all tools: none, 1 to 5, 6 to 15, 16 and more. At least 90 days, whatever the window.",
        Chart::Calendar(calendar),
    )
}

/// One tool over time: a value and whether it is provisional, for each place.
fn series(profile: &ToolProfile, label: String, points: Vec<Point>) -> Series {
    Series { tool: ToolId::new(profile.id), label, colour: profile.colour, points }
}

#[expect(clippy::cast_precision_loss, reason = "points to draw")]
fn trend(window: Window, gathered: &Gathered<'_>) -> Section {
    let step = if window.len() < WEEKS_FROM { Step::Day } else { Step::Week };
    let places = if step == Step::Day { window.days().map(Window::day).collect() } else { weeks(window) };
    let points = |tool: &ToolDays<'_>| {
        let point = |days: &Window| Point {
            day: if step == Step::Day { days.from } else { days.from.week() },
            value: tool.interactions_in(*days).map(|value| value as f64),
            provisional: tool.has_provisional(*days),
        };
        places.iter().map(point).collect()
    };
    let lines = gathered.used(window).map(|tool| series(tool.profile, tool.profile.name.to_owned(), points(tool)));
    let annotations = annotations(gathered.used(window).map(|tool| tool.profile), window);
    let timeline = Timeline { series: lines.collect(), step, annotations, ..Timeline::default() };
    let each = if step == Step::Day { "day" } else { "week" };
    Section::drawn("trend", &format!("Interactions per {each}"), "A line for each tool, in its own unit.", Chart::Lines(timeline))
}

/// The weeks of a window, the first and last possibly in part.
fn weeks(window: Window) -> Vec<Window> {
    let mut weeks: BTreeMap<Day, Window> = BTreeMap::new();
    for day in window.days() {
        weeks.entry(day.week()).or_insert(Window::day(day)).to = day;
    }
    weeks.into_values().collect()
}

fn acceptance_by_week(window: Window, gathered: &Gathered<'_>) -> Option<Section> {
    let mut lines = Vec::new();
    for tool in &gathered.tools {
        for rule in tool.profile.acceptance {
            let point = |days: Window| {
                let mut sums = Measures::default();
                days.days().for_each(|day| sums.add(&tool.measures(day)));
                Point { day: days.from.week(), value: acceptance(rule, &sums), provisional: tool.has_provisional(days) }
            };
            let points: Vec<Point> = weeks(window).into_iter().map(point).collect();
            if points.iter().any(|point| point.value.is_some()) {
                lines.push(series(tool.profile, rule_label(tool.profile, rule), points));
            }
        }
    }
    let rated = gathered
        .tools
        .iter()
        .map(|tool| tool.profile)
        .filter(|profile| lines.iter().any(|line| line.tool.as_str() == profile.id));
    let annotations = annotations(rated, window);
    let timeline = Timeline { series: lines, unit: Unit::Share, step: Step::Week, annotations };
    (!timeline.series.is_empty()).then(|| {
        Section::drawn(
            "acceptance",
            "Acceptance by week",
            "Accepted by offered, per tool and rule; never blended.",
            Chart::Lines(timeline),
        )
    })
}

/// A column of measures.
struct Measured {
    id: &'static str,
    label: &'static str,
    of: fn(&Measures) -> Cell,
}

const MEASURED: [Measured; 13] = [
    Measured { id: "interactions", label: "Interactions", of: |m| Cell::count(m[Measure::Interactions]) },
    Measured { id: "prompts", label: "Prompts", of: |m| Cell::count(m[Measure::Prompts]) },
    Measured { id: "requests", label: "Requests", of: |m| Cell::count(m[Measure::Requests]) },
    Measured { id: "sessions", label: "Sessions", of: |m| Cell::count(m[Measure::Sessions]) },
    Measured { id: "lines_added", label: "Lines added", of: |m| Cell::count(m[Measure::LinesAdded]) },
    Measured { id: "lines_removed", label: "Lines removed", of: |m| Cell::count(m[Measure::LinesRemoved]) },
    Measured { id: "commits", label: "Commits", of: |m| Cell::count(m[Measure::Commits]) },
    Measured { id: "pull_requests", label: "Pull requests", of: |m| Cell::count(m[Measure::PullRequests]) },
    Measured { id: "tokens_input", label: "Tokens in", of: |m| Cell::count(m[Measure::TokensInput]) },
    Measured { id: "tokens_output", label: "Tokens out", of: |m| Cell::count(m[Measure::TokensOutput]) },
    Measured { id: "tokens_cache_read", label: "Tokens from cache", of: |m| Cell::count(m[Measure::TokensCacheRead]) },
    Measured { id: "tokens_cache_write", label: "Tokens to cache", of: |m| Cell::count(m[Measure::TokensCacheWrite]) },
    Measured { id: "metered_value", label: "Metered value (USD)", of: |m| Cell::money(metered(m)) },
];

/// The columns that say something of any of these.
fn said(all: &[&Measures]) -> Vec<&'static Measured> {
    MEASURED.iter().filter(|one| all.iter().any(|measures| (one.of)(measures) != Cell::Nothing)).collect()
}

fn heads(first: Vec<Column>, measured: &[&Measured]) -> Vec<Column> {
    first.into_iter().chain(measured.iter().map(|one| Column::number(one.id, one.label))).collect()
}

fn by_tool(window: Window, gathered: &Gathered<'_>) -> Section {
    let used: Vec<&ToolDays<'_>> = gathered.tools.iter().filter(|tool| tool.was_seen_in(window)).collect();
    let measured = said(&used.iter().map(|tool| &tool.now).collect::<Vec<_>>());
    let first = vec![
        Column::text("tool", "Tool"),
        Column::text("unit", "One interaction"),
        Column::number("active_days", "Active days").explained("Distinct days with activity, by the tool's own rule."),
    ];
    let row = |tool: &&ToolDays<'_>| {
        let head = [
            Cell::link(tool.profile.name, format!("/tools/{}", tool.profile.id)),
            Cell::text(tool.profile.interaction_unit),
            Cell::count(tool.active_days(window)),
        ];
        head.into_iter().chain(measured.iter().map(|one| (one.of)(&tool.now))).collect()
    };
    let table = Table::new(heads(first, &measured), used.iter().map(row).collect());
    Section::listed("tools", "Each tool", "What each vendor counts of this person; a dash is what it does not say.", table)
        .or_else_saying("No tool has anything of this person in this window.")
        .widened()
}

/// The person's use of each model, language, editor or feature; nothing where no vendor says.
fn split(dimension: Dimension, material: &Material<'_>, gathered: &Gathered<'_>) -> Option<Section> {
    let profile = |id: &ToolId| gathered.tools.iter().map(|tool| tool.profile).find(|profile| profile.id == id.as_str());
    let parts: Vec<(&UsedSplit, &ToolProfile)> = material
        .splits
        .iter()
        .filter(|split| split.dimension == dimension)
        .filter_map(|split| Some((split, profile(&split.tool)?)))
        .collect();
    if parts.is_empty() {
        return None;
    }
    let rates: Vec<(&ToolProfile, &AcceptanceRule)> = gathered
        .tools
        .iter()
        .flat_map(|tool| tool.profile.acceptance.iter().map(|rule| (tool.profile, rule)))
        .filter(|(of, rule)| {
            parts.iter().any(|(split, profile)| profile.id == of.id && split.measures.sum(rule.offered).is_some())
        })
        .collect();
    let measured = said(&parts.iter().map(|(split, _)| &split.measures).collect::<Vec<_>>());
    let (id, title, singular) = words(dimension);
    let mut columns = heads(vec![Column::text("name", singular), Column::text("tool", "Tool")], &measured);
    columns.extend(rates.iter().map(|(profile, rule)| {
        let label = format!("Acceptance, {}", rule_label(profile, rule));
        Column::number(format!("acceptance_{}_{}", profile.id, rule.id), label).explained(rule.formula)
    }));
    let row = |(split, profile): &(&UsedSplit, &ToolProfile)| {
        let head = [Cell::text(part_name(split, profile)), Cell::text(profile.name)];
        let rate = |(of, rule): &(&ToolProfile, &AcceptanceRule)| {
            if of.id == profile.id { Cell::share(acceptance(rule, &split.measures)) } else { Cell::Nothing }
        };
        head.into_iter().chain(measured.iter().map(|one| (one.of)(&split.measures))).chain(rates.iter().map(rate)).collect()
    };
    let table = Table::new(columns, parts.iter().map(row).collect());
    let says =
        format!("By {}, as each vendor attributes it; parts need not add up to the tool's total.", singular.to_lowercase());
    Some(Section::listed(id, title, &says, table))
}

/// What people call a part.
fn part_name<'s>(split: &'s UsedSplit, profile: &ToolProfile) -> &'s str {
    if split.dimension == Dimension::Feature { profile.feature_name(&split.value) } else { &split.value }
}

const fn words(dimension: Dimension) -> (&'static str, &'static str, &'static str) {
    match dimension {
        Dimension::Model => ("models", "Models", "Model"),
        Dimension::Language => ("languages", "Languages", "Language"),
        Dimension::Editor => ("editors", "Editors", "Editor"),
        Dimension::Feature => ("features", "Features", "Feature"),
    }
}
