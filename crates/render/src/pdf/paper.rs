//! A report as the template reads it: every word set in advance, nothing left to decide but where it stands.

use super::safe::{breakable, line};
use super::tables::{self, Sheet};
use crate::keys::mark;
use crate::palette::Theme;
use crate::press::Made;
use crate::words::{self, Direction};
use crate::{caption, chart, legend, standalone};
use serde::Serialize;
use std::collections::BTreeMap;
use tacho_domain::report::{Amount, Figure, Group, Note, Provenance, Report, Section, Weight};

/// The whole document.
#[derive(Debug, Serialize)]
pub(super) struct Paper {
    /// What the file calls itself.
    heading: String,
    title: String,
    question: String,
    organization: String,
    /// Lines under the title: label and words.
    facts: Vec<(String, String)>,
    link: Option<String>,
    /// What stands at the foot of each page.
    running: String,
    /// Year, month and day it was made.
    date: (i16, i8, i8),
    colours: BTreeMap<&'static str, &'static str>,
    notes: Vec<Remark>,
    groups: Vec<Cards>,
    is_empty: bool,
    parts: Vec<Part>,
    definitions: Vec<(String, String)>,
    origin: Vec<(String, String)>,
    data: Vec<Data>,
}

#[derive(Debug, Serialize)]
struct Remark {
    colour: &'static str,
    title: String,
    /// Words, and whether they are code.
    pieces: Vec<(String, bool)>,
    way: Option<Way>,
}

#[derive(Debug, Serialize)]
struct Way {
    text: String,
    to: String,
}

#[derive(Debug, Serialize)]
struct Cards {
    heading: String,
    cards: Vec<Card>,
}

#[derive(Debug, Serialize)]
struct Card {
    label: String,
    value: String,
    provisional: bool,
    change: Option<String>,
    context: String,
    parts: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
struct Part {
    title: String,
    subtitle: String,
    picture: Option<Picture>,
    table: Option<Sheet>,
    /// What stands where there is nothing.
    empty: Option<String>,
}

#[derive(Debug, Serialize)]
struct Picture {
    svg: String,
    alternative: String,
    caption: String,
    /// The part of the text's width that it takes.
    width: f64,
    keys: Vec<(String, String)>,
}

/// A table behind a chart.
#[derive(Debug, Serialize)]
struct Data {
    title: String,
    table: Sheet,
}

impl Paper {
    /// Sets the words of a report.
    pub(super) fn of(report: &Report, made: &Made) -> Self {
        let date = made.at.day().date();
        let to = |page: &str| made.address(&report.name.page(), page);
        Self {
            heading: format!("{}, {}", line(&report.title), words::window(report.window)),
            title: line(&report.title),
            question: line(&report.question),
            organization: line(&made.organization),
            facts: facts(report, made),
            link: made.address("", "").map(|_| made.link.clone()),
            running: running(report, made),
            date: (date.year(), date.month(), date.day()),
            colours: Theme::Light.colours().iter().copied().collect(),
            notes: report.notes.iter().map(|note| remark(note, &to)).collect(),
            groups: report.groups.iter().map(cards).collect(),
            is_empty: report.is_empty,
            parts: report.sections.iter().map(|section| part(section, &to)).collect(),
            definitions: definitions(report),
            origin: origin(&report.provenance),
            data: report
                .sections
                .iter()
                .filter(|section| section.chart.is_some())
                .filter_map(|section| data(section, &to))
                .collect(),
        }
    }
}

fn facts(report: &Report, made: &Made) -> Vec<(String, String)> {
    let days = words::plural(report.window.len().into(), "day", "days");
    let mut facts = vec![("Window".to_owned(), format!("{} ({days})", words::window(report.window)))];
    facts.extend(report.scope.iter().map(|scope| ("Only".to_owned(), breakable(scope))));
    let figures = || report.groups.iter().flat_map(|group| &group.figures);
    if figures().any(|figure| words::change_of(figure).is_some()) {
        facts.push(("Compared with".to_owned(), words::window(report.window.before())));
    }
    facts.push(("Made".to_owned(), words::instant(made.at)));
    facts
}

fn running(report: &Report, made: &Made) -> String {
    let short = |text: &str, most: usize| {
        let text = line(text);
        if text.chars().count() <= most { text } else { text.chars().take(most - 1).chain(['…']).collect() }
    };
    format!("{} · {} · {}", short(&made.organization, 40), short(&report.title, 40), words::window(report.window))
}

fn remark(note: &Note, to: &dyn Fn(&str) -> Option<String>) -> Remark {
    let pieces = note.text.split('`').enumerate().map(|(place, piece)| (piece.replace(['\n', '\r', '\t'], " "), place % 2 == 1));
    Remark {
        colour: match note.weight {
            Weight::Info => "accent",
            Weight::Warning => "warn",
            Weight::Problem => "bad",
        },
        title: line(&note.title),
        pieces: pieces.filter(|(piece, _)| !piece.is_empty()).map(|(piece, is_code)| (spaced(&piece), is_code)).collect(),
        way: note.way.as_ref().and_then(|(page, text)| to(page).map(|to| Way { text: line(text), to })),
    }
}

/// A piece of a sentence keeps the blanks at its ends.
fn spaced(piece: &str) -> String {
    let blank = |is_blank: bool| if is_blank { " " } else { "" };
    let words = breakable(piece);
    if words.is_empty() {
        return " ".to_owned();
    }
    format!("{}{words}{}", blank(piece.starts_with(char::is_whitespace)), blank(piece.ends_with(char::is_whitespace)))
}

fn cards(group: &Group) -> Cards {
    Cards { heading: line(&group.heading), cards: group.figures.iter().map(card).collect() }
}

fn card(figure: &Figure) -> Card {
    let change = words::change_of(figure).map(|(direction, change)| {
        let arrow = match direction {
            Direction::Up => "↑",
            Direction::Down => "↓",
            Direction::Same => "→",
        };
        format!("{arrow} {change} from {}", words::amount(figure.before))
    });
    let parts = figure.parts.iter().map(|part| {
        let share = part.share.map_or(String::new(), |share| format!(" ({})", words::share(share)));
        (breakable(&part.label), format!("{}{share}", words::amount(part.value)))
    });
    Card {
        label: line(&figure.label),
        value: if figure.value == Amount::Unknown { "no data".into() } else { words::amount(figure.value) },
        provisional: figure.provisional,
        change,
        context: breakable(&figure.context),
        parts: parts.collect(),
    }
}

fn part(section: &Section, to: &dyn Fn(&str) -> Option<String>) -> Part {
    let picture = picture(section);
    let table = match section.chart {
        Some(_) => None,
        None => tables::sheet(&section.table, to),
    };
    Part {
        title: line(&section.title),
        subtitle: breakable(&section.subtitle),
        empty: (picture.is_none() && table.is_none()).then(|| breakable(&section.empty)),
        picture,
        table,
    }
}

fn picture(section: &Section) -> Option<Picture> {
    let drawn = section.chart.as_ref()?;
    let svg = chart(&section.id, &section.title, drawn);
    if svg.is_empty() {
        return None;
    }
    let words = caption(drawn);
    let keys = legend(drawn).iter().map(|key| (mark(&key.class, Theme::Light), breakable(&key.label))).collect();
    Some(Picture {
        width: width(&svg),
        svg: standalone(&svg, Theme::Light),
        alternative: format!("{}. {}", line(&section.title), line(&words)),
        caption: breakable(&words),
        keys,
    })
}

/// Points that make the whole width: a chart over the page's width is this wide, a smaller one takes its part.
const FULL: f64 = 680.0;

fn width(svg: &str) -> f64 {
    let box_of = svg.split_once("viewBox=\"0 0 ").and_then(|(_, rest)| rest.split_once(' '));
    let points: f64 = box_of.and_then(|(width, _)| width.parse().ok()).unwrap_or(FULL);
    (points / FULL).clamp(0.2, 1.0)
}

fn data(section: &Section, to: &dyn Fn(&str) -> Option<String>) -> Option<Data> {
    tables::sheet(&section.table, to).map(|table| Data { title: line(&section.title), table })
}

/// How figures and columns are calculated, each once.
fn definitions(report: &Report) -> Vec<(String, String)> {
    let figures = report.groups.iter().flat_map(|group| &group.figures).map(|figure| (&figure.label, &figure.formula));
    let columns =
        report.sections.iter().flat_map(|section| &section.table.columns).map(|column| (&column.label, &column.formula));
    let mut definitions: Vec<(String, String)> = Vec::new();
    for (label, formula) in figures.chain(columns).filter(|(_, formula)| !formula.is_empty()) {
        let definition = (line(label), breakable(formula));
        if !definitions.contains(&definition) {
            definitions.push(definition);
        }
    }
    definitions
}

fn origin(from: &Provenance) -> Vec<(String, String)> {
    let days = |number: u32| words::plural(number.into(), "day", "days");
    let read = from.last_synced.map_or("never".to_owned(), words::instant);
    let matched = from.coverage.map_or("no data".to_owned(), |share| format!("{} of interactions", words::share(share)));
    [
        ("Data last read from a vendor", read),
        ("Belongs to matched members", matched),
        ("May still be restated by a vendor", days(from.provisional_days)),
        ("Without data from any tool", days(from.missing_days)),
    ]
    .map(|(label, value)| (label.to_owned(), value))
    .to_vec()
}
