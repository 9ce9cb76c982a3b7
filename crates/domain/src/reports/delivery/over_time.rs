//! Week by week: what was merged, how long it took, and how much of it was AI-assisted.

use super::answers;
use super::gather::{Gathered, Pull, Tiers, median, people};
use crate::delivery::{Part, Tier};
use crate::report::{Chart, Point, Section, Series, Step, Timeline, Unit};
use crate::{Day, ToolId, Window};

pub(super) fn sections(gathered: &Gathered<'_>) -> Vec<Section> {
    vec![merged(gathered), parts(gathered), assisted(gathered)]
}

/// The weeks of a window, each with its days in the window.
pub(super) fn weeks(window: Window) -> Vec<(Day, Window)> {
    let mut weeks: Vec<(Day, Window)> = Vec::new();
    for day in window.days() {
        match weeks.last_mut() {
            Some((monday, days)) if *monday == day.week() => days.to = day,
            _ => weeks.push((day.week(), Window::day(day))),
        }
    }
    weeks
}

/// A series with a value for each week that anything is told of.
fn series(gathered: &Gathered<'_>, label: &str, colour: u8, value: impl Fn(Window, &[Pull<'_>]) -> Option<f64>) -> Series {
    let point = |(monday, days): (Day, Window)| Point {
        day: monday,
        value: if gathered.is_told(days) { value(days, gathered.within(days)) } else { None },
        provisional: gathered.is_provisional(days),
    };
    let points = weeks(gathered.window()).into_iter().map(point).collect();
    Series { tool: ToolId::new(""), label: label.to_owned(), colour, points }
}

fn timeline(series: Vec<Series>, unit: Unit) -> Timeline {
    Timeline { series, unit, step: Step::Week, annotations: Vec::new() }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of pull requests")]
fn merged(gathered: &Gathered<'_>) -> Section {
    let of = |wanted: fn(Option<Tier>) -> bool| {
        move |_: Window, pulls: &[Pull<'_>]| Some(pulls.iter().filter(|pull| wanted(pull.tier())).count() as f64)
    };
    let series = vec![
        series(gathered, "AI-assisted, exact evidence", 0, of(|tier| tier == Some(Tier::Exact))),
        series(gathered, "AI-assisted, strong or weak evidence", 1, of(|tier| tier.is_some_and(|tier| tier < Tier::Exact))),
        series(gathered, "No evidence", 7, of(|tier| tier.is_none())),
    ];
    Section::drawn(
        "merged",
        "Merged pull requests by week",
        "By the day of the merge, stacked by how sure it is that an AI tool had a part. The first and the last week may be there in part.",
        Chart::Columns(timeline(series, Unit::Count)),
    )
    .widened()
    .or_else_saying("No pull request was merged in this window.")
}

fn parts(gathered: &Gathered<'_>) -> Section {
    #[expect(clippy::cast_precision_loss, reason = "seconds to draw")]
    let hours = |pulls: &[Pull<'_>], part| {
        // A week of few people's work is not told to whoever may not see each of them.
        let seconds = if gathered.few(&people(pulls)) { None } else { median(pulls, part) };
        seconds.map(|seconds| seconds as f64 / 3_600.0)
    };
    let line = |(place, part): (usize, Part)| {
        let colour = u8::try_from(place).unwrap_or_default();
        series(gathered, part.label(), colour, |_, pulls| hours(pulls, part))
    };
    let lines = Part::ALL.into_iter().enumerate().map(line).collect();
    Section::drawn(
        "cycle",
        "Cycle time and its parts by week",
        "Median of the pull requests merged in the week. Medians of parts do not add up to the median of the whole.",
        Chart::Lines(timeline(lines, Unit::Hours)),
    )
    .or_else_saying("No pull request was merged in this window.")
}

fn assisted(gathered: &Gathered<'_>) -> Section {
    let share = |share: fn(Tiers) -> Option<f64>| {
        move |_: Window, pulls: &[Pull<'_>]| if gathered.few(&people(pulls)) { None } else { share(Tiers::of(pulls)) }
    };
    let mut lines = vec![
        series(gathered, "At least (exact)", 0, share(Tiers::floor)),
        series(gathered, "At most (exact, strong and weak)", 1, share(Tiers::ceiling)),
    ];
    if gathered.material.answers.is_some() {
        lines.push(series(gathered, "As authors say", 2, |days, _| answers::said(gathered, days).share()));
    }
    Section::drawn(
        "assisted",
        "AI-assisted pull requests by week",
        "Share of the merged pull requests. The truth lies between the two lines. What authors say is the share of their answers \
         that name any help, where at least five people answered.",
        Chart::Lines(timeline(lines, Unit::Share)),
    )
    .or_else_saying("No pull request was merged in this window.")
}
