//! The card that somebody shares: who, which days, three numbers and a calendar, in the size that previews of links have.
//! It says nothing but what it is given.

use crate::font::FAMILY;
use crate::heat::HeatScale;
use crate::measure::{fitted, width};
use crate::palette::Theme;
use crate::press::ShareCard;
use crate::svg::{at, escape};
use crate::words::count;
use std::fmt::Write;
use tacho_domain::Day;
use tacho_domain::report::HeatDay;

const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 627.0;
const MARGIN: f64 = 72.0;
/// The borders of one person's days: none, 1 to 5, 6 to 15, 16 and more.
const LEVELS: [i64; 4] = [1, 6, 16, i64::MAX];
/// More weeks than this take a strip of their own below the numbers, and no more than a year and a bit is drawn.
const FEW_WEEKS: i32 = 20;
const MOST_WEEKS: i32 = 54;

/// The card as a picture of 1200 by 627 points, with its own colours.
#[must_use]
pub fn share_card(card: &ShareCard) -> String {
    let mut picture = Card { text: open(card) };
    picture.head(card);
    let days = recent(&card.heatmap);
    if weeks(days) <= FEW_WEEKS {
        picture.numbers(card, |place| (MARGIN, 326.0 + place * 106.0), 460.0);
        picture.heatmap(days, (620.0, 262.0), (WIDTH - MARGIN, 548.0));
    } else {
        picture.numbers(card, |place| (MARGIN + place * 366.0, 306.0), 330.0);
        picture.heatmap(days, (MARGIN, 392.0), (WIDTH - MARGIN, 548.0));
    }
    picture.text.push_str("</svg>");
    picture.text
}

/// The card under way.
struct Card {
    text: String,
}

/// How words are drawn.
#[derive(Clone, Copy)]
struct Type {
    size: f64,
    bold: bool,
    colour: &'static str,
    anchor: &'static str,
}

const SMALL: Type = Type { size: 24.0, bold: false, colour: "soft", anchor: "start" };
const LARGE: Type = Type { size: 56.0, bold: true, colour: "text", anchor: "start" };

fn colour(name: &str) -> &'static str {
    Theme::Dark.colour(name).unwrap_or("#888888")
}

fn open(card: &ShareCard) -> String {
    format!(
        concat!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}">"##,
            r##"<rect width="{w}" height="{h}" fill="{page}"/><rect width="{w}" height="10" fill="{accent}"/>"##
        ),
        w = WIDTH,
        h = HEIGHT,
        label = escape(&summary(card)),
        page = colour("page"),
        accent = colour("heat-3"),
    )
}

/// The card in a sentence.
fn summary(card: &ShareCard) -> String {
    let interactions =
        card.interactions.map_or("no data on interactions".to_owned(), |all| format!("{} interactions", count(all)));
    let tool = card.top_tool.as_ref().map_or(String::new(), |tool| format!(", mostly {tool}"));
    format!("{}, {}: {interactions}, {} of {} days active{tool}", card.name, card.window, card.active_days, card.days)
}

impl Card {
    fn head(&mut self, card: &ShareCard) {
        self.words("Working with AI tools", (MARGIN, 86.0), 700.0, Type { colour: "accent", ..SMALL });
        let mark = Type { bold: true, anchor: "end", size: 26.0, ..LARGE };
        self.words("Tacho", (WIDTH - MARGIN, 86.0), 300.0, mark);
        self.words(&card.name, (MARGIN, 160.0), WIDTH - 2.0 * MARGIN, LARGE);
        let parts: Vec<&str> = card.organization.as_deref().into_iter().chain([card.window.as_str()]).collect();
        self.words(&parts.join("  ·  "), (MARGIN, 206.0), WIDTH - 2.0 * MARGIN, SMALL);
    }

    /// The three numbers, each where `place` says, none wider than `room`.
    fn numbers(&mut self, card: &ShareCard, place: impl Fn(f64) -> (f64, f64), room: f64) {
        let interactions = card.interactions.map_or("no data".to_owned(), count);
        let days = format!("{} of {}", card.active_days, card.days);
        let tool = card.top_tool.clone().unwrap_or_else(|| "no data".to_owned());
        for (order, (value, label)) in
            [(0.0, (interactions, "interactions")), (1.0, (days, "days active")), (2.0, (tool, "most used tool"))]
        {
            let (x, y) = place(order);
            self.words(&value, (x, y), room, LARGE);
            self.words(label, (x, y + 34.0), room, SMALL);
        }
    }

    /// The calendar in that box: a column for each week, to the right edge, with what the shades mean below it.
    fn heatmap(&mut self, days: &[HeatDay], (left, top): (f64, f64), (right, bottom): (f64, f64)) {
        let Some(first) = days.first().map(|day| day.day.week()) else { return };
        let columns = f64::from(weeks(days));
        let pitch = ((right - left) / columns).min((bottom - top) / 7.0).min(44.0);
        let (x, size) = (right - columns * pitch, pitch * 0.84);
        let scale = HeatScale::given(LEVELS);
        for day in days {
            let offset = day.day.since(first);
            let corner = (x + f64::from(offset.div_euclid(7)) * pitch, top + f64::from(offset.rem_euclid(7)) * pitch);
            self.cell(corner, size, day.interactions.map(|value| scale.level(value)));
        }
        self.levels(&scale, right, top + 7.0 * pitch + 12.0);
    }

    /// One day; without data only its outline.
    fn cell(&mut self, (x, y): (f64, f64), size: f64, level: Option<usize>) {
        let paint = match level {
            Some(level) => format!(r#"fill="{}""#, colour(&format!("heat-{level}"))),
            None => format!(r#"fill="none" stroke="{}""#, colour("line")),
        };
        let (x, y, size, round) = (at(x), at(y), at(size), at(size * 0.18));
        let _ = write!(self.text, r#"<rect x="{x}" y="{y}" width="{size}" height="{size}" rx="{round}" {paint}/>"#);
    }

    /// What the shades mean, in a line that ends at the right edge.
    fn levels(&mut self, scale: &HeatScale, right: f64, top: f64) {
        let kind = Type { size: 17.0, ..SMALL };
        let long = |words: &str| 24.0 + width(words, kind.size, false);
        let legend = scale.legend();
        let mut x = right - legend.iter().map(|(_, words)| long(words)).sum::<f64>() - 16.0 * 3.0;
        for (level, words) in legend {
            self.cell((x, top), 16.0, Some(level));
            self.words(&words, (x + 24.0, top + 14.0), 160.0, kind);
            x += long(&words) + 16.0;
        }
    }

    /// One line of words, made smaller and then cut where there is no room for it.
    fn words(&mut self, words: &str, (x, y): (f64, f64), room: f64, kind: Type) {
        let (words, size) = fitted(words, room, kind.size, kind.bold);
        let weight = if kind.bold { 700 } else { 400 };
        let (x, y, size, anchor, colour) = (at(x), at(y), at(size), kind.anchor, colour(kind.colour));
        let _ = write!(
            self.text,
            r#"<text x="{x}" y="{y}" font-family="{FAMILY}, sans-serif" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{colour}">{}</text>"#,
            escape(&words)
        );
    }
}

/// The days that there is room for: the newest.
fn recent(days: &[HeatDay]) -> &[HeatDay] {
    let Some(last) = days.last().map(|day| day.day) else { return days };
    let from = last.week().minus((MOST_WEEKS - 1) * 7);
    &days[days.partition_point(|day| day.day < from)..]
}

/// How many weeks, from Monday to Sunday, the days touch.
fn weeks(days: &[HeatDay]) -> i32 {
    let monday = |day: Option<&HeatDay>| day.map_or(Day(0), |day| day.day.week());
    monday(days.last()).since(monday(days.first())).div_euclid(7) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_days_are_drawn_and_no_more_than_fit() {
        let days: Vec<HeatDay> = (0..1200).map(|day| HeatDay { day: Day(20_000 + day), interactions: Some(1) }).collect();
        let drawn = recent(&days);
        assert_eq!(drawn.last(), days.last());
        assert_eq!(weeks(drawn), MOST_WEEKS);
        assert!(recent(&[]).is_empty());
    }
}
