//! Ends of 95 % intervals.

/// The normal quantile of 97.5 %.
const Z: f64 = 1.959_963_984_540_054;

/// The quantile of 97.5 % of Student's distribution with so many degrees of freedom, at least 4 (Abramowitz and Stegun
/// 26.7.5; off by less than 0.01 from 4 on).
pub(super) fn student(freedom: f64) -> f64 {
    let z = |power| Z.powi(power);
    let first = (z(3) + Z) / 4.0;
    let second = (5.0 * z(5) + 16.0 * z(3) + 3.0 * Z) / 96.0;
    let third = (3.0 * z(7) + 19.0 * z(5) + 17.0 * z(3) - 15.0 * Z) / 384.0;
    Z + first / freedom + second / freedom.powi(2) + third / freedom.powi(3)
}

/// The chance that a normal value lies below `-distance` (Abramowitz and Stegun 26.2.17; off by less than 1e-7).
pub(super) fn tail(distance: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * distance);
    let terms = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let sum = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * t);
    (-distance * distance / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * sum
}

/// The places of the ends of an interval among so many sorted resamples: a share of `tail` lies outside on each side, and
/// rather less than more.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place of a few thousand"
)]
pub(super) fn ends(resamples: usize, tail: f64) -> (usize, usize) {
    let outside = ((resamples as f64) * tail).floor() as usize;
    let low = outside.saturating_sub(1).min(resamples / 2);
    (low, resamples - 1 - low)
}

/// The median of values, the mean of the two middle ones of an even number; `None`: no values, or one that is no number.
#[must_use]
pub fn median_of(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    let is_even = sorted.len().is_multiple_of(2);
    let median = if is_even { f64::midpoint(sorted[middle - 1], upper) } else { upper };
    median.is_finite().then_some(median)
}

/// The 95 % interval of the median of independent values, between two of them: the count of values below the true median is
/// binomial, whatever they are distributed like, so that the interval covers it in at least 95 of 100 (David and Nagaraja:
/// Order Statistics, 7.1). `None`: fewer than six values, of which no two are far enough apart.
#[must_use]
pub fn median_interval(values: &[f64]) -> Option<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let outside = outside(sorted.len())?;
    Some((sorted[outside], sorted[last - outside]))
}

/// How many values may be left out at each end; `None`: not even none.
#[expect(clippy::cast_precision_loss, reason = "numbers of people")]
fn outside(many: usize) -> Option<usize> {
    // The chance of at most `k` heads, from its logarithm: half to the power of thousands is no number.
    let (mut log_part, mut sum) = (-(many as f64) * std::f64::consts::LN_2, 0.0);
    let mut outside = None;
    for heads in 0..many / 2 {
        sum += log_part.exp();
        if sum > 0.025 {
            break;
        }
        outside = Some(heads);
        log_part += (((many - heads) as f64) / ((heads + 1) as f64)).ln();
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (freedom, expected) in [(4.0, 2.776), (5.0, 2.571), (10.0, 2.228), (30.0, 2.042), (1e6, 1.960)] {
            assert!((student(freedom) - expected).abs() < 0.01, "{freedom}: {}", student(freedom));
        }
        for (distance, expected) in [(0.0, 0.5), (1.0, 0.158_655), (1.96, 0.024_998), (2.776, 0.002_752), (4.0, 0.000_031_67)] {
            assert!((tail(distance) - expected).abs() < 1e-6, "{distance}: {}", tail(distance));
        }
    }

    #[test]
    fn ends_leave_out_no_more_than_they_may() {
        assert_eq!(ends(2_000, 0.025), (49, 1_950));
        assert_eq!(ends(1_000, 0.000_1), (0, 999));
    }

    #[test]
    fn the_interval_of_a_median_has_the_places_of_the_tables() {
        let values = |many: i32| (0..many).map(f64::from).collect::<Vec<f64>>();
        assert_eq!(median_interval(&values(5)), None);
        assert_eq!(median_interval(&values(6)), Some((0.0, 5.0)));
        assert_eq!(median_interval(&values(10)), Some((1.0, 8.0)));
        assert_eq!(median_interval(&values(25)), Some((7.0, 17.0)));
        let (low, high) = median_interval(&values(5_000)).unwrap();
        assert!((low - 2_430.0).abs() < 2.0 && (high - 2_569.0).abs() < 2.0, "{low} {high}");
        assert_eq!(median_of(&values(4)), Some(1.5));
        assert_eq!(median_of(&[]), None);
    }
}
