//! One user: role, member, access. Nobody changes whoever has a role that they could not give; nobody locks themselves out.

use super::invite::role;
use super::{HERE, grantable, member_name, whole};
use crate::app::Site;
use crate::caller::Caller;
use crate::memberships::{self, may_grant};
use crate::pages::form::{Errors, Field, Form, email};
use crate::pages::said::Said;
use crate::pages::{Frame, said, show};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tacho_domain::{Role, SubjectId, UserId};
use tacho_render::words::instant;
use tacho_store::{MemberFilter, Membership, User};

const SAID: Said = &[
    ("role-changed", "The role is changed. It holds from the next page on."),
    ("linked", "The member is saved."),
    ("locked", "They are locked out and signed out everywhere here."),
    ("unlocked", "They may sign in again."),
];

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    frame: Frame,
    error: String,
    link: Option<String>,
    ways: String,
    since: String,
    seen: String,
    locked: bool,
    me: bool,
    may_change: bool,
    role: Role,
    roles: Vec<(Role, bool)>,
    role_error: String,
    member_now: String,
    member: Field,
    user: User,
}

/// Somebody of the caller's organization.
async fn find(site: &Site, caller: &Caller, id: &str) -> Result<Membership, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("A user's number is a whole number."))?;
    memberships::find(site, caller, UserId(id)).await
}

fn address(id: UserId) -> String {
    format!("{HERE}/{id}")
}

/// `GET /settings/users/{id}`.
pub(crate) async fn user(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = find(&site, &caller, &id).await?;
    page(&site, &caller, &headers, found, Shown { query: query.as_deref(), ..Shown::default() }).await
}

#[derive(Default)]
struct Shown<'a> {
    query: Option<&'a str>,
    errors: Errors,
    member: Option<&'a str>,
    link: Option<String>,
}

async fn page(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    found: Membership,
    shown: Shown<'_>,
) -> Result<Response, Problem> {
    let Membership { user, role, member, locked, since, .. } = found;
    let linked = match member {
        Some(id) => site.store().find_member(caller.organization, id).await?,
        None => None,
    };
    let linked_email = linked.and_then(|member| member.email).unwrap_or_default();
    let mut ways: Vec<String> = user.has_password.then(|| "password".to_owned()).into_iter().collect();
    ways.extend(site.store().list_sign_ons(user.id).await?.into_iter().map(|one| one.provider));
    let second = if user.has_second_factor { ", with a second factor" } else { "" };
    let errors = &shown.errors;
    let frame = Frame::of(site, caller, &user.name, &address(user.id), headers).await?;
    let mut response = show(&UserPage {
        frame: frame.saying(shown.query, SAID),
        error: errors.of("form").unwrap_or_default().to_owned(),
        link: shown.link,
        ways: if ways.is_empty() { "a one-time link only".to_owned() } else { format!("{}{second}", ways.join(", ")) },
        since: instant(since),
        seen: user.last_seen_at.map_or_else(|| "never".to_owned(), instant),
        locked,
        me: caller.user().is_ok_and(|own| own == user.id),
        may_change: may_grant(caller, role),
        role,
        roles: grantable(caller, role),
        role_error: errors.of("role").unwrap_or_default().to_owned(),
        member_now: member_name(site, caller.organization, member).await?.unwrap_or_else(|| "nobody".to_owned()),
        member: Field::new("member", "The member's e-mail address")
            .kind("email", "off")
            .value(shown.member.unwrap_or(&linked_email))
            .help("Empty for the member with the same address.")
            .optional()
            .checked(errors),
        user,
    })?;
    if !shown.errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `POST /settings/users/{id}/role`.
pub(crate) async fn change_role(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let found = find(&site, &caller, &id).await?;
    let mut errors = Errors::default();
    if let Some(new) = errors.take("role", role(&caller, form.text("role"))) {
        match memberships::change_role(&site, &caller, found.user.id, new).await {
            Ok(()) => return Ok(said::back(&address(found.user.id), "role-changed")),
            Err(problem) => errors = Errors::of_problem(problem, "role")?,
        }
    }
    page(&site, &caller, &headers, found, Shown { errors, ..Shown::default() }).await
}

/// `POST /settings/users/{id}/member`.
pub(crate) async fn link(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let found = find(&site, &caller, &id).await?;
    let typed = form.text("member");
    let mut errors = Errors::default();
    let member = if typed.is_empty() { Ok(None) } else { member_of(&site, &caller, typed).await?.map(Some) };
    if let Some(member) = errors.take("member", member) {
        match memberships::link(&site, &caller, found.user.id, member).await {
            Ok(()) => return Ok(said::back(&address(found.user.id), "linked")),
            Err(problem) => errors = Errors::of_problem(problem, "member")?,
        }
    }
    page(&site, &caller, &headers, found, Shown { errors, member: Some(typed), ..Shown::default() }).await
}

/// The member with that e-mail address.
async fn member_of(site: &Site, caller: &Caller, typed: &str) -> Result<Result<SubjectId, String>, Problem> {
    let wanted = match email(typed) {
        Ok(wanted) => wanted,
        Err(why) => return Ok(Err(why)),
    };
    let filter = MemberFilter { search: wanted.clone(), limit: 50, ..MemberFilter::default() };
    let members = site.store().page_members(caller.organization, &filter).await?;
    let member = members.into_iter().find(|member| member.email.as_deref() == Some(wanted.as_str())).map(|member| member.id);
    Ok(member.ok_or_else(|| format!("There is no member with the address `{wanted}`.")))
}

/// Somebody else of the organization: of one's own account another administrator decides.
async fn other(site: &Site, caller: &Caller, id: &str) -> Result<Membership, Problem> {
    let found = find(site, caller, id).await?;
    if caller.user().is_ok_and(|own| own == found.user.id) {
        let detail = "This is your own account. Ask another administrator, or use the page of your account.";
        return Err(Problem::new(StatusCode::CONFLICT, "own-account", detail));
    }
    Ok(found)
}

/// `POST /settings/users/{id}/lock`.
pub(crate) async fn lock(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let found = other(&site, &caller, &id).await?;
    let locked = match form.text("locked") {
        "yes" => true,
        "no" => false,
        _ => return Err(Problem::field("locked", "is not known: send `yes` or `no`")),
    };
    match memberships::lock(&site, &caller, found.user.id, locked).await {
        Ok(()) => Ok(said::back(&address(found.user.id), if locked { "locked" } else { "unlocked" })),
        Err(problem) => {
            let errors = Errors::of_problem(problem, "form")?;
            page(&site, &caller, &headers, found, Shown { errors, ..Shown::default() }).await
        }
    }
}

/// `POST /settings/users/{id}/reset`: a link for a new password, shown once.
pub(crate) async fn reset(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = other(&site, &caller, &id).await?;
    let shown = match memberships::new_reset_link(&site, &caller, found.user.id).await {
        Ok(path) => Shown { link: Some(whole(&site, &headers, &path)), ..Shown::default() },
        Err(problem) => Shown { errors: Errors::of_problem(problem, "form")?, ..Shown::default() },
    };
    page(&site, &caller, &headers, found, shown).await
}

/// `POST /settings/users/{id}/remove`.
pub(crate) async fn remove(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = other(&site, &caller, &id).await?;
    match memberships::remove(&site, &caller, found.user.id).await {
        Ok(()) => Ok(said::back(HERE, "removed")),
        Err(problem) => {
            let errors = Errors::of_problem(problem, "form")?;
            page(&site, &caller, &headers, found, Shown { errors, ..Shown::default() }).await
        }
    }
}
