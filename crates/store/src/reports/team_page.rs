//! Reads what the report of one team is made of: the same as of everyone, narrowed to the team.

use super::material::last_synced;
use super::narrow::Narrow;
use super::{Asked, delivery_page, members_page, narrowed};
use crate::StoreError;
use crate::people::team_names;
use crate::sql::Tx;
use tacho_domain::overview::{self, Material, compared_days};
use tacho_domain::report::{Question, Report};
use tacho_domain::reports::teams::{TeamMaterial, team_document};

/// `None` where there is no such team.
pub(super) async fn answer(tx: &mut Tx, asked: &Asked<'_>, team: i64) -> Result<Option<Report>, StoreError> {
    let Some(name) = team_names(tx, asked.question.organization).await?.remove(&team) else { return Ok(None) };
    let question = Question { team: Some(team), offset: 0, limit: 0, shown: None, ..asked.question.clone() };
    let of_team = Asked { question: &question, known: asked.known, directory: asked.directory };
    let Some(narrow) = Narrow::read(tx, &of_team, compared_days(question.window)).await? else { return Ok(None) };
    // No heatmap, no seats and no bills: nothing is read that only they would show.
    let material = Material {
        profiles: asked.known.profiles,
        slices: narrowed::slices(tx, &question, asked.directory, &narrow).await?,
        directory: asked.directory,
        seats: Vec::new(),
        costs: Vec::new(),
        costs_before: Vec::new(),
        last_synced: last_synced(tx, &question).await?,
    };
    let overview = overview::build(&question, &material);
    let members = members_page::read(tx, &of_team).await?;
    let mut report = team_document(&question, &TeamMaterial { team, name, overview, members });
    if question.tools.is_empty() && !report.is_empty {
        report.groups.extend(delivery_page::headline(tx, &of_team).await?);
    }
    Ok(Some(report))
}
