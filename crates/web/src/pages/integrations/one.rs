//! One integration: its card, what the connection doctor found, what its credential may; and the buttons that need no form.

use super::card::{Card, Doctor};
use super::webhook::{self, Hearing};
use super::{SAID, address, list_of};
use crate::api::v1::query::Path;
use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::connections::{ScopeCard, SyncRefused};
use crate::integrations::{find, may_manage, may_see, may_sync, see, unknown};
use crate::pages::form::Form;
use crate::pages::{Frame, said, show};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tacho_domain::IntegrationId;
use tacho_domain::audit::Action;
use tacho_store::Integration;

#[derive(Template)]
#[template(path = "integrations/one.html")]
struct OnePage {
    frame: Frame,
    said: Option<&'static str>,
    back: &'static str,
    personal: bool,
    card: Card,
    doctor: Option<Doctor>,
    granted: Option<Vec<String>>,
    /// Scopes, and whether each was granted.
    scopes: Vec<(ScopeCard, bool)>,
    settings: Vec<(String, String)>,
    /// For whoever may manage it, where its vendor sends webhooks.
    hearing: Option<Hearing>,
}

pub(super) async fn one(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_see).await?;
    let back = list_of(&integration);
    let probe = site.store().find_probe(caller.organization, integration.id).await?;
    let granted = integration.granted_scopes.clone();
    let settings = integration.settings.clone();
    let hearing =
        if may_manage(&caller, &integration) { webhook::hearing(&site, &caller, &headers, &integration).await? } else { None };
    let seen = see(&site, &caller, vec![integration]).await?.pop().ok_or_else(|| unknown(IntegrationId(id)))?;
    let connector = seen.card.clone();
    let label = |key: &str| {
        let known = connector.as_ref().and_then(|card| card.settings.iter().find(|setting| setting.key == key));
        known.map_or_else(
            || if key == "base_url" { "Address of the API".to_owned() } else { key.replace('_', " ") },
            |setting| setting.label.clone(),
        )
    };
    let holds = |scope: &ScopeCard| granted.as_ref().is_some_and(|granted| granted.contains(&scope.scope));
    let scopes = connector.iter().flat_map(|card| &card.scopes).map(|scope| (scope.clone(), holds(scope)));
    let scopes = if granted.is_some() { scopes.collect() } else { Vec::new() };
    let title = seen.integration.name.clone();
    show(&OnePage {
        frame: Frame::of(&site, &caller, &title, back, &headers).await?,
        said: said::heard(query.as_deref(), SAID),
        personal: seen.integration.owner.is_some(),
        back,
        doctor: probe.as_ref().map(Doctor::of),
        scopes,
        settings: settings.iter().map(|(key, value)| (label(key), value.clone())).collect(),
        granted,
        hearing,
        card: Card::of(&seen, &site, &caller),
    })
}

/// Where a button leads back to: the list or the page of the one.
fn back_to(headers: &HeaderMap, body: &Bytes, integration: &Integration) -> Result<String, Problem> {
    let form = Form::read(headers, body)?;
    Ok(if form.text("back") == "list" { list_of(integration).to_owned() } else { address(integration.id) })
}

pub(super) async fn sync(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_sync).await?;
    ask_for_sync(&site, &caller, &integration).await?;
    Ok(said::back(&back_to(&headers, &body, &integration)?, "synced"))
}

/// Asks for a sync and writes it down.
pub(crate) async fn ask_for_sync(site: &Site, caller: &Caller, integration: &Integration) -> Result<(), Problem> {
    site.connections().request_sync(caller.organization, integration.id).await.map_err(|refused| match refused {
        SyncRefused::Impossible(why) => Problem::new(StatusCode::CONFLICT, "not-syncable", why),
        SyncRefused::Broken(error) => Problem::internal(error.as_ref()),
    })?;
    audit::note(site, caller, Action::SyncAsked, &integration.name, json!({ "integration_id": integration.id })).await
}

pub(super) async fn probe(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    try_endpoints(&site, &caller, &integration).await?;
    Ok(said::back(&address(integration.id), "checked"))
}

/// Has the connection doctor look at it.
pub(crate) async fn try_endpoints(site: &Site, caller: &Caller, integration: &Integration) -> Result<(), Problem> {
    let probed = site.connections().probe(caller.organization, integration.id).await;
    if probed.map_err(|error| Problem::internal(error.as_ref()))? {
        return Ok(());
    }
    let why = "This integration was made from files: there is no credential to try.";
    Err(Problem::new(StatusCode::CONFLICT, "not-syncable", why))
}

pub(super) async fn pause(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    set_paused(&site, &caller, &integration, true).await?;
    Ok(said::back(&back_to(&headers, &body, &integration)?, "paused"))
}

pub(super) async fn resume(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    set_paused(&site, &caller, &integration, false).await?;
    Ok(said::back(&back_to(&headers, &body, &integration)?, "resumed"))
}

/// Pauses or resumes, and writes it down.
pub(crate) async fn set_paused(site: &Site, caller: &Caller, integration: &Integration, paused: bool) -> Result<(), Problem> {
    let there = site.connections().pause(caller.organization, integration.id, paused).await;
    if !there.map_err(|error| Problem::internal(error.as_ref()))? {
        return Err(unknown(integration.id));
    }
    let detail = json!({ "integration_id": integration.id, "paused": paused });
    audit::note(site, caller, Action::IntegrationChanged, &integration.name, detail).await
}
