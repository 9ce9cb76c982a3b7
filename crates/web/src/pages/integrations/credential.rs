//! Another credential for an integration that exists: a key pasted anew, an app, or a sign-in with what was missing.

use super::{Doctor, Input, address, list_of};
use crate::api::v1::query::Path;
use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::connections::{ConnectRefused, ConnectorCard, NewCredential, ScopeCard};
use crate::integrations::{find, may_manage, unknown};
use crate::pages::connect::ways::{self, Ways};
use crate::pages::form::Form;
use crate::pages::{Frame, Piece, pieces, said, show};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tacho_domain::IntegrationId;
use tacho_domain::audit::Action;
use tacho_store::{AuthKind, Integration};

#[derive(Template)]
#[template(path = "integrations/credential.html")]
struct CredentialPage {
    frame: Frame,
    id: i64,
    name: String,
    /// Where the forms are sent to.
    action: String,
    ways: Ways,
    /// The integration has its settings already.
    key_settings: Vec<Input>,
    app_settings: Vec<Input>,
    /// The scopes that a sign-in asks for.
    asked: Vec<String>,
    optional: Vec<ScopeCard>,
    wrong: Option<Vec<Piece>>,
    doctor: Option<Doctor>,
}

/// What to say of a refusal above the form, and what was tried.
pub(crate) fn told(refused: Option<&ConnectRefused>) -> (Option<Vec<Piece>>, Option<Doctor>) {
    match refused {
        Some(ConnectRefused::Vendor { cause, fix, tried, .. }) => {
            (Some(pieces(&format!("{cause} {fix}"))), Some(Doctor::refused(tried)))
        }
        Some(ConnectRefused::Field { field, why }) if field == "provider" => (Some(pieces(why)), None),
        Some(_) => (Some(pieces("A field below is not right yet; nothing was changed.")), None),
        None => (None, None),
    }
}

pub(super) async fn form(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (integration, card) = with_card(&site, &caller, id).await?;
    page(&site, &caller, &headers, &integration, &card, None, None).await
}

pub(super) async fn replace(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (integration, card) = with_card(&site, &caller, id).await?;
    let form = Form::read(&headers, &body)?;
    let credential = ways::credential(&card, &form);
    match reauthorize(&site, &caller, &integration, credential).await? {
        None => Ok(said::back(&address(integration.id), "reauthorized")),
        Some(refused) => {
            let page = page(&site, &caller, &headers, &integration, &card, Some(&refused), Some(&form)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Replaces the credential and writes that down. Gives what the caller can mend, if anything.
pub(crate) async fn reauthorize(
    site: &Site,
    caller: &Caller,
    integration: &Integration,
    credential: NewCredential,
) -> Result<Option<ConnectRefused>, Problem> {
    let by = if credential.auth == AuthKind::OAuth { "sign-in" } else { "paste" };
    match site.connections().reauthorize(caller.organization, integration.id, credential).await {
        Ok(()) => {}
        Err(ConnectRefused::Missing) => return Err(unknown(integration.id)),
        Err(ConnectRefused::Broken(error)) => return Err(Problem::internal(error.as_ref())),
        Err(refused) => return Ok(Some(refused)),
    }
    let detail = json!({ "integration_id": integration.id, "by": by });
    audit::note(site, caller, Action::CredentialChanged, &integration.name, detail).await?;
    Ok(None)
}

/// The integration and what is known of its connector. What was made from files has no credential.
pub(crate) async fn with_card(site: &Site, caller: &Caller, id: i64) -> Result<(Integration, ConnectorCard), Problem> {
    let integration = find(site, caller, IntegrationId(id), may_manage).await?;
    let card = site.connections().connectors().into_iter().find(|card| card.id == integration.connector);
    let card = card.filter(|_| integration.credential_tail.is_some()).ok_or_else(|| {
        let why = "This integration was made from files: there is no credential to replace.";
        Problem::new(StatusCode::CONFLICT, "not-syncable", why)
    })?;
    Ok((integration, card))
}

async fn page(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    integration: &Integration,
    card: &ConnectorCard,
    refused: Option<&ConnectRefused>,
    form: Option<&Form>,
) -> Result<Response, Problem> {
    let (wrong, doctor) = told(refused);
    let asked = site.connections().scopes(&card.id, &integration.settings, &integration.extra_scopes);
    let optional = card.scopes.iter().filter(|scope| scope.setting.is_none() && !asked.contains(&scope.scope));
    show(&CredentialPage {
        frame: Frame::of(site, caller, &format!("Credential of {}", integration.name), list_of(integration), headers).await?,
        id: integration.id.0,
        name: integration.name.clone(),
        action: format!("{}/credential", address(integration.id)),
        ways: Ways::of(site, card, refused, form),
        key_settings: Vec::new(),
        app_settings: Vec::new(),
        optional: optional.cloned().collect(),
        asked,
        wrong,
        doctor,
    })
}
