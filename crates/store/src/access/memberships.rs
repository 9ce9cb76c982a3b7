//! Memberships: what a user is to an organization. An organization always keeps an owner who can come in.

use super::users::{USER, remove_stray_user, user};
use super::{MEMBER, User, member, role};
use crate::organizations::hold_records;
use crate::sql::{Row, Tx, bind};
use crate::{Store, StoreError};
use tacho_domain::{Instant, OrganizationId, Role, SubjectId, UserId};

/// A user in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The organization.
    pub organization: OrganizationId,
    /// What it is called.
    pub organization_name: String,
    /// Who.
    pub user: User,
    /// What they are there.
    pub role: Role,
    /// Who they are among the members: as somebody said, else the member of their e-mail address.
    pub member: Option<SubjectId>,
    /// Whether they are locked out of this organization.
    pub locked: bool,
    /// Since when.
    pub since: Instant,
}

impl Store {
    /// The users of an organization, by e-mail address.
    pub async fn list_memberships(&self, organization: OrganizationId) -> Result<Vec<Membership>, StoreError> {
        let sql = select("where ms.organization_id = $1 order by u.email");
        self.fetch(sql, bind![organization]).await?.iter().map(membership).collect()
    }

    /// The organizations of a user, by name.
    pub async fn list_memberships_of(&self, id: UserId) -> Result<Vec<Membership>, StoreError> {
        let sql = select("where ms.user_id = $1 order by o.name, o.id");
        self.fetch(sql, bind![id]).await?.iter().map(membership).collect()
    }

    /// What a user is to an organization.
    pub async fn find_membership(&self, organization: OrganizationId, id: UserId) -> Result<Option<Membership>, StoreError> {
        let sql = select("where ms.organization_id = $1 and ms.user_id = $2");
        self.find(sql, bind![organization, id]).await?.map(|row| membership(&row)).transpose()
    }

    /// Lets a user in, or gives them another role: their sessions there get a new secret at the next request.
    ///
    /// # Errors
    /// When there is no such user, or nobody would be an owner any more.
    pub async fn put_membership(
        &self,
        organization: OrganizationId,
        id: UserId,
        role: Role,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        put_membership(&mut tx, organization, id, role, now).await?;
        tx.commit().await
    }

    /// Takes a user out of an organization: their sessions, tokens and links there end, and the credentials of what they
    /// connected for themselves are forgotten. Whoever is in no organization any more is no user any more. Gives whether
    /// they were in it.
    ///
    /// # Errors
    /// When nobody would be an owner any more.
    pub async fn remove_membership(&self, organization: OrganizationId, id: UserId) -> Result<bool, StoreError> {
        let removed = self.end_membership(organization, id).await?;
        // Also where they were out already: the removal may have been cut off here before.
        self.remove_personal_integrations(organization, id).await?;
        Ok(removed)
    }

    async fn end_membership(&self, organization: OrganizationId, id: UserId) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        hold_records(&mut tx, organization).await?;
        let Some((role, locked)) = find(&mut tx, organization, id).await? else { return Ok(false) };
        if role == Role::Owner && !locked {
            needs_other_owner(&mut tx, organization, id).await?;
        }
        end_all(&mut tx, organization, id).await?;
        tx.execute("delete from memberships where organization_id = $1 and user_id = $2", bind![organization, id]).await?;
        remove_stray_user(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Locks a user out of an organization, which ends their sessions, tokens and links there, or lets them in again.
    /// Gives whether they are in it.
    ///
    /// # Errors
    /// When no owner could come in any more.
    pub async fn lock_user(&self, organization: OrganizationId, id: UserId, locked: bool) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        hold_records(&mut tx, organization).await?;
        let Some((role, was_locked)) = find(&mut tx, organization, id).await? else { return Ok(false) };
        if locked && !was_locked {
            if role == Role::Owner {
                needs_other_owner(&mut tx, organization, id).await?;
            }
            end_all(&mut tx, organization, id).await?;
        }
        let sql = "update memberships set locked = $3 where organization_id = $1 and user_id = $2";
        tx.execute(sql, bind![organization, id, locked]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Says who a user is among the members; none leaves it to their e-mail address. Gives whether they are in the
    /// organization.
    ///
    /// # Errors
    /// When the organization has no such member.
    pub async fn link_user(
        &self,
        organization: OrganizationId,
        id: UserId,
        member: Option<SubjectId>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if let Some(member) = member {
            let found =
                tx.find("select 1 from members where organization_id = $1 and id = $2", bind![organization, member]).await?;
            if found.is_none() {
                return Err(StoreError::invalid(format!("there is no member {}", member.0)));
            }
        }
        let sql = "update memberships set member_id = $3 where organization_id = $1 and user_id = $2";
        let linked = tx.execute(sql, bind![organization, id, member]).await? > 0;
        tx.commit().await?;
        Ok(linked)
    }
}

/// Lets a user in or changes their role, within a transaction.
pub(super) async fn put_membership(
    tx: &mut Tx,
    organization: OrganizationId,
    id: UserId,
    role: Role,
    now: Instant,
) -> Result<(), StoreError> {
    hold_records(tx, organization).await?;
    match find(tx, organization, id).await? {
        None => {
            if tx.find("select 1 from users where id = $1", bind![id]).await?.is_none() {
                return Err(StoreError::invalid(format!("there is no user {id}")));
            }
            tx.execute(
                "insert into memberships (organization_id, user_id, role, locked, created_at) values ($1, $2, $3, 0, $4)",
                bind![organization, id, role.as_str(), now],
            )
            .await?;
            // What another organization's administrator may have in hand must not open this one.
            let links = "delete from one_time_links where user_id = $1 and kind in ('password_reset', 'sign_in')";
            tx.execute(links, bind![id]).await?;
        }
        Some((old, _)) if old == role => {}
        Some((old, locked)) => {
            if old == Role::Owner && !locked {
                needs_other_owner(tx, organization, id).await?;
            }
            let sql = "update memberships set role = $3 where organization_id = $1 and user_id = $2";
            tx.execute(sql, bind![organization, id, role.as_str()]).await?;
            let sql = "update sessions set rotate = 1 where organization_id = $1 and user_id = $2";
            tx.execute(sql, bind![organization, id]).await?;
        }
    }
    Ok(())
}

/// The role and whether it is locked. Touched before sessions and tokens are, as whoever adds one does: so nobody waits for
/// somebody who waits for them.
async fn find(tx: &mut Tx, organization: OrganizationId, id: UserId) -> Result<Option<(Role, bool)>, StoreError> {
    let sql = "update memberships set locked = locked where organization_id = $1 and user_id = $2 returning role, locked";
    let row = tx.find(sql, bind![organization, id]).await?;
    row.map(|row| Ok((role(&row.text(0)?, "memberships", id.0)?, row.int(1)? != 0))).transpose()
}

async fn needs_other_owner(tx: &mut Tx, organization: OrganizationId, id: UserId) -> Result<(), StoreError> {
    let sql = "select 1 from memberships where organization_id = $1 and user_id <> $2 and role = 'owner' and locked = 0";
    match tx.find(sql, bind![organization, id]).await? {
        Some(_) => Ok(()),
        None => Err(StoreError::invalid("the organization would have no owner: make somebody else an owner first")),
    }
}

/// Ends whatever lets the user into the organization.
async fn end_all(tx: &mut Tx, organization: OrganizationId, id: UserId) -> Result<(), StoreError> {
    for table in ["sessions", "api_tokens", "one_time_links", "device_grants"] {
        let sql = format!("delete from {table} where organization_id = $1 and user_id = $2");
        tx.execute(sql, bind![organization, id]).await?;
    }
    Ok(())
}

fn select(condition: &str) -> String {
    format!(
        "select {USER}, ms.organization_id, o.name, ms.role, {MEMBER}, ms.locked, ms.created_at
         from memberships ms join users u on u.id = ms.user_id join organizations o on o.id = ms.organization_id {condition}"
    )
}

fn membership(row: &Row) -> Result<Membership, StoreError> {
    let user = user(row)?;
    Ok(Membership {
        organization: OrganizationId(row.int(7)?),
        organization_name: row.text(8)?,
        role: role(&row.text(9)?, "memberships", user.id.0)?,
        member: member(row, 10)?,
        locked: row.int(11)? != 0,
        since: row.instant(12)?,
        user,
    })
}
