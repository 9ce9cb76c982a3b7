//! The vault: a master key that lives outside the database seals data keys, data keys seal credentials and other secrets
//! that have to be read again.

use crate::StoreError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use rand::Rng as _;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use tacho_domain::{IntegrationId, OrganizationId, UserId};
use zeroize::Zeroizing;

/// The key that seals the data keys: 32 bytes, kept in a file or the environment, never in the database.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// Seals and opens secrets with a master key.
#[derive(Clone)]
pub struct Vault {
    master: MasterKey,
}

/// A key that seals secrets; in the database it is sealed itself.
pub(crate) struct DataKey {
    pub(crate) id: i64,
    bytes: Zeroizing<[u8; 32]>,
}

/// Which secret a sealed text is; it opens as no other one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SealedAs<'a> {
    /// The credential of an integration.
    Credential(OrganizationId, IntegrationId),
    /// The secret of a user's second factor.
    SecondFactor(UserId),
    /// What a round trip remembers, by the hash of its state.
    RoundTrip(&'a [u8]),
    /// What an integration's host signs its deliveries with.
    WebhookSecret(OrganizationId, IntegrationId),
}

/// A sealed text with its nonce.
pub(crate) struct Sealed {
    pub(crate) nonce: Vec<u8>,
    pub(crate) bytes: Vec<u8>,
}

impl MasterKey {
    /// A new key from a cryptographic source of chance.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *bytes);
        Self(bytes)
    }

    /// From its base64 text, blanks around it ignored.
    ///
    /// # Errors
    /// When the text is not base64 of 32 bytes; the message does not repeat it.
    pub fn from_base64(text: &SecretString) -> Result<Self, StoreError> {
        let wrong = || StoreError::invalid("the master key must be the base64 text of 32 bytes");
        #[expect(clippy::disallowed_methods, reason = "the key is decoded into memory that is wiped")]
        let decoded = Zeroizing::new(STANDARD.decode(text.expose_secret().trim()).map_err(|_| wrong())?);
        let mut bytes = Zeroizing::new([0; 32]);
        if decoded.len() != bytes.len() {
            return Err(wrong());
        }
        bytes.copy_from_slice(&decoded);
        Ok(Self(bytes))
    }

    /// As base64 text.
    #[must_use]
    pub fn to_base64(&self) -> SecretString {
        STANDARD.encode(*self.0).into()
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

impl Vault {
    /// A vault that opens with this key.
    #[must_use]
    pub fn new(master: MasterKey) -> Self {
        Self { master }
    }

    /// A new data key, and how it is stored.
    pub(crate) fn new_data_key(&self, id: i64) -> Result<(DataKey, Sealed), StoreError> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::rng().fill_bytes(&mut *bytes);
        let sealed = seal(&self.master.0, &*bytes, &key_name(id))?;
        Ok((DataKey { id, bytes }, sealed))
    }

    /// Opens a stored data key.
    pub(crate) fn open_data_key(&self, id: i64, sealed: &Sealed) -> Result<DataKey, StoreError> {
        let opened = open(&self.master.0, sealed, &key_name(id)).ok_or_else(StoreError::wrong_key)?;
        let mut bytes = Zeroizing::new([0; 32]);
        if opened.len() != bytes.len() {
            return Err(StoreError::damaged("data_keys", "sealed", id, "does not hold 32 bytes"));
        }
        bytes.copy_from_slice(&opened);
        Ok(DataKey { id, bytes })
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({:?})", self.master)
    }
}

impl DataKey {
    /// Seals a secret so that it opens only as this one.
    pub(crate) fn seal(&self, place: &SealedAs<'_>, secret: &SecretString) -> Result<Sealed, StoreError> {
        #[expect(clippy::disallowed_methods, reason = "this is where a secret is sealed")]
        seal(&self.bytes, secret.expose_secret().as_bytes(), &place.name(self.id))
    }

    /// Opens a secret; an error when it was sealed as another one or tampered with.
    pub(crate) fn open(&self, place: &SealedAs<'_>, sealed: &Sealed) -> Result<SecretString, StoreError> {
        let damaged = |what| StoreError::damaged(place.table(), "sealed", place.row(), what);
        let opened = open(&self.bytes, sealed, &place.name(self.id))
            .ok_or_else(|| damaged("was tampered with or belongs to another row"))?;
        let text = std::str::from_utf8(&opened).map_err(|_| damaged("is no text"))?;
        Ok(text.to_owned().into())
    }
}

impl SealedAs<'_> {
    /// What is bound into the seal.
    fn name(&self, key: i64) -> String {
        match self {
            Self::Credential(organization, integration) => format!("credential|{}|{integration}|{key}", organization.0),
            Self::SecondFactor(user) => format!("second factor|{user}|{key}"),
            Self::RoundTrip(hash) => format!("round trip|{}|{key}", hex::encode(hash)),
            Self::WebhookSecret(organization, integration) => format!("webhook secret|{}|{integration}|{key}", organization.0),
        }
    }

    fn table(&self) -> &'static str {
        match self {
            Self::Credential(..) => "credentials",
            Self::SecondFactor(_) => "second_factors",
            Self::RoundTrip(_) => "round_trips",
            Self::WebhookSecret(..) => "webhook_secrets",
        }
    }

    fn row(&self) -> String {
        match self {
            Self::Credential(organization, integration) | Self::WebhookSecret(organization, integration) => {
                format!("({}, {integration})", organization.0)
            }
            Self::SecondFactor(user) => user.to_string(),
            Self::RoundTrip(hash) => hex::encode(hash),
        }
    }
}

fn key_name(id: i64) -> String {
    format!("data key|{id}")
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

fn seal(key: &[u8; 32], plain: &[u8], name: &str) -> Result<Sealed, StoreError> {
    let mut nonce = [0; 24];
    rand::rng().fill_bytes(&mut nonce);
    let bytes = cipher(key)
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: name.as_bytes() })
        .map_err(|_| StoreError::invalid("a secret of this length cannot be sealed"))?;
    Ok(Sealed { nonce: nonce.to_vec(), bytes })
}

fn open(key: &[u8; 32], sealed: &Sealed, name: &str) -> Option<Zeroizing<Vec<u8>>> {
    let nonce = <[u8; 24]>::try_from(sealed.nonce.as_slice()).ok()?;
    let payload = Payload { msg: &sealed.bytes, aad: name.as_bytes() };
    cipher(key).decrypt(&XNonce::from(nonce), payload).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_being_written_and_shows_nothing_of_itself() {
        let key = MasterKey::generate(&mut rand::rng());
        let text = key.to_base64();
        let again = MasterKey::from_base64(&text).unwrap();
        assert_eq!(*again.0, *key.0);
        assert_eq!(format!("{:?}", Vault::new(again)), "Vault(MasterKey(..))");
        let error = MasterKey::from_base64(&"c2hvcnQgc2VjcmV0".to_owned().into()).unwrap_err();
        assert!(error.is_invalid() && !error.to_string().contains("c2hv"), "{error}");
    }

    #[test]
    fn a_sealed_credential_opens_only_in_its_own_row() {
        let vault = Vault::new(MasterKey::generate(&mut rand::rng()));
        let (key, stored) = vault.new_data_key(7).unwrap();
        let own = SealedAs::Credential(OrganizationId(1), IntegrationId(2));
        let sealed = key.seal(&own, &"sk-1".to_owned().into()).unwrap();
        let again = vault.open_data_key(7, &stored).unwrap();
        assert!(again.open(&own, &sealed).is_ok());
        let others = [
            SealedAs::Credential(OrganizationId(1), IntegrationId(3)),
            SealedAs::Credential(OrganizationId(2), IntegrationId(2)),
            SealedAs::SecondFactor(UserId(1)),
            SealedAs::RoundTrip(&[1, 2]),
            SealedAs::WebhookSecret(OrganizationId(1), IntegrationId(2)),
        ];
        for other in others {
            assert!(again.open(&other, &sealed).unwrap_err().is_damaged(), "{other:?}");
        }
        let factor = key.seal(&SealedAs::SecondFactor(UserId(1)), &"JBSW".to_owned().into()).unwrap();
        assert!(again.open(&SealedAs::SecondFactor(UserId(1)), &factor).is_ok());
        assert!(again.open(&SealedAs::SecondFactor(UserId(2)), &factor).is_err(), "nobody has another one's second factor");
        assert!(vault.open_data_key(8, &stored).is_err_and(|error| error.is_wrong_key()), "the key's number is bound in");
        for place in 0..sealed.bytes.len() {
            let mut bytes = sealed.bytes.clone();
            bytes[place] ^= 1;
            let bent = Sealed { nonce: sealed.nonce.clone(), bytes };
            assert!(again.open(&own, &bent).is_err());
        }
    }
}
