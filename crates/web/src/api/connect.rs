//! `POST /api/ai-usage/connect`: a credential is tried with its vendor before anything is called connected.

use super::body::Fields;
use super::described::{ConnectBody, Done};
use crate::app::Site;
use crate::caller::Caller;
use crate::connections::{ConnectRefused, ConnectRequest, ConnectorCard, NewCredential};
use crate::pages::connect::make;
use crate::problem::Problem;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode, header};
use secrecy::SecretString;
use serde_json::json;

/// Connects a tool: the secret is tried with its vendor, then stored sealed, and the first sync waits in the queue.
///
/// A vendor that refuses is told as 400 `connection-refused` with everything that was tried.
#[utoipa::path(post, path = "/api/ai-usage/connect", request_body = ConnectBody,
    responses((status = 201, description = "Connected.", body = Done)))]
pub(crate) async fn connect(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let request = read(&site.connections().connectors(), &headers, &body)?;
    let id = make(&site, &caller, request).await?.map_err(refused)?;
    let last_synced_at = site.store().find_integration(caller.organization, id).await?.and_then(|found| found.last_synced_at);
    let answer = json!({
        "success": true,
        "integration_id": id,
        "last_synced_at": last_synced_at.map(|instant| instant.to_string()),
    });
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/api/ai-usage/integrations/{id}"))], Json(answer)).into_response())
}

fn read(cards: &[ConnectorCard], headers: &HeaderMap, body: &Bytes) -> Result<ConnectRequest, Problem> {
    let fields = Fields::read(headers, body)?;
    fields.only(&["provider", "api_key", "settings", "name"])?;
    let known = providers(cards);
    let provider = fields.needed_text("provider", &format!("one of {known}"))?;
    // A tool's id stands for its usual connector, which comes first; a connector's own id always works.
    let card = cards.iter().find(|card| card.id == provider).or_else(|| cards.iter().find(|card| card.tool.as_str() == provider));
    let card = card.ok_or_else(|| Problem::field("provider", format!("is not known: send one of {known}")))?;
    let expected = format!("the {} (it looks like {})", card.credential, card.looks_like);
    let secret = SecretString::from(fields.needed_text("api_key", &expected)?);
    Ok(ConnectRequest {
        connector: card.id.clone(),
        name: fields.text("name", "a name for people")?.map(str::to_owned),
        credential: NewCredential::pasted(secret),
        owner: None,
        settings: fields.texts("settings")?.into_iter().collect(),
    })
}

fn providers(cards: &[ConnectorCard]) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for card in cards {
        for id in [card.tool.as_str(), card.id.as_str()] {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    ids.join(", ")
}

fn refused(refused: ConnectRefused) -> Problem {
    match refused {
        ConnectRefused::Field { field, why } => Problem::field(&field, why),
        ConnectRefused::Vendor { kind, cause, fix, tried } => {
            Problem::new(StatusCode::BAD_REQUEST, "connection-refused", format!("{cause} {fix}"))
                .with("kind", kind)
                .with("cause", cause)
                .with("fix", fix)
                .with("tried", json!(tried))
        }
        ConnectRefused::Missing => Problem::not_found("There is no such integration any more."),
        ConnectRefused::Broken(error) => Problem::internal(error.as_ref()),
    }
}
