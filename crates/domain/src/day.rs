//! Days are the vendor's UTC days, instants are UTC microseconds; nothing in this crate knows what time it is now.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A UTC day, counted from 1970-01-01.
///
/// ```
/// use tacho_domain::Day;
/// let day: Day = "2026-03-01".parse().unwrap();
/// assert_eq!(day.minus(1).to_string(), "2026-02-28");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i32);

/// A moment, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

/// A run of days, both ends included; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// First day.
    pub from: Day,
    /// Last day, not before `from`.
    pub to: Day,
}

/// A text that is not a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a day: expected YYYY-MM-DD")]
pub struct NotADay(pub String);

/// A window whose end lies before its beginning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the window ends on `{to}`, before it begins on `{from}`")]
pub struct EmptyWindow {
    /// First day asked for.
    pub from: Day,
    /// Last day asked for.
    pub to: Day,
}

const MICROS_PER_DAY: i64 = 86_400_000_000;

impl Day {
    /// The day of a civil date; `None` where the calendar has no such date.
    #[must_use]
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self::from_date)
    }

    fn from_date(date: Date) -> Self {
        let days = date.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days());
        Self(days)
    }

    /// The civil date. Days beyond the calendar's end (year 9999) are clamped to it.
    #[must_use]
    pub fn date(self) -> Date {
        let epoch = Date::constant(1970, 1, 1);
        let clamped = self.0.clamp(-719_528, 2_932_896);
        epoch.checked_add(jiff::Span::new().days(clamped)).unwrap_or(epoch)
    }

    /// The day that many days later.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The day that many days earlier.
    #[must_use]
    pub fn minus(self, days: i32) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// How many days lie from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Monday of the week this day is in.
    #[must_use]
    pub fn week(self) -> Self {
        self.minus(i32::from(self.date().weekday().to_monday_zero_offset()))
    }

    /// First day of the month this day is in.
    #[must_use]
    pub fn month(self) -> Self {
        Self::from_date(self.date().first_of_month())
    }

    /// Monday to Friday. Public holidays are not known here.
    #[must_use]
    pub fn is_workday(self) -> bool {
        !matches!(self.date().weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// The day's first microsecond.
    #[must_use]
    pub fn start(self) -> Instant {
        Instant(i64::from(self.0) * MICROS_PER_DAY)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl FromStr for Day {
    type Err = NotADay;

    /// Takes `2026-03-01` and, since vendors write a day as its first instant too, `2026-03-01T00:00:00Z`.
    fn from_str(text: &str) -> Result<Self, NotADay> {
        let wrong = || NotADay(text.chars().take(40).collect());
        let head = text.get(..10).ok_or_else(wrong)?;
        if text.len() > 10 && text.parse::<jiff::Timestamp>().is_err() {
            return Err(wrong());
        }
        head.parse::<Date>().map(Self::from_date).map_err(|_| wrong())
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = Day;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a day as YYYY-MM-DD")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Day, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl Instant {
    /// From milliseconds since the epoch; `None` where the number is out of range.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        millis.checked_mul(1_000).map(Self)
    }

    /// From RFC 3339 text with any offset.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_microsecond()))
    }

    /// The UTC day the instant falls in.
    #[must_use]
    pub fn day(self) -> Day {
        Day(i32::try_from(self.0.div_euclid(MICROS_PER_DAY)).unwrap_or(i32::MAX))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// The instant that many seconds later.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
}

/// As RFC 3339 text, for whoever reads an answer; by itself an instant is written as its number.
pub mod as_text {
    use super::Instant;
    use serde::Serializer;

    /// An instant as text.
    pub fn one<S: Serializer>(instant: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(instant)
    }

    /// An instant as text, or nothing.
    pub fn maybe<S: Serializer>(instant: &Option<Instant>, serializer: S) -> Result<S::Ok, S::Error> {
        match instant {
            Some(instant) => serializer.collect_str(instant),
            None => serializer.serialize_none(),
        }
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => timestamp.fmt(f),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

impl Window {
    /// The days from `from` to `to`, both included.
    ///
    /// # Errors
    /// When `to` lies before `from`.
    pub fn new(from: Day, to: Day) -> Result<Self, EmptyWindow> {
        if to < from { Err(EmptyWindow { from, to }) } else { Ok(Self { from, to }) }
    }

    /// A single day.
    #[must_use]
    pub fn day(day: Day) -> Self {
        Self { from: day, to: day }
    }

    /// The `days` days that end on `to`; at least one.
    #[must_use]
    pub fn ending(to: Day, days: u32) -> Self {
        let back = i32::try_from(days.max(1) - 1).unwrap_or(i32::MAX);
        Self { from: to.minus(back), to }
    }

    /// Number of days, at least 1.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.to.since(self.from)).unwrap_or(0) + 1
    }

    /// A window holds at least one day, so this is never true; it is here because `len` is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The equally long window just before this one.
    #[must_use]
    pub fn before(&self) -> Self {
        Self::ending(self.from.minus(1), self.len())
    }

    /// Whether the day lies in the window.
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }

    /// Every day, ascending.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = Day> + use<> {
        (self.from.0..=self.to.0).map(Day)
    }

    /// The days from Monday to Friday in the window.
    #[must_use]
    pub fn workdays(&self) -> u32 {
        // Seven days on end have five of them, wherever they begin.
        let weeks = self.len() / 7;
        let rest = self.days().take((self.len() % 7) as usize).filter(|day| day.is_workday()).count();
        weeks * 5 + u32::try_from(rest).unwrap_or(u32::MAX)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

/// A length of time in the unit that fits: seconds, minutes, hours up to two days, then days.
///
/// ```
/// use tacho_domain::day::length;
/// assert_eq!([45, 720, 23_400, 276_480].map(length), ["45 s", "12 min", "6.5 h", "3.2 d"]);
/// assert_eq!(length(-5_400), "-1.5 h");
/// ```
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "lengths of time far below 2^52 seconds")]
pub fn length(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let length = seconds.unsigned_abs();
    match length {
        0..60 => format!("{sign}{length} s"),
        60..3_600 => format!("{sign}{} min", (length + 30) / 60),
        3_600..172_800 => format!("{sign}{:.1} h", length as f64 / 3_600.0),
        _ => format!("{sign}{:.1} d", length as f64 / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_vendor_forms_of_a_day_are_read() {
        let plain: Day = "2025-09-08".parse().unwrap();
        assert_eq!("2025-09-08T00:00:00Z".parse::<Day>().unwrap(), plain);
        assert_eq!(plain.week().to_string(), "2025-09-08");
        for wrong in ["", "2025-9-8", "2025-02-30", "2025-09-08 junk", "2025-09-08T", "é025-09-08"] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_window_before_touches_and_is_as_long() {
        let window = Window::ending("2026-03-01".parse().unwrap(), 28);
        assert_eq!(window.before().to_string(), "2026-01-05..2026-02-01");
        assert_eq!(window.before().len(), 28);
    }

    proptest! {
        #[test]
        fn a_day_survives_being_written(days in -100_000i32..1_000_000) {
            prop_assert_eq!(Day(days).to_string().parse::<Day>().unwrap(), Day(days));
            prop_assert_eq!(Day(days).start().day(), Day(days));
        }

        #[test]
        fn a_week_begins_on_monday_and_holds_its_day(days in -100_000i32..1_000_000) {
            let week = Day(days).week();
            prop_assert_eq!(week.date().weekday(), Weekday::Monday);
            prop_assert!((0..7).contains(&Day(days).since(week)));
        }
    }
}
