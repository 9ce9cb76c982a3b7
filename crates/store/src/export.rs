//! The usage export: every counted row with the names that belong to it.

use crate::migrations::measure_sums;
use crate::sql::{Row, bind};
use crate::{Store, StoreError};
use std::collections::BTreeMap;
use tacho_domain::measure::plus;
use tacho_domain::{
    Day, IdentityId, IdentityKind, IntegrationId, Measure, Measures, OrganizationId, SubjectId, ToolId, WHOLE_ORGANIZATION,
    Window,
};

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

/// What a member, or an identity that nobody matched, did on a day with a tool: all their identities put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberDay {
    /// The member; `None`: nobody matched the identity.
    pub member: Option<SubjectId>,
    /// Their name or address; what the vendor calls them where nobody matched them.
    pub name: String,
    /// Their address, where they are a member.
    pub email: Option<String>,
    /// The tool.
    pub tool: ToolId,
    /// Active by the tool's rule.
    pub active: Option<bool>,
    /// Used an agent.
    pub agent: Option<bool>,
    /// What was counted.
    pub measures: Measures,
}

impl Store {
    /// What everyone did on a day, by tool, then by member; identities that nobody matched after them.
    pub async fn list_member_days(&self, organization: OrganizationId, day: Day) -> Result<Vec<MemberDay>, StoreError> {
        let sql = format!(
            "select x.tool, i.member_id, m.name, m.email, i.label, x.active, x.agent, x.identity_id, {}
             from (select r.tool, u.identity_id, max(u.active) as active, max(u.agent) as agent, {}
                   from slice_rollups r cross join usage_daily u
                   where r.organization_id = $1 and r.day = $2 and u.organization_id = r.organization_id
                     and u.integration_id = r.integration_id and u.stream = r.stream and u.day = r.day
                   group by r.tool, u.identity_id) x
             left join identities i on i.organization_id = $1 and i.id = x.identity_id
             left join members m on m.organization_id = $1 and m.id = i.member_id
             order by x.tool, x.identity_id",
            crate::migrations::measure_list("x.", Measure::ALL),
            measure_sums("u.", Measure::ALL),
        );
        let mut found: BTreeMap<(ToolId, bool, u32), MemberDay> = BTreeMap::new();
        for row in self.fetch(sql, bind![organization, day]).await? {
            let (identity, new) = member_day(&row)?;
            let key = (new.tool.clone(), new.member.is_none(), new.member.map_or(identity.0, |member| member.0));
            match found.get_mut(&key) {
                Some(known) => known.join(&new),
                None => drop(found.insert(key, new)),
            }
        }
        Ok(found.into_values().collect())
    }

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

impl MemberDay {
    /// Puts what another identity of the same member did to it.
    fn join(&mut self, other: &Self) {
        let any = |one: Option<bool>, other: Option<bool>| plus(one.map(i64::from), other.map(i64::from)).map(|sum| sum > 0);
        self.active = any(self.active, other.active);
        self.agent = any(self.agent, other.agent);
        self.measures.add(&other.measures);
    }
}

fn member_day(row: &Row) -> Result<(IdentityId, MemberDay), StoreError> {
    let identity = IdentityId(row.number(7)?);
    let member = row.maybe_number(1)?.map(SubjectId);
    let email = row.maybe_text(3)?;
    let name = row.maybe_text(2)?.filter(|name| !name.trim().is_empty()).or_else(|| email.clone());
    let label = if identity == WHOLE_ORGANIZATION { Some("the whole organization".into()) } else { row.maybe_text(4)? };
    Ok((
        identity,
        MemberDay {
            member,
            name: name.or_else(|| member.map(|member| format!("Member {}", member.0))).or(label).unwrap_or_default(),
            email: email.filter(|_| member.is_some()),
            tool: ToolId(row.text(0)?.into()),
            active: row.maybe_flag(5)?,
            agent: row.maybe_flag(6)?,
            measures: row.measures(8, Measure::ALL)?,
        },
    ))
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
