//! Probes: `/health` says that the process answers, `/ready` that its database does too.

use super::described::Probe;
use super::v1::answers::Unavailable;
use crate::app::Site;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// Whether the process answers.
#[utoipa::path(get, path = "/health", responses((status = 200, description = "It does.", body = Probe)))]
pub(crate) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Whether its database answers too.
#[utoipa::path(get, path = "/ready", responses((status = 200, description = "It does.", body = Probe), Unavailable))]
pub(crate) async fn ready(State(site): State<Site>) -> Result<Json<Value>, Problem> {
    if site.operations().is_stopping() {
        let detail = "The server is stopping. Ask another one, or this one again in a moment.";
        return Err(Problem {
            retry_after_seconds: Some(5),
            ..Problem::new(http::StatusCode::SERVICE_UNAVAILABLE, "stopping", detail)
        });
    }
    site.store().ping().await.map_err(|error| {
        tracing::warn!(%error, "the database does not answer");
        Problem {
            retry_after_seconds: Some(5),
            ..Problem::new(http::StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The database does not answer.")
        }
    })?;
    Ok(Json(json!({ "status": "ready" })))
}
