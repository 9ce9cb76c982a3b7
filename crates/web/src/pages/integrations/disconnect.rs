//! Disconnecting: the credential goes; the data stays, or goes for good, which is said twice and typed once.

use super::{Input, list_of};
use crate::api::v1::query::Path;
use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::integrations::{find, may_manage, unknown};
use crate::pages::form::Form;
use crate::pages::{Frame, said, show};
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
use tacho_store::Integration;

#[derive(Template)]
#[template(path = "integrations/disconnect.html")]
struct DisconnectPage {
    frame: Frame,
    id: i64,
    name: String,
    /// Whether the data is about to go: then the name is asked for.
    deleting: bool,
    input: Input,
}

pub(super) async fn form(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    page(&site, &caller, &headers, &integration, false, None).await
}

pub(super) async fn disconnect(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_manage).await?;
    let form = Form::read(&headers, &body)?;
    match (form.text("data"), form.text("sure")) {
        ("keep", _) => {
            remove(&site, &caller, &integration, true).await?;
            Ok(said::back(list_of(&integration), "kept"))
        }
        ("delete", "") => page(&site, &caller, &headers, &integration, true, None).await,
        ("delete", _) if form.text("name") == integration.name.trim() => {
            remove(&site, &caller, &integration, false).await?;
            Ok(said::back(list_of(&integration), "deleted"))
        }
        ("delete", _) => {
            let why = format!("This is not its name. Type `{}` exactly as it is written.", integration.name);
            let page = page(&site, &caller, &headers, &integration, true, Some(&why)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        _ => Err(Problem::field("data", "is not known: use `keep` or `delete`")),
    }
}

/// Disconnects it and writes that down.
pub(crate) async fn remove(site: &Site, caller: &Caller, integration: &Integration, keep_data: bool) -> Result<(), Problem> {
    let there = site.connections().disconnect(caller.organization, integration.id, keep_data).await;
    if !there.map_err(|error| Problem::internal(error.as_ref()))? {
        return Err(unknown(integration.id));
    }
    let detail = json!({ "integration_id": integration.id, "data": if keep_data { "kept" } else { "deleted" } });
    audit::note(site, caller, Action::IntegrationRemoved, &integration.name, detail).await
}

async fn page(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    integration: &Integration,
    deleting: bool,
    wrong: Option<&str>,
) -> Result<Response, Problem> {
    let input = Input { required: true, ..Input::text("disconnect", "name", "Type its name to delete it", "") };
    show(&DisconnectPage {
        frame: Frame::of(site, caller, &format!("Disconnect {}", integration.name), list_of(integration), headers).await?,
        id: integration.id.0,
        name: integration.name.clone(),
        deleting,
        input: input.wrong(wrong),
    })
}
