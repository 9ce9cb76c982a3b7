//! The calendar heatmap: a column per week from Monday to Sunday, darker where there was more. No data is striped.

use super::Heading;
use crate::heat::HeatScale;
use crate::svg::{Head, Mark, Picture};
use crate::words::{NO_DATA, count};
use tacho_domain::Day;
use tacho_domain::report::{Calendar, HeatDay};

const CELL: f64 = 16.0;
const PITCH: f64 = 19.0;
const LEFT: f64 = 36.0;
const TOP: f64 = 22.0;
/// More weeks than this are too many to shrink into a column of the page; the page lets them scroll.
const LONG: i32 = 30;
/// Fewer weeks than this need not shrink for any page.
const SHORT: i32 = 21;

/// Draws the days, ascending and without holes.
pub(super) fn draw(heading: Heading<'_>, calendar: &Calendar) -> String {
    let days = &calendar.days;
    let first = days.first().map_or(Day(0), |day| day.day.week());
    let last = days.last().map_or(Day(0), |day| day.day);
    let columns = last.since(first).div_euclid(7) + 1;
    let size = (LEFT + f64::from(columns.max(8)) * PITCH, TOP + 7.0 * PITCH);
    let mut picture = Picture::open("calendar", heading.id, size, heading.title, heading.description);
    if columns > LONG {
        picture.class("long");
    } else if columns < SHORT {
        picture.class("short");
    }
    picture.stripes();
    for (row, name) in [(0, "Mon"), (2, "Wed"), (4, "Fri")] {
        picture.label("tick", (LEFT - 6.0, TOP + f64::from(row) * PITCH + 12.0), "end", name);
    }
    months(&mut picture, first, columns);
    let automatic = || HeatScale::of(days.iter().filter_map(|day| day.interactions));
    let scale = calendar.levels.map_or_else(automatic, HeatScale::given);
    for day in days {
        let offset = day.day.since(first);
        let corner = (LEFT + f64::from(offset.div_euclid(7)) * PITCH, TOP + f64::from(offset.rem_euclid(7)) * PITCH);
        let (class, more) = cell(&picture, day, &scale);
        picture.rect(&class, corner, (CELL, CELL), &more);
    }
    picture.close()
}

fn cell(picture: &Picture, day: &HeatDay, scale: &HeatScale) -> (String, String) {
    let mark = |text| Mark { head: Head::Day(day.day), label: "Interactions", text }.attributes();
    day.interactions.map_or_else(
        || ("heat heat-none".to_owned(), format!(r#" rx="2"{}{}"#, picture.striped(), mark(format!("{NO_DATA} (no data)")))),
        |value| (format!("heat heat-{}", scale.level(value)), format!(r#" rx="2"{}"#, mark(count(value)))),
    )
}

/// Names a month above the column in which it begins, unless the name before is too near.
fn months(picture: &mut Picture, first: Day, columns: i32) {
    let mut named = i32::MIN / 2;
    for column in 0..columns {
        let monday = first.plus(column * 7);
        let begins = (0..7).map(|day| monday.plus(day)).find(|day| day.month() == *day);
        // A name in the last columns would be cut by the picture's edge.
        if let Some(begin) = begins
            && column - named >= 3
            && (column + 2 <= columns || columns < 8)
        {
            let format = if begin.date().month() == 1 && column + 4 <= columns { "%b %Y" } else { "%b" };
            let name = begin.date().strftime(format).to_string();
            picture.label("tick", (LEFT + f64::from(column) * PITCH, TOP - 9.0), "start", &name);
            named = column;
        }
    }
}
