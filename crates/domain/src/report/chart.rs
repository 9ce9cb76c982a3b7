//! What charts are drawn from. A chart says nothing that its table does not say too.

use super::{Amount, HeatDay, Series};
use crate::Day;
use serde::Serialize;

/// A chart's kind and data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Chart {
    /// Areas over time, stacked.
    Stacked(Timeline),
    /// Lines over time.
    Lines(Timeline),
    /// Columns over time, stacked.
    Columns(Timeline),
    /// One bar for each thing, the longest first.
    Bars(Bars),
    /// A square for each day, a column for each week.
    Calendar(Calendar),
    /// Weekday by hour of the day.
    Punch(Punch),
    /// How many people fall in each range of a value.
    Distribution(Distribution),
    /// A point for each thing by two values, with the line through them and its interval where there is one.
    Scatter(Scatter),
    /// A cell for each day in one of a few states.
    Strip(Strip),
    /// One share of a whole.
    Gauge(Gauge),
}

/// What a value is, for axes, tooltips and tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A whole number of things.
    #[default]
    Count,
    /// A share between 0 and 1.
    Share,
    /// Dollars.
    Dollars,
    /// Hours, drawn with the unit that fits: `45 min`, `6.5 h`, `3.2 d`.
    Hours,
}

/// How far points over time stand apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A day.
    #[default]
    Day,
    /// A week, named by its Monday.
    Week,
    /// A month, named by its first day.
    Month,
}

/// Series over time; all have the same points' days.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Timeline {
    /// The series.
    pub series: Vec<Series>,
    /// What is counted.
    pub unit: Unit,
    /// From point to point.
    pub step: Step,
    /// Where the meaning of the data changes.
    pub annotations: Vec<Annotation>,
}

/// Where the meaning of a vendor's data changes (METRICS rule 9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Annotation {
    /// From this day on.
    pub day: Day,
    /// What changed, in a sentence.
    pub text: String,
    /// Where that is said; empty where it is our own.
    pub source: String,
}

/// A bar for each thing.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Bars {
    /// What the bars are of, in the singular: `Model`.
    pub of: String,
    /// What is measured, with its unit: `Interactions`.
    pub measure: String,
    /// The bars, in the order they are drawn.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// Place in the series palette.
    pub colour: u8,
    /// Its length.
    pub value: Amount,
    /// Its part of the whole, where the bars add up.
    pub share: Option<f64>,
    /// More in a few words: the unit, how many people.
    pub context: String,
}

/// Days of a calendar.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Calendar {
    /// The days, from a Monday on.
    pub days: Vec<HeatDay>,
    /// The borders of the levels: at least this many for level 1, 2, 3, 4; `None`: by the largest value.
    pub levels: Option<[i64; 4]>,
}

/// Weekday by hour.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Punch {
    /// What is counted, in the plural: `requests`.
    pub unit: String,
    /// Monday first, then by hour from 0 to 23; `None`: no source with a time of day has data for that weekday.
    pub cells: Vec<[Option<i64>; 24]>,
    /// The time zone of the hours: `UTC`.
    pub zone: String,
}

/// Ranges of a value and how many people fall in each.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Distribution {
    /// What is measured, with its unit.
    pub measure: String,
    /// The ranges, ascending.
    pub buckets: Vec<Bucket>,
}

/// A range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// `6 to 15`.
    pub label: String,
    /// How many people.
    pub people: i64,
}

/// Points by two values.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Scatter {
    /// What goes to the right, with its unit.
    pub across: String,
    /// What goes up, with its unit.
    pub up: String,
    /// The points.
    pub points: Vec<Dot>,
    /// The middle line with its interval; empty where there is not enough data.
    pub trend: Vec<TrendPoint>,
}

/// A point by two values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dot {
    /// What it stands for; empty where it must not be named.
    pub label: String,
    /// Place in the series palette.
    pub colour: u8,
    /// To the right.
    pub x: f64,
    /// Up.
    pub y: f64,
}

/// A place of the middle line.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrendPoint {
    /// To the right.
    pub x: f64,
    /// The middle.
    pub y: f64,
    /// The lower end of the 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Days in states.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Strip {
    /// The states there are: an id for colours (`final`, `provisional`, `missing`, `idle`), and the words.
    pub states: Vec<(String, String)>,
    /// The days with the place of their state.
    pub days: Vec<(Day, usize)>,
}

/// A share of a whole with marks on the way.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Gauge {
    /// What is full.
    pub label: String,
    /// The share; may exceed 1; `None` is no data.
    pub value: Option<f64>,
    /// Where it becomes a matter of attention, and where it is too much.
    pub marks: Vec<f64>,
}
