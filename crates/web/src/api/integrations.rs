//! `/api/ai-usage/integrations`: what is connected and how it fares. Of a credential only the last four characters are told.

use crate::app::Site;
use crate::caller::Caller;
use crate::problem::Problem;
use axum::extract::{Path, RawQuery, State};
use axum::{Extension, Json};
use http::StatusCode;
use serde_json::{Value, json};
use tacho_domain::{Instant, IntegrationId};
use tacho_store::{Integration, StoredFailure, StreamFailure};
use url::form_urlencoded;

pub(crate) async fn list_integrations(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Value>, Problem> {
    let mut answers = Vec::new();
    for integration in site.store().list_integrations(caller.organization).await? {
        let failures = site.store().list_stream_failures(caller.organization, integration.id).await?;
        answers.push(told(&integration, &failures));
    }
    Ok(Json(json!({ "integrations": answers })))
}

pub(crate) async fn find_integration(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let id = number(&id)?;
    let found = site.store().find_integration(caller.organization, id).await?;
    let found = found.ok_or_else(|| unknown(id))?;
    let failures = site.store().list_stream_failures(caller.organization, id).await?;
    Ok(Json(told(&found, &failures)))
}

/// Forgets the credential. The data stays unless `?data=delete` asks for it to go too: that cannot be taken back.
pub(crate) async fn remove_integration(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Problem> {
    let id = number(&id)?;
    let query = query.unwrap_or_default();
    let data = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "data");
    let keep_data = match data.as_ref().map(|(_, value)| value.as_ref()) {
        None | Some("keep") => true,
        Some("delete") => false,
        Some(_) => return Err(Problem::field("data", "is not known: use `keep` or `delete`")),
    };
    let removed = site.store().remove_integration(caller.organization, id, keep_data).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(unknown(id)) }
}

fn number(id: &str) -> Result<IntegrationId, Problem> {
    let number = id.parse().map_err(|_| Problem::not_found("An integration's id is a whole number."))?;
    Ok(IntegrationId(number))
}

pub(super) fn unknown(id: IntegrationId) -> Problem {
    Problem::not_found(format!("There is no integration `{id}`.")).with("integration_id", id.0)
}

fn told(integration: &Integration, failures: &[StreamFailure]) -> Value {
    let text = |instant: Option<Instant>| instant.map(|instant| instant.to_string());
    let streams: Vec<Value> =
        failures.iter().map(|one| json!({ "stream": one.stream, "failure": failure(&one.failure) })).collect();
    json!({
        "integration_id": integration.id,
        "provider": integration.tool,
        "connector": integration.connector,
        "name": integration.name,
        "settings": integration.settings,
        "state": integration.state,
        "credential_tail": integration.credential_tail,
        "created_at": integration.created_at.to_string(),
        "last_synced_at": text(integration.last_synced_at),
        "next_try_at": text(integration.next_try_at),
        "failure": integration.failure.as_ref().map(failure),
        "stream_failures": streams,
    })
}

fn failure(failure: &StoredFailure) -> Value {
    json!({ "kind": failure.kind, "cause": failure.cause, "fix": failure.fix, "at": failure.at.to_string() })
}
