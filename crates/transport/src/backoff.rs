//! The delays between tries.

use crate::Policy;
use backon::{BackoffBuilder, ExponentialBuilder};
use std::time::Duration;

/// One delay for each retry the policy allows. The n-th is half to all of `min(max_delay, base_delay * 2^n)`.
///
/// backon adds up to the whole delay as jitter on top of it, beyond the cap; it is given halves, so that the cap holds.
pub(crate) fn delays(policy: &Policy) -> impl Iterator<Item = Duration> + Send + use<> {
    let mut builder = ExponentialBuilder::new()
        .with_min_delay(policy.base_delay.min(policy.max_delay) / 2)
        .with_max_delay(policy.max_delay / 2)
        .with_factor(2.0)
        .with_max_times(usize::try_from(policy.retries).unwrap_or(usize::MAX))
        .with_jitter();
    if let Some(seed) = policy.jitter_seed {
        builder = builder.with_jitter_seed(seed);
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_delay_is_half_to_all_of_the_doubled_base_and_never_above_the_cap(
            base_ms in 1u64..5_000, cap_ms in 1u64..60_000, retries in 0u32..12, seed: u64,
        ) {
            let policy = Policy {
                base_delay: Duration::from_millis(base_ms), max_delay: Duration::from_millis(cap_ms), retries,
                jitter_seed: Some(seed), ..Policy::default()
            };
            let all: Vec<Duration> = delays(&policy).collect();
            prop_assert_eq!(all.len(), retries as usize);
            for (n, delay) in all.into_iter().enumerate() {
                let whole = Duration::from_millis((base_ms << n).min(cap_ms)).as_secs_f64();
                let delay = delay.as_secs_f64();
                // backon counts in f32.
                prop_assert!(delay >= whole / 2.0 * 0.999_99 && delay <= whole * 1.000_01, "retry {}: {} of {}", n, delay, whole);
            }
        }
    }

    #[test]
    fn delays_differ_from_send_to_send() {
        let first: Vec<Duration> = delays(&Policy::default()).collect();
        assert!((0..20).any(|_| delays(&Policy::default()).collect::<Vec<_>>() != first));
    }
}
