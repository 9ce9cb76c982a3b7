//! What the pages need from the side that talks to vendors. The binary implements it; this room has no vendor calls.

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use secrecy::SecretString;
use serde::Serialize;
use std::collections::BTreeMap;
use tacho_domain::{Day, Instant, IntegrationId, OrganizationId, ToolId, UserId};
use tacho_store::{AuthKind, Integration};
use utoipa::ToSchema;

/// Connects integrations, changes and tries them, and asks for syncs.
#[async_trait]
pub trait Connections: Send + Sync {
    /// What can be connected, the usual connector of a tool before its others.
    fn connectors(&self) -> Vec<ConnectorCard>;

    /// Checks settings without asking anybody: each by itself, and together.
    fn check(&self, connector: &str, settings: &BTreeMap<String, String>) -> Result<(), ConnectRefused>;

    /// The scopes that a sign-in with these settings asks for, those among `extra` that there are included.
    fn scopes(&self, connector: &str, settings: &BTreeMap<String, String>, extra: &[String]) -> Vec<String>;

    /// The scopes that an integration needs and was not granted, as far as the vendor tells.
    fn missing_scopes(&self, integration: &Integration) -> Vec<String>;

    /// The streams that a sync of an integration reads, by their ids; `None`: nobody is asked, it was made from files.
    fn asked(&self, integration: &Integration) -> Option<Vec<String>>;

    /// When the next sync of an integration is due; `None`: nothing is scheduled here.
    fn next_sync(&self, organization: OrganizationId, integration: &Integration) -> Option<Instant>;

    /// Checks the credential's form, tries it with the vendor, stores it sealed and asks for the first sync.
    async fn connect(&self, organization: OrganizationId, request: ConnectRequest) -> Result<Connected, ConnectRefused>;

    /// The connection doctor: tries every endpoint that a sync will use with the stored credential, and notes what came of
    /// it. False: there is no such integration, or none with a credential.
    async fn probe(&self, organization: OrganizationId, integration: IntegrationId) -> Result<bool, Broken>;

    /// Changes name or settings; other settings are tried first.
    async fn edit(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        edit: EditRequest,
    ) -> Result<(), ConnectRefused>;

    /// Gives an integration another credential, after it was seen to work.
    async fn reauthorize(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        credential: NewCredential,
    ) -> Result<(), ConnectRefused>;

    /// Stops syncing, or goes on with it. False: there is no such integration.
    async fn pause(&self, organization: OrganizationId, integration: IntegrationId, paused: bool) -> Result<bool, Broken>;

    /// Forgets the credential, and the data unless it is to stay. False: there is no such integration.
    async fn disconnect(&self, organization: OrganizationId, integration: IntegrationId, keep_data: bool)
    -> Result<bool, Broken>;

    /// Asks for a sync of an integration that exists.
    async fn request_sync(&self, organization: OrganizationId, integration: IntegrationId) -> Result<(), SyncRefused>;

    /// Asks that exactly this day is read again soon: its vendor told that something of it changed. Asking again until then
    /// changes nothing.
    async fn request_day(&self, organization: OrganizationId, integration: IntegrationId, day: Day) -> Result<(), SyncRefused>;

    /// Wakes whoever watches: something happened to an integration of the organization in this process. What it was, the
    /// store knows, also of other processes. Ends when the server stops.
    fn events(&self, organization: OrganizationId) -> BoxStream<'static, ()>;
}

/// A connector as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorCard {
    /// The connector's id.
    pub id: String,
    /// What it connects.
    pub name: String,
    /// The tool whose use it reports.
    pub tool: ToolId,
    /// What its secret is called.
    pub credential: String,
    /// How the secret looks.
    pub looks_like: String,
    /// Where to get it, in words.
    pub how_to: String,
    /// The vendor's documentation.
    pub docs: String,
    /// The settings it knows.
    pub settings: Vec<SettingCard>,
    /// What it reads.
    pub streams: Vec<StreamCard>,
    /// The provider whose sign-in gives a token.
    pub sign_in: Option<String>,
    /// What such a token is asked to be allowed.
    pub scopes: Vec<ScopeCard>,
    /// An app that signs for itself.
    pub app: Option<AppCard>,
    /// How its vendor tells by itself that something happened.
    pub webhook: Option<WebhookCard>,
    /// Why members cannot connect it for themselves; `None`: they can.
    pub not_personal: Option<String>,
}

/// A setting as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingCard {
    /// Its key.
    pub key: String,
    /// What a form calls it.
    pub label: String,
    /// One sentence of help.
    pub help: String,
}

/// A stream as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamCard {
    /// Its id.
    pub id: String,
    /// What it holds.
    pub label: String,
    /// Whether its days stand on the strip: figures are made of them, and a sync asks for each.
    pub on_strip: bool,
    /// The first day the vendor ever has.
    pub floor: Option<Day>,
}

/// A scope as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeCard {
    /// Its name.
    pub scope: String,
    /// The setting it is asked for with; `None`: only where somebody ticks it.
    pub setting: Option<String>,
    /// Why it is asked for.
    pub reason: String,
    /// What is read with it, in words.
    pub streams: Vec<String>,
}

/// An app that signs for itself, as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppCard {
    /// What it is called.
    pub name: String,
    /// The fields of its credential, which is a JSON object of them.
    pub fields: Vec<AppFieldCard>,
    /// What it has to be permitted, and what for.
    pub permissions: Vec<(String, String)>,
    /// Where to get it, in words.
    pub how_to: String,
}

/// How a vendor tells by itself that something happened, as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookCard {
    /// Whose form the deliveries have, as their address names it.
    pub form: String,
    /// The events to tick, and why.
    pub events: Vec<(String, String)>,
    /// Where to enter address and secret, in words.
    pub how_to: String,
}

/// A field of an app's credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppFieldCard {
    /// Its key.
    pub key: String,
    /// What a form calls it.
    pub label: String,
    /// One sentence of help.
    pub help: String,
    /// Whether it is a secret of several lines.
    pub secret: bool,
}

/// A connection to be made.
#[derive(Debug)]
pub struct ConnectRequest {
    /// The connector's id.
    pub connector: String,
    /// What people will call it; the connector's name where nothing is given.
    pub name: Option<String>,
    /// The settings.
    pub settings: BTreeMap<String, String>,
    /// The secret.
    pub credential: NewCredential,
    /// Whose it will be; `None`: the organization's.
    pub owner: Option<UserId>,
}

/// A credential as somebody gave it.
#[derive(Debug)]
pub struct NewCredential {
    /// The secret.
    pub secret: SecretString,
    /// How it was got.
    pub auth: AuthKind,
    /// What was asked for beyond what is needed.
    pub extra_scopes: Vec<String>,
}

impl NewCredential {
    /// One that was pasted.
    #[must_use]
    pub fn pasted(secret: SecretString) -> Self {
        Self { secret, auth: AuthKind::Secret, extra_scopes: Vec::new() }
    }
}

/// What is to be changed of an integration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EditRequest {
    /// Another name.
    pub name: Option<String>,
    /// Other settings, all of them.
    pub settings: Option<BTreeMap<String, String>>,
}

/// A connection that was made; its first sync waits in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connected {
    /// Its number.
    pub integration: IntegrationId,
}

/// A call that was tried with the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tried {
    /// What was tried, in words.
    pub endpoint: String,
    /// Whether it went well.
    pub ok: bool,
    /// What happened, where it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cause: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub fix: Option<String>,
}

/// Our own side failed.
pub type Broken = Box<dyn std::error::Error + Send + Sync>;

/// Why a connection was not made or changed. No message repeats the secret.
#[derive(Debug, thiserror::Error)]
pub enum ConnectRefused {
    /// A field has the wrong form; the vendor was not asked.
    #[error("{field}: {why}")]
    Field {
        /// `provider`, `api_key`, or `settings.<key>`.
        field: String,
        /// What is wrong and what is expected.
        why: String,
    },
    /// The vendor refused.
    #[error("{cause} {fix}")]
    Vendor {
        /// The kind of failure: `auth`.
        kind: String,
        /// What happened.
        cause: String,
        /// What to do about it.
        fix: String,
        /// Everything that was tried.
        tried: Vec<Tried>,
    },
    /// There is no such integration any more, or none with a credential.
    #[error("there is no such integration")]
    Missing,
    /// Our own side failed.
    #[error("the connection could not be stored")]
    Broken(#[source] Broken),
}

/// Why a sync was not asked for.
#[derive(Debug, thiserror::Error)]
pub enum SyncRefused {
    /// There is nothing to sync: the integration is paused, or was made from files.
    #[error("{0}")]
    Impossible(String),
    /// Our own side failed.
    #[error("the sync could not be enqueued")]
    Broken(#[source] Broken),
}
