//! Whose rows a caller sees, in the report's terms and in words. Totals are of everyone, whoever asks.

use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::problem::Problem;
use serde_json::json;
use std::collections::BTreeSet;
use tacho_domain::Reach;
use tacho_domain::audit::Action;
use tacho_domain::report::{Audience, MemberTable, Overview};

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

/// Whether a table names anyone but the caller: looking at it is then written down.
fn names_others(caller: &Caller, table: &MemberTable) -> bool {
    table.rows.iter().any(|row| Some(row.subject) != caller.member)
}

/// How the member table is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// On the Overview.
    Page,
    /// As a file.
    File,
    /// By REST.
    Rest,
}

/// How long one note stands for further looks at the same.
const LOOK_SECONDS: i64 = 3_600;

/// Writes down that others' rows were looked at, at most once an hour, or taken away as a file, each time.
pub(crate) async fn note_seen(site: &Site, caller: &Caller, face: Face, report: &Overview) -> Result<(), Problem> {
    if !names_others(caller, &report.members) {
        return Ok(());
    }
    let detail = json!({ "from": report.window.from, "to": report.window.to, "rows": report.members.rows.len() });
    match face {
        Face::Page => audit::note_once(site, caller, Action::IndividualViewed, "member table", detail, LOOK_SECONDS).await,
        Face::Rest => {
            audit::note_once(site, caller, Action::IndividualViewed, "member table by REST", detail, LOOK_SECONDS).await
        }
        Face::File => audit::note(site, caller, Action::IndividualExported, "member table as CSV", detail).await,
    }
}
