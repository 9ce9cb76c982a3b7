//! What vendors tell by themselves. Nothing of a delivery is ever counted: one that is genuine and new only has its day read
//! again, by the same sync that reads every day. So a forged, replayed, reordered or repeated delivery cannot make a wrong
//! number, and one that is lost costs freshness until the next sync and nothing else.

mod github;
mod signature;
mod webhook;

pub(crate) use webhook::{Made, address, card_of, find_hearing, make, remove};

use crate::app::Site;
use crate::connections::SyncRefused;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::post;
use github::Told;
use http::{HeaderMap, Method, StatusCode};
use tacho_domain::{Day, IntegrationId, OrganizationId};

/// A day that lies further back is not read again for a delivery. Ids of deliveries are kept for as long, so one that is
/// sent once more when its id is forgotten speaks of a day that is too old.
const OLDEST_DAYS: i32 = 29;
/// The longest id of a delivery: a UUID has 36 characters.
const ID_LENGTH: usize = 64;

/// Where deliveries arrive. Who they are from is told by their signature, so there is no other gate.
pub(crate) fn routes() -> Vec<Route> {
    vec![Route::page(Method::POST, "/hooks/github/{organization}/{integration}", Gate::Open, post(hear))]
}

/// Takes a delivery: 202 where its day will be read again, 204 where it tells nothing that is stored.
async fn hear(
    State(site): State<Site>,
    Path((organization, integration)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let place = organization.parse().ok().zip(integration.parse().ok()).ok_or_else(nothing_here)?;
    let (organization, integration) = (OrganizationId(place.0), IntegrationId(place.1));
    let heard = heard(&site, organization, integration, &headers, &body).await;
    let outcome = match &heard {
        Ok(StatusCode::ACCEPTED) => "asked",
        Ok(_) => "nothing to do",
        Err(problem) if problem.status.is_server_error() => "failed",
        Err(_) => "refused",
    };
    metrics::counter!("tacho_webhook_deliveries_total", "outcome" => outcome).increment(1);
    heard
}

async fn heard(
    site: &Site,
    organization: OrganizationId,
    integration: IntegrationId,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<StatusCode, Problem> {
    let secret = site.store().find_webhook_secret(organization, integration, site.vault()).await?.ok_or_else(nothing_here)?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !signature::is_genuine(&secret, body, text(github::SIGNATURE)) {
        return Err(forged());
    }
    // Only what is genuine counts, so that whoever forges deliveries keeps no real one out.
    site.gates().pass_delivery(organization, integration)?;
    let (event, id) = (text(github::EVENT), text(github::DELIVERY));
    if id.is_empty() || id.len() > ID_LENGTH || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::field(github::DELIVERY, "is missing or is no id of a delivery"));
    }
    let Some(event) = github::known(event) else { return Ok(StatusCode::NO_CONTENT) };
    let told = github::read(event, body)?;
    let marks = [id, text(github::SIGNATURE)];
    if !is_new(site, organization, integration, event, marks).await? {
        return Ok(StatusCode::ACCEPTED);
    }
    tracing::debug!(event, integration = integration.0, "a webhook told something new");
    let Told::Day(day) = told else { return Ok(StatusCode::NO_CONTENT) };
    if !is_recent(day, site.now().day()) {
        return Ok(StatusCode::NO_CONTENT);
    }
    match site.connections().request_day(organization, integration, day).await {
        Ok(()) => Ok(StatusCode::ACCEPTED),
        // Paused: whoever resumes it has everything read that is missing.
        Err(SyncRefused::Impossible(_)) => Ok(StatusCode::NO_CONTENT),
        Err(SyncRefused::Broken(error)) => {
            // It is to be heard when it is sent again.
            for mark in marks {
                site.store().forget_webhook_delivery(organization, integration, mark).await?;
            }
            Err(Problem::internal(error.as_ref()))
        }
    }
}

/// Notes a delivery by its id and by its signature: the id is not signed, so whoever sends a body once more could give it
/// another one.
async fn is_new(
    site: &Site,
    organization: OrganizationId,
    integration: IntegrationId,
    event: &str,
    marks: [&str; 2],
) -> Result<bool, Problem> {
    let mut new = true;
    for mark in marks {
        new &= site.store().note_webhook_delivery(organization, integration, mark, event, site.now()).await?;
    }
    Ok(new)
}

/// Whether a day is one that webhooks have read again: a merge of a moment ago may have another day there than here.
fn is_recent(day: Day, today: Day) -> bool {
    (-1..=OLDEST_DAYS).contains(&today.since(day))
}

/// The same whether there is no such integration or it has no secret: an address that is guessed tells nothing.
fn nothing_here() -> Problem {
    Problem::not_found(
        "Nothing is heard at this address. Make a webhook secret on the integration's page, which shows the address.",
    )
}

fn forged() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "not-signed",
        "The signature does not fit the body: enter the secret from the integration's page as the webhook's secret.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_again_while_ids_of_deliveries_are_remembered() {
        let today = Day(20_000);
        let recent: Vec<i32> = (-3..40).filter(|back| is_recent(today.minus(*back), today)).collect();
        assert_eq!(recent, (-1..=29).collect::<Vec<_>>());
    }
}
