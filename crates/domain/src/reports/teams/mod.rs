//! The Teams report: how do teams compare over time? And the report of one team.

mod gather;
mod lines;
mod one;
mod trends;

pub use gather::Tally;
pub use one::{TeamMaterial, document as team_document};

use super::people::withheld;
use crate::metrics::{People, ratio};
use crate::money::group;
use crate::report::{Amount, Figure, Group, Note, Provenance, Question, Report, ReportName, Weight};
use crate::{Directory, ToolProfile};
use lines::Line;
use std::collections::BTreeMap;

/// All that the report is made from.
#[derive(Debug)]
pub struct Material<'a> {
    /// What is known of the tools.
    pub profiles: &'a [ToolProfile],
    /// Who is who.
    pub directory: &'a Directory,
    /// The teams' names by their numbers.
    pub names: BTreeMap<i64, String>,
    /// What each of them did.
    pub tally: Tally<'a>,
    /// Who was active in the window before; `None`: nobody knows.
    pub active_before: Option<People>,
    /// How fresh it is.
    pub provenance: Provenance,
}

/// The document.
#[must_use]
pub fn document(question: &Question, material: &Material<'_>) -> Report {
    let lines = lines::all(question, material);
    let mut sections = trends::sections(question, material, &lines);
    sections.push(lines::section(question, material, &lines));
    Report {
        name: ReportName::Teams,
        title: "Teams".into(),
        question: "How do teams compare over time?".into(),
        window: question.window,
        scope: Vec::new(),
        notes: notes(material, &lines),
        groups: vec![Group { heading: "Teams".into(), figures: figures(material) }],
        sections,
        provenance: material.provenance.clone(),
        is_empty: material.tally.is_empty(),
    }
}

fn notes(material: &Material<'_>, lines: &[Line<'_>]) -> Vec<Note> {
    let mut notes = Vec::new();
    let several = material.tally.in_several().count();
    if several > 0 {
        let title = if several == 1 {
            "1 member is in several teams".to_owned()
        } else {
            format!("{} members are in several teams", group(several))
        };
        let text = "Each of their teams counts them; the line Everyone counts them once, so the lines add up to more.".into();
        notes.push(Note { weight: Weight::Info, title, text, way: None });
    }
    let hidden = lines.iter().filter(|line| line.withheld).count();
    if hidden > 0 {
        notes.push(Note {
            title: if hidden == 1 { "1 line is withheld".into() } else { format!("{hidden} lines are withheld") },
            ..withheld("They cover")
        });
    }
    if material.names.is_empty() {
        notes.push(Note {
            weight: Weight::Info,
            title: "No teams yet".into(),
            text: "Teams come from a vendor that names them, from a file, or are made by hand.".into(),
            way: Some(("/settings/teams".into(), "Make a team".into())),
        });
    }
    notes
}

fn figures(material: &Material<'_>) -> Vec<Figure> {
    let unmatched = material.directory.unmatched();
    let members = |people: &People| people.count() - people.count_within(unmatched);
    let tally = &material.tally;
    let active = tally.active();
    let in_a_team = tally.active_in_a_team();
    let knows = tally.knows_activity();
    let teams = i64::try_from(material.names.len()).unwrap_or(i64::MAX);
    let provisional = material.provenance.provisional_days > 0;
    vec![
        Figure {
            context: format!("{} with somebody in them during the window", group(tally.teams())),
            ..Figure::bare("teams", "Teams", Amount::Count(teams), "Teams that a vendor names, a file named or somebody made.")
        },
        Figure {
            before: Amount::count(material.active_before.as_ref().map(members)),
            provisional,
            spark: tally.daily_active(),
            ..Figure::bare(
                "active_members",
                "Active members",
                Amount::count(knows.then(|| members(&active))),
                "Distinct members active with at least one tool, counted over the window. A member of two teams counts once.",
            )
        },
        Figure {
            context: format!("{} of {} active members", group(in_a_team.count()), group(members(&active))),
            provisional,
            ..Figure::bare(
                "active_in_teams",
                "Active members in a team",
                Amount::share(ratio(Some(in_a_team.count()), Some(members(&active)))),
                "Active members who were in a team on a day they were active, by all active members.",
            )
        },
        Figure::bare(
            "in_several_teams",
            "In several teams",
            Amount::Count(tally.in_several().count()),
            "Active members who were in more than one team on a day they were active.",
        ),
    ]
}
