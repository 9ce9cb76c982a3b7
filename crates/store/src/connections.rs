//! What is known of a connection besides how its syncs end: how it signs in, what it was granted and until when, what the
//! connection doctor last found.

use crate::integrations::{from_json, to_json};
use crate::sql::{Row, bind};
use crate::{Store, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tacho_domain::{Day, Instant, IntegrationId, OrganizationId, SliceState, UserId, Window};

/// How the secret of an integration was got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthKind {
    /// Somebody pasted a key or token.
    #[default]
    Secret,
    /// Somebody signed in at the vendor.
    #[serde(rename = "oauth")]
    OAuth,
    /// An app signs for itself with a private key.
    App,
}

impl AuthKind {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::OAuth => "oauth",
            Self::App => "app",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Secret, Self::OAuth, Self::App].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What became known of a credential. `None` leaves what is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialFacts {
    /// How it was got.
    pub auth: Option<AuthKind>,
    /// What it may, as the vendor says.
    pub granted_scopes: Option<Vec<String>>,
    /// What was asked for beyond what is needed.
    pub extra_scopes: Option<Vec<String>>,
    /// When it ends, as the vendor says.
    pub expires_at: Option<Instant>,
}

/// One endpoint as the connection doctor found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriedEndpoint {
    /// The stream that needs it.
    pub stream: String,
    /// What was tried: `GET https://api.example.com/report`.
    pub endpoint: String,
    /// Whether it answered.
    pub ok: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// What the connection doctor last found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// When it tried.
    pub at: Instant,
    /// Every endpoint.
    pub tried: Vec<TriedEndpoint>,
}

/// One day of one stream on the strip of an integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripDay {
    /// The stream.
    pub stream: String,
    /// The day.
    pub day: Day,
    /// How it stands.
    pub state: SliceState,
}

impl Store {
    /// Gives an integration another name. Gives whether there was such an integration.
    pub async fn rename_integration(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        name: &str,
    ) -> Result<bool, StoreError> {
        let sql = "update integrations set name = $3 where organization_id = $1 and id = $2 and removed = 0";
        Ok(self.execute(sql, bind![organization, id, name]).await? > 0)
    }

    /// Gives an integration other settings. Gives whether there was such an integration.
    pub async fn put_integration_settings(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        settings: &BTreeMap<String, String>,
    ) -> Result<bool, StoreError> {
        let sql = "update integrations set settings = $3 where organization_id = $1 and id = $2 and removed = 0";
        Ok(self.execute(sql, bind![organization, id, to_json(settings)?.as_str()]).await? > 0)
    }

    /// Notes what became known of the credential.
    pub async fn put_credential_facts(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        facts: &CredentialFacts,
    ) -> Result<(), StoreError> {
        let names = |names: &Option<Vec<String>>| names.as_ref().map(|names| names.join(" "));
        let (granted, extra) = (names(&facts.granted_scopes), names(&facts.extra_scopes));
        self.execute(
            "update integrations set auth = coalesce($3, auth), granted_scopes = coalesce($4, granted_scopes),
             extra_scopes = coalesce($5, extra_scopes), credential_expires_at = coalesce($6, credential_expires_at)
             where organization_id = $1 and id = $2 and removed = 0",
            bind![organization, id, facts.auth.map(AuthKind::as_str), granted.as_deref(), extra.as_deref(), facts.expires_at],
        )
        .await
        .map(drop)
    }

    /// Notes what the connection doctor found.
    pub async fn put_probe(&self, organization: OrganizationId, id: IntegrationId, probe: &Probe) -> Result<(), StoreError> {
        self.execute(
            "update integrations set probed_at = $3, probed = $4 where organization_id = $1 and id = $2 and removed = 0",
            bind![organization, id, probe.at, to_json(&probe.tried)?.as_str()],
        )
        .await
        .map(drop)
    }

    /// What the connection doctor last found.
    pub async fn find_probe(&self, organization: OrganizationId, id: IntegrationId) -> Result<Option<Probe>, StoreError> {
        let sql = "select probed_at, probed from integrations where organization_id = $1 and id = $2 and removed = 0";
        let Some(row) = self.find(sql, bind![organization, id]).await? else { return Ok(None) };
        let (Some(at), Some(text)) = (row.maybe_instant(0)?, row.maybe_text(1)?) else { return Ok(None) };
        Ok(Some(Probe { at, tried: from_json("integrations", "probed", id, &text)? }))
    }

    /// How each day of each stream stands, by stream and day. A day that is not among them was never asked for.
    pub async fn list_day_strip(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        window: Window,
    ) -> Result<Vec<StripDay>, StoreError> {
        let rows = self
            .fetch(
                "select stream, day, state from slices
                 where organization_id = $1 and integration_id = $2 and day between $3 and $4 order by stream, day",
                bind![organization, id, window.from, window.to],
            )
            .await?;
        rows.iter()
            .map(|row| Ok(StripDay { stream: row.text(0)?, day: row.day(1)?, state: crate::slices::state(&row.text(2)?)? }))
            .collect()
    }

    /// Forgets the credentials of everything that one user connected for themselves; the data stays. Gives how many.
    pub async fn remove_personal_integrations(&self, organization: OrganizationId, owner: UserId) -> Result<u64, StoreError> {
        let rows = self
            .fetch(
                "select id from integrations where organization_id = $1 and owner_id = $2 and removed = 0",
                bind![organization, owner.0],
            )
            .await?;
        let mut removed = 0;
        for row in &rows {
            removed += u64::from(self.remove_integration(organization, IntegrationId(row.int(0)?), true).await?);
        }
        Ok(removed)
    }
}

/// Names between blanks.
pub(crate) fn names(text: &str) -> Vec<String> {
    text.split(' ').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The stored kind.
pub(crate) fn auth_kind(row: &Row, column: usize, id: IntegrationId) -> Result<AuthKind, StoreError> {
    let text = row.text(column)?;
    AuthKind::parse(&text).ok_or_else(|| StoreError::damaged("integrations", "auth", id, format!("`{text}` is no kind")))
}
