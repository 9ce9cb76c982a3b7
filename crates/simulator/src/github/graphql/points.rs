//! GraphQL's limits: 5,000 points an hour, 2,000 a minute.
//! <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>, read 2026-11-21.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

const AN_HOUR: u32 = 5_000;
const A_MINUTE: u32 = 2_000;

/// What was spent, by the simulation's own seconds.
#[derive(Debug, Default)]
pub(crate) struct Points(Mutex<Spent>);

#[derive(Debug, Default)]
struct Spent {
    hour_began: u64,
    in_hour: u32,
    minute: VecDeque<(u64, u32)>,
    ahead: u64,
}

/// What the limits say to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// So many points are left for so many seconds.
    Fine { left: u32, seconds: u64 },
    /// None are left for so many seconds.
    Spent { seconds: u64 },
    /// Too many in this minute; to be asked again after so many seconds.
    TooFast { seconds: u64 },
}

impl Points {
    fn held(&self) -> MutexGuard<'_, Spent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time passes for the limits, as if so many seconds had been waited.
    pub(crate) fn pass(&self, seconds: u64) {
        self.held().ahead += seconds;
    }

    /// What the answer says where the limits are not enforced.
    pub(super) const fn plenty() -> Verdict {
        Verdict::Fine { left: AN_HOUR - 130, seconds: 3_600 }
    }

    /// Takes the price, if there is as much left.
    pub(super) fn spend(&self, elapsed: u64, cost: u32) -> Verdict {
        let mut spent = self.held();
        let now = elapsed + spent.ahead;
        if now >= spent.hour_began + 3_600 {
            (spent.hour_began, spent.in_hour) = (now, 0);
        }
        while spent.minute.front().is_some_and(|(at, _)| *at + 60 <= now) {
            spent.minute.pop_front();
        }
        let seconds = spent.hour_began + 3_600 - now;
        if spent.in_hour + cost > AN_HOUR {
            return Verdict::Spent { seconds };
        }
        let in_minute: u32 = spent.minute.iter().map(|(_, cost)| cost).sum();
        if in_minute + cost > A_MINUTE {
            let first = spent.minute.front().map_or(now, |(at, _)| *at);
            return Verdict::TooFast { seconds: first + 60 - now };
        }
        spent.in_hour += cost;
        match spent.minute.back_mut() {
            Some((at, known)) if *at == now => *known += cost,
            _ => spent.minute.push_back((now, cost)),
        }
        Verdict::Fine { left: AN_HOUR - spent.in_hour, seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_and_an_hour_have_their_points() {
        let points = Points::default();
        assert_eq!(points.spend(0, 2), Verdict::Fine { left: 4_998, seconds: 3_600 });
        assert_eq!(points.spend(10, 1_998), Verdict::Fine { left: 3_000, seconds: 3_590 });
        assert_eq!(points.spend(20, 1), Verdict::TooFast { seconds: 40 });
        assert_eq!(points.spend(60, 2), Verdict::Fine { left: 2_998, seconds: 3_540 });
        points.pass(60);
        assert_eq!(points.spend(60, 2_000), Verdict::Fine { left: 998, seconds: 3_480 });
        assert_eq!(points.spend(130, 999), Verdict::Spent { seconds: 3_410 });
        assert_eq!(points.spend(3_540, 999), Verdict::Fine { left: 4_001, seconds: 3_600 });
    }
}
