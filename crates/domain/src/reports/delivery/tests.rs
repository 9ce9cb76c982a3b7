//! What the report promises: totals of everyone, floor and ceiling, no comparison of too few, nobody given away.

use super::*;
use crate::columns::encode_identities;
use crate::delivery::Assistance;
use crate::delivery::{DeploymentOutcome, Second, SignalKind, SignalSet, SurveyAnswer};
use crate::memberships::Stay;
use crate::report::{Amount, Audience, Cell, Table};
use crate::teams::Span;
use crate::{IdentityId, OrganizationId};
use std::collections::BTreeSet;

/// Four weeks that end on Sunday, 2026-11-15.
fn window() -> Window {
    Window::ending("2026-11-15".parse().unwrap(), 28)
}

fn question(audience: Audience) -> Question {
    Question { audience, ..Question::overview(OrganizationId(1), window()) }
}

const DAY: i64 = 86_400;

/// A pull request of an identity: opened so many hours before its merge at noon, first committed an hour before that.
fn pull(number: u32, author: u32, day: Day, hours: i64) -> PullRow {
    let merged = i64::from(day.0) * DAY + DAY / 2;
    let at = |before: i64| Second::from_number(merged - before * 3_600);
    PullRow {
        author: Some(IdentityId(author)),
        created_at: at(hours),
        first_commit_at: Some(at(hours + 1)),
        last_commit_day: Some(at(hours).day()),
        first_review_at: Some(at(hours / 2)),
        last_approval_at: Some(at(hours / 4)),
        approvals: 1,
        additions: 30,
        deletions: 10,
        merge_mark: Some(number),
        ..PullRow::merged(7, number, at(0))
    }
}

/// Identities 1 to 12 are the members 101 to 112; 1 to 6 use a tool on every working day, 7 to 12 never; 20 matches nobody.
fn directory() -> Directory {
    let members = (1..=12).map(|id| (IdentityId(id), Some(SubjectId(100 + id))));
    Directory::new(members.chain([(IdentityId(20), None)]))
}

fn teams() -> Memberships {
    let team = |team: i64, ids: std::ops::RangeInclusive<u32>| {
        let mut people = People::default();
        ids.for_each(|id| people.insert(SubjectId(100 + id)));
        Stay { team, span: Span { from: needed_days(window()).from, to: None }, people }
    };
    Memberships::new(needed_days(window()), &[team(1, 1..=8), team(2, 9..=10), team(3, 11..=12)])
}

/// Every person merges a pull request on each working day: who uses a tool after 20 hours, who does not after 60.
fn material<'a>(directory: &'a Directory, teams: &'a Memberships) -> Material<'a> {
    let days = Window { from: window().before().from, to: window().to };
    let mut use_days = UseDays::over(use_window(window()));
    let mut pulls = Vec::new();
    for day in days.days().filter(|day| day.is_workday()) {
        use_days.add(day, directory, &encode_identities((1..=6).map(IdentityId)));
        for author in 1..=12 {
            let number = u32::try_from(pulls.len()).unwrap() + 1;
            pulls.push(pull(number, author, day, if author <= 6 { 20 } else { 60 } + i64::from(author)));
        }
    }
    Material {
        directory,
        teams,
        team_names: BTreeMap::from([(1, "Core".into()), (2, "Data".into()), (3, "Ops".into())]),
        names: (1..=12).map(|id| (SubjectId(100 + id), format!("Person {id}"))).collect(),
        repositories: BTreeMap::from([(7, "acme/api".to_owned())]),
        days: days.days().map(|day| (day, false)).collect(),
        pulls,
        use_days,
        files: None,
        deployments: None,
        totals: Vec::new(),
        answers: None,
        last_synced: None,
    }
}

fn report(audience: Audience, change: impl FnOnce(&mut Material<'_>)) -> Report {
    let (directory, teams) = (directory(), teams());
    let mut material = material(&directory, &teams);
    change(&mut material);
    document(&question(audience), &material)
}

fn value(report: &Report, id: &str) -> Amount {
    report.figure(id).unwrap_or_else(|| panic!("{id}")).value
}

fn table<'r>(report: &'r Report, id: &str) -> &'r Table {
    &report.section(id).unwrap_or_else(|| panic!("{id}")).table
}

fn cell<'t>(table: &'t Table, row: usize, column: &str) -> &'t Cell {
    &table.rows[row][table.column(column).unwrap()]
}

#[test]
fn everybody_counts_but_bots() {
    let report = report(Audience::Everyone, |material| {
        let last = window().to;
        material.pulls.push(PullRow { author_kind: AuthorKind::Bot, ..pull(9_001, 1, last, 5) });
        material.pulls.push(PullRow { author_kind: AuthorKind::Agent, author: None, ..pull(9_002, 1, last, 5) });
    });
    assert_eq!(value(&report, "merged_pull_requests"), Amount::Count(241));
    assert_eq!(report.figure("merged_pull_requests").unwrap().before, Amount::Count(240));
    assert_eq!(report.figure("merged_pull_requests").unwrap().context, "240 by people, 1 by agents");
    assert_eq!(value(&report, "contributors"), Amount::Count(12));
    assert_eq!(value(&report, "throughput"), Amount::Number(241.0 / 12.0 / 4.0));
    assert_eq!(value(&report, "cycle_time"), Amount::Duration(26 * 3_600), "the lower middle one");
    assert_eq!(value(&report, "pull_request_size"), Amount::Count(40));
}

#[test]
fn floor_and_ceiling_are_of_the_tiers() {
    let report = report(Audience::Everyone, |material| {
        for pull in &mut material.pulls {
            if pull.author == Some(IdentityId(7)) {
                pull.signals = SignalSet::of([SignalKind::Trailer]);
            }
        }
    });
    assert_eq!(value(&report, "ai_assisted_floor"), Amount::Share(20.0 / 240.0));
    // Those merged on a Monday were begun on Sunday or Saturday, when nobody used a tool, nor the day before.
    assert_eq!(value(&report, "ai_assisted_ceiling"), Amount::Share(116.0 / 240.0));
    let why = table(&report, "pull_requests").rows.iter().filter_map(|row| row.last()?.words()).collect::<BTreeSet<_>>();
    assert!(why.contains("an agent: commit trailer"), "{why:?}");
    assert!(why.contains("the author used an AI tool on a day of the commits"), "{why:?}");
}

#[test]
fn what_is_planted_is_found_with_both_sides_and_an_interval_around_it() {
    let report = report(Audience::Everyone, |_| {});
    let compared = table(&report, "with_without");
    assert_eq!(cell(compared, 0, "with"), &Cell::Duration(23 * 3_600));
    assert_eq!(cell(compared, 0, "without"), &Cell::Duration(69 * 3_600));
    assert_eq!(cell(compared, 0, "difference"), &Cell::Duration(-46 * 3_600));
    let (Cell::Duration(low), Cell::Duration(high)) = (cell(compared, 0, "low"), cell(compared, 0, "high")) else { panic!() };
    assert!(*low <= -46 * 3_600 && -46 * 3_600 <= *high && *high < 0, "{low} {high}");
    assert_eq!(cell(compared, 0, "people_with"), &Cell::Count(6));
    assert_eq!(cell(compared, 0, "pulls_without"), &Cell::Count(120));
    assert_eq!(cell(compared, 0, "verdict"), &Cell::text("Shorter with AI tools"));
    assert_eq!(cell(compared, 3, "verdict"), &Cell::text("No clear difference: the interval includes zero"), "all are as large");
    assert_eq!(cell(table(&report, "by_repository"), 0, "what"), &Cell::text("acme/api"));
    assert_eq!(cell(table(&report, "by_size"), 2, "verdict"), &Cell::text("Not enough data"));
    assert_eq!(report.notes[0].title, "Association, not proof");
}

#[test]
fn fewer_than_five_people_on_a_side_are_never_compared() {
    let report = report(Audience::Everyone, |material| {
        material.pulls.retain(|pull| pull.author.is_none_or(|author| author.0 <= 10));
    });
    let compared = table(&report, "with_without");
    for row in 0..compared.rows.len() {
        assert_eq!(cell(compared, row, "verdict"), &Cell::text("Not enough data"));
        assert_eq!(cell(compared, row, "without"), &Cell::Nothing, "a median of four tells of them");
        assert_eq!(cell(compared, row, "people_without"), &Cell::Count(4));
    }
}

#[test]
fn authors_who_match_nobody_are_in_totals_and_in_no_comparison() {
    let report = report(Audience::Everyone, |material| {
        let theirs = (0..50).map(|at| pull(8_000 + at, 20, window().to, 500));
        material.pulls.extend(theirs);
    });
    assert_eq!(value(&report, "merged_pull_requests"), Amount::Count(290));
    assert_eq!(cell(table(&report, "with_without"), 0, "pulls_without"), &Cell::Count(120));
    assert!(report.notes.iter().any(|note| note.title == "Some authors match no member"));
}

#[test]
fn whoever_may_not_see_somebody_sees_the_totals_but_not_their_rows_nor_small_teams() {
    let everyone = report(Audience::Everyone, |_| {});
    let mine = report(Audience::Only(BTreeSet::from([SubjectId(101)])), |_| {});
    let nobody = report(Audience::Nobody, |_| {});
    for other in [&mine, &nobody] {
        assert_eq!(value(other, "cycle_time"), value(&everyone, "cycle_time"));
        assert_eq!(table(other, "with_without").rows, table(&everyone, "with_without").rows);
        let teams = table(other, "teams");
        let shown = |row: usize| cell(teams, row, "merged") != &Cell::Nothing;
        assert_eq!([shown(0), shown(1), shown(2)], [false; 3], "four in two small teams take the large one with them");
        assert_eq!(teams.total, table(&everyone, "teams").total);
    }
    assert_eq!(table(&mine, "pull_requests").rows.len(), 20);
    assert_eq!(table(&mine, "pull_requests").hidden_rows, 220);
    assert_eq!(table(&nobody, "pull_requests").rows.len(), 0);
    assert!(nobody.section("scatter").is_none() && everyone.section("scatter").is_some());
}

#[test]
fn answers_of_fewer_than_five_people_are_given_to_nobody() {
    let answered = |people: u32| {
        report(Audience::Everyone, |material| {
            let answer = |id: u32| Answered {
                repository: 7,
                number: material.pulls.iter().rev().find(|pull| pull.author == Some(IdentityId(id))).unwrap().number,
                day: "2026-11-13".parse().unwrap(),
                member: SubjectId(100 + id),
                answer: SurveyAnswer::Author { assistance: Assistance::ALittle, minutes_saved: Some(30) },
            };
            material.answers = Some((1..=people).map(answer).collect());
        })
    };
    let (few, enough) = (answered(4), answered(5));
    assert_eq!(cell(table(&few, "answers"), 2, "share"), &Cell::Nothing);
    assert_eq!(cell(table(&few, "answers"), 2, "number"), &Cell::Count(0));
    assert_eq!(cell(table(&enough, "answers"), 2, "share"), &Cell::Share(1.0));
    assert_eq!(cell(table(&enough, "answers"), 5, "more"), &Cell::text("median: 30 min"));
}

#[test]
fn a_team_is_asked_for_and_deployments_name_none() {
    let (directory, teams) = (directory(), teams());
    let deployment = DeploymentRow {
        repository: 7,
        created_at: Second::of(window().to.start()),
        finished_at: None,
        outcome: DeploymentOutcome::Succeeded,
    };
    let material = Material { deployments: Some(vec![deployment]), ..material(&directory, &teams) };
    let whole = document(&question(Audience::Everyone), &material);
    assert_eq!(value(&whole, "deployment_frequency"), Amount::Number(0.25));
    let team = document(&Question { team: Some(2), ..question(Audience::Everyone) }, &material);
    assert_eq!(value(&team, "merged_pull_requests"), Amount::Count(40));
    assert!(team.figure("deployment_frequency").is_none());
    assert!(team.notes.iter().any(|note| note.title == "Deployments are left out"));
    let alone = document(&Question { member: Some(SubjectId(101)), ..question(Audience::Everyone) }, &material);
    assert!(alone.section("with_without").is_none() && alone.section("pull_requests").is_some());
}

#[test]
fn no_data_is_no_zero() {
    let report = report(Audience::Everyone, |material| {
        material.days.clear();
        material.use_days = UseDays::over(use_window(window()));
    });
    assert_eq!(value(&report, "merged_pull_requests"), Amount::Unknown);
    assert_eq!(table(&report, "cohorts").rows.len(), 0);
    assert_eq!(cell(table(&report, "with_without"), 0, "verdict"), &Cell::text("Not enough data"));
    let none = self::report(Audience::Everyone, |material| material.pulls.clear());
    assert!(none.is_empty && none.groups.is_empty() && none.sections.is_empty());
}

#[test]
fn the_same_question_has_the_same_answer_and_every_row_is_as_long_as_its_heads() {
    let (one, two) = (report(Audience::Everyone, |_| {}), report(Audience::Everyone, |_| {}));
    assert_eq!(one, two);
    for section in &one.sections {
        let columns = section.table.columns.len();
        assert!(section.table.rows.iter().chain(&section.table.total).all(|row| row.len() == columns), "{}", section.id);
    }
    let ids: BTreeSet<&str> = one.sections.iter().map(|section| section.id.as_str()).collect();
    assert_eq!(ids.len(), one.sections.len());
    assert_eq!(one.main_section().unwrap().id, "pull_requests");
    for figure in one.groups.iter().flat_map(|group| &group.figures) {
        assert!(!figure.formula.is_empty(), "{}", figure.id);
    }
}
