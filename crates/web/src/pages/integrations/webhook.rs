//! An integration's webhook on its page: where the vendor is to send, what to tick there, and the secret, shown once.

use super::{Step, address as page_of, list_of, steps};
use crate::api::v1::query::Path;
use crate::app::Site;
use crate::caller::Caller;
use crate::connections::WebhookCard;
use crate::hooks::{self, Made};
use crate::pages::share::place::{absolute, base, is_reachable};
use crate::pages::{Frame, said, show};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use tacho_render::words::instant;
use tacho_store::Integration;

/// What `integrations/webhook.html` shows.
pub(super) struct Hearing {
    pub(super) id: i64,
    /// Where the vendor is to send.
    pub(super) address: String,
    /// Whether anybody outside can reach that.
    pub(super) reachable: bool,
    pub(super) events: Vec<(String, String)>,
    pub(super) steps: Vec<Step>,
    /// Since when there is a secret.
    pub(super) since: Option<String>,
    /// What was heard last.
    pub(super) last: String,
}

/// The webhook of an integration, where its vendor sends any.
pub(super) async fn hearing(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    integration: &Integration,
) -> Result<Option<Hearing>, Problem> {
    let Some(card) = hooks::card_of(site, integration) else { return Ok(None) };
    of_card(site, caller, headers, integration, card).await.map(Some)
}

async fn of_card(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    integration: &Integration,
    card: WebhookCard,
) -> Result<Hearing, Problem> {
    let known = site.store().find_webhook(caller.organization, integration.id).await?;
    let base = base(site, headers);
    let last = known.as_ref().and_then(|known| known.last.as_ref());
    Ok(Hearing {
        id: integration.id.0,
        address: absolute(base.as_ref(), &hooks::address(caller.organization, integration.id, &card)),
        reachable: is_reachable(base.as_ref()),
        steps: steps(&card.how_to),
        events: card.events,
        since: known.as_ref().map(|known| instant(known.since)),
        last: last.map_or_else(|| "nothing yet".to_owned(), |(event, at)| format!("{event}, {}", instant(*at))),
    })
}

#[derive(Template)]
#[template(path = "integrations/secret.html")]
struct SecretPage {
    frame: Frame,
    name: String,
    secret: String,
    /// Whether another one stood in its place.
    again: bool,
    hearing: Hearing,
}

/// `POST /settings/integrations/{id}/webhook`: makes a secret and shows it this once.
pub(super) async fn make(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (integration, card) = hooks::find_hearing(&site, &caller, id).await?;
    let Made { secret, again } = hooks::make(&site, &caller, &integration).await?;
    let title = format!("Webhook of {}", integration.name);
    #[expect(clippy::disallowed_methods, reason = "shown once to whoever asked for it")]
    let secret = secret.expose_secret().to_owned();
    show(&SecretPage {
        frame: Frame::of(&site, &caller, &title, list_of(&integration), &headers).await?,
        name: integration.name.clone(),
        secret,
        again,
        hearing: of_card(&site, &caller, &headers, &integration, card).await?,
    })
}

/// `POST /settings/integrations/{id}/webhook/remove`.
pub(super) async fn remove(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let (integration, _) = hooks::find_hearing(&site, &caller, id).await?;
    if !hooks::remove(&site, &caller, &integration).await? {
        let why = "There is no secret to remove: nothing is heard as it is.";
        return Err(Problem::new(StatusCode::CONFLICT, "already-done", why));
    }
    Ok(said::back(&page_of(integration.id), "webhook-removed"))
}
