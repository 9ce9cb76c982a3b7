//! One share of a whole as a bar, with marks where it becomes a matter of attention and where it is too much.

use super::Heading;
use crate::svg::{Head, Mark, Picture, cut, width_of};
use crate::words::{NO_DATA, share};
use tacho_domain::report::Gauge;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 66.0;
const TEXT: f64 = 14.0;

/// Draws the share.
pub(super) fn draw(heading: Heading<'_>, gauge: &Gauge) -> String {
    let mut picture = Picture::open("gauge", heading.id, (WIDTH, HEIGHT), heading.title, heading.description);
    let value = gauge.value.unwrap_or(0.0).max(0.0);
    // Over the whole, the bar fills the width and the end of the whole becomes a mark.
    let whole = value.max(1.0);
    let words = gauge.value.map_or_else(|| NO_DATA.to_owned(), share);
    picture.label("value strong", (WIDTH, 15.0), "end", &words);
    picture.label("name", (0.0, 15.0), "start", &cut(&gauge.label, TEXT, WIDTH - width_of(&words, TEXT) - 14.0));
    picture.rect("track", (0.0, 24.0), (WIDTH, 14.0), r#" rx="3""#);
    picture.rect(&format!("bar {}", class(gauge, value)), (0.0, 24.0), (WIDTH * value / whole, 14.0), r#" rx="3""#);
    let end = (whole > 1.0).then_some(1.0);
    let marks = end.into_iter().chain(gauge.marks.iter().rev().copied());
    let mut named: Vec<(f64, f64)> = Vec::new();
    for mark in marks.filter(|mark| (0.0..=whole).contains(mark)) {
        let x = WIDTH * mark / whole;
        picture.line("gauge-mark", (x, 21.0), (x, 41.0));
        let name = format!("{:.0} %", mark * 100.0);
        let half = width_of(&name, TEXT) / 2.0;
        let centre = x.clamp(half, WIDTH - half);
        // Of names that would run into each other only the first is written; the caption has them all.
        if named.iter().all(|(from, to)| centre + half < *from || centre - half > *to) {
            picture.label("tick", (centre, 57.0), "middle", &name);
            named.push((centre - half - 4.0, centre + half + 4.0));
        }
    }
    let mark = Mark { head: Head::None, label: &gauge.label, text: words }.attributes();
    picture.rect("column", (0.0, 0.0), (WIDTH, HEIGHT), &mark);
    picture.close()
}

/// Below all marks it is calm, past the last it is too much.
fn class(gauge: &Gauge, value: f64) -> &'static str {
    let passed = gauge.marks.iter().filter(|mark| value >= **mark).count();
    match passed {
        0 => "tone-calm",
        _ if passed == gauge.marks.len() => "tone-bad",
        _ => "tone-warn",
    }
}
