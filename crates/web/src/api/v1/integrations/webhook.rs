//! `/api/v1/integrations/{id}/webhook`: where a vendor may tell that something happened, and the secret it signs with.

use crate::api::v1::answers::{Conflict, NotFound};
use crate::api::v1::body::Json;
use crate::api::v1::query::Path;
use crate::app::Site;
use crate::caller::Caller;
use crate::connections::WebhookCard;
use crate::hooks::{self, Made};
use crate::problem::Problem;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use secrecy::ExposeSecret;
use serde::Serialize;
use tacho_store::Integration;
use utoipa::ToSchema;

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookBody {
    /// Where the vendor is to send, below this server's root.
    #[schema(example = "/hooks/github/1/4")]
    path: String,
    /// The events to tick.
    #[schema(example = json!(["Pull requests"]))]
    events: Vec<String>,
    /// Since when there is this secret; `null`: there is none, and nothing is heard.
    #[schema(required, format = DateTime)]
    secret_since: Option<String>,
    /// What was heard last; `null`: nothing in the last 30 days.
    #[schema(required, example = "pull_request")]
    last_event: Option<String>,
    /// When that was.
    #[schema(required, format = DateTime)]
    last_heard_at: Option<String>,
}

async fn told(site: &Site, caller: &Caller, integration: &Integration, card: &WebhookCard) -> Result<WebhookBody, Problem> {
    let known = site.store().find_webhook(caller.organization, integration.id).await?;
    let last = known.as_ref().and_then(|known| known.last.clone());
    Ok(WebhookBody {
        path: hooks::address(caller.organization, integration.id, card),
        events: card.events.iter().map(|(event, _)| event.clone()).collect(),
        secret_since: known.map(|known| known.since.to_string()),
        last_heard_at: last.as_ref().map(|(_, at)| at.to_string()),
        last_event: last.map(|(event, _)| event),
    })
}

/// Where the vendor may tell that something happened.
///
/// Nothing that it tells is counted: the day that it is about is read again a few minutes later.
#[utoipa::path(get, path = "/api/v1/integrations/{id}/webhook", params(("id" = i64, Path, description = "The integration's number.")),
    responses((status = 200, description = "The webhook.", body = WebhookBody), Conflict, NotFound))]
pub(crate) async fn find_webhook(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<WebhookBody>, Problem> {
    let (integration, card) = hooks::find_hearing(&site, &caller, id).await?;
    told(&site, &caller, &integration, &card).await.map(Json)
}

/// A webhook's secret, shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeWebhook {
    /// Where the vendor is to send, below this server's root.
    #[schema(example = "/hooks/github/1/4")]
    path: String,
    /// What it is to sign with.
    #[schema(example = "...")]
    secret: String,
}

/// Makes a webhook's secret; one that there was works no more.
///
/// The answer holds a secret that is shown once.
#[utoipa::path(post, path = "/api/v1/integrations/{id}/webhook", params(("id" = i64, Path, description = "The integration's number.")),
    responses((status = 201, description = "The secret.", body = MadeWebhook), Conflict, NotFound))]
pub(crate) async fn make_webhook(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<MadeWebhook>), Problem> {
    let (integration, card) = hooks::find_hearing(&site, &caller, id).await?;
    let Made { secret, .. } = hooks::make(&site, &caller, &integration).await?;
    #[expect(clippy::disallowed_methods, reason = "shown once to whoever asked for it")]
    let secret = secret.expose_secret().to_owned();
    let path = hooks::address(caller.organization, integration.id, &card);
    Ok((StatusCode::CREATED, Json(MadeWebhook { path, secret })))
}

/// Forgets a webhook's secret: nothing is heard any more.
#[utoipa::path(delete, path = "/api/v1/integrations/{id}/webhook", params(("id" = i64, Path, description = "The integration's number.")),
    responses((status = 204, description = "It is gone."), Conflict, NotFound))]
pub(crate) async fn remove_webhook(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let (integration, _) = hooks::find_hearing(&site, &caller, id).await?;
    if hooks::remove(&site, &caller, &integration).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found("There is no secret to forget."))
}
