//! Lets in whoever brings a session or an API token and has the permission the route needs; everyone else is told what is
//! missing. The one place where permissions are checked before a handler runs.

use crate::access::{self, hash, is_api_token, is_secret};
use crate::app::Site;
use crate::asking::Asking;
use crate::caller::{Caller, Who};
use crate::problem::Problem;
use crate::routing::Gate;
use crate::{pages, session};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use tacho_domain::Rights;
use tacho_store::Entrant;

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
    let asking = request.extensions().get::<Asking>().cloned().unwrap_or_default();
    let Some((caller, rotate)) = find(&site, request.headers(), &asking).await? else {
        return turned_away(&site, request.headers(), request.method(), request.uri()).await;
    };
    match gate {
        Gate::Open | Gate::SignedIn => {}
        Gate::Needs(permission) => caller.need(permission)?,
        Gate::NeedsOne(any) => {
            if !any.iter().any(|permission| caller.may(*permission)) {
                caller.need(any[0])?;
            }
        }
    }
    // A page that is opened is waited for, so its answer brings the new secret home; others run side by side.
    let old = caller.session.clone().filter(|_| rotate && request.method() == Method::GET && !is_api(request.uri().path()));
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    if let Some(old) = old {
        let secret = access::fresh();
        if site.store().rotate_session(&old, &hash(&secret), site.now()).await? {
            session::hand_over(&site, &mut response, &secret);
        }
    }
    Ok(response)
}

/// Who asks, on a route that is open to everybody too.
pub(crate) async fn visitor(site: &Site, headers: &HeaderMap, asking: &Asking) -> Result<Option<Caller>, Problem> {
    Ok(find(site, headers, asking).await?.map(|(caller, _)| caller))
}

/// Who asks, and whether their session's secret has to be changed.
async fn find(site: &Site, headers: &HeaderMap, asking: &Asking) -> Result<Option<(Caller, bool)>, Problem> {
    // A header that is there decides alone: a wrong token is not saved by a cookie.
    if let Some(token) = bearer(headers) {
        if !is_api_token(token) {
            return Ok(None);
        }
        let entrant = site.store().find_api_token(&hash(token), site.now()).await?;
        return Ok(entrant.map(|entrant| (caller(entrant, None, asking), false)));
    }
    let Some(secret) = session_secret(headers, site.secure_cookies()) else { return Ok(None) };
    let hash = hash(secret);
    let entrant = site.store().find_session(&hash, site.now()).await?;
    Ok(entrant.map(|entrant| {
        let rotate = entrant.rotate;
        (caller(entrant, Some(hash), asking), rotate)
    }))
}

/// A token may do what its owner's role grants and its scopes name; a session what the role grants.
fn caller(entrant: Entrant, session: Option<Vec<u8>>, asking: &Asking) -> Caller {
    Caller {
        organization: entrant.organization,
        rights: entrant.scopes.map_or_else(|| Rights::of(entrant.role), |scopes| Rights::scoped(entrant.role, scopes)),
        member: entrant.member,
        who: match entrant.user {
            Some((id, email, _)) => Who::User { id, email, token: entrant.name },
            None => Who::Token { name: entrant.name.unwrap_or_default() },
        },
        session,
        asking: asking.clone(),
    }
}

fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

/// A program is told what to send; a person gets the sign-in page, which leads on to where they wanted to go.
async fn turned_away(site: &Site, headers: &HeaderMap, method: &Method, uri: &Uri) -> Result<Response, Problem> {
    if is_api(uri.path()) || bearer(headers).is_some() {
        return Err(sign_in_needed());
    }
    let asked = uri.path_and_query().map_or("/", |whole| whole.as_str());
    pages::sign_in::turned_away(site, headers, if method == Method::GET { asked } else { "/" }).await
}

fn sign_in_needed() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "sign-in-needed",
        "Send `Authorization: Bearer tacho_...` with an API token that has not expired, or sign in.",
    )
}
