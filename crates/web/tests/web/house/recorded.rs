//! Connections that remember what they were asked and keep it in the house's store, without any vendor: what a key is called
//! says what a vendor would say of it.

use async_trait::async_trait;
use futures_util::stream::{BoxStream, StreamExt};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tacho_domain::{Day, Instant, IntegrationId, OrganizationId, ToolId};
use tacho_store::{AuthKind, Credential, CredentialFacts, Integration, NewIntegration, Probe, Store, TriedEndpoint, Vault};
use tacho_web::{
    AppCard, AppFieldCard, Broken, ConnectRefused, ConnectRequest, Connected, Connections, ConnectorCard, EditRequest,
    NewCredential, ScopeCard, SettingCard, StreamCard, SyncRefused, Tried, WebhookCard,
};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

/// Connector, settings and secret of a connection that was asked for.
pub(crate) type Asked = (String, BTreeMap<String, String>, String);

/// Connections that remember what they were asked.
pub(crate) struct Recorded {
    store: Store,
    vault: Arc<Vault>,
    now: Instant,
    pub(crate) connects: Mutex<Vec<Asked>>,
    pub(crate) syncs: Mutex<Vec<i64>>,
    /// Integrations and the days of them that were to be read again.
    pub(crate) days: Mutex<Vec<(i64, Day)>>,
    /// An integration that cannot be synced.
    pub(crate) stuck: Mutex<Option<i64>>,
    /// Whether asking for a day fails on our own side.
    pub(crate) broken: Mutex<bool>,
    wakes: Mutex<Option<broadcast::Sender<()>>>,
}

impl Recorded {
    pub(crate) fn new(store: Store, vault: Arc<Vault>, now: Instant) -> Self {
        let wakes = Mutex::new(Some(broadcast::channel(64).0));
        Self {
            store,
            vault,
            now,
            connects: Mutex::default(),
            syncs: Mutex::default(),
            days: Mutex::default(),
            stuck: Mutex::default(),
            broken: Mutex::default(),
            wakes,
        }
    }

    /// Wakes every stream of events.
    pub(crate) fn wake(&self) {
        if let Some(wakes) = &*self.wakes.lock().unwrap() {
            let _ = wakes.send(());
        }
    }

    /// As when the server stops.
    pub(crate) fn stop(&self) {
        self.wakes.lock().unwrap().take();
    }

    /// What the vendor would say of a key of that name.
    fn judge(credential: &NewCredential) -> Result<String, ConnectRefused> {
        #[expect(clippy::disallowed_methods, reason = "a test looks at what arrived")]
        let secret = credential.secret.expose_secret().to_owned();
        match secret.as_str() {
            "key-refused" => Err(ConnectRefused::Vendor {
                kind: "auth".into(),
                cause: "The key is not valid.".into(),
                fix: "Make a new one.".into(),
                tried: vec![Tried { endpoint: "GET /usage".into(), ok: false, cause: Some("401".into()), fix: None }],
            }),
            "" | "wrong-form" => Err(ConnectRefused::Field { field: "api_key".into(), why: "does not begin with `key-`".into() }),
            "broken" => Err(ConnectRefused::Broken("the disk said secret-detail".into())),
            _ => Ok(secret),
        }
    }

    /// Notes the credential as a vendor would tell of it: a sign-in grants `read:org`.
    async fn learn(&self, organization: OrganizationId, id: IntegrationId, credential: &NewCredential) {
        let granted = (credential.auth == AuthKind::OAuth)
            .then(|| std::iter::once("read:org".to_owned()).chain(credential.extra_scopes.iter().cloned()).collect::<Vec<_>>());
        let (auth, extra) = (Some(credential.auth), Some(credential.extra_scopes.clone()));
        let facts = CredentialFacts { auth, granted_scopes: granted, extra_scopes: extra, expires_at: None };
        self.store.put_credential_facts(organization, id, &facts).await.unwrap();
        self.put_probe(organization, id).await;
    }

    async fn put_probe(&self, organization: OrganizationId, id: IntegrationId) {
        let tried = |stream: &str, why: Option<&str>| TriedEndpoint {
            stream: stream.into(),
            endpoint: format!("GET https://vendor.example/{stream}"),
            ok: why.is_none(),
            cause: why.map(str::to_owned),
            fix: why.map(|_| "Ask an owner for `seats:read`.".to_owned()),
        };
        let tried = vec![tried("usage_daily", None), tried("seats", Some("The key may not read seats."))];
        self.store.put_probe(organization, id, &Probe { at: self.now, tried }).await.unwrap();
    }
}

fn check(settings: &BTreeMap<String, String>) -> Result<(), ConnectRefused> {
    match settings.get("organization").map(String::as_str) {
        Some("no such name") => {
            Err(ConnectRefused::Field { field: "settings.organization".into(), why: "`no such name` is no name".into() })
        }
        _ => Ok(()),
    }
}

#[async_trait]
impl Connections for Recorded {
    fn connectors(&self) -> Vec<ConnectorCard> {
        let setting =
            |key: &str, label: &str| SettingCard { key: key.into(), label: label.into(), help: "Where it speaks.".into() };
        let stream = |id: &str, label: &str, on_strip| StreamCard { id: id.into(), label: label.into(), on_strip, floor: None };
        let card = |id: &str, name: &str, tool: &'static str| ConnectorCard {
            id: id.into(),
            name: name.into(),
            tool: ToolId::new(tool),
            credential: "Admin key".into(),
            looks_like: "key-...".into(),
            how_to: "1. Ask for it.".into(),
            docs: "https://vendor.example/docs".into(),
            settings: vec![setting("base_url", "Address")],
            streams: vec![stream("usage_daily", "Usage of a day", true), stream("seats", "Seats", false)],
            sign_in: None,
            scopes: Vec::new(),
            app: None,
            webhook: None,
            not_personal: Some("its key shows everybody's use.".into()),
        };
        let scope = |scope: &str, setting: Option<&str>| ScopeCard {
            scope: scope.into(),
            setting: setting.map(str::to_owned),
            reason: "reads what is needed.".into(),
            streams: vec!["Usage of a day".into()],
        };
        let field =
            |key: &str, label: &str, secret| AppFieldCard { key: key.into(), label: label.into(), help: String::new(), secret };
        let pair = ConnectorCard {
            settings: vec![setting("organization", "Organization"), setting("base_url", "Address")],
            sign_in: Some("github".into()),
            scopes: vec![scope("read:org", Some("organization")), scope("manage:seats", None)],
            app: Some(AppCard {
                name: "Pair App".into(),
                fields: vec![field("app_id", "App ID", false), field("private_key", "Private key", true)],
                permissions: vec![("Members: read".into(), "who is there".into())],
                how_to: "1. Make it.".into(),
            }),
            webhook: Some(WebhookCard {
                form: "github".into(),
                events: vec![("Pull requests".into(), "when one is merged".into())],
                how_to: "1. Open *Webhooks*.".into(),
            }),
            ..card("pair_api", "Pair", "pair")
        };
        let enterprise = ConnectorCard { not_personal: None, ..card("shell_enterprise", "Shell (Enterprise)", "shell") };
        vec![pair, card("shell_console", "Shell (Console)", "shell"), enterprise]
    }

    fn check(&self, _: &str, settings: &BTreeMap<String, String>) -> Result<(), ConnectRefused> {
        check(settings)
    }

    fn scopes(&self, _: &str, settings: &BTreeMap<String, String>, extra: &[String]) -> Vec<String> {
        let needed = settings.contains_key("organization").then(|| "read:org".to_owned());
        needed.into_iter().chain(extra.iter().filter(|scope| *scope == "manage:seats").cloned()).collect()
    }

    fn asked(&self, integration: &Integration) -> Option<Vec<String>> {
        let card = self.connectors().into_iter().find(|card| card.id == integration.connector)?;
        Some(card.streams.into_iter().map(|stream| stream.id).collect())
    }

    fn missing_scopes(&self, integration: &Integration) -> Vec<String> {
        let Some(granted) = &integration.granted_scopes else { return Vec::new() };
        let needed = self.scopes("", &integration.settings, &integration.extra_scopes);
        needed.into_iter().filter(|scope| !granted.contains(scope)).collect()
    }

    fn next_sync(&self, _: OrganizationId, _: &Integration) -> Option<Instant> {
        Instant::parse("2026-11-21T10:07:00Z")
    }

    async fn connect(&self, organization: OrganizationId, request: ConnectRequest) -> Result<Connected, ConnectRefused> {
        check(&request.settings)?;
        let secret = Self::judge(&request.credential)?;
        let cards = self.connectors();
        let card = cards.iter().find(|card| card.id == request.connector).unwrap();
        let credential = Some(Credential { secret: &request.credential.secret, vault: &self.vault });
        let new = NewIntegration {
            connector: &card.id,
            tool: &card.tool,
            name: request.name.as_deref().unwrap_or(&card.name),
            settings: &request.settings,
            credential,
            owner: request.owner,
        };
        let integration = self.store.add_integration(organization, &new, self.now).await.unwrap();
        self.learn(organization, integration, &request.credential).await;
        self.connects.lock().unwrap().push((request.connector, request.settings, secret));
        Ok(Connected { integration })
    }

    async fn probe(&self, organization: OrganizationId, integration: IntegrationId) -> Result<bool, Broken> {
        let found = self.store.find_integration(organization, integration).await?;
        if found.is_none_or(|found| found.credential_tail.is_none()) {
            return Ok(false);
        }
        self.put_probe(organization, integration).await;
        Ok(true)
    }

    async fn edit(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        edit: EditRequest,
    ) -> Result<(), ConnectRefused> {
        if let Some(settings) = &edit.settings {
            check(settings)?;
            self.store.put_integration_settings(organization, integration, settings).await.unwrap();
        }
        if let Some(name) = &edit.name {
            self.store.rename_integration(organization, integration, name).await.unwrap();
        }
        Ok(())
    }

    async fn reauthorize(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        credential: NewCredential,
    ) -> Result<(), ConnectRefused> {
        Self::judge(&credential)?;
        self.store.put_credential(organization, integration, &credential.secret, &self.vault, self.now).await.unwrap();
        self.learn(organization, integration, &credential).await;
        Ok(())
    }

    async fn pause(&self, organization: OrganizationId, integration: IntegrationId, paused: bool) -> Result<bool, Broken> {
        Ok(self.store.pause_integration(organization, integration, paused).await?)
    }

    async fn disconnect(
        &self,
        organization: OrganizationId,
        integration: IntegrationId,
        keep_data: bool,
    ) -> Result<bool, Broken> {
        Ok(self.store.remove_integration(organization, integration, keep_data).await?)
    }

    async fn request_sync(&self, _: OrganizationId, integration: IntegrationId) -> Result<(), SyncRefused> {
        if *self.stuck.lock().unwrap() == Some(integration.0) {
            return Err(SyncRefused::Impossible("It was imported from files; there is nothing to sync.".into()));
        }
        self.syncs.lock().unwrap().push(integration.0);
        Ok(())
    }

    async fn request_day(&self, _: OrganizationId, integration: IntegrationId, day: Day) -> Result<(), SyncRefused> {
        if *self.stuck.lock().unwrap() == Some(integration.0) {
            return Err(SyncRefused::Impossible("This integration is paused. Resume it first.".into()));
        }
        if *self.broken.lock().unwrap() {
            return Err(SyncRefused::Broken("the disk said secret-detail".into()));
        }
        self.days.lock().unwrap().push((integration.0, day));
        Ok(())
    }

    fn events(&self, _: OrganizationId) -> BoxStream<'static, ()> {
        match &*self.wakes.lock().unwrap() {
            Some(wakes) => BroadcastStream::new(wakes.subscribe()).map(|_| ()).boxed(),
            None => futures_util::stream::empty().boxed(),
        }
    }
}
