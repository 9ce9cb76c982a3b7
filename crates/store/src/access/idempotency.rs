//! Idempotency keys: a request that is sent twice with the same key is done once and answered twice. Kept for a day.

use crate::sql::bind;
use crate::{Store, StoreError};
use tacho_domain::{Instant, OrganizationId};

/// How long a key and its answer are remembered.
const KEPT_SECONDS: i64 = 86_400;

/// What the key of a request means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It is new: do the request, then finish or release the key.
    Fresh,
    /// The same request is being done, or was cut off: whether it was done nobody knows, so it is not done again.
    Busy,
    /// Another request had this key.
    Other,
    /// The same request was answered so.
    Stored {
        /// The answer's status.
        status: u16,
        /// What the body is.
        content_type: String,
        /// The answer's body.
        body: Vec<u8>,
    },
}

impl Store {
    /// Claims a key for a request of `who`; `fingerprint` tells one request from another.
    pub async fn claim_idempotency_key(
        &self,
        organization: OrganizationId,
        who: &str,
        key: &str,
        fingerprint: &[u8],
        now: Instant,
    ) -> Result<Claimed, StoreError> {
        let mut tx = self.begin().await?;
        let old = "delete from idempotency_keys where created_at <= $1";
        tx.execute(old, bind![now.plus_seconds(-KEPT_SECONDS)]).await?;
        let sql = "insert into idempotency_keys (organization_id, who, key, fingerprint, created_at)
             values ($1, $2, $3, $4, $5) on conflict do nothing";
        if tx.execute(sql, bind![organization, who, key, fingerprint, now]).await? > 0 {
            tx.commit().await?;
            return Ok(Claimed::Fresh);
        }
        let sql = "select fingerprint, status, content_type, body from idempotency_keys
             where organization_id = $1 and who = $2 and key = $3";
        // Released since: whoever had it has failed, and asking again later is right.
        let Some(row) = tx.find(sql, bind![organization, who, key]).await? else { return Ok(Claimed::Busy) };
        tx.commit().await?;
        if row.bytes(0)? != fingerprint {
            return Ok(Claimed::Other);
        }
        let Some(status) = row.maybe_int(1)? else { return Ok(Claimed::Busy) };
        let status = u16::try_from(status)
            .map_err(|_| StoreError::damaged("idempotency_keys", "status", key, format!("`{status}` is no status")))?;
        Ok(Claimed::Stored { status, content_type: row.maybe_text(2)?.unwrap_or_default(), body: row.bytes(3)? })
    }

    /// Keeps the answer of a request whose key was claimed.
    pub async fn finish_idempotency_key(
        &self,
        organization: OrganizationId,
        who: &str,
        key: &str,
        status: u16,
        content_type: &str,
        body: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "update idempotency_keys set status = $4, content_type = $5, body = $6
             where organization_id = $1 and who = $2 and key = $3 and status is null";
        self.execute(sql, bind![organization, who, key, status, content_type, body]).await.map(drop)
    }

    /// Gives a claimed key back: the request failed, and may be done when it comes again.
    pub async fn release_idempotency_key(&self, organization: OrganizationId, who: &str, key: &str) -> Result<(), StoreError> {
        let sql = "delete from idempotency_keys where organization_id = $1 and who = $2 and key = $3 and status is null";
        self.execute(sql, bind![organization, who, key]).await.map(drop)
    }
}
