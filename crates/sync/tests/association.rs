//! Whether the comparison with and without AI tools is as sure as it says: a hundred invented organizations with a planted
//! effect, a hundred with none, and small ones. The pull requests are taken from the simulator without a server between.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the figures of some hundred invented people")]

use std::collections::{BTreeMap, HashMap};
use tacho_domain::association::{Comparison, LEAST_PEOPLE, LEAST_VALUES, Resampler, Side, Sides};
use tacho_domain::columns::encode_identities;
use tacho_domain::delivery::{AuthorKind, Part, PullRow, UseDays};
use tacho_domain::memberships::Memberships;
use tacho_domain::metrics::{Cohort, cohort};
use tacho_domain::report::{Cell, Question};
use tacho_domain::reports::delivery::{Material, document, needed_days, use_window};
use tacho_domain::{Day, Directory, IdentityId, OrganizationId, SubjectId, Window};
use tacho_simulator::{Config, Delivery, PullTruth, Simulator, Truth};

/// Twelve weeks at the end of sixty, in which nobody begins to use a tool any more.
const DAYS: u32 = 420;
const WINDOW: u32 = 84;

const SEEDS: u64 = 100;
/// Of a hundred 95 % intervals.
const LEAST_COVERED: usize = 93;

fn today() -> Day {
    "2026-11-20".parse().unwrap()
}

fn window() -> Window {
    Window::ending(today().minus(1), WINDOW)
}

fn organization(seed: u64, members: u32, effect_permille: Option<u32>) -> Truth {
    let delivery = Delivery { effect_permille, abstainers_permille: 250, ..Delivery::default() };
    Simulator::truth(Config { members, teams: 3, days: DAYS, delivery, ..Config::new(seed, today()) })
}

fn row(pull: &PullTruth) -> PullRow {
    PullRow::new(&pull.fact(None), pull.author.map(identity))
}

fn identity(person: usize) -> IdentityId {
    IdentityId(u32::try_from(person).unwrap() + 1)
}

fn subject(person: usize) -> SubjectId {
    SubjectId(u32::try_from(person).unwrap() + 10_001)
}

/// The cycle times of both sides, chosen as the report chooses them.
fn sides(truth: &Truth) -> Sides {
    let used: HashMap<usize, usize> = truth.use_days(window()).into_iter().map(|(person, days)| (person, days.len())).collect();
    let mut sides = Sides::default();
    for pull in truth.pull_requests(window()).filter(|pull| pull.author_kind == AuthorKind::Human) {
        let Some((person, days)) = pull.author.and_then(|person| Some((person, *used.get(&person)?))) else { continue };
        let seconds = Part::Cycle.of(&row(&pull)).unwrap();
        match cohort(u32::try_from(days).unwrap(), window().workdays()) {
            Cohort::None => sides.without.push((subject(person), seconds)),
            Cohort::Light => {}
            Cohort::Moderate | Cohort::Heavy => sides.with.push((subject(person), seconds)),
        }
    }
    sides
}

fn compare(seed: u64, members: u32, effect_permille: Option<u32>) -> (Comparison, i64) {
    let truth = organization(seed, members, effect_permille);
    let planted = truth.planted();
    (sides(&truth).compare(&mut Resampler::new(seed)), planted.difference(planted.cycle_seconds))
}

/// The comparisons of a hundred seeds, by as many threads as there are processors.
fn hundred(members: u32, effect_permille: Option<u32>) -> Vec<(Comparison, i64)> {
    let threads = std::thread::available_parallelism().map_or(1, |many| many.get() as u64);
    let mut all: BTreeMap<u64, (Comparison, i64)> = BTreeMap::new();
    std::thread::scope(|scope| {
        let part =
            |first: u64| (first..SEEDS).step_by(threads as usize).map(|seed| (seed, compare(seed, members, effect_permille)));
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first).collect::<Vec<_>>())).collect();
        for thread in running {
            all.extend(thread.join().unwrap());
        }
    });
    all.into_values().collect()
}

/// How many intervals hold the planted difference, how many zero, and of how many there is enough data; printed.
fn covered(what: &str, found: &[(Comparison, i64)]) -> (usize, usize, usize) {
    let intervals = || found.iter().filter_map(|(comparison, planted)| Some((comparison.difference?, *planted)));
    let planted = intervals().filter(|(found, planted)| found.low <= *planted && *planted <= found.high).count();
    let zero = intervals().filter(|(found, _)| found.may_be_none()).count();
    let mut widths: Vec<i64> = intervals().map(|(found, _)| (found.high - found.low) / 360).collect();
    widths.sort_unstable();
    let people = |side: fn(&Comparison) -> Side| {
        let mut many: Vec<usize> = found.iter().map(|(comparison, _)| side(comparison).people).collect();
        many.sort_unstable();
        format!("{} to {}", many[0], many[many.len() - 1])
    };
    #[expect(clippy::print_stdout, reason = "the table of a benchmark")]
    {
        println!(
            "{what}: planted {:.1} h, covered {planted} of {}, zero in {zero}, median width {:.1} h, people {} with and {} without",
            found[0].1 as f64 / 3_600.0,
            widths.len(),
            widths.get(widths.len() / 2).map_or(0.0, |width| *width as f64 / 10.0),
            people(|comparison| comparison.with),
            people(|comparison| comparison.without),
        );
    }
    (planted, zero, widths.len())
}

#[test]
fn a_planted_effect_is_covered() {
    for members in [60, 100] {
        let (planted, zero, enough) = covered(&format!("effect, {members} members"), &hundred(members, Some(650)));
        assert!(enough == 100 && planted >= LEAST_COVERED, "{planted} of {enough}");
        assert!(zero < 60, "an interval that always holds zero would cover anything: {zero}");
    }
}

#[test]
fn without_an_effect_zero_is_covered() {
    for members in [60, 100] {
        let (_, zero, enough) = covered(&format!("no effect, {members} members"), &hundred(members, None));
        assert!(enough == 100 && zero >= LEAST_COVERED, "{zero} of {enough}");
    }
}

#[test]
fn small_groups_are_never_enough() {
    let found = hundred(10, Some(500));
    let enough = |side: Side| side.people >= LEAST_PEOPLE && side.values >= LEAST_VALUES;
    let small = found.iter().filter(|(comparison, _)| !enough(comparison.with) || !enough(comparison.without)).count();
    for (comparison, _) in &found {
        assert_eq!(comparison.difference.is_some(), enough(comparison.with) && enough(comparison.without), "{comparison:?}");
    }
    covered("small", &found);
    assert!(small > 90, "organizations of ten hardly ever have five people on each side: {small}");
}

#[test]
fn the_page_says_what_the_comparison_says() {
    for seed in [3, 4] {
        let truth = organization(seed, 60, Some(700));
        let comparison = sides(&truth);
        let days = Window { from: needed_days(window()).from, to: window().to };
        let people = truth.use_days(use_window(window()));
        let directory = Directory::new(people.iter().map(|(person, _)| (identity(*person), Some(subject(*person)))));
        let mut by_day: BTreeMap<Day, Vec<IdentityId>> = BTreeMap::new();
        for (person, day) in people.iter().flat_map(|(person, days)| days.iter().map(move |day| (person, day))) {
            by_day.entry(*day).or_default().push(identity(*person));
        }
        let mut use_days = UseDays::over(use_window(window()));
        for (day, people) in by_day {
            use_days.add(day, &directory, &encode_identities(people));
        }
        let material = Material {
            directory: &directory,
            teams: &Memberships::new(days, &[]),
            team_names: BTreeMap::new(),
            names: HashMap::new(),
            repositories: BTreeMap::new(),
            days: days.days().map(|day| (day, false)).collect(),
            pulls: truth.pull_requests(days).map(|pull| row(&pull)).collect(),
            use_days,
            files: None,
            deployments: None,
            totals: Vec::new(),
            answers: None,
            last_synced: None,
        };
        let report = document(&Question::overview(OrganizationId(1), window()), &material);
        let table = &report.section("with_without").unwrap().table;
        let expected = comparison.compare(&mut Resampler::new(seed));
        let cell = |id: &str| &table.rows[0][table.column(id).unwrap()];
        assert_eq!(cell("with"), &Cell::duration(expected.with.median));
        assert_eq!(cell("without"), &Cell::duration(expected.without.median));
        assert_eq!(cell("difference"), &Cell::duration(expected.difference.map(|difference| difference.median)));
        assert_eq!(cell("pulls_with"), &Cell::Count(i64::try_from(expected.with.values).unwrap()));
        assert_eq!(cell("people_without"), &Cell::Count(i64::try_from(expected.without.people).unwrap()));
    }
}
