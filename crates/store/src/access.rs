//! Who may come in: one-time sign-in links, sessions, API tokens. Only hashes are stored.

use crate::sql::{Value, bind};
use crate::{Store, StoreError};
use tacho_domain::{Instant, OrganizationId};

/// An API token as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// What people call it.
    pub name: String,
    /// Since when.
    pub created_at: Instant,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Instant>,
}

impl Store {
    /// Adds a one-time sign-in link by the hash of its secret.
    pub async fn add_sign_in_link(
        &self,
        organization: OrganizationId,
        hash: &[u8],
        expires_at: Instant,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.execute(
            "insert into sign_in_links (organization_id, hash, expires_at, created_at) values ($1, $2, $3, $4)",
            bind![organization, hash, expires_at, now],
        )
        .await
        .map(drop)
    }

    /// Uses a sign-in link up: a second claim finds nothing.
    pub async fn claim_sign_in_link(&self, hash: &[u8], now: Instant) -> Result<Option<OrganizationId>, StoreError> {
        let mut tx = self.begin().await?;
        let found = tx
            .find("delete from sign_in_links where hash = $1 returning organization_id, expires_at", bind![hash])
            .await?
            .filter(|row| row.instant(1).is_ok_and(|expires_at| expires_at > now));
        tx.execute("delete from sign_in_links where expires_at <= $1", bind![now]).await?;
        tx.commit().await?;
        found.map(|row| row.int(0).map(OrganizationId)).transpose()
    }

    /// Adds a session by the hash of its secret.
    pub async fn add_session(
        &self,
        organization: OrganizationId,
        hash: &[u8],
        expires_at: Instant,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.execute("delete from sessions where expires_at <= $1", bind![now]).await?;
        tx.execute(
            "insert into sessions (organization_id, hash, expires_at, created_at) values ($1, $2, $3, $4)",
            bind![organization, hash, expires_at, now],
        )
        .await?;
        tx.commit().await
    }

    /// Whose session it is, unless it has expired.
    pub async fn find_session(&self, hash: &[u8], now: Instant) -> Result<Option<OrganizationId>, StoreError> {
        self.organization_of("select organization_id from sessions where hash = $1 and expires_at > $2", bind![hash, now]).await
    }

    /// Ends a session. Gives whether there was one.
    pub async fn remove_session(&self, hash: &[u8]) -> Result<bool, StoreError> {
        Ok(self.execute("delete from sessions where hash = $1", bind![hash]).await? > 0)
    }

    /// Adds an API token by the hash of its secret; one of the same name is replaced.
    pub async fn add_api_token(
        &self,
        organization: OrganizationId,
        name: &str,
        hash: &[u8],
        now: Instant,
    ) -> Result<(), StoreError> {
        self.execute(
            "insert into api_tokens (organization_id, name, hash, created_at) values ($1, $2, $3, $4)
             on conflict (organization_id, name) do update
             set hash = excluded.hash, created_at = excluded.created_at, last_used_at = null",
            bind![organization, name, hash, now],
        )
        .await
        .map(drop)
    }

    /// Whose token it is; notes its use once an hour.
    pub async fn find_api_token(&self, hash: &[u8], now: Instant) -> Result<Option<OrganizationId>, StoreError> {
        let row = self.find("select organization_id, last_used_at from api_tokens where hash = $1", bind![hash]).await?;
        let Some(row) = row else { return Ok(None) };
        // Noting every use would make each reading request a writing one.
        if row.maybe_instant(1)?.is_none_or(|used| used.plus_seconds(3600) <= now) {
            self.execute("update api_tokens set last_used_at = $2 where hash = $1", bind![hash, now]).await?;
        }
        row.int(0).map(|id| Some(OrganizationId(id)))
    }

    /// The tokens of an organization, by name.
    pub async fn list_api_tokens(&self, organization: OrganizationId) -> Result<Vec<ApiToken>, StoreError> {
        let rows = self
            .fetch(
                "select name, created_at, last_used_at from api_tokens where organization_id = $1 order by name",
                bind![organization],
            )
            .await?;
        rows.iter()
            .map(|row| Ok(ApiToken { name: row.text(0)?, created_at: row.instant(1)?, last_used_at: row.maybe_instant(2)? }))
            .collect()
    }

    /// Takes a token away. Gives whether there was one of that name.
    pub async fn remove_api_token(&self, organization: OrganizationId, name: &str) -> Result<bool, StoreError> {
        let sql = "delete from api_tokens where organization_id = $1 and name = $2";
        Ok(self.execute(sql, bind![organization, name]).await? > 0)
    }

    async fn organization_of(&self, sql: &'static str, values: &[Value]) -> Result<Option<OrganizationId>, StoreError> {
        self.find(sql, values).await?.map(|row| row.int(0).map(OrganizationId)).transpose()
    }
}
