//! `/api/v1/users`: who signs in to the organization, and as what.

use super::answers::Conflict;
use super::body::Json;
use super::names::RoleName;
use super::paging::{Page, PageQuery};
use super::query::{Path, Query};
use crate::app::Site;
use crate::caller::Caller;
use crate::memberships;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Deserializer, Serialize};
use tacho_domain::{Permission, Role, SubjectId, UserId};
use tacho_store::Membership;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

pub(super) fn routes() -> Vec<Route> {
    let gate = Gate::Needs(Permission::ManageUsers);
    vec![
        Route::api(gate, routes!(list_users)),
        Route::api(gate, routes!(find_user)),
        Route::api(gate, routes!(change_user)),
        Route::api(gate, routes!(remove_user)),
        Route::api(gate, routes!(add_password_reset)).with_secret_answers(),
    ]
}

/// Somebody who signs in.
#[derive(Debug, Serialize, ToSchema)]
struct User {
    id: i64,
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(example = "Ada Okafor")]
    name: String,
    #[schema(value_type = RoleName, example = "manager")]
    role: Role,
    /// Whether they are locked out.
    locked: bool,
    /// Whether they sign in with a password; others come by a provider.
    has_password: bool,
    has_second_factor: bool,
    /// The member that they are.
    #[schema(required)]
    member_id: Option<i64>,
    /// Since when they are in the organization.
    #[schema(format = DateTime)]
    since: String,
    #[schema(required, format = DateTime)]
    last_seen_at: Option<String>,
}

impl From<Membership> for User {
    fn from(one: Membership) -> Self {
        Self {
            id: one.user.id.0,
            email: one.user.email,
            name: one.user.name,
            role: one.role,
            locked: one.locked,
            has_password: one.user.has_password,
            has_second_factor: one.user.has_second_factor,
            member_id: one.member.map(|member| i64::from(member.0)),
            since: one.since.to_string(),
            last_seen_at: one.user.last_seen_at.map(|at| at.to_string()),
        }
    }
}

/// Which users.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UserQuery {
    /// Only users of this role.
    #[param(required = false, nullable = false, value_type = RoleName, example = "lead")]
    role: Option<Role>,
    /// A part of the e-mail address or the name.
    #[param(required = false, nullable = false, example = "ada")]
    search: Option<String>,
}

/// The users of the organization, by number.
#[utoipa::path(get, path = "/api/v1/users", params(UserQuery, PageQuery),
    responses((status = 200, description = "A page of users.", body = Page<User>)))]
async fn list_users(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<UserQuery>,
    page: PageQuery,
) -> Result<Json<Page<User>>, Problem> {
    let search = asked.search.unwrap_or_default().to_lowercase();
    let fits = |one: &Membership| {
        let found = one.user.email.to_lowercase().contains(&search) || one.user.name.to_lowercase().contains(&search);
        found && asked.role.is_none_or(|role| one.role == role)
    };
    let mut rows: Vec<Membership> = site.store().list_memberships(caller.organization).await?.into_iter().filter(fits).collect();
    rows.sort_by_key(|one| one.user.id);
    Ok(Json(Page::cut(rows, &page, |one| one.user.id.0, User::from)))
}

/// One user.
#[utoipa::path(get, path = "/api/v1/users/{id}", params(("id" = i64, Path, description = "The user's number.")),
    responses((status = 200, description = "The user.", body = User)))]
async fn find_user(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<User>, Problem> {
    Ok(Json(memberships::find(&site, &caller, UserId(id)).await?.into()))
}

/// What is to change; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserChange {
    /// Another role. Only owners give or take the role `owner`.
    #[schema(value_type = Option<RoleName>, example = "lead")]
    role: Option<Role>,
    /// `true` locks them out, which ends their sessions and tokens; `false` lets them in again.
    #[schema(example = false)]
    locked: Option<bool>,
    /// The member that they are; `null` leaves that to their e-mail address. It decides whose numbers they see.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, example = 7)]
    #[expect(clippy::option_option, reason = "not named, taken away, or another: three things")]
    member_id: Option<Option<u32>>,
}

/// Tells a `null` from a field that is not there.
#[expect(clippy::option_option, reason = "not named, taken away, or another: three things")]
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u32>>, D::Error> {
    Option::<u32>::deserialize(deserializer).map(Some)
}

/// Changes a user's role, locks them out or in, or says which member they are.
#[utoipa::path(patch, path = "/api/v1/users/{id}", params(("id" = i64, Path, description = "The user's number.")),
    request_body = UserChange, responses((status = 200, description = "The user as it is now.", body = User), Conflict))]
async fn change_user(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    Json(change): Json<UserChange>,
) -> Result<Json<User>, Problem> {
    let id = UserId(id);
    if let Some(role) = change.role {
        memberships::change_role(&site, &caller, id, role).await?;
    }
    if let Some(locked) = change.locked {
        memberships::lock(&site, &caller, id, locked).await?;
    }
    if let Some(member) = change.member_id {
        memberships::link(&site, &caller, id, member.map(SubjectId)).await?;
    }
    Ok(Json(memberships::find(&site, &caller, id).await?.into()))
}

/// Takes a user out of the organization: their sessions and tokens there end. Their numbers stay.
#[utoipa::path(delete, path = "/api/v1/users/{id}", params(("id" = i64, Path, description = "The user's number.")),
    responses((status = 204, description = "They are out."), Conflict))]
async fn remove_user(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    memberships::remove(&site, &caller, UserId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A one-time link, shown once.
#[derive(Debug, Serialize, ToSchema)]
struct ResetLink {
    /// The link's path on this server; hand it over to nobody but the user.
    #[schema(example = "/reset/...")]
    link: String,
}

/// Makes a one-time link with which the user chooses another password; one made before ends.
///
/// The answer holds a secret that is shown once.
#[utoipa::path(post, path = "/api/v1/users/{id}/password-resets", params(("id" = i64, Path, description = "The user's number.")),
    responses((status = 200, description = "The link.", body = ResetLink), Conflict))]
async fn add_password_reset(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<ResetLink>, Problem> {
    let link = memberships::new_reset_link(&site, &caller, UserId(id)).await?;
    #[expect(clippy::disallowed_methods, reason = "shown once to whoever asked for it")]
    let link = link.expose_secret().to_owned();
    Ok(Json(ResetLink { link }))
}
