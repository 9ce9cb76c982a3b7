//! `POST /api/ai-usage/sync`: asks for a sync; the queue does it.

use super::body::Fields;
use super::described::{Done, SyncBody};
use super::v1::answers::{Conflict, NotFound};
use crate::app::Site;
use crate::caller::Caller;
use crate::integrations::{find, may_sync};
use crate::pages::integrations::ask_for_sync;
use crate::problem::Problem;
use axum::body::Bytes;
use axum::extract::State;
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tacho_domain::IntegrationId;

/// Asks for a sync; the queue does it.
#[utoipa::path(post, path = "/api/ai-usage/sync", request_body = SyncBody,
    responses((status = 202, description = "The sync is queued.", body = Done), NotFound, Conflict))]
pub(crate) async fn sync(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let fields = Fields::read(&headers, &body)?;
    fields.only(&["integration_id"])?;
    let id = IntegrationId(fields.needed_number("integration_id", "the number that connect gave")?);
    let integration = find(&site, &caller, id, may_sync).await?;
    ask_for_sync(&site, &caller, &integration).await?;
    let last_synced_at = integration.last_synced_at.map(|instant| instant.to_string());
    let answer = json!({ "success": true, "integration_id": id, "last_synced_at": last_synced_at });
    Ok((StatusCode::ACCEPTED, Json(answer)))
}
