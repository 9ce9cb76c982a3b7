//! The months, as far back as there is data of the person.

use super::gather::{Gathered, ToolDays};
use crate::measure::plus;
use crate::report::{Cell, Chart, Column, Point, Section, Series, Step, Table, Timeline};
use crate::reports::context::annotations;
use crate::{Day, ToolId, Window};

pub(super) fn section(window: Window, gathered: &Gathered<'_>) -> Section {
    let months = gathered.first_seen().map_or_else(Vec::new, |first| months(first, window.to));
    let tools: Vec<&ToolDays<'_>> =
        gathered.tools.iter().filter(|tool| months.iter().any(|month| tool.was_seen_in(*month))).collect();
    let timeline = Timeline {
        series: tools.iter().map(|tool| series(tool, &months)).collect(),
        step: Step::Month,
        annotations: months.first().map_or_else(Vec::new, |first| {
            let all = Window { from: first.from, to: window.to };
            annotations(tools.iter().map(|tool| tool.profile), all)
        }),
        ..Timeline::default()
    };
    let drawn = Section::drawn(
        "history",
        "History",
        "Interactions per month, as far back as there is data, up to the end of the window. The first and the last month can be in part.",
        Chart::Columns(timeline),
    );
    Section { table: table(&months, &tools, gathered), ..drawn }
        .or_else_saying("No tool has anything of this person yet.")
        .widened()
}

/// The months from a day to a day; the last one ends with the latter.
fn months(first: Day, last: Day) -> Vec<Window> {
    let mut months = Vec::new();
    let mut from = first.month();
    while from <= last {
        let next = from.plus(31).month();
        months.push(Window { from, to: next.minus(1).min(last) });
        from = next;
    }
    months
}

#[expect(clippy::cast_precision_loss, reason = "points to draw")]
fn series(tool: &ToolDays<'_>, months: &[Window]) -> Series {
    let point = |month: &Window| Point {
        day: month.from,
        value: tool.interactions_in(*month).map(|value| value as f64),
        provisional: tool.has_provisional(*month),
    };
    Series {
        tool: ToolId::new(tool.profile.id),
        label: tool.profile.name.to_owned(),
        colour: tool.profile.colour,
        points: months.iter().map(point).collect(),
    }
}

/// The chart's values, with active days and the sum of all tools. The newest month comes first.
fn table(months: &[Window], tools: &[&ToolDays<'_>], gathered: &Gathered<'_>) -> Table {
    let of_tools = tools.iter().map(|tool| Column::number(format!("interactions_{}", tool.profile.id), tool.profile.name));
    let columns = [Column::text("month", "Month"), Column::number("active_days", "Active days")]
        .into_iter()
        .chain(of_tools)
        .chain([Column::number("interactions", "All interactions"), Column::text("state", "State")]);
    let row = |month: &Window| {
        let each: Vec<Option<i64>> = tools.iter().map(|tool| tool.interactions_in(*month)).collect();
        let sum = each.iter().fold(None, |sum, value| plus(sum, *value));
        let provisional = tools.iter().any(|tool| tool.has_provisional(*month));
        [Cell::Day(month.from), Cell::count(gathered.active_days(*month))]
            .into_iter()
            .chain(each.into_iter().map(Cell::count))
            .chain([Cell::count(sum), Cell::text(if provisional { "provisional" } else { "" })])
            .collect()
    };
    Table::new(columns.collect(), months.iter().rev().map(row).collect())
}
