//! One tool's report, and the Overview's figures on how regular the use is.

use crate::filled::{Filled, column, count, figure, ids, on_each_engine, table};
use std::collections::BTreeMap;
use tacho_domain::report::{Amount, Audience, Cell, Chart, Question, Report, ReportName, Table};
use tacho_domain::{Day, Measure, ToolId, Window};
use tacho_simulator::{ByPart, Figures, Tool};

fn name(tool: Tool) -> ReportName {
    ReportName::Tool(ToolId::new(tool.id()))
}

/// What the truth says of a measure.
fn of(figures: &Figures, measure: Measure) -> Option<i64> {
    serde_json::to_value(figures).unwrap()[measure.name()].as_i64()
}

/// A share by whole numbers.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn share(part: usize, whole: usize) -> Amount {
    Amount::share((whole > 0).then(|| part as f64 / whole as f64))
}

#[track_caller]
fn assert_close(found: Amount, expected: Amount, what: &str) {
    let (found, expected) = (found.number(), expected.number());
    let close = match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
        (one, other) => one == other,
    };
    assert!(close, "{what}: {found:?}, expected {expected:?}");
}

#[tokio::test]
async fn a_tools_report_says_what_the_people_did() {
    on_each_engine(async |filled| {
        for tool in Tool::ALL {
            let report = filled.report(&name(tool), &filled.question()).await;
            sums_are_those_of_the_truth(&filled, tool, &report);
            people_are_counted_over_the_window(&filled, tool, &report);
            parts_add_up(&report);
            features_are_those_of_the_truth(&filled, tool, &report);
            models_are_those_of_the_truth(&filled, tool, &report);
            nobody_without_the_right_sees_a_row(&filled, tool, &report).await;
            one_member_is_told_alone(&filled, tool).await;
        }
        let overview = filled.report(&ReportName::Overview, &filled.question()).await;
        regularity_of(&filled, &Tool::ALL, &overview);
        seats_widen_the_cohorts(&filled).await;
        step_changes_are_drawn(&filled).await;
        let nothing = ReportName::Tool(ToolId::new("abacus"));
        assert!(filled.maybe_report(&nothing, &filled.question()).await.is_none());
    })
    .await;
}

const SUMS: [(&str, Measure); 11] = [
    ("interactions", Measure::Interactions),
    ("sessions", Measure::Sessions),
    ("requests", Measure::Requests),
    ("lines_added", Measure::LinesAdded),
    ("lines_removed", Measure::LinesRemoved),
    ("commits", Measure::Commits),
    ("pull_requests", Measure::PullRequests),
    ("tokens_input", Measure::TokensInput),
    ("tokens_output", Measure::TokensOutput),
    ("tokens_cache_read", Measure::TokensCacheRead),
    ("tokens_cache_write", Measure::TokensCacheWrite),
];

fn sums_are_those_of_the_truth(filled: &Filled, tool: Tool, report: &Report) {
    let window = filled.window();
    let (now, before) = (filled.truth.sums(window, tool).unwrap(), filled.truth.sums(window.before(), tool).unwrap());
    for (id, measure) in SUMS {
        let (now, before) = (count(of(&now, measure)), count(of(&before, measure)));
        if (now, before) == (Amount::Unknown, Amount::Unknown) {
            assert!(!ids(report).contains(&id), "{tool:?}: what the vendor does not tell is absent: {id}");
            continue;
        }
        let figure = figure(report, id);
        assert_eq!((figure.value, figure.before), (now, before), "{tool:?} {id}");
        assert_eq!(figure.spark.len(), 28, "{tool:?} {id}");
    }
    if let Some((gross, charged)) = filled.truth.cost(window, tool) {
        assert_eq!(figure(report, "metered_value").value, Amount::money(Some(gross)), "{tool:?}");
        assert_eq!(figure(report, "metered_charged").value, Amount::money(Some(charged)), "{tool:?}");
    }
    let rates = [("completions", filled.truth.completions(window, tool)), ("edits", filled.truth.edits(window, tool))];
    for (kind, rate) in rates.into_iter().filter_map(|(kind, rate)| Some((kind, rate?))) {
        let rule = if (tool, kind) == (Tool::Cursor, "completions") { "tabs" } else { kind };
        let found = figure(report, &format!("acceptance_{}_{rule}", tool.id())).value;
        assert_close(found, Amount::share(rate.rate()), rule);
    }
}

fn people_are_counted_over_the_window(filled: &Filled, tool: Tool, report: &Report) {
    let window = filled.window();
    let members = i64::try_from(filled.truth.active_by_tool(window, tool).members).unwrap();
    assert_eq!(figure(report, "active_members").value, count(Some(members)), "{tool:?}");
    regularity_of(filled, &[tool], report);

    let by_day = filled.truth.active_by_day(window, &[tool]);
    let days = table(report, "active");
    for (day, found) in column(days, "day").into_iter().zip(column(days, "series_0")) {
        let Cell::Day(day) = day else { panic!("{day:?}") };
        let expected = by_day.get(day).map(|members| i64::try_from(*members).unwrap());
        assert_eq!(found, &Cell::count(expected), "{tool:?} {day}");
    }
    let weeks = table(report, "active_weekly");
    for (week, found) in column(weeks, "week").into_iter().zip(column(weeks, "series_0")) {
        let Cell::Day(week) = week else { panic!("{week:?}") };
        let days = Window { from: (*week).max(window.from), to: week.plus(6).min(window.to) };
        let expected = i64::try_from(filled.truth.active_by_tool(days, tool).members).unwrap();
        assert_eq!(found, &Cell::count(Some(expected)), "{tool:?} {week}");
    }
}

/// Stickiness and the use of agents.
fn regularity_of(filled: &Filled, tools: &[Tool], report: &Report) {
    let window = filled.window();
    let by_day = filled.truth.active_by_day(Window::ending(window.to, 28), tools);
    let workdays: Vec<usize> = by_day.iter().filter(|(day, _)| day.is_workday()).map(|(_, members)| *members).collect();
    let active = match tools {
        [tool] => filled.truth.active_by_tool(window, *tool),
        _ => filled.truth.active_members(window),
    };
    let expected = share(workdays.iter().sum(), workdays.len() * active.members);
    assert_close(figure(report, "stickiness").value, expected, "stickiness");
    assert!(figure(report, "stickiness").before != Amount::Unknown, "the four weeks before are told");
    let agents = filled.truth.members_with_agents(window, tools);
    assert_close(figure(report, "agent_adoption").value, share(agents, active.members), "agent adoption");
}

/// In every table of parts each column adds up to its total, and the total of what the tool tells is the tool's.
fn parts_add_up(report: &Report) {
    let sections: Vec<_> = report.sections.iter().filter(|section| section.table.column("part").is_some()).collect();
    assert!(!sections.is_empty(), "the vendor tells parts");
    for section in sections {
        let table = &section.table;
        let total = table.total.as_ref().unwrap();
        for (place, head) in table.columns.iter().enumerate().skip(1).filter(|(_, head)| Measure::parse(&head.id).is_some()) {
            let rows = table.rows.iter().filter(|row| !row[0].words().unwrap().contains("beside the total"));
            let sum: i64 = rows.filter_map(|row| whole(&row[place])).sum();
            assert_eq!(Some(sum), whole(&total[place]), "{} {}: {}", report.title, section.id, head.id);
            if let Some(figure) = report.figure(&head.id) {
                assert_eq!(figure.value, count(Some(sum)), "{} {}: {}", report.title, section.id, head.id);
            }
        }
        let Some(Chart::Bars(bars)) = &section.chart else { panic!("{}: bars", section.id) };
        let parts: f64 = bars.bars.iter().filter_map(|bar| bar.share).sum();
        assert!((parts - 1.0).abs() < 1e-9, "{} {}: bars are the whole, not {parts}", report.title, section.id);
    }
}

fn whole(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Count(count) => Some(*count),
        Cell::Money(money) => Some(money.0),
        Cell::Nothing => None,
        other => panic!("{other:?} is no sum"),
    }
}

fn features_are_those_of_the_truth(filled: &Filled, tool: Tool, report: &Report) {
    let features = filled.truth.features(filled.window(), tool);
    let profile = filled.profiles.iter().find(|profile| profile.id == tool.id()).unwrap();
    let named = |word: &str| profile.feature_name(word).to_owned();
    let measures = [Measure::Interactions, Measure::EditsAccepted, Measure::Suggestions, Measure::LinesAdded];
    same_parts(table(report, "features"), &features, &measures, named);
    if tool == Tool::Copilot {
        let by_agents = features["agent_edit"].lines_added.unwrap();
        let all = filled.truth.lines(filled.window(), tool).unwrap().0;
        let expected = share(usize::try_from(by_agents).unwrap(), usize::try_from(all).unwrap());
        assert_close(figure(report, "agent_contribution").value, expected, "agent contribution");
    } else {
        assert!(!ids(report).contains(&"agent_contribution"), "{tool:?} does not tell agents' lines");
    }
}

fn models_are_those_of_the_truth(filled: &Filled, tool: Tool, report: &Report) {
    let models = filled.truth.models(filled.window(), tool);
    let measures = [Measure::Requests, Measure::TokensInput, Measure::TokensOutput, Measure::Cost];
    same_parts(table(report, "models"), &models, &measures, str::to_owned);
}

/// Every part of the truth stands in the table with its numbers; one that came to nothing may be missing.
fn same_parts(found: &Table, expected: &ByPart, measures: &[Measure], named: impl Fn(&str) -> String) {
    for (word, figures) in expected {
        let row = found.rows.iter().find(|row| row[0].words() == Some(&named(word)));
        for measure in measures {
            let value = of(figures, *measure).filter(|value| *value != 0);
            let cell = row.zip(found.column(measure.name())).and_then(|(row, place)| whole(&row[place]));
            assert_eq!(cell.filter(|cell| *cell != 0), value, "{word}: {}", measure.name());
        }
    }
}

async fn nobody_without_the_right_sees_a_row(filled: &Filled, tool: Tool, report: &Report) {
    let question = Question { audience: Audience::Nobody, ..filled.question() };
    let seen = filled.report(&name(tool), &question).await;
    assert_eq!(seen.groups, report.groups, "{tool:?}: totals are of everyone");
    let (rows, hidden) = (&table(&seen, "members").rows, table(&seen, "members").hidden_rows);
    assert!(rows.is_empty() && hidden == table(report, "members").rows.len(), "{tool:?}");
}

/// Narrowed to one member the report is theirs alone, parts included.
async fn one_member_is_told_alone(filled: &Filled, tool: Tool) {
    let window = filled.window();
    let people = filled.truth.people();
    let report = filled.report(&name(tool), &filled.question()).await;
    let members = table(&report, "members");
    let row = members.rows.iter().find(|row| matches!(row[0], Cell::Link { .. })).expect("a member used it");
    let Cell::Link { text, to } = &row[0] else { unreachable!() };
    let person = people.iter().find(|person| person.name == *text).unwrap();
    let member = to.strip_prefix("/members/").unwrap().parse().map(tacho_domain::SubjectId).unwrap();

    let question = Question { member: Some(member), ..filled.question() };
    let report = filled.report(&name(tool), &question).await;
    let answers: BTreeMap<usize, _> = filled.truth.members(window).into_iter().map(|one| (one.person, one)).collect();
    let own = &answers[&person.index].by_tool[tool.id()];
    for (id, measure) in SUMS.into_iter().filter(|(_, measure)| of(own, *measure).is_some()) {
        assert_eq!(figure(&report, id).value, count(of(own, measure)), "{tool:?} {id} of {text}");
    }
    assert_eq!(figure(&report, "active_members").value, count(Some(1)));
    parts_add_up(&report);
}

/// Somebody who holds a seat and did nothing is in the cohort "none", as soon as seats are known.
async fn seats_widen_the_cohorts(filled: &Filled) {
    // The seats were read today: they are how things stood when yesterday ended.
    let window = Window::ending(filled.today.minus(1), 28);
    let question = Question { window, ..filled.question() };
    for tool in Tool::ALL {
        let report = filled.report(&name(tool), &question).await;
        let people: i64 = column(table(&report, "cohorts"), "people").into_iter().filter_map(whole).sum();
        let held: Vec<_> = match tool {
            Tool::Copilot => filled.truth.people().into_iter().filter(|one| one.copilot_seat && one.email.is_some()).collect(),
            Tool::Claude | Tool::Cursor => Vec::new(),
        };
        let mut everyone: Vec<usize> = filled.truth.active_days(window, tool).into_keys().collect();
        everyone.extend(held.iter().map(|one| one.index));
        everyone.sort_unstable();
        everyone.dedup();
        if tool != Tool::Cursor {
            assert_eq!(people, i64::try_from(everyone.len()).unwrap(), "{tool:?}");
        }
        if filled.truth.seats(tool).is_some() {
            assert!(ids(&report).contains(&format!("seat_adoption_{}", tool.id()).as_str()), "{tool:?}: {:?}", ids(&report));
        }
    }
}

async fn step_changes_are_drawn(filled: &Filled) {
    let day: Day = "2026-10-06".parse().unwrap();
    let question = Question { window: Window { from: day.minus(3), to: day.plus(10) }, ..filled.question() };
    for (report, expected) in [(name(Tool::Copilot), 1), (name(Tool::Claude), 0), (ReportName::Overview, 1)] {
        let report = filled.report(&report, &question).await;
        let section = if report.name == ReportName::Overview { "adoption" } else { "active" };
        let section = report.section(section).unwrap();
        let Some(Chart::Stacked(timeline)) = &section.chart else { panic!("{}: areas", section.id) };
        let days: Vec<Day> = timeline.annotations.iter().map(|annotation| annotation.day).collect();
        assert_eq!(days, vec![day; expected], "{}", report.title);
        assert!(timeline.annotations.iter().all(|annotation| annotation.source.starts_with("https://")));
    }
}
