//! A tool's parts by feature, model, language and editor: of everyone from the roll-ups, of some from the packed parts of each
//! day.

use super::Asked;
use super::narrow::Narrow;
use super::packed::heads;
use super::remembered::Recalled;
use crate::StoreError;
use crate::day_memory::Remember;
use crate::migrations::measure_sums;
use crate::sql::{Tx, bind};
use std::collections::HashMap;
use std::sync::Arc;
use tacho_domain::columns::{LaidParts, PartSums};
use tacho_domain::reports::tool::{PartSum, narrowed};
use tacho_domain::{Damaged, Day, Dimension, Measure, ToolId, Window};

/// The parts of a slice; `None`: it has none.
#[derive(Debug, Clone, Default)]
struct Parts(Option<Arc<LaidParts>>);

impl Remember for Parts {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.0.as_ref().map_or(0, |parts| size_of::<LaidParts>() + parts.weight())
    }
}

/// Sums by value over a window, of whoever counts: of one dimension, or of all.
pub(super) async fn parts(
    tx: &mut Tx,
    asked: &Asked<'_>,
    tool: &ToolId,
    window: Window,
    dimension: Option<Dimension>,
    narrow: Option<&Narrow>,
) -> Result<Vec<PartSum>, StoreError> {
    match narrow {
        None => of_everyone(tx, asked, tool, window, dimension).await,
        Some(narrow) => of_some(tx, asked, tool, window, (dimension, narrow)).await,
    }
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
    let mut parts = Vec::with_capacity(rows.len());
    for row in &rows {
        let Some(dimension) = Dimension::parse(&row.text(0)?) else { continue };
        parts.push(PartSum { dimension, value: row.text(1)?, measures: row.measures(2, Measure::ALL)? });
    }
    Ok(parts)
}

async fn of_some(
    tx: &mut Tx,
    asked: &Asked<'_>,
    tool: &ToolId,
    window: Window,
    (dimension, narrow): (Option<Dimension>, &Narrow),
) -> Result<Vec<PartSum>, StoreError> {
    let heads = heads(tx, &narrowed(asked.question, tool), window).await?;
    let recalled = Recalled::<Parts>::of(tx, heads.into_iter().map(|head| (head.key, head.stamp)).collect());
    let mut found = HashMap::new();
    if let Some(stretch) = recalled.lacks() {
        let sql = "select p.day, p.integration_id, p.stream, p.packed from slice_rollups r
                   join slice_parts p on p.organization_id = r.organization_id and p.day = r.day
                        and p.integration_id = r.integration_id and p.stream = r.stream
                   where r.organization_id = $1 and r.day between $2 and $3 and r.tool = $4 and p.day between $2 and $3";
        for row in tx.fetch(sql, bind![stretch.organization, stretch.from, stretch.to, tool.as_str()]).await? {
            let key = stretch.key(&row)?;
            let parts = LaidParts::unpack(&row.bytes(3)?).map_err(|error| damaged(key.3, error))?;
            found.insert(key, Parts(Some(Arc::new(parts))));
        }
    }
    let mut sums = PartSums::new();
    for ((.., day), parts) in recalled.filled(tx, found) {
        if let Some(parts) = parts.0 {
            let who = narrow.on(day).who(asked.directory);
            parts.add(&who, dimension, &mut sums).map_err(|error| damaged(day, error))?;
        }
    }
    Ok(sums.into_iter().map(|((dimension, value), measures)| PartSum { dimension, value, measures }).collect())
}

fn damaged(day: Day, error: Damaged) -> StoreError {
    StoreError::damaged("slice_parts", "packed", day, error)
}
