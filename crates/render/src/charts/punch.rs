//! Weekday by hour of the day, darker where there was more. What no source with a time of day knows is striped.

use super::Heading;
use crate::heat::HeatScale;
use crate::svg::{Head, Mark, Picture};
use crate::words::{NO_DATA, count};
use tacho_domain::report::Punch;

const CELL: f64 = 18.0;
const PITCH: f64 = 21.0;
const LEFT: f64 = 40.0;
const TOP: f64 = 22.0;
const HOURS: f64 = 24.0;
/// The weekdays, Monday first, each with its short name.
pub(crate) const WEEKDAYS: [(&str, &str); 7] = [
    ("Monday", "Mon"),
    ("Tuesday", "Tue"),
    ("Wednesday", "Wed"),
    ("Thursday", "Thu"),
    ("Friday", "Fri"),
    ("Saturday", "Sat"),
    ("Sunday", "Sun"),
];

/// Draws a row per weekday and a column per hour.
pub(super) fn draw(heading: Heading<'_>, punch: &Punch) -> String {
    let size = (LEFT + HOURS * PITCH, TOP + 7.0 * PITCH);
    let mut picture = Picture::open("punch", heading.id, size, heading.title, heading.description);
    picture.stripes();
    for hour in (0u32..24).step_by(3) {
        picture.label("tick", (LEFT + f64::from(hour) * PITCH, TOP - 9.0), "start", &format!("{hour:02}:00"));
    }
    let scale = HeatScale::of(punch.cells.iter().flatten().copied().flatten());
    let mut y = TOP;
    for (hours, (weekday, short)) in punch.cells.iter().zip(WEEKDAYS) {
        picture.label("tick", (LEFT - 8.0, y + 13.0), "end", short);
        let mut x = LEFT;
        for (hour, value) in hours.iter().enumerate() {
            let place = format!("{weekday} {hour:02}:00 {}", punch.zone);
            let text = value.map_or_else(|| format!("{NO_DATA} (no data)"), count);
            let mark = Mark { head: Head::Words(&place), label: &punch.unit, text }.attributes();
            let (class, fill) = match value {
                None => ("heat heat-none".to_owned(), picture.striped()),
                Some(value) => (format!("heat heat-{}", scale.level(*value)), String::new()),
            };
            picture.rect(&class, (x, y), (CELL, CELL), &format!(r#" rx="2"{fill}{mark}"#));
            x += PITCH;
        }
        y += PITCH;
    }
    picture.close()
}
