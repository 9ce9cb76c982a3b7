//! Money is whole micro-dollars; each vendor's unit is converted once, by its reader.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount of US dollars in micro-dollars (1 dollar = 1,000,000).
///
/// ```
/// use tacho_domain::Money;
/// assert_eq!(Money::from_cents(141.125).unwrap().to_string(), "$1.41");
/// assert_eq!(Money::from_cents(141.125).unwrap(), Money(1_411_250));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(pub i64);

impl Money {
    /// From cents, which vendors give with fractions. `None` for what is not finite or beyond nine trillion dollars.
    #[must_use]
    pub fn from_cents(cents: f64) -> Option<Self> {
        micros(cents, 10_000.0).map(Self)
    }

    /// From dollars. `None` as in [`Money::from_cents`].
    #[must_use]
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        micros(dollars, 1_000_000.0).map(Self)
    }

    /// The amount in dollars, for charts and ratios; not for adding up.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at, never one to add")]
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1_000_000.0
    }
}

/// A quantity with a fraction as whole millionths of its unit, rounded half away from zero.
#[must_use]
pub fn micros(amount: f64, per_unit: f64) -> Option<i64> {
    let scaled = (amount * per_unit).round();
    // 2^63 is exact as a float; anything at or beyond it has no i64.
    #[expect(clippy::cast_possible_truncation, reason = "the range was just checked")]
    (scaled.is_finite() && scaled.abs() < 9_223_372_036_854_775_808.0).then_some(scaled as i64)
}

impl fmt::Display for Money {
    /// Dollars and cents with thousands separated: `$12,345.68`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = (self.0.unsigned_abs() + 5_000) / 10_000;
        let sign = if self.0 < 0 && cents > 0 { "-" } else { "" };
        write!(f, "{sign}${}.{:02}", group(cents / 100), cents % 100)
    }
}

/// A whole number with its thousands separated by commas.
#[must_use]
pub fn group(number: impl TryInto<i128>) -> String {
    // Every whole number that is counted anywhere fits.
    let number = number.try_into().unwrap_or(i128::MAX);
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(1 + digits.len() + digits.len() / 3);
    if number < 0 {
        text.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn thousands_are_separated_whatever_kind_of_number_it_is() {
        assert_eq!([group(0_u32), group(999_usize), group(1_000_i64), group(-26_463_i64)], ["0", "999", "1,000", "-26,463"]);
        assert_eq!([group(u64::MAX), group(i64::MIN)], ["18,446,744,073,709,551,615", "-9,223,372,036,854,775,808"]);
    }

    #[test]
    fn vendor_units_become_micro_dollars() {
        assert_eq!(Money::from_cents(21.362_32), Some(Money(213_623)));
        assert_eq!(Money::from_dollars(-0.04), Some(Money(-40_000)));
        assert_eq!(Money::from_cents(f64::NAN), None);
        assert_eq!(Money::from_cents(1e300), None);
        assert_eq!(Money(1_234_567_890_000).to_string(), "$1,234,567.89");
        assert_eq!(Money(-4_000).to_string(), "$0.00");
    }

    proptest! {
        #[test]
        fn whole_cents_survive(cents in -1_000_000_000i32..1_000_000_000) {
            prop_assert_eq!(Money::from_cents(f64::from(cents)), Some(Money(i64::from(cents) * 10_000)));
        }
    }
}
