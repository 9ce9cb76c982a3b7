//! Accepting an invitation. Whoever is new chooses name and password; whoever has an account signs in first and then joins,
//! so that a link in wrong hands opens nobody's account.

use super::door::Door;
use super::form::{Errors, Field, Form, line};
use super::sign_in::{link_hash, spent};
use crate::app::Site;
use crate::asking::Asking;
use crate::audit;
use crate::caller::{Caller, Who};
use crate::guard;
use crate::password::{SHORTEST, check_password};
use crate::problem::Problem;
use crate::session::{self, Method};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use serde_json::json;
use tacho_domain::Role;
use tacho_domain::audit::{Action, Actor};
use tacho_store::{Link, LinkKind, NewUser, User};

/// An invitation that was opened.
struct Opened {
    link: Link,
    email: String,
    role: Role,
    organization: String,
    /// Whoever has an account with that address.
    known: Option<User>,
}

async fn open(site: &Site, secret: &str) -> Result<Opened, Problem> {
    let found = site.store().find_link(&link_hash(secret)?, site.now()).await?;
    let link = found.filter(|link| link.kind == LinkKind::Invitation).ok_or_else(spent)?;
    let (email, role) = link.email.clone().zip(link.role).ok_or_else(spent)?;
    let organization = site.store().find_organization(link.organization).await?.map(|found| found.name).unwrap_or_default();
    let known = site.store().find_user_by_email(&email).await?;
    Ok(Opened { link, email, role, organization, known })
}

fn page(
    headers: &HeaderMap,
    secret: &str,
    opened: &Opened,
    caller: Option<&Caller>,
    name: &str,
    errors: &Errors,
) -> Result<Response, Problem> {
    let Opened { email, role, organization, .. } = opened;
    let heading = format!("Join {organization}");
    let meaning = role.describe();
    let Some(known) = &opened.known else {
        let lead = format!("You are invited as {role}: {meaning} You will sign in as {email}.");
        let mut door = Door::new(headers, heading, lead, "Make my account");
        door.fields = vec![
            Field::new("name", "Your name").kind("text", "name").value(name).checked(errors),
            // Password managers keep the pair, so they have to see the address.
            Field::password("password", "Password", "new-password")
                .help(format!("At least {SHORTEST} characters; a few words are easy to remember."))
                .checked(errors),
        ];
        return door.shown();
    };
    if caller.is_some_and(|caller| is(caller, known)) {
        let lead = format!("You are signed in as {email} and invited as {role}: {meaning}");
        return Door::new(headers, heading, lead, "Join").shown();
    }
    let lead =
        format!("You are invited as {role}: {meaning} There is an account for {email} already: sign in with it, then join.");
    let mut door = Door::new(headers, heading, lead, "");
    let next = url::form_urlencoded::byte_serialize(format!("/invitation/{secret}").as_bytes()).collect::<String>();
    door.instead = Some(("Sign in", format!("/sign-in?next={next}")));
    door.shown()
}

fn is(caller: &Caller, user: &User) -> bool {
    caller.session.is_some() && matches!(&caller.who, Who::User { id, .. } if *id == user.id)
}

/// `GET /invitation/{secret}`.
pub(crate) async fn form(
    State(site): State<Site>,
    Extension(asking): Extension<Asking>,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let opened = open(&site, &secret).await?;
    let caller = guard::visitor(&site, &headers, &asking).await?;
    page(&headers, &secret, &opened, caller.as_ref(), "", &Errors::default())
}

/// `POST /invitation/{secret}`.
pub(crate) async fn accept(
    State(site): State<Site>,
    Extension(asking): Extension<Asking>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let opened = open(&site, &secret).await?;
    let form = Form::read(&headers, &body)?;
    let caller = guard::visitor(&site, &headers, &asking).await?;
    if let Some(known) = &opened.known {
        return match caller.filter(|caller| is(caller, known)) {
            Some(caller) => join(&site, &secret, &caller, known).await,
            None => page(&headers, &secret, &opened, None, "", &Errors::default()),
        };
    }
    let (name, password) = (form.text("name"), form.secret("password"));
    let mut errors = Errors::default();
    errors.take("name", line(name, "your name", 100));
    errors.take("password", check_password(&password, &[&opened.email, name, &opened.organization]));
    if !errors.is_empty() {
        return page(&headers, &secret, &opened, None, name, &errors);
    }
    let hash = site.passwords().hash(password).await?;
    let new = NewUser { email: &opened.email, name, password_hash: Some(&hash) };
    let accepted = match site.store().accept_link(&link_hash(&secret)?, LinkKind::Invitation, &new, site.now()).await {
        Ok(accepted) => accepted,
        // Somebody made the account between the two looks: the page now asks to sign in.
        Err(error) if error.is_invalid() => return Ok(Redirect::to(&format!("/invitation/{secret}")).into_response()),
        Err(error) => return Err(error.into()),
    };
    let (organization, id) = accepted.ok_or_else(spent)?;
    let user = site.store().find_user(id).await?.ok_or_else(spent)?;
    let actor = Actor::User { id, email: user.email.clone() };
    let detail = json!({ "role": opened.role, "invited_by": invited_by(&opened.link) });
    audit::note_as(&site, organization, &actor, &asking, Action::UserAdded, &user.email, detail).await?;
    session::begin(&site, &headers, &asking, organization, &user, Method::PASSWORD.0, "/").await
}

/// Lets somebody into another organization, and takes their session there.
async fn join(site: &Site, secret: &str, caller: &Caller, user: &User) -> Result<Response, Problem> {
    let now = site.now();
    let link = site.store().claim_link(&link_hash(secret)?, LinkKind::Invitation, now).await?.ok_or_else(spent)?;
    let role = link.role.ok_or_else(spent)?;
    // Whoever is in by now keeps the role that they have.
    if site.store().find_membership(link.organization, user.id).await?.is_none() {
        site.store().put_membership(link.organization, user.id, role, now).await?;
        let detail = json!({ "role": role, "invited_by": invited_by(&link) });
        audit::note_as(site, link.organization, &caller.actor(), &caller.asking, Action::UserAdded, &user.email, detail).await?;
    }
    if let Some(session) = &caller.session {
        site.store().switch_session(session, link.organization).await?;
    }
    Ok(Redirect::to("/").into_response())
}

fn invited_by(link: &Link) -> Option<i64> {
    link.made_by.map(|user| user.0)
}
