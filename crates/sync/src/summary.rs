//! What a sync, a reread or an import came to.

use serde::Serialize;
use std::collections::BTreeMap;
use tacho_domain::{Day, Window};
use tacho_store::StoredFailure;

/// What a run did, in numbers, and what it could not do, in words.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// Calls sent to the vendor.
    pub calls: u64,
    /// Days of a stream that were read.
    pub days: u64,
    /// Those among them whose rows changed.
    pub days_changed: u64,
    /// Rows the read days have now.
    pub rows: u64,
    /// First and last day read.
    pub window: Option<Window>,
    /// Lines that could not be read and were left out.
    pub skipped_lines: u64,
    /// Facts left out because their day was not asked for.
    pub outside_window: u64,
    /// Fields vendors send and Tacho does not know, as `stream: path`, with how often.
    pub unknown_fields: BTreeMap<String, u64>,
    /// Streams that failed; the others went on.
    pub stream_failures: BTreeMap<String, StoredFailure>,
    /// Streams whose vendor has no reports further back: days before these were not asked for.
    pub reports_begin: BTreeMap<String, Day>,
}

impl Summary {
    /// Counts a day that was read.
    pub(crate) fn count_day(&mut self, day: Day, rows: u64, changed: bool) {
        self.days += 1;
        self.days_changed += u64::from(changed);
        self.rows += rows;
        let known = self.window.unwrap_or_else(|| Window::day(day));
        self.window = Some(Window { from: known.from.min(day), to: known.to.max(day) });
    }

    /// Counts the oddities of a stream's replies.
    pub(crate) fn count_oddities(&mut self, stream: &str, gathered: &crate::gathered::Gathered) {
        self.skipped_lines += gathered.skipped_lines;
        for (path, count) in &gathered.unknown_fields {
            *self.unknown_fields.entry(format!("{stream}: {path}")).or_default() += count;
        }
    }

    /// Adds another run's numbers: a reread covers several integrations.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.calls += other.calls;
        self.days += other.days;
        self.days_changed += other.days_changed;
        self.rows += other.rows;
        self.window = match (self.window, other.window) {
            (Some(a), Some(b)) => Some(Window { from: a.from.min(b.from), to: a.to.max(b.to) }),
            (one, two) => one.or(two),
        };
        self.skipped_lines += other.skipped_lines;
        self.outside_window += other.outside_window;
        for (path, count) in other.unknown_fields {
            *self.unknown_fields.entry(path).or_default() += count;
        }
        self.stream_failures.extend(other.stream_failures);
        self.reports_begin.extend(other.reports_begin);
    }
}
