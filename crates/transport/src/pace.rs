//! The vendor's manners: a gap between calls, and no more than so many in any minute.
//!
//! Not governor's token bucket: one that allows a burst of 20 and refills 20 a minute lets 39 calls into its first minute,
//! and Cursor answers the twenty-first with 429. Here the starts of the last minute are kept, so the limit holds for every
//! sixty seconds there are; and being told the time instead of asking it, this follows tokio's paused clock.

use std::collections::VecDeque;
use std::time::Duration;
use tacho_connectors::Pace;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_mins(1);

/// The calls of a lane so far, as far as they matter.
#[derive(Debug)]
pub(crate) struct Turns {
    pace: Pace,
    starts: VecDeque<Instant>,
}

impl Turns {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { pace, starts: VecDeque::new() }
    }

    /// Books the next call and says how long to wait for it.
    pub(crate) fn book(&mut self, now: Instant) -> Duration {
        let mut start = now;
        if let Some(&last) = self.starts.back() {
            start = start.max(last + Duration::from_millis(self.pace.gap_ms));
        }
        let kept = usize::try_from(self.pace.per_minute.unwrap_or(1).max(1)).unwrap_or(usize::MAX);
        if self.pace.per_minute.is_some() && self.starts.len() >= kept {
            start = start.max(self.starts[self.starts.len() - kept] + MINUTE);
        }
        self.starts.push_back(start);
        while self.starts.len() > kept {
            self.starts.pop_front();
        }
        start - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[tokio::test(start_paused = true)]
    async fn twenty_a_minute_come_at_once_and_the_next_a_minute_after_the_first() {
        let mut turns = Turns::new(Pace { gap_ms: 0, per_minute: Some(20) });
        let begun = Instant::now();
        for _ in 0..20 {
            assert_eq!(turns.book(Instant::now()), Duration::ZERO);
        }
        for call in 20..60 {
            tokio::time::sleep(turns.book(Instant::now())).await;
            assert_eq!(begun.elapsed().as_secs() / 60, call / 20, "call {call}");
        }
    }

    proptest! {
        #[test]
        fn no_minute_has_too_many_calls_and_no_gap_is_too_short(
            gap_ms in 0u64..4_000, per_minute in proptest::option::of(1u32..30), idle in proptest::collection::vec(0u64..8_000, 1..120),
        ) {
            let mut turns = Turns::new(Pace { gap_ms, per_minute });
            let mut now = Instant::now();
            let mut starts: Vec<Instant> = Vec::new();
            for pause in idle {
                now += Duration::from_millis(pause);
                let wait = turns.book(now);
                if gap_ms == 0 && per_minute.is_none() {
                    prop_assert_eq!(wait, Duration::ZERO);
                }
                now += wait;
                starts.push(now);
            }
            for pair in starts.windows(2) {
                prop_assert!(pair[1] - pair[0] >= Duration::from_millis(gap_ms));
            }
            if let Some(most) = per_minute {
                for run in starts.windows(most as usize + 1) {
                    prop_assert!(run[most as usize] - run[0] >= MINUTE);
                }
            }
        }
    }
}
