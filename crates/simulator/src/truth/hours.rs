//! When in the day people used a tool, where its vendor gives the instants of events.

use super::Truth;
use crate::activity::Tool;
use std::collections::BTreeMap;
use tacho_domain::{Day, Window};

impl Truth {
    /// Events of each person and day by the hour of UTC; `None`: the tool's vendor gives days only.
    #[must_use]
    pub fn hours(&self, tool: Tool, window: Window) -> Option<BTreeMap<(usize, Day), [i64; 24]>> {
        if tool != Tool::Cursor {
            return None;
        }
        let mut hours: BTreeMap<(usize, Day), [i64; 24]> = BTreeMap::new();
        for day in window.days().filter(|day| self.history().contains(*day)) {
            for event in self.0.cursor_events(Window::day(day)).iter() {
                let since_midnight = event.at_ms - day.start().millis();
                let hour = usize::try_from(since_midnight / 3_600_000).unwrap_or_default();
                hours.entry((event.person, day)).or_default()[hour] += 1;
            }
        }
        Some(hours)
    }
}
