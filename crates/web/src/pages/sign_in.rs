//! Signing in with e-mail address and password, and out again. Whoever has no account, a wrong password, none at all, or is
//! locked out gets the same answer after the same time, so that nobody learns who has an account here.

use super::form::{Field, Form};
use super::said::Said;
use super::{Frame, second_step, show};
use crate::app::Site;
use crate::asking::Asking;
use crate::assets::Theme;
use crate::caller::Caller;
use crate::password::Verdict;
use crate::problem::Problem;
use crate::session::{self, Method};
use crate::{access, audit, guard};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_domain::person::normal_email;
use tacho_domain::{OrganizationId, UserId};
use tacho_store::User;
use url::form_urlencoded;

/// What the page says after a form that led here.
pub(crate) const SAID: Said = &[
    ("signed-out", "You are signed out."),
    ("signed-out-everywhere", "You are signed out on every device."),
    ("password-changed", "The new password holds. Sign in with it."),
    ("begin-again", "The second step took too long or had too many wrong codes. Begin again."),
    ("removed", "You are not in that organization any more."),
];

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    error: String,
    /// Nobody has an account yet.
    unset: bool,
    fields: Vec<Field>,
    next: String,
    /// Label and address of the other ways to sign in.
    providers: Vec<(String, String)>,
}

/// What the page shows besides its form.
#[derive(Default)]
struct Shown<'a> {
    error: String,
    email: &'a str,
    next: &'a str,
    said: Option<&'static str>,
}

async fn page(site: &Site, headers: &HeaderMap, shown: Shown<'_>) -> Result<Response, Problem> {
    let mut frame = Frame::new("Sign in", "", Theme::of(headers));
    frame.said = shown.said;
    let next = session::local(shown.next).unwrap_or_default();
    let provider = |card: crate::ProviderCard| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", &next).finish();
        (
            card.label,
            if next.is_empty() { format!("/sign-in/with/{}", card.id) } else { format!("/sign-in/with/{}?{query}", card.id) },
        )
    };
    show(&SignInPage {
        frame,
        error: shown.error,
        unset: site.store().count_users().await? == 0,
        fields: vec![
            Field::new("email", "E-mail address").kind("email", "username").value(shown.email),
            Field::password("password", "Password", "current-password"),
        ],
        providers: site.sign_on().providers().into_iter().map(provider).collect(),
        next,
    })
}

/// For whoever asked for a page without being signed in: the sign-in page, which leads on to it.
pub(crate) async fn turned_away(site: &Site, headers: &HeaderMap, next: &str) -> Result<Response, Problem> {
    let mut response = page(site, headers, Shown { next, ..Shown::default() }).await?;
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"tacho\""));
    Ok(response)
}

/// `GET /sign-in`.
pub(crate) async fn form(
    State(site): State<Site>,
    Extension(asking): Extension<Asking>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let next = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "next").map(|(_, value)| value.into_owned());
    let next = next.unwrap_or_default();
    if guard::visitor(&site, &headers, &asking).await?.is_some_and(|caller| caller.session.is_some()) {
        return Ok(Redirect::to(session::local(&next).as_deref().unwrap_or("/")).into_response());
    }
    let said = super::said::heard(Some(&query), SAID);
    page(&site, &headers, Shown { next: &next, said, ..Shown::default() }).await
}

/// `POST /sign-in`.
pub(crate) async fn sign_in(
    State(site): State<Site>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let (email, next) = (form.text("email"), form.text("next"));
    let account = normal_email(email);
    if let Some(seconds) = site.throttle().wait_seconds(&account, &asking.address, site.now()) {
        let shown = Shown { error: waiting(seconds), email, next, ..Shown::default() };
        return Ok(too_often(page(&site, &headers, shown).await?, seconds));
    }
    let user = site.store().find_user_by_email(&account).await?;
    // Asked for in any case: what exists takes as long as what does not.
    let stored = site.store().find_password_hash(user.as_ref().map_or(UserId(0), |user| user.id)).await?;
    let password = form.secret("password");
    let verdict = site.passwords().verify(password.clone(), stored.clone()).await?;
    let entered = match (&user, verdict) {
        (Some(user), Verdict::Right | Verdict::RightButOld) => first_place(&site, user.id).await?.map(|place| (user, place)),
        _ => None,
    };
    let Some((user, organization)) = entered else {
        site.throttle().failed(&account, &asking.address, site.now());
        note_failure(&site, &asking, user.as_ref()).await?;
        let error =
            "This e-mail address and password do not let anybody in here. Check both; passwords tell capital from small letters.";
        let mut response = page(&site, &headers, Shown { error: error.into(), email, next, ..Shown::default() }).await?;
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        return Ok(response);
    };
    if let (Verdict::RightButOld, Some(stored)) = (verdict, &stored) {
        let hash = site.passwords().hash(password).await?;
        site.store().renew_password_hash(user.id, stored, &hash).await?;
    }
    if user.has_second_factor {
        return second_step::ask(&site, organization, user.id, next).await;
    }
    site.throttle().succeeded(&account, &asking.address);
    session::begin(&site, &headers, &asking, organization, user, Method::PASSWORD.0, next).await
}

/// Where somebody is let in: the first organization, by name, that they are not locked out of.
pub(crate) async fn first_place(site: &Site, user: UserId) -> Result<Option<OrganizationId>, Problem> {
    let memberships = site.store().list_memberships_of(user).await?;
    Ok(memberships.into_iter().find(|membership| !membership.locked).map(|membership| membership.organization))
}

/// Notes a failure where it concerns somebody: in each organization of the account, or in the first for an address that has
/// none, without the address, which may be a password that was typed into the wrong field.
pub(super) async fn note_failure(site: &Site, asking: &Asking, user: Option<&User>) -> Result<(), Problem> {
    let Some(user) = user else {
        let first = site.store().list_organizations().await?.first().map(|organization| organization.id);
        let Some(organization) = first else { return Ok(()) };
        return audit::note_visitor(site, organization, asking, Action::SignInFailed, "an unknown address", json!({})).await;
    };
    for membership in site.store().list_memberships_of(user.id).await? {
        audit::note_visitor(site, membership.organization, asking, Action::SignInFailed, &user.email, json!({})).await?;
    }
    Ok(())
}

/// How long to wait, in words that say nothing of the account.
pub(super) fn waiting(seconds: u64) -> String {
    let time = if seconds < 90 { format!("{seconds} seconds") } else { format!("{} minutes", seconds.div_ceil(60)) };
    format!("Too many failed tries for this e-mail address. Try again in {time}.")
}

/// The page with the status and header of a limit.
pub(super) fn too_often(mut response: Response, seconds: u64) -> Response {
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// `POST /sign-out`.
pub(crate) async fn sign_out(State(site): State<Site>, Extension(caller): Extension<Caller>) -> Result<Response, Problem> {
    if let Some(hash) = &caller.session {
        site.store().remove_session(hash).await?;
        let target = caller.name().to_owned();
        audit::note(&site, &caller, Action::SignedOut, &target, json!({})).await?;
    }
    Ok(session::signed_out(&site, "signed-out"))
}

/// A one-time link that does not work any more.
pub(crate) fn spent() -> Problem {
    let detail = "It was used before, has expired, or was cut off when it was copied. Ask whoever gave it to you for a new one; \
                  whoever runs the server can always print one with `tacho sign-in`.";
    Problem::new(StatusCode::GONE, "link-spent", detail)
}

/// The hash of a link's secret, if it has the form of one.
pub(super) fn link_hash(secret: &str) -> Result<Vec<u8>, Problem> {
    if access::is_secret(secret) { Ok(access::hash(secret)) } else { Err(spent()) }
}
