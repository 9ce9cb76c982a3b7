//! When a failed sync is tried again: after 60, 120 and 240 seconds, later where the vendor names a time, then no more.

use tacho_domain::Instant;

/// Waits between the tries of a job, in seconds.
pub const RETRY_SECONDS: [i64; 3] = [60, 120, 240];

/// When to try again after the `attempt`th try (from 1) failed at `now`; `None` when it was the last.
#[must_use]
pub(crate) fn next_try(attempt: u32, now: Instant, not_before: Option<Instant>) -> Option<Instant> {
    let wait = RETRY_SECONDS.get(usize::try_from(attempt.max(1) - 1).ok()?)?;
    let soonest = now.plus_seconds(*wait);
    Some(not_before.map_or(soonest, |at| at.max(soonest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_retries_with_doubling_waits_and_then_no_more() {
        let now = Instant(0);
        let waits: Vec<Option<i64>> = (1..=4).map(|n| next_try(n, now, None).map(|at| at.0 / 1_000_000)).collect();
        assert_eq!(waits, [Some(60), Some(120), Some(240), None]);
    }

    #[test]
    fn a_vendor_may_ask_for_more_time_but_not_for_less() {
        let now = Instant(0);
        assert_eq!(next_try(1, now, Some(now.plus_seconds(3_600))), Some(now.plus_seconds(3_600)));
        assert_eq!(next_try(1, now, Some(now.plus_seconds(5))), Some(now.plus_seconds(60)));
    }
}
