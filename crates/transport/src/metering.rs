//! What the metrics say of calls: by connector only, since addresses and organizations would be without number.

use crate::{Received, SendError};
use metrics::{counter, gauge, histogram};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tacho_connectors::Headers;
use tacho_domain::Instant;

/// Why a call waited.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wait {
    /// The vendor's manners: so many calls a minute.
    Pace,
    /// Before it is tried again.
    Retry,
    /// The vendor asked to be left alone.
    Asked,
}

/// A call has ended, tries and waits included.
pub(crate) fn ended(connector: &'static str, sent: &Result<Received, SendError>, took: Duration) {
    let (outcome, status) = match sent {
        Ok(received) => ("received", Some(received.status)),
        Err(error) if error.cancelled => ("cancelled", None),
        Err(error) => (error.kind.as_str(), error.status),
    };
    let class = match status {
        Some(200..=299) => "2xx",
        Some(300..=399) => "3xx",
        Some(400..=499) => "4xx",
        Some(500..=599) => "5xx",
        Some(_) => "other",
        None => "none",
    };
    counter!("tacho_vendor_calls_total", "connector" => connector, "outcome" => outcome, "status" => class).increment(1);
    histogram!("tacho_vendor_call_duration_seconds", "connector" => connector).record(took);
}

/// A call is tried again.
pub(crate) fn retried(connector: &'static str) {
    counter!("tacho_vendor_retries_total", "connector" => connector).increment(1);
}

/// A call waits.
pub(crate) fn waits(connector: &'static str, why: Wait, wait: Duration) {
    let why = match why {
        Wait::Pace => "pace",
        Wait::Retry => "retry",
        Wait::Asked => "asked",
    };
    histogram!("tacho_vendor_wait_seconds", "connector" => connector, "reason" => why).record(wait);
}

/// How far this machine's clock is from the vendors', as the last reply showed it.
#[derive(Debug, Default)]
pub(crate) struct Skew(AtomicI64);

/// Nothing was seen yet.
const UNSEEN: i64 = i64::MIN;

impl Skew {
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(UNSEEN))
    }

    /// Seconds by which our clock is ahead; `None`: no vendor has told its time yet.
    pub(crate) fn seconds(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|seconds| *seconds != UNSEEN)
    }

    /// Learns from the headers of a reply.
    pub(crate) fn learn(&self, connector: &'static str, headers: &Headers, now: Instant) {
        if let Some(left) = headers.get("x-ratelimit-remaining").and_then(|text| text.trim().parse::<u32>().ok()) {
            gauge!("tacho_vendor_rate_limit_remaining", "connector" => connector).set(f64::from(left));
        }
        let date = headers.get("date").and_then(|text| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok());
        if let Some(date) = date {
            let seconds = (now.0 - date.as_microsecond()) / 1_000_000;
            self.0.store(seconds, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_date_shows_how_far_our_clock_is_ahead() {
        let skew = Skew::new();
        assert_eq!(skew.seconds(), None);
        let headers = Headers::new([("Date".to_owned(), "Sat, 21 Nov 2026 10:00:00 GMT".to_owned())]);
        skew.learn("vendor", &headers, Instant::parse("2026-11-21T10:02:05.5Z").unwrap());
        assert_eq!(skew.seconds(), Some(125));
        skew.learn("vendor", &Headers::new([("date".to_owned(), "soon".to_owned())]), Instant(0));
        assert_eq!(skew.seconds(), Some(125), "what cannot be read says nothing");
    }
}
