//! `/api/ai-usage/integrations`: what is connected and how it fares. Of a credential only the last four characters are told.

use super::described::{Kept, UsageIntegration, UsageIntegrations};
use crate::app::Site;
use crate::caller::Caller;
use crate::integrations::{Whose, find, list, may_manage, may_see};
use crate::pages::integrations::remove;
use crate::problem::Problem;
use axum::extract::{Path, RawQuery, State};
use axum::{Extension, Json};
use http::StatusCode;
use serde_json::{Value, json};
use tacho_domain::{Instant, IntegrationId};
use tacho_store::{Integration, StoredFailure, StreamFailure};
use url::form_urlencoded;

/// What is connected and how it fares.
#[utoipa::path(get, path = "/api/ai-usage/integrations",
    responses((status = 200, description = "All integrations.", body = UsageIntegrations)))]
pub(crate) async fn list_integrations(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Value>, Problem> {
    let mut answers = Vec::new();
    for integration in list(&site, &caller, Whose::Organization).await? {
        let failures = site.store().list_stream_failures(caller.organization, integration.id).await?;
        answers.push(told(&integration, &failures));
    }
    Ok(Json(json!({ "integrations": answers })))
}

/// One integration.
#[utoipa::path(get, path = "/api/ai-usage/integrations/{id}", params(("id" = i64, Path, description = "Its number.")),
    responses((status = 200, description = "The integration.", body = UsageIntegration)))]
pub(crate) async fn find_integration(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let id = number(&id)?;
    let found = find(&site, &caller, id, may_see).await?;
    let failures = site.store().list_stream_failures(caller.organization, id).await?;
    Ok(Json(told(&found, &failures)))
}

/// Forgets the credential. The data stays unless `?data=delete` asks for it to go too: that cannot be taken back.
#[utoipa::path(delete, path = "/api/ai-usage/integrations/{id}",
    params(("id" = i64, Path, description = "Its number."),
        ("data" = inline(Option<Kept>), Query, description = "What becomes of its data; `keep` where nothing is said.")),
    responses((status = 204, description = "It is gone.")))]
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
    let integration = find(&site, &caller, id, may_manage).await?;
    remove(&site, &caller, &integration, keep_data).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn number(id: &str) -> Result<IntegrationId, Problem> {
    let number = id.parse().map_err(|_| Problem::not_found("An integration's id is a whole number."))?;
    Ok(IntegrationId(number))
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
