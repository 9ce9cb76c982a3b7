//! How many people fall in each range of a value: a column per range with its number on top.

use super::Heading;
use super::frame::Frame;
use crate::scale::{axis, nice};
use crate::svg::{Head, Mark, Picture, width_of};
use crate::words::{count, plural};
use tacho_domain::report::{Amount, Bar, Bars, Distribution, Unit};

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 230.0;
const LEFT: f64 = 54.0;
const TEXT: f64 = 13.0;

/// Draws the ranges: as columns where their names fit below them, else as rows.
pub(super) fn draw(heading: Heading<'_>, distribution: &Distribution) -> String {
    let buckets = &distribution.buckets;
    let places = u32::try_from(buckets.len()).unwrap_or(u32::MAX).max(1);
    let room = (WIDTH - LEFT - 8.0) / f64::from(places);
    if buckets.iter().any(|bucket| width_of(&bucket.label, TEXT) > room - 4.0) {
        return rows(heading, distribution);
    }
    columns(heading, distribution)
}

fn rows(heading: Heading<'_>, distribution: &Distribution) -> String {
    let bar = |bucket: &tacho_domain::report::Bucket| Bar {
        label: bucket.label.clone(),
        colour: 0,
        value: Amount::Count(bucket.people),
        share: None,
        context: String::new(),
    };
    let bars = distribution.buckets.iter().map(bar).collect();
    super::bars::draw(heading, &Bars { of: distribution.measure.clone(), measure: "People".into(), bars })
}

#[expect(clippy::cast_precision_loss, reason = "people, far below 2^52")]
fn columns(heading: Heading<'_>, distribution: &Distribution) -> String {
    let mut picture = Picture::open("distribution", heading.id, (WIDTH, HEIGHT), heading.title, heading.description);
    let buckets = &distribution.buckets;
    let most = buckets.iter().map(|bucket| bucket.people).max().unwrap_or(0);
    let (most, step) = nice(most as f64 * 1.08, Unit::Count);
    let frame = Frame { left: LEFT, top: 12.0, width: WIDTH - LEFT - 8.0, height: HEIGHT - 66.0, places: buckets.len(), most };
    frame.values(&mut picture, step, |value| axis(Unit::Count, value));
    let width = (frame.step() * 0.74).min(72.0);
    for (place, bucket) in buckets.iter().enumerate() {
        let (x, y) = (frame.x(place), frame.y(bucket.people as f64));
        picture.rect("bar series-0", (x - width / 2.0, y), (width, frame.bottom() - y), "");
        picture.label("value", (x, y - 5.0), "middle", &count(bucket.people));
        picture.label("tick", (x, frame.bottom() + 18.0), "middle", &bucket.label);
        let people = plural(u64::try_from(bucket.people).unwrap_or(0), "person", "people");
        let mark = Mark { head: Head::None, label: &bucket.label, text: people }.attributes();
        picture.rect("column", (x - frame.step() / 2.0, frame.top), (frame.step(), frame.height + 24.0), &mark);
    }
    picture.label("tick axis", (LEFT + frame.width / 2.0, HEIGHT - 10.0), "middle", &distribution.measure);
    picture.close()
}
