//! What the pages need from the side that talks to vendors. The binary implements it; this room has no vendor calls.

use async_trait::async_trait;
use secrecy::SecretString;
use serde::Serialize;
use std::collections::BTreeMap;
use tacho_domain::{IntegrationId, OrganizationId, ToolId};

/// Connects integrations and asks for syncs.
#[async_trait]
pub trait Connections: Send + Sync {
    /// What can be connected, the usual connector of a tool before its others.
    fn connectors(&self) -> Vec<ConnectorCard>;

    /// Checks the credential's form, tries it with the vendor, stores it sealed and asks for the first sync.
    async fn connect(&self, organization: OrganizationId, request: ConnectRequest) -> Result<Connected, ConnectRefused>;

    /// Asks for a sync of an integration that exists.
    async fn request_sync(&self, organization: OrganizationId, integration: IntegrationId) -> Result<(), SyncRefused>;
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

/// A connection to be made.
#[derive(Debug)]
pub struct ConnectRequest {
    /// The connector's id.
    pub connector: String,
    /// What people will call it; the connector's name where nothing is given.
    pub name: Option<String>,
    /// The secret.
    pub secret: SecretString,
    /// The settings.
    pub settings: BTreeMap<String, String>,
}

/// A connection that was made; its first sync waits in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connected {
    /// Its number.
    pub integration: IntegrationId,
}

/// A call that was tried with the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// What was tried, in words.
    pub endpoint: String,
    /// Whether it went well.
    pub ok: bool,
    /// What happened, where it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// Why a connection was not made. No message repeats the secret.
#[derive(Debug, thiserror::Error)]
pub enum ConnectRefused {
    /// A field has the wrong form; the vendor was not asked.
    #[error("{field}: {why}")]
    Field {
        /// `api_key`, or `settings.<key>`.
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
    /// Our own side failed.
    #[error("the connection could not be stored")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a sync was not asked for.
#[derive(Debug, thiserror::Error)]
pub enum SyncRefused {
    /// There is nothing to sync: the integration is paused, or was made from files.
    #[error("{0}")]
    Impossible(String),
    /// Our own side failed.
    #[error("the sync could not be enqueued")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}
