//! Connecting an integration: its form is checked, every endpoint is really tried, and only then is anything stored.

use crate::Engine;
use crate::failure::{fix_for, of_diagnosis};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use tacho_connectors::{
    Auth, Call, Connector, CredentialFacts, Diagnosis, FailureKind, Personal, Settings, SettingsError, Verdict,
};
use tacho_domain::{IntegrationId, OrganizationId, StreamSpec, ToolId, UserId};
use tacho_store::{AuthKind, Credential, Integration, NewIntegration, Probe, StoreError, TriedEndpoint};
use tacho_transport::{Lane, Received, SendError};
use tokio_util::sync::CancellationToken;

/// A connection that somebody wants made.
#[derive(Debug, Clone)]
pub struct Connect {
    /// The connector.
    pub connector_id: String,
    /// What people will call it; `None` or blank: the connector's name, with the organization where one is set.
    pub name: Option<String>,
    /// The connector's settings.
    pub settings: Settings,
    /// The credential.
    pub secret: SecretString,
    /// How it was got; an app's is told by its form.
    pub auth: AuthKind,
    /// What was asked for beyond what is needed, where somebody signed in.
    pub extra_scopes: Vec<String>,
    /// Whose it will be; `None`: the organization's.
    pub owner: Option<UserId>,
}

/// One endpoint as it was tried.
#[derive(Debug, Clone)]
pub struct Probed {
    /// The stream that needs it.
    pub stream: &'static str,
    /// What was tried: `GET https://api.example.com/report`.
    pub label: String,
    /// How it went.
    pub result: Result<(), Diagnosis>,
}

/// Why a connection was not made. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no such connector.
    #[error("{0}")]
    Unknown(String),
    /// A setting does not fit.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The credential's form is wrong, so the vendor was not even asked.
    #[error("{0}")]
    Credential(String),
    /// A member cannot connect this for themselves.
    #[error("{0}")]
    NotPersonal(String),
    /// There is no such integration, or none that has a credential.
    #[error("There is no integration {0} that is connected.")]
    Missing(IntegrationId),
    /// The vendor refused.
    #[error("{}", Refusals(.0))]
    Refused(Vec<Probed>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

struct Refusals<'a>(&'a [Probed]);

impl fmt::Display for Refusals<'_> {
    /// What stands in the way, each cause once.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said: Vec<String> = Vec::new();
        for diagnosis in self.0.iter().filter_map(|probed| probed.result.as_ref().err()) {
            let words = diagnosis.to_string();
            if !said.contains(&words) {
                said.push(words);
            }
        }
        f.write_str(&said.join(" "))
    }
}

impl Engine {
    /// Tries every endpoint that a sync will use. Nothing is stored.
    pub async fn probe(
        &self,
        connector: &'static dyn Connector,
        settings: &Settings,
        secret: &SecretString,
        cancel: &CancellationToken,
    ) -> Vec<Probed> {
        self.look(connector, settings, secret, cancel).await.probed
    }

    /// Tries every endpoint of a stored integration with its stored credential, and notes what came of it.
    ///
    /// # Errors
    /// When the database fails; `None` where there is no such integration, or none with a credential.
    pub async fn probe_stored(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        cancel: &CancellationToken,
    ) -> Result<Option<Vec<Probed>>, StoreError> {
        let Some(integration) = self.store().find_integration(organization, id).await? else { return Ok(None) };
        let Some(secret) = self.store().find_credential(organization, id, self.vault()).await? else { return Ok(None) };
        let Ok(connector) = self.connector(&integration.connector) else { return Ok(None) };
        let look = self.look(connector, &Settings(integration.settings), &secret, cancel).await;
        self.note_look(organization, id, &look, tacho_store::CredentialFacts::default()).await?;
        Ok(Some(look.probed))
    }

    /// Tries every endpoint, and learns of the credential on the way.
    pub(crate) async fn look(
        &self,
        connector: &'static dyn Connector,
        settings: &Settings,
        secret: &SecretString,
        cancel: &CancellationToken,
    ) -> Look {
        let lane = self.transport().lane(connector.profile(), settings, secret.clone());
        let mut look = Look::default();
        for call in connector.probe(settings, self.now().day()) {
            let probed = self.try_call(connector, &lane, &call, &mut look.facts, cancel).await;
            look.probed.push(probed);
        }
        look
    }

    /// Stores what was found. `known` is what is known of the credential besides.
    pub(crate) async fn note_look(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        look: &Look,
        known: tacho_store::CredentialFacts,
    ) -> Result<(), StoreError> {
        let tried = look.probed.iter().map(Probed::told).collect();
        self.store().put_probe(organization, id, &Probe { at: self.now(), tried }).await?;
        let facts = tacho_store::CredentialFacts {
            granted_scopes: look.facts.scopes.clone().or(known.granted_scopes),
            expires_at: look.facts.expires_at.or(known.expires_at),
            ..known
        };
        self.store().put_credential_facts(organization, id, &facts).await
    }

    async fn try_call(
        &self,
        connector: &'static dyn Connector,
        lane: &Lane,
        call: &Call,
        facts: &mut CredentialFacts,
        cancel: &CancellationToken,
    ) -> Probed {
        let method = match call.method {
            tacho_connectors::Method::Get => "GET",
            tacho_connectors::Method::Post => "POST",
        };
        let label = format!("{method} {}", call.shown_url());
        let result = match self.transport().send(lane, call, cancel).await {
            Ok(received) => {
                facts.learn(connector.credential_facts(&received.headers));
                answered(connector, call, received).await
            }
            Err(error) => {
                if let Some(refused) = error.refusal.as_ref().filter(|refused| speaks_of_credential(call, refused.signing_in)) {
                    facts.learn(connector.credential_facts(&refused.headers));
                }
                Err(diagnosis(connector, call, &error)).or_else(nothing_there)
            }
        };
        Probed { stream: call.stream, label, result }
    }

    /// Checks the form, tries the vendor, stores the connection with its sealed credential and queues its first sync. One of
    /// the same connector, settings, name and owner gets the new credential instead of a twin, whose numbers would count twice.
    ///
    /// # Errors
    /// When the form is wrong, or the vendor gives none of what is counted. Streams that are merely not available are noted
    /// as such on the integration.
    pub async fn connect(
        &self,
        organization: OrganizationId,
        connect: Connect,
        cancel: &CancellationToken,
    ) -> Result<IntegrationId, ConnectError> {
        let connector = self.connector(&connect.connector_id).map_err(ConnectError::Unknown)?;
        if let (Some(_), Personal::No(why)) = (connect.owner, connector.profile().access.personal) {
            return Err(ConnectError::NotPersonal(format!("{}: {why}", connector.profile().name)));
        }
        connector.check(&connect.settings)?;
        let look = self.look_worth_keeping(connector, &connect.settings, &connect.secret, cancel).await?;
        let name = connect.name.clone().filter(|name| !name.trim().is_empty());
        let name = name.unwrap_or_else(|| default_name(connector, &connect.settings));
        let id = self.keep(organization, connector, &name, &connect).await?;
        self.settle(organization, id, &look, facts_of(&connect.secret, connect.auth, connect.extra_scopes)).await?;
        Ok(id)
    }

    /// Checks the credential's form and tries the vendor with it.
    pub(crate) async fn look_worth_keeping(
        &self,
        connector: &'static dyn Connector,
        settings: &Settings,
        secret: &SecretString,
        cancel: &CancellationToken,
    ) -> Result<Look, ConnectError> {
        #[expect(clippy::disallowed_methods, reason = "its form is checked before the vendor is asked")]
        (connector.profile().credential.check)(secret.expose_secret()).map_err(ConnectError::Credential)?;
        let look = self.look(connector, settings, secret, cancel).await;
        if is_worth_connecting(&connector.streams(settings), &look.probed) {
            Ok(look)
        } else {
            Err(ConnectError::Refused(look.probed))
        }
    }

    /// Notes what was found with a credential that is stored now, and queues a sync with it.
    pub(crate) async fn settle(
        &self,
        organization: OrganizationId,
        id: IntegrationId,
        look: &Look,
        known: tacho_store::CredentialFacts,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let mut streams = std::collections::BTreeMap::new();
        for probed in &look.probed {
            let failed = probed.result.as_ref().err().map(|diagnosis| of_diagnosis(diagnosis, now));
            let kept: &mut Option<_> = streams.entry(probed.stream).or_default();
            *kept = kept.take().or(failed);
        }
        for (stream, failure) in streams {
            self.store().put_stream_failure(organization, id, stream, failure.as_ref()).await?;
        }
        self.note_look(organization, id, look, known).await?;
        self.request_sync(organization, id, &self.scope()).await.map(drop)
    }

    async fn keep(
        &self,
        organization: OrganizationId,
        connector: &dyn Connector,
        name: &str,
        connect: &Connect,
    ) -> Result<IntegrationId, StoreError> {
        let (profile, now, settings) = (connector.profile(), self.now(), &connect.settings);
        let same = |known: &Integration| {
            known.connector == profile.id
                && known.name == name
                && known.settings == settings.0
                && known.owner == connect.owner
                && known.credential_tail.is_some()
        };
        if let Some(known) = self.store().list_integrations(organization).await?.into_iter().find(same) {
            self.store().put_credential(organization, known.id, &connect.secret, self.vault(), now).await?;
            return Ok(known.id);
        }
        let credential = Some(Credential { secret: &connect.secret, vault: self.vault() });
        let tool = ToolId::new(profile.tool.id);
        let new =
            NewIntegration { connector: profile.id, tool: &tool, name, settings: &settings.0, credential, owner: connect.owner };
        self.store().add_integration(organization, &new, now).await
    }
}

/// What trying every endpoint came to.
#[derive(Debug, Default)]
pub(crate) struct Look {
    pub(crate) probed: Vec<Probed>,
    pub(crate) facts: CredentialFacts,
}

impl Probed {
    /// As it is stored and shown.
    #[must_use]
    pub fn told(&self) -> TriedEndpoint {
        let refusal = self.result.as_ref().err();
        TriedEndpoint {
            stream: self.stream.to_owned(),
            endpoint: self.label.clone(),
            ok: refusal.is_none(),
            cause: refusal.map(|diagnosis| diagnosis.cause.clone()),
            fix: refusal.map(|diagnosis| diagnosis.fix.clone()),
        }
    }
}

/// Whether a reply's headers are about the credential that is stored, not about a signed link or an app's signature.
pub(crate) fn speaks_of_credential(call: &Call, signing_in: bool) -> bool {
    call.auth != Auth::None && !signing_in
}

/// What is known of a credential before the vendor says anything.
pub(crate) fn facts_of(secret: &SecretString, auth: AuthKind, extra: Vec<String>) -> tacho_store::CredentialFacts {
    #[expect(clippy::disallowed_methods, reason = "only whether it has the form of an app's is asked")]
    let is_app = secret.expose_secret().trim_start().starts_with('{');
    let auth = if is_app { AuthKind::App } else { auth };
    tacho_store::CredentialFacts { auth: Some(auth), extra_scopes: Some(extra), granted_scopes: None, expires_at: None }
}

/// Connected is only what was seen to work: nothing is broken, and at least one stream that figures are made of answers.
fn is_worth_connecting(streams: &[&StreamSpec], probed: &[Probed]) -> bool {
    let broken = |probed: &Probed| probed.result.as_ref().is_err_and(|diagnosis| diagnosis.verdict == Verdict::Broken);
    let counted = |stream: &str| streams.iter().any(|spec| spec.id == stream && spec.role.brings_figures());
    !probed.iter().any(broken) && probed.iter().any(|probed| probed.result.is_ok() && counted(probed.stream))
}

fn diagnosis(connector: &dyn Connector, call: &Call, error: &SendError) -> Diagnosis {
    if let Some(refused) = &error.refusal {
        return connector.diagnose(call, &refused.as_refusal());
    }
    let verdict = if error.kind == FailureKind::Auth { Verdict::Broken } else { Verdict::Later };
    Diagnosis { kind: error.kind, verdict, cause: format!("{}.", error.message), fix: fix_for(error.kind).to_owned() }
}

/// GraphQL refuses with the status 200, so that only reading the answer tells. Other endpoints say no by their status.
async fn answered(connector: &'static dyn Connector, call: &Call, received: Received) -> Result<(), Diagnosis> {
    if call.aside.is_none() {
        return Ok(());
    }
    let Ok(body) = received.body.reader() else { return Ok(()) };
    let misread = crate::read::read(connector, call.clone(), received.status, received.headers, body).await.outcome.err();
    misread.map_or(Ok(()), |misread| {
        let cause = format!("The vendor answers, and refuses: {misread}.");
        let fix = "Check the settings of the connection and what its credential may read.".to_owned();
        Err(Diagnosis { kind: FailureKind::Forbidden, verdict: Verdict::StreamUnavailable, cause, fix })
    })
}

/// An endpoint that answers "nothing for these days" works.
fn nothing_there(diagnosis: Diagnosis) -> Result<(), Diagnosis> {
    if diagnosis.verdict == Verdict::NoData { Ok(()) } else { Err(diagnosis) }
}

/// The connector's name, with what tells several connections apart where the settings say.
fn default_name(connector: &dyn Connector, settings: &Settings) -> String {
    let name = connector.profile().name;
    // What a switch says tells nobody which connection it is.
    let telling = |key: &str| settings.get(key).filter(|value| !matches!(*value, "on" | "off"));
    let scope = connector.profile().settings.iter().find_map(|field| telling(field.key));
    scope.map_or_else(|| name.to_owned(), |scope| format!("{name}: {scope}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_domain::StreamRole;

    static USAGE: StreamSpec = StreamSpec { id: "usage", ..StreamSpec::DAILY };
    static CREDITS: StreamSpec = StreamSpec { id: "credits", ..StreamSpec::DAILY };
    static SEATS: StreamSpec = StreamSpec { id: "seats", role: StreamRole::Roster, ..StreamSpec::DAILY };

    fn worth(results: &[(&'static str, Option<Verdict>)]) -> bool {
        let probed: Vec<Probed> = results
            .iter()
            .map(|&(stream, verdict)| Probed {
                stream,
                label: String::new(),
                result: verdict.map_or(Ok(()), |verdict| {
                    Err(Diagnosis { kind: FailureKind::Unknown, verdict, cause: String::new(), fix: String::new() })
                }),
            })
            .collect();
        is_worth_connecting(&[&USAGE, &CREDITS, &SEATS], &probed)
    }

    #[test]
    fn a_connection_is_named_by_what_tells_it_apart_and_not_by_a_switch() {
        let name = |connector: &str, key: &str, value: &str| {
            default_name(tacho_connectors::find(connector).unwrap(), &Settings::new([(key, value)]))
        };
        assert_eq!(name("cursor", "commit_records", "on"), "Cursor");
        assert_eq!(name("github_delivery", "organization", "acme"), "GitHub pull requests: acme");
    }

    #[test]
    fn only_what_was_seen_to_work_is_connected() {
        let (later, unavailable, broken) = (Some(Verdict::Later), Some(Verdict::StreamUnavailable), Some(Verdict::Broken));
        assert!(worth(&[("usage", None), ("credits", None), ("seats", None)]));
        assert!(worth(&[("usage", unavailable), ("credits", None), ("seats", unavailable)]), "one counted stream will do");
        assert!(!worth(&[("usage", None), ("seats", broken)]), "the credential is not good");
        assert!(!worth(&[("usage", unavailable), ("seats", None)]), "nothing could be counted");
        assert!(!worth(&[("usage", later), ("credits", later), ("seats", later)]), "nobody answered");
        assert!(!worth(&[]), "nothing was tried");
    }
}
