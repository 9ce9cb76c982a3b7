//! `GET /api/overview`: the whole report that the Overview page is made from.

use super::described::{OverviewReport, ViewQuery};
use crate::app::Site;
use crate::audience;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::view::View;
use axum::extract::{RawQuery, State};
use axum::{Extension, Json};
use tacho_domain::report::Overview;

/// The whole report that the Overview page is made from.
///
/// Rows of the member table are those that you may see; totals are of everyone.
#[utoipa::path(get, path = "/api/overview", params(ViewQuery),
    responses((status = 200, description = "The report.", body = OverviewReport)))]
pub(crate) async fn overview(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Json<Overview>, Problem> {
    let view = View::parse(&query.unwrap_or_default(), site.tools(), site.yesterday())?;
    let audience = audience::of(&site, &caller).await?;
    let question = view.question(caller.organization, site.yesterday(), audience);
    let report = site.store().overview(&question, site.tools()).await?;
    audience::note_seen(&site, &caller, &report).await?;
    Ok(Json(report))
}
