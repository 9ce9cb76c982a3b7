//! The one place that decides whether a narrowed question is answered: totals over very few people are not given to
//! whoever may not see each of them.

use super::Asked;
use super::active::active;
use super::narrow::Narrow;
use crate::StoreError;
use crate::people::team_names;
use crate::sql::Tx;
use tacho_domain::Directory;
use tacho_domain::metrics::People;
use tacho_domain::report::{Amount, Audience, Note, Question, Report, ReportName};
use tacho_domain::reports::people::{few, instead, withheld};

/// What is answered.
pub(super) enum Gate {
    /// This question, which leaves out tools that too few people used; what is said of that; and whether the period before
    /// must not be compared with.
    Open { question: Box<Question>, notes: Vec<Note>, without_before: bool },
    /// Nothing but this.
    Shut(Box<Report>),
}

pub(super) async fn pass(tx: &mut Tx, asked: &Asked<'_>, name: &ReportName) -> Result<Gate, StoreError> {
    let mut question = asked.question.clone();
    match name {
        ReportName::Team(team) => question.team = Some(*team),
        ReportName::Tool(tool) => question.tools = vec![tool.clone()],
        _ => {}
    }
    // Delivery counts whom pull requests credit, and looks at those itself.
    let of_one = matches!(name, ReportName::Member(_) | ReportName::Mine | ReportName::Reconciliation(_) | ReportName::Delivery);
    let is_narrow = question.team.is_some() || question.member.is_some();
    let open = |question: Question| Gate::Open { question: Box::new(question), notes: Vec::new(), without_before: false };
    if of_one || !is_narrow || question.audience == Audience::Everyone {
        return Ok(open(asked.question.clone()));
    }
    let (window, before) = (question.window, question.window.before());
    let narrowed = Asked { question: &question, known: asked.known, directory: asked.directory };
    let (narrow, narrow_before) = (Narrow::read(tx, &narrowed, window).await?, Narrow::read(tx, &narrowed, before).await?);
    let these = active(tx, &narrowed, narrow.as_ref(), window).await?;
    let all = active(tx, &narrowed, None, window).await?;
    let then = active(tx, &narrowed, narrow_before.as_ref(), before).await?.anybody();
    let tells = |these: &People, all: &People| tells(&question.audience, asked.directory, these, all);
    if tells(&these.anybody(), &all.anybody()) {
        let title = title(tx, asked, name).await?;
        return Ok(Gate::Shut(Box::new(instead(name, title, &question, withheld("They cover")))));
    }
    let told = |tool: &&tacho_domain::ToolId| all.tools.get(*tool).is_some_and(|all| tells(&these.tools[*tool], all));
    let without: Vec<_> = these.tools.keys().filter(told).cloned().collect();
    let mut answered = asked.question.clone();
    if !without.is_empty() {
        answered.tools = these.tools.keys().filter(|tool| !without.contains(tool)).cloned().collect();
    }
    if !without.is_empty() && answered.tools.is_empty() {
        let title = title(tx, asked, name).await?;
        return Ok(Gate::Shut(Box::new(instead(name, title, &question, withheld("They cover")))));
    }
    let called = |tool: &tacho_domain::ToolId| {
        let profile = asked.known.profiles.iter().find(|profile| profile.id == tool.as_str());
        profile.map_or_else(|| tool.to_string(), |profile| profile.name.to_owned())
    };
    let note = |tool| Note { title: format!("{} is left out", called(tool)), ..withheld("Its numbers here are of") };
    Ok(Gate::Open {
        notes: without.iter().map(note).collect(),
        question: Box::new(answered),
        without_before: few(&question.audience, asked.directory, &then),
    })
}

/// Whether a total over these people, or the rest of everyone, tells of one of them.
pub(super) fn tells(audience: &Audience, directory: &Directory, these: &People, all: &People) -> bool {
    let sees = |subject| audience.sees(subject, directory.unmatched().contains(subject));
    if these.iter().all(sees) {
        return false;
    }
    let mut rest = People::default();
    all.iter().filter(|subject| !these.contains(*subject)).for_each(|subject| rest.insert(subject));
    few(audience, directory, these) || few(audience, directory, &rest)
}

/// Takes the comparison out of every figure.
pub(super) fn forget_before(report: &mut Report) {
    for figure in report.groups.iter_mut().flat_map(|group| &mut group.figures) {
        figure.before = Amount::Unknown;
    }
}

async fn title(tx: &mut Tx, asked: &Asked<'_>, name: &ReportName) -> Result<String, StoreError> {
    Ok(match name {
        ReportName::Team(team) => team_names(tx, asked.question.organization).await?.remove(team).unwrap_or_default(),
        ReportName::Tool(tool) => {
            let profile = asked.known.profiles.iter().find(|profile| profile.id == tool.as_str());
            profile.map_or_else(|| tool.to_string(), |profile| profile.name.to_owned())
        }
        ReportName::Overview => "Overview".into(),
        ReportName::Members => "Members".into(),
        ReportName::Teams => "Teams".into(),
        ReportName::Seats => "Seats".into(),
        ReportName::Cost => "Cost".into(),
        ReportName::Delivery => "Delivery".into(),
        ReportName::Member(_) | ReportName::Mine | ReportName::Reconciliation(_) => String::new(),
    })
}
