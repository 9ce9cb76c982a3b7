//! `/api/v1/teams`: who belongs together, as of which days.

use super::answers::{Conflict, NotFound};
use super::body::Json;
use super::paging::{Page, PageQuery};
use super::query::{Path, Query};
use crate::app::Site;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use crate::teams;
use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use tacho_domain::{Day, Permission, SubjectId};
use tacho_store::{Team, TeamSource};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

pub(crate) fn routes() -> Vec<Route> {
    let manage = Gate::Needs(Permission::ManagePeople);
    vec![
        Route::api(manage, routes!(list_teams)),
        Route::api(manage, routes!(add_team)),
        Route::api(manage, routes!(find_team)),
        Route::api(manage, routes!(rename_team)),
        Route::api(manage, routes!(remove_team)),
        Route::api(manage, routes!(list_team_members)),
        Route::api(manage, routes!(put_team_member)),
        Route::api(manage, routes!(end_team_member)),
        Route::api(manage, routes!(list_team_history)),
    ]
}

/// A team.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Team)]
pub(crate) struct TeamJson {
    id: i64,
    #[schema(example = "Platform")]
    name: String,
    /// `vendor`, `hand` or `file`. A vendor's team is changed there only.
    #[schema(example = "hand")]
    source: &'static str,
    /// The integration that a vendor's team comes from.
    #[schema(required)]
    integration_id: Option<i64>,
    /// How many members it has today.
    members: u32,
}

impl From<Team> for TeamJson {
    fn from(team: Team) -> Self {
        let (source, integration_id) = match team.source {
            TeamSource::Vendor(id) => ("vendor", Some(id.0)),
            TeamSource::Hand => ("hand", None),
            TeamSource::File => ("file", None),
        };
        Self { id: team.id, name: team.name, source, integration_id, members: team.members }
    }
}

/// Lists teams.
///
/// By number, in pages.
#[utoipa::path(get, path = "/api/v1/teams", tag = "Teams", params(PageQuery),
    responses((status = 200, description = "A page of teams.", body = Page<TeamJson>)))]
async fn list_teams(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    page: PageQuery,
) -> Result<Json<Page<TeamJson>>, Problem> {
    let mut teams = site.store().list_teams(caller.organization, site.now().day()).await?;
    teams.sort_by_key(|team| team.id);
    Ok(Json(Page::cut(teams, &page, |team| team.id, TeamJson::from)))
}

/// What a team is called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamName {
    #[schema(min_length = 1, max_length = 100, example = "Platform")]
    name: String,
}

/// Makes a team.
#[utoipa::path(post, path = "/api/v1/teams", tag = "Teams", request_body = TeamName,
    responses((status = 201, description = "The team.", body = TeamJson, headers(("Location" = String))), Conflict))]
async fn add_team(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Json(new): Json<TeamName>,
) -> Result<impl IntoResponse, Problem> {
    let id = teams::add(&site, &caller, &new.name).await?;
    let team = teams::team(&site, &caller, id).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/api/v1/teams/{id}"))], Json(TeamJson::from(team))))
}

/// Gives a team.
#[utoipa::path(get, path = "/api/v1/teams/{id}", tag = "Teams", params(("id" = i64, Path, description = "The team's number.")),
    responses((status = 200, description = "The team.", body = TeamJson), NotFound))]
async fn find_team(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<TeamJson>, Problem> {
    Ok(Json(teams::team(&site, &caller, id).await?.into()))
}

/// Gives a team another name.
#[utoipa::path(patch, path = "/api/v1/teams/{id}", tag = "Teams", params(("id" = i64, Path, description = "The team's number.")),
    request_body = TeamName, responses((status = 200, description = "The team as it is now.", body = TeamJson), NotFound, Conflict))]
async fn rename_team(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    Json(new): Json<TeamName>,
) -> Result<Json<TeamJson>, Problem> {
    teams::rename(&site, &caller, id, &new.name).await?;
    Ok(Json(teams::team(&site, &caller, id).await?.into()))
}

/// Removes a team.
///
/// With who was in it when; nobody's use changes. It cannot be taken back.
#[utoipa::path(delete, path = "/api/v1/teams/{id}", tag = "Teams", params(("id" = i64, Path, description = "The team's number.")),
    responses((status = 204, description = "It is gone."), NotFound, Conflict))]
async fn remove_team(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    teams::remove(&site, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody in a team.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamMember)]
pub(crate) struct TeamMemberJson {
    member_id: u32,
    #[schema(required)]
    name: Option<String>,
    /// Their first day; `null` where a vendor names them.
    #[schema(required, value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// Their last day; `null`: it lasts.
    #[schema(required, value_type = Option<String>, format = Date)]
    to: Option<Day>,
}

/// As of which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DayQuery {
    /// The day; today where none is given.
    #[param(required = false, nullable = false, value_type = String, format = Date)]
    on: Option<Day>,
}

/// Lists who is in a team as of a day.
#[utoipa::path(get, path = "/api/v1/teams/{id}/members", tag = "Teams", params(("id" = i64, Path, description = "The team's number."), PageQuery, DayQuery),
    responses((status = 200, description = "A page of its members, by number.", body = Page<TeamMemberJson>), NotFound))]
async fn list_team_members(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    page: PageQuery,
    Query(query): Query<DayQuery>,
) -> Result<Json<Page<TeamMemberJson>>, Problem> {
    teams::team(&site, &caller, id).await?;
    let day = query.on.unwrap_or_else(|| site.now().day());
    let mut members = site.store().list_team_members(caller.organization, id, day).await?;
    members.sort_by_key(|one| one.id);
    let told = |one: tacho_store::TeamMember| TeamMemberJson { member_id: one.id.0, name: one.name, from: one.from, to: one.to };
    Ok(Json(Page::cut(members, &page, |one| one.id.0.into(), told)))
}

/// Days in a team.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Days {
    /// First day.
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// Last day; without one it lasts.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Day>,
}

/// Puts a member into a team.
///
/// Days that overlap or touch an earlier membership become one with it.
#[utoipa::path(put, path = "/api/v1/teams/{id}/members/{member}", tag = "Teams",
    params(("id" = i64, Path, description = "The team's number."), ("member" = u32, Path, description = "The member's number.")),
    request_body = Days, responses((status = 204, description = "They are in it."), NotFound, Conflict))]
async fn put_team_member(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path((id, member)): Path<(i64, u32)>,
    Json(days): Json<Days>,
) -> Result<StatusCode, Problem> {
    teams::put_member(&site, &caller, id, SubjectId(member), days.from, days.to).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a membership.
///
/// The day is their last one in the team; what was before it stays.
#[utoipa::path(delete, path = "/api/v1/teams/{id}/members/{member}", tag = "Teams",
    params(("id" = i64, Path, description = "The team's number."), ("member" = u32, Path, description = "The member's number."), DayQuery),
    responses((status = 204, description = "It has ended."), NotFound, Conflict))]
async fn end_team_member(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path((id, member)): Path<(i64, u32)>,
    Query(query): Query<DayQuery>,
) -> Result<StatusCode, Problem> {
    let last = query.on.unwrap_or_else(|| site.now().day());
    teams::end_member(&site, &caller, id, SubjectId(member), last).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A membership of a team's history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamSpanJson {
    member_id: u32,
    #[schema(required)]
    name: Option<String>,
    /// First day.
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// Last day; `null`: it lasts.
    #[schema(required, value_type = Option<String>, format = Date)]
    to: Option<Day>,
}

/// A team's history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamHistory {
    /// Oldest first.
    items: Vec<TeamSpanJson>,
}

/// Lists who was in a team when.
#[utoipa::path(get, path = "/api/v1/teams/{id}/history", tag = "Teams", params(("id" = i64, Path, description = "The team's number.")),
    responses((status = 200, description = "Every membership it ever had.", body = TeamHistory), NotFound))]
async fn list_team_history(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<TeamHistory>, Problem> {
    teams::team(&site, &caller, id).await?;
    let told =
        |one: tacho_store::TeamSpan| TeamSpanJson { member_id: one.id.0, name: one.name, from: one.span.from, to: one.span.to };
    let history = site.store().list_team_history(caller.organization, id).await?;
    Ok(Json(TeamHistory { items: history.into_iter().map(told).collect() }))
}
