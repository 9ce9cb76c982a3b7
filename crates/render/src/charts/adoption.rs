//! Active members per day, one area per tool on top of the other. A day without data is a gap, not a zero.

use super::frame::{Frame, runs};
use super::series_class;
use crate::scale::{day_marks, nice};
use crate::svg::{Datum, Picture};
use crate::words::number;
use tacho_domain::Day;
use tacho_domain::report::Series;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 260.0;

/// Draws the series as stacked areas. All of them cover the same days.
#[must_use]
pub fn adoption(series: &[Series], title: &str, description: &str) -> String {
    let mut picture = Picture::open("adoption", WIDTH, HEIGHT, title, description);
    picture.stripes("adoption-stripes");
    let days: Vec<Day> = series.first().map(|first| first.points.iter().map(|point| point.day).collect()).unwrap_or_default();
    let value = |one: &Series, place: usize| one.points.get(place).and_then(|point| point.value);
    let total = |place: usize| series.iter().filter_map(|one| value(one, place)).sum::<f64>();
    let (most, step) = nice((0..days.len()).map(total).fold(0.0, f64::max));
    let frame = Frame { left: 44.0, top: 10.0, width: WIDTH - 56.0, height: HEIGHT - 42.0, places: days.len(), most };

    frame.mark_dense(&mut picture, 6.0);
    frame.values(&mut picture, step, number);
    frame.names(&mut picture, &day_marks(&days));
    frame.cover(&mut picture, "void", "", |place| series.iter().all(|one| value(one, place).is_none()));
    let mut floor = vec![0.0; days.len()];
    let mut points = Vec::new();
    for one in series {
        let colour = series_class(one.colour);
        let top = |place: usize| floor[place] + value(one, place).unwrap_or(0.0);
        for (from, to) in runs(days.len(), |place| value(one, place).is_some()) {
            draw_run(&mut picture, &frame, &colour, (from, to), &floor, &top);
        }
        for (place, point) in one.points.iter().enumerate() {
            if let Some(value) = point.value {
                let provisional = point.provisional;
                let datum = Datum { day: point.day.to_string(), series: &one.label, value, text: number(value), provisional };
                points.push((colour.clone(), (frame.x(place), frame.y(top(place))), datum));
            }
        }
        for (place, at) in floor.iter_mut().enumerate() {
            *at += value(one, place).unwrap_or(0.0);
        }
    }
    let provisional = |place: usize| series.iter().any(|one| one.points.get(place).is_some_and(|p| p.provisional));
    frame.cover(&mut picture, "provisional", r#" fill="url(#adoption-stripes)""#, provisional);
    for (colour, centre, datum) in &points {
        picture.point(&format!("point {colour}"), *centre, 3.0, datum);
    }
    frame.columns(&mut picture, |place| days[place].to_string());
    picture.close()
}

/// One unbroken stretch of a tool's area. A lone day has no width as an area, so it becomes a bar.
fn draw_run(
    picture: &mut Picture,
    frame: &Frame,
    colour: &str,
    (from, to): (usize, usize),
    floor: &[f64],
    top: &dyn Fn(usize) -> f64,
) {
    if from == to {
        let (upper, lower) = (frame.y(top(from)), frame.y(floor[from]));
        let width = frame.step() * 0.6;
        picture.rect(&format!("area {colour}"), (frame.x(from) - width / 2.0, upper), (width, lower - upper), "");
        return;
    }
    let upper: Vec<(f64, f64)> = (from..=to).map(|place| (frame.x(place), frame.y(top(place)))).collect();
    let lower = (from..=to).rev().map(|place| (frame.x(place), frame.y(floor[place])));
    let outline: Vec<(f64, f64)> = upper.iter().copied().chain(lower).collect();
    picture.path(&format!("area {colour}"), &outline, true);
    picture.path(&format!("line {colour}"), &upper, false);
}
