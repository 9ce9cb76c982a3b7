//! A day's list of seats as one packed value: what pages about seats read instead of its rows.

use super::rows::Gathered;
use crate::sql::{Row, Tx, Value, bind};
use crate::{SliceWrite, StoreError};
use tacho_domain::columns::{ListedSeat, encode_seats};
use tacho_domain::{IdentityId, Instant, Money, OrganizationId};

/// Writes a slice's list, where it names any seat.
pub(super) async fn write_seat_list(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    if rows.seats.is_empty() {
        return Ok(());
    }
    let plans: Vec<_> = rows.seats.values().map(|seat| seat.plan.as_deref().map(crate::sql::clean)).collect();
    let seats: Vec<ListedSeat<'_>> = rows
        .seats
        .iter()
        .zip(&plans)
        .map(|((&identity, seat), plan)| ListedSeat {
            identity: IdentityId(identity),
            since: seat.created_at.map(Instant::day),
            last_activity: seat.last_activity_at.map(Instant::day),
            cancels_on: seat.cancels_on,
            price: seat.monthly_price,
            plan: plan.as_deref(),
        })
        .collect();
    insert(tx, bind![organization, write.day, write.integration, write.stream], &seats).await
}

async fn insert(tx: &mut Tx, key: &[Value; 4], seats: &[ListedSeat<'_>]) -> Result<(), StoreError> {
    let mut values = key.to_vec();
    values.push(encode_seats(seats).into());
    let sql = "insert into slice_seat_lists (organization_id, day, integration_id, stream, seats) values ($1, $2, $3, $4, $5)";
    tx.execute(sql, &values).await.map(drop)
}

/// Packs what was read before there were lists, one after the other, so that no more than one lies in memory.
pub(crate) async fn fill_seat_lists(tx: &mut Tx) -> Result<(), StoreError> {
    let lists = "select organization_id, day, integration_id, stream from slice_seats where seats > 0";
    for list in tx.fetch(lists, &[]).await? {
        let key = [list.int(0)?.into(), list.day(1)?.into(), list.int(2)?.into(), list.text(3)?.as_str().into()];
        let sql = "select identity_id, created_at, last_activity_at, cancels_on, monthly_price_micros, plan from seats_daily
                   where organization_id = $1 and integration_id = $3 and stream = $4 and day = $2";
        let rows = tx.fetch(sql, &key).await?;
        let plans: Vec<Option<String>> = rows.iter().map(|row| row.maybe_text(5)).collect::<Result<_, _>>()?;
        let seats: Vec<ListedSeat<'_>> =
            rows.iter().zip(&plans).map(|(row, plan)| seat(row, plan.as_deref())).collect::<Result<_, _>>()?;
        insert(tx, &key, &seats).await?;
    }
    Ok(())
}

fn seat<'p>(row: &Row, plan: Option<&'p str>) -> Result<ListedSeat<'p>, StoreError> {
    Ok(ListedSeat {
        identity: IdentityId(row.number(0)?),
        since: row.maybe_instant(1)?.map(Instant::day),
        last_activity: row.maybe_instant(2)?.map(Instant::day),
        cancels_on: row.maybe_day(3)?,
        price: row.maybe_int(4)?.map(Money),
        plan,
    })
}
