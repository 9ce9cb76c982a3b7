//! An integration's webhook as those who set it up see it: its address and its secret. Pages and REST come through here.

use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::connections::WebhookCard;
use crate::integrations::{find, may_manage};
use crate::people::by;
use crate::problem::Problem;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use secrecy::SecretString;
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_domain::{IntegrationId, OrganizationId};
use tacho_store::Integration;

/// A secret that was made and is shown this once.
pub(crate) struct Made {
    pub(crate) secret: SecretString,
    /// Whether another one stood in its place.
    pub(crate) again: bool,
}

/// Where deliveries for an integration arrive, below the root.
pub(crate) fn address(organization: OrganizationId, integration: IntegrationId, card: &WebhookCard) -> String {
    format!("/hooks/{}/{}/{integration}", card.form, organization.0)
}

/// The integration and what its webhook takes, for whoever may manage it.
pub(crate) async fn find_hearing(site: &Site, caller: &Caller, id: i64) -> Result<(Integration, WebhookCard), Problem> {
    let integration = find(site, caller, IntegrationId(id), may_manage).await?;
    let card = card_of(site, &integration).ok_or_else(|| {
        let why = "This integration hears no webhooks: its vendor sends none that would have days read again.";
        Problem::new(StatusCode::CONFLICT, "no-webhooks", why)
    })?;
    Ok((integration, card))
}

/// What an integration's webhook takes; nothing where its vendor sends none, and for members' own.
pub(crate) fn card_of(site: &Site, integration: &Integration) -> Option<WebhookCard> {
    let card = site.connections().connectors().into_iter().find(|card| card.id == integration.connector)?;
    card.webhook.filter(|_| integration.owner.is_none() && integration.credential_tail.is_some())
}

/// Makes a secret, 256 random bits, in place of any other, and writes that down.
pub(crate) async fn make(site: &Site, caller: &Caller, integration: &Integration) -> Result<Made, Problem> {
    let secret = SecretString::from(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
    let (store, organization) = (site.store(), caller.organization);
    let again = store.find_webhook(organization, integration.id).await?.is_some();
    store.put_webhook_secret(organization, integration.id, &secret, site.vault(), by(caller), site.now()).await?;
    note(site, caller, integration, if again { "replaced" } else { "made" }).await?;
    Ok(Made { secret, again })
}

/// Forgets the secret, so that nothing is heard any more, and writes that down. Gives whether there was one.
pub(crate) async fn remove(site: &Site, caller: &Caller, integration: &Integration) -> Result<bool, Problem> {
    let there = site.store().remove_webhook_secret(caller.organization, integration.id).await?;
    if there {
        note(site, caller, integration, "removed").await?;
    }
    Ok(there)
}

async fn note(site: &Site, caller: &Caller, integration: &Integration, done: &str) -> Result<(), Problem> {
    let detail = json!({ "integration_id": integration.id, "done": done });
    audit::note(site, caller, Action::WebhookChanged, &integration.name, detail).await
}
