//! A point for each thing by two values, with the middle line and its interval where there is one.

use super::Heading;
use crate::palette::{SERIES, series_class};
use crate::scale::{axis, nice};
use crate::svg::{Head, Mark, Picture, at, trace};
use crate::words::number;
use std::fmt::Write;
use tacho_domain::report::{Dot, Scatter, Unit};

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 350.0;
const LEFT: f64 = 52.0;
const TOP: f64 = 28.0;
const RIGHT: f64 = WIDTH - 16.0;
const BOTTOM: f64 = HEIGHT - 52.0;
/// More points than this are drawn without telling what each stands for: nobody could point at one of them.
const NAMED: usize = 600;

/// An axis from `low` to `high` in steps.
#[derive(Debug, Clone, Copy)]
struct Axis {
    low: f64,
    high: f64,
    step: f64,
}

impl Axis {
    /// From zero, or below where there are values below.
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let (high, step) = nice(values.clone().fold(0.0, f64::max).max(-values.clone().fold(0.0, f64::min)), Unit::Dollars);
        let least = values.fold(0.0, f64::min);
        Self { low: (least / step).floor() * step, high, step }
    }

    fn part(self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn lines(self) -> impl Iterator<Item = f64> {
        let first = (self.low / self.step).round();
        (0..60u32).map(move |line| (first + f64::from(line)) * self.step).take_while(move |v| *v <= self.high + self.step / 2.0)
    }
}

/// Draws the points.
pub(super) fn draw(heading: Heading<'_>, scatter: &Scatter) -> String {
    let mut picture = Picture::open("scatter", heading.id, (WIDTH, HEIGHT), heading.title, heading.description);
    let across = Axis::of(scatter.points.iter().map(|dot| dot.x));
    let up = Axis::of(scatter.points.iter().map(|dot| dot.y));
    let at = |x: f64, y: f64| (LEFT + (RIGHT - LEFT) * across.part(x), BOTTOM - (BOTTOM - TOP) * up.part(y));
    axes(&mut picture, scatter, across, up);
    if scatter.trend.len() > 1 {
        let lower = scatter.trend.iter().rev().map(|place| at(place.x, place.low));
        let band: Vec<(f64, f64)> = scatter.trend.iter().map(|place| at(place.x, place.high)).chain(lower).collect();
        picture.shape("interval", &format!("{}Z", trace(&band)));
    }
    if scatter.points.len() > NAMED {
        crowd(&mut picture, &scatter.points, at);
    } else {
        for dot in &scatter.points {
            named(&mut picture, scatter, dot, at(dot.x, dot.y));
        }
    }
    if scatter.trend.len() > 1 {
        picture.path("trend", &scatter.trend.iter().map(|place| at(place.x, place.y)).collect::<Vec<_>>());
    }
    picture.close()
}

fn axes(picture: &mut Picture, scatter: &Scatter, across: Axis, up: Axis) {
    for (line, value) in up.lines().enumerate() {
        let y = BOTTOM - (BOTTOM - TOP) * up.part(value);
        picture.line(if line == 0 { "base" } else { "grid" }, (LEFT, y), (RIGHT, y));
        picture.label("tick", (LEFT - 8.0, y + 4.0), "end", &axis(Unit::Count, value));
    }
    for value in across.lines() {
        let x = LEFT + (RIGHT - LEFT) * across.part(value);
        picture.line("base", (x, BOTTOM), (x, BOTTOM + 4.0));
        picture.label("tick", (x.min(RIGHT - 4.0), BOTTOM + 18.0), "middle", &axis(Unit::Count, value));
    }
    picture.label("tick axis", (0.0, 13.0), "start", &scatter.up);
    picture.label("tick axis", (RIGHT, HEIGHT - 10.0), "end", &scatter.across);
}

fn named(picture: &mut Picture, scatter: &Scatter, dot: &Dot, centre: (f64, f64)) {
    let text = format!("{}: {}, {}: {}", scatter.across, number(dot.x), scatter.up, number(dot.y));
    let mark = Mark { head: Head::Words(&dot.label), label: "", text };
    picture.disc(&format!("dot-mark {}", series_class(dot.colour)), centre, 4.5, &mark.attributes());
}

/// One path of tiny strokes per colour, drawn with round ends: thousands of elements would make a page slow.
fn crowd(picture: &mut Picture, points: &[Dot], place: impl Fn(f64, f64) -> (f64, f64)) {
    for colour in 0..SERIES {
        let mut course = String::new();
        for dot in points.iter().filter(|dot| dot.colour % SERIES == colour) {
            let (x, y) = place(dot.x, dot.y);
            let _ = write!(course, "M{} {}h.1", at(x), at(y));
        }
        picture.shape(&format!("crowd {}", series_class(colour)), &course);
    }
}
