//! What a chart shows, in one or two sentences: its caption on the page and its description for a screen reader.

use crate::charts::annotated;
use crate::charts::punch::WEEKDAYS;
use crate::scale::full;
use crate::words::{amount, count, long_day, number, plural, share};
use tacho_domain::Day;
use tacho_domain::report::{
    Amount, Bars, Calendar, Chart, Distribution, Gauge, HeatDay, Point, Punch, Scatter, Series, Step, Strip, Timeline,
};

/// Things named in a sentence; more are counted.
const NAMED: usize = 4;

/// What a chart shows. Changes in the meaning of the data are told after it, with their numbers in the picture.
#[must_use]
pub fn caption(chart: &Chart) -> String {
    match chart {
        Chart::Stacked(timeline) => with_changes(peaks(timeline), timeline),
        Chart::Lines(timeline) => with_changes(newest(timeline), timeline),
        Chart::Columns(timeline) => with_changes(together(timeline), timeline),
        Chart::Bars(bars) => of_bars(bars),
        Chart::Calendar(calendar) => of_calendar(calendar),
        Chart::Punch(punch) => of_punch(punch),
        Chart::Distribution(distribution) => of_distribution(distribution),
        Chart::Scatter(scatter) => of_scatter(scatter),
        Chart::Strip(strip) => of_strip(strip),
        Chart::Gauge(gauge) => of_gauge(gauge),
    }
}

fn known(points: &[Point]) -> impl DoubleEndedIterator<Item = (Point, f64)> + '_ {
    points.iter().filter_map(|point| Some((*point, point.value?)))
}

/// The last of the largest.
fn peak(points: &[Point]) -> Option<(Point, f64)> {
    known(points).max_by(|one, other| one.1.total_cmp(&other.1))
}

/// `on 3 Nov 2026`, `in the week of 2 Nov 2026`, `in Nov 2026`.
fn when(step: Step, day: Day) -> String {
    match step {
        Step::Day => format!("on {}", long_day(day)),
        Step::Week => format!("in the week of {}", long_day(day)),
        Step::Month => day.date().strftime("in %b %Y").to_string(),
    }
}

/// The first few, and how many more there are.
fn few(things: &[String], between: &str) -> String {
    let named = things[..things.len().min(NAMED)].join(between);
    match things.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named}{between}and {more} more"),
    }
}

/// The largest value of each series.
fn peaks(timeline: &Timeline) -> String {
    let of_series = |one: &Series| {
        let (point, value) = peak(&one.points)?;
        Some(format!("{} {} {}", one.label, full(timeline.unit, value), when(timeline.step, point.day)))
    };
    let series: Vec<String> = timeline.series.iter().filter_map(of_series).collect();
    if series.is_empty() {
        return "No data in this window.".to_owned();
    }
    format!("Highest: {}.{}", few(&series, ", "), silence(timeline))
}

/// The newest value of each series.
fn newest(timeline: &Timeline) -> String {
    let last = |one: &Series| known(&one.points).next_back().map(|(point, _)| point.day);
    let Some(day) = timeline.series.iter().filter_map(last).max() else { return "No data in this window.".to_owned() };
    // The day is said once where it is the same for all.
    let of_series = |one: &Series| {
        let (point, value) = known(&one.points).next_back()?;
        let value = full(timeline.unit, value);
        Some(match point.day {
            own if own == day => format!("{} {value}", one.label),
            own => format!("{} {value} {}", one.label, when(timeline.step, own)),
        })
    };
    let series: Vec<String> = timeline.series.iter().filter_map(of_series).collect();
    format!("Newest, {}: {}.", when(timeline.step, day), few(&series, ", "))
}

/// The place where all series together are largest.
fn together(timeline: &Timeline) -> String {
    let places = timeline.series.iter().map(|one| one.points.len()).max().unwrap_or(0);
    let values = |place: usize| timeline.series.iter().filter_map(move |one| one.points.get(place)?.value);
    let total = |place: usize| values(place).next().map(|_| values(place).sum::<f64>());
    let most = (0..places).filter_map(|place| Some((place, total(place)?))).max_by(|one, other| one.1.total_cmp(&other.1));
    let day = |place: usize| timeline.series.first().and_then(|one| one.points.get(place)).map(|point| point.day);
    match most.and_then(|(place, value)| Some((day(place)?, value))) {
        None => "No data in this window.".to_owned(),
        Some((day, value)) => {
            format!("Most {}: {}.{}", when(timeline.step, day), full(timeline.unit, value), silence(timeline))
        }
    }
}

/// How many places have no data at all.
fn silence(timeline: &Timeline) -> String {
    let places = timeline.series.iter().map(|one| one.points.len()).max().unwrap_or(0);
    let is_known = |place: &usize| timeline.series.iter().any(|one| one.points.get(*place).is_some_and(|p| p.value.is_some()));
    let unknown = places - (0..places).filter(is_known).count();
    let noun = match timeline.step {
        Step::Day => "days",
        Step::Week => "weeks",
        Step::Month => "months",
    };
    if unknown == 0 { String::new() } else { format!(" No data on {unknown} of {places} {noun}.") }
}

fn with_changes(said: String, timeline: &Timeline) -> String {
    annotated(timeline).iter().enumerate().fold(said, |said, (number, (_, note))| {
        let end = if note.text.ends_with(['.', '!', '?']) { "" } else { "." };
        format!("{said} ({}) From {}: {}{end}", number + 1, long_day(note.day), note.text)
    })
}

/// Each one's share, or the longest.
fn of_bars(bars: &Bars) -> String {
    let shares: Vec<String> = bars.bars.iter().filter_map(|bar| Some(format!("{} {}", bar.label, share(bar.share?)))).collect();
    if !shares.is_empty() {
        return format!("Share of the whole: {}.", few(&shares, ", "));
    }
    let longest = bars.bars.iter().filter(|bar| bar.value != Amount::Unknown);
    let named: Vec<String> = longest.map(|bar| format!("{} {}", bar.label, amount(bar.value))).collect();
    if named.is_empty() { "No data in this window.".to_owned() } else { format!("{}: {}.", bars.measure, few(&named, ", ")) }
}

/// How many days had any use, and the busiest.
fn of_calendar(calendar: &Calendar) -> String {
    let days = &calendar.days;
    let known: Vec<(&HeatDay, i64)> = days.iter().filter_map(|day| Some((day, day.interactions?))).collect();
    let used = known.iter().filter(|(_, interactions)| *interactions > 0).count();
    match known.iter().max_by_key(|(_, interactions)| *interactions) {
        Some((busiest, most)) if *most > 0 => format!(
            "Use on {used} of {} days; the busiest was {} with {}.{}",
            days.len(),
            long_day(busiest.day),
            plural(most.unsigned_abs(), "interaction", "interactions"),
            silent(days.len() - known.len())
        ),
        _ => format!("No use on any of {} days.{}", days.len(), silent(days.len() - known.len())),
    }
}

fn silent(days: usize) -> String {
    match days {
        0 => String::new(),
        1 => " 1 day has no data.".to_owned(),
        _ => format!(" {days} days have no data."),
    }
}

/// The busiest hour.
fn of_punch(punch: &Punch) -> String {
    let cells = punch.cells.iter().zip(WEEKDAYS).flat_map(|(hours, (weekday, _))| {
        hours.iter().enumerate().filter_map(move |(hour, value)| Some((weekday, hour, (*value)?)))
    });
    match cells.max_by_key(|(_, _, value)| *value) {
        Some((weekday, hour, value)) if value > 0 => {
            format!(
                "Busiest: {weekday} {hour:02}:00 to {:02}:00 {} with {} {}.",
                (hour + 1) % 24,
                punch.zone,
                count(value),
                punch.unit
            )
        }
        Some(_) => format!("No {} at any hour.", punch.unit),
        None => "No source with a time of day has data in this window.".to_owned(),
    }
}

/// How many people there are, and where most of them stand.
fn of_distribution(distribution: &Distribution) -> String {
    let people: i64 = distribution.buckets.iter().map(|bucket| bucket.people).sum();
    let noun = |people: i64| plural(people.unsigned_abs(), "person", "people");
    match distribution.buckets.iter().rev().max_by_key(|bucket| bucket.people) {
        Some(most) if people > 0 => format!("{}; most of them, {}, stand at {}.", noun(people), count(most.people), most.label),
        _ => "Nobody has data in this window.".to_owned(),
    }
}

fn of_scatter(scatter: &Scatter) -> String {
    let points = plural(u64::try_from(scatter.points.len()).unwrap_or(u64::MAX), "point", "points");
    let what = format!("{points}: {} to the right, {} upwards.", scatter.across, scatter.up);
    match (scatter.trend.first(), scatter.trend.last()) {
        (Some(first), Some(last)) if scatter.trend.len() > 1 => {
            format!("{what} The middle line goes from {} to {}.", number(tenth(first.y)), number(tenth(last.y)))
        }
        _ => format!("{what} There is not enough data for a middle line."),
    }
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// How many days are in each state.
fn of_strip(strip: &Strip) -> String {
    let days = |place: usize| strip.days.iter().filter(|(_, state)| *state == place).count();
    let states = strip.states.iter().enumerate().map(|(place, (_, words))| (days(place), words));
    let named: Vec<String> = states.filter(|(days, _)| *days > 0).map(|(days, words)| format!("{days} {words}")).collect();
    if named.is_empty() { "No days.".to_owned() } else { format!("Of {} days: {}.", strip.days.len(), named.join(", ")) }
}

fn of_gauge(gauge: &Gauge) -> String {
    let Some(value) = gauge.value else { return format!("{}: no data.", gauge.label) };
    let marks: Vec<String> = gauge.marks.iter().map(|mark| format!("{:.0} %", mark * 100.0)).collect();
    let marks = if marks.is_empty() { String::new() } else { format!(" Marked at {}.", marks.join(" and ")) };
    format!("{}: {}.{marks}", gauge.label, share(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_domain::ToolId;
    use tacho_domain::report::{Annotation, Bar, Bucket, Unit};

    fn line(label: &str, values: &[Option<f64>]) -> Series {
        let from: Day = "2026-11-02".parse().unwrap();
        let points =
            values.iter().zip(0..).map(|(&value, offset)| Point { day: from.plus(offset), value, provisional: false }).collect();
        Series { tool: ToolId::new("a"), label: label.into(), colour: 0, points }
    }

    fn over_time(series: Vec<Series>) -> Timeline {
        Timeline { series, ..Timeline::default() }
    }

    #[test]
    fn stacked_areas_name_the_peaks_and_what_is_missing() {
        let timeline = over_time(vec![line("Tool A", &[Some(3.0), None, Some(7.0), Some(1.0)]), line("Mute", &[None; 4])]);
        let said = caption(&Chart::Stacked(timeline));
        assert_eq!(said, "Highest: Tool A 7 on 4 Nov 2026. No data on 1 of 4 days.");
    }

    #[test]
    fn lines_name_the_newest_and_say_a_day_once() {
        let series = vec![line("A", &[Some(0.5), Some(0.25)]), line("B", &[None, Some(0.1)]), line("C", &[Some(0.3), None])];
        let timeline = Timeline { unit: Unit::Share, step: Step::Week, ..over_time(series) };
        assert_eq!(
            caption(&Chart::Lines(timeline)),
            "Newest, in the week of 3 Nov 2026: A 25.0 %, B 10.0 %, C 30.0 % in the week of 2 Nov 2026."
        );
    }

    #[test]
    fn columns_are_summed_before_the_most_is_sought() {
        let series = vec![line("A", &[Some(5.0), Some(3.0)]), line("B", &[None, Some(3.5)])];
        let timeline = Timeline { unit: Unit::Dollars, ..over_time(series) };
        assert_eq!(caption(&Chart::Columns(timeline)), "Most on 3 Nov 2026: $6.50.");
    }

    #[test]
    fn changes_in_meaning_are_told_with_their_numbers() {
        let change =
            Annotation { day: "2026-11-03".parse().unwrap(), text: "Agents count as well".into(), source: String::new() };
        let timeline = Timeline { annotations: vec![change], ..over_time(vec![line("A", &[Some(1.0), Some(2.0)])]) };
        assert_eq!(caption(&Chart::Lines(timeline)), "Newest, on 3 Nov 2026: A 2. (1) From 3 Nov 2026: Agents count as well.");
    }

    #[test]
    fn a_long_list_is_cut_to_a_sentence() {
        let bar =
            |n: i64| Bar { label: format!("M{n}"), colour: 0, value: Amount::Count(n), share: None, context: String::new() };
        let bars = Bars { of: "Model".into(), measure: "Requests".into(), bars: (1..=6).map(bar).collect() };
        assert_eq!(caption(&Chart::Bars(bars)), "Requests: M1 1, M2 2, M3 3, M4 4, and 2 more.");
    }

    #[test]
    fn a_calendar_names_its_busiest_day_and_the_silent_ones() {
        let days =
            [Some(4), None, Some(0)].into_iter().zip(20_000..).map(|(interactions, day)| HeatDay { day: Day(day), interactions });
        assert_eq!(
            caption(&Chart::Calendar(Calendar { days: days.collect(), levels: None })),
            "Use on 1 of 3 days; the busiest was 4 Oct 2024 with 4 interactions. 1 day has no data."
        );
    }

    #[test]
    fn hours_people_days_and_shares_are_told_in_words() {
        let mut cells = vec![[None; 24]; 7];
        cells[4][23] = Some(1234);
        let punch = Punch { unit: "requests".into(), cells, zone: "UTC".into() };
        assert_eq!(caption(&Chart::Punch(punch)), "Busiest: Friday 23:00 to 00:00 UTC with 1,234 requests.");

        let bucket = |label: &str, people| Bucket { label: label.into(), people };
        let buckets = vec![bucket("0", 1), bucket("1 to 5", 4)];
        let people = Distribution { measure: "Days".into(), buckets };
        assert_eq!(caption(&Chart::Distribution(people)), "5 people; most of them, 4, stand at 1 to 5.");

        let states = vec![("final".into(), "final".into()), ("missing".into(), "missing".into())];
        let strip = Strip { states, days: vec![(Day(1), 0), (Day(2), 0)] };
        assert_eq!(caption(&Chart::Strip(strip)), "Of 2 days: 2 final.");

        let gauge = Gauge { label: "Budget".into(), value: Some(0.804), marks: vec![0.75, 0.9] };
        assert_eq!(caption(&Chart::Gauge(gauge)), "Budget: 80.4 %. Marked at 75 % and 90 %.");
    }
}
