//! What the report promises: ledgers apart, totals of everyone, an unknown price is no zero, few people are not given away.

use super::*;
use crate::budget::Basis;
use crate::columns::{CountedSlice, LaidPeople, LaidValues};
use crate::memberships::{Memberships, Stay};
use crate::metrics::People;
use crate::report::{Amount, Audience, Cell, Table};
use crate::teams::Span;
use crate::{IdentityId, IntegrationId, Measure, Money, OrganizationId, PersonDay};
use std::sync::Arc;

pub(super) static COPILOT: ToolId = ToolId::new("github_copilot");
pub(super) static CLAUDE: ToolId = ToolId::new("claude_code");
static PROFILES: [ToolProfile; 2] = [
    ToolProfile { id: "github_copilot", name: "GitHub Copilot", colour: 0, ..ToolProfile::BLANK },
    ToolProfile { id: "claude_code", name: "Claude Code", colour: 1, ..ToolProfile::BLANK },
];

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Four weeks that end on Friday, 2026-11-20.
fn window() -> Window {
    Window::ending(day("2026-11-20"), 28)
}

pub(super) fn question(audience: Audience) -> Question {
    Question { audience, ..Question::overview(OrganizationId(1), window()) }
}

/// Identities 1 to 12 are the members 101 to 112, 20 matches nobody.
pub(super) fn directory() -> Directory {
    let members = (1..=12).map(|id| (IdentityId(id), Some(SubjectId(100 + id))));
    Directory::new(members.chain([(IdentityId(20), None)]))
}

/// Claude Code on the last day: what each identity spent.
fn spenders(directory: &Directory, spent: &[(u32, i64)], teams: &[(i64, &[u32])]) -> Spenders {
    let team = |(team, members): &(i64, &[u32])| {
        let mut people = People::default();
        members.iter().for_each(|id| people.insert(SubjectId(*id)));
        Stay { team: *team, span: Span { from: window().from, to: None }, people }
    };
    let stays: Vec<Stay> = teams.iter().map(team).collect();
    let person =
        |(id, _): &(u32, i64)| PersonDay { identity: IdentityId(*id), active: Some(true), agent: None, interactions: Some(1) };
    let people: Vec<PersonDay> = spent.iter().map(person).collect();
    let slice = CountedSlice {
        integration: IntegrationId(1),
        tool: CLAUDE.clone(),
        day: window().to,
        provisional: true,
        knows_activity: true,
        people: Arc::new(LaidPeople::of(&people, None)),
        columns: vec![(Measure::Cost, Arc::new(LaidValues::of(spent.iter().map(|(_, value)| Some(*value)).collect())))],
    };
    Spenders::of(window(), (directory, &Memberships::new(window(), &stays)), [(&slice, None)].into_iter())
}

fn every_day(value: i64, charged: Option<i64>) -> BTreeMap<Day, SpentDay> {
    let days = Window { from: window().before().from, to: window().to }.days();
    days.map(|day| (day, SpentDay { value: Some(value), charged, provisional: false })).collect()
}

pub(super) fn material(directory: &Directory) -> Material<'_> {
    Material {
        profiles: &PROFILES,
        directory,
        today: day("2026-11-21"),
        narrowed: false,
        days: BTreeMap::from([
            (COPILOT.clone(), every_day(2_000_000, Some(500_000))),
            (CLAUDE.clone(), every_day(1_000_000, None)),
        ]),
        lines: vec![line("Copilot AI credits", "gpt-5", 50_000_000), line("Copilot AI credits", "", 6_000_000)],
        models: vec![
            ModelSpent { tool: CLAUDE.clone(), model: "sonnet".into(), tokens: Some(9), value: Some(20_000_000) },
            ModelSpent { tool: CLAUDE.clone(), model: "mystery".into(), tokens: Some(7), value: None },
            ModelSpent { tool: COPILOT.clone(), model: "gpt-5".into(), tokens: Some(8), value: None },
        ],
        spenders: spenders(directory, &[(1, 12_000_000), (2, 9_000_000), (20, 4_000_000)], &[(7, &[101, 102])]),
        names: [101, 102, 20].map(|id| (SubjectId(id), format!("Person {id}"))).into(),
        team_names: BTreeMap::from([(7, "Platform".to_owned())]),
        seats: vec![
            SeatCount { tool: COPILOT.clone(), seats: 3, monthly_price: Some(Money(57_000_000)) },
            SeatCount { tool: CLAUDE.clone(), seats: 2, monthly_price: None },
        ],
        budgets: Vec::new(),
        merged: None,
        last_synced: None,
    }
}

fn line(sku: &str, model: &str, gross: i64) -> BillLine {
    BillLine {
        tool: COPILOT.clone(),
        ledger: "metered".into(),
        sku: sku.into(),
        model: model.into(),
        quantity: Some(gross / 10_000),
        gross,
        net: Some(0),
    }
}

fn value(report: &Report, id: &str) -> Amount {
    report.figure(id).unwrap_or_else(|| panic!("no {id}")).value
}

fn money(micros: i64) -> Amount {
    Amount::Money(Money(micros))
}

/// First column and value of each row, the total last.
fn rows(table: &Table) -> Vec<(String, Cell)> {
    let place = table.column("value").unwrap();
    let each = table.rows.iter().chain(&table.total);
    each.map(|row| (row[0].words().unwrap().to_owned(), row[place].clone())).collect()
}

fn row(name: &str, micros: i64) -> (String, Cell) {
    (name.to_owned(), Cell::Money(Money(micros)))
}

#[test]
fn ledgers_stand_side_by_side_and_the_month_is_forecast() {
    let directory = directory();
    let report = document(&question(Audience::Everyone), &material(&directory));
    assert_eq!(value(&report, "metered_value"), money(28 * 3_000_000));
    assert_eq!(value(&report, "metered_charged"), money(28 * 500_000));
    assert_eq!(value(&report, "seat_fees"), money(57_000_000));
    assert_eq!(value(&report, "month_value_to_date"), money(20 * 3_000_000));
    assert_eq!(value(&report, "month_value_forecast"), money(30 * 3_000_000));
    assert_eq!(value(&report, "month_charged_forecast"), money(30 * 500_000));
    assert_eq!(value(&report, "cost_per_active_member"), money(28 * 3_000_000 / 2), "strangers are no members");
    assert_eq!(report.figure("month_value_forecast").unwrap().context, "$60.00 through 2026-11-20; 10 days to come");
    let ledgers = &report.section("ledgers").unwrap().table;
    let fees = ledgers.column("seat_fees").unwrap();
    assert_eq!(
        ledgers.rows.iter().map(|row| row[fees].clone()).collect::<Vec<_>>(),
        [Cell::Money(Money(57_000_000)), Cell::Nothing]
    );
}

#[test]
fn models_add_up_to_the_total_and_one_without_a_price_is_unknown_with_a_warning() {
    let directory = directory();
    let report = document(&question(Audience::Everyone), &material(&directory));
    let found = rows(&report.section("models").unwrap().table);
    let expected = [
        row("gpt-5", 50_000_000),
        row("sonnet", 20_000_000),
        ("mystery".to_owned(), Cell::Nothing),
        row("Attributed to no model", 6_000_000),
        row("Attributed to no model", 8_000_000),
        row("All models", 84_000_000),
    ];
    assert_eq!(found, expected);
    let warning = report.notes.iter().find(|note| note.title == "Some models have no price").unwrap();
    assert!(warning.text.contains("`mystery` (Claude Code)"), "{}", warning.text);
    assert!(!warning.text.contains("gpt-5"), "its bill names its price: {}", warning.text);
}

#[test]
fn people_and_teams_reconcile_and_rows_of_others_are_hidden() {
    let directory = directory();
    let report = document(&question(Audience::Everyone), &material(&directory));
    let people = &report.section("people").unwrap().table;
    let expected = [
        row("Person 101", 12_000_000),
        row("Person 102", 9_000_000),
        row("Person 20", 4_000_000),
        row("Attributed to nobody", 59_000_000),
        row("Everyone", 84_000_000),
    ];
    assert_eq!(rows(people), expected);
    let teams = rows(&report.section("teams").unwrap().table);
    let expected = [
        row("Platform", 21_000_000),
        row("Unmatched identities", 4_000_000),
        row("Attributed to nobody", 59_000_000),
        row("Everyone, once", 84_000_000),
    ];
    assert_eq!(teams, expected);
    let mine = document(&question(Audience::Only([SubjectId(102)].into())), &material(&directory));
    let table = &mine.section("people").unwrap().table;
    assert_eq!((rows(table)[0].clone(), table.hidden_rows), (row("Person 102", 9_000_000), 2));
    assert_eq!(value(&mine, "metered_value"), value(&report, "metered_value"));
    assert_eq!(value(&mine, "concentration"), Amount::Unknown, "the top tenth is one person");
    assert!(mine.section("teams").unwrap().table.rows.is_empty(), "each team stands for few people");
}

#[test]
fn small_teams_are_put_together_until_they_give_nobody_away() {
    let directory = directory();
    let spent: Vec<(u32, i64)> = (1..=12).map(|id| (id, 1_000_000)).collect();
    let teams: [(i64, &[u32]); 3] = [(7, &[101, 102, 103, 104, 105]), (8, &[106, 107]), (9, &[108, 109, 110, 111, 112])];
    let names = [(7, "Platform"), (8, "Tools"), (9, "Web")].map(|(id, name)| (id, name.to_owned()));
    let material = Material {
        spenders: spenders(&directory, &spent, &teams),
        team_names: names.into(),
        days: BTreeMap::from([(
            CLAUDE.clone(),
            BTreeMap::from([(window().to, SpentDay { value: Some(12_000_000), ..SpentDay::default() })]),
        )]),
        ..material(&directory)
    };
    let ask = |audience| rows(&document(&question(audience), &material).section("teams").unwrap().table);
    assert_eq!(ask(Audience::Everyone).len(), 4);
    let told = ask(Audience::Nobody);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().any(|(name, value)| name.starts_with("Tools, ") && *value == Cell::Money(Money(7_000_000))), "{told:?}");
}

#[test]
fn budgets_warn_as_they_are_used_up() {
    let directory = directory();
    let budget = |id, tool: Option<&ToolId>, basis, dollars: i64| Budget {
        id,
        tool: tool.cloned(),
        basis,
        monthly: Money(dollars * 1_000_000),
    };
    let with = |budgets| document(&question(Audience::Everyone), &Material { budgets, ..material(&directory) });
    let report = with(vec![
        // 60 so far, 90 at the end.
        budget(1, None, Basis::Value, 1_000),
        budget(2, None, Basis::Value, 85),
        budget(3, None, Basis::Value, 79),
        budget(4, None, Basis::Value, 66),
        budget(5, None, Basis::Value, 59),
        // 57 of fees and 10 charged so far, 15 at the end.
        budget(6, Some(&COPILOT), Basis::Bill, 100),
    ]);
    let titles: Vec<&str> =
        report.notes.iter().map(|note| note.title.as_str()).filter(|title| title.contains("budget")).collect();
    let expected = [
        "A budget will not last the month",
        "A budget is used to three quarters",
        "A budget is almost used up",
        "A budget is used up",
    ];
    assert_eq!(titles, expected);
    let Some(Chart::Gauge(gauge)) = &report.section("budget_6").unwrap().chart else { panic!("no gauge") };
    assert_eq!((gauge.value, gauge.marks.as_slice()), (Some(0.67), &[0.75, 0.9, 1.0][..]));
    let table = &report.section("budget_6").unwrap().table;
    assert_eq!(table.rows[0][table.column("forecast").unwrap()], Cell::Money(Money(72_000_000)));
}

#[test]
fn no_costs_are_no_data_and_a_narrowed_question_leaves_bills_out() {
    let directory = directory();
    let none = Material {
        days: Spent::new(),
        lines: Vec::new(),
        models: Vec::new(),
        spenders: Spenders::default(),
        seats: Vec::new(),
        ..material(&directory)
    };
    let report = document(&question(Audience::Everyone), &none);
    assert!(report.is_empty && report.groups.is_empty() && report.notes.is_empty());
    let narrowed = Material { narrowed: true, lines: Vec::new(), models: Vec::new(), seats: Vec::new(), ..material(&directory) };
    let report = document(&question(Audience::Everyone), &narrowed);
    assert!(report.figure("seat_fees").is_none() && report.figure("month_value_forecast").is_none());
    assert!(report.section("lines").is_none() && report.notes.iter().any(|note| note.title == "Costs of people only"));
}
