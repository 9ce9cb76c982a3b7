//! Reads the months before those of which a person's page needs each day: by their roll-ups, and where a month has none, it is
//! told which days are to be read.

use super::Asked;
use crate::StoreError;
use crate::person_months::{first_day, months_between, next_month};
use crate::sql::{LIST, Tx, Value, bind};
use std::collections::BTreeSet;
use tacho_domain::columns::{bucket_of, decode_months};
use tacho_domain::reports::member::{PastMonth, needed_days, past_until};
use tacho_domain::{Day, IdentityId, ToolId, Window};

/// What lies before the days of a page.
pub(super) struct Past {
    /// Months known as a whole.
    pub(super) months: Vec<PastMonth>,
    /// All other days before the needed ones, from the first with data on.
    pub(super) by_day: Vec<Window>,
}

/// The past of these identities.
pub(super) async fn read(tx: &mut Tx, asked: &Asked<'_>, identities: &[u32]) -> Result<Past, StoreError> {
    let window = asked.question.window;
    let (until, needed) = (past_until(window), needed_days(window));
    let (rolled, mut months) = of_everybody(tx, asked, until).await?;
    for chunk in buckets(identities).chunks(LIST) {
        of_identities(tx, asked, until, (chunk, identities), &mut months).await?;
    }
    let mut by_day: Vec<Window> = Vec::new();
    if let Some(first) = first_day(tx, asked.question.organization).await? {
        let unrolled = months_between(first, until).filter(|month| !rolled.contains(month));
        let windows = unrolled.map(|month| Window { from: month, to: next_month(month).minus(1) });
        let rest = (until < needed.from).then(|| Window { from: until, to: needed.from.minus(1) });
        windows.chain(rest).for_each(|window| join(&mut by_day, window));
    }
    Ok(Past { months, by_day })
}

/// Adds a window; one that begins where the last one ends makes that longer.
fn join(windows: &mut Vec<Window>, window: Window) {
    match windows.last_mut() {
        Some(last) if last.to.plus(1) == window.from => last.to = window.to,
        _ => windows.push(window),
    }
}

/// The months that are rolled up, and on which days each tool knows who was active.
async fn of_everybody(tx: &mut Tx, asked: &Asked<'_>, until: Day) -> Result<(BTreeSet<Day>, Vec<PastMonth>), StoreError> {
    let sql = "select m.month, t.tool, t.knows_activity from rolled_months m
               left join tool_months t on t.organization_id = m.organization_id and t.month = m.month
               where m.organization_id = $1 and m.month < $2";
    let (mut rolled, mut months) = (BTreeSet::new(), Vec::new());
    for row in tx.fetch(sql, bind![asked.question.organization, until]).await? {
        let month = row.day(0)?;
        rolled.insert(month);
        if let Some(tool) = row.maybe_text(1)? {
            let days = row.int(2)?;
            let knows_activity = u32::try_from(days).map_err(|_| {
                StoreError::damaged("tool_months", "knows_activity", month, format!("`{days}` is no days of a month"))
            })?;
            months.push(PastMonth {
                month,
                tool: ToolId(tool.into()),
                knows_activity,
                present: 0,
                active: 0,
                interactions: None,
            });
        }
    }
    Ok((rolled, months))
}

fn buckets(identities: &[u32]) -> Vec<u32> {
    let buckets: BTreeSet<u32> = identities.iter().map(|identity| bucket_of(IdentityId(*identity))).collect();
    buckets.into_iter().collect()
}

/// What the identities did, from the packed values that hold them. As a materialized list of keys, so that a planner without
/// statistics looks each up (see `member_page.rs`).
async fn of_identities(
    tx: &mut Tx,
    asked: &Asked<'_>,
    until: Day,
    (buckets, identities): (&[u32], &[u32]),
    months: &mut Vec<PastMonth>,
) -> Result<(), StoreError> {
    let mut values = bind![asked.question.organization, until].to_vec();
    values.extend(buckets.iter().map(|bucket| Value::from(*bucket)));
    values.resize(2 + buckets.len().next_power_of_two(), Value::Int(None));
    let places: Vec<String> = (3..=values.len()).map(|place| format!("(${place})")).collect();
    let sql = format!(
        "with wanted as materialized (
             select m.month, v.bucket from rolled_months m cross join (select column1 as bucket from (values {}) w) v
             where m.organization_id = $1 and m.month < $2)
         select w.month, p.tool, p.packed from wanted w cross join person_months p
         where p.organization_id = $1 and p.month = w.month and p.bucket = w.bucket",
        places.join(",")
    );
    for row in tx.fetch(sql, &values).await? {
        let (month, tool) = (row.day(0)?, ToolId(row.text(1)?.into()));
        let each = |person: tacho_domain::columns::PersonMonth| {
            if identities.contains(&person.identity.0) {
                let (present, active, interactions) = (person.present, person.active, person.interactions);
                months.push(PastMonth { month, tool: tool.clone(), knows_activity: 0, present, active, interactions });
            }
        };
        decode_months(&row.bytes(2)?, each).map_err(|error| StoreError::damaged("person_months", "packed", month, error))?;
    }
    Ok(())
}
