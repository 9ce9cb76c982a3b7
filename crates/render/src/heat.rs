//! The levels of calendars and punch cards: none, then steps. An organization of five and one of five thousand both need a
//! picture with four shades, so where no borders are given they are cut at the quartiles of what has any use.

use crate::words::count;

/// Where each level begins, and the largest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeatScale {
    /// At least this many for level 1, 2, 3, 4; `i64::MAX`: there is no such level.
    from: [i64; 4],
    most: i64,
    /// Whether the borders were given: then every level is named, whether it occurs or not.
    given: bool,
}

impl HeatScale {
    /// The scale for these values. Up to 20 at most, the borders are those of a single person: 1 to 5, 6 to 15, 16 or more.
    pub(crate) fn of(values: impl Iterator<Item = i64>) -> Self {
        let mut busy: Vec<i64> = values.filter(|&value| value > 0).collect();
        busy.sort_unstable();
        let most = busy.last().copied().unwrap_or(0);
        if most <= 20 {
            return Self { from: [1, 6, 16, i64::MAX], most, given: false };
        }
        let after_quartile = |quarter: usize| busy[(busy.len() * quarter / 4).min(busy.len() - 1)] + 1;
        Self { from: [1, after_quartile(1), after_quartile(2), after_quartile(3)], most, given: false }
    }

    /// The scale of these borders.
    pub(crate) fn given(from: [i64; 4]) -> Self {
        Self { from, most: i64::MAX, given: true }
    }

    /// The level of a value: 0 for none, 1 to 4 for some.
    pub(crate) fn level(&self, value: i64) -> usize {
        self.from.iter().filter(|from| value >= **from).count()
    }

    /// Each level that can occur with its range in words, `0` first.
    pub(crate) fn legend(&self) -> Vec<(usize, String)> {
        let reachable = |level: usize| {
            let next = self.from.get(level + 1).copied().unwrap_or(i64::MAX);
            let from = self.from[level];
            from < next && (self.given || from <= self.most)
        };
        let levels: Vec<usize> = (0..4).filter(|level| self.from[*level] < i64::MAX && reachable(*level)).collect();
        let none = self.from[0] - 1;
        let none = (0, if none > 0 { format!("0 to {}", count(none)) } else { "0".to_owned() });
        let words = levels.iter().enumerate().map(|(place, &level)| {
            let next = levels.get(place + 1).map(|next| self.from[*next]);
            (level + 1, range(self.from[level], next, self.most))
        });
        std::iter::once(none).chain(words).collect()
    }
}

fn range(from: i64, next: Option<i64>, most: i64) -> String {
    match next {
        None if from == most => count(from),
        None => format!("{} or more", count(from)),
        Some(next) if next == from + 1 => count(from),
        Some(next) => format!("{} to {}", count(from), count(next - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(scale: &HeatScale) -> Vec<String> {
        scale.legend().into_iter().map(|(_, range)| range).collect()
    }

    #[test]
    fn one_person_gets_the_fixed_borders() {
        let scale = HeatScale::of([0, 1, 5, 6, 15, 16, 18].into_iter());
        assert_eq!([0, 5, 6, 15, 16].map(|count| scale.level(count)), [0, 1, 2, 2, 3]);
        assert_eq!(words(&scale), ["0", "1 to 5", "6 to 15", "16 or more"]);
    }

    #[test]
    fn given_borders_are_all_named_and_what_cannot_be_reached_is_not() {
        let scale = HeatScale::given([1, 6, 16, i64::MAX]);
        assert_eq!([0, 1, 6, 16, 1_000_000].map(|count| scale.level(count)), [0, 1, 2, 3, 3]);
        assert_eq!(words(&scale), ["0", "1 to 5", "6 to 15", "16 or more"]);
        assert_eq!(words(&HeatScale::given([5, 6, 10, 20])), ["0 to 4", "5", "6 to 9", "10 to 19", "20 or more"]);
    }

    #[test]
    fn an_organization_gets_four_shades() {
        let scale = HeatScale::of((0..=100).map(|n| n * 10));
        assert_eq!([0, 10, 300, 600, 1000].map(|count| scale.level(count)), [0, 1, 2, 3, 4]);
        assert_eq!(scale.legend().len(), 5);
    }

    #[test]
    fn nothing_at_all_has_a_legend_of_nothing() {
        assert_eq!(HeatScale::of(std::iter::empty()).legend(), [(0, "0".to_owned())]);
    }

    proptest! {
        #[test]
        fn more_use_is_never_paler(counts in prop::collection::vec(0i64..100_000, 0..200)) {
            let scale = HeatScale::of(counts.iter().copied());
            let mut sorted = counts;
            sorted.sort_unstable();
            let levels: Vec<usize> = sorted.iter().map(|count| scale.level(*count)).collect();
            prop_assert!(levels.is_sorted());
            let named: Vec<usize> = scale.legend().into_iter().map(|(level, _)| level).collect();
            prop_assert!(levels.iter().all(|level| named.contains(level)));
        }
    }
}
