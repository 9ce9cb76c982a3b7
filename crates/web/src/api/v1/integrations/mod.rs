//! `/api/v1/integrations`: what is connected, how it fares, connecting and changing it. Of a credential only what its card
//! shows is ever told.

mod days;
mod told;
mod webhook;

use crate::api::v1::answers::{Conflict, NotFound};
use crate::api::v1::body::Json;
use crate::api::v1::paging::{Page, PageQuery};
use crate::api::v1::query::{Path, Query};
use crate::app::Site;
use crate::caller::Caller;
use crate::connections::{ConnectRefused, ConnectRequest, EditRequest, NewCredential};
use crate::integrations::{Whose, find, list, may_manage, may_see, may_sync, see, unknown};
use crate::pages::connect::make;
use crate::pages::integrations::{ask_for_sync, change, reauthorize, remove, set_paused, try_endpoints};
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use tacho_domain::{IntegrationId, Permission as P};
use tacho_store::AuthKind;
use told::IntegrationBody;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

pub(crate) fn routes() -> Vec<Route> {
    let change = Gate::NeedsOne(&[P::ManageIntegrations, P::ConnectOwnTools]);
    let view = Gate::NeedsOne(&[P::ViewIntegrations, P::ConnectOwnTools]);
    let sync = Gate::NeedsOne(&[P::SyncIntegrations, P::ConnectOwnTools]);
    vec![
        Route::api(view, routes!(list_integrations)),
        Route::api(change, routes!(connect)),
        Route::api(view, routes!(find_integration)),
        Route::api(change, routes!(change_integration)),
        Route::api(change, routes!(remove_integration)),
        Route::api(sync, routes!(sync_integration)),
        Route::api(change, routes!(probe_integration)),
        Route::api(change, routes!(pause_integration)),
        Route::api(change, routes!(resume_integration)),
        Route::api(view, routes!(days::list_days)),
        Route::api(change, routes!(webhook::find_webhook)),
        Route::api(change, routes!(webhook::make_webhook)).with_secret_answers(),
        Route::api(change, routes!(webhook::remove_webhook)),
    ]
}

/// Which integrations.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhoseQuery {
    /// `true`: those that the caller connected for themselves, instead of the organization's.
    #[serde(default)]
    #[param(required = false, nullable = false, value_type = bool)]
    personal: Option<bool>,
}

/// What is connected, oldest first.
#[utoipa::path(get, path = "/api/v1/integrations", params(PageQuery, WhoseQuery),
    responses((status = 200, description = "A page of integrations.", body = Page<IntegrationBody>)))]
pub(crate) async fn list_integrations(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    asked: PageQuery,
    Query(query): Query<WhoseQuery>,
) -> Result<Json<Page<IntegrationBody>>, Problem> {
    let whose = if query.personal == Some(true) { Whose::Own(caller.user()?) } else { Whose::Organization };
    let found = list(&site, &caller, whose).await?;
    let page = Page::cut(found, &asked, |integration| integration.id.0, |integration| integration);
    let items = see(&site, &caller, page.items).await?.into_iter().map(IntegrationBody::of).collect();
    Ok(Json(Page { items, next: page.next }))
}

/// A connection to be made: a `secret`, or an `app` that signs for itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectBody {
    #[schema(example = "cursor")]
    connector: String,
    /// What people will call it.
    #[serde(default)]
    #[schema(nullable = false, max_length = 100)]
    name: Option<String>,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    /// The key or token.
    #[serde(default)]
    #[schema(nullable = false, value_type = String, format = Password)]
    secret: Option<SecretString>,
    /// The fields of an app's credential.
    #[serde(default)]
    #[schema(nullable = false, value_type = BTreeMap<String, String>)]
    app: Option<BTreeMap<String, String>>,
    /// Whether it is the caller's own and not the organization's.
    #[serde(default)]
    personal: bool,
}

/// Tries a credential with its vendor, and connects what works. The first sync is queued.
#[utoipa::path(post, path = "/api/v1/integrations", request_body = ConnectBody,
    responses((status = 201, description = "It is connected.", body = IntegrationBody)))]
pub(crate) async fn connect(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Json(body): Json<ConnectBody>,
) -> Result<Response, Problem> {
    let owner = if body.personal {
        caller.need(P::ConnectOwnTools)?;
        Some(caller.user()?)
    } else {
        caller.need(P::ManageIntegrations)?;
        None
    };
    let known = site.connections().connectors();
    if !known.iter().any(|card| card.id == body.connector) {
        let ids: Vec<String> = known.iter().map(|card| format!("`{}`", card.id)).collect();
        return Err(Problem::field("connector", format!("is not known: send one of {}", ids.join(", "))));
    }
    let name = name(body.name.as_deref())?;
    let credential =
        credential(body.secret, body.app)?.ok_or_else(|| Problem::field("secret", "is missing: send the key, or an `app`"))?;
    let request = ConnectRequest { connector: body.connector, name, settings: body.settings, credential, owner };
    let id = make(&site, &caller, request).await?.map_err(|error| refused(error, None))?;
    let place = format!("/api/v1/integrations/{id}");
    let told = one(&site, &caller, id).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(told)).into_response())
}

fn name(given: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(name) = given else { return Ok(None) };
    crate::pages::form::line(name.trim(), "a name", 100).map(Some).map_err(|why| Problem::field("name", why))
}

/// The credential that was sent, if any.
fn credential(secret: Option<SecretString>, app: Option<BTreeMap<String, String>>) -> Result<Option<NewCredential>, Problem> {
    match (secret, app) {
        (Some(_), Some(_)) => Err(Problem::field("app", "is given beside `secret`: send one of them")),
        (Some(secret), None) => Ok(Some(NewCredential::pasted(secret))),
        (None, Some(app)) => {
            let secret = SecretString::from(json!(app).to_string());
            Ok(Some(NewCredential { secret, auth: AuthKind::App, extra_scopes: Vec::new() }))
        }
        (None, None) => Ok(None),
    }
}

/// What the vendor or the form refuses, as the API tells it. `Missing` names the integration.
fn refused(refused: ConnectRefused, id: Option<IntegrationId>) -> Problem {
    match refused {
        ConnectRefused::Field { field, why } => {
            let field = match field.as_str() {
                "api_key" => "secret",
                "provider" => "connector",
                other => other,
            };
            Problem::field(field, why)
        }
        ConnectRefused::Vendor { kind, cause, fix, tried } => {
            Problem::new(StatusCode::BAD_REQUEST, "connection-refused", format!("{cause} {fix}"))
                .with("kind", kind)
                .with("cause", cause)
                .with("fix", fix)
                .with("tried", json!(tried))
        }
        ConnectRefused::Missing => unknown(id.unwrap_or(IntegrationId(0))),
        ConnectRefused::Broken(error) => Problem::internal(error.as_ref()),
    }
}

async fn one(site: &Site, caller: &Caller, id: IntegrationId) -> Result<IntegrationBody, Problem> {
    let found = find(site, caller, id, may_see).await?;
    let seen = see(site, caller, vec![found]).await?.pop().ok_or_else(|| unknown(id))?;
    Ok(IntegrationBody::of(seen))
}

/// One integration.
#[utoipa::path(get, path = "/api/v1/integrations/{id}", params(("id" = i64, Path, description = "Its number.")),
    responses((status = 200, description = "The integration.", body = IntegrationBody), NotFound))]
pub(crate) async fn find_integration(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<IntegrationBody>, Problem> {
    one(&site, &caller, IntegrationId(id)).await.map(Json)
}

/// What is to be changed. What is not sent stays; `settings` are sent whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeBody {
    #[serde(default)]
    #[schema(nullable = false, max_length = 100)]
    name: Option<String>,
    #[serde(default)]
    #[schema(nullable = false, value_type = BTreeMap<String, String>)]
    settings: Option<BTreeMap<String, String>>,
    /// Another key or token.
    #[serde(default)]
    #[schema(nullable = false, value_type = String, format = Password)]
    secret: Option<SecretString>,
    /// The fields of another app's credential.
    #[serde(default)]
    #[schema(nullable = false, value_type = BTreeMap<String, String>)]
    app: Option<BTreeMap<String, String>>,
}

/// Changes name, settings or credential. Settings and credentials are tried first.
#[utoipa::path(patch, path = "/api/v1/integrations/{id}", params(("id" = i64, Path, description = "Its number.")),
    request_body = ChangeBody,
    responses((status = 200, description = "The integration as it is now.", body = IntegrationBody), NotFound))]
pub(crate) async fn change_integration(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    Json(body): Json<ChangeBody>,
) -> Result<Json<IntegrationBody>, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    let edit = EditRequest { name: name(body.name.as_deref())?, settings: body.settings };
    if let Some(credential) = credential(body.secret, body.app)?
        && let Some(error) = reauthorize(&site, &caller, &integration, credential).await?
    {
        return Err(refused(error, Some(integration.id)));
    }
    if edit != EditRequest::default()
        && let Some(error) = change(&site, &caller, &integration, edit).await?
    {
        return Err(refused(error, Some(integration.id)));
    }
    one(&site, &caller, integration.id).await.map(Json)
}

/// What becomes of the data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DataChoice {
    /// It stays.
    #[default]
    Keep,
    /// It goes, for good.
    Delete,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RemoveQuery {
    /// What becomes of its data; `keep` where nothing is said. `delete` cannot be taken back.
    #[serde(default)]
    #[param(required = false, inline)]
    data: DataChoice,
}

/// Forgets the credential, and the data if asked to.
#[utoipa::path(delete, path = "/api/v1/integrations/{id}",
    params(("id" = i64, Path, description = "Its number."), RemoveQuery),
    responses((status = 204, description = "It is gone."), NotFound))]
pub(crate) async fn remove_integration(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    Query(query): Query<RemoveQuery>,
) -> Result<StatusCode, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    remove(&site, &caller, &integration, query.data == DataChoice::Keep).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks for a sync; the queue does it.
#[utoipa::path(post, path = "/api/v1/integrations/{id}/sync", params(("id" = i64, Path, description = "Its number.")),
    responses((status = 202, description = "The sync is queued; one that is queued or runs already is not doubled.", body = IntegrationBody),
        NotFound, Conflict))]
pub(crate) async fn sync_integration(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<IntegrationBody>), Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_sync).await?;
    ask_for_sync(&site, &caller, &integration).await?;
    Ok((StatusCode::ACCEPTED, Json(one(&site, &caller, integration.id).await?)))
}

/// What the connection doctor found.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProbeBody {
    #[schema(format = DateTime)]
    at: String,
    /// Every endpoint that a sync uses.
    tried: Vec<TriedBody>,
}

/// One endpoint.
#[derive(Serialize, ToSchema)]
struct TriedBody {
    /// The stream that needs it.
    stream: String,
    endpoint: String,
    ok: bool,
    #[schema(required)]
    cause: Option<String>,
    #[schema(required)]
    fix: Option<String>,
}

/// Tries every endpoint that a sync uses with the stored credential.
#[utoipa::path(post, path = "/api/v1/integrations/{id}/probe", params(("id" = i64, Path, description = "Its number.")),
    responses((status = 200, description = "What was tried, and how it went.", body = ProbeBody), NotFound, Conflict))]
pub(crate) async fn probe_integration(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<ProbeBody>, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    try_endpoints(&site, &caller, &integration).await?;
    let probe = site.store().find_probe(caller.organization, integration.id).await?.ok_or_else(|| unknown(integration.id))?;
    let tried = probe.tried.into_iter().map(|tried| TriedBody {
        stream: tried.stream,
        endpoint: tried.endpoint,
        ok: tried.ok,
        cause: tried.cause,
        fix: tried.fix,
    });
    Ok(Json(ProbeBody { at: probe.at.to_string(), tried: tried.collect() }))
}

/// Stops syncing until it is resumed.
#[utoipa::path(post, path = "/api/v1/integrations/{id}/pause", params(("id" = i64, Path, description = "Its number.")),
    responses((status = 200, description = "The integration, paused.", body = IntegrationBody), NotFound))]
pub(crate) async fn pause_integration(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<IntegrationBody>, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    set_paused(&site, &caller, &integration, true).await?;
    one(&site, &caller, integration.id).await.map(Json)
}

/// Goes on with syncing; a sync is queued.
#[utoipa::path(post, path = "/api/v1/integrations/{id}/resume", params(("id" = i64, Path, description = "Its number.")),
    responses((status = 200, description = "The integration, resumed.", body = IntegrationBody), NotFound))]
pub(crate) async fn resume_integration(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<IntegrationBody>, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    set_paused(&site, &caller, &integration, false).await?;
    one(&site, &caller, integration.id).await.map(Json)
}
