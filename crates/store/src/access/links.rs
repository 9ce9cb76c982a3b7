//! One-time links: the first owner's, invitations, new passwords, a way in for whoever is locked out. By their hash.

use super::memberships::put_membership;
use super::users::add_user;
use super::{NewUser, email, hold_membership, not_in, role};
use crate::sql::{Row, Tx, bind};
use crate::{Store, StoreError};
use tacho_domain::person::normal_email;
use tacho_domain::{Instant, OrganizationId, Role, UserId};

/// What a one-time link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// Makes the first owner of an installation without users.
    SetUp,
    /// Lets somebody into an organization.
    Invitation,
    /// Lets a user choose another password.
    PasswordReset,
    /// Lets a user in without a password.
    SignIn,
}

impl LinkKind {
    const ALL: [Self; 4] = [Self::SetUp, Self::Invitation, Self::PasswordReset, Self::SignIn];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::SignIn => "sign_in",
        }
    }
}

/// A link to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewLink<'a> {
    /// What it is for.
    pub kind: LinkKind,
    /// The secret's hash.
    pub hash: &'a [u8],
    /// For whom, where it is for a user: a new password, a way in.
    pub user: Option<UserId>,
    /// Who is invited.
    pub email: Option<&'a str>,
    /// As what they are invited.
    pub role: Option<Role>,
    /// Who made it, where it was somebody signed in.
    pub made_by: Option<UserId>,
    /// Whether whoever runs the server made it, who alone may let people into an account that several organizations use.
    pub by_operator: bool,
    /// Until when it works.
    pub expires_at: Instant,
}

/// A link that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Whose.
    pub organization: OrganizationId,
    /// What it is for.
    pub kind: LinkKind,
    /// For whom, where it is for a user.
    pub user: Option<UserId>,
    /// The e-mail address of whoever is invited, or of the user.
    pub email: Option<String>,
    /// As what they are invited.
    pub role: Option<Role>,
    /// Who made it, where it was somebody signed in.
    pub made_by: Option<UserId>,
    /// Until when it works.
    pub expires_at: Instant,
    /// Since when.
    pub created_at: Instant,
}

/// The columns that [`link`] reads.
const LINK: &str = "organization_id, kind, user_id, email, role, made_by, expires_at, created_at";

impl Store {
    /// Adds a link. An invitation or new password takes the place of the one before for the same person.
    ///
    /// # Errors
    /// When it is for a user who is not in the organization; when somebody is invited who is in it already; when somebody
    /// other than whoever runs the server would let themselves into the account of a user who is in another organization
    /// too.
    pub async fn add_link(&self, organization: OrganizationId, new: &NewLink<'_>, now: Instant) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.execute("delete from one_time_links where expires_at <= $1", bind![now]).await?;
        let address = match new.kind {
            LinkKind::SetUp => None,
            LinkKind::Invitation => Some(check_invitation(&mut tx, organization, new).await?),
            LinkKind::PasswordReset | LinkKind::SignIn => Some(check_user(&mut tx, organization, new).await?),
        };
        if matches!(new.kind, LinkKind::Invitation | LinkKind::PasswordReset) {
            let sql = "delete from one_time_links where organization_id = $1 and kind = $2 and email = $3";
            tx.execute(sql, bind![organization, new.kind.as_str(), address.as_deref()]).await?;
        }
        tx.execute(
            "insert into one_time_links (organization_id, hash, kind, user_id, email, role, made_by, expires_at, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            bind![
                organization,
                new.hash,
                new.kind.as_str(),
                new.user,
                address.as_deref(),
                new.role.map(Role::as_str),
                new.made_by,
                new.expires_at,
                now
            ],
        )
        .await?;
        tx.commit().await
    }

    /// What a link is for, while it works; spends nothing. A set-up link works only while there is no user.
    pub async fn find_link(&self, hash: &[u8], now: Instant) -> Result<Option<Link>, StoreError> {
        let sql = format!(
            "select {LINK} from one_time_links where hash = $1 and expires_at > $2
             and (kind <> 'set_up' or not exists (select 1 from users))"
        );
        self.find(sql, bind![hash, now]).await?.map(|row| link(&row)).transpose()
    }

    /// Uses a link up: a second claim finds nothing.
    pub async fn claim_link(&self, hash: &[u8], kind: LinkKind, now: Instant) -> Result<Option<Link>, StoreError> {
        let mut tx = self.begin().await?;
        let link = claim(&mut tx, hash, kind, now).await?;
        tx.commit().await?;
        Ok(link)
    }

    /// Uses a set-up link or an invitation up and lets a new user in, or does neither. Whoever sets the installation up is
    /// an owner; whoever is invited has the address they were invited by, whatever `new` says. Gives where they are now.
    ///
    /// # Errors
    /// When somebody has the e-mail address already: they sign in and claim the link instead.
    pub async fn accept_link(
        &self,
        hash: &[u8],
        kind: LinkKind,
        new: &NewUser<'_>,
        now: Instant,
    ) -> Result<Option<(OrganizationId, UserId)>, StoreError> {
        let mut tx = self.begin().await?;
        let Some(link) = claim(&mut tx, hash, kind, now).await? else { return Ok(None) };
        let (address, role) = match (link.kind, &link.email, link.role) {
            (LinkKind::SetUp, _, _) => (new.email, Role::Owner),
            (LinkKind::Invitation, Some(address), Some(role)) => (address.as_str(), role),
            _ => return Err(StoreError::invalid("this link is for somebody who has an account already")),
        };
        let user = add_user(&mut tx, &NewUser { email: address, ..*new }, now).await?;
        put_membership(&mut tx, link.organization, user, role, now).await?;
        tx.commit().await?;
        Ok(Some((link.organization, user)))
    }

    /// The links of an organization that work, newest first.
    pub async fn list_links(&self, organization: OrganizationId, now: Instant) -> Result<Vec<Link>, StoreError> {
        let sql = format!(
            "select {LINK} from one_time_links where organization_id = $1 and expires_at > $2 order by created_at desc, kind, email"
        );
        self.fetch(sql, bind![organization, now]).await?.iter().map(link).collect()
    }

    /// Takes back the links of a kind for the person of that e-mail address. Gives whether there was one.
    pub async fn remove_link(&self, organization: OrganizationId, kind: LinkKind, address: &str) -> Result<bool, StoreError> {
        let sql = "delete from one_time_links where organization_id = $1 and kind = $2 and email = $3";
        let address = normal_email(address);
        Ok(self.execute(sql, bind![organization, kind.as_str(), address.as_str()]).await? > 0)
    }
}

async fn claim(tx: &mut Tx, hash: &[u8], kind: LinkKind, now: Instant) -> Result<Option<Link>, StoreError> {
    if kind == LinkKind::SetUp {
        // Two set-up links in two hands make one owner: whoever else claims or adds a user waits here.
        tx.execute("update counters set next_number = next_number where name = 'users'", &[]).await?;
        if tx.find("select 1 from users", &[]).await?.is_some() {
            return Ok(None);
        }
    }
    let sql = format!("delete from one_time_links where hash = $1 and kind = $2 and expires_at > $3 returning {LINK}");
    let claimed = tx.find(sql, bind![hash, kind.as_str(), now]).await?.map(|row| link(&row)).transpose()?;
    if kind == LinkKind::SetUp && claimed.is_some() {
        tx.execute("delete from one_time_links where kind = 'set_up'", &[]).await?;
    }
    Ok(claimed)
}

async fn check_invitation(tx: &mut Tx, organization: OrganizationId, new: &NewLink<'_>) -> Result<String, StoreError> {
    let address = email(new.email.unwrap_or_default())?;
    if new.role.is_none() {
        return Err(StoreError::invalid("an invitation needs a role"));
    }
    let sql = "select 1 from memberships ms join users u on u.id = ms.user_id where ms.organization_id = $1 and u.email = $2";
    if tx.find(sql, bind![organization, address.as_str()]).await?.is_some() {
        return Err(StoreError::invalid(format!("`{address}` is in the organization already")));
    }
    Ok(address)
}

async fn check_user(tx: &mut Tx, organization: OrganizationId, new: &NewLink<'_>) -> Result<String, StoreError> {
    let user = new.user.ok_or_else(|| StoreError::invalid("a link to sign in or to choose a password is for a user"))?;
    if !hold_membership(tx, organization, user).await? {
        return Err(not_in(user));
    }
    let elsewhere = "select 1 from memberships where user_id = $1 and organization_id <> $2";
    if !new.by_operator && new.made_by != Some(user) && tx.find(elsewhere, bind![user, organization]).await?.is_some() {
        return Err(StoreError::invalid(
            "this user's account is also used in another organization: only whoever runs the server can let them in, with `tacho users reset`",
        ));
    }
    let found = tx.find("select email from users where id = $1", bind![user]).await?;
    found.map_or_else(|| Err(not_in(user)), |row| row.text(0))
}

fn link(row: &Row) -> Result<Link, StoreError> {
    let (organization, kind) = (row.int(0)?, row.text(1)?);
    let damaged = |what| StoreError::damaged("one_time_links", "kind", organization, what);
    Ok(Link {
        organization: OrganizationId(organization),
        kind: LinkKind::ALL
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or_else(|| damaged(format!("`{kind}` is no kind of link")))?,
        user: row.maybe_int(2)?.map(UserId),
        email: row.maybe_text(3)?,
        role: row.maybe_text(4)?.map(|text| role(&text, "one_time_links", organization)).transpose()?,
        made_by: row.maybe_int(5)?.map(UserId),
        expires_at: row.instant(6)?,
        created_at: row.instant(7)?,
    })
}
