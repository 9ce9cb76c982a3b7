//! The second factor of an account: begun with the present password, on once a code of the new secret was right, then the
//! recovery codes are shown once. Until the code the secret waits sealed in the store, bound to the session.

use super::password::proven;
use super::{HERE, me, page};
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::form::{Errors, Field, Form};
use crate::pages::{Frame, said, show};
use crate::problem::Problem;
use crate::second_factor::{Enrolment, SecondFactor, new_recovery_codes, recovery_hash};
use crate::{access, audit};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_store::{NewRoundTrip, User};

/// How long setting up may take.
const ENROLMENT_SECONDS: i64 = 900;
const PURPOSE: &str = "second_factor";

/// The part of the account page about the second factor.
pub(super) struct Factor {
    pub(super) on: bool,
    /// Recovery codes left.
    pub(super) codes: i64,
    /// The present password, which every change takes; one per form.
    pub(super) begin: Field,
    pub(super) renew: Field,
    pub(super) remove: Field,
}

impl Factor {
    pub(super) async fn of(site: &Site, user: &User, errors: &Errors) -> Result<Self, Problem> {
        let field = |id: &'static str| {
            let error = errors.of(id).map(str::to_owned);
            Field { error, ..Field::password("present", "Present password", "current-password").id(id) }
        };
        let codes = if user.has_second_factor { site.store().count_recovery_codes(user.id).await? } else { 0 };
        Ok(Self {
            on: user.has_second_factor,
            codes,
            begin: field("factor-begin"),
            renew: field("factor-renew"),
            remove: field("factor-remove"),
        })
    }
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct EnrolmentPage {
    frame: Frame,
    shown: Enrolment,
    state: String,
    code: Field,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct CodesPage {
    frame: Frame,
    codes: Vec<String>,
}

/// Reads a form that has to prove the present password; what is wrong is shown at the field of that id.
async fn read(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    body: &Bytes,
    id: &'static str,
) -> Result<Result<User, Response>, Problem> {
    let form = Form::read(headers, body)?;
    let user = me(site, caller).await?;
    let mut errors = Errors::default();
    errors.take(id, proven(site, caller, &user, form.secret("present")).await?);
    if errors.is_empty() { Ok(Ok(user)) } else { Ok(Err(page(site, caller, headers, None, &errors, None).await?)) }
}

/// `POST /settings/account/second-factor`.
pub(crate) async fn begin(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let user = match read(&site, &caller, &headers, &body, "factor-begin").await? {
        Ok(user) => user,
        Err(response) => return Ok(response),
    };
    let (secret, state) = (SecondFactor::new_secret(), access::fresh());
    keep(&site, &caller, &state, &secret).await?;
    enrolment(&site, &caller, &headers, &user, &secret, state, &Errors::default()).await
}

async fn keep(site: &Site, caller: &Caller, state: &str, secret: &SecretString) -> Result<(), Problem> {
    #[expect(clippy::disallowed_methods, reason = "the secret is put into a payload that is sealed")]
    let payload = json!({ "secret": secret.expose_secret() });
    let now = site.now();
    let (hash, session) = (access::hash(state), caller.session.as_deref());
    let expires_at = now.plus_seconds(ENROLMENT_SECONDS);
    let trip = NewRoundTrip { hash: &hash, purpose: PURPOSE, session, payload: &payload, expires_at };
    Ok(site.store().add_round_trip(&trip, site.vault(), now).await?)
}

async fn enrolment(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    user: &User,
    secret: &SecretString,
    state: String,
    errors: &Errors,
) -> Result<Response, Problem> {
    let mut response = show(&EnrolmentPage {
        frame: Frame::of(site, caller, "Second factor", HERE, headers).await?,
        shown: SecondFactor::of(secret, &user.email)?.enrolment()?,
        state,
        code: Field::new("code", "Code that the app shows").kind("text", "one-time-code").checked(errors),
    })?;
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `POST /settings/account/second-factor/confirm`.
pub(crate) async fn confirm(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let user = me(&site, &caller).await?;
    let state = form.text("state").to_owned();
    let now = site.now();
    let trip = if access::is_secret(&state) {
        site.store().claim_round_trip(&access::hash(&state), PURPOSE, site.vault(), now).await?
    } else {
        None
    };
    // Whoever is in another session did not prove the password.
    let trip = trip.filter(|trip| trip.session == caller.session);
    let secret = trip.and_then(|trip| trip.payload.get("secret").and_then(|text| text.as_str()).map(SecretString::from));
    let Some(secret) = secret else {
        let mut errors = Errors::default();
        errors.add("factor-begin", "Setting up took too long. Begin again.");
        return page(&site, &caller, &headers, None, &errors, None).await;
    };
    let Some(step) = SecondFactor::of(&secret, &user.email)?.step_of(form.text("code"), now) else {
        keep(&site, &caller, &state, &secret).await?;
        let mut errors = Errors::default();
        errors.add(
            "code",
            "This is not the code of the new entry. Check that the phone's clock is right, and enter the next code.",
        );
        return enrolment(&site, &caller, &headers, &user, &secret, state, &errors).await;
    };
    site.store().put_second_factor(user.id, Some(&secret), site.vault(), now).await?;
    site.store().claim_second_factor_step(user.id, step).await?;
    audit::note(&site, &caller, Action::SecondFactorChanged, &user.email, json!({ "to": "on" })).await?;
    give_codes(&site, &caller, &headers, &user).await
}

/// `POST /settings/account/second-factor/codes`.
pub(crate) async fn renew_codes(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let user = match read(&site, &caller, &headers, &body, "factor-renew").await? {
        Ok(user) => user,
        Err(response) => return Ok(response),
    };
    if !user.has_second_factor {
        return Err(Problem::not_found("The second factor is off: there is nothing to recover."));
    }
    audit::note(&site, &caller, Action::SecondFactorChanged, &user.email, json!({ "to": "new recovery codes" })).await?;
    give_codes(&site, &caller, &headers, &user).await
}

/// Makes new codes in the place of those before, and shows them this once.
async fn give_codes(site: &Site, caller: &Caller, headers: &HeaderMap, user: &User) -> Result<Response, Problem> {
    let codes = new_recovery_codes();
    let hashes: Vec<Vec<u8>> = codes.iter().filter_map(|code| recovery_hash(code)).collect();
    site.store().put_recovery_codes(user.id, &hashes).await?;
    show(&CodesPage { frame: Frame::of(site, caller, "Recovery codes", HERE, headers).await?, codes })
}

/// `POST /settings/account/second-factor/remove`.
pub(crate) async fn remove(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let user = match read(&site, &caller, &headers, &body, "factor-remove").await? {
        Ok(user) => user,
        Err(response) => return Ok(response),
    };
    site.store().put_second_factor(user.id, None, site.vault(), site.now()).await?;
    audit::note(&site, &caller, Action::SecondFactorChanged, &user.email, json!({ "to": "off" })).await?;
    Ok(said::back(HERE, "factor-removed"))
}
