//! `POST /api/ai-usage/sync`: asks for a sync; the queue does it.

use super::body::Fields;
use crate::app::Site;
use crate::connections::SyncRefused;
use crate::caller::Caller;
use crate::problem::Problem;
use axum::body::Bytes;
use axum::extract::State;
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tacho_domain::IntegrationId;

pub(crate) async fn sync(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let fields = Fields::read(&headers, &body)?;
    fields.only(&["integration_id"])?;
    let id = IntegrationId(fields.needed_number("integration_id", "the number that connect gave")?);
    let integration = site.store().find_integration(caller.organization, id).await?;
    let integration = integration.ok_or_else(|| super::integrations::unknown(id))?;
    site.connections().request_sync(caller.organization, id).await.map_err(|refused| match refused {
        SyncRefused::Impossible(why) => Problem::new(StatusCode::CONFLICT, "not-syncable", why),
        SyncRefused::Broken(error) => Problem::internal(error.as_ref()),
    })?;
    let last_synced_at = integration.last_synced_at.map(|instant| instant.to_string());
    let answer = json!({ "success": true, "integration_id": id, "last_synced_at": last_synced_at });
    Ok((StatusCode::ACCEPTED, Json(answer)))
}
