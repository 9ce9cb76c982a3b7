//! The figures of a report as cards, each with what stands behind its question mark.

use crate::pages::{Piece, pieces};
use crate::view::View;
use tacho_domain::report::{Amount, Figure, Report};
use tacho_render::charts::spark;
use tacho_render::words::{Direction, amount, change_of, instant, share, window};

/// Figures under one heading.
pub(super) struct Cards {
    pub(super) heading: String,
    /// The days that the figures are compared with; empty where they are not.
    pub(super) against: String,
    pub(super) figures: Vec<Card>,
}

/// A figure as it is shown.
pub(super) struct Card {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) value: String,
    /// Why there is a dash; empty where there is a value.
    pub(super) unknown: &'static str,
    /// Whether it is compared with the days before at all.
    pub(super) compared: bool,
    pub(super) change: String,
    /// `up`, `down` or `same`; says the direction, not whether it is good.
    pub(super) direction: &'static str,
    pub(super) before: String,
    pub(super) context: String,
    pub(super) formula: Vec<Piece>,
    pub(super) provisional: bool,
    pub(super) spark: String,
    pub(super) parts: Vec<PartRow>,
    /// Whether the parts add up, so that their shares are worth a column.
    pub(super) shares: bool,
    pub(super) days: String,
    /// How much of the use belongs to matched members; empty where nobody can say.
    pub(super) coverage: String,
    pub(super) fresh: String,
    /// Where the rows behind it are: address and words.
    pub(super) rows: Option<(String, String)>,
}

/// One tool's part of a figure.
pub(super) struct PartRow {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) share: String,
}

/// All figures under the report's headings.
pub(super) fn cards(report: &Report, view: &View) -> Vec<Cards> {
    let group = |group: &tacho_domain::report::Group| {
        // Figures that have nothing before them in common say nothing of it.
        let compared = view.compare && group.figures.iter().any(|figure| figure.before != Amount::Unknown);
        Cards {
            heading: group.heading.clone(),
            against: if compared { window(report.window.before()) } else { String::new() },
            figures: group.figures.iter().map(|figure| card(figure, report, compared)).collect(),
        }
    };
    report.groups.iter().map(group).collect()
}

fn card(figure: &Figure, report: &Report, compared: bool) -> Card {
    let change = change_of(figure);
    let direction = match &change {
        Some((Direction::Up, _)) => "up",
        Some((Direction::Down, _)) => "down",
        _ => "same",
    };
    let parts = figure.parts.iter().map(|part| PartRow {
        label: part.label.clone(),
        value: amount(part.value),
        share: part.share.map(share).unwrap_or_default(),
    });
    Card {
        id: figure.id.clone(),
        label: figure.label.clone(),
        value: amount(figure.value),
        unknown: if figure.value == Amount::Unknown { "No data: no connected tool reports this for these days" } else { "" },
        compared,
        change: change.map(|(_, words)| words).unwrap_or_default(),
        direction,
        before: amount(figure.before),
        context: figure.context.clone(),
        formula: pieces(&figure.formula),
        provisional: figure.provisional,
        spark: spark(&figure.spark),
        parts: parts.collect(),
        shares: figure.parts.iter().any(|part| part.share.is_some()),
        days: window(report.window),
        coverage: report.provenance.coverage.map(share).unwrap_or_default(),
        fresh: report.provenance.last_synced.map_or_else(|| "not synced yet".to_owned(), instant),
        rows: report.main_section().map(|section| (format!("#{}", section.id), section.title.clone())),
    }
}
