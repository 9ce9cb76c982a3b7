//! Budgets: what may be spent in a month.

use crate::facts::draw_numbers;
use crate::people::{By, hold};
use crate::sql::{Tx, bind};
use crate::{Store, StoreError};
use tacho_domain::budget::{Basis, Budget};
use tacho_domain::{Instant, Money, OrganizationId, ToolId};

impl Store {
    /// Every budget, by its number.
    pub async fn list_budgets(&self, organization: OrganizationId) -> Result<Vec<Budget>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let budgets = read(&mut tx, organization).await?;
        tx.commit().await?;
        Ok(budgets)
    }

    /// Sets the budget of a tool (or of all together) on a basis; gives its number, which it keeps when it is changed.
    ///
    /// # Errors
    /// When it is not more than nothing.
    pub async fn put_budget(
        &self,
        organization: OrganizationId,
        tool: Option<&ToolId>,
        (basis, monthly): (Basis, Money),
        by: By,
        now: Instant,
    ) -> Result<i64, StoreError> {
        if monthly.0 <= 0 {
            return Err(StoreError::invalid("`monthly` of a budget must be more than nothing"));
        }
        let tool = tool.map_or("", ToolId::as_str);
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let sql = "select id from budgets where organization_id = $1 and tool = $2 and basis = $3";
        let known = tx.find(sql, bind![organization, tool, basis.as_str()]).await?;
        let id = match known {
            Some(row) => row.int(0)?,
            None => draw_numbers(&mut tx, organization, 1).await?,
        };
        tx.execute(
            "insert into budgets (organization_id, id, tool, basis, monthly_micros, by_whom, changed_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (organization_id, id) do update
             set monthly_micros = excluded.monthly_micros, by_whom = excluded.by_whom, changed_at = excluded.changed_at",
            bind![organization, id, tool, basis.as_str(), monthly, by.to_string().as_str(), now],
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Takes a budget away. Gives whether there was one.
    pub async fn remove_budget(&self, organization: OrganizationId, id: i64) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let sql = "delete from budgets where organization_id = $1 and id = $2";
        let removed = tx.execute(sql, bind![organization, id]).await? > 0;
        tx.commit().await?;
        Ok(removed)
    }
}

pub(crate) async fn read(tx: &mut Tx, organization: OrganizationId) -> Result<Vec<Budget>, StoreError> {
    let sql = "select id, tool, basis, monthly_micros from budgets where organization_id = $1 order by id";
    let rows = tx.fetch(sql, bind![organization]).await?;
    rows.iter()
        .map(|row| {
            let (id, tool, basis) = (row.int(0)?, row.text(1)?, row.text(2)?);
            let unknown = || StoreError::damaged("budgets", "basis", id, format!("`{basis}`"));
            Ok(Budget {
                id,
                tool: (!tool.is_empty()).then(|| ToolId(tool.into())),
                basis: Basis::parse(&basis).ok_or_else(unknown)?,
                monthly: Money(row.int(3)?),
            })
        })
        .collect()
}
