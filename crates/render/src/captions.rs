//! What a chart shows, in one or two sentences: its caption on the page and its description for a screen reader.

use crate::words::{count, long_day, number, share};
use tacho_domain::report::{HeatDay, Point, Series, ToolUsage};

fn known(points: &[Point]) -> impl DoubleEndedIterator<Item = (Point, f64)> + '_ {
    points.iter().filter_map(|point| Some((*point, point.value?)))
}

/// The last of the largest.
fn peak(points: &[Point]) -> Option<(Point, f64)> {
    known(points).max_by(|one, other| one.1.total_cmp(&other.1))
}

/// The busiest day of each tool.
#[must_use]
pub fn adoption(series: &[Series]) -> String {
    let of_tool = |one: &Series| {
        let (point, value) = peak(&one.points)?;
        let days = known(&one.points).count();
        Some(format!(
            "{}: up to {} active members a day ({}), data on {} of {} days.",
            one.label,
            number(value),
            long_day(point.day),
            days,
            one.points.len()
        ))
    };
    let tools: Vec<String> = series.iter().filter_map(of_tool).collect();
    if tools.is_empty() { "No tool has data in this window.".to_owned() } else { tools.join(" ") }
}

/// How many days had any use, and the busiest.
#[must_use]
pub fn calendar(days: &[HeatDay]) -> String {
    let known: Vec<(&HeatDay, i64)> = days.iter().filter_map(|day| Some((day, day.interactions?))).collect();
    let used = known.iter().filter(|(_, interactions)| *interactions > 0).count();
    match known.iter().max_by_key(|(_, interactions)| *interactions) {
        Some((busiest, most)) if *most > 0 => format!(
            "Use on {used} of {} days; the busiest was {} with {} interactions.{}",
            days.len(),
            long_day(busiest.day),
            count(*most),
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

/// Each tool's share.
#[must_use]
pub fn usage(usage: &[ToolUsage]) -> String {
    let of_tool = |tool: &ToolUsage| Some(format!("{} {}", tool.name, share(tool.share?)));
    let tools: Vec<String> = usage.iter().filter_map(of_tool).collect();
    match tools.len() {
        0 => "No tool has interactions in this window.".to_owned(),
        1 => format!("{} of all interactions.", tools[0]),
        _ => {
            format!("Share of all interactions: {}. Units differ between tools, so read the shares as a hint.", tools.join(", "))
        }
    }
}

/// The newest week of each rate.
#[must_use]
pub fn acceptance(series: &[Series]) -> String {
    let of_rate = |one: &Series| {
        let (point, value) = known(&one.points).next_back()?;
        Some(format!("{}: {} in the week of {}", one.label, share(value), long_day(point.day)))
    };
    let rates: Vec<String> = series.iter().filter_map(of_rate).collect();
    if rates.is_empty() { "No tool reports acceptance in this window.".to_owned() } else { format!("{}.", rates.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_domain::{Day, ToolId};

    fn line(values: &[Option<f64>]) -> Series {
        let from: Day = "2026-11-02".parse().unwrap();
        let points =
            values.iter().zip(0..).map(|(&value, offset)| Point { day: from.plus(offset), value, provisional: false }).collect();
        Series { tool: ToolId::new("a"), label: "Tool A".into(), colour: 0, points }
    }

    #[test]
    fn captions_name_the_peak_the_newest_and_what_is_missing() {
        assert_eq!(
            adoption(&[line(&[Some(3.0), None, Some(7.0), Some(1.0)])]),
            "Tool A: up to 7 active members a day (4 Nov 2026), data on 3 of 4 days."
        );
        assert_eq!(acceptance(&[line(&[Some(0.5), Some(0.25), None])]), "Tool A: 25.0 % in the week of 3 Nov 2026.");
        let heat =
            [Some(4), None, Some(0)].into_iter().zip(20_000..).map(|(interactions, day)| HeatDay { day: Day(day), interactions });
        assert_eq!(
            calendar(&heat.collect::<Vec<_>>()),
            "Use on 1 of 3 days; the busiest was 4 Oct 2024 with 4 interactions. 1 day has no data."
        );
    }
}
