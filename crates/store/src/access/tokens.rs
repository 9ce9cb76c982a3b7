//! API tokens: named, scoped, expiring. One may do what its owner may at that moment and its scopes name.

use super::{Entrant, MEMBER, hold_membership, member, name, not_in, role, scopes};
use crate::organizations::next_record;
use crate::sql::{Row, bind};
use crate::{Store, StoreError};
use tacho_domain::{Instant, OrganizationId, Role, Scopes, UserId};

/// Noting every use would make each reading request a writing one.
const USED_SECONDS: i64 = 3600;

/// A token to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// What to call it.
    pub name: &'a str,
    /// The secret's hash.
    pub hash: &'a [u8],
    /// Whose it is; none for one that belongs to nobody in particular.
    pub user: Option<UserId>,
    /// What a token that belongs to nobody may at most do; a user's has the role that they have when it is used.
    pub role: Role,
    /// What it is for.
    pub scopes: Scopes,
    /// When it ends; none for never.
    pub expires_at: Option<Instant>,
    /// Who made it; none for whoever runs the server.
    pub made_by: Option<UserId>,
}

/// An API token as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its number.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Whose it is, with their e-mail address; none for one that belongs to nobody in particular.
    pub user: Option<(UserId, String)>,
    /// The role that it has now.
    pub role: Role,
    /// What it is for.
    pub scopes: Scopes,
    /// Who made it; none for whoever runs the server.
    pub made_by: Option<UserId>,
    /// Since when.
    pub created_at: Instant,
    /// When it ends; none for never.
    pub expires_at: Option<Instant>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Instant>,
}

impl Store {
    /// Adds an API token by the hash of its secret. Gives its number.
    ///
    /// # Errors
    /// When the user, or nobody in particular, has one of that name that still works; when the user is not in the
    /// organization; when it would have ended already.
    pub async fn add_api_token(&self, organization: OrganizationId, new: &NewToken<'_>, now: Instant) -> Result<i64, StoreError> {
        let called = name(new.name)?;
        if new.expires_at.is_some_and(|at| at <= now) {
            return Err(StoreError::invalid("the token would have ended already: choose a later end"));
        }
        let mut tx = self.begin().await?;
        let id = next_record(&mut tx, organization).await?;
        if let Some(user) = new.user
            && !hold_membership(&mut tx, organization, user).await?
        {
            return Err(not_in(user));
        }
        let ended = "delete from api_tokens where organization_id = $1 and name = $2 and expires_at <= $3";
        tx.execute(ended, bind![organization, called, now]).await?;
        let own_role = new.user.is_none().then(|| new.role.as_str());
        let scopes = new.scopes.to_string();
        let added = tx
            .execute(
                "insert into api_tokens (organization_id, id, user_id, role, name, hash, scopes, made_by, created_at, expires_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
                bind![organization, id, new.user, own_role, called, new.hash, scopes.as_str(), new.made_by, now, new.expires_at],
            )
            .await?;
        if added == 0 {
            return Err(StoreError::invalid(format!("there is a token named `{called}` already")));
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Whose token it is, while it works; notes its use once an hour.
    pub async fn find_api_token(&self, hash: &[u8], now: Instant) -> Result<Option<Entrant>, StoreError> {
        let sql = format!(
            "select t.organization_id, t.id, o.name, t.name, t.role, t.scopes, t.last_used_at, u.id, u.email, u.name, ms.role, {MEMBER}
             from api_tokens t
             join organizations o on o.id = t.organization_id
             left join memberships ms on ms.organization_id = t.organization_id and ms.user_id = t.user_id
             left join users u on u.id = ms.user_id
             where t.hash = $1 and (t.expires_at is null or t.expires_at > $2) and (t.user_id is null or ms.locked = 0)"
        );
        let Some(row) = self.find(sql, bind![hash, now]).await? else { return Ok(None) };
        let (organization, id) = (OrganizationId(row.int(0)?), row.int(1)?);
        if row.maybe_instant(6)?.is_none_or(|used| used.plus_seconds(USED_SECONDS) <= now) {
            let sql = "update api_tokens set last_used_at = $3 where organization_id = $1 and id = $2";
            self.execute(sql, bind![organization, id, now]).await?;
        }
        let user = match row.maybe_int(7)? {
            None => None,
            Some(user) => Some((UserId(user), row.text(8)?, row.text(9)?)),
        };
        let role_column = if user.is_some() { 10 } else { 4 };
        Ok(Some(Entrant {
            organization,
            organization_name: row.text(2)?,
            role: role(&row.text(role_column)?, "api_tokens", id)?,
            scopes: Some(scopes(&row.text(5)?, "api_tokens", id)?),
            member: member(&row, 11)?,
            name: Some(row.text(3)?),
            user,
            rotate: false,
        }))
    }

    /// The tokens of an organization, or of one of its users, by name; also those that have ended.
    pub async fn list_api_tokens(&self, organization: OrganizationId, user: Option<UserId>) -> Result<Vec<ApiToken>, StoreError> {
        let rows = self
            .fetch(
                "select t.id, t.name, u.id, u.email, coalesce(ms.role, t.role), t.scopes, t.made_by, t.created_at, t.expires_at,
                     t.last_used_at
                 from api_tokens t
                 left join memberships ms on ms.organization_id = t.organization_id and ms.user_id = t.user_id
                 left join users u on u.id = ms.user_id
                 where t.organization_id = $1 and ($2 = 0 or t.user_id = $2)
                 order by t.name, t.id",
                bind![organization, user.unwrap_or(UserId(0))],
            )
            .await?;
        rows.iter().map(api_token).collect()
    }

    /// Takes a token away; with a user only one of theirs. Gives whether there was one.
    pub async fn remove_api_token(
        &self,
        organization: OrganizationId,
        id: i64,
        user: Option<UserId>,
    ) -> Result<bool, StoreError> {
        let sql = "delete from api_tokens where organization_id = $1 and id = $2 and ($3 = 0 or user_id = $3)";
        Ok(self.execute(sql, bind![organization, id, user.unwrap_or(UserId(0))]).await? > 0)
    }
}

fn api_token(row: &Row) -> Result<ApiToken, StoreError> {
    let id = row.int(0)?;
    Ok(ApiToken {
        id,
        name: row.text(1)?,
        user: row.maybe_int(2)?.map(|user| Ok::<_, StoreError>((UserId(user), row.text(3)?))).transpose()?,
        role: role(&row.text(4)?, "api_tokens", id)?,
        scopes: scopes(&row.text(5)?, "api_tokens", id)?,
        made_by: row.maybe_int(6)?.map(UserId),
        created_at: row.instant(7)?,
        expires_at: row.maybe_instant(8)?,
        last_used_at: row.maybe_instant(9)?,
    })
}
