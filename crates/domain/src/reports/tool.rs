//! One tool's report: how is it used? It says only what the tool's vendor says; the rest is absent, with the reason in the
//! last table.

mod charts;
mod cohorts;
mod figures;
mod parts;
#[cfg(test)]
mod tests;

use super::{context, overview};
use crate::overview::gather::Gathered;
use crate::overview::{Material, answer};
use crate::report::{Cell, Column, Note, Question, Report, ReportName, Section, Table};
use crate::{Day, Dimension, IdentityId, Measures, ToolId, ToolProfile};

/// What one value of a dimension came to over a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartSum {
    /// By what.
    pub dimension: Dimension,
    /// The part, in the vendor's word.
    pub value: String,
    /// What was counted.
    pub measures: Measures,
}

/// A vendor's own count of people on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCount {
    /// The day.
    pub day: Day,
    /// The vendor's name for it.
    pub name: String,
    /// How many.
    pub value: i64,
}

/// A seat as it stood when the window ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatHeld {
    /// Who holds it.
    pub identity: IdentityId,
    /// Since when, where the vendor says.
    pub since: Option<Day>,
}

/// All that a tool's report is made from.
#[derive(Debug)]
pub struct ToolMaterial<'a> {
    /// The tool.
    pub profile: &'a ToolProfile,
    /// What the Overview would be made from, of this tool alone.
    pub usage: Material<'a>,
    /// The parts over the window, all dimensions.
    pub parts: Vec<PartSum>,
    /// The parts by feature over the window before.
    pub features_before: Vec<PartSum>,
    /// The vendor's own counts over the window.
    pub counts: Vec<UserCount>,
    /// The seats.
    pub seats: Vec<SeatHeld>,
}

/// The members that the report names.
pub const MEMBERS: usize = 20;

/// The question as it is put to the material: of this tool alone, with the first [`MEMBERS`].
#[must_use]
pub fn narrowed(question: &Question, tool: &ToolId) -> Question {
    Question { tools: vec![tool.clone()], offset: 0, limit: MEMBERS, ..question.clone() }
}

/// A report before the details of its members are filled in, which the store reads for the rows that are shown.
#[derive(Debug)]
pub struct Draft {
    /// The rows to fill in.
    pub usage: crate::report::Overview,
    report: Report,
}

impl Draft {
    /// The document, once the members' names are there.
    #[must_use]
    pub fn document(mut self, profiles: &[ToolProfile]) -> Report {
        let members = overview::members(&self.usage, profiles);
        let place = self.report.sections.iter().position(|section| section.id == QUALITY).unwrap_or(self.report.sections.len());
        self.report.sections.insert(place, members);
        self.report
    }
}

/// The id of the section that tells what the data leave out.
const QUALITY: &str = "data_quality";

/// Makes the report.
#[must_use]
pub fn draft(question: &Question, material: &ToolMaterial<'_>) -> Draft {
    let profile = material.profile;
    let question = narrowed(question, &ToolId::new(profile.id));
    let gathered = Gathered::read(&question, &material.usage);
    let usage = answer(&question, &material.usage, &gathered);
    let is_empty = !gathered.tools.iter().any(|tool| tool.has_data(question.window));
    let report = Report {
        name: ReportName::Tool(ToolId::new(profile.id)),
        title: profile.name.to_owned(),
        question: format!("How is {} used?", profile.name),
        window: question.window,
        scope: Vec::new(),
        notes: notes(&question, &usage, is_empty),
        groups: figures::groups(&question, material, &gathered),
        sections: sections(&question, material, &gathered),
        provenance: usage.provenance.clone(),
        is_empty,
    };
    Draft { usage, report }
}

fn notes(question: &Question, usage: &crate::report::Overview, is_empty: bool) -> Vec<Note> {
    let mut notes: Vec<Note> = context::unmatched(&usage.usage, &usage.provenance).into_iter().collect();
    notes.extend(super::sight(question, usage.members.hidden_rows));
    notes.extend(context::days(&usage.provenance, question.window, is_empty));
    notes
}

fn sections(question: &Question, material: &ToolMaterial<'_>, gathered: &Gathered<'_>) -> Vec<Section> {
    let mut sections = Vec::new();
    if let Some(tool) = gathered.tools.first() {
        sections.extend(charts::over_time(question.window, material.profile, gathered, tool));
        sections.push(cohorts::section(question.window, material, gathered));
        sections.extend(charts::vendor_counts(question.window, material));
        sections.extend(parts::sections(material, &tool.now));
    }
    sections.extend(quality(material.profile));
    sections
}

/// What the vendor leaves out, and why a figure may be absent.
fn quality(profile: &ToolProfile) -> Option<Section> {
    let columns = vec![Column::text("about", "About"), Column::text("what", "What to know")];
    let rows: Vec<Vec<Cell>> =
        profile.caveats.iter().map(|caveat| vec![Cell::text(caveat.title), Cell::text(caveat.text)]).collect();
    let subtitle = "What the vendor's data leave out. What it does not tell is absent here, not zero.";
    let section = |rows| Section::listed(QUALITY, "What to know of these data", subtitle, Table::new(columns, rows)).widened();
    (!rows.is_empty()).then(|| section(rows))
}
