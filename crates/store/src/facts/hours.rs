//! When in a day people used a tool: each identity's own row, and the slice's roll-up of them.

use super::rows::{Gathered, SLICE_KEY};
use crate::sql::{Tx, bind};
use crate::{SliceWrite, StoreError};
use tacho_domain::columns::encode_people_hours;
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
        "insert into slice_hours (organization_id, day, integration_id, stream, tool, events, people, counts)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        bind![
            organization,
            write.day,
            write.integration,
            write.stream,
            write.tool.as_str(),
            sum.pack(),
            encode_hours(&people),
            encode_people_hours(rows.hours.iter().map(|(&identity, hours)| (IdentityId(identity), hours)))
        ],
    )
    .await
    .map(drop)
}

/// Packs the counts that were read before they were packed, one slice after the other.
pub(crate) async fn fill_hour_counts(tx: &mut Tx) -> Result<(), StoreError> {
    for slice in tx.fetch("select organization_id, day, integration_id, stream from slice_hours", &[]).await? {
        let day = slice.day(1)?;
        let mut values = bind![slice.int(0)?, day, slice.int(2)?, slice.text(3)?.as_str()].to_vec();
        let sql = "select identity_id, events from usage_hours
                   where organization_id = $1 and integration_id = $3 and stream = $4 and day = $2 order by identity_id";
        let mut people: Vec<(IdentityId, DayHours)> = Vec::new();
        for row in tx.fetch(sql, &values).await? {
            let hours = DayHours::unpack(&row.bytes(1)?);
            let hours = hours.map_err(|error| StoreError::damaged("usage_hours", "events", day, error))?;
            people.push((IdentityId(row.number(0)?), hours));
        }
        values.push(encode_people_hours(people.iter().map(|(identity, hours)| (*identity, hours))).into());
        let sql = "update slice_hours set counts = $5
                   where organization_id = $1 and day = $2 and integration_id = $3 and stream = $4";
        tx.execute(sql, &values).await?;
    }
    Ok(())
}
