//! The levels of the calendar heatmap: none, then four steps cut at the quartiles of the days that have any use.
//! Fixed borders fit one person; an organization of five and one of five thousand both need a picture with four shades.

use tacho_domain::report::HeatDay;

/// The upper borders of the first three levels and the busiest day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeatScale {
    borders: [i64; 3],
    most: i64,
}

impl HeatScale {
    /// The scale for these days. Up to 20 interactions on the busiest day, the borders are those of a single person:
    /// 1 to 5, 6 to 15, 16 and more.
    #[must_use]
    pub fn of(days: &[HeatDay]) -> Self {
        let mut busy: Vec<i64> = days.iter().filter_map(|day| day.interactions).filter(|&count| count > 0).collect();
        busy.sort_unstable();
        let most = busy.last().copied().unwrap_or(0);
        if most <= 20 {
            return Self { borders: [5, 15, most.max(15)], most };
        }
        let quartile = |quarter: usize| busy[(busy.len() * quarter / 4).min(busy.len() - 1)];
        Self { borders: [quartile(1), quartile(2), quartile(3)], most }
    }

    /// The level of a day: 0 for none, 1 to 4 for some.
    #[must_use]
    pub fn level(&self, interactions: i64) -> usize {
        match interactions {
            ..=0 => 0,
            count => 1 + self.borders.iter().filter(|border| count > **border).count(),
        }
    }

    /// Each level that can occur with its range in words, `0` first.
    #[must_use]
    pub fn legend(&self) -> Vec<(usize, String)> {
        let mut legend = vec![(0, "0".to_owned())];
        let mut from = 1;
        for (index, to) in self.borders.into_iter().chain([self.most]).enumerate() {
            let to = to.min(self.most);
            if to >= from {
                let open = index == 3 || to == self.most;
                let range = if from == to { crate::words::count(from) } else { range(from, to, open) };
                legend.push((index + 1, range));
                from = to + 1;
            }
        }
        legend
    }
}

fn range(from: i64, to: i64, open: bool) -> String {
    let from = crate::words::count(from);
    if open { format!("{from} and more") } else { format!("{from} to {}", crate::words::count(to)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tacho_domain::Day;

    fn days(counts: &[i64]) -> Vec<HeatDay> {
        counts.iter().zip(0..).map(|(&count, day)| HeatDay { day: Day(day), interactions: Some(count) }).collect()
    }

    #[test]
    fn one_person_gets_the_fixed_borders() {
        let scale = HeatScale::of(&days(&[0, 1, 5, 6, 15, 16, 18]));
        assert_eq!([0, 5, 6, 15, 16].map(|count| scale.level(count)), [0, 1, 2, 2, 3]);
        let words: Vec<String> = scale.legend().into_iter().map(|(_, range)| range).collect();
        assert_eq!(words, ["0", "1 to 5", "6 to 15", "16 and more"]);
    }

    #[test]
    fn an_organization_gets_four_shades() {
        let scale = HeatScale::of(&days(&(0..=100).map(|n| n * 10).collect::<Vec<_>>()));
        assert_eq!([0, 10, 300, 600, 1000].map(|count| scale.level(count)), [0, 1, 2, 3, 4]);
        assert_eq!(scale.legend().len(), 5);
    }

    #[test]
    fn nothing_at_all_has_a_legend_of_nothing() {
        assert_eq!(HeatScale::of(&[]).legend(), [(0, "0".to_owned())]);
    }

    proptest! {
        #[test]
        fn more_use_is_never_paler(counts in prop::collection::vec(0i64..100_000, 0..200)) {
            let scale = HeatScale::of(&days(&counts));
            let mut sorted = counts;
            sorted.sort_unstable();
            let levels: Vec<usize> = sorted.iter().map(|count| scale.level(*count)).collect();
            prop_assert!(levels.is_sorted());
            let named: Vec<usize> = scale.legend().into_iter().map(|(level, _)| level).collect();
            prop_assert!(levels.iter().all(|level| named.contains(level)));
        }
    }
}
