//! Reads what the Overview is made of.

use super::{Asked, details, material};
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
    let mut overview = overview::build(&question, &material)
        .map_err(|error| StoreError::damaged("slice_people", "people", question.window, error))?;
    details::fill(tx, &question, profiles, asked.directory, &mut overview.members.rows).await?;
    Ok(reports::overview::document(&question, overview, profiles))
}
