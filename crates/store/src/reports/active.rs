//! Who was active in a window, from the days' packed sets: a kilobyte a day.

use super::Asked;
use super::narrow::Narrow;
use crate::StoreError;
use crate::sql::{Tx, bind};
use std::collections::BTreeMap;
use tacho_domain::columns::is_among;
use tacho_domain::metrics::People;
use tacho_domain::{ToolId, Window, decode_active};

/// The active people of each tool that is asked for and has data in the window.
#[derive(Debug, Default)]
pub(super) struct Active {
    pub(super) tools: BTreeMap<ToolId, People>,
    /// Whether any slice knew who was active.
    pub(super) known: bool,
}

impl Active {
    /// Everybody in it, once.
    pub(super) fn anybody(&self) -> People {
        let mut all = People::default();
        self.tools.values().for_each(|people| all.extend(people));
        all
    }
}

/// Who was active, narrowed as given.
pub(super) async fn active(
    tx: &mut Tx,
    asked: &Asked<'_>,
    narrow: Option<&Narrow>,
    window: Window,
) -> Result<Active, StoreError> {
    let rows = tx
        .fetch(
            "select r.day, r.tool, r.knows_activity, p.active from slice_rollups r
             join slice_people p on p.organization_id = r.organization_id and p.day = r.day
                  and p.integration_id = r.integration_id and p.stream = r.stream
             where r.organization_id = $1 and r.day between $2 and $3 and p.day between $2 and $3",
            bind![asked.question.organization, window.from, window.to],
        )
        .await?;
    let mut active = Active::default();
    for row in &rows {
        let (day, tool) = (row.day(0)?, ToolId(row.text(1)?.into()));
        if !asked.question.asks_for(&tool) {
            continue;
        }
        active.known |= row.int(2)? != 0;
        let people = active.tools.entry(tool).or_default();
        let packed = row.bytes(3)?;
        match narrow {
            None => decode_active(&packed, |identity| people.insert(asked.directory.subject(identity))),
            Some(narrow) => {
                let who = narrow.on(day).who(asked.directory).into_iter().filter(|identity| is_among(&packed, *identity));
                who.for_each(|identity| people.insert(asked.directory.subject(identity)));
            }
        }
    }
    Ok(active)
}
