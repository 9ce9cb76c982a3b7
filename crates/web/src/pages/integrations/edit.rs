//! Another name, other settings.

use super::{Doctor, Input, address, inputs, list_of, settings_of};
use crate::api::v1::query::Path;
use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::connections::{ConnectRefused, ConnectorCard, EditRequest};
use crate::integrations::{find, may_manage, unknown};
use crate::pages::form::{Form, line};
use crate::pages::{Frame, Piece, said, show};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use std::collections::BTreeMap;
use tacho_domain::IntegrationId;
use tacho_domain::audit::Action;
use tacho_store::{Integration, IntegrationState};

#[derive(Template)]
#[template(path = "integrations/edit.html")]
struct EditPage {
    frame: Frame,
    id: i64,
    name: String,
    input: Input,
    settings: Vec<Input>,
    wrong: Option<Vec<Piece>>,
    doctor: Option<Doctor>,
}

/// What was typed, and what is wrong with it.
struct Typed<'a> {
    name: &'a str,
    settings: &'a BTreeMap<String, String>,
    wrong_name: Option<&'a str>,
    refused: Option<&'a ConnectRefused>,
}

pub(super) async fn form(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    let typed = Typed { name: &integration.name, settings: &integration.settings, wrong_name: None, refused: None };
    page(&site, &caller, &headers, &integration, &typed).await
}

pub(super) async fn save(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    let form = Form::read(&headers, &body)?;
    let settings = card_of(&site, &integration).map(|card| settings_of(&card, &form));
    let shown = settings.clone().unwrap_or_default();
    let name = match line(form.text("name"), "a name", 100) {
        Ok(name) => name,
        Err(why) => {
            let typed = Typed { name: form.text("name"), settings: &shown, wrong_name: Some(&why), refused: None };
            let page = page(&site, &caller, &headers, &integration, &typed).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    // What was made from files has a name only.
    let settings = settings.filter(|_| integration.state != IntegrationState::Imported);
    match change(&site, &caller, &integration, EditRequest { name: Some(name.clone()), settings }).await? {
        None => Ok(said::back(&address(integration.id), "saved")),
        Some(refused) => {
            let typed = Typed { name: &name, settings: &shown, wrong_name: None, refused: Some(&refused) };
            let page = page(&site, &caller, &headers, &integration, &typed).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Changes it and writes that down. Gives what the caller can mend, if anything.
pub(crate) async fn change(
    site: &Site,
    caller: &Caller,
    integration: &Integration,
    edit: EditRequest,
) -> Result<Option<ConnectRefused>, Problem> {
    let renamed = edit.name.as_ref().filter(|name| **name != integration.name).cloned();
    let changed = edit.settings.as_ref().is_some_and(|settings| *settings != integration.settings);
    match site.connections().edit(caller.organization, integration.id, edit).await {
        Ok(()) => {}
        Err(ConnectRefused::Missing) => return Err(unknown(integration.id)),
        Err(ConnectRefused::Broken(error)) => return Err(Problem::internal(error.as_ref())),
        Err(refused) => return Ok(Some(refused)),
    }
    if renamed.is_some() || changed {
        let detail = json!({ "integration_id": integration.id, "new_name": renamed, "settings_changed": changed });
        audit::note(site, caller, Action::IntegrationChanged, &integration.name, detail).await?;
    }
    Ok(None)
}

fn card_of(site: &Site, integration: &Integration) -> Option<ConnectorCard> {
    site.connections().connectors().into_iter().find(|card| card.id == integration.connector)
}

async fn page(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    integration: &Integration,
    typed: &Typed<'_>,
) -> Result<Response, Problem> {
    let card = card_of(site, integration).filter(|_| integration.state != IntegrationState::Imported);
    let input = Input { required: true, ..Input::text("edit", "name", "Name", "What people call it, on pages and in reports.") };
    let (wrong, doctor) = super::credential::told(typed.refused);
    show(&EditPage {
        frame: Frame::of(site, caller, &format!("Edit {}", integration.name), list_of(integration), headers).await?,
        id: integration.id.0,
        name: integration.name.clone(),
        input: input.value(typed.name).wrong(typed.wrong_name),
        settings: card.map(|card| inputs(&card, "edit", typed.settings, typed.refused)).unwrap_or_default(),
        wrong,
        doctor,
    })
}
