//! `/api/v1/organization`: the organization itself.

use super::answers::Conflict;
use super::body::Json;
use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::memberships::refused;
use crate::pages::form;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use crate::surveys;
use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tacho_domain::Permission;
use tacho_domain::audit::Action;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::api(Gate::Needs(Permission::ViewAggregates), routes!(find_organization)),
        Route::api(Gate::Needs(Permission::ManageOrganization), routes!(change_organization)),
    ]
}

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
struct Organization {
    id: i64,
    #[schema(example = "Example & Sons")]
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// Since when authors and reviewers are asked about merged pull requests; `null`: they are not.
    #[schema(required, format = DateTime)]
    surveys_since: Option<String>,
}

/// The organization that you are in.
#[utoipa::path(get, path = "/api/v1/organization", responses((status = 200, description = "It.", body = Organization)))]
async fn find_organization(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Organization>, Problem> {
    let found = site.store().find_organization(caller.organization).await?;
    let found = found.ok_or_else(|| Problem::not_found("The organization is gone."))?;
    let surveys_since = site.store().find_survey_start(caller.organization).await?.map(|since| since.to_string());
    Ok(Json(Organization { id: found.id.0, name: found.name, created_at: found.created_at.to_string(), surveys_since }))
}

/// What is to change. What is not sent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganizationChange {
    /// Unique on this server.
    #[serde(default)]
    #[schema(nullable = false, example = "Example & Daughters", min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Whether authors and reviewers are asked about merged pull requests. Answers stay when it is turned off.
    #[serde(default)]
    #[schema(nullable = false)]
    surveys: Option<bool>,
}

/// Renames the organization, or has it ask about pull requests.
#[utoipa::path(patch, path = "/api/v1/organization", request_body = OrganizationChange,
    responses((status = 200, description = "The organization as it is now.", body = Organization), Conflict))]
async fn change_organization(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Json(change): Json<OrganizationChange>,
) -> Result<Json<Organization>, Problem> {
    if let Some(name) = &change.name {
        rename(&site, &caller, name).await?;
    }
    if let Some(on) = change.surveys {
        surveys::turn(&site, &caller, on).await?;
    }
    find_organization(State(site), Extension(caller)).await
}

async fn rename(site: &Site, caller: &Caller, name: &str) -> Result<(), Problem> {
    let name = form::line(name.trim(), "a name", 100);
    let name = name.map_err(|why| Problem::field("name", why).with("pointer", "/name"))?;
    let before = site.store().find_organization(caller.organization).await?.map(|one| one.name);
    let renamed = site.store().rename_organization(caller.organization, &name).await;
    renamed.map_err(|error| refused(error, "name"))?;
    let detail = json!({ "name": { "from": before, "to": name } });
    audit::note(site, caller, Action::OrganizationChanged, &name, detail).await
}
