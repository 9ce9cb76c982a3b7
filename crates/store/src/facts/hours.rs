//! When in a day people used a tool: each identity's own row, and the slice's roll-up of them.

use super::rows::{Gathered, SLICE_KEY};
use crate::sql::{Tx, bind};
use crate::{SliceWrite, StoreError};
use tacho_domain::{DayHours, IdentityId, OrganizationId, encode_hours};

/// Loads the hours of a slice whose old rows are gone. Those of a stream that is evidence are kept and not rolled up, so that
/// no event is counted by two streams.
pub(super) async fn write(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    if rows.hours.is_empty() {
        return Ok(());
    }
    let columns: Vec<&str> = SLICE_KEY.into_iter().chain(["identity_id", "events"]).collect();
    let mut loader = tx.loader("usage_hours", &columns);
    for (&identity, hours) in &rows.hours {
        loader.slice_key(organization, write)?;
        loader.int(i64::from(identity))?;
        loader.bytes(&hours.pack()[..])?;
        loader.end_row().await?;
    }
    loader.finish().await?;
    if write.role.is_counted() { roll_up(tx, organization, write, rows).await } else { Ok(()) }
}

async fn roll_up(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    let mut sum = DayHours::default();
    rows.hours.values().for_each(|hours| sum.add(hours));
    let people: Vec<(IdentityId, u32)> =
        rows.hours.iter().map(|(&identity, hours)| (IdentityId(identity), hours.mask())).collect();
    tx.execute(
        "insert into slice_hours (organization_id, day, integration_id, stream, tool, events, people)
         values ($1, $2, $3, $4, $5, $6, $7)",
        bind![organization, write.day, write.integration, write.stream, write.tool.as_str(), sum.pack(), encode_hours(&people)],
    )
    .await
    .map(drop)
}
