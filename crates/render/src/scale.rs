//! Axes: round steps for values, readable places for days.

use crate::words::short_day;
use tacho_domain::Day;

/// The upper end of an axis and the step between its lines, for values from 0 to `most`.
pub(crate) fn nice(most: f64) -> (f64, f64) {
    let most = if most.is_finite() && most > 0.0 { most } else { 1.0 };
    let rough = most / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough).unwrap_or(rough).max(1.0);
    ((most / step).ceil() * step, step)
}

/// Which days an axis names, by their place, and how: days in a short window, Mondays in a longer one, then months.
pub(crate) fn day_marks(days: &[Day]) -> Vec<(usize, String)> {
    let candidates: Vec<usize> = match days.len() {
        0..=10 => (0..days.len()).collect(),
        11..=70 => (0..days.len()).filter(|i| days[*i].week() == days[*i]).collect(),
        _ => (0..days.len()).filter(|i| days[*i].month() == days[*i]).collect(),
    };
    thin(&candidates, 12).into_iter().map(|index| (index, mark(days[index], days.len()))).collect()
}

/// Like [`day_marks`], for points that are weeks.
pub(crate) fn week_marks(weeks: &[Day]) -> Vec<(usize, String)> {
    let all: Vec<usize> = (0..weeks.len()).collect();
    thin(&all, 8).into_iter().map(|index| (index, short_day(weeks[index]))).collect()
}

fn mark(day: Day, days: usize) -> String {
    if days <= 70 {
        return short_day(day);
    }
    let format = if day.date().month() == 1 { "%b %Y" } else { "%b" };
    day.date().strftime(format).to_string()
}

/// Every n-th of them, so that at most `most` are left.
fn thin(indices: &[usize], most: usize) -> Vec<usize> {
    let every = indices.len().div_ceil(most).max(1);
    indices.iter().copied().step_by(every).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tacho_domain::Window;

    #[test]
    fn axes_end_on_round_numbers() {
        assert_eq!(nice(0.0), (1.0, 1.0));
        assert_eq!(nice(3.0), (3.0, 1.0));
        assert_eq!(nice(17.0), (20.0, 5.0));
        assert_eq!(nice(42.0), (60.0, 20.0));
        assert_eq!(nice(1234.0), (1500.0, 500.0));
    }

    proptest! {
        #[test]
        fn an_axis_holds_its_values_and_has_few_lines(most in 0.0f64..1e9) {
            let (top, step) = nice(most);
            prop_assert!(top >= most && step >= 1.0 && top / step <= 5.5);
        }

        #[test]
        fn an_axis_never_crowds(from in 0i32..40_000, days in 1u32..1200) {
            let all: Vec<Day> = Window::ending(Day(from), days).days().collect();
            prop_assert!(day_marks(&all).len() <= 12);
        }
    }
}
