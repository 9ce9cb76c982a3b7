//! Roll-ups of a slice: what dashboards read instead of its rows.

use super::columns::{pack, stamp, write_columns, write_teams};
use super::rows::{Gathered, more_columns, said};
use crate::sql::{Tx, Value, bind};
use crate::{SliceWrite, StoreError};
use std::collections::BTreeMap;
use tacho_domain::measure::plus;
use tacho_domain::{
    IdentityId, Measure, Measures, OrganizationId, PersonDay, SliceState, StreamRole, encode_active, encode_people,
};

/// Writes the roll-ups of a slice whose old ones are gone. Sums, people, splits and costs are of counted streams only: what
/// is evidence must never be added to a figure. Seats are counted from any stream that names them.
pub(crate) async fn write_rollups(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    if write.role.is_counted() {
        let nobody_did_anything = write.role == StreamRole::Activity && write.state.is_answered();
        if !rows.usage.is_empty() || nobody_did_anything {
            write_sums(tx, organization, write, rows).await?;
        }
        write_splits(tx, organization, write, rows).await?;
        write_costs(tx, organization, write, rows).await?;
        super::cost_lines::write_cost_lines(tx, organization, write, rows).await?;
    }
    if !rows.teams.is_empty() {
        write_teams(tx, organization, write, rows).await?;
    }
    super::seat_lists::write_seat_list(tx, organization, write, rows).await?;
    write_seats(tx, organization, write, rows).await
}

async fn write_sums(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    let mut sums = Measures::default();
    if write.role == StreamRole::Activity && rows.usage.is_empty() {
        sums[Measure::Interactions] = Some(0);
    }
    let mut people = Vec::with_capacity(rows.usage.len());
    for row in &rows.usage {
        sums.add(&row.measures);
        let interactions = row.measures[Measure::Interactions];
        people.push(PersonDay { identity: IdentityId(row.identity), active: row.active, agent: row.agent, interactions });
    }
    let (packed, active) = (encode_people(&people), encode_active(&people));
    let columns = pack(&rows.usage.iter().map(|row| row.measures.as_ref()).collect::<Vec<_>>());
    let mut values = key(organization, write);
    values.push(write.tool.as_str().into());
    values.push((write.state == SliceState::Provisional).into());
    values.push((write.role == StreamRole::Activity).into());
    let parts = super::parts::pack(rows);
    values.push(stamp(&packed, &columns, parts.as_deref()).into());
    insert(tx, "slice_rollups", "tool, provisional, knows_activity, stamp", values, &sums).await?;
    tx.execute(
        "insert into slice_people (organization_id, day, integration_id, stream, active, people) values ($1, $2, $3, $4, $5, $6)",
        bind![organization, write.day, write.integration, write.stream, active, packed],
    )
    .await?;
    write_columns(tx, organization, write, &columns).await?;
    match parts {
        Some(parts) => super::parts::write_parts(tx, organization, write, parts).await,
        None => Ok(()),
    }
}

async fn write_splits(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    if rows.splits.is_empty() {
        return Ok(());
    }
    let mut sums: BTreeMap<(&str, &str), Measures> = BTreeMap::new();
    for row in &rows.splits {
        sums.entry((row.dimension.as_str(), row.value.as_ref())).or_default().add(&row.measures);
    }
    let said = said(sums.values());
    let mut columns = vec!["organization_id", "day", "integration_id", "stream", "dimension", "value", "tool"];
    columns.extend(said.iter().map(|measure| measure.name()));
    let mut loader = tx.loader("slice_splits", &columns);
    for ((dimension, value), sums) in &sums {
        loader.int(organization.0)?;
        loader.int(i64::from(write.day.0))?;
        loader.int(write.integration.0)?;
        loader.text(write.stream)?;
        loader.text(*dimension)?;
        loader.text(*value)?;
        loader.text(write.tool.as_str())?;
        for &measure in &said {
            loader.int(sums[measure])?;
        }
        loader.end_row().await?;
    }
    loader.finish().await.map(drop)
}

async fn write_costs(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    let mut ledgers: BTreeMap<&str, (i64, Option<i64>)> = BTreeMap::new();
    for ((_, ledger, _, _), cost) in &rows.costs {
        let (gross, net) = ledgers.entry(ledger).or_default();
        *gross = gross.saturating_add(cost.gross);
        *net = plus(*net, cost.net);
    }
    for (ledger, (gross, net)) in ledgers {
        tx.execute(
            "insert into slice_costs (organization_id, day, integration_id, stream, ledger, tool, gross_micros, net_micros)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            bind![organization, write.day, write.integration, write.stream, ledger, write.tool.as_str(), gross, net],
        )
        .await?;
    }
    Ok(())
}

async fn write_seats(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    if rows.seats.is_empty() && !(write.state.is_answered() && write.role == StreamRole::Roster) {
        return Ok(());
    }
    let unpriced = rows.seats.values().filter(|seat| seat.monthly_price.is_none()).count();
    let price = rows.seats.values().filter_map(|seat| seat.monthly_price).fold(0i64, |sum, price| sum.saturating_add(price.0));
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    // A roster without seats says something only where it had some before: that they are all gone.
    tx.execute(
        "insert into slice_seats (organization_id, day, integration_id, stream, tool, seats, unpriced, monthly_price_micros)
         select $1, $2, $3, $4, $5, $6, $7, $8
         where $6 > 0 or exists (select 1 from slice_seats where organization_id = $1 and day < $2 and integration_id = $3 and stream = $4)",
        bind![
            organization,
            write.day,
            write.integration,
            write.stream,
            write.tool.as_str(),
            count(rows.seats.len()),
            count(unpriced),
            price
        ],
    )
    .await
    .map(drop)
}

fn key(organization: OrganizationId, write: &SliceWrite<'_>) -> Vec<Value> {
    bind![organization, write.day, write.integration, write.stream].to_vec()
}

async fn insert(tx: &mut Tx, table: &str, rest: &str, mut values: Vec<Value>, sums: &Measures) -> Result<(), StoreError> {
    let said: Vec<Measure> = sums.said().map(|(measure, _)| measure).collect();
    values.extend(sums.said().map(|(_, value)| Value::from(value)));
    let places: Vec<String> = (1..=values.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "insert into {table} (organization_id, day, integration_id, stream, {rest}{}) values ({})",
        more_columns(&said),
        places.join(", ")
    );
    tx.execute(sql, &values).await.map(drop)
}
