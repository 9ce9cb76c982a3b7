//! When an integration is due: daily by a cron expression in UTC, hourly for days a vendor may still restate. Every
//! integration has its own few minutes of delay, always the same, so that many of them do not call at once. Pure.

use croner::Cron;
use jiff::civil::DateTime;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use tacho_domain::{Instant, IntegrationId, OrganizationId};

/// Two in the morning UTC: vendors have closed the day before by then, or say that they have not.
pub const DEFAULT_CRON: &str = "0 2 * * *";

const JITTER_SECONDS: u64 = 600;
const HOUR_MICROS: i64 = 3_600_000_000;

/// A cron expression that can be used.
#[derive(Clone)]
pub struct Timetable {
    text: String,
    cron: Cron,
}

/// A text that is not a cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a cron expression of five fields (minute hour day month weekday): {why}")]
pub struct NotACron {
    text: String,
    why: String,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The daily sync, since that instant.
    Full(Instant),
    /// The hourly tick, since that instant.
    Recent(Instant),
}

/// When syncs of one integration last began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Begun {
    /// The last one that covered everything.
    pub full: Option<Instant>,
    /// The last one of either kind.
    pub any: Option<Instant>,
}

impl FromStr for Timetable {
    type Err = NotACron;

    fn from_str(text: &str) -> Result<Self, NotACron> {
        let cron = text.parse::<Cron>().map_err(|error| NotACron { text: text.to_owned(), why: error.to_string() })?;
        Ok(Self { text: text.to_owned(), cron })
    }
}

impl fmt::Debug for Timetable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timetable({})", self.text)
    }
}

impl Timetable {
    /// What became due by `now` and has not begun since; the daily sync before the hourly tick, since it covers it.
    #[must_use]
    pub fn due(&self, begun: Begun, now: Instant, delay_seconds: i64) -> Option<Due> {
        let since = |last: Option<Instant>, at: Instant| last.is_none_or(|last| last < at);
        let daily = self.last_daily(now, delay_seconds).filter(|at| since(begun.full, *at));
        let hour = last_hour(now, delay_seconds);
        daily.map(Due::Full).or_else(|| since(begun.any, hour).then_some(Due::Recent(hour)))
    }

    /// When the next sync is due after `now`: the next hour, or the next daily sync where hours are passed over, as they are
    /// for a credential that somebody has to replace first. `None` where the expression never comes true.
    #[must_use]
    pub fn next(&self, now: Instant, delay_seconds: i64, daily_only: bool) -> Option<Instant> {
        let hour = Instant(last_hour(now, delay_seconds).0 + HOUR_MICROS);
        let daily = self.next_daily(now, delay_seconds);
        if daily_only { daily } else { Some(daily.map_or(hour, |daily| daily.min(hour))) }
    }

    fn next_daily(&self, now: Instant, delay_seconds: i64) -> Option<Instant> {
        let moment = civil(now.plus_seconds(-delay_seconds))?;
        let at = self.cron.find_next_occurrence(&moment, false).ok()?;
        let seconds = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
        Some(Instant(0).plus_seconds(seconds + delay_seconds))
    }

    /// The last daily due time that is not after `now`; `None` where the expression never came true.
    fn last_daily(&self, now: Instant, delay_seconds: i64) -> Option<Instant> {
        let moment = civil(now.plus_seconds(-delay_seconds))?;
        let at = self.cron.find_previous_occurrence(&moment, true).ok()?;
        let seconds = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
        Some(Instant(0).plus_seconds(seconds + delay_seconds))
    }
}

fn last_hour(now: Instant, delay_seconds: i64) -> Instant {
    let moment = now.plus_seconds(-delay_seconds).0;
    Instant(moment - moment.rem_euclid(HOUR_MICROS)).plus_seconds(delay_seconds)
}

fn civil(at: Instant) -> Option<DateTime> {
    let timestamp = jiff::Timestamp::from_microsecond(at.0).ok()?;
    Some(timestamp.to_zoned(jiff::tz::TimeZone::UTC).datetime())
}

/// An integration's own delay in seconds, below ten minutes: the same on every replica and every day.
#[must_use]
pub fn delay_seconds(organization: OrganizationId, integration: IntegrationId) -> i64 {
    let digest = Sha256::digest(format!("{}/{}", organization.0, integration.0));
    let number = digest.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    i64::try_from(number % JITTER_SECONDS).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn nightly() -> Timetable {
        DEFAULT_CRON.parse().unwrap()
    }

    fn begun(full: &str, any: &str) -> Begun {
        Begun { full: Some(at(full)), any: Some(at(any)) }
    }

    #[test]
    fn the_daily_sync_is_due_once_its_time_and_its_delay_have_passed() {
        let last = begun("2026-03-09T02:05:00Z", "2026-03-10T01:06:00Z");
        let due = |now: &str| nightly().due(last, at(now), 300);
        assert_eq!(due("2026-03-10T02:04:59Z"), None);
        assert_eq!(due("2026-03-10T02:05:00Z"), Some(Due::Full(at("2026-03-10T02:05:00Z"))));
        assert_eq!(due("2026-03-10T09:00:00Z"), Some(Due::Full(at("2026-03-10T02:05:00Z"))), "missed while nobody ran");
        let done = begun("2026-03-10T02:05:01Z", "2026-03-10T02:05:01Z");
        assert_eq!(nightly().due(done, at("2026-03-10T02:59:00Z"), 300), None);
    }

    #[test]
    fn between_daily_syncs_every_hour_is_due_once() {
        let last = begun("2026-03-10T02:05:00Z", "2026-03-10T02:05:00Z");
        let due = |now: &str| nightly().due(last, at(now), 300);
        assert_eq!(due("2026-03-10T03:04:59Z"), None);
        assert_eq!(due("2026-03-10T03:05:00Z"), Some(Due::Recent(at("2026-03-10T03:05:00Z"))));
        assert_eq!(due("2026-03-10T05:20:00Z"), Some(Due::Recent(at("2026-03-10T05:05:00Z"))), "missed hours are one");
    }

    #[test]
    fn what_never_began_is_due_in_full() {
        assert_eq!(nightly().due(Begun::default(), at("2026-03-10T03:00:00Z"), 0), Some(Due::Full(at("2026-03-10T02:00:00Z"))));
    }

    #[test]
    fn the_next_sync_is_the_next_hour_or_the_next_night() {
        let next = |now: &str, daily_only| nightly().next(at(now), 300, daily_only);
        assert_eq!(next("2026-03-10T03:04:59Z", false), Some(at("2026-03-10T03:05:00Z")));
        assert_eq!(next("2026-03-10T03:05:00Z", false), Some(at("2026-03-10T04:05:00Z")), "this one is due already");
        assert_eq!(next("2026-03-10T03:05:00Z", true), Some(at("2026-03-11T02:05:00Z")));
        assert_eq!(next("2026-03-10T02:04:59Z", true), Some(at("2026-03-10T02:05:00Z")));
        let never: Timetable = "0 0 30 2 *".parse().unwrap();
        assert_eq!((never.next(at("2026-03-10T03:05:00Z"), 0, true)), None);
    }

    #[test]
    fn delays_differ_between_integrations_and_stay_below_ten_minutes() {
        let delays: Vec<i64> = (1..200).map(|id| delay_seconds(OrganizationId(1), IntegrationId(id))).collect();
        assert!(delays.iter().all(|delay| (0..600).contains(delay)));
        let distinct: std::collections::BTreeSet<&i64> = delays.iter().collect();
        assert!(distinct.len() > 150, "{} distinct delays of 199", distinct.len());
        assert_eq!(delay_seconds(OrganizationId(1), IntegrationId(7)), delay_seconds(OrganizationId(1), IntegrationId(7)));
    }

    #[test]
    fn a_wrong_expression_is_named() {
        let error = "at two".parse::<Timetable>().unwrap_err().to_string();
        assert!(error.contains("`at two`"), "{error}");
    }
}
