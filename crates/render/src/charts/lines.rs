//! Lines over time, never added up. Series of one tool share its colour and differ in dashes; so do series that lie on each
//! other, else the later one would hide that the earlier one is there.

use super::Heading;
use super::frame::runs;
use super::plot::Plot;
use crate::scale::nice;
use crate::svg::trace;
use tacho_domain::report::{Series, Timeline, Unit};

/// The number of a series' dash pattern: 0 for the first of its colour and course, 1 for the second, and so on.
pub(crate) fn dash(series: &[Series], place: usize) -> usize {
    let one = &series[place];
    series[..place].iter().filter(|earlier| earlier.colour % 8 == one.colour % 8 || lie_on_each_other(earlier, one)).count() % 4
}

/// Whether two series are the same on most of the days of which both know something.
fn lie_on_each_other(one: &Series, other: &Series) -> bool {
    let both = one.points.iter().zip(&other.points).filter_map(|(one, other)| one.value.zip(other.value));
    // Not by a hair: values are drawn, and what differs by less than that lies in one place all the same.
    let (same, known) = both.fold((0, 0), |(same, known), (one, other)| {
        let near = (one - other).abs() <= one.abs().max(other.abs()) * 1e-3;
        (same + usize::from(near), known + 1)
    });
    known > 0 && same * 2 > known
}

/// Draws a line per series; shares from 0 to 100 %.
pub(super) fn draw(heading: Heading<'_>, timeline: &Timeline) -> String {
    let values = timeline.series.iter().flat_map(|one| &one.points).filter_map(|point| point.value);
    let scale = match timeline.unit {
        Unit::Share => (1.0, 0.25),
        unit => nice(values.fold(0.0, f64::max), unit),
    };
    let mut plot = Plot::open("lines", heading, timeline, scale);
    plot.frame.mark_dense(&mut plot.picture, 14.0);
    plot.provisional();
    let mut tops = Vec::new();
    for (series, one) in timeline.series.iter().enumerate() {
        // A rate above 1 (late acceptances of earlier offers) stays visible at the upper edge; its text says the true value.
        let height = |place: usize| Some(plot.frame.y(plot.value(series, place)?.clamp(0.0, plot.frame.most)));
        let heights: Vec<Option<f64>> = (0..plot.places()).map(height).collect();
        plot.picture.series(series, one.colour, &one.label);
        let mut course = String::new();
        for (from, to) in runs(heights.len(), |place| heights[place].is_some()) {
            let points: Vec<(f64, f64)> = (from..=to).filter_map(|place| Some((plot.frame.x(place), heights[place]?))).collect();
            if points.len() > 1 {
                course.push_str(&trace(&points));
            } else {
                plot.picture.disc("point lone", points[0], 3.0, "");
            }
            if plot.frame.step() >= 14.0 && points.len() > 1 {
                for point in points {
                    plot.picture.disc("point", point, 2.6, "");
                }
            }
        }
        plot.picture.shape(&format!("line dash-{}", dash(&timeline.series, series)), &course);
        plot.picture.end_group();
        tops.push(heights);
    }
    plot.close(&tops)
}
