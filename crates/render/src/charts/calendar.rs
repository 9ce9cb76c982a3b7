//! The calendar heatmap: a column per week from Monday to Sunday, darker where there was more. No data is striped.

use crate::heat::HeatScale;
use crate::svg::{Datum, Picture};
use crate::words::{NO_DATA, count};
use std::fmt::Write;
use tacho_domain::Day;
use tacho_domain::report::HeatDay;

const CELL: f64 = 16.0;
const PITCH: f64 = 19.0;
const LEFT: f64 = 34.0;
const TOP: f64 = 22.0;
/// More weeks than this are too many to shrink into a column of the page; the page lets them scroll.
const LONG: i32 = 30;

/// Draws the days, ascending and without holes.
#[must_use]
pub fn calendar(days: &[HeatDay], title: &str, description: &str) -> String {
    let first = days.first().map_or(Day(0), |day| day.day.week());
    let last = days.last().map_or(Day(0), |day| day.day);
    let columns = last.since(first).div_euclid(7) + 1;
    let mut picture = Picture::open("calendar", LEFT + f64::from(columns) * PITCH, TOP + 7.0 * PITCH, title, description);
    if columns > LONG {
        picture.class("long");
    }
    picture.stripes("calendar-stripes");
    for (row, name) in [(0, "Mon"), (2, "Wed"), (4, "Fri")] {
        picture.label("tick", (LEFT - 6.0, TOP + f64::from(row) * PITCH + 12.0), "end", name);
    }
    months(&mut picture, first, columns);
    let scale = HeatScale::of(days);
    for day in days {
        let offset = day.day.since(first);
        let corner = (LEFT + f64::from(offset.div_euclid(7)) * PITCH, TOP + f64::from(offset.rem_euclid(7)) * PITCH);
        let (class, more) = cell(day, &scale);
        picture.rect(&class, corner, (CELL, CELL), &more);
    }
    picture.close()
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn cell(day: &HeatDay, scale: &HeatScale) -> (String, String) {
    let mut more = String::from(r#" rx="2""#);
    if let Some(interactions) = day.interactions {
        let datum = Datum {
            day: day.day.to_string(),
            series: "Interactions",
            value: interactions as f64,
            text: count(interactions),
            provisional: false,
        };
        more.push_str(&datum.attributes());
        (format!("heat heat-{}", scale.level(interactions)), more)
    } else {
        let _ = write!(
            more,
            r#" fill="url(#calendar-stripes)" data-day="{}" data-series="Interactions" data-text="{NO_DATA} (no data)""#,
            day.day
        );
        ("heat heat-none".to_owned(), more)
    }
}

/// Names a month above the column in which it begins, unless the name before is too near.
fn months(picture: &mut Picture, first: Day, columns: i32) {
    let mut named = i32::MIN / 2;
    for column in 0..columns {
        let monday = first.plus(column * 7);
        let begins = (0..7).map(|day| monday.plus(day)).find(|day| day.month() == *day);
        if let Some(begin) = begins
            && column - named >= 3
        {
            let format = if begin.date().month() == 1 { "%b %Y" } else { "%b" };
            let name = begin.date().strftime(format).to_string();
            picture.label("tick", (LEFT + f64::from(column) * PITCH, TOP - 9.0), "start", &name);
            named = column;
        }
    }
}
