//! The Delivery report, and what other reports show of delivery, against plain loops over what was merged and deployed.

use crate::filled::{Filled, column, figure, on_each_engine_with_delivery, table};
use crate::stage::{Stage, today};
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::delivery::AuthorKind;
use tacho_domain::report::{Amount, Cell, Chart, Figure, Question, Report, ReportName, Timeline};
use tacho_domain::{Day, Money, Window};
use tacho_simulator::{Config, Delivery, DeliveryTruth, DeploymentsTruth, Length, PersonTruth, PullTruth, Tool};

/// Long enough for two windows of ninety days.
const DAYS: u32 = 190;

/// Some of them have left: one without a seat, whose use of other tools cannot be told to be theirs.
fn forty() -> Config {
    Config { members: 40, teams: 3, days: DAYS, ..Config::new(13, today()) }
}

fn share(part: usize, whole: usize) -> Amount {
    if whole == 0 { Amount::Unknown } else { Amount::Share(part as f64 / whole as f64) }
}

fn weeks(window: Window) -> f64 {
    f64::from(window.len()) / 7.0
}

/// What each figure is to be, by its id.
fn expected(truth: &DeliveryTruth, window: Window) -> Vec<(&'static str, Amount)> {
    let throughput = match truth.contributors {
        0 => Amount::Unknown,
        people => Amount::Number(truth.merged as f64 / people as f64 / weeks(window)),
    };
    let (again, lines) = truth.rework;
    let mut figures = vec![
        ("merged_pull_requests", Amount::Count(truth.merged as i64)),
        ("contributors", Amount::Count(truth.contributors as i64)),
        ("throughput", throughput),
        ("cycle_time", Amount::duration(truth.cycle.median)),
        ("coding_time", Amount::duration(truth.coding.median)),
        ("pickup_time", Amount::duration(truth.pickup.median)),
        ("review_time", Amount::duration(truth.review.median)),
        ("merge_time", Amount::duration(truth.merge.median)),
        ("ai_assisted_floor", share(truth.exact, truth.merged)),
        ("ai_assisted_ceiling", share(truth.exact + truth.strong + truth.weak, truth.merged)),
        ("revert_rate", share(truth.reverted, truth.merged)),
        ("rework", if lines == 0 { Amount::Unknown } else { Amount::Share(again as f64 / lines as f64) }),
    ];
    if let Some(deployed) = &truth.deployments {
        figures.extend([
            ("deployment_frequency", Amount::Number(deployed.succeeded as f64 / weeks(window))),
            ("lead_time", Amount::duration(deployed.lead.median)),
            ("change_fail_rate", share(deployed.failed, deployed.ended)),
            ("recovery_time", Amount::duration(deployed.recovery.median)),
            ("deployment_rework_rate", share(deployed.repairs, deployed.ended)),
        ]);
    }
    figures
}

/// What is written beside figures: counts that a rounded share would hide.
fn contexts(truth: &DeliveryTruth, window: Window) -> Vec<(&'static str, String)> {
    let DeliveryTruth { merged, by_agents, exact, strong, weak, .. } = *truth;
    let mut contexts = vec![
        ("merged_pull_requests", format!("{} by people, {by_agents} by agents", merged - by_agents)),
        ("ai_assisted_floor", format!("{exact} of {merged} with exact evidence")),
        ("ai_assisted_ceiling", format!("{exact} exact, {strong} strong, {weak} weak, of {merged}")),
        ("revert_rate", format!("{} of {merged}", truth.reverted)),
        ("cycle_time", p75(&truth.cycle, merged)),
        ("coding_time", p75(&truth.coding, merged)),
        ("pickup_time", p75(&truth.pickup, merged)),
        ("review_time", p75(&truth.review, merged)),
        ("merge_time", p75(&truth.merge, merged)),
    ];
    if let Some(DeploymentsTruth { succeeded, ended, failed, repairs, lead, recovery }) = truth.deployments {
        contexts.extend([
            ("deployment_frequency", format!("{succeeded} in {} days", window.len())),
            ("lead_time", format!("of {} merged pull requests", lead.known)),
            ("change_fail_rate", format!("{failed} of {ended}")),
            ("recovery_time", format!("of {} failed deployments", recovery.known)),
            ("deployment_rework_rate", format!("{repairs} of {ended}")),
        ]);
    }
    contexts
}

fn p75(length: &Length, merged: usize) -> String {
    let seconds = length.p75.unwrap();
    let words = match seconds {
        ..3_600 => format!("{} min", (seconds + 30) / 60),
        3_600..172_800 => format!("{:.1} h", seconds as f64 / 3_600.0),
        _ => format!("{:.1} d", seconds as f64 / 86_400.0),
    };
    format!("p75 {words}, of {} of {merged} pull requests", length.known)
}

/// Equal but for how floating point rounds.
fn is(found: Amount, expected: Amount) -> bool {
    match (found, expected) {
        (Amount::Share(found), Amount::Share(expected)) | (Amount::Number(found), Amount::Number(expected)) => {
            (found - expected).abs() < 1e-9
        }
        _ => found == expected,
    }
}

/// Everything that differs, so that one run tells of all of it.
#[derive(Default)]
pub(crate) struct Differences {
    held: usize,
    found: Vec<String>,
}

impl Differences {
    pub(crate) fn hold(&mut self, what: &str, found: Amount, expected: Amount) {
        self.held += 1;
        if !is(found, expected) {
            self.found.push(format!("{what}: {found:?}, expected {expected:?}"));
        }
    }

    pub(crate) fn same<T: PartialEq + std::fmt::Debug + ?Sized>(&mut self, what: &str, found: &T, expected: &T) {
        self.held += 1;
        if found != expected {
            self.found.push(format!("{what}: {found:?}, expected {expected:?}"));
        }
    }

    /// Fails where anything differs, or where less than so much was looked at.
    #[track_caller]
    pub(crate) fn none(self, least: usize) {
        assert!(self.found.is_empty(), "{} of {} differ\n{}", self.found.len(), self.held, self.found.join("\n"));
        assert!(self.held >= least, "only {} were held", self.held);
    }
}

/// Holds each figure of a report, its context and its value before, against the truth of the team or of all.
pub(crate) fn hold_figures(filled: &Filled, report: &Report, window: Window, team: Option<&str>, differences: &mut Differences) {
    let what = |id: &str| format!("{id} of {} in {} days", team.unwrap_or("all"), window.len());
    let truth = filled.truth.delivery(window, team);
    assert!(truth.merged > 20 && truth.strong > 0 && truth.exact > 0, "worth comparing: {truth:?}");
    for (id, value) in expected(&truth, window) {
        differences.hold(&what(id), figure(report, id).value, value);
    }
    for (id, context) in contexts(&truth, window) {
        differences.same(&what(id), &figure(report, id).context, &context);
    }
    let (again, lines) = truth.rework;
    // Thousands stand apart in the words.
    let reworked = &figure(report, "rework").context.split(", ").next().unwrap_or_default().replace(',', "");
    differences.same(&what("rework"), reworked.as_str(), format!("{again} of {lines} lines").as_str());
    for (id, value) in expected(&filled.truth.delivery(window.before(), team), window) {
        differences.hold(&format!("{} before", what(id)), figure(report, id).before, value);
    }
}

fn question(filled: &Filled, days: u32) -> Question {
    Question { window: Window::ending(filled.window().to, days), ..filled.question() }
}

/// The teams that the report has a line for: slug and number.
pub(crate) fn teams(report: &Report) -> Vec<(String, i64)> {
    let number = |to: &str| to.rsplit('/').next().unwrap().parse().unwrap();
    let team = |cell: &Cell| match cell {
        Cell::Link { text, to } => Some((text.to_lowercase().replace(' ', "-"), number(to))),
        _ => None,
    };
    column(table(report, "teams"), "name").into_iter().filter_map(team).collect()
}

#[tokio::test]
async fn every_figure_of_all_and_of_each_team_is_the_truths() {
    on_each_engine_with_delivery(forty, async |filled| {
        let mut differences = Differences::default();
        for days in [28, 90] {
            let question = question(&filled, days);
            let window = question.window;
            let report = filled.report(&ReportName::Delivery, &question).await;
            hold_figures(&filled, &report, window, None, &mut differences);
            assert!(days == 28 || is_rich(&filled.truth.delivery(window, None)));
            hold_teams(&filled, &report, window, &mut differences);
            hold_weeks(&filled, &report, window, &mut differences);
            hold_totals(&filled, &report, window, &mut differences);
            assert_eq!(teams(&report).len(), 3);
            for (slug, team) in teams(&report) {
                let narrowed = Question { team: Some(team), ..question.clone() };
                let report = filled.report(&ReportName::Delivery, &narrowed).await;
                assert!(report.groups.iter().all(|group| group.heading != "Deployments"), "they name no team");
                hold_figures(&filled, &report, window, Some(&slug), &mut differences);
            }
        }
        hold_others(&filled, &mut differences).await;
        differences.none(300);
    })
    .await;
}

/// Whether every way of counting is met in it: reverts, changes taken back after a deployment, what cannot be compared.
fn is_rich(truth: &DeliveryTruth) -> bool {
    let deployed = truth.deployments.unwrap();
    let taken_back = deployed.failed > deployed.ended - deployed.succeeded;
    truth.reverted > 0 && taken_back && deployed.repairs > 0 && truth.rework.0 > 0 && truth.review.known < truth.merged
}

/// Lines of the table of teams, and the one of everyone.
fn hold_teams(filled: &Filled, report: &Report, window: Window, differences: &mut Differences) {
    let table = table(report, "teams");
    let mut lines: Vec<(String, Option<String>, &Vec<Cell>)> =
        teams(report).into_iter().zip(&table.rows).map(|((slug, _), row)| (slug.clone(), Some(slug), row)).collect();
    lines.push(("everyone".to_owned(), None, table.total.as_ref().unwrap()));
    for (name, slug, row) in lines {
        let truth = filled.truth.delivery(window, slug.as_deref());
        let each = truth.merged as f64 / truth.contributors as f64 / weeks(window);
        let ratio = |part: usize| Cell::share(Some(part as f64 / truth.merged as f64));
        let expected = vec![
            Cell::Count(truth.merged as i64),
            Cell::Count(truth.contributors as i64),
            Cell::Number((each * 100.0).round() / 100.0),
            Cell::duration(truth.cycle.median),
            Cell::duration(truth.coding.median),
            Cell::duration(truth.pickup.median),
            Cell::duration(truth.review.median),
            Cell::duration(truth.merge.median),
            ratio(truth.exact),
            ratio(truth.exact + truth.strong + truth.weak),
        ];
        differences.same(&format!("line of {name} in {} days", window.len()), &row[1..], &expected[..]);
    }
}

fn timeline<'r>(report: &'r Report, section: &str) -> &'r Timeline {
    match report.section(section).unwrap().chart.as_ref().unwrap() {
        Chart::Columns(timeline) | Chart::Lines(timeline) => timeline,
        other => panic!("{other:?}"),
    }
}

/// The days of each week, whole or in part.
fn by_week(window: Window) -> BTreeMap<Day, Window> {
    let mut weeks: BTreeMap<Day, Window> = BTreeMap::new();
    for day in window.days() {
        weeks.entry(day.week()).or_insert(Window::day(day)).to = day;
    }
    weeks
}

fn hold_weeks(filled: &Filled, report: &Report, window: Window, differences: &mut Differences) {
    let weeks: Vec<(Day, DeliveryTruth)> =
        by_week(window).into_iter().map(|(monday, days)| (monday, filled.truth.delivery(days, None))).collect();
    let mut hold = |section: &str, series: usize, value: &dyn Fn(&DeliveryTruth) -> Option<f64>| {
        let found: Vec<(Day, Option<i64>)> =
            timeline(report, section).series[series].points.iter().map(|it| (it.day, it.value.map(millionths))).collect();
        let expected = weeks.iter().map(|(monday, truth)| (*monday, value(truth).map(millionths))).collect();
        differences.same(&format!("{section} {series} by week in {} days", window.len()), &found, &expected);
    };
    let number = |many: usize| Some(many as f64);
    let part = |part: usize, truth: &DeliveryTruth| (truth.merged > 0).then(|| part as f64 / truth.merged as f64);
    let hours = |length: &Length| length.median.map(|seconds| seconds as f64 / 3_600.0);
    hold("merged", 0, &|truth| number(truth.exact));
    hold("merged", 1, &|truth| number(truth.strong + truth.weak));
    hold("merged", 2, &|truth| number(truth.merged - truth.exact - truth.strong - truth.weak));
    hold("cycle", 0, &|truth| hours(&truth.cycle));
    hold("cycle", 1, &|truth| hours(&truth.coding));
    hold("cycle", 2, &|truth| hours(&truth.pickup));
    hold("cycle", 3, &|truth| hours(&truth.review));
    hold("cycle", 4, &|truth| hours(&truth.merge));
    hold("assisted", 0, &|truth| part(truth.exact, truth));
    hold("assisted", 1, &|truth| part(truth.exact + truth.strong + truth.weak, truth));
}

#[expect(clippy::cast_possible_truncation, reason = "hours and shares")]
fn millionths(value: f64) -> i64 {
    (value * 1_000_000.0).round() as i64
}

/// GitHub's own counts, of the days it has told of, and ours of the same days with bots'.
fn hold_totals(filled: &Filled, report: &Report, window: Window, differences: &mut Differences) {
    let table = table(report, "host_totals");
    let told: Vec<_> = window.days().filter_map(|day| filled.truth.repository_days(day)).flatten().collect();
    let ours = filled.truth.pull_requests(window).count() as i64;
    let sum = |of: fn(&tacho_simulator::RepositoryDay) -> i64| told.iter().map(of).sum::<i64>();
    assert_eq!(sum(|it| it.merged), ours, "told of every day, and counts bots' too");
    for (name, value) in [
        ("Pull requests merged", sum(|it| it.merged)),
        ("Pull requests created", sum(|it| it.created)),
        ("Pull requests merged created by Copilot", sum(|it| it.merged_created_by_copilot)),
    ] {
        let at = column(table, "name").into_iter().position(|cell| cell.words() == Some(name));
        let at = at.unwrap_or_else(|| panic!("no {name}: {:?}", table.rows));
        differences.same(name, column(table, "value")[at], &Cell::Count(value));
    }
}

/// The figures that the Overview, a team's page and Cost have of delivery.
async fn hold_others(filled: &Filled, differences: &mut Differences) {
    let question = question(filled, 28);
    let window = question.window;
    let all = filled.truth.delivery(window, None);
    let overview = filled.report(&ReportName::Overview, &question).await;
    hold_headline(&overview, "Overview", &all, window, differences);
    let delivery = filled.report(&ReportName::Delivery, &question).await;
    for figure_there in headline(&overview) {
        let before = figure(&delivery, &figure_there.id).before;
        differences.hold(&format!("{} before in both", figure_there.id), figure_there.before, before);
    }
    for (slug, team) in teams(&delivery) {
        let report = filled.report(&ReportName::Team(team), &question).await;
        let truth = filled.truth.delivery(window, Some(&slug));
        hold_headline(&report, &slug, &truth, window, differences);
    }
    let cost = filled.report(&ReportName::Cost, &question).await;
    let value: i64 = Tool::ALL.into_iter().filter_map(|tool| filled.truth.cost(window, tool)).map(|(value, _)| value).sum();
    assert_eq!(micros(&cost, "metered_value"), value);
    hold_each(&cost, all.merged);
    for (slug, team) in teams(&delivery) {
        let cost = filled.report(&ReportName::Cost, &Question { team: Some(team), ..question.clone() }).await;
        hold_each(&cost, filled.truth.delivery(window, Some(&slug)).merged);
    }
}

fn micros(report: &Report, id: &str) -> i64 {
    match figure(report, id).value {
        Amount::Money(Money(micros)) => micros,
        other => panic!("{id} is {other:?}"),
    }
}

/// What each merged pull request cost.
fn hold_each(cost: &Report, merged: usize) {
    assert!(merged >= 10, "fewer are not told: {merged}");
    let (found, each) = (micros(cost, "cost_per_merged"), micros(cost, "metered_value") as f64 / merged as f64);
    assert!(each > 0.0 && (found as f64 - each).abs() <= 1.0, "{found} a merged pull request, expected {each}");
}

fn headline(report: &Report) -> &[Figure] {
    let found = report.groups.iter().find(|group| group.heading == "Delivery");
    &found.unwrap_or_else(|| panic!("nothing of delivery in {}", report.title)).figures
}

fn hold_headline(report: &Report, what: &str, truth: &DeliveryTruth, window: Window, differences: &mut Differences) {
    let expected: BTreeMap<&str, Amount> = expected(truth, window).into_iter().collect();
    let ids: Vec<&str> = headline(report).iter().map(|figure| figure.id.as_str()).collect();
    assert_eq!(ids, ["merged_pull_requests", "throughput", "cycle_time", "ai_assisted_floor", "ai_assisted_ceiling"]);
    for figure in headline(report) {
        differences.hold(&format!("{} on {what}", figure.id), figure.value, expected[figure.id.as_str()]);
    }
}

/// Twelve weeks in which nobody begins to use a tool any more, with a quarter of the people who use none.
fn planted(seed: u64) -> Config {
    let delivery = Delivery { effect_permille: Some(650), abstainers_permille: 250, ..Delivery::default() };
    Config { members: 60, teams: 3, days: 420, delivery, ..Config::new(seed, today()) }
}

/// Medians and numbers of both sides, chosen by plain loops over what vendors have as active.
#[derive(Debug, PartialEq, Eq)]
struct Side {
    median: Option<i64>,
    pulls: i64,
    people: i64,
}

/// Members who used any tool on more than a quarter of the working days, and those who used none, with their own pull
/// requests.
fn sides(filled: &Filled, window: Window) -> (Side, Side) {
    let mut used: BTreeMap<usize, BTreeSet<Day>> = BTreeMap::new();
    for (tool, day) in Tool::ALL.into_iter().flat_map(|tool| window.days().map(move |day| (tool, day))) {
        for row in filled.truth.rows(tool, day).unwrap_or_default().into_iter().filter(|row| row.active) {
            used.entry(row.person).or_default().insert(day);
        }
    }
    let people = filled.truth.people();
    let workdays = window.days().filter(|day| day.is_workday()).count();
    let days = |person: usize| used.get(&person).map_or(0, BTreeSet::len);
    let side = |counts: &dyn Fn(usize) -> bool| {
        let own = |it: &PullTruth| it.author_kind == AuthorKind::Human && it.author.is_some_and(counts);
        let pulls: Vec<PullTruth> = filled.truth.pull_requests(window).filter(own).collect();
        Side {
            median: Length::of(pulls.iter().map(PullTruth::cycle_seconds).collect()).median,
            pulls: pulls.len() as i64,
            people: pulls.iter().filter_map(|it| it.author).collect::<BTreeSet<_>>().len() as i64,
        }
    };
    // Of whoever has left without a seat GitHub tells no address, so that they match no member.
    let is_told = |person: &PersonTruth| person.copilot_seat || person.left.is_none_or(|left| filled.today < left);
    let is_member = |person: usize| people[person].email.is_some() && is_told(&people[person]);
    (side(&|person| is_member(person) && days(person) * 4 > workdays), side(&|person| is_member(person) && days(person) == 0))
}

#[tokio::test]
async fn what_was_planted_is_within_the_interval() {
    for seed in [3, 4] {
        let filled = Filled::with_delivery(Stage::of(planted(seed)).await, 130).await;
        let question = question(&filled, 84);
        let report = filled.report(&ReportName::Delivery, &question).await;
        let table = table(&report, "with_without");
        let cell = |id: &str| &table.rows[0][table.column(id).unwrap()];
        let number = |id: &str| match cell(id) {
            Cell::Duration(number) | Cell::Count(number) => *number,
            other => panic!("{id} is {other:?}: {:?}", table.rows[0]),
        };
        let found = |median: &str, pulls: &str, people: &str| Side {
            median: Some(number(median)),
            pulls: number(pulls),
            people: number(people),
        };
        let (with, without) = sides(&filled, question.window);
        assert_eq!(found("with", "pulls_with", "people_with"), with, "seed {seed}");
        assert_eq!(found("without", "pulls_without", "people_without"), without, "seed {seed}");
        let difference = with.median.unwrap() - without.median.unwrap();
        assert_eq!(number("difference"), difference, "seed {seed}");
        let planted = filled.truth.planted();
        let planted = planted.difference(planted.cycle_seconds);
        let (low, high) = (number("low"), number("high"));
        assert!(low <= planted && planted <= high, "seed {seed}: {planted} in {low} to {high}");
        assert!(low < difference && difference < high && difference < 0, "seed {seed}: {difference} in {low} to {high}");
    }
}
