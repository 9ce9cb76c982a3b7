//! A new password by a link that an administrator made. Opening it spends nothing. It ends every session of the account and
//! lets nobody in by itself: whoever has a second factor is asked for it at the sign-in that follows.

use super::door::Door;
use super::form::{Errors, Field, Form};
use super::said;
use super::sign_in::{link_hash, spent};
use crate::app::Site;
use crate::asking::Asking;
use crate::audit;
use crate::password::{SHORTEST, check_password};
use crate::problem::Problem;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use serde_json::json;
use tacho_domain::audit::{Action, Actor};
use tacho_store::{LinkKind, User};

async fn whose(site: &Site, secret: &str) -> Result<User, Problem> {
    let found = site.store().find_link(&link_hash(secret)?, site.now()).await?;
    let user = found.filter(|link| link.kind == LinkKind::PasswordReset).and_then(|link| link.user).ok_or_else(spent)?;
    site.store().find_user(user).await?.ok_or_else(spent)
}

fn page(headers: &HeaderMap, user: &User, errors: &Errors) -> Result<Response, Problem> {
    let lead = format!("For the account {}. Whoever is signed in with it is signed out, on every device.", user.email);
    let mut door = Door::new(headers, "Choose a new password", lead, "Save the password");
    let help = format!("At least {SHORTEST} characters; a few words are easy to remember.");
    door.fields = vec![Field::password("password", "New password", "new-password").help(help).checked(errors)];
    door.shown()
}

/// `GET /reset/{secret}`.
pub(crate) async fn form(State(site): State<Site>, Path(secret): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let user = whose(&site, &secret).await?;
    page(&headers, &user, &Errors::default())
}

/// `POST /reset/{secret}`.
pub(crate) async fn save(
    State(site): State<Site>,
    Extension(asking): Extension<Asking>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let user = whose(&site, &secret).await?;
    let password = Form::read(&headers, &body)?.secret("password");
    let mut errors = Errors::default();
    errors.take("password", check_password(&password, &[&user.email, &user.name]));
    if !errors.is_empty() {
        return page(&headers, &user, &errors);
    }
    let hash = site.passwords().hash(password).await?;
    let link = site.store().claim_link(&link_hash(&secret)?, LinkKind::PasswordReset, site.now()).await?.ok_or_else(spent)?;
    site.store().put_password_hash(user.id, &hash, None).await?;
    site.throttle().succeeded(&user.email, &asking.address);
    let actor = Actor::User { id: user.id, email: user.email.clone() };
    let detail = json!({ "how": "link" });
    audit::note_as(&site, link.organization, &actor, &asking, Action::PasswordChanged, &user.email, detail).await?;
    Ok(said::back("/sign-in", "password-changed"))
}
