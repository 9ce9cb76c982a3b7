//! The member table with its pages.

use crate::view::View;
use tacho_domain::metrics::Cohort;
use tacho_domain::report::{MemberRow, Overview};
use tacho_domain::{ToolId, ToolProfile};
use tacho_render::charts::spark_bars;
use tacho_render::tables::tool_name;
use tacho_render::words::{NO_DATA, amount, count, long_day, plural};

/// The table and where in it we are.
pub(super) struct Members {
    pub(super) rows: Vec<Row>,
    pub(super) total: String,
    pub(super) range: String,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    pub(super) csv: String,
    /// What is said of rows that are left out, where the caller may not see all.
    pub(super) sight: Option<&'static str>,
    /// How many rows are left out; empty where none is.
    pub(super) hidden: String,
}

/// One member, or an identity nobody matched.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) unmatched: bool,
    pub(super) tools: Vec<Badge>,
    pub(super) last_active: String,
    pub(super) active_days: u32,
    pub(super) cohort: &'static str,
    pub(super) interactions: String,
    pub(super) acceptance: Vec<(String, String)>,
    pub(super) lines: String,
    pub(super) cost: String,
    pub(super) spark: String,
}

/// A tool's name with its colour.
pub(super) struct Badge {
    pub(super) class: String,
    pub(super) name: String,
}

pub(super) fn table(overview: &Overview, view: &View, tools: &[ToolProfile], sight: Option<&'static str>) -> Members {
    let table = &overview.members;
    let last = table.offset + table.rows.len();
    let page = |number: usize| format!("{}#members", view.at_page(number).href("/"));
    Members {
        rows: table.rows.iter().map(|row| member(row, tools)).collect(),
        total: count(i64::try_from(table.total_rows).unwrap_or(i64::MAX)),
        range: if table.rows.is_empty() { "0".into() } else { format!("{} to {last}", table.offset + 1) },
        previous: (view.page > 1).then(|| page(view.page - 1)),
        next: (last < table.total_rows && !table.rows.is_empty()).then(|| page(view.page + 1)),
        csv: view.at_page(1).href("/overview/members.csv"),
        sight,
        hidden: match table.hidden_rows {
            0 => String::new(),
            hidden => format!("{} not shown here.", plural(u64::try_from(hidden).unwrap_or(u64::MAX), "row is", "rows are")),
        },
    }
}

fn member(row: &MemberRow, tools: &[ToolProfile]) -> Row {
    let known = |value: Option<i64>| value.map_or_else(|| NO_DATA.to_owned(), count);
    Row {
        name: if row.name.is_empty() { format!("Member {}", row.subject.0) } else { row.name.clone() },
        unmatched: row.unmatched,
        tools: row.tools.iter().map(|tool| badge(tool, tools)).collect(),
        last_active: row.last_active.map_or_else(|| NO_DATA.to_owned(), long_day),
        active_days: row.active_days,
        cohort: match row.cohort {
            Cohort::None => "none",
            Cohort::Light => "light",
            Cohort::Moderate => "moderate",
            Cohort::Heavy => "heavy",
        },
        interactions: known(row.interactions),
        acceptance: row.acceptance.iter().map(|part| (part.label.clone(), amount(part.value))).collect(),
        lines: known(row.lines_added),
        cost: row.cost.map_or_else(|| NO_DATA.to_owned(), |cost| cost.to_string()),
        spark: spark_bars(&row.spark),
    }
}

pub(super) fn badge(tool: &ToolId, tools: &[ToolProfile]) -> Badge {
    let colour = tools.iter().find(|profile| profile.id == tool.as_str()).map_or(7, |profile| profile.colour % 8);
    Badge { class: format!("series-{colour}"), name: tool_name(tool, tools).to_owned() }
}
