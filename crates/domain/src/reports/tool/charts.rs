//! A tool over time, and the vendor's own counts beside ours.

use super::ToolMaterial;
use crate::metrics::People;
use crate::overview::gather::{Gathered, ToolSum};
use crate::report::{Chart, Point, Section, Series, Step, Timeline, Unit};
use crate::reports::context::annotations;
use crate::{Day, Measure, ToolId, ToolProfile, Window};
use std::collections::BTreeMap;

pub(super) fn over_time(window: Window, profile: &ToolProfile, gathered: &Gathered<'_>, tool: &ToolSum<'_>) -> Vec<Section> {
    let line =
        |label: &str, points| Series { tool: ToolId::new(profile.id), label: label.to_owned(), colour: profile.colour, points };
    let timeline = |series, unit, step| Timeline { series, unit, step, annotations: annotations([profile], window) };
    let active = tool.points(window, |day| day.knows_activity.then(|| gathered.members_in(&day.active)));
    let used = tool.points(window, |day| day.sums[Measure::Interactions]);
    let mut sections = vec![
        Section::drawn(
            "active",
            "Active members per day",
            profile.active_formula,
            Chart::Stacked(timeline(vec![line("Active members", active)], Unit::Count, Step::Day)),
        ),
        Section::drawn(
            "active_weekly",
            "Active members per week",
            "Distinct members active in the week; the first and last week may be in part.",
            Chart::Columns(timeline(vec![line("Active members", weekly(window, gathered, tool))], Unit::Count, Step::Week)),
        ),
        Section::drawn(
            "interactions",
            "Interactions per day",
            profile.interaction_formula,
            Chart::Columns(timeline(vec![line("Interactions", used)], Unit::Count, Step::Day)),
        ),
    ];
    let acceptance = gathered.weekly_acceptance(window);
    if !acceptance.is_empty() {
        sections.push(Section::drawn(
            "acceptance",
            "Acceptance by week",
            "Accepted by offered, each rule on its own.",
            Chart::Lines(timeline(told_apart(acceptance), Unit::Share, Step::Week)),
        ));
    }
    sections
}

/// Several rules of one tool would share its colour.
fn told_apart(mut series: Vec<Series>) -> Vec<Series> {
    for (place, one) in (0u8..).zip(&mut series) {
        one.colour = (one.colour + place * 3) % 8;
    }
    series
}

/// Distinct members by week; `None` where no day of the week tells.
#[expect(clippy::cast_precision_loss, reason = "points to draw")]
fn weekly(window: Window, gathered: &Gathered<'_>, tool: &ToolSum<'_>) -> Vec<Point> {
    let mut weeks: BTreeMap<Day, (Option<People>, bool)> = BTreeMap::new();
    for day in window.days() {
        let (people, provisional) = weeks.entry(day.week()).or_default();
        if let Some(known) = tool.days.get(&day).filter(|known| known.knows_activity) {
            people.get_or_insert_default().extend(&known.active);
            *provisional |= known.provisional;
        }
    }
    let point = |(day, (people, provisional)): (Day, (Option<People>, bool))| {
        let value = people.map(|people| gathered.members_in(&people) as f64);
        Point { day, value, provisional }
    };
    weeks.into_iter().map(point).collect()
}

/// The vendor's own counts of people, where it gives any in the window: beside ours, never added to them.
#[expect(clippy::cast_precision_loss, reason = "points to draw")]
pub(super) fn vendor_counts(window: Window, material: &ToolMaterial<'_>) -> Option<Section> {
    let profile = material.profile;
    let mut series = Vec::new();
    for (place, total) in (0u8..).zip(profile.user_totals) {
        let of_day: BTreeMap<Day, i64> =
            material.counts.iter().filter(|count| count.name == total.name).map(|count| (count.day, count.value)).collect();
        let point = |day| Point { day, value: of_day.get(&day).map(|value| *value as f64), provisional: false };
        if !of_day.is_empty() {
            series.push(Series {
                tool: ToolId::new(profile.id),
                label: total.label.to_owned(),
                colour: (profile.colour + place) % 8,
                points: window.days().map(point).collect(),
            });
        }
    }
    let chart = Timeline { series, annotations: annotations([profile], window), ..Timeline::default() };
    let subtitle = "The vendor's own totals, kept to compare with. It may know people whom no report names, so they are never \
                    added to our counts.";
    (!chart.series.is_empty())
        .then(|| Section::drawn("vendor_counts", "People, as the vendor counts them", subtitle, Chart::Lines(chart)))
}
