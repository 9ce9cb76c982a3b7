//! What members show to others by a link: numbers frozen when the link was made, found by the hash of its secret.

use crate::organizations::next_record;
use crate::sql::{Row, Tx, bind};
use crate::{Store, StoreError};
use serde_json::Value;
use tacho_domain::{Instant, OrganizationId, SubjectId, UserId};

/// Links of one member that may work at a time.
const MOST: i64 = 20;

/// A link to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewShare<'a> {
    /// Whose numbers.
    pub member: SubjectId,
    /// The secret's hash.
    pub hash: &'a [u8],
    /// What is shown: it never changes after.
    pub card: &'a Value,
    /// Who made it.
    pub made_by: Option<UserId>,
    /// Until when it works.
    pub expires_at: Instant,
}

/// A link that works.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Its number.
    pub id: i64,
    /// Whose organization's.
    pub organization: OrganizationId,
    /// Whose numbers.
    pub member: SubjectId,
    /// What is shown.
    pub card: Value,
    /// How often its page was opened.
    pub views: i64,
    /// Since when.
    pub created_at: Instant,
    /// Until when it works.
    pub expires_at: Instant,
}

/// The columns that [`share`] reads.
const SHARE: &str = "id, organization_id, member_id, card, views, created_at, expires_at";

/// Those of the member and of whoever was merged into them.
const OF_MEMBER: &str =
    "organization_id = $1 and member_id in (select id from members where organization_id = $1 and (id = $2 or merged_into = $2))";

impl Store {
    /// Makes a link; gives its number. Links of before that are over go.
    ///
    /// # Errors
    /// When there is no such member, they were pseudonymised, or have 20 links that work.
    pub async fn add_share(&self, organization: OrganizationId, new: &NewShare<'_>, now: Instant) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        // The number is drawn first: whoever else makes one for this organization waits, and is counted below.
        let id = next_record(&mut tx, organization).await?;
        check_member(&mut tx, organization, new.member).await?;
        tx.execute("delete from shares where organization_id = $1 and expires_at <= $2", bind![organization, now]).await?;
        let sql = format!("select count(*) from shares where {OF_MEMBER}");
        let many = tx.find(sql, bind![organization, new.member]).await?.map_or(Ok(0), |row| row.int(0))?;
        if many >= MOST {
            return Err(StoreError::invalid(format!("there are {MOST} links that work already: revoke one first")));
        }
        let card = new.card.to_string();
        tx.execute(
            "insert into shares (organization_id, id, member_id, hash, card, views, made_by, created_at, expires_at)
             values ($1, $2, $3, $4, $5, 0, $6, $7, $8)",
            bind![organization, id, new.member, new.hash, card.as_str(), new.made_by, now, new.expires_at],
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A member's links that work, newest first.
    pub async fn list_shares(
        &self,
        organization: OrganizationId,
        member: SubjectId,
        now: Instant,
    ) -> Result<Vec<Share>, StoreError> {
        let sql = format!("select {SHARE} from shares where {OF_MEMBER} and expires_at > $3 order by created_at desc, id desc");
        self.fetch(sql, bind![organization, member, now]).await?.iter().map(share).collect()
    }

    /// What a link shows, while it works.
    pub async fn find_share(&self, hash: &[u8], now: Instant) -> Result<Option<Share>, StoreError> {
        let sql = format!("select {SHARE} from shares where hash = $1 and expires_at > $2");
        self.find(sql, bind![hash, now]).await?.map(|row| share(&row)).transpose()
    }

    /// The same, and counts that somebody looked.
    pub async fn open_share(&self, hash: &[u8], now: Instant) -> Result<Option<Share>, StoreError> {
        let mut tx = self.begin().await?;
        let sql = format!("update shares set views = views + 1 where hash = $1 and expires_at > $2 returning {SHARE}");
        let opened = tx.find(sql, bind![hash, now]).await?.map(|row| share(&row)).transpose()?;
        tx.commit().await?;
        Ok(opened)
    }

    /// Ends a member's link. Gives whether there was one.
    pub async fn remove_share(&self, organization: OrganizationId, member: SubjectId, id: i64) -> Result<bool, StoreError> {
        let sql = format!("delete from shares where {OF_MEMBER} and id = $3");
        Ok(self.execute(sql, bind![organization, member, id]).await? > 0)
    }
}

async fn check_member(tx: &mut Tx, organization: OrganizationId, member: SubjectId) -> Result<(), StoreError> {
    let sql = "select 1 from members where organization_id = $1 and id = $2 and erased = 0 and merged_into is null";
    let found = tx.find(sql, bind![organization, member]).await?;
    found.map(drop).ok_or_else(|| StoreError::invalid(format!("there is no member {}", member.0)))
}

fn share(row: &Row) -> Result<Share, StoreError> {
    let (id, card) = (row.int(0)?, row.text(3)?);
    Ok(Share {
        id,
        organization: OrganizationId(row.int(1)?),
        member: SubjectId(row.number(2)?),
        card: serde_json::from_str(&card).map_err(|error| StoreError::damaged("shares", "card", id, error))?,
        views: row.int(4)?,
        created_at: row.instant(5)?,
        expires_at: row.instant(6)?,
    })
}
