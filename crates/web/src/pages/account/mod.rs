//! Settings: my account. Name, password, second factor, ways to sign in, sessions.

pub(super) mod factor;
pub(super) mod password;
pub(super) mod sessions;
pub(super) mod sign_ons;

use super::form::{Errors, Field, Form, line};
use super::said::{self, Said};
use super::{Frame, show};
use crate::app::Site;
use crate::caller::Caller;
use crate::password::SHORTEST;
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use factor::Factor;
use http::{HeaderMap, StatusCode};
use sessions::Session;
use sign_ons::Linked;
use tacho_store::User;

const HERE: &str = "/settings/account";

const SAID: Said = &[
    ("renamed", "Your name is saved."),
    ("password-changed", "The new password holds. Every other device is signed out."),
    ("factor-removed", "The second factor is off: your password alone lets you in."),
    ("linked", "You can sign in that way from now on."),
    ("unlinked", "You cannot sign in that way any more."),
    ("session-ended", "That device is signed out."),
    ("others-ended", "Every other device is signed out."),
];

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    error: String,
    user: User,
    role: &'static str,
    role_means: &'static str,
    name: Field,
    /// Nothing for whoever has no password.
    password: Vec<Field>,
    factor: Factor,
    linked: Vec<Linked>,
    /// Label and address of ways to sign in that may be linked.
    linkable: Vec<(String, String)>,
    sessions: Vec<Session>,
}

/// The user who asks; a token of nobody has no account.
async fn me(site: &Site, caller: &Caller) -> Result<User, Problem> {
    let user = site.store().find_user(caller.user()?).await?;
    user.ok_or_else(|| Problem::not_found("This account does not exist any more."))
}

/// `GET /settings/account`.
pub(crate) async fn account(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    page(&site, &caller, &headers, query.as_deref(), &Errors::default(), None).await
}

/// The page, with what was wrong with a form of it.
async fn page(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    query: Option<&str>,
    errors: &Errors,
    typed_name: Option<&str>,
) -> Result<Response, Problem> {
    let user = me(site, caller).await?;
    let role = caller.rights.role();
    let linked = sign_ons::list(site, &user).await?;
    let linkable = sign_ons::linkable(site, &linked);
    let password = if user.has_password {
        let help = format!("At least {SHORTEST} characters; a few words are easy to remember.");
        vec![
            Field::password("present", "Present password", "current-password").checked(errors),
            Field::password("password", "New password", "new-password").help(help).checked(errors),
        ]
    } else {
        Vec::new()
    };
    let mut response = show(&AccountPage {
        frame: Frame::of(site, caller, "My account", HERE, headers).await?.saying(query, SAID),
        error: errors.of("form").unwrap_or_default().to_owned(),
        role: role.as_str(),
        role_means: role.describe(),
        name: Field::new("name", "Name").kind("text", "name").value(typed_name.unwrap_or(&user.name)).checked(errors),
        password,
        factor: Factor::of(site, &user, errors).await?,
        linked,
        linkable,
        sessions: sessions::list(site, caller, &user).await?,
        user,
    })?;
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `POST /settings/account/name`.
pub(crate) async fn rename(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let typed = form.text("name");
    let mut errors = Errors::default();
    match errors.take("name", line(typed, "your name", 100)) {
        Some(name) => {
            site.store().rename_user(caller.user()?, &name).await?;
            Ok(said::back(HERE, "renamed"))
        }
        None => page(&site, &caller, &headers, None, &errors, Some(typed)).await,
    }
}
