//! Waits after failed sign-ins. Guesses at one account from one address wait longer each time; guesses at one account from
//! everywhere wait a minute, so that nobody can keep its owner out for good. Accounts that do not exist wait the same. Kept in
//! the process: a restart forgives, and a sign-in link or a provider's sign-in never waits.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tacho_domain::Instant;

/// Failures that cost nothing, from one address.
const FREE: u32 = 5;
/// Failures that cost nothing, from all addresses together.
const FREE_EVERYWHERE: u32 = 30;
/// The first wait; each further one is twice as long.
const FIRST_WAIT_SECONDS: i64 = 30;
/// The longest wait.
const LONGEST_WAIT_SECONDS: i64 = 900;
/// How long failures are remembered: well beyond the longest wait, after which the next try must not be the first again.
const MEMORY_SECONDS: i64 = 3_600;
/// The wait after failures from everywhere.
const WAIT_EVERYWHERE_SECONDS: i64 = 60;
/// Accounts and addresses remembered before the quiet ones are forgotten.
const MANY: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

type Key = (String, Option<String>);

/// The failures of the last hour.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<HashMap<Key, Failures>>);

impl Throttle {
    /// How many seconds this account has to wait, tried from this address; nothing when it need not.
    pub(crate) fn wait_seconds(&self, account: &str, address: &str, now: Instant) -> Option<u64> {
        let failures = self.failures();
        let left = |key: &Key| {
            let found = failures.get(key)?;
            let wait = wait_after(found.count, key.1.is_some());
            let until = found.last.plus_seconds(wait);
            u64::try_from(until.0 - now.0).ok().filter(|left| *left > 0).map(|left| left.div_ceil(1_000_000))
        };
        let [own, everywhere] = keys(account, address);
        left(&own).max(left(&everywhere))
    }

    /// Notes a failure.
    pub(crate) fn failed(&self, account: &str, address: &str, now: Instant) {
        let mut failures = self.failures();
        let over = |found: &Failures| found.last.plus_seconds(MEMORY_SECONDS) <= now;
        if failures.len() > MANY {
            failures.retain(|_, found| !over(found));
        }
        for key in keys(account, address) {
            let found = failures.entry(key).or_insert(Failures { count: 0, last: now });
            if over(found) {
                found.count = 0;
            }
            *found = Failures { count: found.count.saturating_add(1), last: now };
        }
    }

    /// Forgets the failures of an account at this address: its owner is in.
    pub(crate) fn succeeded(&self, account: &str, address: &str) {
        let [own, _] = keys(account, address);
        self.failures().remove(&own);
    }

    fn failures(&self) -> MutexGuard<'_, HashMap<Key, Failures>> {
        // Whoever panicked left whole numbers behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keys(account: &str, address: &str) -> [Key; 2] {
    // The longest address there can be; a longer text is nobody's account and need not be kept.
    let account: String = account.chars().take(254).collect();
    [(account.clone(), Some(address.to_owned())), (account, None)]
}

fn wait_after(count: u32, one_address: bool) -> i64 {
    match one_address {
        true if count < FREE => 0,
        true => FIRST_WAIT_SECONDS.saturating_mul(1 << (count - FREE).min(10)).min(LONGEST_WAIT_SECONDS),
        false if count < FREE_EVERYWHERE => 0,
        false => WAIT_EVERYWHERE_SECONDS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant(0).plus_seconds(seconds)
    }

    #[test]
    fn waits_grow_to_a_quarter_of_an_hour_and_are_forgotten() {
        let throttle = Throttle::default();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..12 {
            throttle.failed("ada", "a", at(now));
            let wait = throttle.wait_seconds("ada", "a", at(now)).unwrap_or(0);
            waits.push(wait);
            now += i64::try_from(wait).unwrap();
        }
        assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(throttle.wait_seconds("ada", "b", at(now)), None, "she gets in from her own desk");
        assert_eq!(throttle.wait_seconds("ben", "a", at(now)), None);
        throttle.failed("ada", "a", at(now + 3_600));
        assert_eq!(throttle.wait_seconds("ada", "a", at(now + 3_600)), None, "after a quiet hour the count begins again");
    }

    #[test]
    fn guesses_from_everywhere_wait_a_minute_and_never_longer() {
        let throttle = Throttle::default();
        for guess in 0..200 {
            throttle.failed("ada", &format!("address {guess}"), at(0));
        }
        assert_eq!(throttle.wait_seconds("ada", "her desk", at(0)), Some(60));
        assert_eq!(throttle.wait_seconds("ada", "her desk", at(60)), None);
    }

    #[test]
    fn getting_in_forgets_the_failures_before() {
        let throttle = Throttle::default();
        for _ in 0..6 {
            throttle.failed("ada", "a", at(0));
        }
        assert_eq!(throttle.wait_seconds("ada", "a", at(0)), Some(60));
        throttle.succeeded("ada", "a");
        assert_eq!(throttle.wait_seconds("ada", "a", at(0)), None);
    }
}
