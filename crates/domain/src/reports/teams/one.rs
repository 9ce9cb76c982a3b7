//! The report of one team: what everybody did on the days they were in it.

use crate::ToolProfile;
use crate::report::{Group, Overview, Question, Report, ReportName, Section};
use crate::reports::{members, overview as of_everyone};

/// All that the report is made from, each narrowed to the team.
#[derive(Debug)]
pub struct TeamMaterial<'a> {
    /// Its number.
    pub team: i64,
    /// Its name.
    pub name: String,
    /// The figures and lines of those in it.
    pub overview: Overview,
    /// Its members.
    pub members: members::Material<'a>,
}

/// The document.
#[must_use]
pub fn document(question: &Question, material: &TeamMaterial<'_>) -> Report {
    let people = members::document(question, &material.members);
    let mut groups = vec![of_overview(&material.overview)];
    groups.extend(people.groups.into_iter().map(|mut group| {
        group.figures.retain(|figure| figure.id != "active_members");
        group
    }));
    let mut sections = drawn(&material.overview, material.members.profiles);
    sections.extend(people.sections);
    Report {
        name: ReportName::Team(material.team),
        title: material.name.clone(),
        question: "How does this team use AI tools over time?".into(),
        window: question.window,
        scope: Vec::new(),
        notes: people.notes,
        groups,
        sections,
        provenance: material.overview.provenance.clone(),
        is_empty: material.overview.is_empty(),
    }
}

/// The figures that mean the same for a team as for everyone: no seats and fees, which are not held by day.
fn of_overview(overview: &Overview) -> Group {
    let is_meant = |id: &str| {
        ["active_members", "interactions", "lines_added", "lines_removed"].contains(&id) || id.starts_with("acceptance_")
    };
    Group { heading: "Use".into(), figures: overview.figures.iter().filter(|figure| is_meant(&figure.id)).cloned().collect() }
}

fn drawn(overview: &Overview, profiles: &[ToolProfile]) -> Vec<Section> {
    let subtitle = "Active members of the team per day, stacked by tool. Who used two tools stands in both.";
    vec![
        Section::drawn("adoption", "Active members", subtitle, of_everyone::adoption(overview, profiles)),
        of_everyone::use_by_tool(overview),
        of_everyone::acceptance(overview, profiles),
    ]
}
