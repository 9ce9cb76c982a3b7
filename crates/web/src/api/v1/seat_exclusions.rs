//! `/api/v1/seat-exclusions`: whose seats are not to be called idle.

use super::answers::{Conflict, NotFound};
use super::body::Json;
use super::names::ReasonName;
use super::paging::{Page, PageQuery};
use super::query::Path;
use crate::app::Site;
use crate::caller::Caller;
use crate::money::{self, Staying};
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tacho_domain::seats::{ExclusionReason, SeatExclusion};
use tacho_domain::{Day, Permission, SubjectId};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Vec<Route> {
    let manage = Gate::Needs(Permission::ManagePeople);
    vec![
        Route::api(manage, routes!(list_seat_exclusions)),
        Route::api(manage, routes!(put_seat_exclusion)),
        Route::api(manage, routes!(remove_seat_exclusion)),
    ]
}

/// Seats that are not to be called idle.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SeatExclusion)]
pub(crate) struct ExclusionJson {
    id: i64,
    member_id: u32,
    /// Their seat of this tool; `null`: all of them.
    #[schema(required, example = "cursor")]
    tool: Option<String>,
    #[schema(value_type = ReasonName)]
    reason: ExclusionReason,
    /// The last day it holds; `null`: it lasts.
    #[schema(required, value_type = Option<String>, format = Date)]
    until: Option<Day>,
}

impl From<SeatExclusion> for ExclusionJson {
    fn from(one: SeatExclusion) -> Self {
        let tool = one.tool.map(|tool| tool.to_string());
        Self { id: one.id, member_id: one.member.0, tool, reason: one.reason, until: one.until }
    }
}

/// Whose seats stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExclusionWanted {
    member_id: u32,
    /// Their seat of this tool; without one all of them.
    #[serde(default)]
    #[schema(example = "cursor")]
    tool: Option<String>,
    #[schema(value_type = ReasonName)]
    reason: ExclusionReason,
    /// The last day it holds; without one it lasts.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Day>,
}

/// Lists whose seats are not to be called idle.
///
/// By number, in pages; those that are over included.
#[utoipa::path(get, path = "/api/v1/seat-exclusions", tag = "Money", params(PageQuery),
    responses((status = 200, description = "A page of exclusions.", body = Page<ExclusionJson>)))]
async fn list_seat_exclusions(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    page: PageQuery,
) -> Result<Json<Page<ExclusionJson>>, Problem> {
    let exclusions = site.store().list_seat_exclusions(caller.organization).await?;
    Ok(Json(Page::cut(exclusions, &page, |one| one.id, ExclusionJson::from)))
}

/// Keeps a member's seats from being called idle.
///
/// What was said of the same seats before is replaced, under the same number.
#[utoipa::path(put, path = "/api/v1/seat-exclusions", tag = "Money", request_body = ExclusionWanted,
    responses((status = 200, description = "The exclusion as it is now.", body = ExclusionJson), NotFound, Conflict))]
async fn put_seat_exclusion(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Json(wanted): Json<ExclusionWanted>,
) -> Result<Json<ExclusionJson>, Problem> {
    let (member, tool) = (SubjectId(wanted.member_id), wanted.tool.as_deref());
    let staying = Staying { member, tool, reason: wanted.reason, until: wanted.until };
    Ok(Json(money::put_exclusion(&site, &caller, staying).await?.into()))
}

/// Takes an exclusion away.
///
/// The seats are judged by their use again.
#[utoipa::path(delete, path = "/api/v1/seat-exclusions/{id}", tag = "Money",
    params(("id" = i64, Path, description = "The exclusion's number.")),
    responses((status = 204, description = "It is gone."), NotFound))]
async fn remove_seat_exclusion(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    money::remove_exclusion(&site, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
