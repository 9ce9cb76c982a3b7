//! The last day on which people were active with a tool, from the packed days: the newest first, and of older ones only
//! whoever has not been met yet.

use super::Asked;
use crate::StoreError;
use crate::sql::{Tx, bind};
use std::collections::{BTreeMap, HashMap, HashSet};
use tacho_domain::{Day, IdentityId, IntegrationId, SubjectId, ToolId, Window, decode_active};

/// After so many days the mask of those who are still looked for is made anew.
const CHUNK_DAYS: i32 = 30;

/// Of each tool the last active day of those holders who have one in the window.
pub(super) async fn last_use(
    tx: &mut Tx,
    asked: &Asked<'_>,
    window: Window,
    mut wanted: BTreeMap<ToolId, HashSet<SubjectId>>,
) -> Result<BTreeMap<ToolId, HashMap<SubjectId, Day>>, StoreError> {
    let tools = tools(tx, asked).await?;
    let mut found: BTreeMap<ToolId, HashMap<SubjectId, Day>> = BTreeMap::new();
    let mut to = window.to;
    while to >= window.from && wanted.values().any(|holders| !holders.is_empty()) {
        let from = to.minus(CHUNK_DAYS - 1).max(window.from);
        let mut masks: BTreeMap<ToolId, Vec<u8>> =
            wanted.iter().map(|(tool, holders)| (tool.clone(), mask(asked, holders))).collect();
        let mut met: BTreeMap<ToolId, HashMap<SubjectId, Day>> = BTreeMap::new();
        let rows = tx
            .fetch(
                "select day, integration_id, active from slice_people where organization_id = $1 and day between $2 and $3
                 order by day desc",
                bind![asked.question.organization, from, to],
            )
            .await?;
        for row in &rows {
            let (day, integration) = (row.day(0)?, IntegrationId(row.int(1)?));
            let Some(tool) = tools.get(&integration) else { continue };
            let Some(mask) = masks.get_mut(tool) else { continue };
            let of_tool = met.entry(tool.clone()).or_default();
            let active: Vec<u8> = row.bytes(2)?.iter().zip(&*mask).map(|(active, mask)| active & mask).collect();
            // Days come newest first: whoever has been met is not looked for again.
            mask.iter_mut().zip(&active).for_each(|(mask, active)| *mask &= !active);
            decode_active(&active, |identity| {
                of_tool.entry(asked.directory.subject(identity)).or_insert(day);
            });
        }
        for (tool, of_tool) in met {
            if let Some(holders) = wanted.get_mut(&tool) {
                holders.retain(|holder| !of_tool.contains_key(holder));
            }
            found.entry(tool).or_default().extend(of_tool);
        }
        to = from.minus(1);
    }
    Ok(found)
}

async fn tools(tx: &mut Tx, asked: &Asked<'_>) -> Result<HashMap<IntegrationId, ToolId>, StoreError> {
    let sql = "select id, tool from integrations where organization_id = $1";
    let rows = tx.fetch(sql, bind![asked.question.organization]).await?;
    rows.iter().map(|row| Ok((IntegrationId(row.int(0)?), ToolId(row.text(1)?.into())))).collect()
}

/// A bit for each identity of somebody who is looked for, as the packed days have them.
fn mask(asked: &Asked<'_>, holders: &HashSet<SubjectId>) -> Vec<u8> {
    let mut mask = vec![0u8; asked.directory.len().div_ceil(8)];
    for identity in 0..u32::try_from(asked.directory.len()).unwrap_or(u32::MAX) {
        if holders.contains(&asked.directory.subject(IdentityId(identity))) {
            mask[identity as usize / 8] |= 1 << (identity % 8);
        }
    }
    mask
}
