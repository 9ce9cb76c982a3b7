//! Reads what the report of one team is made of: the same as of everyone, narrowed to the team.

use super::{Asked, delivery_page, material, members_page};
use crate::StoreError;
use crate::people::team_names;
use crate::sql::Tx;
use tacho_domain::overview;
use tacho_domain::report::{Question, Report};
use tacho_domain::reports::teams::{TeamMaterial, team_document};

/// `None` where there is no such team.
pub(super) async fn answer(tx: &mut Tx, asked: &Asked<'_>, team: i64) -> Result<Option<Report>, StoreError> {
    let Some(name) = team_names(tx, asked.question.organization).await?.remove(&team) else { return Ok(None) };
    let question = Question { team: Some(team), offset: 0, limit: 0, shown: None, ..asked.question.clone() };
    let narrowed = Asked { question: &question, known: asked.known, directory: asked.directory };
    let material = material::read(tx, &question, asked.known.profiles, asked.directory).await?;
    let overview = overview::build(&question, &material);
    let members = members_page::read(tx, &narrowed).await?;
    let mut report = team_document(&question, &TeamMaterial { team, name, overview, members });
    if question.tools.is_empty() && !report.is_empty {
        report.groups.extend(delivery_page::headline(tx, &narrowed).await?);
    }
    Ok(Some(report))
}
