//! The report of the costs.

use crate::filled::{Filled, column, count, figure, on_each_engine, table};
use std::collections::BTreeMap;
use tacho_domain::report::{Amount, Cell, Question, Report, ReportName};
use tacho_domain::{Day, Money, Window};
use tacho_simulator::Tool;

async fn report(filled: &Filled) -> Report {
    filled.report(&ReportName::Cost, &filled.question()).await
}

/// Value and charged part of all tools, added by hand.
fn spent(filled: &Filled, window: Window) -> (i64, i64) {
    let costs = Tool::ALL.into_iter().filter_map(|tool| filled.truth.cost(window, tool));
    costs.fold((0, 0), |(value, charged), (gross, net)| (value + gross, charged + net))
}

fn money(amount: Amount) -> i64 {
    match amount {
        Amount::Money(Money(micros)) => micros,
        other => panic!("{other:?} is no money"),
    }
}

/// Words and money of two columns, summed where the words are the same.
fn by(report: &Report, section: &str, words: &str) -> BTreeMap<String, i64> {
    let table = table(report, section);
    let mut sums = BTreeMap::new();
    for (name, value) in column(table, words).into_iter().zip(column(table, "value")) {
        let Cell::Money(Money(micros)) = value else { continue };
        *sums.entry(name.words().unwrap().to_owned()).or_insert(0) += micros;
    }
    sums
}

/// What a model is called where its cost is told: bills have names of their own.
fn named(tool: Tool, model: &'static str) -> &'static str {
    match (tool, model) {
        (Tool::Copilot, "gpt-5.4") => "GPT-5.4",
        (Tool::Copilot, "gpt-5.4-mini") => "GPT-5.4 mini",
        (Tool::Copilot, "auto") => "Auto: GPT-5.4 mini",
        (Tool::Copilot, "claude-sonnet-4.6") => "Claude Sonnet 4.6",
        (Tool::Copilot, "claude-opus-4.6") => "Claude Opus 4.6",
        (_, other) => other,
    }
}

#[tokio::test]
async fn ledgers_models_people_and_days_add_up_to_the_truth() {
    on_each_engine(async |filled| {
        let (report, window) = (report(&filled).await, filled.window());
        let (value, charged) = spent(&filled, window);
        assert!(value > 0);
        assert_eq!(money(figure(&report, "metered_value").value), value);
        assert_eq!(money(figure(&report, "metered_charged").value), charged);
        assert_eq!(money(figure(&report, "metered_value").before), spent(&filled, window.before()).0);
        for tool in Tool::ALL {
            let part = figure(&report, "metered_value").parts.iter().find(|part| part.tool.as_str() == tool.id()).unwrap();
            assert_eq!(money(part.value), filled.truth.cost(window, tool).unwrap().0, "{}", tool.id());
        }

        let mut models: BTreeMap<String, i64> = BTreeMap::new();
        for tool in Tool::ALL {
            for (model, micros) in filled.truth.cost_by_model(window, tool) {
                *models.entry(named(tool, model).to_owned()).or_default() += micros;
            }
        }
        models.retain(|_, micros| *micros != 0);
        let mut found = by(&report, "models", "model");
        found.retain(|_, micros| *micros != 0);
        assert_eq!(found, models);

        let people = filled.truth.people();
        let mut expected: BTreeMap<String, i64> = BTreeMap::new();
        for (person, micros) in filled.truth.cost_by_person(window) {
            let person = &people[person];
            let name = if person.email.is_some() { &person.name } else { &person.login };
            *expected.entry(name.clone()).or_default() += micros;
        }
        expected.retain(|_, micros| *micros != 0);
        let attributed: i64 = expected.values().sum();
        if attributed != value {
            expected.insert("Attributed to nobody".into(), value - attributed);
        }
        assert_eq!(by(&report, "people", "name"), expected);

        let days = table(&report, "days");
        for (row, day) in column(days, "day").into_iter().zip(window.days()) {
            assert_eq!(*row, Cell::Day(day));
        }
        let drawn: i64 =
            days.rows.iter().flatten().filter_map(|cell| if let Cell::Money(money) = cell { Some(money.0) } else { None }).sum();
        assert_eq!(drawn, value);
    })
    .await;
}

/// The mean of the same weekday in the last four weeks up to a day, by plain loops over told days.
fn forecast(filled: &Filled, tool: Tool, through: Day, pick: fn((i64, i64)) -> i64) -> f64 {
    let on = |day: Day| filled.truth.cost(Window::day(day), tool).map_or(0, pick);
    let month_end: Day = "2026-11-30".parse().unwrap();
    let mut end = 0.0;
    for day in (Window { from: "2026-11-01".parse().unwrap(), to: month_end }).days() {
        if day <= through {
            end += on(day) as f64;
        } else {
            let mut back = day;
            while back > through {
                back = back.minus(7);
            }
            end += (0..4).map(|week| on(back.minus(week * 7)) as f64).sum::<f64>() / 4.0;
        }
    }
    end
}

#[tokio::test]
async fn the_month_ends_where_the_same_weekdays_lead() {
    on_each_engine(async |filled| {
        let report = report(&filled).await;
        let end = figure(&report, "month_value_forecast");
        let mut all = 0.0;
        for tool in Tool::ALL {
            // Today is not read, and Copilot's bill comes with its reports.
            let yesterday = filled.today.minus(1);
            let told =
                |day: &Day| tool != Tool::Copilot || filled.truth.rows(tool, *day).is_some() || filled.truth.bill(*day).is_some();
            let through = (0..9).map(|back| yesterday.minus(back)).find(told).unwrap();
            let expected = forecast(&filled, tool, through, |(value, _)| value);
            let part = end.parts.iter().find(|part| part.tool.as_str() == tool.id()).unwrap();
            assert!((money(part.value) as f64 - expected).abs() < 5.0, "{}: {:?} {expected}", tool.id(), part.value);
            all += expected;
        }
        assert!((money(end.value) as f64 - all).abs() < 15.0, "{:?} {all}", end.value);
        assert!(end.context.contains("to come"), "{}", end.context);
    })
    .await;
}

#[tokio::test]
async fn each_active_member_and_each_seat_costs_its_share() {
    on_each_engine(async |filled| {
        let (report, window) = (report(&filled).await, filled.window());
        let members = filled.truth.active_members(window).members as i64;
        let expected = spent(&filled, window).0 as f64 / members as f64;
        let found = money(figure(&report, "cost_per_active_member").value);
        assert!((found as f64 - expected).abs() <= 1.0, "{found} {expected}");
        let ledgers = table(&report, "ledgers");
        let active: Vec<&Cell> = column(ledgers, "active_members");
        for (cell, tool) in active.into_iter().zip(Tool::ALL) {
            assert_eq!(*cell, Cell::Count(filled.truth.active_by_tool(window, tool).members as i64), "{}", tool.id());
        }

        // Seats are listed on the day of the sync, the morning after this window.
        let question = Question { window: Window::ending(filled.today.minus(1), 28), ..filled.question() };
        let report = filled.report(&ReportName::Cost, &question).await;
        let seats = i64::from(filled.truth.seats(Tool::Copilot).unwrap());
        assert_eq!(money(figure(&report, "seat_fees").value), seats * 19_000_000);
        let week = filled.truth.active_by_tool(Window::ending(filled.today.minus(1), 7), Tool::Copilot);
        let expected = (seats * 19_000_000) as f64 / (week.members + week.unmatched) as f64;
        let found = money(figure(&report, "effective_seat_cost").value);
        assert!((found as f64 - expected).abs() <= 1.0, "{found} {expected}");
    })
    .await;
}

#[tokio::test]
async fn the_top_tenth_and_the_teams_are_the_truths() {
    on_each_engine(async |filled| {
        let (report, window) = (report(&filled).await, filled.window());
        let by_person = filled.truth.cost_by_person(window);
        let mut costs: Vec<i64> = by_person.values().copied().filter(|micros| *micros != 0).collect();
        costs.sort_unstable_by_key(|micros| std::cmp::Reverse(*micros));
        let top: i64 = costs.iter().take(costs.len().div_ceil(10)).sum();
        let all: i64 = costs.iter().sum();
        let Amount::Share(share) = figure(&report, "concentration").value else { panic!("no share") };
        assert!((share - top as f64 / all as f64).abs() < 1e-9);

        let teams = table(&report, "teams");
        let names: Vec<&str> = column(teams, "team").into_iter().map(|cell| cell.words().unwrap()).collect();
        assert!(names.contains(&"Unmatched identities"), "{names:?}");
        let people = filled.truth.people();
        let stranger: i64 =
            by_person.iter().filter(|(person, _)| people[**person].email.is_none()).map(|(_, micros)| micros).sum();
        assert_eq!(by(&report, "teams", "team").get("Unmatched identities"), Some(&stranger));
        assert_eq!(teams.total.as_ref().unwrap()[2], Cell::Money(Money(spent(&filled, window).0)));
    })
    .await;
}

#[tokio::test]
async fn figures_are_the_overviews() {
    on_each_engine(async |filled| {
        let overview = filled.report(&ReportName::Overview, &filled.question()).await;
        let report = report(&filled).await;
        for id in ["metered_value", "metered_charged"] {
            assert_eq!(figure(&report, id).value, figure(&overview, id).value, "{id}");
            assert_eq!(figure(&report, id).before, figure(&overview, id).before, "{id}");
        }
        assert_ne!(figure(&report, "metered_value").value, count(None));
    })
    .await;
}
