//! Signing in with a one-time link. Opening the link shows a button and spends nothing, so that a scanner that follows
//! links in mail or chat does not lock its reader out; pressing the button spends it.

use super::{Frame, show};
use crate::access::{self, SESSION_SECONDS};
use crate::app::Site;
use crate::assets::Theme;
use crate::guard::{cookie_name, session_secret};
use crate::problem::Problem;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

#[derive(Template)]
#[template(path = "ask_for_link.html")]
pub(super) struct AskForLink {
    pub(super) frame: Frame,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
}

pub(crate) async fn ask_for_link(headers: HeaderMap) -> Result<Response, Problem> {
    show(&AskForLink { frame: Frame::new("Sign in", "", Theme::of(&headers)) })
}

pub(crate) async fn offer_sign_in(Path(secret): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    if !access::is_secret(&secret) {
        return Err(spent());
    }
    show(&SignIn { frame: Frame::new("Sign in", "", Theme::of(&headers)) })
}

pub(crate) async fn sign_in(State(site): State<Site>, Path(secret): Path<String>) -> Result<Response, Problem> {
    if !access::is_secret(&secret) {
        return Err(spent());
    }
    let now = site.now();
    let organization = site.store().claim_sign_in_link(&access::hash(&secret), now).await?.ok_or_else(spent)?;
    let session = access::begin_session(site.store(), organization, now).await?;
    Ok(with_cookie(&site, &session, SESSION_SECONDS))
}

pub(crate) async fn sign_out(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(secret) = session_secret(&headers, site.secure_cookies()) {
        site.store().remove_session(&access::hash(secret)).await?;
    }
    let mut response = with_cookie(&site, "", 0);
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/sign-in"));
    Ok(response)
}

fn spent() -> Problem {
    let detail = "It was used before, has expired, or was cut off when it was copied. Ask whoever runs the server for a new one: it prints one when it starts.";
    Problem::new(StatusCode::GONE, "link-spent", detail)
}

/// Sends the browser to the Overview with the session cookie set.
fn with_cookie(site: &Site, value: &str, seconds: i64) -> Response {
    let secure = site.secure_cookies();
    let name = cookie_name(secure);
    let flag = if secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{flag}");
    let mut response = Redirect::to("/").into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
