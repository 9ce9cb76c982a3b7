//! A report as somebody asks for it: read from the address, answered by the store, with the rows that they may see, and
//! written down where those are others'. Page, files and REST all come through here.

use crate::app::Site;
use crate::audience::{self, Face};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::view::View;
use std::collections::BTreeSet;
use tacho_domain::report::{Amount, Arrangement, Audience, Question, Report, ReportName};
use tacho_domain::{Permission, SubjectId};
use tacho_store::Known;

/// A report and what was asked.
pub(crate) struct Answered {
    pub(crate) report: Report,
    pub(crate) view: View,
    pub(crate) question: Question,
}

/// The report of that name; 404 where there is none, or none that the caller may see.
pub(crate) fn named(name: &str) -> Result<ReportName, Problem> {
    ReportName::parse(name).ok_or_else(|| Problem::not_found(format!("There is no report `{}`.", crate::view::shown(name))))
}

/// Answers a question for a face and writes down whose rows that shows.
pub(crate) async fn answer(
    site: &Site,
    caller: &Caller,
    name: &ReportName,
    query: &str,
    face: Face<'_>,
) -> Result<Answered, Problem> {
    let view = View::parse_of(name, query, site.tools(), site.yesterday())?;
    let question = Question { shown: Some(wanted(&view, face)), ..question(site, caller, name, &view).await? };
    let known = Known { profiles: site.tools(), today: site.now().day() };
    let mut report = site.store().report(name, &question, &known).await?.ok_or_else(nothing)?;
    // Of the rows that are shown only, unless rows are found or put in order by what that says.
    let by_words = !view.search.is_empty() || view.sort.as_ref().is_some_and(|(column, _)| column == "why");
    if by_words {
        site.store().name_agents(caller.organization, site.tools(), &mut report).await?;
    }
    arrange(&mut report, &view, face)?;
    if !by_words {
        site.store().name_agents(caller.organization, site.tools(), &mut report).await?;
    }
    if !view.compare {
        report.groups.iter_mut().flat_map(|group| &mut group.figures).for_each(|figure| figure.before = Amount::Unknown);
    }
    audience::note_report(site, caller, face, &report).await?;
    Ok(Answered { report, view, question })
}

/// What the store is asked: which days and people, and whose rows the answer may hold.
async fn question(site: &Site, caller: &Caller, name: &ReportName, view: &View) -> Result<Question, Problem> {
    if matches!(name, ReportName::Reconciliation(_)) {
        caller.need(Permission::ViewIntegrations)?;
    }
    if let Some(team) = view.team {
        let teams = site.store().list_team_names(caller.organization).await?;
        if teams.iter().all(|(known, _)| *known != team) {
            return Err(Problem::field("team", format!("there is no team `{team}`")));
        }
    }
    let (audience, member) = seen(site, caller, name, view).await?;
    Ok(Question { member, ..view.question(caller.organization, site.yesterday(), audience) })
}

/// Whose rows the answer may hold and about which member it is.
async fn seen(site: &Site, caller: &Caller, name: &ReportName, view: &View) -> Result<(Audience, Option<SubjectId>), Problem> {
    let audience = audience::of(site, caller).await?;
    match name {
        ReportName::Mine => {
            let own = own(caller).ok_or_else(|| Problem::not_found(UNLINKED))?;
            Ok((Audience::Only(BTreeSet::from([own])), Some(own)))
        }
        ReportName::Member(member) if !audience.sees(*member, false) => Err(nothing()),
        ReportName::Member(member) => Ok((audience, Some(*member))),
        _ => Ok((audience, view.member)),
    }
}

/// Why there is no page of one's own.
const UNLINKED: &str =
    "Your account is linked to no member, or your role shows totals only, so there is no use of your own to show.";

/// The member whose own use the caller may see, where they are one.
pub(crate) fn own(caller: &Caller) -> Option<SubjectId> {
    caller.member.filter(|_| caller.may(Permission::ViewOwnData))
}

fn nothing() -> Problem {
    Problem::not_found("There is no such report, or none that you may see.")
}

/// How the table that is meant is arranged: a page of it, or all of it for files.
fn wanted(view: &View, face: Face<'_>) -> Arrangement {
    if matches!(face, Face::File(_)) { view.whole() } else { view.arrangement() }
}

/// Sorts and searches the table that is meant; pages and REST get a page of it and of the other plain tables, files all rows.
fn arrange(report: &mut Report, view: &View, face: Face<'_>) -> Result<(), Problem> {
    if let Some(asked) = &view.section
        && report.section(asked).is_none()
    {
        let known: Vec<&str> = report.sections.iter().map(|section| section.id.as_str()).collect();
        return Err(Problem::field("section", format!("`{asked}` is no part of this report: use {}", known.join(", "))));
    }
    let files = matches!(face, Face::File(_));
    let wanted = wanted(view, face);
    let meant = meant(report, view);
    let unasked = view.section.is_none() && view.sort.is_none() && view.search.is_empty();
    // A chart's twin is as long as what is drawn, unless somebody asks for something else.
    let drawn = report.main_section().is_some_and(|section| section.chart.is_some());
    if !(unasked && drawn) {
        report.arrange(&wanted).map_err(|error| Problem::field("sort", error.to_string()))?;
    }
    if !files {
        let cut = Arrangement { limit: view.rows, ..Arrangement::default() };
        let others = report.sections.iter_mut().filter(|section| section.chart.is_none() && Some(&section.id) != meant.as_ref());
        for section in others {
            section.table.arrange(&cut).map_err(|error| Problem::field("sort", error.to_string()))?;
        }
    }
    Ok(())
}

/// The id of the section whose table the address is about.
pub(crate) fn meant(report: &Report, view: &View) -> Option<String> {
    view.section.clone().or_else(|| report.main_section().map(|section| section.id.clone()))
}
