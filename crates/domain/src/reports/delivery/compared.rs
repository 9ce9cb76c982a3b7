//! People with and without AI tools beside one another: the difference of medians with its interval, by measure, by
//! repository and by size, and the cohorts that they are made of.

use super::gather::{Gathered, Pull, median, people};
use crate::association::{Comparison, Difference, LEAST_PEOPLE, LEAST_VALUES, Resampler, Side, Sides};
use crate::delivery::{Part, percentile};
use crate::metrics::Cohort;
use crate::report::{Cell, Column, Section, Table};
use crate::{SubjectId, Window};
use std::collections::{BTreeMap, HashMap};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    Time(Part),
    Lines,
}

const COMPARED: [Compared; 4] =
    [Compared::Time(Part::Cycle), Compared::Time(Part::Pickup), Compared::Time(Part::Review), Compared::Lines];

impl Compared {
    fn label(self) -> &'static str {
        match self {
            Self::Time(part) => part.label(),
            Self::Lines => "Size (lines)",
        }
    }

    fn of(self, pull: &Pull<'_>) -> Option<i64> {
        match self {
            Self::Time(part) => part.of(pull.row),
            Self::Lines => Some(pull.row.lines()),
        }
    }

    fn cell(self, value: Option<i64>) -> Cell {
        match self {
            Self::Time(_) => Cell::duration(value),
            Self::Lines => Cell::count(value),
        }
    }

    fn words(self, difference: &Difference) -> &'static str {
        match (difference.may_be_none(), difference.median < 0, self) {
            (true, _, _) => "No clear difference: the interval includes zero",
            (false, true, Self::Time(_)) => "Shorter with AI tools",
            (false, false, Self::Time(_)) => "Longer with AI tools",
            (false, true, Self::Lines) => "Smaller with AI tools",
            (false, false, Self::Lines) => "Larger with AI tools",
        }
    }
}

/// The comparisons of a report, which all draw from one seed.
pub(super) struct Comparing<'g> {
    gathered: &'g Gathered<'g>,
    resampler: Resampler,
    /// The pull requests that are compared, with whether their author uses AI tools.
    pulls: Vec<(SubjectId, bool, &'g Pull<'g>)>,
    cohorts: HashMap<SubjectId, Cohort>,
}

/// Deterministic: from what is asked, never from the time of day.
fn seed(gathered: &Gathered<'_>) -> u64 {
    let question = gathered.question;
    let Window { from, to } = question.window;
    let parts = [question.organization.0, i64::from(from.0), i64::from(to.0), question.team.unwrap_or(-1)];
    parts.iter().fold(0xcbf2_9ce4_8422_2325, |hash, part| (hash ^ part.cast_unsigned()).wrapping_mul(0x0100_0000_01b3))
}

impl<'g> Comparing<'g> {
    pub(super) fn new(gathered: &'g Gathered<'g>) -> Self {
        let mut cohorts: HashMap<SubjectId, Cohort> = HashMap::new();
        let mut pulls = Vec::new();
        if gathered.material.use_days.knows() {
            for (subject, pull) in gathered.now().iter().filter_map(|pull| Some((pull.compared()?, pull))) {
                match cohorts.entry(subject).or_insert_with(|| gathered.cohort(subject)) {
                    Cohort::None => pulls.push((subject, false, pull)),
                    Cohort::Moderate | Cohort::Heavy => pulls.push((subject, true, pull)),
                    Cohort::Light => {}
                }
            }
        }
        Self { gathered, resampler: Resampler::new(seed(gathered)), pulls, cohorts }
    }

    pub(super) fn sections(&mut self) -> Vec<Section> {
        vec![self.by_measure(), self.by_cohort(), self.by_repository(), self.by_size()]
    }

    fn compare(&mut self, compared: Compared, counts: impl Fn(&Pull<'_>) -> bool) -> Comparison {
        let mut sides = Sides::default();
        for (subject, with, pull) in self.pulls.iter().filter(|(_, _, pull)| counts(pull)) {
            let side = if *with { &mut sides.with } else { &mut sides.without };
            side.extend(compared.of(pull).map(|value| (*subject, value)));
        }
        sides.compare(&mut self.resampler)
    }

    fn by_measure(&mut self) -> Section {
        let rows = COMPARED.map(|compared| row(compared.label().to_owned(), compared, &self.compare(compared, |_| true)));
        let subtitle = format!(
            "Members active with any AI tool on more than a quarter of the working days, beside members who were active on none. \
             Medians of the pull requests that they opened and that were merged in the window; those of agents are left out. \
             Difference: with less without; its interval covers the true one in 95 of 100 such windows if people are alike but \
             for chance. At least {LEAST_VALUES} pull requests and {LEAST_PEOPLE} people on each side."
        );
        Section::listed("with_without", "With and without AI tools", &subtitle, Table::new(columns("Measure"), rows.into()))
    }

    fn by_repository(&mut self) -> Section {
        let mut repositories: BTreeMap<i64, usize> = BTreeMap::new();
        self.pulls.iter().for_each(|(_, _, pull)| *repositories.entry(pull.row.repository).or_default() += 1);
        let mut most: Vec<(i64, usize)> = repositories.into_iter().collect();
        most.sort_by_key(|(id, many)| (std::cmp::Reverse(*many), *id));
        let compared = Compared::Time(Part::Cycle);
        let rows = most.iter().take(STRATA).map(|(id, _)| {
            let comparison = self.compare(compared, |pull| pull.row.repository == *id);
            row(self.gathered.repository(*id), compared, &comparison)
        });
        Section::listed(
            "by_repository",
            "The same within each repository",
            "Cycle time. Repositories differ in their work and their rules; within one, people are more alike. The ten with the \
             most pull requests.",
            Table::new(columns("Repository"), rows.collect()),
        )
        .or_else_saying("No pull requests to compare in this window.")
    }

    fn by_size(&mut self) -> Section {
        let compared = Compared::Time(Part::Cycle);
        let rows = SIZES.map(|(label, from, to)| {
            row(label.to_owned(), compared, &self.compare(compared, |pull| (from..=to).contains(&pull.row.lines())))
        });
        Section::listed(
            "by_size",
            "The same within each size",
            "Cycle time, by lines added and deleted. Small pull requests are merged sooner, whoever wrote them.",
            Table::new(columns("Size"), rows.into()),
        )
    }

    fn by_cohort(&self) -> Section {
        let compared = |cohort: Cohort| {
            let is_in =
                move |pull: &&Pull<'_>| pull.compared().is_some_and(|subject| self.cohorts.get(&subject) == Some(&cohort));
            self.gathered.now().iter().filter(is_in).collect::<Vec<&Pull<'_>>>()
        };
        let row = |(cohort, label): (Cohort, &str)| {
            let pulls = compared(cohort);
            let who = people(pulls.iter().copied());
            let mut cells =
                vec![Cell::text(label), Cell::Count(who.count()), Cell::Count(i64::try_from(pulls.len()).unwrap_or(0))];
            if self.gathered.few(&who) {
                cells.extend([Cell::Nothing, Cell::Nothing, Cell::Nothing, Cell::Nothing]);
                return cells;
            }
            let times = [Part::Cycle, Part::Pickup, Part::Review];
            cells.extend(times.map(|part| Cell::duration(median(pulls.iter().copied(), part))));
            cells.push(Cell::count(percentile(&mut pulls.iter().map(|pull| pull.row.lines()).collect::<Vec<_>>(), 50)));
            cells
        };
        let columns = vec![
            Column::text("cohort", "Use of AI tools"),
            Column::number("people", "People"),
            Column::number("pulls", "Pull requests"),
            Column::number("cycle", "Cycle time (median)"),
            Column::number("pickup", "Pickup time (median)"),
            Column::number("review", "Review time (median)"),
            Column::number("lines", "Lines (median)"),
        ];
        let rows = if self.gathered.material.use_days.knows() { COHORTS.map(row).into() } else { Vec::new() };
        Section::listed(
            "cohorts",
            "Cohorts by use",
            "Members with a merged pull request in the window, by the share of working days on which they used any AI tool.",
            Table::new(columns, rows),
        )
        .or_else_saying("No connected tool tells who was active.")
    }
}

const STRATA: usize = 10;

const SIZES: [(&str, i64, i64); 4] = [
    ("Up to 50 lines", 0, 50),
    ("51 to 200 lines", 51, 200),
    ("201 to 500 lines", 201, 500),
    ("More than 500 lines", 501, i64::MAX),
];

const COHORTS: [(Cohort, &str); 4] = [
    (Cohort::None, "None"),
    (Cohort::Light, "Light (up to 25 % of working days)"),
    (Cohort::Moderate, "Moderate (up to 60 %)"),
    (Cohort::Heavy, "Heavy (more than 60 %)"),
];

fn columns(first: &str) -> Vec<Column> {
    let interval = "People are drawn again and again, each with all their pull requests, and the medians compared each time: a \
                    cluster bootstrap by percentiles, widened for few people (Hesterberg 2015). The same data give the same \
                    interval.";
    vec![
        Column::text("what", first),
        Column::number("with", "With (median)"),
        Column::number("without", "Without (median)"),
        Column::number("difference", "Difference").explained("The median with AI tools less the median without."),
        Column::number("low", "95 % from").explained(interval),
        Column::number("high", "95 % to").explained(interval),
        Column::number("pulls_with", "Pull requests with"),
        Column::number("people_with", "People with"),
        Column::number("pulls_without", "Pull requests without"),
        Column::number("people_without", "People without"),
        Column::text("verdict", "In words"),
    ]
}

fn row(what: String, compared: Compared, comparison: &Comparison) -> Vec<Cell> {
    let difference = comparison.difference;
    let number = |many: usize| Cell::Count(i64::try_from(many).unwrap_or(i64::MAX));
    // A median of fewer people would tell of one of them.
    let of = |side: Side| compared.cell(side.median.filter(|_| difference.is_some()));
    vec![
        Cell::Text(what),
        of(comparison.with),
        of(comparison.without),
        compared.cell(difference.map(|difference| difference.median)),
        compared.cell(difference.map(|difference| difference.low)),
        compared.cell(difference.map(|difference| difference.high)),
        number(comparison.with.values),
        number(comparison.with.people),
        number(comparison.without.values),
        number(comparison.without.people),
        Cell::text(difference.as_ref().map_or("Not enough data", |difference| compared.words(difference))),
    ]
}
