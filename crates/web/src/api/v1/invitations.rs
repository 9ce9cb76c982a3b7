//! `/api/v1/invitations`: one-time links that let somebody in.

use super::answers::Conflict;
use super::body::Json;
use super::names::RoleName;
use super::query::Path;
use crate::access::INVITATION_SECONDS;
use crate::app::Site;
use crate::caller::Caller;
use crate::memberships;
use crate::pages::form;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tacho_domain::{Permission, Role};
use tacho_store::{Link, LinkKind};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(super) fn routes() -> Vec<Route> {
    let gate = Gate::Needs(Permission::ManageUsers);
    vec![
        Route::api(gate, routes!(list_invitations)),
        Route::api(gate, routes!(add_invitation)).with_secret_answers(),
        Route::api(gate, routes!(remove_invitation)),
    ]
}

/// An invitation that waits.
#[derive(Debug, Serialize, ToSchema)]
struct Invitation {
    #[schema(example = "ben@example.com")]
    email: String,
    #[schema(value_type = RoleName, example = "member")]
    role: Role,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

/// The invitations that wait.
#[derive(Debug, Serialize, ToSchema)]
struct Invitations {
    items: Vec<Invitation>,
}

fn waiting(link: Link) -> Option<Invitation> {
    (link.kind == LinkKind::Invitation).then(|| Invitation {
        email: link.email.unwrap_or_default(),
        role: link.role.unwrap_or(Role::Viewer),
        created_at: link.created_at.to_string(),
        expires_at: link.expires_at.to_string(),
    })
}

/// The invitations that were not accepted yet, newest first. Their links are not shown again.
#[utoipa::path(get, path = "/api/v1/invitations", responses((status = 200, description = "All of them.", body = Invitations)))]
async fn list_invitations(State(site): State<Site>, Extension(caller): Extension<Caller>) -> Result<Json<Invitations>, Problem> {
    let links = site.store().list_links(caller.organization, site.now()).await?;
    Ok(Json(Invitations { items: links.into_iter().filter_map(waiting).collect() }))
}

/// Who is invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvitation {
    #[schema(example = "ben@example.com")]
    email: String,
    /// As what; `member` where nothing is said. Only owners invite an `owner`.
    #[schema(value_type = Option<RoleName>, example = "member")]
    role: Option<Role>,
}

/// An invitation with its link, shown once.
#[derive(Debug, Serialize, ToSchema)]
struct MadeInvitation {
    email: String,
    #[schema(value_type = RoleName, example = "member")]
    role: Role,
    #[schema(format = DateTime)]
    expires_at: String,
    /// The link's path on this server; hand it over to nobody but the person invited.
    #[schema(example = "/invitation/...")]
    link: String,
}

/// Invites somebody by their e-mail address. Tacho sends no mail: hand the link over yourself. One made before ends.
///
/// The answer holds a secret that is shown once.
#[utoipa::path(post, path = "/api/v1/invitations", request_body = NewInvitation,
    responses((status = 201, description = "The invitation with its link.", body = MadeInvitation), Conflict))]
async fn add_invitation(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Json(new): Json<NewInvitation>,
) -> Result<Response, Problem> {
    let email = form::email(new.email.trim()).map_err(|why| Problem::field("email", why).with("pointer", "/email"))?;
    let role = new.role.unwrap_or(Role::Member);
    let expires_at = site.now().plus_seconds(INVITATION_SECONDS).to_string();
    let link = memberships::invite(&site, &caller, &email, role).await?;
    #[expect(clippy::disallowed_methods, reason = "shown once to whoever asked for it")]
    let link = link.expose_secret().to_owned();
    let place = [(header::LOCATION, "/api/v1/invitations")];
    Ok((StatusCode::CREATED, place, Json(MadeInvitation { email, role, expires_at, link })).into_response())
}

/// Takes an invitation back: its link works no more.
#[utoipa::path(delete, path = "/api/v1/invitations/{email}",
    params(("email" = String, Path, description = "Who was invited.", example = "ben@example.com")),
    responses((status = 204, description = "It is gone.")))]
async fn remove_invitation(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(email): Path<String>,
) -> Result<StatusCode, Problem> {
    memberships::withdraw(&site, &caller, &email).await?;
    Ok(StatusCode::NO_CONTENT)
}
