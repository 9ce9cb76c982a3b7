//! Who may come in, and as whom: users and their memberships, one-time links, sessions, API tokens, ways to sign on.
//! Of every secret of ours only a hash is here; whoever asks hashes what a visitor brought.

mod devices;
mod idempotency;
mod links;
mod memberships;
mod round_trips;
mod sessions;
mod sign_ons;
mod tokens;
mod users;

pub use devices::{DeviceGrant, DevicePoll, NewDeviceGrant};
pub use idempotency::Claimed;
pub use links::{Link, LinkKind, NewLink};
pub use memberships::Membership;
pub use round_trips::{NewRoundTrip, RoundTrip};
pub use sessions::{NewSession, SessionRow};
pub use sign_ons::SignOn;
pub use tokens::{ApiToken, NewToken};
pub use users::{NewUser, User};

use crate::StoreError;
use crate::sql::{Row, Tx, bind};
use tacho_domain::person::normal_email;
use tacho_domain::{OrganizationId, Role, Scopes, SubjectId, UserId};

/// Whoever brought a session or a token that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// The organization they are in.
    pub organization: OrganizationId,
    /// What it is called.
    pub organization_name: String,
    /// Number, e-mail address and name of the user; none for a token that belongs to nobody in particular.
    pub user: Option<(UserId, String, String)>,
    /// The user's role there at this moment, or that of a token which belongs to nobody.
    pub role: Role,
    /// What a token names; none for a session.
    pub scopes: Option<Scopes>,
    /// Who they are among the organization's members.
    pub member: Option<SubjectId>,
    /// What the token is called; none for a session.
    pub name: Option<String>,
    /// Whether the session's secret is to be changed now, because the user's role was: [`crate::Store::rotate_session`].
    pub rotate: bool,
}

/// Who a membership's user `u` is among the members: as somebody said, else the member of their e-mail address; whoever that
/// turned out to be. Nobody is one who was pseudonymised.
const MEMBER: &str = "(select coalesce(m.merged_into, m.id) from members m where m.organization_id = ms.organization_id
    and m.erased = 0 and (m.id = ms.member_id or (ms.member_id is null and m.email = u.email)))";

fn role(text: &str, table: &'static str, number: i64) -> Result<Role, StoreError> {
    Role::parse(text).ok_or_else(|| StoreError::damaged(table, "role", number, format!("`{text}` is no role")))
}

fn scopes(text: &str, table: &'static str, row: impl std::fmt::Display) -> Result<Scopes, StoreError> {
    Scopes::parse(text).map_err(|name| StoreError::damaged(table, "scopes", row, format!("`{name}` is no permission")))
}

fn member(row: &Row, column: usize) -> Result<Option<SubjectId>, StoreError> {
    row.maybe_int(column)?.map(|_| row.number(column).map(SubjectId)).transpose()
}

/// An e-mail address as it is stored.
fn email(address: &str) -> Result<String, StoreError> {
    let normal = normal_email(address);
    let whole = normal.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if !whole || normal.len() > 254 || normal.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(StoreError::invalid(format!("`{address}` is no e-mail address: expected one such as `ada@example.com`")));
    }
    Ok(normal)
}

/// A name that people give, without blanks around it.
pub(crate) fn name(text: &str) -> Result<&str, StoreError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 100 || text.chars().any(char::is_control) {
        return Err(StoreError::invalid("a name has 1 to 100 characters"));
    }
    Ok(text)
}

/// Makes whoever else changes this membership wait. Gives whether it is there and not locked.
async fn hold_membership(tx: &mut Tx, organization: OrganizationId, user: UserId) -> Result<bool, StoreError> {
    let sql = "update memberships set locked = locked where organization_id = $1 and user_id = $2 and locked = 0";
    Ok(tx.execute(sql, bind![organization, user]).await? > 0)
}

fn not_in(user: UserId) -> StoreError {
    StoreError::invalid(format!("the user {user} is not in the organization, or is locked out of it"))
}
