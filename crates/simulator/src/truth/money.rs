//! Seats and money, worked out by hand.

use super::{Truth, rows};
use crate::activity::Tool;
use std::collections::BTreeMap;
use tacho_domain::{Day, Window};

/// GitHub forgets activity after so many days.
const FORGOTTEN_AFTER_DAYS: u32 = 90;

/// A seat held today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatTruth {
    /// Whose, by index.
    pub person: usize,
    /// Since when; `None`: the vendor does not say.
    pub since: Option<Day>,
    /// The last activity the vendor tells of.
    pub vendor_activity: Option<Day>,
    /// The last active day in its reports, up to the day that was asked for.
    pub active_on: Option<Day>,
    /// From when on it is cancelled.
    pub cancels_on: Option<Day>,
    /// List price per month in micro-dollars; `None`: nobody says.
    pub price_micros: Option<i64>,
}

impl Truth {
    /// The seats held today, by person, with use up to a day; none for a tool whose vendor tells of no seats.
    #[must_use]
    pub fn seat_list(&self, tool: Tool, until: Day) -> Vec<SeatTruth> {
        let (world, today) = (&self.0, self.0.today());
        let active_on = |person: usize| {
            let was_active = |day: &Day| {
                let rows = self.rows(tool, *day).unwrap_or_default();
                rows.iter().any(|row| row.person == person && row.active)
            };
            self.history().days().rev().filter(|day| *day <= until).find(was_active)
        };
        match tool {
            Tool::Copilot => world
                .copilot_seats(today)
                .map(|person| SeatTruth {
                    person: person.index,
                    since: Some(person.since[0].unwrap_or(person.joined)),
                    vendor_activity: Window::ending(today.minus(1), FORGOTTEN_AFTER_DAYS)
                        .days()
                        .rev()
                        .find(|day| world.copilot_totals(*day).active.contains(&person.index)),
                    active_on: active_on(person.index),
                    cancels_on: person.left.map(|left| left.month().plus(31).month()),
                    price_micros: Some(19_000_000),
                })
                .collect(),
            Tool::Cursor => rows::cursor_members(world)
                .filter(|person| person.left.is_none_or(|left| today < left))
                .map(|person| SeatTruth {
                    person: person.index,
                    since: None,
                    vendor_activity: None,
                    active_on: active_on(person.index),
                    cancels_on: None,
                    price_micros: None,
                })
                .collect(),
            Tool::Claude => Vec::new(),
        }
    }

    /// Value at the vendor's prices by model, in micro-dollars.
    #[must_use]
    pub fn cost_by_model(&self, window: Window, tool: Tool) -> BTreeMap<&'static str, i64> {
        let mut models = BTreeMap::new();
        let mut add = |model: &'static str, micros: i64| *models.entry(model).or_insert(0) += micros;
        for day in window.days() {
            match tool {
                Tool::Copilot => self.0.bill(day).iter().for_each(|line| add(line.model, line.gross * 100)),
                Tool::Claude => {
                    let parts = self.0.claude(day).into_iter().flat_map(|(_, it)| it.parts);
                    parts.flat_map(|part| part.models).for_each(|one| add(one.model, one.cost_micros));
                }
                Tool::Cursor => {
                    let events = self.0.cursor(day).into_iter().flat_map(|(_, _, events)| events);
                    events.for_each(|event| add(event.model, event.charged_micros));
                }
            }
        }
        models
    }

    /// Value at the vendors' prices by person, in micro-dollars; of Copilot the credits that its reports tell of.
    #[must_use]
    pub fn cost_by_person(&self, window: Window) -> BTreeMap<usize, i64> {
        let mut people = BTreeMap::new();
        for answer in self.members(window) {
            for figures in answer.by_tool.values() {
                // A credit is a cent.
                let micros = figures.cost_micros.unwrap_or(0) + figures.credits_micros.unwrap_or(0) / 100;
                *people.entry(answer.person).or_insert(0) += micros;
            }
        }
        people
    }
}
