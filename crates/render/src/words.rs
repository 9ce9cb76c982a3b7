//! Numbers as a person reads them. What is not known is a dash, never a zero.

use tacho_domain::day::length;
use tacho_domain::metrics::change;
use tacho_domain::money::group;
use tacho_domain::report::{Amount, Figure};
use tacho_domain::{Day, Instant, Window};

/// What stands where there is no data.
pub const NO_DATA: &str = "-";

/// A whole number with thousands separated.
///
/// ```
/// assert_eq!(tacho_render::words::count(-12345), "-12,345");
/// ```
#[must_use]
pub fn count(value: i64) -> String {
    group(value)
}

/// A share as a percentage with one decimal.
///
/// ```
/// assert_eq!(tacho_render::words::share(0.3456), "34.6 %");
/// ```
#[must_use]
pub fn share(value: f64) -> String {
    format!("{:.1} %", value * 100.0 + 0.0)
}

/// An amount with its unit, or a dash.
#[must_use]
pub fn amount(value: Amount) -> String {
    match value {
        Amount::Unknown => NO_DATA.to_owned(),
        Amount::Count(number) => count(number),
        Amount::Share(part) => share(part),
        Amount::Money(money) => money.to_string(),
        Amount::Duration(seconds) => length(seconds),
        Amount::Number(value) => number(value),
    }
}

/// A length of time as hours with four decimals, as files hold it.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "lengths of time far below 2^52 seconds")]
pub fn hours(seconds: i64) -> String {
    format!("{:.4}", seconds as f64 / 3_600.0)
}

/// A number without its unit: whole numbers as they are, others with two decimals, the thousands of both separated.
///
/// ```
/// assert_eq!(tacho_render::words::number(-1234.5), "-1,234.50");
/// ```
#[must_use]
pub fn number(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "whole and far below 2^52, which was just checked")]
    if value.fract() == 0.0 && value.abs() < 4e15 {
        return count(value as i64);
    }
    let (sign, text) = (if value < 0.0 { "-" } else { "" }, format!("{:.2}", value.abs()));
    let grouped = text.split_once('.').and_then(|(whole, rest)| Some(format!("{}.{rest}", group(whole.parse::<i128>().ok()?))));
    format!("{sign}{}", grouped.unwrap_or(text))
}

/// A day for an axis or a sentence: `3 Nov`.
#[must_use]
pub fn short_day(day: Day) -> String {
    day.date().strftime("%-d %b").to_string()
}

/// A day with its year: `3 Nov 2026`.
#[must_use]
pub fn long_day(day: Day) -> String {
    day.date().strftime("%-d %b %Y").to_string()
}

/// The days of a window, its ends included: `1 Nov 2026 to 28 Nov 2026`.
#[must_use]
pub fn window(window: Window) -> String {
    format!("{} to {}", long_day(window.from), long_day(window.to))
}

/// An instant to the minute, in UTC: `2026-11-03 09:41 UTC`.
#[must_use]
pub fn instant(instant: Instant) -> String {
    let text = instant.to_string();
    let minute = text.get(..16).unwrap_or(&text);
    format!("{} UTC", minute.replace('T', " "))
}

/// A number with its noun: `1 day`, `2 days`.
#[must_use]
pub fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", group(number), if number == 1 { one } else { many })
}

/// How a figure changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More than before.
    Up,
    /// Less than before.
    Down,
    /// The same to the precision shown.
    Same,
}

/// The change of a figure against the window before, in words; `None` where there is nothing to compare with.
/// Shares change by percentage points, everything else in per cent of what it was.
#[must_use]
pub fn change_of(figure: &Figure) -> Option<(Direction, String)> {
    let (now, before) = (figure.value.number()?, figure.before.number()?);
    let (delta, unit) = match figure.value {
        Amount::Share(_) => ((now - before) * 100.0, "points"),
        _ => (change(Some(now), Some(before))? * 100.0, "%"),
    };
    let rounded = (delta * 10.0).round() / 10.0;
    let direction = match rounded {
        d if d > 0.0 => Direction::Up,
        d if d < 0.0 => Direction::Down,
        _ => Direction::Same,
    };
    let words = if direction == Direction::Same { "unchanged".to_owned() } else { format!("{rounded:+.1} {unit}") };
    Some((direction, words))
}
