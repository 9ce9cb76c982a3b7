//! Do our totals equal the vendor's own? One integration's days, ours beside the vendor's, with the difference and why.

use crate::money::group;
use crate::reconcile::{Ours, Pair, VendorTotal, Verdict};
use crate::report::{
    Amount, Cell, Chart, Column, Figure, Group, Note, Point, Provenance, Question, Report, ReportName, Section, Series, Strip,
    Table, Timeline, Unit, Weight,
};
use crate::{Day, Instant, IntegrationId, Money, ToolId, ToolProfile, Window};
use std::collections::BTreeMap;

/// All that the report is made from.
#[derive(Debug)]
pub struct Material<'a> {
    /// Which integration.
    pub integration: IntegrationId,
    /// What people call it.
    pub name: String,
    /// Its tool.
    pub profile: &'a ToolProfile,
    /// Each of the vendor's totals with its days.
    pub lines: Vec<Line>,
    /// When the integration was last read.
    pub last_synced: Option<Instant>,
}

/// A total over the days.
#[derive(Debug)]
pub struct Line {
    /// Which total.
    pub total: &'static VendorTotal,
    /// The days that either side knows.
    pub days: BTreeMap<Day, Pair>,
}

/// The palette's places of the two series.
const THEIR_COLOUR: u8 = 6;

/// The states of a day, with the ids that colours go by.
const STATES: [(&str, &str); 4] =
    [("idle", "nothing to compare"), ("final", "agrees"), ("provisional", "differs, not settled yet"), ("missing", "differs")];

/// Makes the report.
#[must_use]
pub fn build(question: &Question, material: &Material<'_>) -> Report {
    let window = question.window;
    let is_empty = material.lines.iter().all(|line| line.days.is_empty());
    let sections = if is_empty { Vec::new() } else { sections(window, material) };
    Report {
        name: ReportName::Reconciliation(material.integration),
        title: format!("Reconciliation: {}", material.name),
        question: "Do our totals equal the vendor's own?".into(),
        window,
        scope: vec![format!("Integration: {}", material.name)],
        notes: notes(material),
        groups: if is_empty { Vec::new() } else { groups(material) },
        sections,
        provenance: provenance(window, material),
        is_empty,
    }
}

fn notes(material: &Material<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    let name = material.profile.name;
    if material.profile.vendor_totals.is_empty() {
        notes.push(Note {
            weight: Weight::Info,
            title: "Nothing to compare with".into(),
            text: format!("The source of {name} gives no totals of its own: there is nothing to hold our numbers against."),
            way: None,
        });
    } else if material.lines.iter().all(|line| line.days.is_empty()) {
        notes.push(Note {
            weight: Weight::Info,
            title: "No total in these days".into(),
            text: format!(
                "{name} has totals of its own, but none of these days: a total is told with its day, and one that is told of the                  moment, such as a billing cycle so far, stands on the day it was read."
            ),
            way: None,
        });
    }
    let differing = days_that(material, Verdict::differs);
    if differing > 0 {
        let days = if differing == 1 { "1 day differs".to_owned() } else { format!("{differing} days differ") };
        notes.push(Note {
            weight: Weight::Warning,
            title: days,
            text:
                "The table says by how much, and why where a reason is known. Reading such a day again repairs what the vendor \
                   restated since."
                    .into(),
            way: Some((format!("/settings/integrations/{}", material.integration), "Look at the integration".into())),
        });
    }
    notes
}

/// Days with such a verdict for any total.
fn days_that(material: &Material<'_>, counts: fn(Verdict) -> bool) -> usize {
    let days = material.lines.iter().flat_map(|line| &line.days).filter(|(_, pair)| counts(pair.verdict())).map(|(day, _)| *day);
    days.collect::<std::collections::BTreeSet<Day>>().len()
}

fn groups(material: &Material<'_>) -> Vec<Group> {
    let verdicts: Vec<Verdict> = material
        .lines
        .iter()
        .flat_map(|line| line.days.values())
        .map(Pair::verdict)
        .filter(|verdict| verdict.is_settled())
        .collect();
    let agreeing = verdicts.iter().filter(|verdict| **verdict == Verdict::Agrees).count();
    let figure = |id: &str, label: &str, value, context: String, formula: &str| Figure {
        id: id.into(),
        label: label.into(),
        value,
        before: Amount::Unknown,
        parts: Vec::new(),
        context,
        formula: formula.into(),
        provisional: false,
        spark: Vec::new(),
    };
    let agreement = vec![
        figure(
            "agreement",
            "Agreement",
            Amount::share(crate::metrics::ratio(Some(count(agreeing)), Some(count(verdicts.len())))),
            format!("{} of {} comparisons of settled days", group(agreeing), group(verdicts.len())),
            "Comparisons in which our number equals the vendor's / comparisons of settled days that both sides know.",
        ),
        figure(
            "days_differing",
            "Days that differ",
            Amount::Count(count(days_that(material, Verdict::differs))),
            "settled days with any difference".into(),
            "Settled days on which any total differs from the vendor's, or only the vendor has one.",
        ),
    ];
    let sums = material.lines.iter().filter(|line| matches!(line.total.ours, Ours::Sum(_))).filter_map(|line| {
        let (days, ours, theirs) = both(line)?;
        let value = if line.total.is_money() { Amount::Money(Money(ours)) } else { Amount::Count(ours) };
        let context = format!("the vendor's total of the same {days} days: {}", held_against(line.total, ours, theirs));
        let formula = "Our sum over the days that both sides know, settled or not.";
        let provisional = line.days.values().any(|pair| pair.provisional);
        let made = figure(&format!("ours_{}", line.total.name), line.total.label, value, context, formula);
        Some(Figure { provisional, ..made })
    });
    let groups = [("Agreement", agreement), ("Totals of days that both sides know", sums.collect())];
    groups
        .into_iter()
        .filter(|(_, figures)| !figures.is_empty())
        .map(|(heading, figures)| Group { heading: heading.into(), figures })
        .collect()
}

/// How many days both sides know, and the sums over them.
fn both(line: &Line) -> Option<(usize, i64, i64)> {
    let known: Vec<(i64, i64)> = line.days.values().filter_map(|pair| Some((pair.ours?.0, pair.theirs?))).collect();
    let sums = known.iter().fold((0i64, 0i64), |sum, pair| (sum.0.saturating_add(pair.0), sum.1.saturating_add(pair.1)));
    (!known.is_empty()).then_some((known.len(), sums.0, sums.1))
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn sections(window: Window, material: &Material<'_>) -> Vec<Section> {
    let mut sections = vec![states(window, material), days(material)];
    sections
        .extend(material.lines.iter().filter(|line| !line.days.is_empty()).map(|line| beside(window, line, material.profile)));
    sections
}

/// A day's state is that of its worst total.
fn states(window: Window, material: &Material<'_>) -> Section {
    let state = |day: Day| {
        let verdicts = material.lines.iter().filter_map(|line| line.days.get(&day)).map(Pair::verdict);
        let place = |verdict: Verdict| match verdict {
            Verdict::Nothing | Verdict::OnlyOurs => 0,
            Verdict::Agrees => 1,
            Verdict::Waits => 2,
            Verdict::OnlyTheirs | Verdict::Less | Verdict::More => 3,
        };
        (day, verdicts.map(place).max().unwrap_or(0))
    };
    let strip = Strip {
        states: STATES.iter().map(|(id, words)| ((*id).to_owned(), (*words).to_owned())).collect(),
        days: window.days().map(state).collect(),
    };
    Section::drawn("states", "State of each day", "The worst of a day's comparisons.", Chart::Strip(strip)).widened()
}

fn days(material: &Material<'_>) -> Section {
    let columns = vec![
        Column::text("day", "Day"),
        Column::text("total", "Total"),
        Column::number("ours", "Tacho")
            .explained("Ours, from the counted streams; for a billing cycle up to the evening before."),
        Column::number("theirs", "Vendor").explained("The vendor's own total."),
        Column::number("difference", "Difference").explained("Ours less the vendor's."),
        Column::text("state", "State"),
        Column::text("reason", "Reason"),
    ];
    let mut rows: Vec<(Day, usize, Vec<Cell>)> = Vec::new();
    for (place, line) in material.lines.iter().enumerate() {
        for (day, pair) in &line.days {
            rows.push((*day, place, row(*day, line.total, pair)));
        }
    }
    rows.sort_by_key(|(day, place, _)| (std::cmp::Reverse(*day), *place));
    let table = Table::new(columns, rows.into_iter().map(|(_, _, cells)| cells).collect());
    Section::listed("days", "Day by day", "Our total beside the vendor's own, newest first.", table).widened()
}

fn row(day: Day, total: &VendorTotal, pair: &Pair) -> Vec<Cell> {
    let number = |value: Option<i64>| if total.is_money() { Cell::money(value) } else { Cell::count(value) };
    vec![
        Cell::Day(day),
        Cell::text(total.label),
        number(pair.ours.map(|(least, _)| least)),
        number(pair.theirs),
        number(pair.difference()),
        Cell::text(pair.verdict().words()),
        Cell::text(total.reason(pair)),
    ]
}

/// The vendor's total, and how far ours is from it, as a person reads them.
fn held_against(total: &VendorTotal, ours: i64, theirs: i64) -> String {
    let said = |value: i64| if total.is_money() { Money(value).to_string() } else { group(value) };
    let apart = ours.saturating_sub(theirs);
    match apart {
        0 => format!("{} (the same)", said(theirs)),
        _ if said(apart).ends_with("$0.00") => format!("{} (less than a cent apart)", said(theirs)),
        1.. => format!("{} (+{} of ours)", said(theirs), said(apart)),
        _ => format!("{} ({} of ours)", said(theirs), said(apart)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a chart's value")]
fn beside(window: Window, line: &Line, profile: &ToolProfile) -> Section {
    let money = line.total.is_money();
    let drawn = |value: i64| if money { Money(value).dollars() } else { value as f64 };
    let series = |label: &str, colour, of: fn(&Pair) -> Option<i64>| Series {
        tool: ToolId::new(profile.id),
        label: label.into(),
        colour,
        points: window
            .days()
            .map(|day| {
                let pair = line.days.get(&day).copied().unwrap_or_default();
                Point { day, value: of(&pair).map(drawn), provisional: pair.provisional }
            })
            .collect(),
    };
    let timeline = Timeline {
        series: vec![
            series("Tacho", profile.colour, |pair| pair.ours.map(|(least, _)| least)),
            series("Vendor", THEIR_COLOUR, |pair| pair.theirs),
        ],
        unit: if money { Unit::Dollars } else { Unit::Count },
        ..Timeline::default()
    };
    let id = format!("total_{}", line.total.name);
    Section::drawn(&id, line.total.label, "Ours and the vendor's own, per day.", Chart::Lines(timeline))
}

fn provenance(window: Window, material: &Material<'_>) -> Provenance {
    let with = |counts: fn(&Pair) -> bool| {
        let has = |day: &Day| material.lines.iter().any(|line| line.days.get(day).is_some_and(counts));
        u32::try_from(window.days().filter(has).count()).unwrap_or(u32::MAX)
    };
    let known = with(|pair| pair.verdict() != Verdict::Nothing);
    Provenance {
        last_synced: material.last_synced,
        coverage: None,
        provisional_days: with(|pair| pair.provisional),
        missing_days: window.len().saturating_sub(known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Measure, OrganizationId};

    static TOTALS: [VendorTotal; 2] = [
        VendorTotal {
            stream: "totals",
            name: "people",
            label: "Active people",
            ours: Ours::ActivePeople,
            when_less: "The vendor knows more people.",
            when_more: "",
            when_absent: "Too few licences.",
        },
        VendorTotal {
            stream: "totals",
            name: "prompts",
            label: "Prompts",
            ours: Ours::Sum(Measure::Prompts),
            when_less: "",
            when_more: "",
            when_absent: "Too few licences.",
        },
    ];

    static PROFILE: ToolProfile = ToolProfile { id: "pair", name: "Pair", vendor_totals: &TOTALS, ..ToolProfile::BLANK };

    fn report_of(lines: Vec<Line>, profile: &ToolProfile) -> Report {
        let question = Question::overview(OrganizationId(1), Window::new(Day(10), Day(14)).unwrap());
        let material = Material { integration: IntegrationId(7), name: "Pair of ours".into(), profile, lines, last_synced: None };
        build(&question, &material)
    }

    fn pairs(days: &[(i32, Option<i64>, Option<i64>, bool)]) -> BTreeMap<Day, Pair> {
        let pair = |&(day, ours, theirs, provisional): &(i32, Option<i64>, Option<i64>, bool)| {
            (Day(day), Pair { ours: ours.map(|ours: i64| (ours, ours)), theirs, provisional, read_apart: false })
        };
        days.iter().map(pair).collect()
    }

    fn some() -> Report {
        let people = pairs(&[(10, Some(4), Some(4), false), (11, Some(3), Some(4), false), (12, Some(3), None, false)]);
        let prompts = pairs(&[(10, Some(40), Some(40), false), (13, Some(9), Some(11), true)]);
        report_of(vec![Line { total: &TOTALS[0], days: people }, Line { total: &TOTALS[1], days: prompts }], &PROFILE)
    }

    #[test]
    fn agreement_is_of_settled_days_that_both_know() {
        let report = some();
        let agreement = report.figure("agreement").unwrap();
        assert_eq!(
            (agreement.value, agreement.context.as_str()),
            (Amount::Share(2.0 / 3.0), "2 of 3 comparisons of settled days")
        );
        assert_eq!(report.figure("days_differing").unwrap().value, Amount::Count(1));
        let prompts = report.figure("ours_prompts").unwrap();
        assert_eq!((prompts.value, prompts.provisional), (Amount::Count(49), true));
        assert_eq!(prompts.context, "the vendor's total of the same 2 days: 51 (-2 of ours)");
        assert!(report.figure("ours_people").is_none(), "people of days are not added up");
        assert_eq!((report.provenance.provisional_days, report.provenance.missing_days), (1, 1));
    }

    #[test]
    fn a_vendors_total_is_said_like_ours() {
        let cost = VendorTotal { ours: Ours::Sum(Measure::Cost), ..TOTALS[1] };
        for (total, ours, theirs, words) in [
            (&TOTALS[1], 26_463, 26_463, "26,463 (the same)"),
            (&TOTALS[1], 1_300, 2_500, "2,500 (-1,200 of ours)"),
            (&TOTALS[1], 2_500, 1_300, "1,300 (+1,200 of ours)"),
            (&cost, 1_532_430_000, 1_532_430_000, "$1,532.43 (the same)"),
            (&cost, 1_000_000, 2_500_000, "$2.50 (-$1.50 of ours)"),
            (&cost, 2_500_000, 1_000_000, "$1.00 (+$1.50 of ours)"),
            (&cost, 1_000_100, 1_000_000, "$1.00 (less than a cent apart)"),
            (&cost, 1_000_000, 1_004_999, "$1.00 (less than a cent apart)"),
        ] {
            assert_eq!(held_against(total, ours, theirs), words);
        }
    }

    #[test]
    fn a_day_is_as_good_as_its_worst_total() {
        let report = some();
        let Some(Chart::Strip(strip)) = &report.section("states").unwrap().chart else { panic!("no strip") };
        let told: Vec<&str> = strip.days.iter().map(|(_, place)| strip.states[*place].0.as_str()).collect();
        assert_eq!(told, ["final", "missing", "idle", "provisional", "idle"]);
    }

    #[test]
    fn every_day_stands_in_the_table_with_its_reason() {
        let report = some();
        let table = &report.section("days").unwrap().table;
        let lines: Vec<String> =
            table.rows.iter().map(|row| row.iter().map(|cell| format!("{cell:?}")).collect::<Vec<_>>().join(" | ")).collect();
        insta::assert_snapshot!(lines.join("\n"));
        assert_eq!(report.main_section().unwrap().id, "days");
    }

    #[test]
    fn a_vendor_without_totals_is_said_to_have_none() {
        let none = ToolProfile { id: "pair", name: "Pair", ..ToolProfile::BLANK };
        let report = report_of(Vec::new(), &none);
        assert!(report.is_empty && report.notes[0].text.contains("gives no totals of its own"), "{:?}", report.notes);
    }

    #[test]
    fn days_without_a_total_of_the_vendor_are_said_to_have_none() {
        let report = report_of(vec![Line { total: &TOTALS[0], days: BTreeMap::new() }], &PROFILE);
        assert!(report.is_empty && report.notes[0].text.contains("none of these days"), "{:?}", report.notes);
    }
}
