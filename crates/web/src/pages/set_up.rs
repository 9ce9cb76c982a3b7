//! The first owner: whoever opens the set-up link names the organization and makes the first account. The link works only
//! while there is no user at all.

use super::door::Door;
use super::form::{Errors, Field, Form, email, line};
use super::sign_in::{link_hash, spent};
use crate::app::Site;
use crate::asking::Asking;
use crate::audit;
use crate::password::{SHORTEST, check_password};
use crate::problem::Problem;
use crate::session::{self, Method};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use serde_json::json;
use tacho_domain::audit::{Action, Actor};
use tacho_store::{Link, LinkKind, NewUser};

/// What was typed.
#[derive(Default)]
struct Typed<'a> {
    organization: &'a str,
    name: &'a str,
    email: &'a str,
}

fn page(headers: &HeaderMap, typed: &Typed<'_>, errors: &Errors) -> Result<Response, Problem> {
    let lead =
        "Nobody has an account here yet. You become the first owner: you connect tools, invite others and give them roles.";
    let mut door = Door::new(headers, "Set Tacho up", lead, "Make my account");
    door.fields = vec![
        Field::new("organization", "Organization").kind("text", "organization").value(typed.organization),
        Field::new("name", "Your name").kind("text", "name").value(typed.name),
        Field::new("email", "Your e-mail address").kind("email", "username").value(typed.email),
        Field::password("password", "Password", "new-password")
            .help(format!("At least {SHORTEST} characters; a few words are easy to remember.")),
    ];
    door.fields = door.fields.into_iter().map(|field| field.checked(errors)).collect();
    door.shown()
}

async fn link(site: &Site, secret: &str) -> Result<Link, Problem> {
    let found = site.store().find_link(&link_hash(secret)?, site.now()).await?;
    found.filter(|link| link.kind == LinkKind::SetUp).ok_or_else(spent)
}

/// `GET /set-up/{secret}`.
pub(crate) async fn form(State(site): State<Site>, Path(secret): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let link = link(&site, &secret).await?;
    let organization = site.store().find_organization(link.organization).await?.map(|found| found.name).unwrap_or_default();
    page(&headers, &Typed { organization: &organization, ..Typed::default() }, &Errors::default())
}

/// `POST /set-up/{secret}`.
pub(crate) async fn set_up(
    State(site): State<Site>,
    Extension(asking): Extension<Asking>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let link = link(&site, &secret).await?;
    let form = Form::read(&headers, &body)?;
    let typed = Typed { organization: form.text("organization"), name: form.text("name"), email: form.text("email") };
    let password = form.secret("password");
    let mut errors = Errors::default();
    errors.take("organization", line(typed.organization, "a name for the organization", 100));
    errors.take("name", line(typed.name, "your name", 100));
    errors.take("email", email(typed.email));
    errors.take("password", check_password(&password, &[typed.email, typed.name, typed.organization]));
    if !errors.is_empty() {
        return page(&headers, &typed, &errors);
    }
    let now = site.now();
    let named = site.store().find_organization(link.organization).await?.is_some_and(|found| found.name == typed.organization);
    if !named && let Err(error) = site.store().rename_organization(link.organization, typed.organization).await {
        if !error.is_invalid() {
            return Err(error.into());
        }
        errors.add("organization", format!("{error}."));
        return page(&headers, &typed, &errors);
    }
    let hash = site.passwords().hash(password).await?;
    let new = NewUser { email: typed.email, name: typed.name, password_hash: Some(&hash) };
    let accepted = site.store().accept_link(&link_hash(&secret)?, LinkKind::SetUp, &new, now).await?;
    let (organization, id) = accepted.ok_or_else(spent)?;
    let user = site.store().find_user(id).await?.ok_or_else(spent)?;
    let actor = Actor::User { id, email: user.email.clone() };
    audit::note_as(&site, organization, &actor, &asking, Action::UserAdded, &user.email, json!({ "role": "owner" })).await?;
    session::begin(&site, &headers, &asking, organization, &user, Method::PASSWORD.0, "/").await
}
