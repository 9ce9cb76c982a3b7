//! Chance that is the same on every machine: whole numbers only, no floating point, no platform library.

/// A small generator (`SplitMix64`) for one person on one day. The seeds it starts from are drawn by `ChaCha` once per
/// person; starting a `ChaCha` for each person and day was the slowest part of a day.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice that always fall the same way for the same parts.
    pub(crate) fn new(parts: &[u64]) -> Self {
        let mut dice = Self(0x9e37_79b9_7f4a_7c15);
        for part in parts {
            dice.0 ^= *part;
            dice.0 = dice.next();
        }
        dice
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 up to but without `n`; 0 where there is no choice.
    pub(crate) fn below(&mut self, n: i64) -> i64 {
        let drawn = (self.next() >> 1).cast_signed();
        if n < 1 { 0 } else { drawn % n }
    }

    /// Both ends included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high - low + 1)
    }

    /// True so many times in a thousand.
    pub(crate) fn hit(&mut self, per_mille: i64) -> bool {
        self.below(1_000) < per_mille
    }

    /// 0 to twice the mean, values near the mean more often.
    pub(crate) fn around(&mut self, mean: i64) -> i64 {
        self.below(mean + 1) + self.below(mean + 1)
    }

    /// About so many thousandths of the whole, never more than the whole.
    pub(crate) fn part(&mut self, whole: i64, per_mille: i64) -> i64 {
        let wobble = self.between(800, 1_200);
        let exact = whole * per_mille * wobble;
        let rounded_by_chance = (exact + self.below(1_000_000)) / 1_000_000;
        rounded_by_chance.clamp(0, whole)
    }

    /// One of them.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let length = i64::try_from(from.len()).unwrap_or(i64::MAX);
        from[usize::try_from(self.below(length)).unwrap_or(0)]
    }
}

/// So many thousandths, rounded down.
pub(crate) fn per_mille(of: i64, share: i64) -> i64 {
    of * share / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_fall_the_same_way_for_the_same_parts_only() {
        let draw = |parts: &[u64]| (0..8).scan(Dice::new(parts), |dice, _| Some(dice.next())).collect::<Vec<_>>();
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
    }

    #[test]
    fn draws_stay_in_their_bounds() {
        let mut dice = Dice::new(&[7]);
        for _ in 0..2_000 {
            assert!((3..=5).contains(&dice.between(3, 5)));
            assert!((0..=20).contains(&dice.around(10)));
            assert!((0..=9).contains(&dice.part(9, 900)));
        }
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.part(0, 500), 0);
    }
}
