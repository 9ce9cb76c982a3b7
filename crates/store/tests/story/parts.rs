//! A team's parts of a tool by model and language come from packed days: they follow who was in the team, and a day that is
//! restated is told anew, also where only its parts have changed.

use crate::engines;
use crate::members::{ADMIN, member};
use crate::organization::*;
use tacho_domain::report::{Cell, Question, Report, ReportName};
use tacho_domain::{Day, Dimension, Fact, IdentityRef, IntegrationId, Measure, OrganizationId, StreamRole, Window};
use tacho_store::{Known, SliceWrite, Store};

const FIRST: &str = "2026-03-02";

fn login(number: i64) -> IdentityRef {
    IdentityRef::github(number, &format!("login-{number}"))
}

/// Three people, each with a model of the day and a language.
async fn put_day(store: &Store, (organization, id): (OrganizationId, IntegrationId), today: Day, models: [&str; 3]) {
    let of_person = |(number, model): (i64, &str)| -> [Fact; 3] {
        let who = login(number);
        [
            usage(today, &who, &[(Measure::Interactions, 50)]),
            split(today, &who, Dimension::Model, model, &[(Measure::Interactions, 10 * number)]),
            split(today, &who, Dimension::Language, "rust", &[(Measure::LinesAdded, number), (Measure::LinesRemoved, 1)]),
        ]
    };
    let facts: Vec<Fact> = (1..).zip(models).flat_map(of_person).collect();
    let checksum = models.concat();
    put(store, organization, &SliceWrite { role: StreamRole::Activity, ..slice(id, today, checksum.as_bytes(), &facts) }).await;
}

async fn told(store: &Store, question: &Question) -> Report {
    let known = Known { profiles: &TOOLS, today: question.window.to };
    store.report(&ReportName::Tool(COPILOT.clone()), question, &known).await.unwrap().unwrap()
}

/// The names of a table's parts with the value of one column.
fn column(report: &Report, section: &str, id: &str) -> Vec<(String, Option<i64>)> {
    let table = &report.section(section).unwrap().table;
    let place = table.column(id).unwrap();
    let value = |row: &[Cell]| if let Cell::Count(value) = row[place] { Some(value) } else { None };
    table.rows.iter().map(|row| (row[0].words().unwrap().to_owned(), value(row))).collect()
}

#[tokio::test]
async fn a_teams_parts_are_those_of_its_days_and_a_restated_day_is_told_anew() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let window = Window::ending(day(FIRST).plus(1), 2);
        let roster: Vec<Fact> =
            (1..=3).map(|n| person(&login(n), Some("Somebody"), Some(&format!("p{n}@acme.example")))).collect();
        let write = slice(id, window.to, b"r", &roster);
        put(store, organization, &SliceWrite { stream: "roster", role: StreamRole::Roster, ..write }).await;
        for today in window.days() {
            put_day(store, (organization, id), today, ["gpt", "opus", "gpt"]).await;
        }
        let team = store.add_team(organization, "Platform").await.unwrap();
        // The first all the time, the second on the first day only, the third never.
        for (number, to) in [(1, None), (2, Some(window.from))] {
            let who = member(store, organization, &format!("p{number}@acme.example")).await.id;
            assert!(store.put_team_member(organization, team, who, (window.from, to), ADMIN, NOW).await.unwrap());
        }
        let question = Question { team: Some(team), ..Question::overview(organization, window) };
        let is = |name: &str, value| (name.to_owned(), Some(value));
        let left_over = |value| is("Not attributed", value);
        let report = told(store, &question).await;
        assert_eq!(column(&report, "models", "interactions"), [is("gpt", 20), is("opus", 20), left_over(110)]);
        assert_eq!(column(&report, "languages", "lines_added"), [is("rust", 4)]);
        assert_eq!(column(&report, "languages", "lines_removed"), [is("rust", 3)]);
        put_day(store, (organization, id), window.from, ["haiku", "opus", "gpt"]).await;
        let report = told(store, &question).await;
        assert_eq!(column(&report, "models", "interactions"), [is("opus", 20), is("gpt", 10), is("haiku", 10), left_over(110)]);
        let everyone = told(store, &Question { team: None, ..question }).await;
        assert_eq!(column(&everyone, "models", "interactions"), [is("gpt", 70), is("opus", 40), is("haiku", 10), left_over(180)]);
        database.drop().await;
    }
}
