//! What somebody shows of their own numbers to others: few, and as they were when the link was made.

use crate::report::{Amount, Chart, HeatDay, Report};
use crate::{Day, Window};
use serde::{Deserialize, Serialize};

/// A card's content. It names nobody and nothing but what its owner wrote and chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedCard {
    /// What the card calls its owner, in their own words.
    pub name: String,
    /// Where they work, where they chose to say so.
    pub organization: Option<String>,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// Interactions of all tools; `None` is no data.
    pub interactions: Option<i64>,
    /// Days with any use.
    pub active_days: u32,
    /// The tool used most.
    pub top_tool: Option<String>,
    /// Interactions of each day; `None` is no data.
    pub each_day: Vec<Option<i64>>,
}

impl SharedCard {
    /// The card of a person's report.
    #[must_use]
    pub fn of(report: &Report, name: &str, organization: Option<&str>) -> Self {
        let window = report.window;
        let count = |id: &str| match report.figure(id).map(|figure| figure.value) {
            Some(Amount::Count(value)) => Some(value),
            _ => None,
        };
        let heat = match report.section("heatmap").and_then(|section| section.chart.as_ref()) {
            Some(Chart::Calendar(calendar)) => calendar.days.as_slice(),
            _ => &[],
        };
        let top = report.figure("top_tool").and_then(|figure| figure.parts.first());
        Self {
            name: name.to_owned(),
            organization: organization.map(str::to_owned),
            from: window.from,
            to: window.to,
            interactions: count("interactions"),
            active_days: count("active_days").and_then(|days| u32::try_from(days).ok()).unwrap_or(0),
            top_tool: top.map(|part| part.label.clone()),
            each_day: heat.iter().filter(|day| window.contains(day.day)).map(|day| day.interactions).collect(),
        }
    }

    /// The days it is of.
    #[must_use]
    pub fn window(&self) -> Window {
        Window::new(self.from, self.to).unwrap_or(Window::day(self.to))
    }

    /// Interactions by day.
    #[must_use]
    pub fn heatmap(&self) -> Vec<HeatDay> {
        self.window().days().zip(&self.each_day).map(|(day, interactions)| HeatDay { day, interactions: *interactions }).collect()
    }
}
