//! Seats that are not to be called idle: whose, why, and until when.

use crate::facts::draw_numbers;
use crate::people::{By, hold};
use crate::sql::{Tx, bind};
use crate::{Store, StoreError};
use tacho_domain::seats::{ExclusionReason, SeatExclusion};
use tacho_domain::{Day, Instant, OrganizationId, SubjectId, ToolId};

impl Store {
    /// Every exclusion, those that are over included, by its number. Of members who were merged it names the one they are
    /// now.
    pub async fn list_seat_exclusions(&self, organization: OrganizationId) -> Result<Vec<SeatExclusion>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let exclusions = read(&mut tx, organization).await?;
        tx.commit().await?;
        Ok(exclusions)
    }

    /// Says that a member's seats are not idle: those of a tool, or all of them. What was said of the same seats before is
    /// replaced. Gives its number, or `None` where there is no such member.
    pub async fn put_seat_exclusion(
        &self,
        organization: OrganizationId,
        (member, tool): (SubjectId, Option<&ToolId>),
        (reason, until): (ExclusionReason, Option<Day>),
        by: By,
        now: Instant,
    ) -> Result<Option<i64>, StoreError> {
        let tool = tool.map_or("", ToolId::as_str);
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let sql = "select id from members where organization_id = $1 and id = $2 and merged_into is null and erased = 0";
        if tx.find(sql, bind![organization, member]).await?.is_none() {
            return Ok(None);
        }
        let sql = "select id from seat_exclusions where organization_id = $1 and member_id = $2 and tool = $3";
        let id = match tx.find(sql, bind![organization, member, tool]).await? {
            Some(row) => row.int(0)?,
            None => draw_numbers(&mut tx, organization, 1).await?,
        };
        tx.execute(
            "insert into seat_exclusions (organization_id, id, member_id, tool, reason, until_day, by_whom, made_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (organization_id, id) do update
             set reason = excluded.reason, until_day = excluded.until_day, by_whom = excluded.by_whom, made_at = excluded.made_at",
            bind![organization, id, member, tool, reason.as_str(), until, by.to_string().as_str(), now],
        )
        .await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Takes an exclusion away. Gives whether there was one.
    pub async fn remove_seat_exclusion(&self, organization: OrganizationId, id: i64) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let sql = "delete from seat_exclusions where organization_id = $1 and id = $2";
        let removed = tx.execute(sql, bind![organization, id]).await? > 0;
        tx.commit().await?;
        Ok(removed)
    }
}

pub(crate) async fn read(tx: &mut Tx, organization: OrganizationId) -> Result<Vec<SeatExclusion>, StoreError> {
    let sql = "select e.id, coalesce(m.merged_into, m.id), e.tool, e.reason, e.until_day from seat_exclusions e
               join members m on m.organization_id = e.organization_id and m.id = e.member_id
               where e.organization_id = $1 order by e.id";
    let rows = tx.fetch(sql, bind![organization]).await?;
    rows.iter()
        .map(|row| {
            let (id, tool, reason) = (row.int(0)?, row.text(2)?, row.text(3)?);
            let unknown = || StoreError::damaged("seat_exclusions", "reason", id, format!("`{reason}`"));
            Ok(SeatExclusion {
                id,
                member: SubjectId(row.number(1)?),
                tool: (!tool.is_empty()).then(|| ToolId(tool.into())),
                reason: ExclusionReason::parse(&reason).ok_or_else(unknown)?,
                until: row.maybe_day(4)?,
            })
        })
        .collect()
}
