//! What the pages may ask of the side that talks to vendors, answered by the engine.

use async_trait::async_trait;
use tacho_connectors::{CONNECTORS, Diagnosis, FailureKind, Profile, Settings, SettingsError, Verdict};
use tacho_domain::{IntegrationId, OrganizationId, ToolId};
use tacho_store::{IntegrationState, Store};
use tacho_sync::{Connect, ConnectError, Engine, Probed};
use tacho_web::{ConnectRefused, ConnectRequest, Connected, Connections, ConnectorCard, SettingCard, SyncRefused, Tried};
use tokio_util::sync::CancellationToken;

/// The engine, as pages see it.
pub(crate) struct EngineConnections {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    /// Cancelled when the server stops.
    pub(crate) stop: CancellationToken,
}

#[async_trait]
impl Connections for EngineConnections {
    fn connectors(&self) -> Vec<ConnectorCard> {
        CONNECTORS.iter().map(|connector| card(connector.profile())).collect()
    }

    async fn connect(&self, organization: OrganizationId, request: ConnectRequest) -> Result<Connected, ConnectRefused> {
        let ConnectRequest { connector, name, secret, settings } = request;
        let request = Connect { connector_id: connector, name, settings: Settings(settings), secret };
        let connected = self.engine.connect(organization, request, &self.stop).await;
        connected.map(|integration| Connected { integration }).map_err(refused)
    }

    async fn request_sync(&self, organization: OrganizationId, integration: IntegrationId) -> Result<(), SyncRefused> {
        let broken = |error| SyncRefused::Broken(Box::new(error));
        match self.store.find_integration(organization, integration).await.map_err(broken)?.map(|found| found.state) {
            Some(IntegrationState::Imported) => {
                let why = "This integration was made from files: there is no vendor to ask. Import a newer file instead.";
                return Err(SyncRefused::Impossible(why.to_owned()));
            }
            Some(IntegrationState::Paused) => {
                return Err(SyncRefused::Impossible("This integration is paused. Resume it first.".to_owned()));
            }
            Some(IntegrationState::Connected | IntegrationState::Failing) | None => {}
        }
        self.engine.request_sync(organization, integration, &self.engine.scope()).await.map(drop).map_err(broken)
    }
}

fn card(profile: &'static Profile) -> ConnectorCard {
    let setting = |field: &tacho_connectors::SettingField| SettingCard {
        key: field.key.to_owned(),
        label: field.label.to_owned(),
        help: field.help.to_owned(),
    };
    ConnectorCard {
        id: profile.id.to_owned(),
        name: profile.name.to_owned(),
        tool: ToolId::new(profile.tool.id),
        credential: profile.credential.label.to_owned(),
        looks_like: profile.credential.looks_like.to_owned(),
        how_to: profile.how_to.to_owned(),
        docs: profile.docs.to_owned(),
        settings: profile.settings.iter().map(setting).collect(),
    }
}

fn refused(error: ConnectError) -> ConnectRefused {
    match error {
        ConnectError::Unknown(why) => ConnectRefused::Field { field: "provider".to_owned(), why },
        ConnectError::Credential(why) => ConnectRefused::Field { field: "api_key".to_owned(), why },
        ConnectError::Settings(SettingsError::Unknown { ref key, .. } | SettingsError::Invalid { ref key, .. }) => {
            ConnectRefused::Field { field: format!("settings.{key}"), why: error.to_string() }
        }
        ConnectError::Refused(probed) => vendor_refused(&probed),
        ConnectError::Store(error) => ConnectRefused::Broken(Box::new(error)),
    }
}

/// What is broken stands in the way of everything; else the first refusal speaks for all. Every try is told.
fn vendor_refused(probed: &[Probed]) -> ConnectRefused {
    let diagnoses: Vec<&Diagnosis> = probed.iter().filter_map(|tried| tried.result.as_ref().err()).collect();
    let worst = diagnoses.iter().find(|diagnosis| diagnosis.verdict == Verdict::Broken).or(diagnoses.first());
    let tried = probed.iter().map(|tried| {
        let refusal = tried.result.as_ref().err();
        Tried {
            endpoint: tried.label.clone(),
            ok: refusal.is_none(),
            cause: refusal.map(|diagnosis| diagnosis.cause.clone()),
            fix: refusal.map(|diagnosis| diagnosis.fix.clone()),
        }
    });
    let (kind, cause, fix) = match worst {
        Some(worst) => (worst.kind.as_str(), worst.cause.clone(), worst.fix.clone()),
        None => (
            FailureKind::NotFound.as_str(),
            "Nothing that could be counted is available.".to_owned(),
            "Check the settings and what the credential may read.".to_owned(),
        ),
    };
    ConnectRefused::Vendor { kind: kind.to_owned(), cause, fix, tried: tried.collect() }
}
