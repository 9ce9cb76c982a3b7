//! Whether a refused call is worth another try, and when: the vendors' rules of waiting.

use crate::failure::Refused;
use std::time::Duration;
use tacho_connectors::{FailureKind, Headers};
use tacho_domain::Instant;

/// GitHub: after a secondary rate limit without headers "wait for at least one minute", longer each time.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api> (read 2026-11-21)
const SECONDARY: Duration = Duration::from_mins(1);

/// What a failure says about trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// It would fail the same way.
    Never,
    /// After the usual backoff.
    Backoff,
    /// Not before this instant (`Retry-After`).
    After(Instant),
    /// When the allowance is renewed (`x-ratelimit-reset`), and a little later, since all who wait come then.
    Reset(Instant),
    /// A minute later, two minutes later ...
    Secondary,
}

impl Again {
    /// How long to wait before retry `n` (from 0), whose backoff is `delay`; `None`: not at all.
    pub(crate) fn wait(self, n: u32, delay: Duration, now: Instant) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::Backoff => Some(delay),
            Self::After(instant) => Some(delay.max(until(instant, now))),
            Self::Reset(instant) => Some(until(instant, now) + delay),
            Self::Secondary => Some(SECONDARY.saturating_mul(1 << n.min(16))),
        }
    }

    /// With a wait of our own where a limit names none, or one that has passed already.
    pub(crate) fn at_least(self, unsaid: Option<Duration>, now: Instant) -> Self {
        let is_unsaid = match self {
            Self::Backoff => true,
            Self::After(instant) => instant <= now,
            Self::Never | Self::Reset(_) | Self::Secondary => false,
        };
        let seconds = unsaid.filter(|_| is_unsaid).and_then(|wait| i64::try_from(wait.as_secs()).ok());
        seconds.map_or(self, |seconds| Self::After(now.plus_seconds(seconds)))
    }

    /// Whether it is the vendor who says when.
    pub(crate) fn is_told(self) -> bool {
        !matches!(self, Self::Never | Self::Backoff)
    }
}

/// How long it is until an instant; nothing when it has passed.
pub(crate) fn until(instant: Instant, now: Instant) -> Duration {
    Duration::from_micros(u64::try_from(instant.0.saturating_sub(now.0)).unwrap_or(0))
}

/// The kind of a refusal, and what it says about trying again.
pub(crate) fn of_refusal(refused: &Refused, now: Instant) -> (FailureKind, Again) {
    let (kind, headers) = (FailureKind::of_status(refused.status), &refused.headers);
    let told = retry_after(headers, now).map(Again::After).or_else(|| spent_until(headers, now).map(Again::Reset));
    match refused.status {
        // Anthropic: a spend limit answers 429 too, without Retry-After, and lasts until an administrator raises it.
        // <https://docs.claude.com/en/api/errors> (read 2026-11-21)
        429 if refused.body.contains("enforced_spend_limit_reached") => (FailureKind::RateLimit, Again::Never),
        // GitHub limits with 403 as well as 429; a 403 that says nothing of a limit is a missing permission.
        403 | 429 => {
            let secondary = mentions_secondary(&refused.body).then_some(Again::Secondary);
            match told.or(secondary) {
                Some(again) => (FailureKind::RateLimit, again),
                None if refused.status == 429 => (kind, Again::Backoff),
                None => (kind, Again::Never),
            }
        }
        408 | 500..=599 => (kind, retry_after(headers, now).map_or(Again::Backoff, Again::After)),
        _ => (kind, Again::Never),
    }
}

/// Until when a vendor's allowance is used up: `x-ratelimit-remaining` is 0 and the reset lies ahead or is at hand.
pub(crate) fn spent_until(headers: &Headers, now: Instant) -> Option<Instant> {
    let remaining: u64 = headers.get("x-ratelimit-remaining")?.trim().parse().ok()?;
    let reset: i64 = headers.get("x-ratelimit-reset")?.trim().parse().ok()?;
    // Epoch seconds as GitHub gives them; a number too small to be a date counts from now, as the IETF draft has it.
    let reset = if reset < 1_000_000_000 { now.plus_seconds(reset.max(0)) } else { Instant(0).plus_seconds(reset) };
    (remaining == 0).then_some(reset)
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(headers: &Headers, now: Instant) -> Option<Instant> {
    let text = headers.get("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(now.plus_seconds(i64::from(seconds)));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Instant(date.as_microsecond()))
}

fn mentions_secondary(body: &str) -> bool {
    body.to_ascii_lowercase().contains("secondary rate limit")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(1_795_000_000_000_000);

    fn told(status: u16, headers: &[(&str, &str)], body: &str) -> (FailureKind, Again) {
        let headers = Headers::new(headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        of_refusal(&Refused { status, headers, body: body.to_owned(), signing_in: false }, NOW)
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let later = Again::After(NOW.plus_seconds(7));
        assert_eq!(told(429, &[("Retry-After", "7")], ""), (FailureKind::RateLimit, later));
        assert_eq!(told(503, &[("retry-after", " 7 ")], ""), (FailureKind::Server, later));
        let date = jiff::Timestamp::from_second(1_795_000_007).unwrap();
        let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap();
        assert!(date.ends_with("GMT"), "{date}");
        assert_eq!(told(429, &[("retry-after", &date)], ""), (FailureKind::RateLimit, later));
        assert_eq!(told(429, &[("retry-after", "soon")], ""), (FailureKind::RateLimit, Again::Backoff));
    }

    #[test]
    fn a_403_is_a_limit_only_when_it_says_so() {
        let spent = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795000030")];
        assert_eq!(told(403, &spent, ""), (FailureKind::RateLimit, Again::Reset(NOW.plus_seconds(30))));
        assert_eq!(told(403, &[], "You have exceeded a Secondary Rate Limit"), (FailureKind::RateLimit, Again::Secondary));
        let left = [("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "1795000030")];
        assert_eq!(told(403, &left, "Resource not accessible"), (FailureKind::Forbidden, Again::Never));
    }

    #[test]
    fn a_spend_limit_is_not_waited_for() {
        let body = r#"{"error":{"details":{"error_code":"enforced_spend_limit_reached"}}}"#;
        assert_eq!(told(429, &[("retry-after", "1")], body), (FailureKind::RateLimit, Again::Never));
    }

    #[test]
    fn a_reset_may_be_a_date_or_a_distance_and_a_passed_one_costs_no_wait() {
        let reset = |text| told(429, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", text)], "").1;
        let second = Duration::from_secs(1);
        assert_eq!(reset("1795000030").wait(0, second, NOW), Some(31 * second));
        assert_eq!(reset("30").wait(0, second, NOW), Some(31 * second));
        assert_eq!(reset("1794999000").wait(0, second, NOW), Some(second));
    }

    #[test]
    fn a_limit_without_a_time_waits_as_long_as_the_policy_says() {
        let unsaid = Some(Duration::from_mins(5));
        let five_minutes = Again::After(NOW.plus_seconds(300));
        for headers in [&[][..], &[("retry-after", "0")]] {
            assert_eq!(told(429, headers, "").1.at_least(unsaid, NOW), five_minutes);
        }
        let seven = told(429, &[("retry-after", "7")], "").1;
        assert_eq!((seven.at_least(unsaid, NOW), Again::Backoff.at_least(None, NOW)), (seven, Again::Backoff));
        assert_eq!(Again::Never.at_least(unsaid, NOW), Again::Never);
    }

    #[test]
    fn a_secondary_limit_doubles_from_a_minute() {
        let waits = [0, 1, 2].map(|n| Again::Secondary.wait(n, Duration::ZERO, NOW).unwrap().as_secs());
        assert_eq!(waits, [60, 120, 240]);
    }
}
