//! Secrets of the front door: one-time sign-in links, sessions, API tokens. Each is 32 random bytes; the store keeps hashes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use tacho_domain::{Instant, OrganizationId};
use tacho_store::{Store, StoreError};

/// How long a session lasts: 30 days, used or not.
pub const SESSION_SECONDS: i64 = 30 * 86_400;
/// How long a sign-in link waits to be used.
pub const SIGN_IN_LINK_SECONDS: i64 = 86_400;

const API_PREFIX: &str = "tacho_";
/// 32 bytes in base64 without padding.
const SECRET_LENGTH: usize = 43;

/// A fresh secret, safe in addresses and headers.
fn fresh() -> String {
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

/// Makes a one-time sign-in link and gives its path, `/sign-in/<secret>`, to be shown once.
///
/// # Errors
/// When the store cannot be written.
pub async fn new_sign_in_link(store: &Store, organization: OrganizationId, now: Instant) -> Result<SecretString, StoreError> {
    let secret = fresh();
    store.add_sign_in_link(organization, &hash(&secret), now.plus_seconds(SIGN_IN_LINK_SECONDS), now).await?;
    Ok(SecretString::from(format!("/sign-in/{secret}")))
}

/// Makes an API token for `Authorization: Bearer`, to be shown once.
///
/// # Errors
/// When the store cannot be written.
pub async fn new_api_token(
    store: &Store,
    organization: OrganizationId,
    name: &str,
    now: Instant,
) -> Result<SecretString, StoreError> {
    let token = format!("{API_PREFIX}{}", fresh());
    store.add_api_token(organization, name, &hash(&token), now).await?;
    Ok(SecretString::from(token))
}

/// Begins a session and gives its secret, for the cookie.
pub(crate) async fn begin_session(store: &Store, organization: OrganizationId, now: Instant) -> Result<String, StoreError> {
    let secret = fresh();
    store.add_session(organization, &hash(&secret), now.plus_seconds(SESSION_SECONDS), now).await?;
    Ok(secret)
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
}
