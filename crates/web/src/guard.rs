//! Lets in whoever brings a session or an API token and has the permission the route needs; everyone else is told what is
//! missing. The one place where permissions are checked before a handler runs.

use crate::access::{hash, is_api_token, is_secret};
use crate::app::Site;
use crate::caller::{Caller, Who};
use crate::problem::Problem;
use crate::routing::Gate;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use tacho_domain::{Rights, Role};

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

/// Finds out who asks, and whether they may, before anything else is done.
pub(crate) async fn guard(
    State((site, gate)): State<(Site, Gate)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = find(&site, request.headers()).await?.ok_or_else(sign_in_needed)?;
    match gate {
        Gate::Open | Gate::SignedIn => {}
        Gate::Needs(permission) => caller.need(permission)?,
        Gate::NeedsOne(any) => {
            if !any.iter().any(|permission| caller.may(*permission)) {
                caller.need(any[0])?;
            }
        }
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

async fn find(site: &Site, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    // A header that is there decides alone: a wrong token is not saved by a cookie.
    let organization = match bearer(headers) {
        Some(token) if is_api_token(token) => site.store().find_api_token(&hash(token), site.now()).await?,
        Some(_) => None,
        None => match session_secret(headers, site.secure_cookies()) {
            Some(secret) => site.store().find_session(&hash(secret), site.now()).await?,
            None => None,
        },
    };
    Ok(organization.map(|organization| Caller {
        organization,
        rights: Rights::of(Role::Owner),
        member: None,
        who: Who::Token { name: "transitional".to_owned() },
    }))
}

fn sign_in_needed() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "sign-in-needed",
        "Send `Authorization: Bearer tacho_...` with an API token, or sign in with a link from the server.",
    )
}
