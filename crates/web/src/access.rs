//! Secrets of the front door: one-time links, sessions, API tokens. Each is 32 random bytes; the store keeps hashes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use tacho_domain::{Instant, OrganizationId, Role, Scopes, UserId};
use tacho_store::{LinkKind, NewLink, NewToken, Store, StoreError};

/// How long a session lasts: 30 days, used or not.
pub const SESSION_SECONDS: i64 = 30 * 86_400;
/// How long a session lasts that nobody uses: 7 days.
pub const SESSION_IDLE_SECONDS: i64 = 7 * 86_400;
/// How long a sign-in link waits to be used.
pub const SIGN_IN_LINK_SECONDS: i64 = 86_400;
/// How long a set-up link waits to be used; every start of the server makes another.
pub const SET_UP_LINK_SECONDS: i64 = 86_400;
/// How long an invitation waits to be accepted.
pub const INVITATION_SECONDS: i64 = 7 * 86_400;
/// How long a link for a new password waits to be used.
pub const RESET_LINK_SECONDS: i64 = 86_400;

const API_PREFIX: &str = "tacho_";
/// 32 bytes in base64 without padding.
const SECRET_LENGTH: usize = 43;

/// Pages for whoever is not signed in; what comes after is a secret.
const DOORS: [&str; 5] = ["/sign-in", "/set-up", "/invitation", "/reset", "/s"];

/// The page for whoever is not signed in that this address is below, or is.
pub(crate) fn door(path: &str) -> Option<&'static str> {
    let is = |door: &&str| path.strip_prefix(*door).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    DOORS.into_iter().find(is)
}

/// A fresh secret, safe in addresses and headers.
pub(crate) fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What the store keeps of a secret. The secrets are 256 random bits, so a plain hash cannot be searched.
pub(crate) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Whether a text has the form of one of our secrets, so that nothing else reaches the store.
pub(crate) fn is_secret(text: &str) -> bool {
    text.len() == SECRET_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Makes the link with which the first owner sets the installation up, `/set-up/<secret>`, to be shown once.
pub async fn new_set_up_link(store: &Store, organization: OrganizationId, now: Instant) -> Result<SecretString, StoreError> {
    let new = NewLink {
        kind: LinkKind::SetUp,
        hash: &[],
        user: None,
        email: None,
        role: Some(Role::Owner),
        made_by: None,
        by_operator: true,
        expires_at: now.plus_seconds(SET_UP_LINK_SECONDS),
    };
    add_link(store, organization, new, "/set-up", now).await
}

/// Makes a link that signs a user in once, `/sign-in/<secret>`, to be shown once.
pub async fn new_sign_in_link(
    store: &Store,
    organization: OrganizationId,
    user: UserId,
    now: Instant,
) -> Result<SecretString, StoreError> {
    let new = NewLink {
        kind: LinkKind::SignIn,
        hash: &[],
        user: Some(user),
        email: None,
        role: None,
        made_by: None,
        by_operator: true,
        expires_at: now.plus_seconds(SIGN_IN_LINK_SECONDS),
    };
    add_link(store, organization, new, "/sign-in", now).await
}

/// Makes a link with which a user chooses a new password, `/reset/<secret>`, to be shown once.
pub async fn new_reset_link(
    store: &Store,
    organization: OrganizationId,
    user: UserId,
    made_by: Option<UserId>,
    now: Instant,
) -> Result<SecretString, StoreError> {
    add_link(store, organization, NewLink { made_by, ..reset_link(user, now) }, "/reset", now).await
}

/// The same for whoever runs the server, who may also let somebody in whose account several organizations use.
pub async fn new_operator_reset_link(
    store: &Store,
    organization: OrganizationId,
    user: UserId,
    now: Instant,
) -> Result<SecretString, StoreError> {
    add_link(store, organization, NewLink { by_operator: true, ..reset_link(user, now) }, "/reset", now).await
}

fn reset_link(user: UserId, now: Instant) -> NewLink<'static> {
    NewLink {
        kind: LinkKind::PasswordReset,
        hash: &[],
        user: Some(user),
        email: None,
        role: None,
        made_by: None,
        by_operator: false,
        expires_at: now.plus_seconds(RESET_LINK_SECONDS),
    }
}

/// Makes an invitation for an e-mail address, `/invitation/<secret>`, to be shown once.
pub async fn new_invitation_link(
    store: &Store,
    organization: OrganizationId,
    email: &str,
    role: Role,
    made_by: Option<UserId>,
    now: Instant,
) -> Result<SecretString, StoreError> {
    let new = NewLink {
        kind: LinkKind::Invitation,
        hash: &[],
        user: None,
        email: Some(email),
        role: Some(role),
        made_by,
        by_operator: false,
        expires_at: now.plus_seconds(INVITATION_SECONDS),
    };
    add_link(store, organization, new, "/invitation", now).await
}

async fn add_link(
    store: &Store,
    organization: OrganizationId,
    new: NewLink<'_>,
    path: &str,
    now: Instant,
) -> Result<SecretString, StoreError> {
    let secret = fresh();
    store.add_link(organization, &NewLink { hash: &hash(&secret), ..new }, now).await?;
    Ok(SecretString::from(format!("{path}/{secret}")))
}

/// An API token that is wanted.
#[derive(Debug, Clone, Copy)]
pub struct TokenWanted<'a> {
    /// What people call it; unique per owner.
    pub name: &'a str,
    /// Whose it is; it may never do more than they. A token of nobody has the role.
    pub user: Option<UserId>,
    /// The role of a token that belongs to nobody.
    pub role: Role,
    /// What it may do of what the role grants.
    pub scopes: Scopes,
    /// When it ends, if it does.
    pub expires_at: Option<Instant>,
    /// Who made it, where somebody was signed in.
    pub made_by: Option<UserId>,
}

/// Makes an API token for `Authorization: Bearer`, to be shown once.
///
/// # Errors
/// `is_invalid` when the owner has one of that name.
pub async fn new_api_token(
    store: &Store,
    organization: OrganizationId,
    wanted: &TokenWanted<'_>,
    now: Instant,
) -> Result<SecretString, StoreError> {
    let token = format!("{API_PREFIX}{}", fresh());
    let new = NewToken {
        name: wanted.name,
        hash: &hash(&token),
        user: wanted.user,
        role: wanted.role,
        scopes: wanted.scopes,
        expires_at: wanted.expires_at,
        made_by: wanted.made_by,
    };
    store.add_api_token(organization, &new, now).await?;
    Ok(SecretString::from(token))
}

/// Whether a text has the form of an API token.
pub(crate) fn is_api_token(text: &str) -> bool {
    text.strip_prefix(API_PREFIX).is_some_and(is_secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_the_form_that_is_let_through_and_no_two_are_alike() {
        let (one, other) = (fresh(), fresh());
        assert!(is_secret(&one) && is_secret(&other) && one != other);
        assert!(is_api_token(&format!("tacho_{one}")));
        for wrong in ["", "short", &one[1..], &format!("{one}="), &format!("{}'", &one[1..])] {
            assert!(!is_secret(wrong), "{wrong}");
        }
        assert!(!is_api_token(&one));
    }

    #[test]
    fn the_pages_before_signing_in_are_told_from_all_others() {
        assert_eq!(door("/reset/abc"), Some("/reset"));
        assert_eq!(door("/sign-in"), Some("/sign-in"));
        assert!(["/", "/sign-out", "/resets/a", "/settings/reset/a"].into_iter().all(|path| door(path).is_none()));
    }
}
