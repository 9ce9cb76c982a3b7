//! Sealed credentials in the database.

use crate::integrations::Credential;
use crate::organizations::next_number;
use crate::sql::{Tx, bind};
use crate::vault::{DataKey, Sealed};
use crate::{Store, StoreError, Vault};
use secrecy::{ExposeSecret, SecretString};
use tacho_domain::{Instant, IntegrationId, OrganizationId};

impl Store {
    /// Stores the credential of an integration, sealed; an older one is replaced.
    ///
    /// # Errors
    /// When there is no such integration, or the vault's master key does not open this database.
    pub async fn put_credential(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        secret: &SecretString,
        vault: &Vault,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        seal(&mut tx, organization, integration, Credential { secret, vault }, now).await?;
        tx.commit().await
    }

    /// Opens the credential of an integration.
    ///
    /// # Errors
    /// When the vault's master key is another one ([`StoreError::is_wrong_key`]) or the row was tampered with.
    pub async fn find_credential(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        vault: &Vault,
    ) -> Result<Option<SecretString>, StoreError> {
        let row = self
            .find(
                "select c.nonce, c.sealed, k.id, k.nonce, k.sealed from credentials c join data_keys k on k.id = c.data_key_id
                 where c.organization_id = $1 and c.integration_id = $2",
                bind![organization, integration],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let key = vault.open_data_key(row.int(2)?, &Sealed { nonce: row.bytes(3)?, bytes: row.bytes(4)? })?;
        key.open(organization, integration, &Sealed { nonce: row.bytes(0)?, bytes: row.bytes(1)? }).map(Some)
    }

    /// Seals every credential anew under a new data key and the new master key, in one transaction; the old data keys are
    /// deleted. Gives how many credentials.
    ///
    /// # Errors
    /// When the old vault does not open this database; nothing is changed then.
    pub async fn rotate_credentials(&self, old: &Vault, new: &Vault, now: Instant) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        // Held until the commit: nobody else makes a data key or rotates meanwhile.
        let id = next_number(&mut tx, "data_keys").await?;
        let mut old_keys = Vec::new();
        for row in tx.fetch("select id, nonce, sealed from data_keys", &[]).await? {
            old_keys.push(old.open_data_key(row.int(0)?, &Sealed { nonce: row.bytes(1)?, bytes: row.bytes(2)? })?);
        }
        let key = add_data_key(&mut tx, new, id, now).await?;
        // Touching the rows first makes a credential that is being stored at this moment wait, and us see it.
        let rows = tx
            .fetch(
                "update credentials set data_key_id = data_key_id
                 returning organization_id, integration_id, data_key_id, nonce, sealed",
                &[],
            )
            .await?;
        for row in &rows {
            let (organization, integration, old_id) = (OrganizationId(row.int(0)?), IntegrationId(row.int(1)?), row.int(2)?);
            let old_key = old_keys
                .iter()
                .find(|key| key.id == old_id)
                .ok_or_else(|| StoreError::damaged("credentials", "data_key_id", old_id, "names a key that is not there"))?;
            let secret = old_key.open(organization, integration, &Sealed { nonce: row.bytes(3)?, bytes: row.bytes(4)? })?;
            let sealed = key.seal(organization, integration, &secret)?;
            tx.execute(
                "update credentials set data_key_id = $3, nonce = $4, sealed = $5 where organization_id = $1 and integration_id = $2",
                bind![organization, integration, key.id, sealed.nonce, sealed.bytes],
            )
            .await?;
        }
        tx.execute("delete from data_keys where id <> $1", bind![key.id]).await?;
        tx.commit().await?;
        Ok(rows.len() as u64)
    }

    /// Whether the vault opens this database: true for one that holds nothing sealed yet.
    pub async fn opens_with(&self, vault: &Vault) -> Result<bool, StoreError> {
        for row in self.fetch("select id, nonce, sealed from data_keys", &[]).await? {
            match vault.open_data_key(row.int(0)?, &Sealed { nonce: row.bytes(1)?, bytes: row.bytes(2)? }) {
                Ok(_) => {}
                Err(error) if error.is_wrong_key() => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// Seals a credential within a transaction.
pub(crate) async fn seal(
    tx: &mut Tx,
    organization: OrganizationId,
    integration: IntegrationId,
    credential: Credential<'_>,
    now: Instant,
) -> Result<(), StoreError> {
    let key = current_key(tx, credential.vault, now).await?;
    let sealed = key.seal(organization, integration, credential.secret)?;
    let tail = tail(credential.secret);
    let touched = tx
        .execute(
            "update integrations set credential_tail = $3 where organization_id = $1 and id = $2 and removed = 0",
            bind![organization, integration, tail.as_str()],
        )
        .await?;
    if touched == 0 {
        return Err(StoreError::invalid(format!("there is no integration {integration}")));
    }
    tx.execute(
        "insert into credentials (organization_id, integration_id, data_key_id, nonce, sealed, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (organization_id, integration_id) do update set
         data_key_id = excluded.data_key_id, nonce = excluded.nonce, sealed = excluded.sealed, created_at = excluded.created_at",
        bind![organization, integration, key.id, sealed.nonce, sealed.bytes, now],
    )
    .await
    .map(drop)
}

/// The newest data key; the first credential makes one. Touching the counter makes a rotation wait, and the other way round.
async fn current_key(tx: &mut Tx, vault: &Vault, now: Instant) -> Result<DataKey, StoreError> {
    tx.execute("update counters set next_number = next_number where name = 'data_keys'", &[]).await?;
    let newest = tx.find("select id, nonce, sealed from data_keys order by id desc limit 1", &[]).await?;
    if let Some(row) = newest {
        return vault.open_data_key(row.int(0)?, &Sealed { nonce: row.bytes(1)?, bytes: row.bytes(2)? });
    }
    let id = next_number(tx, "data_keys").await?;
    add_data_key(tx, vault, id, now).await
}

async fn add_data_key(tx: &mut Tx, vault: &Vault, id: i64, now: Instant) -> Result<DataKey, StoreError> {
    let (key, sealed) = vault.new_data_key(id)?;
    tx.execute(
        "insert into data_keys (id, nonce, sealed, created_at) values ($1, $2, $3, $4)",
        bind![id, sealed.nonce, sealed.bytes, now],
    )
    .await?;
    Ok(key)
}

/// The last four characters; of a short secret fewer, so that most of it stays unknown.
fn tail(secret: &SecretString) -> String {
    #[expect(clippy::disallowed_methods, reason = "this is where a secret is sealed; four characters of it are shown")]
    let text = secret.expose_secret();
    let length = text.chars().count();
    text.chars().skip(length - (length / 4).min(4)).collect()
}
