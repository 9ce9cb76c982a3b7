//! What each tool cost on each day, and where the month will end.

use crate::measure::plus;
use crate::{Day, Money, ToolId, Window};
use std::collections::BTreeMap;

/// Weeks that a forecast looks back.
const WEEKS: i32 = 4;

/// A tool that has told nothing for so many days has no forecast.
const STALE_DAYS: i32 = 14;

/// What a tool cost on a day of which it told anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpentDay {
    /// Metered use at the vendor's prices, in micro-dollars; `None`: it names no amount.
    pub value: Option<i64>,
    /// The part that is charged on top of subscriptions.
    pub charged: Option<i64>,
    /// Whether it may still be restated.
    pub provisional: bool,
}

/// The days of each tool; a day of which a tool told nothing is missing.
pub type Spent = BTreeMap<ToolId, BTreeMap<Day, SpentDay>>;

/// Which of a day's amounts is meant.
pub(super) type Pick = fn(&SpentDay) -> Option<i64>;

pub(super) const VALUE: Pick = |day| day.value;
pub(super) const CHARGED: Pick = |day| day.charged;

/// The days that a forecast made today reads.
#[must_use]
pub fn forecast_days(today: Day) -> Window {
    let earliest = today.minus(STALE_DAYS + WEEKS * 7);
    Window { from: earliest.min(today.month()), to: today }
}

/// A window's sum; `None` where no day names an amount.
pub(super) fn sum(days: Option<&BTreeMap<Day, SpentDay>>, window: Window, pick: Pick) -> Option<i64> {
    days?.range(window.from..=window.to).fold(None, |sum, (_, day)| plus(sum, pick(day)))
}

/// Where a month will end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Forecast {
    /// Micro-dollars of the month so far.
    pub(super) so_far: i64,
    /// The last day that was told.
    pub(super) through: Day,
    /// Days of the month after it.
    pub(super) days_left: i32,
    /// What those will add; `None`: the tool has told of no day like one of them yet.
    pub(super) rest: Option<i64>,
    /// Days of the month so far of which nothing was told.
    pub(super) untold: usize,
}

impl Forecast {
    pub(super) fn end(&self) -> Option<i64> {
        Some(self.so_far.saturating_add(self.rest?))
    }
}

/// The month that today is in: its first and its last day.
#[must_use]
pub fn month(today: Day) -> Window {
    let from = today.month();
    Window { from, to: from.plus(31).month().minus(1) }
}

/// The forecast of one tool: month to date, and for each remaining day the mean of the same weekday in the last four weeks.
/// A day that was told without any amount cost nothing; `None`: the tool names no amounts, or has long been silent.
pub(super) fn forecast(days: &BTreeMap<Day, SpentDay>, pick: Pick, today: Day) -> Option<Forecast> {
    let read = forecast_days(today);
    let told: BTreeMap<Day, i64> = days.range(read.from..=today).map(|(day, spent)| (*day, pick(spent).unwrap_or(0))).collect();
    if days.range(read.from..=today).all(|(_, spent)| pick(spent).is_none()) {
        return None;
    }
    let through = *told.keys().next_back()?;
    if today.since(through) > STALE_DAYS {
        return None;
    }
    let month = month(today);
    let so_far = told.range(month.from..).fold(0i64, |sum, (_, micros)| sum.saturating_add(*micros));
    let until = Window { from: month.from, to: through };
    let left = Window { from: month.from.max(through.plus(1)), to: month.to };
    let mut rest = Some(0.0);
    for day in left.days() {
        rest = rest.zip(mean_of_weekday(&told, through, day)).map(|(rest, mean)| rest + mean);
    }
    let untold = if until.is_empty() { 0 } else { until.days().filter(|day| !told.contains_key(day)).count() };
    #[expect(clippy::cast_possible_truncation, reason = "micro-dollars far below 2^52")]
    let rest = rest.map(|rest| rest.round() as i64);
    Some(Forecast { so_far, through, days_left: left.to.since(left.from) + 1, rest, untold })
}

/// A day of which nothing was told counts as nothing once the tool has told of any: vendors leave out days without use.
#[expect(clippy::cast_precision_loss, reason = "micro-dollars far below 2^52")]
fn mean_of_weekday(told: &BTreeMap<Day, i64>, through: Day, day: Day) -> Option<f64> {
    let first = told.keys().next()?;
    let alike = (0..WEEKS * 7).map(|back| through.minus(back)).filter(|earlier| day.since(*earlier) % 7 == 0);
    let known: Vec<i64> = alike.filter(|earlier| earlier >= first).map(|day| told.get(&day).copied().unwrap_or(0)).collect();
    let sum: i64 = known.iter().fold(0, |sum: i64, micros| sum.saturating_add(*micros));
    (!known.is_empty()).then(|| sum as f64 / known.len() as f64)
}

/// Forecasts of several tools as one. An end is known only where each of them has one.
pub(super) fn together(forecasts: &[Forecast]) -> Option<Forecast> {
    let mut all = *forecasts.first()?;
    for one in &forecasts[1..] {
        all.so_far = all.so_far.saturating_add(one.so_far);
        all.rest = all.rest.zip(one.rest).map(|(rest, more)| rest.saturating_add(more));
        // The months' ends are the same; who has told less has more to go.
        all.days_left = all.days_left.max(one.days_left);
        all.through = all.through.min(one.through);
        all.untold = all.untold.max(one.untold);
    }
    Some(all)
}

/// How a forecast was made, in words.
pub(super) fn words(forecast: &Forecast) -> String {
    let untold = match forecast.untold {
        0 => String::new(),
        1 => ", 1 day without data".to_owned(),
        many => format!(", {many} days without data"),
    };
    let left = if forecast.days_left == 1 { "1 day".to_owned() } else { format!("{} days", forecast.days_left) };
    format!("{} through {}{untold}; {left} to come", Money(forecast.so_far), forecast.through)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spent(value: i64) -> SpentDay {
        SpentDay { value: Some(value), ..SpentDay::default() }
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn the_rest_of_the_month_is_like_the_same_weekdays_of_four_weeks() {
        // 2026-11-20 is a Friday. Workdays cost 10, but the last four Mondays 20, 20, 40, 40; weekends are told without amounts.
        let mut days = BTreeMap::new();
        for date in (Window { from: day("2026-10-01"), to: day("2026-11-20") }).days() {
            let weekend = SpentDay::default();
            days.insert(date, if date.is_workday() { spent(10) } else { weekend });
        }
        for (monday, value) in [("2026-10-26", 20), ("2026-11-02", 20), ("2026-11-09", 40), ("2026-11-16", 40)] {
            days.insert(day(monday), spent(value));
        }
        let found = forecast(&days, VALUE, day("2026-11-21")).unwrap();
        // November so far: 15 workdays, three of them Mondays with 100 together.
        assert_eq!((found.so_far, found.through, found.days_left), (12 * 10 + 100, day("2026-11-20"), 10));
        // Two weekends, Monday 23 and 30 at 30 each, four workdays at 10.
        assert_eq!((found.rest, found.end()), (Some(100), Some(320)));
        assert_eq!(forecast(&days, CHARGED, day("2026-11-21")), None, "a tool that names no amounts has no forecast");
        assert_eq!(forecast(&days, VALUE, day("2026-12-20")), None, "nor one that has long been silent");
    }

    #[test]
    fn a_month_that_has_just_begun_is_all_to_come_and_little_data_is_no_forecast() {
        let days: BTreeMap<Day, SpentDay> =
            (Window { from: day("2026-10-20"), to: day("2026-10-30") }).days().map(|date| (date, spent(7))).collect();
        let found = forecast(&days, VALUE, day("2026-11-01")).unwrap();
        assert_eq!((found.so_far, found.days_left, found.end()), (0, 30, Some(30 * 7)));
        let young: BTreeMap<Day, SpentDay> = days.range(day("2026-10-26")..).map(|(day, spent)| (*day, *spent)).collect();
        let found = forecast(&young, VALUE, day("2026-11-01")).unwrap();
        assert_eq!((found.rest, found.end()), (None, None), "no Saturday is known");
    }

    proptest! {
        #[test]
        fn a_forecast_is_never_below_what_is_spent_and_the_last_day_of_a_month_has_nothing_to_come(
            values in prop::collection::vec(prop::option::of(0i64..1_000_000), 60), offset in 0i32..60
        ) {
            let today = day("2026-11-30").minus(offset);
            let days: BTreeMap<Day, SpentDay> = values.iter().zip(0..)
                .map(|(value, back)| (today.minus(back), SpentDay { value: *value, ..SpentDay::default() })).collect();
            if let Some(found) = forecast(&days, VALUE, today) {
                prop_assert!(found.end().is_some_and(|end| end >= found.so_far));
                prop_assert_eq!(found.through, today);
                prop_assert_eq!(found.days_left, month(today).to.since(today));
                prop_assert_eq!(found.untold, 0);
            }
        }
    }
}
