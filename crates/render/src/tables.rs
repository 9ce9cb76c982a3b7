//! The table behind each part of the Overview.

use crate::words::amount;
use tacho_domain::report::{Cell, Column, Figure, HeatDay, MemberRow, Overview, Series, Table, ToolUsage};
use tacho_domain::{ToolId, ToolProfile};

/// The tables of an Overview by the name that stands in an address: `adoption`.
pub const NAMES: [&str; 6] = ["figures", "adoption", "heatmap", "usage", "acceptance", "members"];

fn text(label: impl Into<String> + Clone) -> Column {
    Column::text(label.clone(), label)
}

fn number(label: impl Into<String> + Clone) -> Column {
    Column::number(label.clone(), label)
}

/// The table of that name; `None` where there is no such table.
#[must_use]
pub fn of(overview: &Overview, name: &str, tools: &[ToolProfile]) -> Option<Table> {
    Some(match name {
        "figures" => figures(&overview.figures),
        "adoption" => series(&overview.adoption, "Day", |value| {
            #[expect(clippy::cast_possible_truncation, reason = "members of an organization, a whole number")]
            Cell::Count(value as i64)
        }),
        "heatmap" => heatmap(&overview.heatmap),
        "usage" => usage(&overview.usage),
        "acceptance" => series(&overview.acceptance, "Week beginning", Cell::Share),
        "members" => members(&overview.members.rows, tools),
        _ => return None,
    })
}

/// Each figure with its value, the value before and its parts.
#[must_use]
pub fn figures(figures: &[Figure]) -> Table {
    let mut rows = Vec::new();
    for figure in figures {
        rows.push(vec![
            Cell::Text(figure.label.clone()),
            Cell::Text("all".into()),
            figure.value.into(),
            figure.before.into(),
            Cell::Text(figure.context.clone()),
        ]);
        for part in &figure.parts {
            rows.push(vec![
                Cell::Text(figure.label.clone()),
                Cell::Text(part.label.clone()),
                part.value.into(),
                Cell::Nothing,
                Cell::Nothing,
            ]);
        }
    }
    let columns = ["Figure", "Tool"].map(text).into_iter();
    let columns = columns.chain(["Value", "Period before"].map(number)).chain([text("Context")]);
    Table::new(columns.collect(), rows)
}

/// A row per point, a column per series.
fn series(series: &[Series], first: &str, cell: impl Fn(f64) -> Cell) -> Table {
    let columns = std::iter::once(text(first)).chain(series.iter().map(|one| number(&one.label)));
    let columns = columns.chain([text("State")]).collect();
    let points = series.first().map(|one| one.points.as_slice()).unwrap_or_default();
    let rows = points.iter().enumerate().map(|(place, point)| {
        let at = |one: &Series| one.points.get(place).copied();
        let values = series.iter().map(|one| at(one).and_then(|p| p.value).map_or(Cell::Nothing, &cell));
        let provisional = series.iter().any(|one| at(one).is_some_and(|p| p.provisional));
        let state = Cell::Text(if provisional { "provisional" } else { "" }.into());
        std::iter::once(Cell::Day(point.day)).chain(values).chain([state]).collect()
    });
    Table::new(columns, rows.collect())
}

/// A row per day.
#[must_use]
pub fn heatmap(days: &[HeatDay]) -> Table {
    let rows = days.iter().map(|day| vec![Cell::Day(day.day), Cell::count(day.interactions)]);
    Table::new(vec![text("Day"), number("Interactions")], rows.collect())
}

/// A row per tool.
#[must_use]
pub fn usage(usage: &[ToolUsage]) -> Table {
    let row = |tool: &ToolUsage| {
        vec![
            Cell::Text(tool.name.clone()),
            Cell::count(tool.interactions),
            Cell::Text(tool.unit.clone()),
            Cell::share(tool.share),
            Cell::count(tool.tokens),
            Cell::Count(tool.active_members),
            Cell::Count(tool.active_unmatched),
        ]
    };
    let numbers = ["Share", "Tokens", "Active members", "Active, unmatched"].map(number);
    let columns = [text("Tool"), number("Interactions"), text("Unit")].into_iter().chain(numbers);
    Table::new(columns.collect(), usage.iter().map(row).collect())
}

/// A row per member.
#[must_use]
pub fn members(rows: &[MemberRow], tools: &[ToolProfile]) -> Table {
    let row = |member: &MemberRow| {
        let named: Vec<&str> = member.tools.iter().map(|tool| tool_name(tool, tools)).collect();
        let acceptance: Vec<String> =
            member.acceptance.iter().map(|part| format!("{} {}", part.label, amount(part.value))).collect();
        vec![
            Cell::Text(member.name.clone()),
            Cell::Text(if member.unmatched { "unmatched identity" } else { "member" }.into()),
            Cell::Text(named.join(", ")),
            member.last_active.map_or(Cell::Nothing, Cell::Day),
            Cell::Count(i64::from(member.active_days)),
            Cell::count(member.interactions),
            Cell::Text(acceptance.join("; ")),
            Cell::count(member.lines_added),
            member.cost.map_or(Cell::Nothing, Cell::Money),
        ]
    };
    let columns = vec![
        text("Name"),
        text("Kind"),
        text("Tools"),
        text("Last active"),
        number("Active days"),
        number("Interactions"),
        text("Acceptance"),
        number("Lines added"),
        number("Metered value (USD)"),
    ];
    Table::new(columns, rows.iter().map(row).collect())
}

/// The name of a tool, or its id where no profile is known.
#[must_use]
pub fn tool_name<'a>(tool: &'a ToolId, tools: &[ToolProfile]) -> &'a str {
    tools.iter().find(|profile| profile.id == tool.as_str()).map_or(tool.as_str(), |profile| profile.name)
}
