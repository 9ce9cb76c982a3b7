//! Columns over time, one on top of the other.

use super::Heading;
use super::plot::Plot;
use super::stacked::tallest;
use crate::scale::nice;
use crate::svg::block;
use tacho_domain::report::Timeline;

/// The widest a column gets.
const WIDEST: f64 = 44.0;

/// Draws the series as stacked columns.
pub(super) fn draw(heading: Heading<'_>, timeline: &Timeline) -> String {
    let mut plot = Plot::open("columns", heading, timeline, nice(tallest(timeline), timeline.unit));
    plot.void();
    let step = plot.frame.step();
    // Columns of a pixel need every bit of their place.
    let width = if step < 4.0 { step } else { (step * 0.72).min(WIDEST) };
    let mut floor = vec![0.0; plot.places()];
    let mut tops = Vec::new();
    for (series, one) in timeline.series.iter().enumerate() {
        let mut course = String::new();
        let mut heights = Vec::new();
        for (place, floor) in floor.iter_mut().enumerate() {
            let value = plot.value(series, place);
            heights.push(value.map(|value| plot.frame.y(*floor + value)));
            if let Some(value) = value.filter(|value| *value > 0.0) {
                let (upper, lower) = (plot.frame.y(*floor + value), plot.frame.y(*floor));
                course.push_str(&block((plot.frame.x(place) - width / 2.0, upper), (width, lower - upper)));
                *floor += value;
            }
        }
        plot.picture.series(series, one.colour, &one.label);
        plot.picture.shape("bar", &course);
        plot.picture.end_group();
        tops.push(heights);
    }
    plot.provisional();
    plot.close(&tops)
}
