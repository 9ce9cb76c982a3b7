//! Vendors' lists of seats, each as it is packed.

use crate::StoreError;
use crate::sql::{Tx, bind};
use tacho_domain::columns::{ListedSeat, decode_seats};
use tacho_domain::{Day, OrganizationId};

/// Calls `each` for every seat in the list that a stream gave on a day.
pub(super) async fn each_seat(
    tx: &mut Tx,
    organization: OrganizationId,
    (integration, stream): (i64, &str),
    day: Day,
    each: impl FnMut(ListedSeat<'_>),
) -> Result<(), StoreError> {
    let sql = "select seats from slice_seat_lists
               where organization_id = $1 and day = $2 and integration_id = $3 and stream = $4";
    let Some(row) = tx.find(sql, bind![organization, day, integration, stream]).await? else { return Ok(()) };
    decode_seats(&row.bytes(0)?, each).map_err(|error| StoreError::damaged("slice_seat_lists", "seats", day, error))
}
