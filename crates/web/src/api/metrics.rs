//! `/metrics` for Prometheus. Numbers about an installation are for whoever runs it: from this machine itself, or with the
//! configured token. For everybody else there is nothing at this address.

use crate::app::Site;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// This room's addresses.
pub(crate) fn routes() -> Vec<Route> {
    vec![Route::page(Method::GET, "/metrics", Gate::Open, get(metrics))]
}

async fn metrics(State(site): State<Site>, peer: Extension<Peer>, headers: HeaderMap) -> Result<Response, Problem> {
    let operations = site.operations();
    let allowed = peer.is_local || operations.metrics_token.as_ref().is_some_and(|token| is_token(&headers, token));
    let (true, Some(metrics)) = (allowed, &operations.metrics) else {
        return Err(Problem::of_status(StatusCode::NOT_FOUND));
    };
    let text = metrics.render().await.map_err(|error| {
        tracing::warn!(%error, "metrics could not be read");
        let detail = "The database does not answer. Try again in a moment.";
        Problem { retry_after_seconds: Some(5), ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail) }
    })?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// Whether the right token was brought. Digests are compared, whose bytes tell a guesser nothing about how far he got.
#[expect(clippy::disallowed_methods, reason = "the configured token is compared with the one that was brought")]
fn is_token(headers: &HeaderMap, token: &SecretString) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    given.is_some_and(|(_, given)| Sha256::digest(given.trim()) == Sha256::digest(token.expose_secret()))
}
