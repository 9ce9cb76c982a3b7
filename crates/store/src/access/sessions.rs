//! Sessions. One ends at its absolute end, when it lies idle too long, or when the user is locked out, removed or says so.

use super::{Entrant, MEMBER, hold_membership, member, not_in, role};
use crate::organizations::next_number;
use crate::sql::bind;
use crate::{Store, StoreError};
use tacho_domain::{Instant, OrganizationId, UserId};

/// Noting every request would make each reading request a writing one.
const SEEN_SECONDS: i64 = 300;

/// How long the secret before a rotation still finds its session: for requests that were on their way.
const ROTATION_SECONDS: i64 = 30;

/// A session to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// Whose.
    pub user: UserId,
    /// The secret's hash.
    pub hash: &'a [u8],
    /// How they signed in: `password`, `link`, `github`, `oidc`.
    pub method: &'a str,
    /// The browser, as it calls itself.
    pub agent: &'a str,
    /// The network address they came from.
    pub address: &'a str,
    /// When it ends, used or not.
    pub expires_at: Instant,
    /// How long it may lie idle. It is noted to five minutes when a session was used.
    pub idle_seconds: i64,
}

/// A session as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its number.
    pub id: i64,
    /// How they signed in.
    pub method: String,
    /// The browser, as it called itself.
    pub agent: String,
    /// The network address they signed in from.
    pub address: String,
    /// Since when.
    pub created_at: Instant,
    /// When it was last used, to five minutes.
    pub last_seen_at: Instant,
    /// When it ends, used or not.
    pub expires_at: Instant,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Store {
    /// Adds a session.
    ///
    /// # Errors
    /// When the user is not in the organization or is locked out of it.
    pub async fn add_session(&self, organization: OrganizationId, new: &NewSession<'_>, now: Instant) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if !hold_membership(&mut tx, organization, new.user).await? {
            return Err(not_in(new.user));
        }
        let ended = "delete from sessions where expires_at <= $1 or last_seen_at + idle_seconds * 1000000 <= $1";
        tx.execute(ended, bind![now]).await?;
        let id = next_number(&mut tx, "sessions").await?;
        tx.execute(
            "insert into sessions (organization_id, id, user_id, hash, method, agent, address, rotate, idle_seconds,
                 created_at, last_seen_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $9, $10)",
            bind![
                organization,
                id,
                new.user,
                new.hash,
                new.method,
                new.agent,
                new.address,
                new.idle_seconds,
                now,
                new.expires_at
            ],
        )
        .await?;
        tx.execute("update users set last_seen_at = $2 where id = $1", bind![new.user, now]).await?;
        tx.commit().await
    }

    /// Whose session it is, while it holds; notes every five minutes that it is used.
    pub async fn find_session(&self, hash: &[u8], now: Instant) -> Result<Option<Entrant>, StoreError> {
        let sql = format!(
            "select s.organization_id, o.name, u.id, u.email, u.name, ms.role, {MEMBER}, s.rotate,
                 cast(case when s.hash = $1 then 1 else 0 end as bigint), s.last_seen_at, s.id
             from sessions s
             join memberships ms on ms.organization_id = s.organization_id and ms.user_id = s.user_id
             join users u on u.id = s.user_id
             join organizations o on o.id = s.organization_id
             where (s.hash = $1 or (s.previous_hash = $1 and s.previous_until > $2))
             and s.expires_at > $2 and s.last_seen_at + s.idle_seconds * 1000000 > $2 and ms.locked = 0"
        );
        let Some(row) = self.find(sql, bind![hash, now]).await? else { return Ok(None) };
        let (organization, user) = (OrganizationId(row.int(0)?), UserId(row.int(2)?));
        if row.instant(9)?.plus_seconds(SEEN_SECONDS) <= now {
            let mut tx = self.begin().await?;
            // In this order, as a new password does: so neither waits for the other for ever.
            tx.execute("update users set last_seen_at = $2 where id = $1", bind![user, now]).await?;
            tx.execute("update sessions set last_seen_at = $2 where id = $1", bind![row.int(10)?, now]).await?;
            tx.commit().await?;
        }
        Ok(Some(Entrant {
            organization,
            organization_name: row.text(1)?,
            user: Some((user, row.text(3)?, row.text(4)?)),
            role: role(&row.text(5)?, "memberships", user.0)?,
            scopes: None,
            member: member(&row, 6)?,
            name: None,
            // Whoever comes with the secret before has been rotated already.
            rotate: row.int(7)? != 0 && row.int(8)? != 0,
        }))
    }

    /// Gives a session another secret. The one before finds it for another half minute, for requests that are on their way.
    /// Gives false where another request was first.
    pub async fn rotate_session(&self, old_hash: &[u8], new_hash: &[u8], now: Instant) -> Result<bool, StoreError> {
        let sql = "update sessions set hash = $2, previous_hash = $1, previous_until = $3, rotate = 0 where hash = $1";
        Ok(self.execute(sql, bind![old_hash, new_hash, now.plus_seconds(ROTATION_SECONDS)]).await? > 0)
    }

    /// Takes a session to another organization of its user. Gives false where the user may not be there.
    pub async fn switch_session(&self, hash: &[u8], organization: OrganizationId) -> Result<bool, StoreError> {
        let sql = "update sessions set organization_id = $2 where hash = $1 and exists (select 1 from memberships ms
             where ms.organization_id = $2 and ms.user_id = sessions.user_id and ms.locked = 0)";
        Ok(self.execute(sql, bind![hash, organization]).await? > 0)
    }

    /// The sessions of a user that hold, last used first.
    pub async fn list_sessions(&self, user: UserId, current_hash: &[u8], now: Instant) -> Result<Vec<SessionRow>, StoreError> {
        let rows = self
            .fetch(
                "select id, method, agent, address, created_at, last_seen_at, expires_at,
                     cast(case when hash = $2 or previous_hash = $2 then 1 else 0 end as bigint)
                 from sessions
                 where user_id = $1 and expires_at > $3 and last_seen_at + idle_seconds * 1000000 > $3
                 order by last_seen_at desc, id desc",
                bind![user, current_hash, now],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(SessionRow {
                    id: row.int(0)?,
                    method: row.text(1)?,
                    agent: row.text(2)?,
                    address: row.text(3)?,
                    created_at: row.instant(4)?,
                    last_seen_at: row.instant(5)?,
                    expires_at: row.instant(6)?,
                    current: row.int(7)? != 0,
                })
            })
            .collect()
    }

    /// Ends the session of that hash. Gives whether there was one.
    pub async fn remove_session(&self, hash: &[u8]) -> Result<bool, StoreError> {
        Ok(self.execute("delete from sessions where hash = $1 or previous_hash = $1", bind![hash]).await? > 0)
    }

    /// Ends a user's session of that number. Gives whether there was one.
    pub async fn revoke_session(&self, user: UserId, id: i64) -> Result<bool, StoreError> {
        Ok(self.execute("delete from sessions where user_id = $1 and id = $2", bind![user, id]).await? > 0)
    }

    /// Ends every session of a user but the one of that hash. Gives how many.
    pub async fn revoke_sessions(&self, user: UserId, except: Option<&[u8]>) -> Result<u64, StoreError> {
        let nothing: &[u8] = &[];
        let sql = "delete from sessions where user_id = $1 and hash <> $2";
        self.execute(sql, bind![user, except.unwrap_or(nothing)]).await
    }
}
