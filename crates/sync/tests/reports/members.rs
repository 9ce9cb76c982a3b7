//! The Members report: every row, and the sums of everyone, against what the simulated people did.

use crate::filled::{Filled, figure, on_each_engine, table};
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::SubjectId;
use tacho_domain::report::{Amount, Arrangement, Audience, Cell, Question, Report, ReportName, Table};
use tacho_simulator::{Figures, MemberAnswer};

/// The person of each member, by the page that their name leads to.
async fn people_by_page(filled: &Filled) -> BTreeMap<String, (usize, SubjectId)> {
    let members = filled.store.list_members(filled.organization).await.unwrap();
    let of = |email: &str| members.iter().find(|member| member.email.as_deref() == Some(email)).unwrap().id;
    let people = filled.truth.people();
    let known = people.iter().filter_map(|person| Some((person.index, of(person.email.as_deref()?))));
    known.map(|(index, id)| (ReportName::Member(id).page(), (index, id))).collect()
}

fn cell<'t>(table: &'t Table, row: &'t [Cell], id: &str) -> &'t Cell {
    &row[table.column(id).unwrap_or_else(|| panic!("no column {id}: {:?}", table.columns))]
}

/// The sum over the tools that say anything.
fn over_tools(answer: &MemberAnswer, value: impl Fn(&Figures) -> Option<i64>) -> Option<i64> {
    answer.by_tool.values().filter_map(value).reduce(|one, other| one + other)
}

fn value(figures: &Figures) -> Option<i64> {
    let both = [figures.cost_micros, figures.credits_micros.map(|credits| credits / 100)];
    both.into_iter().flatten().reduce(|one, other| one + other)
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn share(accepted: Option<i64>, offered: Option<i64>) -> Cell {
    let offered = offered.filter(|offered| *offered > 0);
    Cell::share(offered.map(|offered| accepted.unwrap_or(0) as f64 / offered as f64))
}

fn assert_row(table: &Table, row: &[Cell], answer: &MemberAnswer) {
    let who = answer.person;
    let is = |id: &str, expected: Cell| assert_eq!(cell(table, row, id), &expected, "{id} of person {who}");
    is("active_days", Cell::Count(i64::try_from(answer.active_days).unwrap()));
    is("interactions", Cell::count(over_tools(answer, |figures| figures.interactions)));
    is("lines_added", Cell::count(over_tools(answer, |figures| figures.lines_added)));
    is("lines_removed", Cell::count(over_tools(answer, |figures| figures.lines_removed)));
    is("cost", Cell::money(over_tools(answer, value)));
    let nobody = Figures::default();
    let with = |tool: &str| answer.by_tool.get(tool).unwrap_or(&nobody);
    let (copilot, claude, cursor) = (with("github_copilot"), with("claude_code"), with("cursor"));
    let decided = claude.edits_accepted.map(|accepted| accepted + claude.edits_rejected.unwrap_or(0));
    is("acceptance_claude_code_edits", share(claude.edits_accepted, decided));
    is("acceptance_github_copilot_completions", share(copilot.acceptances, copilot.suggestions));
    is("acceptance_cursor_tabs", share(cursor.acceptances, cursor.suggestions));
}

#[tokio::test]
async fn everybodys_row_says_what_they_did() {
    on_each_engine(async |filled| {
        let report = filled.report(&ReportName::Members, &filled.question()).await;
        let table = table(&report, "members");
        let pages = people_by_page(&filled).await;
        let people = filled.truth.people();
        let answers = filled.truth.members(filled.window());
        let mut seen = BTreeSet::new();
        for row in &table.rows {
            let person = match cell(table, row, "name") {
                Cell::Link { to, .. } => pages[to].0,
                Cell::Text(label) => {
                    let label = label.trim_end_matches(" (no member)");
                    people.iter().find(|person| person.email.is_none() && person.login == label).unwrap().index
                }
                other => panic!("{other:?}"),
            };
            match answers.iter().find(|answer| answer.person == person) {
                Some(answer) => {
                    assert_row(table, row, answer);
                    seen.insert(person);
                }
                None => assert_eq!(cell(table, row, "interactions"), &Cell::Nothing),
            }
        }
        assert_eq!(seen.len(), answers.len(), "everybody who did anything has a row");
        totals_are_of_everyone(&filled, &report, &answers);
        rows_follow_the_audience(&filled, &report, &pages).await;
    })
    .await;
}

#[tokio::test]
async fn rows_that_are_shown_are_the_same_as_of_the_whole_table() {
    on_each_engine(async |filled| {
        let whole = filled.report(&ReportName::Members, &filled.question()).await;
        let columns: Vec<String> = table(&whole, "members").columns.iter().map(|column| column.id.clone()).collect();
        let sorts = columns.iter().flat_map(|id| [(id, true), (id, false)]).map(|(id, largest)| Some((id.clone(), largest)));
        for (place, sort) in sorts.chain([None]).enumerate() {
            let search = if place % 3 == 0 { "a" } else { "" }.to_owned();
            let shown = Arrangement { section: None, sort, search, offset: place % 7, limit: 9 };
            let question = Question { shown: Some(shown.clone()), ..filled.question() };
            let mut asked = filled.report(&ReportName::Members, &question).await;
            let mut expected = whole.clone();
            asked.arrange(&shown).unwrap();
            expected.arrange(&shown).unwrap();
            let (asked_table, expected_table) = (table(&asked, "members"), table(&expected, "members"));
            assert_eq!(Table { arranged: None, ..asked_table.clone() }, *expected_table, "{shown:?}");
            assert_eq!(asked.groups, expected.groups);
        }
    })
    .await;
}

fn totals_are_of_everyone(filled: &Filled, report: &Report, answers: &[MemberAnswer]) {
    let table = table(report, "members");
    let total = table.total.as_ref().unwrap();
    let interactions: i64 = answers.iter().map(|answer| answer.interactions).sum();
    assert_eq!(cell(table, total, "interactions"), &Cell::Count(interactions));
    let lines: i64 = answers.iter().filter_map(|answer| over_tools(answer, |figures| figures.lines_added)).sum();
    assert_eq!(cell(table, total, "lines_added"), &Cell::Count(lines));
    let active = filled.truth.active_members(filled.window());
    assert_eq!(figure(report, "active_members").value, Amount::Count(i64::try_from(active.members).unwrap()));
    let before = filled.truth.active_members(filled.window().before());
    assert_eq!(figure(report, "active_members").before, Amount::Count(i64::try_from(before.members).unwrap()));
    let cohorts =
        ["heavy", "moderate", "light", "none"].map(|id| figure(report, &format!("cohort_{id}")).value.number().unwrap());
    assert_eq!(Some(cohorts.iter().sum()), figure(report, "members").value.number(), "every member is in one cohort");
}

async fn rows_follow_the_audience(filled: &Filled, all: &Report, pages: &BTreeMap<String, (usize, SubjectId)>) {
    let (_, one) = pages.values().next().unwrap();
    let audience = Audience::Only(BTreeSet::from([*one]));
    let seen = filled.report(&ReportName::Members, &Question { audience, ..filled.question() }).await;
    let (seen, all) = (table(&seen, "members"), table(all, "members"));
    assert_eq!((seen.rows.len(), seen.hidden_rows), (1, all.rows.len() - 1));
    assert_eq!(seen.total, all.total);
}
