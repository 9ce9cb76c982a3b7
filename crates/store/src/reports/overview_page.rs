//! Reads what the Overview is made of.

use super::{Asked, cost_page, delivery_page, details, material, seats_page};
use crate::StoreError;
use crate::sql::Tx;
use tacho_domain::report::Report;
use tacho_domain::{overview, reports};

/// Members that the Overview names.
const MEMBERS: usize = 20;

pub(super) async fn answer(tx: &mut Tx, asked: &Asked<'_>) -> Result<Report, StoreError> {
    let question = tacho_domain::report::Question { offset: 0, limit: MEMBERS, ..asked.question.clone() };
    let profiles = asked.known.profiles;
    let material = material::read(tx, &question, profiles, asked.directory).await?;
    let mut overview = overview::build(&question, &material);
    details::fill(tx, &question, profiles, asked.directory, &mut overview.members.rows).await?;
    let mut report = reports::overview::document(&question, overview, profiles);
    // Of a tool alone there is nothing to say: pull requests are of no tool.
    if question.tools.is_empty() && !report.is_empty {
        report.groups.extend(delivery_page::headline(tx, asked).await?);
    }
    // Seats and budgets are the organization's: nothing to say of them to who asks for a part.
    if question.team.is_none() && question.member.is_none() && question.tools.is_empty() {
        report.notes.extend(cost_page::attention(tx, asked).await?);
        report.notes.extend(seats_page::attention(tx, asked).await?);
    }
    Ok(report)
}
