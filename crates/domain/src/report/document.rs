//! A report as one document: what page, PDF, spreadsheet, CSV and REST all show. A face adds nothing and leaves nothing out.

use super::{Arrangement, Chart, Figure, Provenance, Table, UnknownColumn};
use crate::{IntegrationId, SubjectId, ToolId, Window};
use serde::Serialize;
use std::fmt;

/// Which report.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReportName {
    /// Are we using what we pay for, is it growing?
    Overview,
    /// How is this tool used?
    Tool(ToolId),
    /// Who uses what?
    Members,
    /// One person, all tools.
    Member(SubjectId),
    /// The same of whoever asks.
    Mine,
    /// How do teams compare over time?
    Teams,
    /// One team over time.
    Team(i64),
    /// Whom could we release?
    Seats,
    /// What does it cost, where will the month end?
    Cost,
    /// Does it help us ship?
    Delivery,
    /// Do our totals equal the vendor's own?
    Reconciliation(IntegrationId),
}

impl ReportName {
    /// The address of its page.
    #[must_use]
    pub fn page(&self) -> String {
        match self {
            Self::Overview => "/".into(),
            Self::Tool(tool) => format!("/tools/{tool}"),
            Self::Members => "/members".into(),
            Self::Member(member) => format!("/members/{}", member.0),
            Self::Mine => "/me".into(),
            Self::Teams => "/teams".into(),
            Self::Team(team) => format!("/teams/{team}"),
            Self::Seats => "/seats".into(),
            Self::Cost => "/cost".into(),
            Self::Delivery => "/delivery".into(),
            Self::Reconciliation(integration) => format!("/reconciliation/{integration}"),
        }
    }

    /// The name that [`fmt::Display`] writes, read back.
    ///
    /// ```
    /// use tacho_domain::report::ReportName;
    /// assert_eq!(ReportName::parse("team-3"), Some(ReportName::Team(3)));
    /// assert_eq!(ReportName::parse("team-3").unwrap().to_string(), "team-3");
    /// assert_eq!(ReportName::parse("team-x"), None);
    /// ```
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let numbered = |prefix: &str| name.strip_prefix(prefix);
        match name {
            "overview" => return Some(Self::Overview),
            "members" => return Some(Self::Members),
            "me" => return Some(Self::Mine),
            "teams" => return Some(Self::Teams),
            "seats" => return Some(Self::Seats),
            "cost" => return Some(Self::Cost),
            "delivery" => return Some(Self::Delivery),
            _ => {}
        }
        if let Some(tool) = numbered("tool-").filter(|tool| !tool.is_empty()) {
            return Some(Self::Tool(ToolId(tool.to_owned().into())));
        }
        if let Some(member) = numbered("member-") {
            return member.parse().ok().map(|id| Self::Member(SubjectId(id)));
        }
        if let Some(team) = numbered("team-") {
            return team.parse().ok().map(Self::Team);
        }
        numbered("reconciliation-")?.parse().ok().map(|id| Self::Reconciliation(IntegrationId(id)))
    }
}

impl fmt::Display for ReportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overview => f.write_str("overview"),
            Self::Tool(tool) => write!(f, "tool-{tool}"),
            Self::Members => f.write_str("members"),
            Self::Member(member) => write!(f, "member-{}", member.0),
            Self::Mine => f.write_str("me"),
            Self::Teams => f.write_str("teams"),
            Self::Team(team) => write!(f, "team-{team}"),
            Self::Seats => f.write_str("seats"),
            Self::Cost => f.write_str("cost"),
            Self::Delivery => f.write_str("delivery"),
            Self::Reconciliation(integration) => write!(f, "reconciliation-{integration}"),
        }
    }
}

impl Serialize for ReportName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Which report.
    pub name: ReportName,
    /// The heading: `Overview`, `GitHub Copilot`, a person's name.
    pub title: String,
    /// What it answers, in one sentence.
    pub question: String,
    /// The days asked for.
    pub window: Window,
    /// What narrows it, in words: `Team: Platform`. Empty: everything.
    pub scope: Vec<String>,
    /// What a reader must know before the figures.
    pub notes: Vec<Note>,
    /// The figures, under their headings.
    pub groups: Vec<Group>,
    /// The charts and tables, in the order they are shown.
    pub sections: Vec<Section>,
    /// Where it comes from and how fresh it is.
    pub provenance: Provenance,
    /// Whether there is nothing to show in the window.
    pub is_empty: bool,
}

/// Figures under a heading.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// The heading.
    pub heading: String,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// A chart with its table, or a table alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// Stable id, unique in the report: `adoption`.
    pub id: String,
    /// The heading.
    pub title: String,
    /// What is counted, in a sentence: the definition of what is shown.
    pub subtitle: String,
    /// The picture; `None`: the table is the thing.
    pub chart: Option<Chart>,
    /// The table: the chart's twin, or the thing itself. Rows are arranged before a face sees them.
    pub table: Table,
    /// What stands in its place while there are no rows and nothing to draw, with the reason.
    pub empty: String,
    /// Whether it takes the page's whole width.
    pub wide: bool,
}

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Good to know.
    Info,
    /// Something to look after.
    Warning,
    /// Something is wrong.
    Problem,
}

/// What a reader must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// How much it matters.
    pub weight: Weight,
    /// In two or three words.
    pub title: String,
    /// In a sentence or two; code between backticks.
    pub text: String,
    /// Where to look after it: address below the root and words.
    pub way: Option<(String, String)>,
}

impl Report {
    /// The figure of that id.
    #[must_use]
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.groups.iter().flat_map(|group| &group.figures).find(|figure| figure.id == id)
    }

    /// The section of that id.
    #[must_use]
    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == id)
    }

    /// Sorts, searches and cuts the table that is meant; the others stay whole.
    ///
    /// # Errors
    /// When it has no such column, or the report no such section.
    pub fn arrange(&mut self, wanted: &Arrangement) -> Result<(), UnknownColumn> {
        let main = self.main_section().map(|section| section.id.clone());
        let Some(id) = wanted.section.clone().or(main) else { return Ok(()) };
        if let Some(section) = self.sections.iter_mut().find(|section| section.id == id) {
            return section.table.arrange(wanted);
        }
        let known = self.sections.iter().map(|section| section.id.clone()).collect();
        Err(UnknownColumn { asked: id, known })
    }

    /// The section whose table the address sorts, searches and pages: the first wide one without a chart, else the first
    /// with a table.
    #[must_use]
    pub fn main_section(&self) -> Option<&Section> {
        let tables = || self.sections.iter().filter(|section| !section.table.columns.is_empty());
        tables().find(|section| section.chart.is_none()).or_else(|| tables().next())
    }
}
