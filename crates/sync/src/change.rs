//! Changing a connection that exists: another credential, other settings, taken away.

use crate::connect::facts_of;
use crate::{ConnectError, Engine, Probed};
use secrecy::SecretString;
use std::collections::BTreeMap;
use tacho_connectors::{Connector, Settings, SettingsError};
use tacho_domain::{IntegrationId, OrganizationId};
use tacho_store::{AuthKind, Integration, Outcome, StoreError};
use tokio_util::sync::CancellationToken;

/// What is to be changed of a connection.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// Another name.
    pub name: Option<String>,
    /// Other settings, all of them.
    pub settings: Option<BTreeMap<String, String>>,
}

impl Engine {
    /// Gives an integration another credential, after it was seen to work, and queues a sync with it.
    ///
    /// # Errors
    /// As with [`Engine::connect`]; the old credential stays then.
    pub async fn reauthorize(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        secret: &SecretString,
        auth: AuthKind,
        extra_scopes: Vec<String>,
        cancel: &CancellationToken,
    ) -> Result<Vec<Probed>, ConnectError> {
        let (integration, connector) = self.connected(organization, id).await?;
        let look = self.look_worth_keeping(connector, &Settings(integration.settings), secret, cancel).await?;
        let store = self.store();
        store.put_credential(organization, id, secret, self.vault(), self.now()).await?;
        store.put_integration_outcome(organization, id, &Outcome::default()).await?;
        self.settle(organization, id, &look, facts_of(secret, auth, extra_scopes)).await?;
        Ok(look.probed)
    }

    /// Changes name or settings. Other settings are tried with the stored credential first.
    ///
    /// # Errors
    /// When a setting does not fit or the vendor refuses; nothing is changed then.
    pub async fn edit(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        edit: Edit,
        cancel: &CancellationToken,
    ) -> Result<(), ConnectError> {
        let (integration, connector) = self.connected(organization, id).await?;
        let settings = edit.settings.map(Settings).filter(|settings| settings.0 != integration.settings);
        if let Some(settings) = settings {
            connector.check(&settings)?;
            let before = Settings(integration.settings);
            // A stored credential goes to the host it was given for and to no other: whoever may edit may not read it.
            let profile = connector.profile();
            if before.base_url(profile).origin() != settings.base_url(profile).origin() {
                let key = if before.get("base_url") == settings.get("base_url") { "host" } else { "base_url" };
                let why = "this is another host than the credential was given for. Disconnect this integration (its data can \
                           stay) and connect the other host with its own credential"
                    .to_owned();
                return Err(SettingsError::Invalid { key: key.to_owned(), why }.into());
            }
            let secret = self.store().find_credential(organization, id, self.vault()).await?.ok_or(ConnectError::Missing(id))?;
            let look = self.look_worth_keeping(connector, &settings, &secret, cancel).await?;
            self.store().put_integration_settings(organization, id, &settings.0).await?;
            self.settle(organization, id, &look, tacho_store::CredentialFacts::default()).await?;
        }
        if let Some(name) = edit.name.filter(|name| *name != integration.name) {
            self.store().rename_integration(organization, id, &name).await?;
        }
        Ok(())
    }

    /// Forgets the credential, and the data unless it is to stay. A sync that runs ends with its next day. Gives whether
    /// there was such an integration.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn disconnect(&self, organization: OrganizationId, id: IntegrationId, keep_data: bool) -> Result<bool, StoreError> {
        let removed = self.store().remove_integration(organization, id, keep_data).await?;
        self.forget_lane((organization, id));
        Ok(removed)
    }

    async fn connected(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
    ) -> Result<(Integration, &'static dyn Connector), ConnectError> {
        let found = self.store().find_integration(organization, id).await?;
        let integration = found.filter(|found| found.credential_tail.is_some()).ok_or(ConnectError::Missing(id))?;
        let connector = self.connector(&integration.connector).map_err(ConnectError::Unknown)?;
        Ok((integration, connector))
    }
}
