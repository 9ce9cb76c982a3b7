//! Organizations: whose data it is.

use crate::access::name;
use crate::sql::{Row, Tx, bind};
use crate::{Store, StoreError};
use tacho_domain::{Instant, OrganizationId};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its number.
    pub id: OrganizationId,
    /// What people call it; unique.
    pub name: String,
    /// Since when it is here.
    pub created_at: Instant,
}

impl Store {
    /// The organization of that name; it is made when there is none.
    pub async fn ensure_organization(&self, name: &str, now: Instant) -> Result<OrganizationId, StoreError> {
        let mut tx = self.begin().await?;
        let found = |rows: Option<Row>| rows.map(|row| row.int(0).map(OrganizationId)).transpose();
        if let Some(id) = found(tx.find("select id from organizations where name = $1", bind![name]).await?)? {
            tx.commit().await?;
            return Ok(id);
        }
        // The counter makes whoever else adds one wait; they may have added this one.
        let id = next_number(&mut tx, "organizations").await?;
        tx.execute(
            "insert into organizations (id, name, next_number, people_version, created_at) values ($1, $2, 1, 0, $3)
             on conflict (name) do nothing",
            bind![id, name, now],
        )
        .await?;
        let id = found(tx.find("select id from organizations where name = $1", bind![name]).await?)?
            .ok_or_else(|| StoreError::damaged("organizations", "name", name, "was written but is not there"))?;
        tx.commit().await?;
        Ok(id)
    }

    /// Adds an organization.
    ///
    /// # Errors
    /// When there is one of that name.
    pub async fn add_organization(&self, called: &str, now: Instant) -> Result<OrganizationId, StoreError> {
        let called = name(called)?;
        let mut tx = self.begin().await?;
        let id = OrganizationId(next_number(&mut tx, "organizations").await?);
        let added = tx
            .execute(
                "insert into organizations (id, name, next_number, people_version, created_at) values ($1, $2, 1, 0, $3)
                 on conflict (name) do nothing",
                bind![id, called, now],
            )
            .await?;
        if added == 0 {
            return Err(taken(called));
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Gives an organization another name. Gives whether there is such an organization.
    ///
    /// # Errors
    /// When another one has that name.
    pub async fn rename_organization(&self, id: OrganizationId, called: &str) -> Result<bool, StoreError> {
        let called = name(called)?;
        let mut tx = self.begin().await?;
        // The counter makes whoever else names one wait.
        tx.execute("update counters set next_number = next_number where name = 'organizations'", &[]).await?;
        if tx.find("select 1 from organizations where name = $1 and id <> $2", bind![called, id]).await?.is_some() {
            return Err(taken(called));
        }
        let renamed = tx.execute("update organizations set name = $2 where id = $1", bind![id, called]).await? > 0;
        tx.commit().await?;
        Ok(renamed)
    }

    /// The organization of that number.
    pub async fn find_organization(&self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        let row = self.find("select id, name, created_at from organizations where id = $1", bind![id]).await?;
        row.map(|row| organization(&row)).transpose()
    }

    /// Every organization, oldest first.
    pub async fn list_organizations(&self) -> Result<Vec<Organization>, StoreError> {
        let rows = self.fetch("select id, name, created_at from organizations order by id", &[]).await?;
        rows.iter().map(organization).collect()
    }
}

fn taken(called: &str) -> StoreError {
    StoreError::invalid(format!("there is an organization named `{called}` already"))
}

fn organization(row: &Row) -> Result<Organization, StoreError> {
    Ok(Organization { id: OrganizationId(row.int(0)?), name: row.text(1)?, created_at: row.instant(2)? })
}

/// The next number of a counter that the whole installation shares.
pub(crate) async fn next_number(tx: &mut Tx, counter: &'static str) -> Result<i64, StoreError> {
    tx.find("update counters set next_number = next_number + 1 where name = $1 returning next_number - 1", bind![counter])
        .await?
        .ok_or_else(|| StoreError::damaged("counters", "name", counter, "is not there"))?
        .int(0)
}

/// The next number of the organization's tokens and audit records; whoever else takes one waits for the commit.
pub(crate) async fn next_record(tx: &mut Tx, organization: OrganizationId) -> Result<i64, StoreError> {
    let sql = "insert into record_counters (organization_id, next_number) values ($1, 2)
         on conflict (organization_id) do update set next_number = record_counters.next_number + 1
         returning next_number - 1";
    let row = tx.find(sql, bind![organization]).await?;
    row.ok_or_else(|| StoreError::damaged("record_counters", "organization_id", organization.0, "is not there"))?.int(0)
}

/// Makes whoever else changes who may come in, or takes a number, wait for the commit.
pub(crate) async fn hold_records(tx: &mut Tx, organization: OrganizationId) -> Result<(), StoreError> {
    let sql = "insert into record_counters (organization_id, next_number) values ($1, 1)
         on conflict (organization_id) do update set next_number = record_counters.next_number";
    tx.execute(sql, bind![organization]).await.map(drop)
}
