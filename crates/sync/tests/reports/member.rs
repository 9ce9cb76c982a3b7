//! A person's report: what they did and nobody else, with all their identities, as far back as there is data.

use crate::filled::{Filled, column, count, figure, on_each_engine, table};
use std::collections::BTreeMap;
use tacho_domain::report::{Amount, Audience, Cell, Question, Report, ReportName};
use tacho_domain::{Measure, SubjectId, Window};
use tacho_simulator::{Figures, MemberAnswer, Tool};

/// What the truth says of a measure.
fn of(figures: &Figures, measure: Measure) -> Option<i64> {
    serde_json::to_value(figures).unwrap()[measure.name()].as_i64()
}

#[tokio::test]
async fn a_persons_report_says_what_they_did_and_nobody_elses() {
    on_each_engine(async |filled| {
        let answers = answers(&filled, filled.window());
        let before = answers_of(&filled, filled.window().before());
        let members = filled.store.list_members(filled.organization).await.unwrap();
        let mut compared = 0;
        for member in members {
            let Some(answer) = member.email.as_deref().and_then(|email| answers.get(email)) else { continue };
            let report = filled.report(&ReportName::Member(member.id), &filled.question()).await;
            assert_eq!(Some(report.title.as_str()), member.name.as_deref());
            numbers_are_those_of_the_truth(answer, before.get(&answer.person), &report);
            tools_are_those_of_the_truth(answer, &report);
            history_is_all_there_is(&filled, answer.person, &report);
            theirs_alone(&filled, member.id, &report).await;
            compared += 1;
        }
        assert!(compared > 5, "{compared}");
    })
    .await;
}

fn answers_of(filled: &Filled, window: Window) -> BTreeMap<usize, MemberAnswer> {
    filled.truth.members(window).into_iter().map(|answer| (answer.person, answer)).collect()
}

/// The truth's answers by address.
fn answers(filled: &Filled, window: Window) -> BTreeMap<String, MemberAnswer> {
    let answers = answers_of(filled, window);
    let people = filled.truth.people();
    people.into_iter().filter_map(|one| Some((one.email.clone()?, answers.get(&one.index)?.clone()))).collect()
}

fn numbers_are_those_of_the_truth(answer: &MemberAnswer, before: Option<&MemberAnswer>, report: &Report) {
    let whole = |days: usize| count(Some(i64::try_from(days).unwrap()));
    let interactions = figure(report, "interactions");
    assert_eq!(interactions.value, count(Some(answer.interactions)), "{}", report.title);
    assert_eq!(interactions.before, count(Some(before.map_or(0, |before| before.interactions))), "{}", report.title);
    let parts: f64 = interactions.parts.iter().filter_map(|part| part.value.number()).sum();
    assert_eq!(Some(parts), interactions.value.number(), "{}: parts add up", report.title);
    let days = figure(report, "active_days");
    assert_eq!(days.value, whole(answer.active_days), "{}", report.title);
    assert_eq!(days.before, whole(before.map_or(0, |before| before.active_days)), "{}", report.title);
    let most = answer.by_tool.values().filter_map(|figures| figures.interactions).max().unwrap_or(0);
    if most > 0 {
        let top = figure(report, "top_tool");
        assert_eq!(top.parts[0].value, count(Some(most)), "{}", report.title);
    }
    for measure in [Measure::LinesAdded, Measure::LinesRemoved, Measure::Commits, Measure::PullRequests, Measure::Sessions] {
        let values: Vec<i64> = answer.by_tool.values().filter_map(|figures| of(figures, measure)).collect();
        let found = report.figure(measure.name()).map_or(Amount::Unknown, |figure| figure.value);
        assert_eq!(found, count((!values.is_empty()).then(|| values.iter().sum())), "{}: {}", report.title, measure.name());
    }
}

fn tools_are_those_of_the_truth(answer: &MemberAnswer, report: &Report) {
    let found = table(report, "tools");
    for tool in Tool::ALL {
        let to = format!("/tools/{}", tool.id());
        let row = found.rows.iter().find(|row| matches!(&row[0], Cell::Link { to: found, .. } if *found == to));
        let Some(figures) = answer.by_tool.get(tool.id()) else {
            assert!(row.is_none(), "{}: {tool:?}", report.title);
            continue;
        };
        let row = row.unwrap_or_else(|| panic!("{}: {tool:?} is missing", report.title));
        let days = answer.active_days_by_tool.get(tool.id()).copied().unwrap_or(0);
        assert_eq!(row[found.column("active_days").unwrap()], Cell::Count(i64::try_from(days).unwrap()), "{tool:?}");
        for measure in
            [Measure::Interactions, Measure::Sessions, Measure::LinesAdded, Measure::TokensInput, Measure::TokensOutput]
        {
            let cell = found.column(measure.name()).map_or(&Cell::Nothing, |place| &row[place]);
            assert_eq!(cell, &Cell::count(of(figures, measure)), "{}: {tool:?} {}", report.title, measure.name());
        }
        // What the vendor attributes to models, languages and features is the person's own.
        for section in ["models", "features", "languages"].iter().filter_map(|id| report.section(id)) {
            let tools = section.table.column("tool").unwrap();
            assert!(section.table.rows.iter().all(|row| row[tools] != Cell::Nothing));
        }
    }
}

fn history_is_all_there_is(filled: &Filled, person: usize, report: &Report) {
    let until = Window { from: filled.truth.history().from, to: filled.window().to };
    let expected: i64 =
        filled.truth.members(until).into_iter().filter(|one| one.person == person).map(|one| one.interactions).sum();
    let history = table(report, "history");
    let cells = column(history, "interactions").into_iter();
    let sum: i64 = cells.map(|cell| if let Cell::Count(count) = cell { *count } else { 0 }).sum();
    assert_eq!(sum, expected, "{}", report.title);
}

/// The same for themselves as My usage, and nothing for whoever may see somebody else only.
async fn theirs_alone(filled: &Filled, member: SubjectId, report: &Report) {
    let own = Audience::Only([member].into());
    let mine = Question { member: Some(member), audience: own.clone(), ..filled.question() };
    let mine = filled.report(&ReportName::Mine, &mine).await;
    assert_eq!((&mine.groups, &mine.sections), (&report.groups, &report.sections), "{}", report.title);
    let others = Question { audience: Audience::Only([SubjectId(member.0 + 1)].into()), ..filled.question() };
    assert!(filled.maybe_report(&ReportName::Member(member), &others).await.is_none(), "{}", report.title);
    let tool = mine.figure("interactions").unwrap().parts.first().map(|part| (part.tool.clone(), part.value));
    if let Some((tool, value)) = tool {
        let narrowed = Question { tools: vec![tool], ..filled.question() };
        let narrowed = filled.report(&ReportName::Member(member), &narrowed).await;
        assert_eq!(figure(&narrowed, "interactions").value, value, "{}", report.title);
    }
}
