//! Settings: API tokens. One's own, with scopes of what one's role grants; whoever manages tokens sees all of them.

use super::form::{Errors, Field, Form, line};
use super::said::{self, Said};
use super::{Frame, show};
use crate::api_tokens::{self, Wanted};
use crate::app::Site;
use crate::caller::Caller;
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use tacho_domain::{Instant, Permission, Scopes};
use tacho_render::words::instant;
use tacho_store::ApiToken;

const HERE: &str = "/settings/tokens";
const SAID: Said = &[("revoked", "The token does not work any more.")];
/// Value of the form, label and days until a token ends.
const ENDS: [(&str, &str, Option<u32>); 4] =
    [("30", "in 30 days", Some(30)), ("90", "in 90 days", Some(90)), ("365", "in a year", Some(365)), ("never", "never", None)];

struct Row {
    id: i64,
    name: String,
    owner: String,
    scopes: Vec<&'static str>,
    made: String,
    used: String,
    ends: String,
    over: bool,
}

/// A scope that may be chosen.
struct Scope {
    name: &'static str,
    means: &'static str,
    chosen: bool,
}

/// A token that was made and is shown this once.
struct Made {
    name: String,
    token: String,
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    frame: Frame,
    made: Option<Made>,
    /// Whether the table shows the tokens of everybody.
    everyone: bool,
    rows: Vec<Row>,
    may_make: bool,
    name: Field,
    scopes: Vec<Scope>,
    scopes_error: String,
    ends: Vec<(&'static str, &'static str, bool)>,
}

/// `GET /settings/tokens`.
pub(crate) async fn list(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    page(&site, &caller, &headers, Shown { query: query.as_deref(), ..Shown::default() }).await
}

#[derive(Default)]
struct Shown<'a> {
    query: Option<&'a str>,
    errors: Errors,
    name: &'a str,
    scopes: Vec<String>,
    ends: Option<&'a str>,
    made: Option<Made>,
}

async fn page(site: &Site, caller: &Caller, headers: &HeaderMap, shown: Shown<'_>) -> Result<Response, Problem> {
    let now = site.now();
    let tokens = api_tokens::list(site, caller).await?;
    let errors = &shown.errors;
    let chosen_end = shown.ends.unwrap_or("90");
    let mut response = show(&TokensPage {
        frame: Frame::of(site, caller, "API tokens", HERE, headers).await?.saying(shown.query, SAID),
        made: shown.made,
        everyone: caller.may(Permission::ManageTokens),
        rows: tokens.into_iter().map(|token| row(token, now)).collect(),
        may_make: caller.may(Permission::ManageOwnTokens) && caller.user().is_ok(),
        name: Field::new("name", "Name")
            .value(shown.name)
            .help("What uses it, so that you know it again: “build server”.")
            .checked(errors),
        scopes: scopes(caller, &shown.scopes),
        scopes_error: errors.of("scope").unwrap_or_default().to_owned(),
        ends: ENDS.into_iter().map(|(value, label, _)| (value, label, value == chosen_end)).collect(),
    })?;
    if !shown.errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn row(token: ApiToken, now: Instant) -> Row {
    Row {
        id: token.id,
        owner: token.user.map_or_else(|| format!("nobody in particular, as {}", token.role), |(_, email)| email),
        scopes: token.scopes.iter().map(Permission::as_str).collect(),
        made: instant(token.created_at),
        used: token.last_used_at.map_or_else(|| "never".to_owned(), instant),
        ends: token.expires_at.map_or_else(|| "never".to_owned(), instant),
        over: token.expires_at.is_some_and(|end| end <= now),
        name: token.name,
    }
}

fn scopes(caller: &Caller, chosen: &[String]) -> Vec<Scope> {
    let open = Permission::ALL.into_iter().filter(|permission| caller.may(*permission));
    let scope = |permission: Permission| Scope {
        name: permission.as_str(),
        means: permission.describe(),
        chosen: chosen.iter().any(|name| name == permission.as_str()),
    };
    open.map(scope).collect()
}

/// `POST /settings/tokens`.
pub(crate) async fn make(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let typed = form.text("name");
    let names: Vec<String> = form.all("scope").map(str::to_owned).collect();
    let mut errors = Errors::default();
    let name = errors.take("name", line(typed, "a name", 100));
    let scopes = errors.take("scope", chosen(&caller, &names));
    let end = ENDS.iter().find(|(value, ..)| *value == form.text("ends"));
    let end = end.ok_or_else(|| Problem::field("ends", "is not known: send `30`, `90`, `365` or `never`"))?;
    if let (Some(name), Some(scopes)) = (name, scopes) {
        let wanted = Wanted { name: &name, scopes, days: end.2, shared: None };
        match api_tokens::make(&site, &caller, &wanted).await {
            Ok(token) => {
                let made = Some(Made { name, token: told(&token) });
                return page(&site, &caller, &headers, Shown { made, ..Shown::default() }).await;
            }
            Err(problem) => errors = Errors::of_problem(problem, "name")?,
        }
    }
    let ends = Some(end.0);
    page(&site, &caller, &headers, Shown { errors, name: typed, scopes: names, ends, ..Shown::default() }).await
}

#[expect(clippy::disallowed_methods, reason = "the token is shown once to whoever made it")]
fn told(token: &SecretString) -> String {
    token.expose_secret().to_owned()
}

/// The scopes that were ticked: at least one, and none beyond the caller's own rights.
fn chosen(caller: &Caller, names: &[String]) -> Result<Scopes, String> {
    if names.is_empty() {
        return Err("Choose at least one scope: a token without any may do nothing.".to_owned());
    }
    let one = |name: &String| {
        let permission = Permission::parse(name).ok_or_else(|| "One of these scopes is not known.".to_owned())?;
        if caller.may(permission) {
            Ok(permission)
        } else {
            Err(format!("You may not give `{permission}`: you do not have it yourself."))
        }
    };
    names.iter().map(one).collect()
}

/// `POST /settings/tokens/{id}/revoke`.
pub(crate) async fn revoke(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("A token's number is a whole number."))?;
    api_tokens::revoke(&site, &caller, id).await?;
    Ok(said::back(HERE, "revoked"))
}
