//! Cost: what does it cost, and where will the month end?

mod budgets;
mod figures;
mod merged;
mod people;
mod spenders;
mod spent;
mod standing;
mod tables;

pub use spenders::{MEASURES, Spenders, TeamSpent, ToolPeople};
pub use spent::{Spent, SpentDay, forecast_days, month};
pub use standing::{Standing, ToolStanding, standing};

use crate::budget::Budget;
use crate::overview::SeatCount;
use crate::report::{
    Chart, Note, Point, Provenance, Question, Report, ReportName, Section, Series, Step, Timeline, Unit, Weight,
};
use crate::{Day, Directory, Instant, SubjectId, ToolId, ToolProfile, Window};
use spent::{VALUE, sum};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A line of a vendor's bills over the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillLine {
    /// Of which tool.
    pub tool: ToolId,
    /// The ledger's stored name.
    pub ledger: String,
    /// The vendor's article.
    pub sku: String,
    /// The model; empty where the vendor names none.
    pub model: String,
    /// Quantity in millionths of the vendor's unit.
    pub quantity: Option<i64>,
    /// Micro-dollars at the vendor's prices.
    pub gross: i64,
    /// The part that is charged.
    pub net: Option<i64>,
}

/// A model's use over the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSpent {
    /// Of which tool.
    pub tool: ToolId,
    /// The vendor's name for it.
    pub model: String,
    /// Tokens of all kinds.
    pub tokens: Option<i64>,
    /// Micro-dollars at the vendor's prices; `None`: nobody gives a price.
    pub value: Option<i64>,
}

/// How many pull requests were merged whose credited people count for the question; dependency bots' are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    /// In the window.
    pub now: i64,
    /// In the period before it; `None`: no repository host told of it.
    pub before: Option<i64>,
}

/// All that the report is made from.
#[derive(Debug)]
pub struct Material<'a> {
    /// What is known of the tools.
    pub profiles: &'a [ToolProfile],
    /// Who is who.
    pub directory: &'a Directory,
    /// The day it is.
    pub today: Day,
    /// Whether it is about a team or a person alone: bills and seats name neither, and are left out.
    pub narrowed: bool,
    /// Each tool's days: the window, the one before, and those of the forecast.
    pub days: Spent,
    /// What bills say, by article and model.
    pub lines: Vec<BillLine>,
    /// What usage says, by model.
    pub models: Vec<ModelSpent>,
    /// Who spent how much in the window.
    pub spenders: Spenders,
    /// What people are called.
    pub names: HashMap<SubjectId, String>,
    /// What teams are called.
    pub team_names: BTreeMap<i64, String>,
    /// Seats at the newest lists in the window.
    pub seats: Vec<SeatCount>,
    /// What may be spent in a month.
    pub budgets: Vec<Budget>,
    /// What was merged; `None`: no repository host told of the window.
    pub merged: Option<Merged>,
    /// When data was last read.
    pub last_synced: Option<Instant>,
}

impl Material<'_> {
    fn name_of(&self, tool: &ToolId) -> String {
        self.profile(tool).map_or_else(|| tool.to_string(), |profile| profile.name.to_owned())
    }

    fn profile(&self, tool: &ToolId) -> Option<&ToolProfile> {
        self.profiles.iter().find(|profile| profile.id == tool.as_str())
    }

    fn colour(&self, tool: &ToolId) -> u8 {
        self.profile(tool).map_or(7, |profile| profile.colour)
    }

    /// The tools with costs in the window or seats, in the order of their colours.
    fn tools(&self, window: Window) -> Vec<ToolId> {
        let spent = self.days.iter().filter(|(_, days)| sum(Some(days), window, VALUE).is_some()).map(|(tool, _)| tool);
        let all: BTreeSet<&ToolId> = spent.chain(self.seats.iter().map(|seats| &seats.tool)).collect();
        let mut tools: Vec<ToolId> = all.into_iter().cloned().collect();
        tools.sort_by_key(|tool| self.colour(tool));
        tools
    }

    /// A tool's metered value over a window.
    fn value(&self, tool: &ToolId, window: Window) -> Option<i64> {
        sum(self.days.get(tool), window, VALUE)
    }

    /// The metered value of all tools over a window.
    fn value_of_all(&self, window: Window) -> Option<i64> {
        self.days.values().fold(None, |all, days| crate::measure::plus(all, sum(Some(days), window, VALUE)))
    }
}

/// What the Overview says of budgets, with the way to them.
#[must_use]
pub fn attention(material: &Material<'_>) -> Vec<Note> {
    let way = |note| Note { way: Some((ReportName::Cost.page(), "See the costs".into())), ..note };
    budgets::notes(material).into_iter().map(way).collect()
}

/// The document of the costs.
#[must_use]
pub fn document(question: &Question, material: &Material<'_>) -> Report {
    let window = question.window;
    let is_empty = material.tools(window).is_empty();
    let mut report = Report {
        name: ReportName::Cost,
        title: "Cost".into(),
        question: "What does it cost, and where will the month end?".into(),
        window,
        scope: Vec::new(),
        notes: Vec::new(),
        groups: Vec::new(),
        sections: Vec::new(),
        provenance: provenance(window, material),
        is_empty,
    };
    let people = people::people(question, material);
    report.notes.extend(super::sight(question, people.table.hidden_rows));
    report.notes.extend(narrowed(material).into_iter().chain(tables::unpriced_models(material)));
    report.notes.extend(budgets::notes(material));
    report.groups = figures::groups(question, material);
    report.sections.push(by_day(window, material));
    report.sections.extend(budgets::sections(material));
    report.sections.push(tables::ledgers(window, material));
    report.sections.push(tables::models(window, material));
    if !material.narrowed {
        report.sections.push(tables::lines(material));
    }
    report.sections.push(people::teams(question, material));
    report.sections.push(people);
    report
}

fn narrowed(material: &Material<'_>) -> Option<Note> {
    material.narrowed.then(|| Note {
        weight: Weight::Info,
        title: "Costs of people only".into(),
        text:
            "Bills, seat fees and budgets name no team and no person. These are the costs that usage attributes to people, and \
               there is no forecast."
                .into(),
        way: None,
    })
}

fn provenance(window: Window, material: &Material<'_>) -> Provenance {
    let count = |test: &dyn Fn(Day) -> bool| u32::try_from(window.days().filter(|day| test(*day)).count()).unwrap_or(u32::MAX);
    let told = |day: Day| material.days.values().filter_map(move |days| days.get(&day));
    let of_people = material.spenders.people();
    let (mut all, mut matched) = (0i64, 0i64);
    for (subject, tools) in &of_people {
        let value = tools.iter().fold(0i64, |sum, (_, value)| sum.saturating_add(*value));
        all = all.saturating_add(value);
        if !material.directory.unmatched().contains(*subject) {
            matched = matched.saturating_add(value);
        }
    }
    Provenance {
        last_synced: material.last_synced,
        coverage: crate::metrics::ratio(Some(matched), Some(all)),
        provisional_days: count(&|day| told(day).any(|spent| spent.provisional)),
        missing_days: count(&|day| told(day).next().is_none()),
    }
}

/// Longer windows are drawn by week.
const DAYS_DRAWN: u32 = 92;

fn by_day(window: Window, material: &Material<'_>) -> Section {
    let step = if window.len() > DAYS_DRAWN { Step::Week } else { Step::Day };
    let mut series = Vec::new();
    for tool in material.tools(window) {
        let Some(days) = material.days.get(&tool) else { continue };
        if material.value(&tool, window).is_none() {
            continue;
        }
        let mut points: BTreeMap<Day, (Option<i64>, bool)> = BTreeMap::new();
        for day in window.days() {
            let (value, provisional) = points.entry(if step == Step::Week { day.week() } else { day }).or_default();
            if let Some(spent) = days.get(&day) {
                // A day that was told without any amount cost nothing.
                *value = crate::measure::plus(*value, Some(spent.value.unwrap_or(0)));
                *provisional |= spent.provisional;
            }
        }
        let point = |(day, (value, provisional)): (Day, (Option<i64>, bool))| Point {
            day,
            value: value.map(|micros| crate::Money(micros).dollars()),
            provisional,
        };
        series.push(Series {
            label: material.name_of(&tool),
            colour: material.colour(&tool),
            points: points.into_iter().map(point).collect(),
            tool,
        });
    }
    let title = if step == Step::Week { "Metered value by week" } else { "Metered value by day" };
    let timeline = Timeline { series, unit: Unit::Dollars, step, annotations: Vec::new() };
    Section::drawn(
        "days",
        title,
        "Metered use at the vendors' prices, whether a subscription includes it or not; stacked by tool.",
        Chart::Columns(timeline),
    )
    .widened()
    .or_else_saying("No tool told of any cost in this window.")
}

#[cfg(test)]
mod tests;
