//! Two groups of people by the values of their pull requests: the difference of the medians and how sure it is.

use super::interval::{ends, student, tail};
use super::medians::{Owned, medians};
use super::resample::{MOST_GROUPS, Resampler};
use crate::SubjectId;

/// Fewer pull requests on a side are not enough.
pub const LEAST_VALUES: usize = 10;
/// Fewer people on a side are not enough.
pub const LEAST_PEOPLE: usize = 5;

/// The two groups: people and a value of each of their pull requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sides {
    /// Those who use AI tools.
    pub with: Vec<(SubjectId, i64)>,
    /// Those who do not.
    pub without: Vec<(SubjectId, i64)>,
}

/// One group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// The median of all its values; `None`: it has none.
    pub median: Option<i64>,
    /// Its values.
    pub values: usize,
    /// Its people.
    pub people: usize,
}

/// A difference with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The median of those with less that of those without.
    pub median: i64,
    /// The lower end of the interval.
    pub low: i64,
    /// The upper end.
    pub high: i64,
}

impl Difference {
    /// Whether the interval holds no difference at all.
    #[must_use]
    pub fn may_be_none(&self) -> bool {
        self.low <= 0 && self.high >= 0
    }
}

/// Two groups beside one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// Those who use AI tools.
    pub with: Side,
    /// Those who do not.
    pub without: Side,
    /// How they differ; `None`: not enough data.
    pub difference: Option<Difference>,
}

impl Sides {
    /// Compares them.
    ///
    /// The interval is a percentile bootstrap in which people are drawn, each with all their pull requests, because those of
    /// one person resemble one another (Field and Welsh: Bootstrapping clustered data, Journal of the Royal Statistical
    /// Society B 69, 2007). Plain percentiles are too narrow for few people. Two corrections by Hesterberg (What Teachers
    /// Should Know About the Bootstrap, The American Statistician 69, 2015, "expanded percentile interval"): one person
    /// fewer is drawn than there are, and the percentiles are those at which a normal value is as far out as 95 % of
    /// Student's distribution reach. Its degrees of freedom are Welch's and Satterthwaite's, of the two groups' spreads.
    #[must_use]
    pub fn compare(&self, resampler: &mut Resampler) -> Comparison {
        let (with, without) = (Group::of(&self.with), Group::of(&self.without));
        let is_enough = with.is_enough() && without.is_enough();
        Comparison {
            with: with.side(),
            without: without.side(),
            difference: if is_enough { difference(&with, &without, resampler) } else { None },
        }
    }
}

/// A side with its values sorted and its people numbered.
struct Group {
    /// Each with its person, or with the group of people that are drawn together.
    values: Vec<Owned>,
    people: usize,
}

impl Group {
    fn of(given: &[(SubjectId, i64)]) -> Self {
        // By the subject's number, because everyone is looked up.
        let most = given.iter().map(|(subject, _)| subject.0 as usize + 1).max().unwrap_or(0);
        let mut rows: Vec<Option<u32>> = vec![None; most];
        for (subject, _) in given {
            rows[subject.0 as usize] = Some(0);
        }
        let mut people = 0;
        for row in rows.iter_mut().flatten() {
            *row = u32::try_from(people % MOST_GROUPS).unwrap_or(0);
            people += 1;
        }
        let row = |subject: SubjectId| rows[subject.0 as usize].unwrap_or(0);
        let mut values: Vec<Owned> = given.iter().map(|(subject, value)| (*value, row(*subject))).collect();
        values.sort_unstable();
        Self { values, people }
    }

    /// How many are drawn apart from one another.
    fn drawn(&self) -> usize {
        self.people.min(MOST_GROUPS)
    }

    fn is_enough(&self) -> bool {
        self.values.len() >= LEAST_VALUES && self.people >= LEAST_PEOPLE
    }

    /// Nearest rank.
    fn median(&self) -> Option<i64> {
        self.values.get(self.values.len().div_ceil(2).checked_sub(1)?).map(|(value, _)| *value)
    }

    fn side(&self) -> Side {
        Side { median: self.median(), values: self.values.len(), people: self.people }
    }

    fn medians(&self, side: u8, resampler: &mut Resampler) -> Vec<Option<i64>> {
        medians(&self.values, self.drawn(), &resampler.side(side, self.drawn()))
    }
}

fn difference(with: &Group, without: &Group, resampler: &mut Resampler) -> Option<Difference> {
    let (of_with, of_without) = (with.medians(0, resampler), without.medians(1, resampler));
    let freedom = freedom((&of_with, with.drawn()), (&of_without, without.drawn()));
    let drawn = of_with.iter().zip(&of_without);
    let mut differences: Vec<i64> = drawn.filter_map(|(with, without)| Some((*with)? - (*without)?)).collect();
    differences.sort_unstable();
    let (low, high) = ends(differences.len().max(1), tail(student(freedom)));
    let median = with.median()? - without.median()?;
    Some(Difference { median, low: *differences.get(low)?, high: *differences.get(high)? })
}

/// Degrees of freedom of a difference of two values whose spreads are only known from so many people each.
#[expect(clippy::cast_precision_loss, reason = "numbers of people")]
fn freedom(one: (&[Option<i64>], usize), two: (&[Option<i64>], usize)) -> f64 {
    let (first, second) = (spread(one.0), spread(two.0));
    let (fewer_first, fewer_second) = ((one.1 - 1) as f64, (two.1 - 1) as f64);
    let below = first * first / fewer_first + second * second / fewer_second;
    if below > 0.0 { (first + second).powi(2) / below } else { fewer_first.min(fewer_second) }
}

/// The mean square of the distances from the mean.
#[expect(clippy::cast_precision_loss, reason = "seconds and lines, far below 2^52")]
fn spread(values: &[Option<i64>]) -> f64 {
    let known = || values.iter().flatten().map(|value| *value as f64);
    let many = known().count().max(1) as f64;
    let mean = known().sum::<f64>() / many;
    known().map(|value| (value - mean).powi(2)).sum::<f64>() / many
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_side(people: std::ops::Range<u32>) -> impl Strategy<Value = Vec<(SubjectId, i64)>> {
        prop::collection::vec((people.prop_map(SubjectId), 0i64..100_000), 0..120)
    }

    fn moved(side: &[(SubjectId, i64)], by: impl Fn(i64) -> i64) -> Vec<(SubjectId, i64)> {
        side.iter().map(|(subject, value)| (*subject, by(*value))).collect()
    }

    fn compare(with: &[(SubjectId, i64)], without: &[(SubjectId, i64)]) -> Comparison {
        Sides { with: with.to_vec(), without: without.to_vec() }.compare(&mut Resampler::new(11))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn below_the_minimum_there_is_never_a_difference(with in any_side(0..9), without in any_side(20..29)) {
            let comparison = compare(&with, &without);
            let enough = |side: Side| side.values >= 10 && side.people >= 5;
            prop_assert_eq!(comparison.difference.is_some(), enough(comparison.with) && enough(comparison.without));
        }

        #[test]
        fn moving_one_side_moves_the_interval_and_scaling_both_scales_it(
            with in any_side(0..12), without in any_side(20..32), by in -5_000i64..5_000, times in 1i64..9,
        ) {
            let plain = compare(&with, &without);
            let Some(Difference { median, low, high }) = plain.difference else { return Ok(()) };
            prop_assert!(low <= high);
            let shifted = compare(&moved(&with, |value| value + by), &without).difference;
            prop_assert_eq!(shifted, Some(Difference { median: median + by, low: low + by, high: high + by }));
            let scale = |value| value * times;
            let scaled = compare(&moved(&with, scale), &moved(&without, scale)).difference;
            prop_assert_eq!(scaled, Some(Difference { median: median * times, low: low * times, high: high * times }));
        }

        #[test]
        fn equal_groups_do_not_differ(with in any_side(0..12)) {
            let others: Vec<_> = with.iter().map(|(subject, value)| (SubjectId(subject.0 + 100), *value)).collect();
            if let Some(difference) = compare(&with, &others).difference {
                prop_assert_eq!(difference.median, 0);
                prop_assert!(difference.may_be_none());
            }
        }

        #[test]
        fn the_order_of_the_values_does_not_matter(mut with in any_side(0..12), without in any_side(20..32)) {
            let plain = compare(&with, &without);
            with.reverse();
            prop_assert_eq!(compare(&with, &without), plain);
        }
    }

    #[test]
    fn a_large_difference_is_seen_and_its_interval_lies_around_it() {
        let side = |from: u32, base: i64| -> Vec<(SubjectId, i64)> {
            (0..300).map(|at| (SubjectId(from + at % 30), base + i64::from(at * 37 % 101) * 10)).collect()
        };
        let difference = compare(&side(0, 10_000), &side(100, 20_000)).difference.unwrap();
        assert!(difference.low <= -10_000 && difference.high >= -10_000 && !difference.may_be_none(), "{difference:?}");
        assert!(difference.high - difference.low < 1_000, "{difference:?}");
    }
}
