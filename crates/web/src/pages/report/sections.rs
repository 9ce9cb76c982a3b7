//! The sections of a report: chart, caption, legend, table and files of each.

use super::layout;
use super::tables::{self, TableView};
use crate::report;
use crate::view::View;
use tacho_domain::report::{Annotation, Chart, Report, Section};
use tacho_render::Key;
use tacho_render::words::long_day;

/// A section as it is shown.
pub(super) struct SectionView {
    pub(super) id: String,
    pub(super) class: &'static str,
    /// Whether a chart's table is open from the start.
    pub(super) opened: bool,
    pub(super) title: String,
    pub(super) subtitle: String,
    /// Empty where there is nothing to draw.
    pub(super) svg: String,
    pub(super) caption: String,
    pub(super) legend: Vec<Key>,
    /// Where the meaning of what is drawn changes.
    pub(super) steps: Vec<Step>,
    /// Whether the table is the thing itself, not a chart's twin.
    pub(super) plain: bool,
    pub(super) table: TableView,
    /// What stands in its place; empty where there is something to show.
    pub(super) empty: String,
    /// Files of it: address and kind.
    pub(super) files: Vec<(String, &'static str)>,
}

/// Where the meaning of a vendor's data changes.
pub(super) struct Step {
    pub(super) day: String,
    pub(super) text: String,
    /// Where it is said, if that is an address.
    pub(super) to: Option<String>,
    /// What else is said of where it is said.
    pub(super) source: String,
}

pub(super) fn all(report: &Report, view: &View, sight: Option<&str>) -> Vec<SectionView> {
    let path = report.name.page();
    let meant = report::meant(report, view);
    let classes = layout::classes(&report.sections);
    let section = |(section, class): (&Section, &'static str)| {
        let chart = section.chart.as_ref();
        let svg = chart.map(|chart| tacho_render::chart(&section.id, &section.title, chart)).unwrap_or_default();
        let searched = !view.search.is_empty() && meant.as_ref() == Some(&section.id);
        let nothing = svg.is_empty() && section.table.rows.is_empty();
        SectionView {
            id: section.id.clone(),
            class,
            opened: class == layout::LONE,
            title: section.title.clone(),
            subtitle: section.subtitle.clone(),
            caption: chart.map(tacho_render::caption).unwrap_or_default(),
            legend: chart.filter(|_| !svg.is_empty()).map(tacho_render::legend).unwrap_or_default(),
            steps: chart.map(steps).unwrap_or_default(),
            plain: chart.is_none(),
            table: tables::of(section, &path, view, meant.as_deref(), sight),
            empty: match (nothing, searched, section.table.hidden_rows) {
                (false, ..) => String::new(),
                (true, true, _) => "No row has these words.".into(),
                // The words about rows that are left out say it.
                (true, false, 1..) if sight.is_some() => String::new(),
                (true, false, _) => section.empty.clone(),
            },
            files: files(report, section, view, svg.is_empty()),
            svg,
        }
    };
    report.sections.iter().zip(classes).map(section).collect()
}

fn files(report: &Report, section: &Section, view: &View, undrawn: bool) -> Vec<(String, &'static str)> {
    let view = view.for_files();
    let of_table = !section.table.columns.is_empty();
    let kinds = [("csv", "CSV", of_table), ("xlsx", "XLSX", of_table), ("svg", "SVG", !undrawn), ("png", "PNG", !undrawn)];
    let there = kinds.into_iter().filter(|(.., there)| *there);
    there
        .map(|(extension, label, _)| (view.href(&format!("/reports/{}/{}.{extension}", report.name, section.id)), label))
        .collect()
}

fn steps(chart: &Chart) -> Vec<Step> {
    let (Chart::Stacked(timeline) | Chart::Lines(timeline) | Chart::Columns(timeline)) = chart else { return Vec::new() };
    timeline.annotations.iter().map(step).collect()
}

fn step(annotation: &Annotation) -> Step {
    let (address, rest) = annotation.source.split_once(' ').unwrap_or((&annotation.source, ""));
    let is_address = address.starts_with("https://");
    Step {
        day: long_day(annotation.day),
        text: annotation.text.clone(),
        to: is_address.then(|| address.to_owned()),
        source: if is_address { rest.to_owned() } else { annotation.source.clone() },
    }
}
