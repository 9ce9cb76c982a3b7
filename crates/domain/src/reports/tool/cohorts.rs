//! How regularly members use a tool (METRICS: "active-day rate").

use super::ToolMaterial;
use crate::metrics::{Cohort, cohort, ratio};
use crate::money::group;
use crate::overview::figures::any_provisional;
use crate::overview::gather::Gathered;
use crate::report::{Amount, Bucket, Chart, Distribution, Figure, Section};
use crate::{Day, SubjectId, Window};
use std::collections::BTreeMap;

const FORMULA: &str = "Active days by the working days of the window on which the member held a seat (all of them where the \
                       vendor names no seats or no beginning): light up to 25 %, moderate up to 60 %, heavy above.";

/// Members by how regularly they use the tool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cohorts {
    none: i64,
    light: i64,
    moderate: i64,
    heavy: i64,
}

impl Cohorts {
    /// Of every member who holds a seat or has a row in the window.
    pub(super) fn of(window: Window, material: &ToolMaterial<'_>, gathered: &Gathered<'_>) -> Self {
        let mut cohorts = Self::default();
        for (subject, since) in population(window, material, gathered) {
            let active_days = gathered.people.get(subject.0 as usize).map_or(0, |person| person.active_days);
            let with_seat = since.map_or(window, |since| Window { from: since.max(window.from), to: window.to });
            *cohorts.place(cohort(active_days, with_seat.workdays())) += 1;
        }
        cohorts
    }

    fn place(&mut self, cohort: Cohort) -> &mut i64 {
        match cohort {
            Cohort::None => &mut self.none,
            Cohort::Light => &mut self.light,
            Cohort::Moderate => &mut self.moderate,
            Cohort::Heavy => &mut self.heavy,
        }
    }

    fn all(self) -> i64 {
        self.none + self.light + self.moderate + self.heavy
    }

    /// The part that is moderate or heavy.
    pub(super) fn figure(self, gathered: &Gathered<'_>) -> Figure {
        Figure {
            id: "regular_use".into(),
            label: "Use it regularly".into(),
            value: Amount::share(ratio(Some(self.moderate + self.heavy), Some(self.all()))),
            before: Amount::Unknown,
            parts: Vec::new(),
            context: format!(
                "of {} members: {} heavy, {} moderate, {} light, {} not once",
                group(self.all()),
                group(self.heavy),
                group(self.moderate),
                group(self.light),
                group(self.none)
            ),
            formula: format!("Members in the cohorts moderate and heavy, by all who hold a seat or used it. {FORMULA}"),
            provisional: any_provisional(gathered),
            spark: Vec::new(),
        }
    }
}

/// Whoever could have used it, with the day since when they hold a seat. Identities that match no member are no people to
/// sort by habit: two of them may be one person.
fn population(window: Window, material: &ToolMaterial<'_>, gathered: &Gathered<'_>) -> BTreeMap<SubjectId, Option<Day>> {
    let directory = gathered.directory;
    let mut population: BTreeMap<SubjectId, Option<Day>> = BTreeMap::new();
    for seat in material.seats.iter().filter(|seat| seat.since.is_none_or(|since| since <= window.to)) {
        let subject = directory.subject(seat.identity);
        let since = population.entry(subject).or_insert(seat.since);
        // `None` is the longest there is: of two seats the older counts.
        *since = (*since).min(seat.since);
    }
    let seen = gathered.people.iter().enumerate().filter(|(_, person)| person.seen);
    for subject in seen.filter_map(|(index, _)| u32::try_from(index).ok()).map(SubjectId) {
        population.entry(subject).or_insert(None);
    }
    population.retain(|subject, _| !directory.unmatched().contains(*subject));
    population
}

pub(super) fn section(window: Window, material: &ToolMaterial<'_>, gathered: &Gathered<'_>) -> Section {
    let cohorts = Cohorts::of(window, material, gathered);
    let bucket = |label: &str, people| Bucket { label: label.to_owned(), people };
    let buckets = vec![
        bucket("None: not once", cohorts.none),
        bucket("Light: up to 25 %", cohorts.light),
        bucket("Moderate: up to 60 %", cohorts.moderate),
        bucket("Heavy: above", cohorts.heavy),
    ];
    let buckets = if cohorts.all() == 0 { Vec::new() } else { buckets };
    let chart = Distribution { measure: "Active days by working days".into(), buckets };
    Section::drawn("cohorts", "How regularly it is used", &format!("Members by cohort. {FORMULA}"), Chart::Distribution(chart))
        .or_else_saying("Nobody holds a seat or used it in this window.")
}
