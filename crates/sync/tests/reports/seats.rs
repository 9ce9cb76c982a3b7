//! The report of the seats.

use crate::filled::{Filled, column, figure, on_each_engine_of, table};
use crate::stage::today;
use std::collections::BTreeMap;
use tacho_domain::report::{Amount, Cell, Question, Report, ReportName};
use tacho_domain::{Day, Money, Window};
use tacho_simulator::{Config, SeatTruth, Tool};

/// People enough that some have left, some have just begun and some never came.
fn many() -> Config {
    Config { members: 40, teams: 3, days: 100, ..Config::new(7, today()) }
}

const TOOLS: [Tool; 2] = [Tool::Copilot, Tool::Cursor];

/// What a seat is, told from the truth by plain questions.
fn class(seat: &SeatTruth, on: Day) -> &'static str {
    let last = seat.vendor_activity.max(seat.active_on);
    let unused = last.map(|day| on.since(day));
    let since = seat.since.or(last);
    if seat.cancels_on.is_some() {
        return "Cancellation pending";
    }
    match (unused, since) {
        (Some(days), _) if days < 30 => "In use",
        (_, None) => "New",
        (_, Some(since)) if on.since(since) < 30 => "New",
        (None, _) => "Never used",
        (Some(days), _) if days < 60 => "Idle 30 to 59 days",
        (Some(days), _) if days < 90 => "Idle 60 to 89 days",
        _ => "Idle 90 days or more",
    }
}

/// Today is not read: it would be partial.
fn seats_of(filled: &Filled, tool: Tool) -> Vec<SeatTruth> {
    filled.truth.seat_list(tool, filled.today.minus(1))
}

/// The lists of seats are today's, so the window ends yesterday.
async fn report(filled: &Filled) -> Report {
    let question = Question { window: Window::ending(filled.today.minus(1), 28), ..filled.question() };
    filled.report(&ReportName::Seats, &question).await
}

#[tokio::test]
async fn every_seat_is_in_the_class_that_the_truth_puts_it_in() {
    on_each_engine_of(many, async |filled| {
        let report = report(&filled).await;
        let people = filled.truth.people();
        let mut expected = Vec::new();
        for tool in TOOLS {
            let name = filled.profiles.iter().find(|profile| profile.id == tool.id()).unwrap().name;
            for seat in seats_of(&filled, tool) {
                let person = &people[seat.person];
                let who = if person.email.is_some() { &person.name } else { &person.login };
                let last = seat.vendor_activity.max(seat.active_on);
                expected.push((who.clone(), name.to_owned(), class(&seat, filled.today).to_owned(), last));
            }
        }
        expected.sort();
        let seats = table(&report, "seats");
        let words = |id| column(seats, id).into_iter().map(|cell| cell.words().unwrap().to_owned()).collect::<Vec<_>>();
        let last = column(seats, "last_activity").into_iter().map(|cell| match cell {
            Cell::Day(day) => Some(*day),
            _ => None,
        });
        let rows = words("name").into_iter().zip(words("tool")).zip(words("class")).zip(last);
        let mut found: Vec<_> = rows.map(|(((name, tool), class), last)| (name, tool, class, last)).collect();
        found.sort();
        assert_eq!(found, expected);
        let classes: std::collections::BTreeSet<_> = found.iter().map(|row| row.2.as_str()).collect();
        assert!(classes.len() >= 3, "the simulated organization shows several classes: {classes:?}");
    })
    .await;
}

#[tokio::test]
async fn the_figures_count_the_truths_seats() {
    on_each_engine_of(many, async |filled| {
        let report = report(&filled).await;
        let mut classes: BTreeMap<&str, i64> = BTreeMap::new();
        let (mut seats, mut waste, mut active) = (0, 0, 0);
        for seat in TOOLS.into_iter().flat_map(|tool| seats_of(&filled, tool)) {
            let class = class(&seat, filled.today);
            *classes.entry(class).or_default() += 1;
            seats += 1;
            let last = seat.vendor_activity.max(seat.active_on);
            active += i64::from(last.is_some_and(|day| filled.today.since(day) < 28));
            if class.starts_with("Idle") || class == "Never used" {
                waste += seat.price_micros.unwrap_or(0);
            }
        }
        let of = |class: &str| classes.get(class).copied().unwrap_or(0);
        let idle_90 = of("Idle 90 days or more");
        let idle_60 = idle_90 + of("Idle 60 to 89 days");
        for (id, expected) in [
            ("seats", seats),
            ("seats_active", active),
            ("seats_idle_30", idle_60 + of("Idle 30 to 59 days")),
            ("seats_idle_60", idle_60),
            ("seats_idle_90", idle_90),
            ("seats_never_used", of("Never used")),
            ("seats_pending", of("Cancellation pending")),
            ("seats_excluded", 0),
            ("seats_new", of("New")),
        ] {
            assert_eq!(figure(&report, id).value, Amount::Count(expected), "{id}");
        }
        assert_eq!(figure(&report, "waste_per_month").value, Amount::Money(Money(waste)));
        for tool in TOOLS {
            let part = figure(&report, "seats").parts.iter().find(|part| part.tool.as_str() == tool.id()).unwrap();
            assert_eq!(part.value, Amount::Count(filled.truth.seats(tool).unwrap().into()));
        }
    })
    .await;
}
