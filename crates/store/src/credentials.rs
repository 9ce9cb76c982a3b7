//! Sealed credentials in the database.

use crate::integrations::Credential;
use crate::organizations::next_number;
use crate::sql::{Row, Tx, bind};
use crate::vault::{DataKey, Sealed, SealedAs};
use crate::{Store, StoreError, Vault};
use secrecy::{ExposeSecret, SecretString};
use tacho_domain::{Instant, IntegrationId, OrganizationId, UserId};

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
        row.map(|row| open_row(&row, vault, &SealedAs::Credential(organization, integration))).transpose()
    }

    /// Seals every credential, second factor and webhook secret anew under a new data key and the new master key, in one transaction; the
    /// old data keys are deleted, and round trips that are under way with them: their browsers begin again. Gives how many
    /// credentials.
    ///
    /// # Errors
    /// When the old vault does not open this database; nothing is changed then.
    pub async fn rotate_credentials(&self, old: &Vault, new: &Vault, now: Instant) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        // Held until the commit: nobody else makes a data key or rotates meanwhile.
        let id = next_number(&mut tx, "data_keys").await?;
        let mut old_keys = Vec::new();
        for row in tx.fetch("select id, nonce, sealed from data_keys", &[]).await? {
            old_keys.push(open_key(&row, 0, old)?);
        }
        let key = add_data_key(&mut tx, new, id, now).await?;
        let rotated = reseal_credentials(&mut tx, &old_keys, &key).await?;
        reseal_second_factors(&mut tx, &old_keys, &key).await?;
        reseal_webhook_secrets(&mut tx, &old_keys, &key).await?;
        tx.execute("delete from round_trips", &[]).await?;
        tx.execute("delete from data_keys where id <> $1", bind![key.id]).await?;
        tx.commit().await?;
        Ok(rotated)
    }

    /// Whether the vault opens this database: true for one that holds nothing sealed yet.
    pub async fn opens_with(&self, vault: &Vault) -> Result<bool, StoreError> {
        for row in self.fetch("select id, nonce, sealed from data_keys", &[]).await? {
            match open_key(&row, 0, vault) {
                Ok(_) => {}
                Err(error) if error.is_wrong_key() => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

async fn reseal_credentials(tx: &mut Tx, old_keys: &[DataKey], key: &DataKey) -> Result<u64, StoreError> {
    // Touching the rows first makes a credential that is being stored at this moment wait, and us see it.
    let rows = tx
        .fetch(
            "update credentials set data_key_id = data_key_id
             returning organization_id, integration_id, data_key_id, nonce, sealed",
            &[],
        )
        .await?;
    for row in &rows {
        let (organization, integration) = (OrganizationId(row.int(0)?), IntegrationId(row.int(1)?));
        let place = SealedAs::Credential(organization, integration);
        let sealed = reseal(row, 2, &place, old_keys, key)?;
        tx.execute(
            "update credentials set data_key_id = $3, nonce = $4, sealed = $5 where organization_id = $1 and integration_id = $2",
            bind![organization, integration, key.id, sealed.nonce, sealed.bytes],
        )
        .await?;
    }
    Ok(rows.len() as u64)
}

async fn reseal_second_factors(tx: &mut Tx, old_keys: &[DataKey], key: &DataKey) -> Result<(), StoreError> {
    let sql = "update second_factors set data_key_id = data_key_id returning user_id, data_key_id, nonce, sealed";
    for row in tx.fetch(sql, &[]).await? {
        let user = UserId(row.int(0)?);
        let sealed = reseal(&row, 1, &SealedAs::SecondFactor(user), old_keys, key)?;
        let sql = "update second_factors set data_key_id = $2, nonce = $3, sealed = $4 where user_id = $1";
        tx.execute(sql, bind![user, key.id, sealed.nonce, sealed.bytes]).await?;
    }
    Ok(())
}

async fn reseal_webhook_secrets(tx: &mut Tx, old_keys: &[DataKey], key: &DataKey) -> Result<(), StoreError> {
    let sql = "update webhook_secrets set data_key_id = data_key_id
               returning organization_id, integration_id, data_key_id, nonce, sealed";
    for row in tx.fetch(sql, &[]).await? {
        let (organization, integration) = (OrganizationId(row.int(0)?), IntegrationId(row.int(1)?));
        let sealed = reseal(&row, 2, &SealedAs::WebhookSecret(organization, integration), old_keys, key)?;
        let sql = "update webhook_secrets set data_key_id = $3, nonce = $4, sealed = $5
                   where organization_id = $1 and integration_id = $2";
        tx.execute(sql, bind![organization, integration, key.id, sealed.nonce, sealed.bytes]).await?;
    }
    Ok(())
}

/// Opens what stands in the row, from its key's number on, and seals it with another key.
fn reseal(row: &Row, first: usize, place: &SealedAs<'_>, old_keys: &[DataKey], key: &DataKey) -> Result<Sealed, StoreError> {
    let old_id = row.int(first)?;
    let old_key = old_keys
        .iter()
        .find(|key| key.id == old_id)
        .ok_or_else(|| StoreError::damaged("data_keys", "id", old_id, "seals a secret but is not there"))?;
    key.seal(place, &old_key.open(place, &Sealed { nonce: row.bytes(first + 1)?, bytes: row.bytes(first + 2)? })?)
}

/// Opens the data key whose number, nonce and sealed bytes stand in the row from that column on.
pub(crate) fn open_key(row: &Row, first: usize, vault: &Vault) -> Result<DataKey, StoreError> {
    vault.open_data_key(row.int(first)?, &Sealed { nonce: row.bytes(first + 1)?, bytes: row.bytes(first + 2)? })
}

/// Opens a row of a secret's nonce and sealed bytes, and then the number, nonce and sealed bytes of its data key.
pub(crate) fn open_row(row: &Row, vault: &Vault, sealed_as: &SealedAs) -> Result<SecretString, StoreError> {
    let sealed = Sealed { nonce: row.bytes(0)?, bytes: row.bytes(1)? };
    open_key(row, 2, vault)?.open(sealed_as, &sealed)
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
    let sealed = key.seal(&SealedAs::Credential(organization, integration), credential.secret)?;
    let tail = tail(credential.secret);
    let touched = tx
        .execute(
            // What was known of another secret is not true of this one.
            "update integrations set credential_tail = $3, granted_scopes = null, credential_expires_at = null
             where organization_id = $1 and id = $2 and removed = 0",
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

/// The newest data key; the first secret makes one. Touching the counter makes a rotation wait, and the other way round.
pub(crate) async fn current_key(tx: &mut Tx, vault: &Vault, now: Instant) -> Result<DataKey, StoreError> {
    tx.execute("update counters set next_number = next_number where name = 'data_keys'", &[]).await?;
    let newest = tx.find("select id, nonce, sealed from data_keys order by id desc limit 1", &[]).await?;
    if let Some(row) = newest {
        return open_key(&row, 0, vault);
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

/// The last four characters; of a short secret fewer, so that most of it stays unknown. The end of an app's credential is
/// the end of a JSON text and says nothing.
fn tail(secret: &SecretString) -> String {
    #[expect(clippy::disallowed_methods, reason = "this is where a secret is sealed; four characters of it are shown")]
    let text = secret.expose_secret();
    if text.trim_start().starts_with('{') {
        return "app".to_owned();
    }
    let length = text.chars().count();
    text.chars().skip(length - (length / 4).min(4)).collect()
}
