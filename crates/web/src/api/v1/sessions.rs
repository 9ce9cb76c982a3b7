//! `/api/v1/sessions`: where you are signed in.

use super::body::Json;
use super::query::Path;
use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use serde_json::json;
use tacho_domain::Permission;
use tacho_domain::audit::Action;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(super) fn routes() -> Vec<Route> {
    let gate = Gate::Needs(Permission::ManageOwnAccount);
    vec![
        Route::api(gate, routes!(list_sessions)),
        Route::api(gate, routes!(remove_session)),
        Route::api(gate, routes!(remove_other_sessions)),
    ]
}

/// A session of yours.
#[derive(Debug, Serialize, ToSchema)]
struct Session {
    id: i64,
    /// How you signed in.
    #[schema(example = "password")]
    method: String,
    /// The browser, as it called itself.
    agent: String,
    /// The network address you signed in from.
    address: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// To five minutes.
    #[schema(format = DateTime)]
    last_seen_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// Whether it is the one that asks.
    current: bool,
}

/// Your sessions.
#[derive(Debug, Serialize, ToSchema)]
struct Sessions {
    items: Vec<Session>,
}

/// Where you are signed in, last used first.
#[utoipa::path(get, path = "/api/v1/sessions", responses((status = 200, description = "All of them.", body = Sessions)))]
async fn list_sessions(State(site): State<Site>, Extension(caller): Extension<Caller>) -> Result<Json<Sessions>, Problem> {
    let current = caller.session.as_deref().unwrap_or_default();
    let rows = site.store().list_sessions(caller.user()?, current, site.now()).await?;
    let items = rows.into_iter().map(|row| Session {
        id: row.id,
        method: row.method,
        agent: row.agent,
        address: row.address,
        created_at: row.created_at.to_string(),
        last_seen_at: row.last_seen_at.to_string(),
        expires_at: row.expires_at.to_string(),
        current: row.current,
    });
    Ok(Json(Sessions { items: items.collect() }))
}

/// Ends one of your sessions.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", params(("id" = i64, Path, description = "The session's number.")),
    responses((status = 204, description = "It has ended.")))]
async fn remove_session(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let user = caller.user()?;
    if !site.store().revoke_session(user, id).await? {
        return Err(Problem::not_found(format!("You have no session `{id}`.")));
    }
    audit::note(&site, &caller, Action::SessionRevoked, &format!("session {id}"), json!({})).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all your sessions but the one that asks.
#[utoipa::path(delete, path = "/api/v1/sessions", responses((status = 204, description = "They have ended.")))]
async fn remove_other_sessions(State(site): State<Site>, Extension(caller): Extension<Caller>) -> Result<StatusCode, Problem> {
    let ended = site.store().revoke_sessions(caller.user()?, caller.session.as_deref()).await?;
    audit::note(&site, &caller, Action::SessionRevoked, "all other sessions", json!({ "sessions": ended })).await?;
    Ok(StatusCode::NO_CONTENT)
}
