//! The Members report: who uses what?

mod figures;
mod table;

use super::people::{Presence, Sums, Trends};
use crate::metrics::People;
use crate::money::group;
use crate::report::{Note, Provenance, Question, Report, ReportName, Weight};
use crate::{Directory, SubjectId, ToolProfile};
use std::collections::HashMap;

/// All that the report is made from. Everybody in it counts; whose rows are shown, the question's audience says.
#[derive(Debug)]
pub struct Material<'a> {
    /// What is known of the tools.
    pub profiles: &'a [ToolProfile],
    /// Who is who.
    pub directory: &'a Directory,
    /// What each identity did with each tool.
    pub sums: Sums,
    /// Each subject's days.
    pub presence: Presence,
    /// Each subject's interactions over time.
    pub trends: Trends,
    /// Who was active in the window before; `None`: nobody knows.
    pub active_before: Option<People>,
    /// The members who were there in the window, whether they use a tool or not.
    pub members: Vec<SubjectId>,
    /// What subjects are called.
    pub names: HashMap<SubjectId, String>,
    /// The teams, by name, and who was in each on any day of the window.
    pub teams: Vec<(String, People)>,
    /// Active hours, where a tool tells the time of day.
    pub hours: HashMap<SubjectId, u32>,
    /// How fresh it is.
    pub provenance: Provenance,
}

/// The document.
#[must_use]
pub fn document(question: &Question, material: &Material<'_>) -> Report {
    let everyone = table::Everyone::of(material);
    let people = &everyone.people;
    let sections = vec![figures::cohorts(question, people), table::section(question, material, &everyone)];
    let hidden = sections.last().map_or(0, |section| section.table.hidden_rows);
    Report {
        name: ReportName::Members,
        title: "Members".into(),
        question: "Who uses what?".into(),
        window: question.window,
        scope: Vec::new(),
        notes: super::sight(question, hidden).into_iter().chain(unmatched(people)).collect(),
        groups: figures::groups(question, material, people),
        sections,
        provenance: material.provenance.clone(),
        is_empty: material.sums.is_empty(),
    }
}

/// That some use belongs to nobody known.
fn unmatched(everyone: &[table::Person]) -> Option<Note> {
    let many = everyone.iter().filter(|person| person.unmatched).count();
    let title = match many {
        0 => return None,
        1 => "1 identity matches no member".to_owned(),
        many => format!("{} identities match no member", group(many)),
    };
    Some(Note {
        weight: Weight::Info,
        title,
        text: "Each is a row of its own until somebody says whose it is. Totals hold them either way.".into(),
        way: Some(("/settings/people".into(), "Match identities".into())),
    })
}
