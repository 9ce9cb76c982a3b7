//! Axes: round steps for values, readable places for days.

use crate::words::{number, share, short_day};
use tacho_domain::day::length;
use tacho_domain::report::{Step, Unit};
use tacho_domain::{Day, Money};

/// The upper end of an axis and the step between its lines, for values from 0 to `most`. Counts have no lines between
/// whole numbers.
pub(crate) fn nice(most: f64, unit: Unit) -> (f64, f64) {
    let most = if most.is_finite() && most > 0.0 { most } else { 1.0 };
    let least = match unit {
        Unit::Count => 1.0,
        Unit::Share | Unit::Dollars => 0.01,
        Unit::Hours => 1.0 / 60.0,
    };
    let rough = most / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough).unwrap_or(rough).max(least);
    ((most / step - 1e-9).ceil().max(1.0) * step, step)
}

/// A value of an axis, short: `1,500`, `12k`, `1.5M`, `25 %`, `$40`.
pub(crate) fn axis(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Count => compact(value),
        Unit::Share => format!("{:.0} %", value * 100.0 + 0.0),
        Unit::Dollars if value.fract() == 0.0 => format!("${}", compact(value)),
        Unit::Dollars => format!("${value:.2}"),
        Unit::Hours => format!("{} h", compact(value)),
    }
}

fn compact(value: f64) -> String {
    let size = value.abs();
    let (by, letter) = match size {
        _ if size >= 1e9 => (1e9, "B"),
        _ if size >= 1e6 => (1e6, "M"),
        _ if size >= 1e4 => (1e3, "k"),
        // Steps of tenths add up to more digits than they have.
        _ => return number((value * 100.0).round() / 100.0),
    };
    let short = (value / by * 10.0).round() / 10.0;
    format!("{}{letter}", short + 0.0)
}

/// A value with its unit, in full.
pub(crate) fn full(unit: Unit, value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "micro-dollars and seconds far below 2^63")]
    match unit {
        Unit::Count => number(value),
        Unit::Share => share(value),
        Unit::Dollars => Money((value * 1e6).round() as i64).to_string(),
        Unit::Hours => length((value * 3_600.0).round() as i64),
    }
}

/// Which places an axis names, and how.
pub(crate) fn marks(days: &[Day], step: Step) -> Vec<(usize, String)> {
    match step {
        Step::Day => day_marks(days),
        Step::Week if days.len() <= 60 => every(days, 8, short_day),
        Step::Week => every(days, 8, |day| day.date().strftime("%b %Y").to_string()),
        Step::Month => months(days),
    }
}

/// Days in a short window, Mondays in a longer one, then months, then quarters.
fn day_marks(days: &[Day]) -> Vec<(usize, String)> {
    let named = |is_named: &dyn Fn(Day) -> bool| (0..days.len()).filter(|place| is_named(days[*place])).collect::<Vec<_>>();
    let first_of_month = |day: Day| day.month() == day;
    let places = match days.len() {
        0..=10 => named(&|_| true),
        11..=70 => named(&|day| day.week() == day),
        71..=400 => named(&first_of_month),
        _ => named(&|day| first_of_month(day) && day.date().month() % 3 == 1),
    };
    let name = |day: Day| if days.len() <= 70 { short_day(day) } else { month(day) };
    let step = places.len().div_ceil(12).max(1);
    places.into_iter().step_by(step).map(|place| (place, name(days[place]))).collect()
}

/// `Mar`, with the year in January.
fn month(day: Day) -> String {
    let format = if day.date().month() == 1 { "%b %Y" } else { "%b" };
    day.date().strftime(format).to_string()
}

/// Every n-th of them, so that at most `most` are named.
fn every(days: &[Day], most: usize, name: impl Fn(Day) -> String) -> Vec<(usize, String)> {
    let step = days.len().div_ceil(most).max(1);
    days.iter().enumerate().step_by(step).map(|(place, day)| (place, name(*day))).collect()
}

/// At most twelve months, and where some go unnamed, January does not: it has the year.
fn months(days: &[Day]) -> Vec<(usize, String)> {
    let step = days.len().div_ceil(12).max(1);
    let january = days.iter().position(|day| day.date().month() == 1).unwrap_or(0);
    days.iter().enumerate().skip(january % step).step_by(step).map(|(place, day)| (place, month(*day))).collect()
}

/// The last day that a point of such steps stands for.
pub(crate) fn last_day(first: Day, step: Step) -> Day {
    match step {
        Step::Day => first,
        Step::Week => first.plus(6),
        // 31 days on lies in the next month, whatever this one is.
        Step::Month => first.month().plus(31).month().minus(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tacho_domain::Window;

    #[test]
    fn axes_end_on_round_numbers() {
        assert_eq!(nice(0.0, Unit::Count), (1.0, 1.0));
        assert_eq!(nice(3.0, Unit::Count), (3.0, 1.0));
        assert_eq!(nice(17.0, Unit::Count), (20.0, 5.0));
        assert_eq!(nice(42.0, Unit::Count), (60.0, 20.0));
        assert_eq!(nice(1234.0, Unit::Count), (1500.0, 500.0));
        assert_eq!(nice(0.4, Unit::Dollars), (0.4, 0.1));
    }

    #[test]
    fn an_axis_speaks_shortly_and_a_value_in_full() {
        let short = [950.0, 1500.0, 25_000.0, 1_500_000.0, 2e9].map(|value| axis(Unit::Count, value));
        assert_eq!(short, ["950", "1,500", "25k", "1.5M", "2B"]);
        assert_eq!(axis(Unit::Share, 0.25), "25 %");
        assert_eq!([axis(Unit::Dollars, 40_000.0), axis(Unit::Dollars, 0.5)], ["$40k", "$0.50"]);
        assert_eq!(full(Unit::Dollars, 1234.5), "$1,234.50");
    }

    #[test]
    fn a_week_ends_on_sunday_and_a_month_on_its_last_day() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(last_day(day("2026-11-02"), Step::Week), day("2026-11-08"));
        assert_eq!(last_day(day("2028-02-01"), Step::Month), day("2028-02-29"));
        assert_eq!(last_day(day("2026-12-01"), Step::Month), day("2026-12-31"));
    }

    proptest! {
        #[test]
        fn an_axis_holds_its_values_and_has_few_lines(most in 0.0f64..1e9) {
            for unit in [Unit::Count, Unit::Dollars] {
                let (top, step) = nice(most, unit);
                prop_assert!(top * (1.0 + 1e-6) >= most && step > 0.0 && top / step <= 5.5);
            }
        }

        #[test]
        fn an_axis_never_crowds(from in 0i32..40_000, days in 1u32..1200) {
            let all: Vec<Day> = Window::ending(Day(from), days).days().collect();
            prop_assert!([Step::Day, Step::Week, Step::Month].into_iter().all(|step| marks(&all, step).len() <= 12));
        }
    }
}
