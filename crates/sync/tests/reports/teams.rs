//! The Teams report and the report of one team: usage of a day counts for the teams the vendor named on that day.

use crate::filled::{Filled, count, figure, on_each_engine_of, table};
use crate::stage::today;
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::report::{Cell, Question, Report, ReportName, Table};
use tacho_domain::{Day, Window};
use tacho_simulator::{Config, PersonTruth, Tool};

/// What a team's people did on the days they were in it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Expected {
    interactions: i64,
    lines: i64,
    active: BTreeSet<usize>,
}

/// The teams that GitHub names a person in on a day: of those who hold a seat, and large enough.
fn teams_of(people: &[PersonTruth], person: usize, day: Day) -> Vec<&str> {
    let holds = |person: &PersonTruth| person.copilot_seat && person.joined <= day && person.left.is_none_or(|left| day < left);
    let size = |slug: &str| people.iter().filter(|one| holds(one) && one.teams.iter().any(|team| team == slug)).count();
    let Some(person) = people.iter().find(|one| one.index == person && holds(one)) else { return Vec::new() };
    person.teams.iter().map(String::as_str).filter(|slug| size(slug) >= 5).collect()
}

fn expected(filled: &Filled, window: Window) -> (BTreeMap<String, Expected>, Expected, BTreeSet<usize>) {
    let people = filled.truth.people();
    let (mut teams, mut all, mut several) = (BTreeMap::<String, Expected>::new(), Expected::default(), BTreeSet::new());
    for (tool, day) in Tool::ALL.into_iter().flat_map(|tool| window.days().map(move |day| (tool, day))) {
        for row in filled.truth.rows(tool, day).unwrap_or_default() {
            let of_day = teams_of(&people, row.person, day);
            if row.active && of_day.len() > 1 {
                several.insert(row.person);
            }
            let add = |sum: &mut Expected| {
                sum.interactions += row.figures.interactions.unwrap_or(0);
                sum.lines += row.figures.lines_added.unwrap_or(0);
                if row.active {
                    sum.active.insert(row.person);
                }
            };
            add(&mut all);
            for slug in of_day {
                add(teams.entry(slug.to_owned()).or_default());
            }
        }
    }
    (teams, all, several)
}

fn number(table: &Table, row: &[Cell], id: &str) -> Option<i64> {
    match &row[table.column(id).unwrap()] {
        Cell::Count(number) => Some(*number),
        Cell::Nothing => None,
        other => panic!("{other:?}"),
    }
}

fn told(table: &Table, row: &[Cell]) -> (Option<i64>, Option<i64>, Option<i64>) {
    (number(table, row, "interactions"), number(table, row, "lines_added"), number(table, row, "active_members"))
}

impl Expected {
    fn told(&self) -> (Option<i64>, Option<i64>, Option<i64>) {
        (Some(self.interactions), Some(self.lines), Some(i64::try_from(self.active.len()).unwrap()))
    }
}

#[tokio::test]
async fn each_teams_line_is_what_its_people_did_on_their_days_in_it() {
    let config = || Config { members: 20, teams: 2, days: 60, ..Config::new(11, today()) };
    on_each_engine_of(config, async |filled| {
        let report = filled.report(&ReportName::Teams, &filled.question()).await;
        let table = table(&report, "teams");
        let (teams, all, several) = expected(&filled, filled.window());
        assert!(!teams.is_empty(), "the truth has teams");
        let mut seen = 0;
        for row in &table.rows {
            let Cell::Link { text, to } = &row[0] else { continue };
            let slug = text.to_lowercase().replace(' ', "-");
            let Some(expected) = teams.get(&slug).filter(|_| number(table, row, "active_members") != Some(0)) else { continue };
            assert_eq!(told(table, row), expected.told(), "{slug}");
            one_team_says_the_same(&filled, to, expected).await;
            seen += 1;
        }
        assert_eq!(seen, teams.len());
        assert_eq!(told(table, table.total.as_ref().unwrap()), all.told());
        assert_eq!(figure(&report, "in_several_teams").value, count(i64::try_from(several.len()).ok()));
        lines_add_up(table, &report);
    })
    .await;
}

async fn one_team_says_the_same(filled: &Filled, page: &str, expected: &Expected) {
    let id = page.rsplit('/').next().unwrap().parse().unwrap();
    let report = filled.report(&ReportName::Team(id), &filled.question()).await;
    assert_eq!(figure(&report, "interactions").value, count(Some(expected.interactions)));
    assert_eq!(figure(&report, "lines_added").value, count(Some(expected.lines)));
    assert_eq!(figure(&report, "active_members").value, count(i64::try_from(expected.active.len()).ok()));
    let narrowed = Question { team: Some(id), ..filled.question() };
    let overview = filled.report(&ReportName::Overview, &narrowed).await;
    assert_eq!(figure(&overview, "interactions").value, count(Some(expected.interactions)));
    let members = table(&report, "members");
    let total = members.total.as_ref().unwrap();
    assert_eq!(number(members, total, "interactions"), Some(expected.interactions));
}

/// What counts in two teams is in the lines twice, and nothing else is.
fn lines_add_up(table: &Table, report: &Report) {
    let sum: i64 = table.rows.iter().filter_map(|row| number(table, row, "interactions")).sum();
    let total = number(table, table.total.as_ref().unwrap(), "interactions").unwrap();
    let several = figure(report, "in_several_teams").value.number() != Some(0.0);
    assert!(sum >= total && (several || sum == total), "{sum} of {total}");
}
