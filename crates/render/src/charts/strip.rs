//! A cell for each day in one of a few states; days of the same state in a row are drawn as one.

use super::Heading;
use super::frame::Frame;
use crate::scale::marks;
use crate::svg::{Head, Mark, Picture};
use tacho_domain::Day;
use tacho_domain::report::{Step, Strip};

const WIDTH: f64 = 680.0;
const HEIGHT: f64 = 62.0;

/// The class of a state: one of the four that have a colour of their own, or else a level by its place.
pub(crate) fn state_class(id: &str, place: usize) -> String {
    match id {
        "final" | "provisional" | "missing" | "idle" => format!("state-{id}"),
        _ => format!("heat-{}", 1 + place % 4),
    }
}

/// Draws the days.
pub(super) fn draw(heading: Heading<'_>, strip: &Strip) -> String {
    let mut picture = Picture::open("strip chart-timeline", heading.id, (WIDTH, HEIGHT), heading.title, heading.description);
    picture.stripes();
    let days: Vec<Day> = strip.days.iter().map(|(day, _)| *day).collect();
    let frame = Frame { left: 12.0, top: 4.0, width: WIDTH - 24.0, height: 28.0, places: days.len(), most: 1.0 };
    frame.names(&mut picture, &marks(&days, Step::Day));
    let gap = if frame.step() > 6.0 { 2.0 } else { 0.0 };
    for (place, (day, state)) in strip.days.iter().enumerate() {
        let (id, words) = strip.states.get(*state).map_or(("", ""), |(id, words)| (id.as_str(), words.as_str()));
        let mark = Mark { head: Head::Day(*day), label: words, text: String::new() }.attributes();
        let left = frame.x(place) - frame.step() / 2.0 + gap / 2.0;
        // What is missing is also told by its height: red and green look alike to some.
        let height = if id == "missing" { frame.height * 0.45 } else { frame.height };
        let (class, fill) = match id {
            "provisional" => ("state heat-none".to_owned(), picture.striped()),
            id => (format!("state {}", state_class(id, *state)), String::new()),
        };
        picture.rect(&class, (left, frame.bottom() - height), (frame.step() - gap, height), &format!("{fill}{mark}"));
    }
    picture.close()
}
