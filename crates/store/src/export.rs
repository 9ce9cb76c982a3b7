//! The usage export: every counted row with the names that belong to it.

use crate::migrations::measure_sums;
use crate::sql::{Row, bind};
use crate::{Store, StoreError};
use tacho_domain::{Day, IdentityKind, IntegrationId, Measure, Measures, OrganizationId, ToolId, WHOLE_ORGANIZATION, Window};

/// What an identity did on a day through one integration, its streams put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRow {
    /// The vendor's UTC day.
    pub day: Day,
    /// The tool.
    pub tool: ToolId,
    /// The integration.
    pub integration: IntegrationId,
    /// What the vendor calls them.
    pub identity: String,
    /// What kind of name that is.
    pub kind: IdentityKind,
    /// The matched member's name.
    pub member_name: Option<String>,
    /// The matched member's e-mail address.
    pub member_email: Option<String>,
    /// Active by the tool's rule.
    pub active: Option<bool>,
    /// Used an agent.
    pub agent: Option<bool>,
    /// What was counted.
    pub measures: Measures,
}

impl Store {
    /// Calls `each` for every counted row of a window, by day, tool, integration and identity; reads a day at a time.
    pub async fn export_usage(
        &self,
        organization: OrganizationId,
        window: Window,
        mut each: impl FnMut(ExportRow) + Send,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_reading().await?;
        let days = tx
            .fetch(
                "select distinct day from slice_rollups where organization_id = $1 and day between $2 and $3 order by day",
                bind![organization, window.from, window.to],
            )
            .await?;
        let sql = format!(
            "select x.tool, x.integration_id, x.active, x.agent, i.kind, i.label, m.name, m.email, x.identity_id, {}
             from (select r.tool, r.integration_id, u.identity_id, max(u.active) as active, max(u.agent) as agent, {}
                   from slice_rollups r cross join usage_daily u
                   where r.organization_id = $1 and r.day = $2 and u.organization_id = r.organization_id
                     and u.integration_id = r.integration_id and u.stream = r.stream and u.day = r.day
                   group by r.tool, r.integration_id, u.identity_id) x
             left join identities i on i.organization_id = $1 and i.id = x.identity_id
             left join members m on m.organization_id = $1 and m.id = i.member_id
             order by x.tool, x.integration_id, x.identity_id",
            crate::migrations::measure_list("x.", Measure::ALL),
            measure_sums("u.", Measure::ALL),
        );
        for day in days {
            let day = day.day(0)?;
            for row in tx.fetch(sql.clone(), bind![organization, day]).await? {
                each(export_row(day, &row)?);
            }
        }
        tx.commit().await
    }
}

fn export_row(day: Day, row: &Row) -> Result<ExportRow, StoreError> {
    let identity = row.number(8)?;
    let (kind, label) = if identity == WHOLE_ORGANIZATION.0 {
        (IdentityKind::Organization, String::new())
    } else {
        let missing = || StoreError::damaged("usage_daily", "identity_id", identity, "names an identity that is not there");
        let kind = row.maybe_text(4)?.ok_or_else(missing)?;
        let kind = IdentityKind::parse(&kind).ok_or_else(|| StoreError::damaged("identities", "kind", identity, kind))?;
        (kind, row.maybe_text(5)?.ok_or_else(missing)?)
    };
    Ok(ExportRow {
        day,
        tool: ToolId(row.text(0)?.into()),
        integration: IntegrationId(row.int(1)?),
        identity: label,
        kind,
        member_name: row.maybe_text(6)?,
        member_email: row.maybe_text(7)?,
        active: row.maybe_flag(2)?,
        agent: row.maybe_flag(3)?,
        measures: row.measures(9, Measure::ALL)?,
    })
}
