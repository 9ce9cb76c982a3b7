//! Webhooks: the secret that an integration's host signs its deliveries with, and which deliveries were heard already.

use crate::credentials::{current_key, open_row};
use crate::integrations::hold;
use crate::people::By;
use crate::sql::bind;
use crate::vault::SealedAs;
use crate::{Store, StoreError, Vault};
use secrecy::SecretString;
use tacho_domain::{Instant, IntegrationId, OrganizationId};

/// Ids of deliveries are kept so long. Hosts let a delivery be sent again for a few days.
const KEPT_SECONDS: i64 = 30 * 86_400;

/// An integration's webhook, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Who made the secret.
    pub by: By,
    /// Since when it is this one.
    pub since: Instant,
    /// The newest genuine delivery: what it told, and when; `None`: there was none in the last 30 days.
    pub last: Option<(String, Instant)>,
}

impl Store {
    /// Stores the secret of an integration's webhook, sealed; an older one opens nothing from then on.
    ///
    /// # Errors
    /// When there is no such integration, or the vault's master key does not open this database.
    pub async fn put_webhook_secret(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        secret: &SecretString,
        vault: &Vault,
        by: By,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization, integration).await?;
        let key = current_key(&mut tx, vault, now).await?;
        let sealed = key.seal(&SealedAs::WebhookSecret(organization, integration), secret)?;
        tx.execute(
            "insert into webhook_secrets (organization_id, integration_id, data_key_id, nonce, sealed, by_whom, created_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (organization_id, integration_id) do update set
             data_key_id = excluded.data_key_id, nonce = excluded.nonce, sealed = excluded.sealed,
             by_whom = excluded.by_whom, created_at = excluded.created_at",
            bind![organization, integration, key.id, sealed.nonce, sealed.bytes, by.to_string().as_str(), now],
        )
        .await?;
        tx.commit().await
    }

    /// Opens the secret of an integration's webhook.
    ///
    /// # Errors
    /// When the vault's master key is another one ([`StoreError::is_wrong_key`]) or the row was tampered with.
    pub async fn find_webhook_secret(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        vault: &Vault,
    ) -> Result<Option<SecretString>, StoreError> {
        let row = self
            .find(
                "select w.nonce, w.sealed, k.id, k.nonce, k.sealed from webhook_secrets w join data_keys k on k.id = w.data_key_id
                 where w.organization_id = $1 and w.integration_id = $2",
                bind![organization, integration],
            )
            .await?;
        row.map(|row| open_row(&row, vault, &SealedAs::WebhookSecret(organization, integration))).transpose()
    }

    /// How an integration's webhook stands; `None`: it has no secret, and nothing that arrives is believed.
    pub async fn find_webhook(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
    ) -> Result<Option<Webhook>, StoreError> {
        let key = bind![organization, integration];
        let sql = "select by_whom, created_at from webhook_secrets where organization_id = $1 and integration_id = $2";
        let Some(row) = self.find(sql, key).await? else { return Ok(None) };
        let sql = "select event, received_at from webhook_deliveries where organization_id = $1 and integration_id = $2
                   order by received_at desc, delivery desc limit 1";
        let last = self.find(sql, key).await?.map(|row| Ok::<_, StoreError>((row.text(0)?, row.instant(1)?))).transpose()?;
        Ok(Some(Webhook { by: By::read("webhook_secrets", &row.text(0)?)?, since: row.instant(1)?, last }))
    }

    /// Forgets the secret of an integration's webhook. Gives whether there was one.
    pub async fn remove_webhook_secret(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
    ) -> Result<bool, StoreError> {
        let sql = "delete from webhook_secrets where organization_id = $1 and integration_id = $2";
        Ok(self.execute(sql, bind![organization, integration]).await? > 0)
    }

    /// Notes a delivery that is genuine. Gives whether it is new: of deliveries with the same id that arrive at the same
    /// time exactly one is.
    ///
    /// # Errors
    /// When there is no such integration.
    pub async fn note_webhook_delivery(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        delivery: &str,
        event: &str,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        hold(&mut tx, organization, integration).await?;
        let sql = "delete from webhook_deliveries where organization_id = $1 and integration_id = $2 and received_at < $3";
        tx.execute(sql, bind![organization, integration, now.plus_seconds(-KEPT_SECONDS)]).await?;
        let new = tx
            .execute(
                "insert into webhook_deliveries (organization_id, integration_id, delivery, event, received_at)
                 values ($1, $2, $3, $4, $5) on conflict (organization_id, integration_id, delivery) do nothing",
                bind![organization, integration, delivery, event, now],
            )
            .await?;
        tx.commit().await?;
        Ok(new > 0)
    }

    /// Forgets a delivery that came to nothing, so that it is heard when it is sent again.
    pub async fn forget_webhook_delivery(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        delivery: &str,
    ) -> Result<(), StoreError> {
        let sql = "delete from webhook_deliveries where organization_id = $1 and integration_id = $2 and delivery = $3";
        self.execute(sql, bind![organization, integration, delivery]).await.map(drop)
    }
}
