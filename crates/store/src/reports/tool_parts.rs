//! A tool's parts by feature, model, language and editor: of everyone from the roll-ups, of few from their own rows.

use super::Asked;
use super::narrow::Narrow;
use crate::StoreError;
use crate::migrations::measure_sums;
use crate::sql::{LIST, Row, Tx, Value, bind};
use std::collections::BTreeMap;
use tacho_domain::reports::tool::PartSum;
use tacho_domain::{Day, Dimension, IdentityId, Measure, Measures, ToolId, Window};

/// Sums by value over a window, of whoever counts: of one dimension, or of all.
pub(super) async fn parts(
    tx: &mut Tx,
    asked: &Asked<'_>,
    tool: &ToolId,
    window: Window,
    dimension: Option<Dimension>,
    narrow: Option<&Narrow>,
) -> Result<Vec<PartSum>, StoreError> {
    let everyone = of_everyone(tx, asked, tool, window, dimension).await?;
    let Some(narrow) = narrow else { return Ok(everyone) };
    // What nobody says need not be added up over the rows of some.
    let says = |measure: &&Measure| everyone.iter().any(|part| part.measures[**measure].is_some());
    let said: Vec<Measure> = Measure::ALL.iter().filter(says).copied().collect();
    let mut sums: BTreeMap<(Dimension, String), Measures> = BTreeMap::new();
    for stays in stays(asked, window, narrow).chunks(LIST) {
        for part in of_some(tx, asked, (tool, dimension), &said, stays).await? {
            sums.entry((part.dimension, part.value)).or_default().add(&part.measures);
        }
    }
    Ok(sums.into_iter().map(|((dimension, value), measures)| PartSum { dimension, value, measures }).collect())
}

fn read(rows: &[Row], measures: &[Measure]) -> Result<Vec<PartSum>, StoreError> {
    let mut parts = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(dimension) = Dimension::parse(&row.text(0)?) else { continue };
        parts.push(PartSum { dimension, value: row.text(1)?, measures: row.measures(2, measures)? });
    }
    Ok(parts)
}

async fn of_everyone(
    tx: &mut Tx,
    asked: &Asked<'_>,
    tool: &ToolId,
    window: Window,
    dimension: Option<Dimension>,
) -> Result<Vec<PartSum>, StoreError> {
    let sql = format!(
        "select dimension, value, {} from slice_splits
         where organization_id = $1 and day between $2 and $3 and tool = $4 and ($5 = '' or dimension = $5)
         group by dimension, value order by dimension, value",
        measure_sums("", Measure::ALL)
    );
    let dimension = dimension.map_or("", Dimension::as_str);
    let rows = tx.fetch(sql, bind![asked.question.organization, window.from, window.to, tool.as_str(), dimension]).await?;
    read(&rows, Measure::ALL)
}

/// Somebody who counts on all days of a stretch, and neither on the day before nor on the one after.
type Stay = (IdentityId, Window);

fn stays(asked: &Asked<'_>, window: Window, narrow: &Narrow) -> Vec<Stay> {
    let mut open: BTreeMap<IdentityId, Day> = BTreeMap::new();
    let mut stays = Vec::new();
    for day in window.days() {
        let who = narrow.on(day).who(asked.directory);
        open.retain(|identity, from| {
            let stays_on = who.binary_search(identity).is_ok();
            if !stays_on {
                stays.push((*identity, Window { from: *from, to: day.minus(1) }));
            }
            stays_on
        });
        for identity in who {
            open.entry(identity).or_insert(day);
        }
    }
    stays.extend(open.into_iter().map(|(identity, from)| (identity, Window { from, to: window.to })));
    stays
}

/// Reads the rows of some identities in the tool's counted slices, by whole keys as the details of members are.
async fn of_some(
    tx: &mut Tx,
    asked: &Asked<'_>,
    (tool, dimension): (&ToolId, Option<Dimension>),
    said: &[Measure],
    stays: &[Stay],
) -> Result<Vec<PartSum>, StoreError> {
    if said.is_empty() || stays.is_empty() {
        return Ok(Vec::new());
    }
    let dimension = dimension.map_or("", Dimension::as_str);
    let (from, to) = (stays.iter().map(|(_, days)| days.from).min(), stays.iter().map(|(_, days)| days.to).max());
    let mut values = bind![
        asked.question.organization,
        tool.as_str(),
        dimension,
        from.map(|day| i64::from(day.0)),
        to.map(|day| i64::from(day.0))
    ]
    .to_vec();
    for (identity, days) in stays {
        values.extend([Value::from(identity.0), Value::from(days.from), Value::from(days.to)]);
    }
    // Few statement texts, each stays prepared: what is filled up is null and equals nobody.
    values.resize(5 + 3 * stays.len().next_power_of_two(), Value::Int(None));
    let wanted: Vec<String> = (6..values.len()).step_by(3).map(|at| format!("(${at},${},${})", at + 1, at + 2)).collect();
    let sql = format!(
        "with counted as materialized (
             select integration_id, stream, day from slice_rollups where organization_id = $1 and day between $4 and $5 and tool = $2),
         wanted as materialized (
             select r.integration_id, r.stream, r.day, v.column1 as id
             from (values {}) v cross join counted r where r.day between v.column2 and v.column3)
         select u.dimension, u.value, {} from wanted w cross join usage_splits u
         where u.organization_id = $1 and u.integration_id = w.integration_id and u.stream = w.stream and u.day = w.day
           and u.identity_id = w.id and ($3 = '' or u.dimension = $3)
         group by u.dimension, u.value",
        wanted.join(","),
        measure_sums("u.", said)
    );
    read(&tx.fetch(sql, &values).await?, said)
}
