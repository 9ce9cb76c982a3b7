//! The counted slices of a window with their packed people and columns: a few hundred rows, whatever the number of people.

use crate::StoreError;
use crate::sql::{Tx, Value, bind, list_of};
use std::collections::HashMap;
use tacho_domain::columns::PackedSlice;
use tacho_domain::report::Question;
use tacho_domain::{Day, IntegrationId, Measure, ToolId, Window};

/// The slices of the tools that are asked for, by day, with the columns of these measures. Interactions are with the
/// people, and have no column.
pub(super) async fn packed_slices(
    tx: &mut Tx,
    question: &Question,
    window: Window,
    measures: &[Measure],
) -> Result<Vec<PackedSlice>, StoreError> {
    let rows = tx
        .fetch(
            "select r.day, r.integration_id, r.stream, r.tool, r.provisional, r.knows_activity, p.people
             from slice_rollups r join slice_people p on p.organization_id = r.organization_id and p.day = r.day
                  and p.integration_id = r.integration_id and p.stream = r.stream
             where r.organization_id = $1 and r.day between $2 and $3 and p.day between $2 and $3 order by r.day, r.integration_id, r.stream",
            bind![question.organization, window.from, window.to],
        )
        .await?;
    let mut columns = columns(tx, question, window, measures).await?;
    let mut slices = Vec::with_capacity(rows.len());
    for row in &rows {
        let (day, integration, tool) = (row.day(0)?, IntegrationId(row.int(1)?), ToolId(row.text(3)?.into()));
        if question.asks_for(&tool) {
            let columns = columns.remove(&(day, integration, row.text(2)?)).unwrap_or_default();
            let (provisional, knows_activity) = (row.int(4)? != 0, row.int(5)? != 0);
            slices.push(PackedSlice { integration, tool, day, provisional, knows_activity, people: row.bytes(6)?, columns });
        }
    }
    Ok(slices)
}

type Columns = HashMap<(Day, IntegrationId, String), Vec<(Measure, Vec<u8>)>>;

async fn columns(tx: &mut Tx, question: &Question, window: Window, measures: &[Measure]) -> Result<Columns, StoreError> {
    let mut values = bind![question.organization, window.from, window.to].to_vec();
    let with_column = measures.iter().filter(|measure| **measure != Measure::Interactions);
    values.extend(with_column.map(|measure| Value::from(measure.name())));
    let mut columns = Columns::new();
    if values.len() == 3 {
        return Ok(columns);
    }
    let list = list_of(4, &mut values);
    let sql = format!(
        "select day, integration_id, stream, measure, packed from slice_columns
         where organization_id = $1 and day between $2 and $3 and measure in ({list})"
    );
    for row in tx.fetch(sql, &values).await? {
        if let Some(measure) = Measure::parse(&row.text(3)?) {
            let key = (row.day(0)?, IntegrationId(row.int(1)?), row.text(2)?);
            columns.entry(key).or_default().push((measure, row.bytes(4)?));
        }
    }
    Ok(columns)
}
