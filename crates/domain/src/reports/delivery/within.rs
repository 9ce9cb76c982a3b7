//! Within people and within time: weeks before and after somebody began to use AI tools, and whether weeks of more use are
//! weeks of shorter cycles.

use super::gather::{Gathered, Pull, median, people};
use super::history;
use super::over_time::weeks;
use crate::association::{LEAST_WEEKS, PairedPerson, paired, spearman};
use crate::delivery::Part;
use crate::metrics::{People, ratio};
use crate::report::{Cell, Column, Section, Table};
use crate::{Day, SubjectId, Window};
use std::collections::BTreeMap;

/// Weeks before and after.
const WEEKS: i32 = 8;
/// At least so many of them must have data on each side.
const LEAST_WEEKS_EACH: i32 = 4;
/// Sustained use begins with the first of so many use days ...
const USE_DAYS: usize = 3;
/// ... within so many days.
const WITHIN_DAYS: i32 = 7;

pub(super) fn sections(gathered: &Gathered<'_>) -> Vec<Section> {
    vec![before_after(gathered), lags(gathered)]
}

fn before_after(gathered: &Gathered<'_>) -> Section {
    let columns = vec![
        Column::text("what", "Measure"),
        Column::number("people", "People"),
        Column::number("pulls_before", "Pull requests before"),
        Column::number("pulls_after", "Pull requests after"),
        Column::number("change", "Change (median)").explained(
            "Of each person: the median after / the median before, less 1. Shown is the middle person's. -20 % is a fifth less.",
        ),
        Column::number("low", "95 % from").explained(INTERVAL),
        Column::number("high", "95 % to").explained(INTERVAL),
        Column::text("verdict", "In words"),
    ];
    let beginners = beginners(gathered);
    let rows = [Part::Cycle, Part::Pickup, Part::Review].map(|part| {
        let pairs: Vec<PairedPerson> = beginners.iter().map(|beginner| beginner.pair(part)).collect();
        let found = paired(&pairs);
        let number = |many: usize| Cell::Count(i64::try_from(many).unwrap_or(i64::MAX));
        let share = |value: fn(&crate::association::Change) -> f64| Cell::share(found.change.as_ref().map(value));
        vec![
            Cell::text(part.label()),
            number(found.people),
            number(found.before),
            number(found.after),
            share(|change| change.median),
            share(|change| change.low),
            share(|change| change.high),
            Cell::text(match found.change {
                None => "Not enough data",
                Some(change) if change.low <= 0.0 && change.high >= 0.0 => "No clear change: the interval includes zero",
                Some(change) if change.median < 0.0 => "Shorter after",
                Some(_) => "Longer after",
            }),
        ]
    });
    Section::listed(
        "before_after",
        "Before and after, within people",
        "Members who began to use AI tools within the half year that ends with the window: the eight weeks before their first \
         sustained use (three days within seven) beside the eight weeks from it on. At least three of their pull requests on each \
         side, and six such people.",
        Table::new(columns, rows.into()),
    )
}

const INTERVAL: &str = "Between two people's changes, such that the true middle lies between them in at least 95 of 100: by the \
                        binomial distribution, whatever changes are distributed like.";

/// The pull requests of somebody who began to use AI tools, before and after.
struct Beginner<'p> {
    before: Vec<&'p Pull<'p>>,
    after: Vec<&'p Pull<'p>>,
}

impl Beginner<'_> {
    /// The lengths of one part of them.
    fn pair(&self, part: Part) -> PairedPerson {
        let of = |pulls: &[&Pull<'_>]| pulls.iter().filter_map(|pull| part.of(pull.row)).collect();
        PairedPerson { before: of(&self.before), after: of(&self.after) }
    }
}

/// Everybody who began within the history, with what they had merged around it.
fn beginners<'g>(gathered: &'g Gathered<'_>) -> Vec<Beginner<'g>> {
    let use_days = &gathered.material.use_days;
    let history = history(gathered.window());
    let Some(known_from) = history.days().find(|day| use_days.knows_day(*day)) else { return Vec::new() };
    let merged = || gathered.within(history).iter().filter_map(|pull| Some((pull.compared()?, pull)));
    let mut subjects = People::default();
    merged().for_each(|(subject, _)| subjects.insert(subject));
    let least = LEAST_WEEKS_EACH * 7;
    let began = |subject: SubjectId| {
        let began = use_days.first_run(subject, USE_DAYS, WITHIN_DAYS)?;
        (known_from.plus(least) <= began && began.plus(least - 1) <= history.to).then_some((subject, began))
    };
    // Most people began long ago or not at all: what they had merged need not be looked at.
    let mut beginners: BTreeMap<SubjectId, (Day, Beginner<'g>)> = subjects
        .iter()
        .filter_map(began)
        .map(|(subject, began)| (subject, (began, Beginner { before: Vec::new(), after: Vec::new() })))
        .collect();
    if beginners.is_empty() {
        return Vec::new();
    }
    for (subject, pull) in merged() {
        let Some((began, beginner)) = beginners.get_mut(&subject) else { continue };
        if (began.minus(WEEKS * 7)..*began).contains(&pull.day) {
            beginner.before.push(pull);
        } else if (*began..began.plus(WEEKS * 7)).contains(&pull.day) {
            beginner.after.push(pull);
        }
    }
    beginners.into_values().map(|(_, beginner)| beginner).collect()
}

fn lags(gathered: &Gathered<'_>) -> Section {
    let columns = vec![
        Column::text("lag", "Use"),
        Column::number("rho", "Rank correlation (Spearman)")
            .explained("Between the share of people who used AI tools in a week and the median cycle time of a week."),
        Column::number("low", "95 % from").explained(BLOCKS),
        Column::number("high", "95 % to").explained(BLOCKS),
        Column::number("weeks", "Weeks"),
        Column::text("verdict", "In words"),
    ];
    let weeks = weekly(gathered);
    let row = |lag: usize| {
        let pairs = weeks.iter().zip(weeks.iter().skip(lag));
        let known = pairs.filter_map(|(earlier, week)| Some((earlier.0?, week.1?)));
        let pairs: Vec<(f64, f64)> = known.collect();
        let found = spearman(&pairs, gathered.window().to.0.unsigned_abs().into());
        let number = |value: Option<f64>| value.map_or(Cell::Nothing, Cell::Number);
        let label = ["In the same week", "One week earlier", "Two weeks earlier"];
        vec![
            Cell::text(label[lag]),
            number(found.map(|found| rounded(found.rho))),
            number(found.map(|found| rounded(found.low))),
            number(found.map(|found| rounded(found.high))),
            Cell::Count(i64::try_from(pairs.len()).unwrap_or(i64::MAX)),
            Cell::text(match found {
                None => "Not enough data",
                Some(found) if found.low <= 0.0 && found.high >= 0.0 => "No clear relation: the interval includes zero",
                Some(found) if found.rho < 0.0 => "Weeks of more use go with shorter cycles",
                Some(_) => "Weeks of more use go with longer cycles",
            }),
        ]
    };
    let subtitle = format!(
        "Weeks of the half year that ends with the window: the share of contributors who used an AI tool, and the median cycle \
         time of what was merged. Both may move for other reasons at the same time. At least {LEAST_WEEKS} weeks."
    );
    Section::listed("lags", "Use and cycle time over weeks", &subtitle, Table::new(columns, (0..3).map(row).collect()))
}

const BLOCKS: &str = "Runs of four weeks are drawn again and again, because weeks resemble those around them (block bootstrap).";

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Each whole week: the share of contributors who used a tool, and the median cycle time in hours.
#[expect(clippy::cast_precision_loss, reason = "seconds far below 2^52")]
fn weekly(gathered: &Gathered<'_>) -> Vec<(Option<f64>, Option<f64>)> {
    let history = history(gathered.window());
    let use_days = &gathered.material.use_days;
    let of_members = || gathered.within(history).iter().filter(|pull| pull.compared().is_some());
    let contributors: People = people(of_members());
    let week = |(_, days): (Day, Window)| {
        let users = contributors.iter().filter(|subject| use_days.used(*subject, days.from, days.to)).count();
        let knows = days.days().any(|day| use_days.knows_day(day));
        let share = ratio(i64::try_from(users).ok(), Some(contributors.count())).filter(|_| knows);
        let own: Vec<&Pull<'_>> = gathered.within(days).iter().filter(|pull| pull.compared().is_some()).collect();
        (share, median(own, Part::Cycle).map(|seconds| seconds as f64 / 3_600.0))
    };
    weeks(history).into_iter().filter(|(_, days)| days.len() == 7).map(week).collect()
}
