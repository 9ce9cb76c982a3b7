//! Months rolled up: what a person's page reads in place of each older day. A roll-up is never out of date: whatever changes a
//! slice of a month takes the month's roll-up away in its own transaction, and no roll-up is made while such a transaction runs.
//! The page reads the days where there is none.

use crate::sql::{Tx, bind};
use crate::{Engine, Store, StoreError};
use std::collections::BTreeMap;
use tacho_domain::columns::{MonthOfPeople, bit_of};
use tacho_domain::reports::member::past_until;
use tacho_domain::{Day, OrganizationId, Window, decode_people};

/// What the lock on an organization's months is called on a `PostgreSQL` server, beside the organization's number.
const LOCK: i64 = 0x7461_6368 << 32;

impl Store {
    /// The months without a roll-up that a person's page of today would read as a whole, by their first days, oldest first;
    /// months with days that the vendor may still restate are not among them.
    pub async fn list_unrolled_months(&self, organization: OrganizationId, today: Day) -> Result<Vec<Day>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let mut unrolled = Vec::new();
        if let Some(first) = first_day(&mut tx, organization).await? {
            let sql = "select month from rolled_months where organization_id = $1";
            let rolled: Vec<Day> =
                tx.fetch(sql, bind![organization]).await?.iter().map(|row| row.day(0)).collect::<Result<_, _>>()?;
            for month in months_between(first, past_until(Window::day(today))).filter(|month| !rolled.contains(month)) {
                if is_settled(&mut tx, organization, month).await? {
                    unrolled.push(month);
                }
            }
        }
        tx.commit().await?;
        Ok(unrolled)
    }

    /// Rolls a month up, which is named by its first day. Gives whether it did: not where another process has, nor where a day
    /// may still be restated. Slices of the organization are not replaced meanwhile.
    pub async fn roll_up_month(&self, organization: OrganizationId, month: Day) -> Result<bool, StoreError> {
        let month = month.month();
        let mut tx = self.begin().await?;
        lock(&mut tx, organization, "pg_advisory_xact_lock").await?;
        let sql = "select month from rolled_months where organization_id = $1 and month = $2";
        let is_missing = tx.find(sql, bind![organization, month]).await?.is_none();
        let is_due = is_missing && is_settled(&mut tx, organization, month).await?;
        if is_due {
            let sql = "insert into rolled_months (organization_id, month) values ($1, $2)";
            tx.execute(sql, bind![organization, month]).await?;
            for (tool, gathered) in gather(&mut tx, organization, month).await? {
                gathered.write(&mut tx, organization, month, &tool).await?;
            }
        }
        tx.commit().await?;
        Ok(is_due)
    }
}

/// The first day of which anything was counted.
pub(crate) async fn first_day(tx: &mut Tx, organization: OrganizationId) -> Result<Option<Day>, StoreError> {
    let sql = "select day from slice_rollups where organization_id = $1 order by day limit 1";
    tx.find(sql, bind![organization]).await?.map(|row| row.day(0)).transpose()
}

/// The months from that of a day up to one that begins with `until`, by their first days.
pub(crate) fn months_between(first: Day, until: Day) -> impl Iterator<Item = Day> {
    std::iter::successors(Some(first.month()), |month| Some(next_month(*month))).take_while(move |month| *month < until)
}

/// The first day of the month after.
pub(crate) fn next_month(month: Day) -> Day {
    month.plus(31).month()
}

/// A month as a window.
fn days_of(month: Day) -> Window {
    Window { from: month, to: next_month(month).minus(1) }
}

async fn is_settled(tx: &mut Tx, organization: OrganizationId, month: Day) -> Result<bool, StoreError> {
    let days = days_of(month);
    let sql = "select day from slice_rollups where organization_id = $1 and day between $2 and $3 and provisional = 1 limit 1";
    Ok(tx.find(sql, bind![organization, days.from, days.to]).await?.is_none())
}

/// A month of a tool.
#[derive(Default)]
struct ToolMonth {
    knows_activity: u32,
    people: MonthOfPeople,
}

/// What the days of a month say, by tool. One day after the other: packed days of many people are large.
async fn gather(tx: &mut Tx, organization: OrganizationId, month: Day) -> Result<BTreeMap<String, ToolMonth>, StoreError> {
    let mut tools: BTreeMap<String, ToolMonth> = BTreeMap::new();
    for day in days_of(month).days() {
        let sql = "select r.tool, r.knows_activity, p.people from slice_rollups r
                   join slice_people p on p.organization_id = r.organization_id and p.day = r.day
                    and p.integration_id = r.integration_id and p.stream = r.stream
                   where r.organization_id = $1 and r.day = $2";
        for row in tx.fetch(sql, bind![organization, day]).await? {
            let tool = tools.entry(row.text(0)?).or_default();
            if row.int(1)? != 0 {
                tool.knows_activity |= bit_of(day);
            }
            decode_people(&row.bytes(2)?, |person| tool.people.add(day, person))
                .map_err(|error| StoreError::damaged("slice_people", "people", day, error))?;
        }
    }
    Ok(tools)
}

impl ToolMonth {
    async fn write(&self, tx: &mut Tx, organization: OrganizationId, month: Day, tool: &str) -> Result<(), StoreError> {
        let sql = "insert into tool_months (organization_id, month, tool, knows_activity) values ($1, $2, $3, $4)";
        tx.execute(sql, bind![organization, month, tool, self.knows_activity]).await?;
        let mut loader = tx.loader("person_months", &["organization_id", "month", "bucket", "tool", "packed"]);
        for (bucket, packed) in self.people.pack() {
            loader.int(organization.0)?;
            loader.int(i64::from(month.0))?;
            loader.int(i64::from(bucket))?;
            loader.text(tool)?;
            loader.bytes(packed.as_slice())?;
            loader.end_row().await?;
        }
        loader.finish().await.map(drop)
    }
}

/// Keeps months of an organization from being rolled up until the transaction ends. Whoever changes slices begins with this:
/// taken after another lock it could wait for whoever waits for that.
pub(crate) async fn keep_from_rolling(tx: &mut Tx, organization: OrganizationId) -> Result<(), StoreError> {
    lock(tx, organization, "pg_advisory_xact_lock_shared").await
}

/// `SQLite` has one writer at a time and needs no lock.
async fn lock(tx: &mut Tx, organization: OrganizationId, how: &'static str) -> Result<(), StoreError> {
    if tx.engine() == Engine::Postgres {
        tx.fetch(format!("select {how}($1)"), bind![LOCK | (organization.0 & 0xffff_ffff)]).await?;
    }
    Ok(())
}

/// Takes away the roll-up of a day's month, since a slice of the day has changed.
pub(crate) async fn forget_month(tx: &mut Tx, organization: OrganizationId, day: Day) -> Result<(), StoreError> {
    let month = day.month();
    let sql = "delete from rolled_months where organization_id = $1 and month = $2";
    if tx.execute(sql, bind![organization, month]).await? > 0 {
        for table in ["tool_months", "person_months"] {
            let sql = format!("delete from {table} where organization_id = $1 and month = $2");
            tx.execute(sql, bind![organization, month]).await?;
        }
    }
    Ok(())
}

/// Takes away every roll-up of an organization.
pub(crate) async fn forget_months(tx: &mut Tx, organization: OrganizationId) -> Result<(), StoreError> {
    for table in ["rolled_months", "tool_months", "person_months"] {
        tx.execute(format!("delete from {table} where organization_id = $1"), bind![organization]).await?;
    }
    Ok(())
}
