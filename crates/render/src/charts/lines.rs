//! Acceptance per week: one line per tool and rule, never added up. Rules of one tool share its colour and differ in dashes.

use super::frame::{Frame, runs};
use super::series_class;
use crate::scale::week_marks;
use crate::svg::{Datum, Picture};
use crate::words::share;
use tacho_domain::Day;
use tacho_domain::report::Series;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 240.0;

/// The dash pattern's number for each series: 0 for a tool's first rule, 1 for its second, and so on.
#[must_use]
pub fn dashes(series: &[Series]) -> Vec<usize> {
    let earlier = |index: usize| series[..index].iter().filter(|one| one.tool == series[index].tool).count();
    (0..series.len()).map(|index| earlier(index) % 3).collect()
}

/// Draws shares from 0 to 100 %.
#[must_use]
pub fn acceptance(series: &[Series], title: &str, description: &str) -> String {
    let mut picture = Picture::open("acceptance", WIDTH, HEIGHT, title, description);
    picture.stripes("acceptance-stripes");
    let weeks: Vec<Day> = series.first().map(|first| first.points.iter().map(|point| point.day).collect()).unwrap_or_default();
    let frame = Frame { left: 52.0, top: 10.0, width: WIDTH - 64.0, height: HEIGHT - 42.0, places: weeks.len(), most: 1.0 };
    frame.mark_dense(&mut picture, 24.0);
    frame.values(&mut picture, 0.25, |value| format!("{:.0} %", value * 100.0));
    frame.names(&mut picture, &week_marks(&weeks));
    let provisional = |place: usize| series.iter().any(|one| one.points.get(place).is_some_and(|p| p.provisional));
    frame.cover(&mut picture, "provisional", r#" fill="url(#acceptance-stripes)""#, provisional);
    for (one, dash) in series.iter().zip(dashes(series)) {
        let colour = series_class(one.colour);
        // A rate above 1 (late acceptances of earlier offers) stays visible at the upper edge; its point says the true value.
        let y = |value: f64| frame.y(value.clamp(0.0, 1.0));
        let value = |place: usize| one.points.get(place).and_then(|point| point.value);
        for (from, to) in runs(weeks.len(), |place| value(place).is_some()) {
            let line: Vec<(f64, f64)> = (from..=to).filter_map(|place| Some((frame.x(place), y(value(place)?)))).collect();
            if line.len() > 1 {
                picture.path(&format!("line {colour} dash-{dash}"), &line, false);
            }
        }
        for (place, point) in one.points.iter().enumerate() {
            if let Some(value) = point.value {
                let provisional = point.provisional;
                let datum = Datum { day: point.day.to_string(), series: &one.label, value, text: share(value), provisional };
                picture.point(&format!("point shown {colour}"), (frame.x(place), y(value)), 3.0, &datum);
            }
        }
    }
    frame.columns(&mut picture, |place| weeks[place].to_string());
    picture.close()
}
