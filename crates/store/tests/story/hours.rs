//! When in the day people used a tool: replaced with their slice, rolled up, and drawn as a punch card.

use crate::engines::{self, Database};
use crate::organization::*;
use tacho_domain::report::{Chart, Punch, Question, ReportName};
use tacho_domain::{Day, DayHours, Fact, HoursFact, IdentityRef, IntegrationId, Measure, OrganizationId, StreamRole, Window};
use tacho_store::{Known, SliceWrite};

fn hours(day: Day, identity: &IdentityRef, events: &[(usize, u32)]) -> Fact {
    let mut hours = DayHours::default();
    for (hour, count) in events {
        hours.0[*hour] = *count;
    }
    Fact::Hours(HoursFact { day, identity: identity.clone(), hours })
}

/// Somebody's day: use, and when.
fn at(day: Day, identity: &IdentityRef, events: &[(usize, u32)]) -> [Fact; 2] {
    [usage(day, identity, &[(Measure::Interactions, 1)]), hours(day, identity, events)]
}

async fn put_day(database: &Database, organization: OrganizationId, id: IntegrationId, day: Day, facts: &[Fact]) {
    let sum = format!("{facts:?}");
    put(&database.store, organization, &slice(id, day, sum.as_bytes(), facts)).await;
}

/// The monday of the story's week, and two people.
fn cast() -> (Day, IdentityRef, IdentityRef) {
    (day("2026-03-02"), IdentityRef::email("ada@acme.example"), IdentityRef::email("bob@acme.example"))
}

async fn punch(database: &Database, name: &ReportName, question: &Question) -> Option<Punch> {
    let known = Known { profiles: &TOOLS, today: day("2026-03-09") };
    let report = database.store.report(name, question, &known).await.unwrap().unwrap();
    let section = report.section("punch")?;
    let Some(Chart::Punch(punch)) = &section.chart else { panic!("a punch card: {section:?}") };
    Some(punch.clone())
}

fn told(punch: &Punch) -> Vec<(usize, usize, i64)> {
    let cells = punch.cells.iter().enumerate();
    let told = cells.flat_map(|(weekday, hours)| hours.iter().enumerate().map(move |(hour, count)| (weekday, hour, *count)));
    told.filter_map(|(weekday, hour, count)| Some((weekday, hour, count.filter(|count| *count > 0)?))).collect()
}

#[tokio::test]
async fn the_punch_card_adds_people_and_weeks_and_tells_nothing_from_nought() {
    for database in engines::both().await {
        let organization = database.store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(&database.store, organization, &COPILOT).await;
        let (monday, ada, bob) = cast();
        let both = [at(monday, &ada, &[(9, 2), (10, 1)]), at(monday, &bob, &[(9, 5)])].concat();
        put_day(&database, organization, id, monday, &both).await;
        put_day(&database, organization, id, monday.plus(1), &at(monday.plus(1), &ada, &[(23, 1)])).await;
        // The vendor had an answer for Wednesday: nobody did anything.
        put_day(&database, organization, id, monday.plus(2), &[]).await;
        put_day(&database, organization, id, monday.plus(7), &at(monday.plus(7), &ada, &[(9, 1)])).await;
        let question = Question::overview(organization, Window::new(monday, monday.plus(7)).unwrap());
        let card = punch(&database, &ReportName::Overview, &question).await.unwrap();
        assert_eq!(told(&card), [(0, 9, 8), (0, 10, 1), (1, 23, 1)]);
        let known: Vec<bool> = card.cells.iter().map(|hours| hours[0].is_some()).collect();
        assert_eq!(
            known,
            [true, true, true, false, false, false, false],
            "an answer without events is nought, no answer is none"
        );
        let other = Question { tools: vec![CLAUDE.clone()], ..question.clone() };
        assert!(punch(&database, &ReportName::Overview, &other).await.is_none());
        let elsewhere = database.store.add_organization("Elsewhere", NOW).await.unwrap();
        let foreign = Question { organization: elsewhere, ..question };
        assert!(punch(&database, &ReportName::Overview, &foreign).await.is_none());
        database.drop().await;
    }
}

#[tokio::test]
async fn hours_go_with_their_slice_and_evidence_is_not_rolled_up() {
    for database in engines::both().await {
        let organization = database.store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(&database.store, organization, &COPILOT).await;
        let (monday, ada, bob) = cast();
        let many = [at(monday, &ada, &[(9, 2)]), at(monday, &bob, &[(9, 5)]), at(monday, &ada, &[(9, 1), (11, 1)])].concat();
        put_day(&database, organization, id, monday, &many).await;
        assert_eq!(database.dump_of(&["usage_hours"]).await.len(), 2, "one row a person, their facts added up");
        let question = Question::overview(organization, Window::day(monday));
        assert_eq!(told(&punch(&database, &ReportName::Overview, &question).await.unwrap()), [(0, 9, 8), (0, 11, 1)]);
        put_day(&database, organization, id, monday, &at(monday, &bob, &[(12, 1)])).await;
        assert_eq!(database.dump_of(&["usage_hours", "slice_hours"]).await.len(), 2, "the restated day replaced all of them");
        assert_eq!(told(&punch(&database, &ReportName::Overview, &question).await.unwrap()), [(0, 12, 1)]);
        let evidence = SliceWrite { role: StreamRole::Evidence, stream: "other", ..slice(id, monday, b"evidence", &many) };
        put(&database.store, organization, &evidence).await;
        assert_eq!(database.dump_of(&["usage_hours"]).await.len(), 3);
        assert_eq!(told(&punch(&database, &ReportName::Overview, &question).await.unwrap()), [(0, 12, 1)]);
        assert!(database.store.remove_integration(organization, id, false).await.unwrap());
        assert_eq!(database.dump_of(&["usage_hours", "slice_hours"]).await, Vec::<String>::new());
        database.drop().await;
    }
}
