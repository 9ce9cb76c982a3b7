//! Probes: `/health` says that the process answers, `/ready` that its database does too.

use crate::app::Site;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

pub(crate) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

pub(crate) async fn ready(State(site): State<Site>) -> Result<Json<Value>, Problem> {
    site.store().ping().await.map_err(|error| {
        tracing::warn!(%error, "the database does not answer");
        Problem {
            retry_after_seconds: Some(5),
            ..Problem::new(http::StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The database does not answer.")
        }
    })?;
    Ok(Json(json!({ "status": "ready" })))
}
