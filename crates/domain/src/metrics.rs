//! The formulas of the figures, one definition each. Ratios are ratios of sums; what is not known stays unknown.

use crate::{AcceptanceRule, Measures, SubjectId};
use fixedbitset::FixedBitSet;

/// A share of a whole; `None` when either is not said or the whole is nothing.
///
/// ```
/// use tacho_domain::metrics::ratio;
/// assert_eq!(ratio(Some(1), Some(4)), Some(0.25));
/// assert_eq!(ratio(Some(0), Some(0)), None);
/// assert_eq!(ratio(None, Some(4)), None);
/// ```
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub fn ratio(part: Option<i64>, whole: Option<i64>) -> Option<f64> {
    match (part, whole) {
        (Some(part), Some(whole)) if whole != 0 => Some(part as f64 / whole as f64),
        _ => None,
    }
}

/// An acceptance rate over whatever `sums` covers (METRICS: "Acceptance").
///
/// A rule whose denominator counts several measures needs at least one of them; an offered-only tool has rate 0.
#[must_use]
pub fn acceptance(rule: &AcceptanceRule, sums: &Measures) -> Option<f64> {
    let offered = sums.sum(rule.offered)?;
    ratio(Some(sums.sum(rule.accepted).unwrap_or(0)), Some(offered))
}

/// The change from the period before, as a share of it; `None` where there is nothing to compare with.
#[must_use]
pub fn change(now: Option<f64>, before: Option<f64>) -> Option<f64> {
    match (now, before) {
        (Some(now), Some(before)) if before.abs() > f64::EPSILON => Some((now - before) / before.abs()),
        _ => None,
    }
}

/// How much of the time someone with a seat was active (METRICS: "active-day rate").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cohort {
    /// Not once.
    None,
    /// Up to a quarter of the working days.
    Light,
    /// Up to three fifths.
    Moderate,
    /// More.
    Heavy,
}

/// The cohort for a number of active days among working days; no working days count as none.
#[must_use]
pub fn cohort(active_days: u32, workdays: u32) -> Cohort {
    let (active, all) = (u64::from(active_days) * 100, u64::from(workdays));
    match active {
        0 => Cohort::None,
        a if a <= all * 25 => Cohort::Light,
        a if a <= all * 60 => Cohort::Moderate,
        _ => Cohort::Heavy,
    }
}

/// A set of distinct people, for counting them over a window rather than adding up days (METRICS rule 3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People(FixedBitSet);

impl People {
    /// Puts one in.
    #[inline]
    pub fn insert(&mut self, subject: SubjectId) {
        let index = subject.0 as usize;
        if index >= self.0.len() {
            // By powers of two: people mostly come ascending, and each would have the set grow by one.
            self.0.grow((index + 1).next_power_of_two());
        }
        self.0.insert(index);
    }

    /// Puts all of `others` in.
    pub fn extend(&mut self, others: &Self) {
        self.0.union_with(&others.0);
    }

    /// Whether they are in.
    #[must_use]
    #[inline]
    pub fn contains(&self, subject: SubjectId) -> bool {
        self.0.contains(subject.0 as usize)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> i64 {
        i64::try_from(self.0.count_ones(..)).unwrap_or(i64::MAX)
    }

    /// How many are both here and there.
    #[must_use]
    pub fn count_within(&self, others: &Self) -> i64 {
        i64::try_from(self.0.intersection_count(&others.0)).unwrap_or(i64::MAX)
    }

    /// Those who are both here and there, ascending.
    pub fn within<'p>(&'p self, others: &'p Self) -> impl Iterator<Item = SubjectId> + 'p {
        self.0.intersection(&others.0).map(subject)
    }

    /// Puts in whoever is in one of the two and not in the other.
    pub fn extend_with_changes(&mut self, before: &Self, after: &Self) {
        let mut changes = before.0.clone();
        changes.symmetric_difference_with(&after.0);
        self.0.union_with(&changes);
    }

    /// Takes everyone out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Everyone in it, ascending.
    pub fn iter(&self) -> impl Iterator<Item = SubjectId> + '_ {
        self.0.ones().map(subject)
    }
}

fn subject(index: usize) -> SubjectId {
    SubjectId(u32::try_from(index).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Measure;
    use proptest::prelude::*;

    const EDITS: AcceptanceRule = AcceptanceRule {
        id: "edits",
        label: "Edits",
        accepted: &[Measure::EditsAccepted],
        offered: &[Measure::EditsAccepted, Measure::EditsRejected],
        formula: "",
    };

    #[test]
    fn cohorts_have_their_borders_where_the_definition_puts_them() {
        assert_eq!(cohort(0, 20), Cohort::None);
        assert_eq!(cohort(5, 20), Cohort::Light);
        assert_eq!(cohort(6, 20), Cohort::Moderate);
        assert_eq!(cohort(12, 20), Cohort::Moderate);
        assert_eq!(cohort(13, 20), Cohort::Heavy);
    }

    fn day(accepted: i64, rejected: i64) -> Measures {
        Measures::default().with(Measure::EditsAccepted, accepted).with(Measure::EditsRejected, rejected)
    }

    proptest! {
        #[test]
        fn a_rate_over_days_is_the_ratio_of_sums_and_a_share(days in prop::collection::vec((0i64..1000, 0i64..1000), 1..30)) {
            let mut sums = Measures::default();
            for &(a, r) in &days {
                sums.add(&day(a, r));
            }
            let (accepted, all) = days.iter().fold((0, 0), |(a, n), d| (a + d.0, n + d.0 + d.1));
            let rate = acceptance(&EDITS, &sums);
            prop_assert_eq!(rate, ratio(Some(accepted), Some(all)));
            prop_assert!(rate.is_none_or(|r| (0.0..=1.0).contains(&r)));
        }

        #[test]
        fn people_over_a_window_are_at_least_the_busiest_day_and_at_most_the_sum(
            days in prop::collection::vec(prop::collection::vec(0u32..300, 0..50), 1..20)
        ) {
            let sets: Vec<People> = days.iter().map(|day| {
                let mut set = People::default();
                for &s in day {
                    set.insert(SubjectId(s));
                }
                set
            }).collect();
            let mut all = People::default();
            for set in &sets {
                all.extend(set);
            }
            let counts: Vec<i64> = sets.iter().map(People::count).collect();
            prop_assert!(all.count() >= counts.iter().copied().max().unwrap_or(0));
            prop_assert!(all.count() <= counts.iter().sum());
            prop_assert!(sets.iter().all(|set| set.count_within(&all) == set.count()));
        }
    }
}
