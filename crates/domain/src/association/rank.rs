//! Rank correlation of values that follow one another in time.

use super::interval::ends;
use super::resample::Random;

/// Fewer points are not enough.
pub const LEAST_WEEKS: usize = 12;
const RESAMPLES: usize = 1_000;
/// Weeks that are drawn together.
const BLOCK: usize = 4;

/// Spearman's coefficient with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankCorrelation {
    /// Between -1 and 1.
    pub rho: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// How many points.
    pub points: usize,
}

/// The rank correlation of pairs in the order of time; `None`: fewer than [`LEAST_WEEKS`], or values that are all alike.
///
/// Weeks resemble those around them, so that the interval is a bootstrap in which runs of four weeks are drawn (Künsch: The
/// jackknife and the bootstrap for general stationary observations, Annals of Statistics 17, 1989; in a circle: Politis and
/// Romano, 1992).
#[must_use]
pub fn spearman(pairs: &[(f64, f64)], seed: u64) -> Option<RankCorrelation> {
    if pairs.len() < LEAST_WEEKS {
        return None;
    }
    let places = (places(pairs.iter().map(|pair| pair.0)), places(pairs.iter().map(|pair| pair.1)));
    let pairs: Vec<Pair> = places.0.into_iter().zip(places.1).collect();
    let rho = correlation(&pairs)?;
    let mut random = Random::new(seed ^ pairs.len() as u64);
    let mut drawn: Vec<f64> = Vec::with_capacity(RESAMPLES);
    let mut resample: Vec<Pair> = Vec::with_capacity(pairs.len() + BLOCK);
    for _ in 0..RESAMPLES {
        resample.clear();
        while resample.len() < pairs.len() {
            let from = random.below(pairs.len());
            resample.extend((from..from + BLOCK).map(|at| pairs[at % pairs.len()]));
        }
        resample.truncate(pairs.len());
        drawn.extend(correlation(&resample));
    }
    drawn.sort_unstable_by(f64::total_cmp);
    let (low, high) = ends(drawn.len().max(1), 0.025);
    Some(RankCorrelation { rho, low: *drawn.get(low)?, high: *drawn.get(high)?, points: pairs.len() })
}

/// Two values of one point, each as its place among all different values: only their order matters.
type Pair = (usize, usize);

/// The place of each value among the different ones, ascending.
fn places(values: impl Iterator<Item = f64>) -> Vec<usize> {
    let values: Vec<f64> = values.collect();
    let mut different = values.clone();
    different.sort_unstable_by(f64::total_cmp);
    different.dedup_by(|one, two| one.total_cmp(two).is_eq());
    values.iter().map(|value| different.partition_point(|other| other.total_cmp(value).is_lt())).collect()
}

/// Spearman's coefficient: Pearson's of the ranks, equals having the mean of theirs. `None` where one of the two has one
/// value only.
fn correlation(pairs: &[Pair]) -> Option<f64> {
    let one = ranks(pairs.iter().map(|pair| pair.0));
    let two = ranks(pairs.iter().map(|pair| pair.1));
    #[expect(clippy::cast_precision_loss, reason = "numbers of weeks")]
    let mean = f64::midpoint(pairs.len() as f64, 1.0);
    let (mut together, mut first, mut second) = (0.0, 0.0, 0.0);
    for (at_one, at_two) in pairs {
        let (one, two) = (one[*at_one], two[*at_two]);
        together += (one - mean) * (two - mean);
        first += (one - mean).powi(2);
        second += (two - mean).powi(2);
    }
    let below = (first * second).sqrt();
    (below > 0.0).then(|| (together / below).clamp(-1.0, 1.0))
}

/// The rank that each place has among these: how many are below it, and the middle of those at it.
#[expect(clippy::cast_precision_loss, reason = "numbers of weeks")]
fn ranks(places: impl Iterator<Item = usize> + Clone) -> Vec<f64> {
    let mut alike = vec![0usize; places.clone().max().map_or(0, |most| most + 1)];
    places.for_each(|place| alike[place] += 1);
    let mut below = 0;
    let rank = |alike: usize| {
        let rank = (2 * below + alike + 1) as f64 / 2.0;
        below += alike;
        rank
    };
    alike.into_iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equals_share_their_rank() {
        let places = places([3.0, 1.0, 3.0, 2.0].into_iter());
        assert_eq!(places, [2, 0, 2, 1]);
        assert_eq!(ranks(places.into_iter()), [1.0, 2.0, 3.5]);
    }

    #[test]
    fn few_weeks_and_values_that_do_not_move_give_nothing() {
        let pairs: Vec<(f64, f64)> = (0..11).map(|at| (f64::from(at), f64::from(at))).collect();
        assert_eq!(spearman(&pairs, 1), None);
        assert_eq!(spearman(&[(1.0, 2.0); 20], 1), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]

        #[test]
        fn only_the_order_of_the_values_matters(values in prop::collection::vec((-20i32..20, -20i32..20), 12..30)) {
            let pairs = |by: fn(f64) -> f64| {
                values.iter().map(|(x, y)| (by(f64::from(*x)), f64::from(*y))).collect::<Vec<_>>()
            };
            let (plain, bent) = (spearman(&pairs(|x| x), 5), spearman(&pairs(|x| x.powi(3) + x), 5));
            prop_assert_eq!(plain, bent);
            let turned = spearman(&pairs(|x| -x), 5);
            prop_assert_eq!(plain.is_some(), turned.is_some());
            if let (Some(plain), Some(turned)) = (plain, turned) {
                prop_assert!((-1.0..=1.0).contains(&plain.rho) && plain.low <= plain.high);
                prop_assert!((plain.rho + turned.rho).abs() < 1e-9);
            }
        }
    }
}
