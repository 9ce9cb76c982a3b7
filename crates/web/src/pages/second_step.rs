//! The second step of a sign-in: a code of the authenticator app, or a recovery code. Between the steps the browser holds a
//! secret that opens this form and nothing else; what it stands for is sealed in the store and taken out for each try.

use super::form::{Field, Form};
use super::sign_in::{note_failure, too_often, waiting};
use super::{Frame, said, show};
use crate::app::Site;
use crate::asking::Asking;
use crate::assets::Theme;
use crate::guard::cookie;
use crate::problem::Problem;
use crate::second_factor::{SecondFactor, recovery_hash};
use crate::{access, session};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use tacho_domain::{OrganizationId, UserId};
use tacho_store::{NewRoundTrip, User};

/// How long the second step may take.
const STEP_SECONDS: i64 = 600;
/// Wrong codes before the first step has to be taken again.
const TRIES: u32 = 5;
const PURPOSE: &str = "second_step";

/// What is known after the first step.
#[derive(Serialize, Deserialize)]
struct Half {
    user: UserId,
    organization: OrganizationId,
    next: String,
    tries: u32,
    until: tacho_domain::Instant,
}

#[derive(Template)]
#[template(path = "second_step.html")]
struct SecondStep {
    frame: Frame,
    error: String,
    code: Field,
}

fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-tacho_step" } else { "tacho_step" }
}

fn secret(headers: &HeaderMap, secure: bool) -> Option<&str> {
    cookie(headers, cookie_name(secure)).filter(|secret| access::is_secret(secret))
}

/// Sends somebody whose password was right to the second step.
pub(crate) async fn ask(site: &Site, organization: OrganizationId, user: UserId, next: &str) -> Result<Response, Problem> {
    let secret = access::fresh();
    let until = site.now().plus_seconds(STEP_SECONDS);
    keep(site, &access::hash(&secret), &Half { user, organization, next: next.to_owned(), tries: 0, until }).await?;
    let mut response = Redirect::to("/sign-in/code").into_response();
    let secure = site.secure_cookies();
    session::set_cookie(&mut response, cookie_name(secure), &secret, STEP_SECONDS, secure);
    Ok(response)
}

async fn keep(site: &Site, hash: &[u8], half: &Half) -> Result<(), Problem> {
    let payload = serde_json::to_value(half).map_err(|error| Problem::internal(&error))?;
    let trip = NewRoundTrip { hash, purpose: PURPOSE, session: None, payload: &payload, expires_at: half.until };
    Ok(site.store().add_round_trip(&trip, site.vault(), site.now()).await?)
}

fn page(headers: &HeaderMap, error: String) -> Result<Response, Problem> {
    let frame = Frame::new("Second step", "", Theme::of(headers));
    show(&SecondStep { frame, error, code: Field::new("code", "Code").kind("text", "one-time-code") })
}

/// `GET /sign-in/code`.
pub(crate) async fn form(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Problem> {
    match secret(&headers, site.secure_cookies()) {
        Some(_) => page(&headers, String::new()),
        None => Ok(Redirect::to("/sign-in").into_response()),
    }
}

/// `POST /sign-in/code`.
pub(crate) async fn sign_in(
    State(site): State<Site>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let begin_again = || forget(&site, said::back("/sign-in", "begin-again"));
    let Some(secret) = secret(&headers, site.secure_cookies()) else { return Ok(begin_again()) };
    let hash = access::hash(secret);
    let now = site.now();
    // Taken out while it is tried: two tries at the same moment are one try.
    let Some(trip) = site.store().claim_round_trip(&hash, PURPOSE, site.vault(), now).await? else { return Ok(begin_again()) };
    let half: Half = serde_json::from_value(trip.payload).map_err(|error| Problem::internal(&error))?;
    let Some(user) = site.store().find_user(half.user).await? else { return Ok(begin_again()) };
    if let Some(seconds) = site.throttle().wait_seconds(&user.email, &asking.address, now) {
        keep(&site, &hash, &half).await?;
        return Ok(too_often(page(&headers, waiting(seconds))?, seconds));
    }
    if let Some(method) = method_of(&site, &user, form.text("code")).await? {
        site.throttle().succeeded(&user.email, &asking.address);
        let response = session::begin(&site, &headers, &asking, half.organization, &user, method, &half.next).await?;
        return Ok(forget(&site, response));
    }
    site.throttle().failed(&user.email, &asking.address, now);
    note_failure(&site, &asking, Some(&user)).await?;
    let half = Half { tries: half.tries + 1, ..half };
    if half.tries >= TRIES {
        return Ok(begin_again());
    }
    keep(&site, &hash, &half).await?;
    let error = "This code does not hold, or was used before. Wait for the next one in your app, and check that the phone's clock is right.";
    let mut response = page(&headers, error.to_owned())?;
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    Ok(response)
}

/// How somebody signed in, if the code is theirs. It is used up.
async fn method_of(site: &Site, user: &User, code: &str) -> Result<Option<&'static str>, Problem> {
    if spend_code(site, user, code).await? {
        return Ok(Some("password and code"));
    }
    let Some(hash) = recovery_hash(code) else { return Ok(None) };
    Ok(site.store().claim_recovery_code(user.id, &hash).await?.then_some("password and recovery code"))
}

/// Whether a code of the app is the user's and was never used; it is now.
pub(super) async fn spend_code(site: &Site, user: &User, code: &str) -> Result<bool, Problem> {
    let Some(secret) = site.store().find_second_factor(user.id, site.vault()).await? else { return Ok(false) };
    match SecondFactor::of(&secret, &user.email)?.step_of(code, site.now()) {
        Some(step) => Ok(site.store().claim_second_factor_step(user.id, step).await?),
        None => Ok(false),
    }
}

fn forget(site: &Site, mut response: Response) -> Response {
    let secure = site.secure_cookies();
    session::set_cookie(&mut response, cookie_name(secure), "", 0, secure);
    response
}
