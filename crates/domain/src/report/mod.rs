//! Questions and their answers. One report has many faces (page, JSON, CSV, terminal); all of them show these numbers.

mod chart;
mod document;
mod made;
mod table;
mod twin;

pub use chart::{
    Annotation, Bar, Bars, Bucket, Calendar, Chart, Distribution, Dot, Gauge, Punch, Scatter, Step, Strip, Timeline, TrendPoint,
    Unit,
};
pub use document::{Group, Note, Report, ReportName, Section, Weight};
pub use made::Rows;
pub use table::{Arrangement, Cell, Column, ListedPull, Sorted, Table, UnknownColumn};
pub use twin::{cell, twin};

use crate::metrics::Cohort;
use crate::{Day, Instant, Money, OrganizationId, SubjectId, ToolId, Window};
use serde::Serialize;
use std::collections::BTreeSet;

/// Whose own rows an answer may hold. It never changes a total: those are of everyone, and are made before rows are left out.
///
/// A total over very few people can stand for one of them: [`crate::reports::people::few`] says when it is not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Every member's, and those of identities that match no member.
    Everyone,
    /// These members'. An identity that matches no member could be anyone's, so it is not shown even if it is named here.
    Only(BTreeSet<SubjectId>),
    /// No one's.
    Nobody,
}

impl Audience {
    /// Whether a subject's own row is shown.
    #[must_use]
    pub fn sees(&self, subject: SubjectId, unmatched: bool) -> bool {
        match self {
            Self::Everyone => true,
            Self::Only(members) => !unmatched && members.contains(&subject),
            Self::Nobody => false,
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Whose data.
    pub organization: OrganizationId,
    /// Which days.
    pub window: Window,
    /// Which tools; empty means all.
    pub tools: Vec<ToolId>,
    /// Only this team, as its members were on each day; `None`: everyone.
    pub team: Option<i64>,
    /// Only this member; `None`: everyone.
    pub member: Option<SubjectId>,
    /// First row of the member table, counted from 0.
    pub offset: usize,
    /// Rows of the member table.
    pub limit: usize,
    /// Whose rows the answer may hold.
    pub audience: Audience,
    /// How the main table will be arranged; a report that makes its rows one by one then makes those only that are left.
    /// `None`: all rows are wanted.
    pub shown: Option<Arrangement>,
}

impl Question {
    /// All tools over a window, with the first 20 of all members: for whoever runs the server. Whoever asks over the
    /// network brings an audience of their own.
    #[must_use]
    pub fn overview(organization: OrganizationId, window: Window) -> Self {
        Self {
            organization,
            window,
            tools: Vec::new(),
            team: None,
            member: None,
            offset: 0,
            limit: 20,
            audience: Audience::Everyone,
            shown: None,
        }
    }

    /// Whether the question is about this tool.
    #[must_use]
    pub fn asks_for(&self, tool: &ToolId) -> bool {
        self.tools.is_empty() || self.tools.contains(tool)
    }
}

/// A value with its unit; `Unknown` is "no data" and is never shown as zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "unit", content = "value", rename_all = "snake_case")]
pub enum Amount {
    /// The vendors do not say.
    Unknown,
    /// A whole number.
    Count(i64),
    /// A share between 0 and 1.
    Share(f64),
    /// Micro-dollars.
    Money(Money),
    /// A length of time in seconds; negative where one length is less than another.
    Duration(i64),
    /// A number with a fraction.
    Number(f64),
}

impl Amount {
    /// A count, or unknown.
    #[must_use]
    pub fn count(value: Option<i64>) -> Self {
        value.map_or(Self::Unknown, Self::Count)
    }

    /// A share, or unknown.
    #[must_use]
    pub fn share(value: Option<f64>) -> Self {
        value.map_or(Self::Unknown, Self::Share)
    }

    /// Micro-dollars, or unknown.
    #[must_use]
    pub fn money(micros: Option<i64>) -> Self {
        micros.map_or(Self::Unknown, |value| Self::Money(Money(value)))
    }

    /// Seconds, or unknown.
    #[must_use]
    pub fn duration(seconds: Option<i64>) -> Self {
        seconds.map_or(Self::Unknown, Self::Duration)
    }

    /// The bare number (dollars for money, hours for time), to compare and to draw.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Unknown => None,
            Self::Count(count) => Some(count as f64),
            Self::Share(share) => Some(share),
            Self::Money(money) => Some(money.dollars()),
            Self::Duration(seconds) => Some(seconds as f64 / 3_600.0),
            Self::Number(number) => Some(number),
        }
    }
}

/// A figure with all it needs to be believed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Stable id: `active_members`.
    pub id: String,
    /// What a person reads.
    pub label: String,
    /// The value over the window.
    pub value: Amount,
    /// The value over the window before; unknown where that has no data.
    pub before: Amount,
    /// The parts the value is made of, by tool, where it has parts.
    pub parts: Vec<Part>,
    /// The denominator or number of rows behind it, in words: "of 52 seats".
    pub context: String,
    /// How it is calculated.
    pub formula: String,
    /// Whether a day in it may still be restated.
    pub provisional: bool,
    /// One value per day of the window; `None` where there is no data.
    pub spark: Vec<Option<f64>>,
}

impl Figure {
    /// A figure without comparison, parts, context or picture.
    #[must_use]
    pub fn bare(id: &str, label: &str, value: Amount, formula: &str) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            value,
            before: Amount::Unknown,
            parts: Vec::new(),
            context: String::new(),
            formula: formula.into(),
            provisional: false,
            spark: Vec::new(),
        }
    }
}

/// One tool's part of a figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// The tool.
    pub tool: ToolId,
    /// Its name, with the rule where the tool has several.
    pub label: String,
    /// Its value.
    pub value: Amount,
    /// Its share of the whole, where the parts add up.
    pub share: Option<f64>,
}

/// A line in a chart over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// The tool.
    pub tool: ToolId,
    /// Its name, with the rule where the tool has several.
    pub label: String,
    /// Place in the series palette.
    pub colour: u8,
    /// The points, ascending.
    pub points: Vec<Point>,
}

/// A point of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// The day, or the first day of the week or month.
    pub day: Day,
    /// The value; `None` is no data.
    pub value: Option<f64>,
    /// Whether it may still be restated.
    pub provisional: bool,
}

/// A day of the calendar heatmap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HeatDay {
    /// The day.
    pub day: Day,
    /// Interactions of all tools; `None` is no data.
    pub interactions: Option<i64>,
}

/// One tool's use over the window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolUsage {
    /// The tool.
    pub tool: ToolId,
    /// Its name.
    pub name: String,
    /// Place in the series palette.
    pub colour: u8,
    /// What its interactions are.
    pub unit: String,
    /// Interactions; `None` is no data.
    pub interactions: Option<i64>,
    /// Tokens of all kinds; `None`: the vendor does not say.
    pub tokens: Option<i64>,
    /// Share of all interactions, units notwithstanding.
    pub share: Option<f64>,
    /// Distinct active members.
    pub active_members: i64,
    /// Distinct active identities that match no member.
    pub active_unmatched: i64,
}

/// A member, or an identity nobody has matched, in the member table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberRow {
    /// Member or unmatched identity.
    pub subject: SubjectId,
    /// Name, e-mail or login; empty until the store fills it in.
    pub name: String,
    /// Whether this is an identity that matches no member.
    pub unmatched: bool,
    /// The tools used in the window.
    pub tools: Vec<ToolId>,
    /// Last active day in the window.
    pub last_active: Option<Day>,
    /// Distinct active days in the window, all tools.
    pub active_days: u32,
    /// Part of the working days of the window that were active, as a cohort.
    pub cohort: Cohort,
    /// Interactions of all tools.
    pub interactions: Option<i64>,
    /// Acceptance per tool and rule.
    pub acceptance: Vec<Part>,
    /// Lines added.
    pub lines_added: Option<i64>,
    /// Value at vendor prices, in micro-dollars.
    pub cost: Option<Money>,
    /// Interactions per day of the window.
    pub spark: Vec<Option<f64>>,
}

/// The member table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberTable {
    /// The page of rows asked for, most interactions first.
    pub rows: Vec<MemberRow>,
    /// How many rows there are to page through.
    pub total_rows: usize,
    /// How many more there are that the asker may not see; the totals hold them all the same.
    pub hidden_rows: usize,
    /// First row of the page, counted from 0.
    pub offset: usize,
}

/// Where the numbers come from and how fresh they are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Provenance {
    /// When data was last read from a vendor.
    #[serde(serialize_with = "crate::day::as_text::maybe")]
    pub last_synced: Option<Instant>,
    /// Share of interactions that belong to matched members.
    pub coverage: Option<f64>,
    /// Days of the window that may still be restated.
    pub provisional_days: u32,
    /// Days of the window without data from any tool.
    pub missing_days: u32,
}

/// The answer to "are we using what we pay for, and is it growing?".
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overview {
    /// The window asked for.
    pub window: Window,
    /// The figures, in the order they are shown.
    pub figures: Vec<Figure>,
    /// Active members per day and tool.
    pub adoption: Vec<Series>,
    /// Interactions per day.
    pub heatmap: Vec<HeatDay>,
    /// Use by tool, most used first.
    pub usage: Vec<ToolUsage>,
    /// Acceptance per week, tool and rule.
    pub acceptance: Vec<Series>,
    /// Who uses what.
    pub members: MemberTable,
    /// Where it comes from.
    pub provenance: Provenance,
}

impl Overview {
    /// The figure of that id.
    #[must_use]
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.id == id)
    }

    /// Whether no tool has data in the window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.usage.is_empty()
    }
}
