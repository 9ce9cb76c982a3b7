//! The charts, each with its caption, legend and the table behind it.

use crate::view::View;
use tacho_domain::ToolProfile;
use tacho_domain::report::Overview;
use tacho_render::charts::{self, dashes};
use tacho_domain::report::{Cell, Table};
use tacho_render::{HeatScale, Written, captions, tables};

/// A chart with everything around it.
pub(super) struct Panel {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// What is counted, in a few words under the title.
    pub(super) subtitle: &'static str,
    pub(super) caption: String,
    /// Empty where there is nothing to draw.
    pub(super) svg: String,
    pub(super) legend: Vec<Key>,
    pub(super) table: TableView,
    pub(super) csv: String,
}

/// An entry of a legend: its classes and its words.
pub(super) struct Key {
    pub(super) class: String,
    pub(super) label: String,
}

/// A table as text.
pub(super) struct TableView {
    pub(super) columns: Vec<(String, bool)>,
    pub(super) rows: Vec<Vec<(String, bool)>>,
}

impl TableView {
    pub(super) fn of(table: &Table) -> Self {
        let numeric = |place: usize| table.columns.get(place).is_some_and(|column| column.numeric);
        let row = |cells: &Vec<Cell>| {
            cells.iter().enumerate().map(|(place, cell)| (cell.shown(), numeric(place))).collect()
        };
        Self {
            columns: table.columns.iter().map(|column| (column.label.clone(), column.numeric)).collect(),
            rows: table.rows.iter().map(row).collect(),
        }
    }
}

/// The four charts: adoption, usage, calendar, acceptance.
pub(super) fn all(overview: &Overview, view: &View, tools: &[ToolProfile]) -> Vec<Panel> {
    let panel = |id, title, subtitle, caption: String, svg: String, legend| Panel {
        id,
        title,
        subtitle,
        caption,
        svg,
        legend,
        table: TableView::of(&tables::of(overview, id, tools).unwrap_or_default()),
        csv: view.at_page(1).href(&format!("/overview/{id}.csv")),
    };
    let words = [
        captions::adoption(&overview.adoption),
        captions::usage(&overview.usage),
        captions::calendar(&overview.heatmap),
        captions::acceptance(&overview.acceptance),
    ];
    let drawn = |is_empty: bool, draw: &dyn Fn() -> String| if is_empty { String::new() } else { draw() };
    let pictures = [
        drawn(overview.adoption.is_empty(), &|| charts::adoption(&overview.adoption, "AI adoption over time", &words[0])),
        drawn(overview.usage.is_empty(), &|| charts::usage_bars(&overview.usage, "Use by tool", &words[1])),
        charts::calendar(&overview.heatmap, "Activity calendar", &words[2]),
        drawn(overview.acceptance.is_empty(), &|| charts::acceptance(&overview.acceptance, "Weekly acceptance", &words[3])),
    ];
    let [adoption, usage, heatmap, acceptance] = pictures;
    let [adoption_words, usage_words, heatmap_words, acceptance_words] = words;
    vec![
        panel(
            "adoption",
            "AI adoption",
            "Active members per day, stacked by tool. Who used two tools stands in both.",
            adoption_words,
            adoption,
            adoption_legend(overview),
        ),
        panel("usage", "Use by tool", "Interactions, each tool in its own unit.", usage_words, usage, Vec::new()),
        panel(
            "heatmap",
            "Activity",
            "Interactions per day, all tools. At least half a year, whatever the window.",
            heatmap_words,
            heatmap,
            heat_legend(overview),
        ),
        panel(
            "acceptance",
            "Acceptance by week",
            "Accepted by offered, per tool and rule; never blended.",
            acceptance_words,
            acceptance,
            acceptance_legend(overview),
        ),
    ]
}

fn provisional_key(overview: &Overview) -> Option<Key> {
    let key = Key { class: "key-provisional".into(), label: "provisional: may still be restated".into() };
    (overview.provenance.provisional_days > 0).then_some(key)
}

fn adoption_legend(overview: &Overview) -> Vec<Key> {
    let tools = overview.adoption.iter().map(|one| Key { class: format!("series-{}", one.colour % 8), label: one.label.clone() });
    let missing = Key { class: "key-void".into(), label: "no data".into() };
    tools.chain(provisional_key(overview)).chain((overview.provenance.missing_days > 0).then_some(missing)).collect()
}

fn acceptance_legend(overview: &Overview) -> Vec<Key> {
    let dashes = dashes(&overview.acceptance);
    let lines = overview
        .acceptance
        .iter()
        .zip(dashes)
        .map(|(one, dash)| Key { class: format!("key-line series-{} dash-{dash}", one.colour % 8), label: one.label.clone() });
    lines.chain(provisional_key(overview)).collect()
}

fn heat_legend(overview: &Overview) -> Vec<Key> {
    let levels = HeatScale::of(&overview.heatmap).legend();
    let keys = levels.into_iter().map(|(level, label)| Key { class: format!("heat-{level}"), label });
    keys.chain([Key { class: "key-none".into(), label: "no data".into() }]).collect()
}
