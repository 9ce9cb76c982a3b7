//! From a slice's facts to rows: who they are about, what adds up, and how they are loaded.

mod columns;
mod commits;
mod cost_lines;
mod delivery;
mod delivery_stamp;
mod hours;
mod identities;
mod parts;
mod rollup;
mod roster;
mod rows;
mod seat_lists;

pub(crate) use columns::{fill_columns, fill_team_lists};
pub(crate) use hours::fill_hour_counts;
pub(crate) use identities::{IdentityCache, Resolved, resolve};
pub(crate) use parts::fill_parts;
pub(crate) use rollup::write_rollups;
pub(crate) use roster::match_people;
pub(crate) use rows::{Gathered, write_rows};
pub(crate) use seat_lists::fill_seat_lists;

use crate::sql::{Tx, bind};
use crate::{SliceWrite, StoreError};
use tacho_domain::OrganizationId;

/// Every table that holds a slice's rows, by its own key.
pub(crate) const SLICE_TABLES: [&str; 26] = [
    "usage_daily",
    "usage_splits",
    "usage_totals",
    "seats_daily",
    "team_members_daily",
    "roster_daily",
    "cost_daily",
    "slice_rollups",
    "slice_people",
    "slice_columns",
    "slice_teams",
    "slice_team_lists",
    "slice_splits",
    "slice_parts",
    "slice_seats",
    "slice_seat_lists",
    "slice_costs",
    "slice_cost_lines",
    "usage_hours",
    "slice_hours",
    "pull_requests",
    "slice_pull_requests",
    "deployments",
    "slice_changed_files",
    "slice_pull_commits",
    "slice_commit_records",
];

/// Takes away all rows of a slice.
pub(crate) async fn delete_rows(tx: &mut Tx, organization: OrganizationId, write: &SliceWrite<'_>) -> Result<(), StoreError> {
    for table in SLICE_TABLES {
        tx.execute(
            format!("delete from {table} where organization_id = $1 and integration_id = $2 and stream = $3 and day = $4"),
            bind![organization, write.integration, write.stream, write.day],
        )
        .await?;
    }
    Ok(())
}

/// Numbers for `count` new identities or members; the update also makes other transactions that want some wait, so that
/// what is read after it stays true until the commit. Counts the change of people too.
pub(crate) async fn draw_numbers(tx: &mut Tx, organization: OrganizationId, count: usize) -> Result<i64, StoreError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let row = tx
        .find(
            "update organizations set next_number = next_number + $2, people_version = people_version + 1 where id = $1
             returning next_number",
            bind![organization, count],
        )
        .await?
        .ok_or_else(|| StoreError::invalid(format!("there is no organization {}", organization.0)))?;
    Ok(row.int(0)? - count)
}
