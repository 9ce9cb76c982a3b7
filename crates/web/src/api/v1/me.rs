//! `/api/v1/me` and `/api/v1/permissions`: who asks, and what roles may.

use super::body::Json;
use super::names::{PermissionName, RoleName};
use crate::app::Site;
use crate::caller::{Caller, Who};
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use serde::Serialize;
use tacho_domain::{Permission, Reach, Role};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::api(Gate::SignedIn, routes!(me)), Route::api(Gate::SignedIn, routes!(permissions))]
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    /// Nobody where the token belongs to nobody in particular.
    #[schema(required)]
    user: Option<MyUser>,
    /// What the API token is called; nothing where a session asks.
    #[schema(required, example = "ci")]
    token: Option<String>,
    organization: Named,
    #[schema(value_type = RoleName, example = "admin")]
    role: Role,
    /// What you may: what the role grants and, with a token, its scopes name.
    #[schema(value_type = Vec<PermissionName>, example = json!(["view_aggregates"]))]
    permissions: Vec<Permission>,
    /// Whose individual numbers you see.
    #[schema(example = "own_teams")]
    sees: Sees,
    /// The member that you are, where somebody said so or your address does.
    #[schema(required)]
    member_id: Option<i64>,
    /// The organizations that you may change to.
    organizations: Vec<MyOrganization>,
}

/// Whose individual numbers somebody sees.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Sees {
    /// Every member's.
    Everyone,
    /// One's own, and those of the members of one's own teams.
    OwnTeams,
    /// One's own.
    Own,
    /// No one's: totals only.
    Nobody,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
struct MyUser {
    id: i64,
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(example = "Ada Okafor")]
    name: String,
}

/// Something with a number and a name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrganizationName)]
struct Named {
    id: i64,
    name: String,
}

/// An organization and what you are to it.
#[derive(Debug, Serialize, ToSchema)]
struct MyOrganization {
    id: i64,
    name: String,
    #[schema(value_type = RoleName, example = "member")]
    role: Role,
}

/// Who you are and what you may.
#[utoipa::path(get, path = "/api/v1/me", responses((status = 200, description = "You.", body = Me)))]
async fn me(State(site): State<Site>, Extension(caller): Extension<Caller>) -> Result<Json<Me>, Problem> {
    let (token, id) = match &caller.who {
        Who::User { id, token, .. } => (token.clone(), Some(*id)),
        Who::Token { name } => (Some(name.clone()), None),
    };
    let organization = site.store().find_organization(caller.organization).await?;
    let (mut user, mut organizations) = (None, Vec::new());
    if let Some(id) = id {
        user = site.store().find_user(id).await?.map(|user| MyUser { id: user.id.0, email: user.email, name: user.name });
        let memberships = site.store().list_memberships_of(id).await?.into_iter();
        // A token is good for its organization only.
        let open = memberships.filter(|one| !one.locked && (token.is_none() || one.organization == caller.organization));
        organizations =
            open.map(|one| MyOrganization { id: one.organization.0, name: one.organization_name, role: one.role }).collect();
    }
    Ok(Json(Me {
        user,
        token,
        organization: Named { id: caller.organization.0, name: organization.map(|one| one.name).unwrap_or_default() },
        role: caller.rights.role(),
        permissions: Permission::ALL.into_iter().filter(|permission| caller.may(*permission)).collect(),
        sees: match caller.rights.reach() {
            Reach::Everyone => Sees::Everyone,
            Reach::OwnTeams => Sees::OwnTeams,
            Reach::Own => Sees::Own,
            Reach::Nobody => Sees::Nobody,
        },
        member_id: caller.member.map(|member| i64::from(member.0)),
        organizations,
    }))
}

/// Roles and permissions.
#[derive(Debug, Serialize, ToSchema)]
struct Rules {
    roles: Vec<RoleRow>,
    permissions: Vec<PermissionRow>,
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
struct RoleRow {
    #[schema(value_type = RoleName, example = "manager")]
    role: Role,
    #[schema(example = "Every member's numbers; no settings.")]
    about: &'static str,
    /// What it grants.
    #[schema(value_type = Vec<PermissionName>)]
    permissions: Vec<Permission>,
}

/// A permission, which is also a scope of API tokens.
#[derive(Debug, Serialize, ToSchema)]
struct PermissionRow {
    #[schema(value_type = PermissionName, example = "view_audit")]
    permission: Permission,
    #[schema(example = "read the audit log")]
    allows_to: &'static str,
}

/// What roles may: the table that the server itself asks.
#[utoipa::path(get, path = "/api/v1/permissions", responses((status = 200, description = "The table.", body = Rules)))]
async fn permissions() -> Json<Rules> {
    let roles =
        Role::ALL.map(|role| RoleRow { role, about: role.describe(), permissions: role.permissions().into_iter().collect() });
    let permissions = Permission::ALL.map(|permission| PermissionRow { permission, allows_to: permission.describe() });
    Json(Rules { roles: roles.into(), permissions: permissions.into() })
}
