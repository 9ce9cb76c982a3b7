//! Whose rows a caller sees, in the report's terms and in words. Totals are of everyone, whoever asks.

use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::problem::Problem;
use serde_json::json;
use std::collections::BTreeSet;
use tacho_domain::audit::Action;
use tacho_domain::report::{Audience, Cell, Overview, Report, ReportName, Table};
use tacho_domain::{Reach, SubjectId};

/// Whose rows the caller sees.
pub(crate) async fn of(site: &Site, caller: &Caller) -> Result<Audience, Problem> {
    Ok(match (caller.rights.reach(), caller.member) {
        (Reach::Everyone, _) => Audience::Everyone,
        (Reach::Nobody, _) | (_, None) => Audience::Nobody,
        (Reach::Own, Some(member)) => Audience::Only(BTreeSet::from([member])),
        (Reach::OwnTeams, Some(member)) => {
            let mut mates = site.store().team_mates(caller.organization, member, site.now().day()).await?;
            mates.insert(member);
            Audience::Only(mates)
        }
    })
}

/// What the page says of the rows that are left out; nothing where none can be.
pub(crate) fn words(caller: &Caller) -> Option<&'static str> {
    match (caller.rights.reach(), caller.member) {
        (Reach::Everyone, _) => None,
        (Reach::Nobody, _) => Some("Your role shows totals only, no member's own numbers. Totals are of everyone."),
        (_, None) => Some(
            "Your account is linked to no member yet, so there is no row of your own; whoever manages users can link it. Totals are of everyone.",
        ),
        (Reach::Own, Some(_)) => Some("You see your own row; totals are of everyone."),
        (Reach::OwnTeams, Some(_)) => {
            Some("You see your own row and those of today's members of your teams; totals are of everyone.")
        }
    }
}

/// How rows of members are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face<'a> {
    /// On a page.
    Page,
    /// As a file of that name.
    File(&'a str),
    /// By REST.
    Rest,
}

/// How long one note stands for further looks at the same.
const LOOK_SECONDS: i64 = 3_600;

/// Writes down that others' rows were looked at by REST, at most once an hour.
pub(crate) async fn note_seen(site: &Site, caller: &Caller, report: &Overview) -> Result<(), Problem> {
    let others = report.members.rows.iter().any(|row| Some(row.subject) != caller.member);
    if !others {
        return Ok(());
    }
    let detail = json!({ "from": report.window.from, "to": report.window.to, "rows": report.members.rows.len() });
    audit::note_once(site, caller, Action::IndividualViewed, "member table by REST", detail, LOOK_SECONDS).await
}

/// Writes down that others' rows in a report were looked at, at most once an hour, or taken away as a file, each time.
pub(crate) async fn note_report(site: &Site, caller: &Caller, face: Face<'_>, report: &Report) -> Result<(), Problem> {
    let rows = rows_of_others(caller.member, report, face);
    if rows == 0 {
        return Ok(());
    }
    let detail = json!({ "from": report.window.from, "to": report.window.to, "rows": rows });
    // People are named by their numbers: the log keeps no name that an erasure would have to find.
    let name = match &report.name {
        ReportName::Member(member) => format!("member {}", member.0),
        name => format!("report {name}"),
    };
    match face {
        Face::Page => audit::note_once(site, caller, Action::IndividualViewed, &name, detail, LOOK_SECONDS).await,
        Face::Rest => {
            audit::note_once(site, caller, Action::IndividualViewed, &format!("{name} by REST"), detail, LOOK_SECONDS).await
        }
        Face::File(file) => audit::note(site, caller, Action::IndividualExported, &format!("{name} as {file}"), detail).await,
    }
}

/// How many rows are somebody else's.
fn rows_of_others(own: Option<SubjectId>, report: &Report, face: Face<'_>) -> usize {
    match report.name {
        ReportName::Mine => 0,
        ReportName::Member(member) => usize::from(Some(member) != own),
        _ => report.sections.iter().filter(|section| shows(face, &section.id)).map(|section| in_table(own, &section.table)).sum(),
    }
}

/// Whether a face shows a section at all: a file may hold one of them only.
fn shows(face: Face<'_>, id: &str) -> bool {
    match face {
        Face::Page | Face::Rest => true,
        Face::File(file) => file.rsplit_once('.').is_none_or(|(stem, _)| stem == "report" || stem == id),
    }
}

/// Rows of a table of people that are not one's own: one that links to a member's page is such a table, and then its other
/// rows are identities that nobody has matched.
fn in_table(own: Option<SubjectId>, table: &Table) -> usize {
    let member = |row: &[Cell]| {
        row.iter().find_map(|cell| match cell {
            Cell::Link { to, .. } => to.strip_prefix("/members/")?.parse().ok().map(SubjectId),
            _ => None,
        })
    };
    let people: Vec<Option<SubjectId>> = table.rows.iter().map(|row| member(row)).collect();
    let of_people = people.iter().any(Option::is_some);
    if of_people { people.iter().filter(|who| who.is_none() || **who != own).count() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_domain::report::Column;

    #[test]
    fn rows_of_others_are_counted_in_tables_of_people_only() {
        let row = |name: &str, to: Option<u32>| match to {
            Some(member) => vec![Cell::link(name, format!("/members/{member}")), Cell::Count(1)],
            None => vec![Cell::text(name), Cell::Count(1)],
        };
        let table = |rows| Table::new(vec![Column::text("name", "Name"), Column::number("uses", "Uses")], rows);
        let people = table(vec![row("Ada", Some(1)), row("Ben", Some(2)), row("a key", None)]);
        assert_eq!(in_table(None, &people), 3);
        assert_eq!(in_table(Some(SubjectId(2)), &people), 2);
        assert_eq!(in_table(Some(SubjectId(1)), &table(vec![row("Ada", Some(1))])), 0);
        assert_eq!(in_table(None, &table(vec![row("model-a", None)])), 0);
    }

    #[test]
    fn a_file_of_one_table_shows_that_table() {
        assert!(shows(Face::File("report.pdf"), "members") && shows(Face::File("members.csv"), "members"));
        assert!(!shows(Face::File("adoption.csv"), "members") && shows(Face::Page, "members"));
    }
}
