//! What the pages may ask of the side that talks to vendors, answered by the engine.

use async_trait::async_trait;
use futures_util::stream::{BoxStream, StreamExt, unfold};
use std::collections::BTreeMap;
use tacho_connectors::{CONNECTORS, Diagnosis, FailureKind, Personal, Profile, Settings, SettingsError, Verdict, When};
use tacho_domain::{Cadence, Day, Instant, IntegrationId, OrganizationId, ToolId, Window};
use tacho_store::{Integration, IntegrationState, Store};
use tacho_sync::{Connect, ConnectError, Edit, Engine, Probed, Timetable};
use tacho_web::{
    AppCard, AppFieldCard, Broken, ConnectRefused, ConnectRequest, Connected, Connections, ConnectorCard, EditRequest,
    NewCredential, ScopeCard, SettingCard, StreamCard, SyncRefused, Tried, WebhookCard,
};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// How long after a vendor told of something its day is read: a burst is read once, and a vendor's search needs a moment to
/// know what its webhooks tell.
const TOLD_SECONDS: i64 = 120;

/// The engine, as pages see it.
pub(crate) struct EngineConnections {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    /// The schedule that runs here, if one does.
    pub(crate) timetable: Option<Timetable>,
    pub(crate) clock: tacho_domain::Clock,
    /// Cancelled when the server stops.
    pub(crate) stop: CancellationToken,
}

#[async_trait]
impl Connections for EngineConnections {
    fn connectors(&self) -> Vec<ConnectorCard> {
        CONNECTORS.iter().map(|connector| card(connector.profile())).collect()
    }

    fn check(&self, connector: &str, settings: &BTreeMap<String, String>) -> Result<(), ConnectRefused> {
        let unknown = || ConnectRefused::Field { field: "provider".to_owned(), why: format!("`{connector}` is not a connector") };
        let connector = tacho_connectors::find(connector).ok_or_else(unknown)?;
        connector.check(&Settings(settings.clone())).map_err(|error| refused(error.into()))
    }

    fn scopes(&self, connector: &str, settings: &BTreeMap<String, String>, extra: &[String]) -> Vec<String> {
        let Some(connector) = tacho_connectors::find(connector) else { return Vec::new() };
        let settings = Settings(settings.clone());
        connector.profile().access.needed(&settings, extra).map(|need| need.scope.to_owned()).collect()
    }

    fn missing_scopes(&self, integration: &Integration) -> Vec<String> {
        let (Some(connector), Some(granted)) = (tacho_connectors::find(&integration.connector), &integration.granted_scopes)
        else {
            return Vec::new();
        };
        let settings = Settings(integration.settings.clone());
        let missing = connector.profile().access.missing(&settings, &integration.extra_scopes, granted);
        missing.into_iter().map(|need| need.scope.to_owned()).collect()
    }

    fn asked(&self, integration: &Integration) -> Option<Vec<String>> {
        if integration.state == IntegrationState::Imported {
            return None;
        }
        let streams = tacho_connectors::find(&integration.connector)?.streams(&Settings(integration.settings.clone()));
        Some(streams.into_iter().map(|stream| stream.id.to_owned()).collect())
    }

    fn next_sync(&self, organization: OrganizationId, integration: &Integration) -> Option<Instant> {
        let timetable = self.timetable.as_ref()?;
        let delay = tacho_sync::delay_seconds(organization, integration.id);
        timetable.next((self.clock)(), delay, tacho_sync::schedule::needs_somebody(integration))
    }

    async fn connect(&self, organization: OrganizationId, request: ConnectRequest) -> Result<Connected, ConnectRefused> {
        let ConnectRequest { connector, name, settings, credential, owner } = request;
        let NewCredential { secret, auth, extra_scopes } = credential;
        let request = Connect { connector_id: connector, name, settings: Settings(settings), secret, auth, extra_scopes, owner };
        let connected = self.engine.connect(organization, request, &self.stop).await;
        connected.map(|integration| Connected { integration }).map_err(refused)
    }

    async fn probe(&self, organization: OrganizationId, integration: IntegrationId) -> Result<bool, Broken> {
        Ok(self.engine.probe_stored(organization, integration, &self.stop).await?.is_some())
    }

    async fn edit(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        edit: EditRequest,
    ) -> Result<(), ConnectRefused> {
        let edit = Edit { name: edit.name, settings: edit.settings };
        self.engine.edit(organization, integration, edit, &self.stop).await.map_err(refused)
    }

    async fn reauthorize(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        credential: NewCredential,
    ) -> Result<(), ConnectRefused> {
        let NewCredential { secret, auth, extra_scopes } = credential;
        let done = self.engine.reauthorize(organization, integration, &secret, auth, extra_scopes, &self.stop).await;
        done.map(drop).map_err(refused)
    }

    async fn pause(&self, organization: OrganizationId, integration: IntegrationId, paused: bool) -> Result<bool, Broken> {
        let there = self.store.pause_integration(organization, integration, paused).await?;
        if there && !paused {
            self.engine.request_sync(organization, integration, &self.engine.scope()).await?;
        }
        Ok(there)
    }

    async fn disconnect(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        keep_data: bool,
    ) -> Result<bool, Broken> {
        Ok(self.engine.disconnect(organization, integration, keep_data).await?)
    }

    async fn request_sync(&self, organization: OrganizationId, integration: IntegrationId) -> Result<(), SyncRefused> {
        self.syncable(organization, integration).await?;
        let asked = self.engine.request_sync(organization, integration, &self.engine.scope()).await;
        asked.map(drop).map_err(|error| SyncRefused::Broken(Box::new(error)))
    }

    async fn request_day(&self, organization: OrganizationId, integration: IntegrationId, day: Day) -> Result<(), SyncRefused> {
        self.syncable(organization, integration).await?;
        let asked = self.engine.request_days(organization, integration, Window::day(day), TOLD_SECONDS).await;
        asked.map(drop).map_err(|error| SyncRefused::Broken(Box::new(error)))
    }

    fn events(&self, organization: OrganizationId) -> BoxStream<'static, ()> {
        let stream = unfold(self.engine.events(), move |mut events| async move {
            loop {
                match events.recv().await {
                    Ok(event) if event.organization == organization => return Some(((), events)),
                    Ok(_) => {}
                    // What was missed may have been of this organization.
                    Err(RecvError::Lagged(_)) => return Some(((), events)),
                    Err(RecvError::Closed) => return None,
                }
            }
        });
        stream.take_until(self.stop.clone().cancelled_owned()).boxed()
    }
}

impl EngineConnections {
    /// Refuses what has no vendor to ask, or is not to ask it now.
    async fn syncable(&self, organization: OrganizationId, integration: IntegrationId) -> Result<(), SyncRefused> {
        let found = self.store.find_integration(organization, integration).await;
        match found.map_err(|error| SyncRefused::Broken(Box::new(error)))?.map(|found| found.state) {
            Some(IntegrationState::Imported) => {
                let why = "This integration was made from files: there is no vendor to ask. Import a newer file instead.";
                Err(SyncRefused::Impossible(why.to_owned()))
            }
            Some(IntegrationState::Paused) => {
                Err(SyncRefused::Impossible("This integration is paused. Resume it first.".to_owned()))
            }
            Some(IntegrationState::Connected | IntegrationState::Failing) | None => Ok(()),
        }
    }
}

fn card(profile: &'static Profile) -> ConnectorCard {
    let setting = |field: &tacho_connectors::SettingField| SettingCard {
        key: field.key.to_owned(),
        label: field.label.to_owned(),
        help: field.help.to_owned(),
    };
    let label = |id: &&str| profile.streams.iter().find(|stream| stream.id == *id).map(|stream| stream.label.to_owned());
    let stream = |spec: &tacho_domain::StreamSpec| StreamCard {
        id: spec.id.to_owned(),
        label: spec.label.to_owned(),
        on_strip: spec.by_default && spec.role.brings_figures() && spec.cadence == Cadence::Daily,
        floor: spec.floor.and_then(|floor| floor.parse().ok()),
    };
    let access = &profile.access;
    let scope = |need: &tacho_connectors::ScopeNeed| ScopeCard {
        scope: need.scope.to_owned(),
        setting: match need.when {
            When::With(key) => Some(key.to_owned()),
            When::Ticked => None,
        },
        reason: need.reason.to_owned(),
        streams: need.streams.iter().filter_map(label).collect(),
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
        streams: profile.streams.iter().map(stream).collect(),
        sign_in: access.sign_in.map(str::to_owned),
        scopes: access.scopes.iter().map(scope).collect(),
        app: access.app.as_ref().map(app_card),
        webhook: access.webhook.map(|webhook| WebhookCard {
            form: webhook.form.to_owned(),
            events: webhook.events.iter().map(|(name, why)| ((*name).to_owned(), (*why).to_owned())).collect(),
            how_to: webhook.how_to.to_owned(),
        }),
        not_personal: match access.personal {
            Personal::Yes => None,
            Personal::No(why) => Some(why.to_owned()),
        },
    }
}

fn app_card(app: &tacho_connectors::AppAccess) -> AppCard {
    let field = |field: &tacho_connectors::AppField| AppFieldCard {
        key: field.key.to_owned(),
        label: field.label.to_owned(),
        help: field.help.to_owned(),
        secret: field.secret,
    };
    AppCard {
        name: app.name.to_owned(),
        fields: app.fields.iter().map(field).collect(),
        permissions: app.permissions.iter().map(|(name, why)| ((*name).to_owned(), (*why).to_owned())).collect(),
        how_to: app.how_to.to_owned(),
    }
}

fn refused(error: ConnectError) -> ConnectRefused {
    match error {
        ConnectError::Unknown(why) | ConnectError::NotPersonal(why) => {
            ConnectRefused::Field { field: "provider".to_owned(), why }
        }
        ConnectError::Credential(why) => ConnectRefused::Field { field: "api_key".to_owned(), why },
        ConnectError::Settings(SettingsError::Unknown { ref key, .. } | SettingsError::Invalid { ref key, .. }) => {
            ConnectRefused::Field { field: format!("settings.{key}"), why: error.to_string() }
        }
        ConnectError::Missing(_) => ConnectRefused::Missing,
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
