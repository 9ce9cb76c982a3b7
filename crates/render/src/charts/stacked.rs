//! Areas over time, one on top of the other. A place without data is a gap, not a zero.

use super::Heading;
use super::frame::{Frame, runs};
use super::plot::Plot;
use crate::scale::nice;
use crate::svg::{block, trace};
use tacho_domain::report::Timeline;

/// Draws the series as stacked areas.
pub(super) fn draw(heading: Heading<'_>, timeline: &Timeline) -> String {
    let mut plot = Plot::open("stacked", heading, timeline, nice(tallest(timeline), timeline.unit));
    plot.frame.mark_dense(&mut plot.picture, 6.0);
    plot.void();
    let mut floor = vec![0.0; plot.places()];
    let mut tops = Vec::new();
    for (series, one) in timeline.series.iter().enumerate() {
        let frame = plot.frame;
        let value = |place: usize| plot.value(series, place);
        let heights: Vec<Option<f64>> = (0..plot.places()).map(|place| Some(frame.y(floor[place] + value(place)?))).collect();
        let (area, line) = courses(&frame, &heights, &floor);
        for (place, floor) in floor.iter_mut().enumerate() {
            *floor += value(place).unwrap_or(0.0);
        }
        plot.picture.series(series, one.colour, &one.label);
        plot.picture.shape("area", &area);
        plot.picture.shape("line", &line);
        plot.picture.end_group();
        tops.push(heights);
    }
    plot.provisional();
    plot.close(&tops)
}

/// The sum of all series at the place where it is largest.
pub(super) fn tallest(timeline: &Timeline) -> f64 {
    let places = timeline.series.iter().map(|one| one.points.len()).max().unwrap_or(0);
    let total = |place: usize| timeline.series.iter().filter_map(|one| one.points.get(place)?.value).sum::<f64>();
    (0..places).map(total).fold(0.0, f64::max)
}

/// The courses of the area and of its upper edge. A lone place has no width as an area, so it becomes a block.
fn courses(frame: &Frame, heights: &[Option<f64>], floor: &[f64]) -> (String, String) {
    let (mut area, mut line) = (String::new(), String::new());
    for (from, to) in runs(heights.len(), |place| heights[place].is_some()) {
        let upper: Vec<(f64, f64)> = (from..=to).filter_map(|place| Some((frame.x(place), heights[place]?))).collect();
        if let [only] = upper[..] {
            let width = frame.step() * 0.6;
            area.push_str(&block((only.0 - width / 2.0, only.1), (width, frame.y(floor[from]) - only.1)));
            continue;
        }
        let lower = (from..=to).rev().map(|place| (frame.x(place), frame.y(floor[place])));
        let outline: Vec<(f64, f64)> = upper.iter().copied().chain(lower).collect();
        area.push_str(&trace(&outline));
        area.push('Z');
        line.push_str(&trace(&upper));
    }
    (area, line)
}
