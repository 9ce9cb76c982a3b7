//! A new password, for whoever knows the present one: a session that was left open must not be enough to take an account over.

use super::{HERE, me, page};
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::form::{Errors, Form};
use crate::pages::said;
use crate::pages::sign_in::waiting;
use crate::password::{Verdict, check_password};
use crate::problem::Problem;
use crate::{access, audit, session};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use secrecy::SecretString;
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_store::User;

/// `POST /settings/account/password`.
pub(crate) async fn change(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let user = me(&site, &caller).await?;
    let password = form.secret("password");
    let mut errors = Errors::default();
    errors.take("password", check_password(&password, &[&user.email, &user.name]));
    errors.take("present", proven(&site, &caller, &user, form.secret("present")).await?);
    if !errors.is_empty() {
        return page(&site, &caller, &headers, None, &errors, None).await;
    }
    let hash = site.passwords().hash(password).await?;
    site.store().put_password_hash(user.id, &hash, caller.session.as_deref()).await?;
    audit::note(&site, &caller, Action::PasswordChanged, &user.email, json!({ "how": "present password" })).await?;
    let mut response = said::back(HERE, "password-changed");
    // Whoever copied this session's secret is out too.
    if let Some(old) = &caller.session {
        let secret = access::fresh();
        if site.store().rotate_session(old, &access::hash(&secret), site.now()).await? {
            session::hand_over(&site, &mut response, &secret);
        }
    }
    Ok(response)
}

/// Whether somebody knows their own password; wrong ones wait as at the sign-in.
pub(super) async fn proven(
    site: &Site,
    caller: &Caller,
    user: &User,
    password: SecretString,
) -> Result<Result<(), String>, Problem> {
    let now = site.now();
    if let Some(seconds) = site.throttle().wait_seconds(&user.email, &caller.asking.address, now) {
        return Ok(Err(waiting(seconds)));
    }
    let stored = site.store().find_password_hash(user.id).await?;
    if site.passwords().verify(password, stored).await? == Verdict::Wrong {
        site.throttle().failed(&user.email, &caller.asking.address, now);
        return Ok(Err("This is not your present password.".to_owned()));
    }
    site.throttle().succeeded(&user.email, &caller.asking.address);
    Ok(Ok(()))
}
