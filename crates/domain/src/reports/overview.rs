//! The Overview as a document: are we using what we pay for, is it growing?

use super::context;
use crate::ToolProfile;
use crate::report::{
    Amount, Annotation, Bar, Bars, Calendar, Cell, Chart, Column, Figure, Group, MemberRow, Note, Overview, Question, Report,
    ReportName, Section, Step, Table, Timeline, Unit,
};

/// The document of an Overview.
#[must_use]
pub fn document(question: &Question, overview: Overview, profiles: &[ToolProfile]) -> Report {
    let is_empty = overview.is_empty();
    let sections = sections(&overview, profiles);
    let mut notes: Vec<Note> = context::unmatched(&overview.usage, &overview.provenance).into_iter().collect();
    notes.extend(super::sight(question, overview.members.hidden_rows));
    notes.extend(context::days(&overview.provenance, overview.window, is_empty));
    Report {
        name: ReportName::Overview,
        title: "Overview".into(),
        question: "Are we using what we pay for, and is it growing?".into(),
        window: overview.window,
        scope: Vec::new(),
        notes,
        groups: groups(overview.figures),
        sections,
        provenance: overview.provenance,
        is_empty,
    }
}

fn groups(figures: Vec<Figure>) -> Vec<Group> {
    let headings = ["Adoption", "Acceptance, per tool", "Output, tokens and cost"];
    let mut groups: Vec<Group> =
        headings.into_iter().map(|heading| Group { heading: heading.into(), figures: Vec::new() }).collect();
    for figure in figures {
        groups[place(&figure)].figures.push(figure);
    }
    groups.retain(|group| !group.figures.is_empty());
    groups
}

fn place(figure: &Figure) -> usize {
    let is_money = matches!(figure.value, Amount::Money(_)) || figure.id.starts_with("metered_") || figure.id == "seat_fees";
    match figure.id.as_str() {
        id if id.starts_with("acceptance_") => 1,
        id if id.starts_with("lines_") || id == "tokens" => 2,
        _ if is_money => 2,
        _ => 0,
    }
}

/// Each tool's interactions and their share.
pub(super) fn use_by_tool(overview: &Overview) -> Section {
    let bars = overview.usage.iter().map(|tool| Bar {
        label: tool.name.clone(),
        colour: tool.colour,
        value: Amount::count(tool.interactions),
        share: tool.share,
        context: tool.unit.clone(),
    });
    let usage = Bars { of: "Tool".into(), measure: "Interactions".into(), bars: bars.collect() };
    Section::drawn("usage", "Use by tool", "Interactions, each tool in its own unit.", Chart::Bars(usage))
}

/// The marked changes of the tools that were used.
fn annotations(overview: &Overview, profiles: &[ToolProfile]) -> Vec<Annotation> {
    let shown = profiles.iter().filter(|profile| overview.usage.iter().any(|tool| tool.tool.as_str() == profile.id));
    context::annotations(shown, overview.window)
}

/// Active members per day, as the chart of the Overview and of a team.
pub(super) fn adoption(overview: &Overview, profiles: &[ToolProfile]) -> Chart {
    let annotations = annotations(overview, profiles);
    Chart::Stacked(Timeline { series: overview.adoption.clone(), annotations, ..Timeline::default() })
}

/// Each tool's and rule's rate per week.
pub(super) fn acceptance(overview: &Overview, profiles: &[ToolProfile]) -> Section {
    let annotations = annotations(overview, profiles);
    let rates = Timeline { series: overview.acceptance.clone(), unit: Unit::Share, step: Step::Week, annotations };
    let subtitle = "Accepted by offered, per tool and rule; never blended.";
    Section::drawn("acceptance", "Acceptance by week", subtitle, Chart::Lines(rates))
}

fn sections(overview: &Overview, profiles: &[ToolProfile]) -> Vec<Section> {
    let calendar = Calendar { days: overview.heatmap.clone(), levels: None };
    vec![
        Section::drawn(
            "adoption",
            "AI adoption",
            "Active members per day, stacked by tool. Who used two tools stands in both.",
            adoption(overview, profiles),
        ),
        use_by_tool(overview),
        Section::drawn(
            "heatmap",
            "Activity",
            "Interactions per day, all tools. At least half a year, whatever the window.",
            Chart::Calendar(calendar),
        ),
        acceptance(overview, profiles),
        members(overview, profiles),
    ]
}

/// The most active members, each with a link to their page.
pub(super) fn members(overview: &Overview, profiles: &[ToolProfile]) -> Section {
    let columns = vec![
        Column::text("name", "Name"),
        Column::text("tools", "Tools"),
        Column::text("last_active", "Last active"),
        Column::number("active_days", "Active days"),
        Column::number("interactions", "Interactions"),
        Column::number("lines_added", "Lines added"),
        Column::number("cost", "Metered value (USD)"),
        Column::text("trend", "Interactions per day"),
    ];
    let rows = overview.members.rows.iter().map(|row| member(row, profiles)).collect();
    let table = Table { hidden_rows: overview.members.hidden_rows, ..Table::new(columns, rows) };
    Section::listed("members", "Most active members", "By interactions of all tools; the page Members lists everyone.", table)
        .widened()
}

fn member(row: &MemberRow, profiles: &[ToolProfile]) -> Vec<Cell> {
    let name =
        |id: &str| profiles.iter().find(|profile| profile.id == id).map_or(id.to_owned(), |profile| profile.name.to_owned());
    let tools: Vec<String> = row.tools.iter().map(|tool| name(tool.as_str())).collect();
    vec![
        if row.unmatched { Cell::text(&row.name) } else { Cell::link(&row.name, ReportName::Member(row.subject).page()) },
        Cell::text(tools.join(", ")),
        Cell::day(row.last_active),
        Cell::Count(i64::from(row.active_days)),
        Cell::count(row.interactions),
        Cell::count(row.lines_added),
        row.cost.map_or(Cell::Nothing, Cell::Money),
        Cell::Spark(row.spark.clone()),
    ]
}
