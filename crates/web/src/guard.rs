//! Lets in whoever brings a session or an API token; everyone else is told how to get one.

use crate::access::{hash, is_api_token, is_secret};
use crate::app::Site;
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use tacho_domain::OrganizationId;

/// Who asks, by the organization they may see.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) organization: OrganizationId,
}

/// The session cookie's name. With `__Host-` a browser takes it over HTTPS only, from this host only.
pub(crate) fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-tacho_session" } else { "tacho_session" }
}

/// The secret in the session cookie.
pub(crate) fn session_secret(headers: &HeaderMap, secure: bool) -> Option<&str> {
    cookie(headers, cookie_name(secure)).filter(|secret| is_secret(secret))
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Finds out who asks before anything else is done.
pub(crate) async fn guard(State(site): State<Site>, mut request: Request, next: Next) -> Result<Response, Problem> {
    let organization = find(&site, request.headers()).await?;
    let organization = organization.ok_or_else(sign_in_needed)?;
    request.extensions_mut().insert(Caller { organization });
    Ok(next.run(request).await)
}

async fn find(site: &Site, headers: &HeaderMap) -> Result<Option<OrganizationId>, Problem> {
    // A header that is there decides alone: a wrong token is not saved by a cookie.
    if let Some(token) = bearer(headers) {
        return Ok(if is_api_token(token) { site.store().find_api_token(&hash(token), site.now()).await? } else { None });
    }
    match session_secret(headers, site.secure_cookies()) {
        Some(secret) => Ok(site.store().find_session(&hash(secret), site.now()).await?),
        None => Ok(None),
    }
}

fn sign_in_needed() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "sign-in-needed",
        "Send `Authorization: Bearer tacho_...` with an API token, or sign in with a link from the server.",
    )
}
