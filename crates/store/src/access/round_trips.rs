//! Round trips that are under way: a browser was sent somewhere and has to come back with what it was given. What we have
//! to remember meanwhile is sealed.

use crate::credentials::{current_key, open_key};
use crate::sql::bind;
use crate::vault::{Sealed, SealedAs};
use crate::{Store, StoreError, Vault};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;
use tacho_domain::Instant;

/// A round trip to be begun.
#[derive(Debug, Clone, Copy)]
pub struct NewRoundTrip<'a> {
    /// The hash of the state that the browser brings back.
    pub hash: &'a [u8],
    /// What it is for; it is claimed for that only.
    pub purpose: &'a str,
    /// The hash of the session it began in, where there was one.
    pub session: Option<&'a [u8]>,
    /// What to remember: it may hold secrets, and is sealed.
    pub payload: &'a Json,
    /// Until when the browser has to be back.
    pub expires_at: Instant,
}

/// A round trip that came back.
#[derive(Clone, PartialEq, Eq)]
pub struct RoundTrip {
    /// The hash of the session it began in, where there was one.
    pub session: Option<Vec<u8>>,
    /// What was remembered.
    pub payload: Json,
}

impl std::fmt::Debug for RoundTrip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The payload may hold secrets.
        f.debug_struct("RoundTrip").field("session", &self.session.is_some()).finish_non_exhaustive()
    }
}

impl Store {
    /// Begins a round trip.
    ///
    /// # Errors
    /// When the vault's master key does not open this database.
    pub async fn add_round_trip(&self, new: &NewRoundTrip<'_>, vault: &Vault, now: Instant) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.execute("delete from round_trips where expires_at <= $1", bind![now]).await?;
        let key = current_key(&mut tx, vault, now).await?;
        let payload = SecretString::from(new.payload.to_string());
        let sealed = key.seal(&SealedAs::RoundTrip(new.hash), &payload)?;
        tx.execute(
            "insert into round_trips (hash, purpose, session_hash, data_key_id, nonce, sealed, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            bind![new.hash, new.purpose, new.session, key.id, sealed.nonce, sealed.bytes, new.expires_at],
        )
        .await?;
        tx.commit().await
    }

    /// Ends a round trip: a second claim finds nothing.
    ///
    /// # Errors
    /// When the vault's master key is another one, or the row was tampered with.
    pub async fn claim_round_trip(
        &self,
        hash: &[u8],
        purpose: &str,
        vault: &Vault,
        now: Instant,
    ) -> Result<Option<RoundTrip>, StoreError> {
        let mut tx = self.begin().await?;
        let sql = "delete from round_trips where hash = $1 and purpose = $2 and expires_at > $3
             returning session_hash, nonce, sealed, data_key_id";
        let Some(row) = tx.find(sql, bind![hash, purpose, now]).await? else { return Ok(None) };
        let sql = "select id, nonce, sealed from data_keys where id = $1";
        let key = tx.find(sql, bind![row.int(3)?]).await?;
        tx.commit().await?;
        let damaged = |what| StoreError::damaged("round_trips", "sealed", purpose, what);
        let key = open_key(&key.ok_or_else(|| damaged("names a data key that is not there"))?, 0, vault)?;
        let opened = key.open(&SealedAs::RoundTrip(hash), &Sealed { nonce: row.bytes(1)?, bytes: row.bytes(2)? })?;
        #[expect(clippy::disallowed_methods, reason = "this is where what was sealed is handed back")]
        let payload = serde_json::from_str(opened.expose_secret()).map_err(|_| damaged("is no JSON"))?;
        Ok(Some(RoundTrip { session: row.maybe_bytes(0)?, payload }))
    }
}
