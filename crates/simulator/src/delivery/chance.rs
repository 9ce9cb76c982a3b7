//! Durations and sizes by chance, with whole numbers only: the logarithm is drawn from a bell that is symmetric around
//! zero, so the median of what comes out is exactly the one given.

use crate::dice::Dice;

/// 2 to the power of 1/2, 1/4, 1/8 and so on, in 32 binary places.
const POWERS: [u64; 16] = [
    6_074_001_000,
    5_107_605_667,
    4_683_695_048,
    4_485_121_744,
    4_389_014_833,
    4_341_736_423,
    4_318_288_544,
    4_306_612_134,
    4_300_785_774,
    4_297_875_550,
    4_296_421_177,
    4_295_694_175,
    4_295_330_720,
    4_295_149_004,
    4_295_058_149,
    4_295_012_722,
];
const ONE: u64 = 1 << 32;

/// About a standard normal draw, in 16 binary places: the sum of twelve even draws less its mean.
pub(super) fn bell(dice: &mut Dice) -> i64 {
    let mut sum = 0;
    for _ in 0..3 {
        let drawn = dice.next();
        sum += (0..4).map(|part| (drawn >> (16 * part)) & 0xffff).sum::<u64>();
    }
    // Twelve times the mean of an even draw from 0 to 65,535.
    sum.cast_signed() - 393_210
}

/// The binary logarithm, in 16 binary places, that a draw has where the natural one deviates by so many thousandths.
pub(super) fn deviation(bell: i64, sigma_permille: u32) -> i64 {
    // 94,548 is 65,536 divided by the natural logarithm of 2.
    i64::try_from(i128::from(bell) * i128::from(sigma_permille) * 94_548 / 65_536_000).unwrap_or(i64::MAX)
}

/// The median times 2 to that power.
pub(super) fn spread(median: i64, log2: i64) -> i64 {
    let (whole, mut part) = (log2 >> 16, log2 & 0xffff);
    let mut factor = ONE;
    for power in POWERS {
        part <<= 1;
        if part & 0x1_0000 != 0 {
            factor = u64::try_from((u128::from(factor) * u128::from(power)) >> 32).unwrap_or(u64::MAX);
        }
    }
    let scaled = i128::from(median) * i128::from(factor);
    let shift = 32 - whole.clamp(-62, 30);
    i64::try_from(scaled >> shift).unwrap_or(i64::MAX)
}

/// A log-normal draw around that median.
pub(super) fn around(median: i64, sigma_permille: u32, dice: &mut Dice) -> i64 {
    spread(median, deviation(bell(dice), sigma_permille))
}

/// Forty hexadecimal digits, as a commit's id has.
pub(super) fn commit_id(parts: &[u64]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut dice = Dice::new(parts);
    let mut id = String::with_capacity(40);
    for digits in [16, 16, 8] {
        let mut drawn = dice.next();
        for _ in 0..digits {
            id.push(char::from(DIGITS[usize::try_from(drawn & 15).unwrap_or(0)]));
            drawn >>= 4;
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_are_what_they_are() {
        assert_eq!(spread(1_000, 0), 1_000);
        assert_eq!(spread(1_000, 65_536), 2_000);
        assert_eq!(spread(1_000, -65_536), 500);
        assert_eq!(spread(1_000_000, 32_768), 1_414_213);
        assert_eq!(spread(72_000, 3 * 65_536 + 16_384), 684_983);
    }

    #[test]
    fn half_of_the_draws_lie_on_either_side_and_two_thirds_near() {
        let mut dice = Dice::new(&[3]);
        let draws: Vec<i64> = (0..40_000).map(|_| bell(&mut dice)).collect();
        let share = |of: &dyn Fn(i64) -> bool| draws.iter().filter(|draw| of(**draw)).count() * 1_000 / draws.len();
        assert!((490..510).contains(&share(&|draw| draw < 0)));
        assert!((673..693).contains(&share(&|draw| draw.abs() < 65_536)));
    }

    #[test]
    fn the_median_is_the_one_given() {
        let mut dice = Dice::new(&[5]);
        let below = (0..40_000).filter(|_| around(72_000, 950, &mut dice) < 72_000).count();
        assert!((19_600..20_400).contains(&below), "{below}");
    }
}
