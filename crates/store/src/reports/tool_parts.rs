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
    let mut sums: BTreeMap<(Dimension, String), Measures> = BTreeMap::new();
    let mut add = |rows: &[Row]| -> Result<(), StoreError> {
        for row in rows {
            let Some(dimension) = Dimension::parse(&row.text(0)?) else { continue };
            sums.entry((dimension, row.text(1)?)).or_default().add(&row.measures(2, Measure::ALL)?);
        }
        Ok(())
    };
    match narrow {
        None => add(&of_everyone(tx, asked, tool, window, dimension).await?)?,
        Some(narrow) => {
            for ((from, to), identities) in stays(asked, window, narrow) {
                let days = Window { from, to };
                for chunk in identities.chunks(LIST) {
                    add(&of_some(tx, asked, (tool, dimension), days, chunk).await?)?;
                }
            }
        }
    }
    Ok(sums.into_iter().map(|((dimension, value), measures)| PartSum { dimension, value, measures }).collect())
}

async fn of_everyone(
    tx: &mut Tx,
    asked: &Asked<'_>,
    tool: &ToolId,
    window: Window,
    dimension: Option<Dimension>,
) -> Result<Vec<Row>, StoreError> {
    let sql = format!(
        "select dimension, value, {} from slice_splits
         where organization_id = $1 and day between $2 and $3 and tool = $4 and ($5 = '' or dimension = $5)
         group by dimension, value",
        measure_sums("", Measure::ALL)
    );
    let dimension = dimension.map_or("", Dimension::as_str);
    tx.fetch(sql, bind![asked.question.organization, window.from, window.to, tool.as_str(), dimension]).await
}

/// Who counts on which days on end. Nearly everybody counts on all of them, so that there are few different stretches.
fn stays(asked: &Asked<'_>, window: Window, narrow: &Narrow) -> BTreeMap<(Day, Day), Vec<IdentityId>> {
    let mut stays: BTreeMap<(Day, Day), Vec<IdentityId>> = BTreeMap::new();
    for identity in narrow.identities(asked.directory) {
        let mut from = None;
        for day in window.days() {
            let counts = narrow.counts(day, identity, asked.directory);
            match (counts, from) {
                (true, None) => from = Some(day),
                (false, Some(first)) => {
                    stays.entry((first, day.minus(1))).or_default().push(identity);
                    from = None;
                }
                _ => {}
            }
        }
        if let Some(first) = from {
            stays.entry((first, window.to)).or_default().push(identity);
        }
    }
    stays
}

/// Reads the rows of some identities in the tool's counted slices, by whole keys as the details of members are.
async fn of_some(
    tx: &mut Tx,
    asked: &Asked<'_>,
    (tool, dimension): (&ToolId, Option<Dimension>),
    days: Window,
    identities: &[IdentityId],
) -> Result<Vec<Row>, StoreError> {
    let dimension = dimension.map_or("", Dimension::as_str);
    let mut values = bind![asked.question.organization, days.from, days.to, tool.as_str(), dimension].to_vec();
    values.extend(identities.iter().map(|identity| Value::from(identity.0)));
    // Few statement texts, each stays prepared: what is filled up is null and equals nobody.
    values.resize(5 + identities.len().next_power_of_two(), Value::Int(None));
    let wanted: Vec<String> = (6..=values.len()).map(|place| format!("(${place})")).collect();
    let sql = format!(
        "with wanted as materialized (
             select r.integration_id, r.stream, r.day, v.id
             from slice_rollups r cross join (select column1 as id from (values {}) w) v
             where r.organization_id = $1 and r.day between $2 and $3 and r.tool = $4)
         select u.dimension, u.value, {} from wanted w cross join usage_splits u
         where u.organization_id = $1 and u.integration_id = w.integration_id and u.stream = w.stream and u.day = w.day
           and u.identity_id = w.id and ($5 = '' or u.dimension = $5)
         group by u.dimension, u.value",
        wanted.join(","),
        measure_sums("u.", Measure::ALL)
    );
    tx.fetch(sql, &values).await
}
