//! What an Overview is made from: roll-ups of a window, never the rows beneath them.

use super::narrow::Narrow;
use super::narrowed;
use super::packed::keyed_slices;
use crate::StoreError;
use crate::day_memory::SliceKey;
use crate::migrations::measure_list;
use crate::sql::{Row, Tx, bind};
use std::collections::{BTreeMap, HashMap};
use tacho_domain::overview::{CostSum, Material, Packed, SeatCount, SliceRollup, compared_days, needed_days};
use tacho_domain::report::Question;
use tacho_domain::{Directory, Instant, IntegrationId, Ledger, Measure, Money, OrganizationId, ToolId, ToolProfile, Window};

pub(super) async fn read<'a>(
    tx: &mut Tx,
    question: &Question,
    profiles: &'a [ToolProfile],
    directory: &'a Directory,
) -> Result<Material<'a>, StoreError> {
    let (organization, window) = (question.organization, question.window);
    if let Some(narrow) = Narrow::of(tx, question, directory, needed_days(window)).await? {
        let mut slices = narrowed::slices(tx, question, directory, &narrow).await?;
        slices.extend(narrowed::older_slices(tx, question, directory, &narrow).await?);
        return Ok(Material {
            profiles,
            slices,
            directory,
            seats: narrowed::seats(tx, question, directory, &narrow).await?,
            costs: narrowed::costs(tx, question, directory, &narrow, window).await?,
            costs_before: narrowed::costs(tx, question, directory, &narrow, window.before()).await?,
            last_synced: last_synced(tx, question).await?,
        });
    }
    Ok(Material {
        profiles,
        slices: slices(tx, question).await?,
        directory,
        seats: seats(tx, question).await?,
        costs: costs(tx, organization, window).await?,
        costs_before: costs(tx, organization, window.before()).await?,
        last_synced: last_synced(tx, question).await?,
    })
}

/// The window with all sums and people, the one before (four weeks at least) with its sums and who was active, the
/// heatmap's older days with their interactions only.
async fn slices(tx: &mut Tx, question: &Question) -> Result<Vec<SliceRollup>, StoreError> {
    let (organization, window) = (question.organization, question.window);
    let (first, whole_from) = (needed_days(window).from, compared_days(window).from);
    let earlier = Window { from: whole_from, to: window.from.minus(1) };
    let mut slices = in_window(tx, question).await?;
    let sql = format!(
        "select r.day, r.integration_id, r.tool, r.provisional, r.knows_activity, p.active, {}
         from slice_rollups r join slice_people p on p.organization_id = r.organization_id and p.day = r.day
              and p.integration_id = r.integration_id and p.stream = r.stream
         where r.organization_id = $1 and r.day between $2 and $3 and p.day between $2 and $3",
        measure_list("r.", Measure::ALL)
    );
    for row in tx.fetch(sql, bind![organization, earlier.from, earlier.to]).await? {
        let mut slice = slice(&row)?;
        if question.asks_for(&slice.tool) {
            slice.people = Packed::Active(row.bytes(5)?);
            slice.sums = row.measures(6, Measure::ALL)?;
            slices.push(slice);
        }
    }
    if first < whole_from {
        let rows = tx
            .fetch(
                "select day, integration_id, tool, provisional, knows_activity, interactions from slice_rollups
                 where organization_id = $1 and day between $2 and $3",
                bind![organization, first, whole_from.minus(1)],
            )
            .await?;
        for row in &rows {
            let mut slice = slice(row)?;
            if question.asks_for(&slice.tool) {
                slice.sums[Measure::Interactions] = row.maybe_int(5)?;
                slices.push(slice);
            }
        }
    }
    Ok(slices)
}

/// The slices of the window with their sums and people.
async fn in_window(tx: &mut Tx, question: &Question) -> Result<Vec<SliceRollup>, StoreError> {
    let window = question.window;
    let sql = format!(
        "select day, integration_id, tool, provisional, knows_activity, stream, {} from slice_rollups
         where organization_id = $1 and day between $2 and $3",
        measure_list("", Measure::ALL)
    );
    let rows = tx.fetch(sql, bind![question.organization, window.from, window.to]).await?;
    let mut people: HashMap<SliceKey, _> =
        keyed_slices(tx, question, window, &[]).await?.into_iter().map(|(key, slice)| (key, slice.people)).collect();
    let mut slices = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut slice = slice(row)?;
        if question.asks_for(&slice.tool) {
            let key = (question.organization, slice.integration, row.text(5)?.into(), slice.day);
            slice.people = people.remove(&key).map_or(Packed::Unread, Packed::Whole);
            slice.sums = row.measures(6, Measure::ALL)?;
            slices.push(slice);
        }
    }
    Ok(slices)
}

fn slice(row: &Row) -> Result<SliceRollup, StoreError> {
    Ok(SliceRollup {
        day: row.day(0)?,
        integration: IntegrationId(row.int(1)?),
        tool: ToolId(row.text(2)?.into()),
        provisional: row.int(3)? != 0,
        knows_activity: row.int(4)? != 0,
        sums: tacho_domain::Measures::default(),
        people: Packed::Unread,
    })
}

/// Seats by tool: of each stream that names seats its newest snapshot in the window, the morning after its last day
/// included: that is how things stood when the window ended.
pub(super) async fn seats(tx: &mut Tx, question: &Question) -> Result<Vec<SeatCount>, StoreError> {
    let rows = tx
        .fetch(
            "select integration_id, stream, tool, seats, unpriced, monthly_price_micros from slice_seats
             where organization_id = $1 and day between $2 and $3 order by day",
            bind![question.organization, question.window.from, question.window.to.plus(1)],
        )
        .await?;
    let mut newest: BTreeMap<(i64, String), &Row> = BTreeMap::new();
    for row in &rows {
        newest.insert((row.int(0)?, row.text(1)?), row);
    }
    let mut tools: BTreeMap<String, (i64, i64, i64)> = BTreeMap::new();
    for row in newest.values() {
        let sum = tools.entry(row.text(2)?).or_default();
        *sum = (sum.0 + row.int(3)?, sum.1 + row.int(4)?, sum.2.saturating_add(row.int(5)?));
    }
    let count = |(tool, (seats, unpriced, price)): (String, (i64, i64, i64))| SeatCount {
        tool: ToolId(tool.into()),
        seats,
        monthly_price: (unpriced == 0).then_some(Money(price)),
    };
    Ok(tools.into_iter().map(count).filter(|seats| question.asks_for(&seats.tool)).collect())
}

/// Metered amounts of the billing APIs; subscriptions are counted by their seats.
async fn costs(tx: &mut Tx, organization: OrganizationId, window: Window) -> Result<Vec<CostSum>, StoreError> {
    let rows = tx
        .fetch(
            "select tool, cast(sum(gross_micros) as bigint), cast(sum(net_micros) as bigint) from slice_costs
             where organization_id = $1 and day between $2 and $3 and ledger = $4 group by tool order by tool",
            bind![organization, window.from, window.to, Ledger::Metered.as_str()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(CostSum { tool: ToolId(row.text(0)?.into()), gross: Money(row.int(1)?), net: row.maybe_int(2)?.map(Money) })
        })
        .collect()
}

pub(super) async fn last_synced(tx: &mut Tx, question: &Question) -> Result<Option<Instant>, StoreError> {
    let rows = tx
        .fetch(
            "select tool, max(last_synced_at) from integrations where organization_id = $1 group by tool",
            bind![question.organization],
        )
        .await?;
    let mut newest = None;
    for row in rows {
        if question.asks_for(&ToolId(row.text(0)?.into())) {
            newest = newest.max(row.maybe_instant(1)?);
        }
    }
    Ok(newest)
}
