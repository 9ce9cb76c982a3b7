//! Which people are drawn how often, resample by resample.

use std::collections::HashMap;
use std::sync::Arc;

/// Resamples.
const RESAMPLES: usize = 1_200;
/// Of more people than this several are drawn together: the spread is known well enough from so many groups (Wolter:
/// Introduction to Variance Estimation, 2nd edition 2007, chapter 2, "random groups").
pub(super) const MOST_GROUPS: usize = 400;

/// How often each person or group is drawn: a row for each of them, a column for each resample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Weights {
    resamples: usize,
    counts: Vec<u8>,
}

impl Weights {
    pub(super) fn resamples(&self) -> usize {
        self.resamples
    }

    /// How often one is drawn in each resample.
    #[inline]
    pub(super) fn of(&self, row: usize) -> &[u8] {
        &self.counts[row * self.resamples..(row + 1) * self.resamples]
    }
}

/// Draws people for the comparisons of one report. Each side draws for itself; what was drawn for as many people is used
/// again in the next comparison.
#[derive(Debug, Clone)]
pub struct Resampler {
    seed: u64,
    drawn: HashMap<(u8, usize), Arc<Weights>>,
}

impl Resampler {
    /// From a number that the question gives: never the time of day.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: HashMap::new() }
    }

    /// Rows for one of two sides, which are independent of the other's.
    pub(super) fn side(&mut self, side: u8, people: usize) -> Arc<Weights> {
        let seed = self.seed ^ ((u64::from(side) << 32) | people as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.drawn.entry((side, people)).or_insert_with(|| Arc::new(draw(&mut Random::new(seed), people))).clone()
    }
}

/// Draws one person fewer than there are, with replacement, in each resample: with as many as there are the spread of few
/// people would come out too small by one part in their number. Hesterberg: Unbiasing the Bootstrap (Proceedings of the
/// Section on Statistics and the Environment, ASA, 2004).
fn draw(random: &mut Random, people: usize) -> Weights {
    let mut counts = vec![0u8; people * RESAMPLES];
    for resample in 0..RESAMPLES {
        for _ in 1..people.max(2) {
            let at = random.below(people) * RESAMPLES + resample;
            counts[at] = counts[at].saturating_add(1);
        }
    }
    Weights { resamples: RESAMPLES, counts }
}

/// `SplitMix64`: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (OOPSLA 2014).
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    #[inline]
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `many`: by multiplication, the bias of which is far below one in a million here.
    #[inline]
    pub(super) fn below(&mut self, many: usize) -> usize {
        let part = (u128::from(self.next()) * many as u128) >> 64;
        usize::try_from(part).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_resample_draws_one_fewer_than_there_are_and_everybody_alike() {
        for people in [9, 200] {
            let weights = Resampler::new(7).side(0, people);
            for resample in 0..weights.resamples() {
                let drawn: usize = (0..people).map(|person| usize::from(weights.of(person)[resample])).sum();
                assert_eq!(drawn, people - 1);
            }
            for person in 0..people {
                let drawn: usize = weights.of(person).iter().map(|count| usize::from(*count)).sum();
                let expected = weights.resamples() * (people - 1) / people;
                assert!(drawn.abs_diff(expected) < 200, "{drawn} of {expected}");
            }
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_and_the_other_side_or_another_seed_does_not() {
        let rows = |seed, side| Resampler::new(seed).side(side, 20);
        assert_eq!(rows(1, 0), rows(1, 0));
        assert_ne!(rows(1, 0), rows(1, 1));
        assert_ne!(rows(1, 0), rows(2, 0));
    }
}
