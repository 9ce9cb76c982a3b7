//! `/api/v1/tokens`: API tokens.

use super::answers::Conflict;
use super::body::Json;
use super::names::{PermissionName, RoleName};
use super::paging::{Page, PageQuery};
use super::query::Path;
use crate::api_tokens::{self, USUAL_DAYS, Wanted};
use crate::app::Site;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tacho_domain::{Permission, Role};
use tacho_store::ApiToken;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(super) fn routes() -> Vec<Route> {
    let gate = Gate::NeedsOne(&[Permission::ManageOwnTokens, Permission::ManageTokens]);
    vec![
        Route::api(gate, routes!(list_tokens)),
        Route::api(gate, routes!(add_token)).with_secret_answers(),
        Route::api(gate, routes!(remove_token)),
    ]
}

/// An API token. Its secret is not kept.
#[derive(Debug, Serialize, ToSchema)]
struct Token {
    id: i64,
    #[schema(example = "ci")]
    name: String,
    /// Whose it is; `null` where it belongs to nobody in particular.
    #[schema(required, example = "ada@example.com")]
    owner: Option<String>,
    /// The role that bounds it now: its owner's, or its own where it belongs to nobody.
    #[schema(value_type = RoleName, example = "manager")]
    role: Role,
    /// What it is for, as names of permissions.
    #[schema(value_type = Vec<PermissionName>, example = json!(["view_aggregates"]))]
    scopes: Vec<Permission>,
    #[schema(format = DateTime)]
    created_at: String,
    /// `null`: never.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    /// To the hour.
    #[schema(required, format = DateTime)]
    last_used_at: Option<String>,
}

impl From<ApiToken> for Token {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            owner: token.user.map(|(_, email)| email),
            role: token.role,
            scopes: token.scopes.iter().collect(),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.map(|at| at.to_string()),
            last_used_at: token.last_used_at.map(|at| at.to_string()),
        }
    }
}

/// Your API tokens; all of the organization where you may manage tokens.
#[utoipa::path(get, path = "/api/v1/tokens", params(PageQuery),
    responses((status = 200, description = "A page of tokens.", body = Page<Token>)))]
async fn list_tokens(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    page: PageQuery,
) -> Result<Json<Page<Token>>, Problem> {
    let mut rows = api_tokens::list(&site, &caller).await?;
    rows.sort_by_key(|token| token.id);
    Ok(Json(Page::cut(rows, &page, |token| token.id, Token::from)))
}

/// A token that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What people call it; unique among its owner's.
    #[schema(example = "ci", min_length = 1, max_length = 100)]
    name: String,
    /// What it is for: names of permissions that you have.
    #[schema(value_type = Vec<PermissionName>, example = json!(["view_aggregates", "view_integrations"]))]
    scopes: Vec<Permission>,
    /// How many days it works; 90 where nothing is said.
    #[schema(example = 30, minimum = 1, maximum = 366)]
    expires_in_days: Option<u32>,
    /// Makes it belong to nobody in particular, bounded by this role; without, it is yours and bounded by your role.
    #[schema(value_type = Option<RoleName>, example = json!(null))]
    shared_role: Option<Role>,
}

/// A token with its secret, shown once.
#[derive(Debug, Serialize, ToSchema)]
struct MadeToken {
    #[schema(example = "ci")]
    name: String,
    /// Send it as `Authorization: Bearer`.
    #[schema(example = "tacho_...")]
    token: String,
}

/// Makes an API token. It never may more than whoever makes it.
///
/// The answer holds a secret that is shown once.
#[utoipa::path(post, path = "/api/v1/tokens", request_body = NewToken,
    responses((status = 201, description = "The token with its secret.", body = MadeToken), Conflict))]
async fn add_token(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Json(new): Json<NewToken>,
) -> Result<Response, Problem> {
    let name = new.name.trim();
    let days = new.expires_in_days.unwrap_or(USUAL_DAYS);
    let wanted = Wanted { name, scopes: new.scopes.into_iter().collect(), days: Some(days), shared: new.shared_role };
    let secret = api_tokens::make(&site, &caller, &wanted).await?;
    #[expect(clippy::disallowed_methods, reason = "shown once to whoever asked for it")]
    let token = secret.expose_secret().to_owned();
    let place = [(header::LOCATION, "/api/v1/tokens")];
    Ok((StatusCode::CREATED, place, Json(MadeToken { name: name.to_owned(), token })).into_response())
}

/// Revokes a token of yours, or any where you may manage tokens: it works no more.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", params(("id" = i64, Path, description = "The token's number.")),
    responses((status = 204, description = "It is gone.")))]
async fn remove_token(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    api_tokens::revoke(&site, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
