//! Hours of the week, against when the simulated people really worked.

use crate::filled::{Filled, on_each_engine};
use std::collections::BTreeMap;
use tacho_domain::report::{Chart, Punch, Question, Report, ReportName};
use tacho_domain::{Day, ToolId};
use tacho_simulator::Tool;

fn punch(report: &Report) -> Option<Punch> {
    match &report.section("punch")?.chart {
        Some(Chart::Punch(punch)) => Some(punch.clone()),
        other => panic!("a punch card: {other:?}"),
    }
}

/// The truth's events by weekday and hour, of those days and people.
fn expected(filled: &Filled, counts: impl Fn(usize, Day) -> bool) -> Vec<[i64; 24]> {
    let mut week = vec![[0; 24]; 7];
    for ((person, day), hours) in filled.truth.hours(Tool::Cursor, filled.window()).unwrap() {
        if counts(person, day) {
            // 1970-01-01 was a Thursday.
            let weekday = usize::try_from((day.0 + 3).rem_euclid(7)).unwrap();
            week[weekday].iter_mut().zip(hours).for_each(|(sum, events)| *sum += events);
        }
    }
    week
}

fn told(punch: &Punch) -> Vec<[i64; 24]> {
    punch.cells.iter().map(|hours| hours.map(|count| count.expect("every weekday of four weeks was answered"))).collect()
}

#[tokio::test]
async fn the_week_s_hours_are_those_of_the_events() {
    on_each_engine(async |filled| {
        let question = filled.question();
        let all = expected(&filled, |_, _| true);
        assert!(all.iter().flatten().sum::<i64>() > 100, "the truth has events");
        let overview = filled.report(&ReportName::Overview, &question).await;
        assert_eq!(told(&punch(&overview).unwrap()), all);
        let cursor = filled.report(&ReportName::Tool(ToolId::new("cursor")), &question).await;
        assert_eq!(told(&punch(&cursor).unwrap()), all, "Cursor alone gives instants");
        let copilot = filled.report(&ReportName::Tool(ToolId::new("github_copilot")), &question).await;
        assert_eq!(punch(&copilot), None, "GitHub gives days only");

        // A member's card is narrowed to what they did; hours with an event are their active hours.
        let mut hours: BTreeMap<usize, u32> = BTreeMap::new();
        for ((person, _), events) in filled.truth.hours(Tool::Cursor, filled.window()).unwrap() {
            *hours.entry(person).or_default() += events.iter().map(|count| u32::from(*count > 0)).sum::<u32>();
        }
        let members = filled.store.list_members(filled.organization).await.unwrap();
        let mut seen = 0;
        for person in filled.truth.people() {
            let Some(email) = person.email.as_deref() else { continue };
            let member = members.iter().find(|member| member.email.as_deref() == Some(email)).unwrap();
            let name = ReportName::Member(member.id);
            let question = Question { member: Some(member.id), ..filled.question() };
            let report = filled.report(&name, &question).await;
            let of_them = expected(&filled, |who, _| who == person.index);
            match punch(&report) {
                Some(punch) => {
                    seen += 1;
                    assert_eq!(told(&punch), of_them, "{email}");
                }
                None => assert_eq!(hours.get(&person.index), None, "{email}"),
            }
            let figure = report.figure("active_hours").map(|figure| figure.value.number());
            if let Some(value) = figure {
                assert_eq!(value, hours.get(&person.index).map(|hours| f64::from(*hours)), "{email}");
            }
        }
        assert!(seen >= 3, "{seen} people with events");
    })
    .await;
}
