//! Settings: users. Who may sign in to the organization and as what, and whom it waits for.

pub(super) mod invite;
pub(super) mod one;

use super::form::{Errors, Field};
use super::said::Said;
use super::{Frame, show};
use crate::app::Site;
use crate::caller::Caller;
use crate::memberships::may_grant;
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use tacho_domain::{OrganizationId, Role, SubjectId};
use tacho_render::words::instant;
use tacho_store::{LinkKind, Membership};

const HERE: &str = "/settings/users";

const SAID: Said =
    &[("removed", "The user is removed from the organization."), ("revoked", "The invitation does not work any more.")];

/// A user as the table shows them.
struct Row {
    id: i64,
    name: String,
    email: String,
    role: &'static str,
    second_factor: bool,
    member: String,
    seen: String,
    locked: bool,
    me: bool,
}

/// An invitation that waits.
struct Waiting {
    email: String,
    role: &'static str,
    by: String,
    until: String,
}

/// A link that was made and is shown this once.
struct Made {
    heading: String,
    text: String,
    link: String,
}

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    frame: Frame,
    made: Option<Made>,
    rows: Vec<Row>,
    email: Field,
    roles: Vec<(Role, bool)>,
    role_error: String,
    invitations: Vec<Waiting>,
    all_roles: [Role; 6],
}

/// `GET /settings/users`.
pub(crate) async fn list(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    page(&site, &caller, &headers, Shown { query: query.as_deref(), ..Shown::default() }).await
}

/// What the page shows besides its tables.
#[derive(Default)]
struct Shown<'a> {
    query: Option<&'a str>,
    errors: Errors,
    email: &'a str,
    role: Option<Role>,
    made: Option<Made>,
}

async fn page(site: &Site, caller: &Caller, headers: &HeaderMap, shown: Shown<'_>) -> Result<Response, Problem> {
    let memberships = site.store().list_memberships(caller.organization).await?;
    let invitations = site.store().list_links(caller.organization, site.now()).await?;
    let invitations = invitations.into_iter().filter(|link| link.kind == LinkKind::Invitation).map(|link| Waiting {
        by: inviter(&memberships, link.made_by.map(|user| user.0)),
        role: link.role.map_or("", Role::as_str),
        until: instant(link.expires_at),
        email: link.email.unwrap_or_default(),
    });
    let invitations = invitations.collect();
    let mut rows = Vec::new();
    for membership in memberships {
        rows.push(row(site, caller, membership).await?);
    }
    let errors = &shown.errors;
    let mut response = show(&UsersPage {
        frame: Frame::of(site, caller, "Users", HERE, headers).await?.saying(shown.query, SAID),
        made: shown.made,
        rows,
        email: Field::new("email", "E-mail address").kind("email", "off").value(shown.email).checked(errors),
        roles: grantable(caller, shown.role.unwrap_or(Role::Member)),
        role_error: errors.of("role").unwrap_or_default().to_owned(),
        invitations,
        all_roles: Role::ALL,
    })?;
    if !shown.errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn row(site: &Site, caller: &Caller, membership: Membership) -> Result<Row, Problem> {
    let user = membership.user;
    Ok(Row {
        id: user.id.0,
        me: caller.user().is_ok_and(|id| id == user.id),
        name: user.name,
        email: user.email,
        role: membership.role.as_str(),
        second_factor: user.has_second_factor,
        member: member_name(site, caller.organization, membership.member).await?.unwrap_or_else(|| "none".to_owned()),
        seen: user.last_seen_at.map_or_else(|| "never".to_owned(), instant),
        locked: membership.locked,
    })
}

fn inviter(memberships: &[Membership], user: Option<i64>) -> String {
    let Some(user) = user else { return "whoever runs the server".to_owned() };
    let found = memberships.iter().find(|membership| membership.user.id.0 == user);
    found.map_or_else(|| "somebody who is not here any more".to_owned(), |membership| membership.user.name.clone())
}

/// What a member is called; a member who was pseudonymised has no name.
async fn member_name(site: &Site, organization: OrganizationId, member: Option<SubjectId>) -> Result<Option<String>, Problem> {
    let Some(id) = member else { return Ok(None) };
    let found = site.store().find_member(organization, id).await?;
    Ok(found.map(|member| member.name.or(member.email).unwrap_or_else(|| format!("member {}", id.0))))
}

/// The roles that the caller may give, with the one that is chosen.
fn grantable(caller: &Caller, chosen: Role) -> Vec<(Role, bool)> {
    let open = Role::ALL.into_iter().filter(|role| may_grant(caller, *role));
    open.map(|role| (role, role == chosen)).collect()
}

/// A path of ours below the address by which the browser reached us.
fn whole(site: &Site, headers: &HeaderMap, path: &SecretString) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if site.secure_cookies() { "https" } else { "http" };
    #[expect(clippy::disallowed_methods, reason = "the link is shown once to whoever passes it on")]
    let path = path.expose_secret();
    if host.is_empty() { path.to_owned() } else { format!("{scheme}://{host}{path}") }
}
