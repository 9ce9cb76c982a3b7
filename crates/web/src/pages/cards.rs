//! The figures at the head of the page.

use super::{Piece, pieces};
use tacho_domain::Money;
use tacho_domain::report::{Amount, Figure, Overview};
use tacho_render::charts::spark;
use tacho_render::words::{Direction, amount, change_of, instant, share, window};

/// Figures under one heading.
pub(super) struct Group {
    pub(super) heading: &'static str,
    pub(super) cards: Vec<Card>,
}

/// A figure as it is shown.
pub(super) struct Card {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) value: String,
    /// Why there is a dash; empty where there is a value.
    pub(super) unknown: &'static str,
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
    pub(super) fresh: String,
}

/// One tool's part of a figure.
pub(super) struct PartRow {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) share: String,
}

/// All figures, in the report's order under three headings.
pub(super) fn groups(overview: &Overview) -> Vec<Group> {
    let of = |heading, take: fn(&Figure) -> bool| Group {
        heading,
        cards: overview.figures.iter().filter(|figure| take(figure)).map(|figure| card(figure, overview)).collect(),
    };
    let groups = vec![
        of("Adoption", |figure| !is_rate(figure) && !is_output(figure)),
        of("Acceptance, per tool", is_rate),
        of("Output and cost", is_output),
    ];
    groups.into_iter().filter(|group| !group.cards.is_empty()).collect()
}

fn is_rate(figure: &Figure) -> bool {
    figure.id.starts_with("acceptance_")
}

fn is_output(figure: &Figure) -> bool {
    figure.id.starts_with("lines_")
        || matches!(figure.value, Amount::Money(Money(_)))
        || figure.id.starts_with("metered_")
        || figure.id == "seat_fees"
}

fn card(figure: &Figure, overview: &Overview) -> Card {
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
        change: match change {
            Some((Direction::Same, _)) => "unchanged".to_owned(),
            Some((_, words)) => words,
            None => String::new(),
        },
        direction,
        before: amount(figure.before),
        context: figure.context.clone(),
        formula: pieces(&figure.formula),
        provisional: figure.provisional,
        spark: spark(&figure.spark),
        parts: parts.collect(),
        shares: figure.parts.iter().any(|part| part.share.is_some()),
        days: window(overview.window),
        fresh: overview.provenance.last_synced.map_or_else(|| "not synced yet".to_owned(), instant),
    }
}
