//! `GET /api/overview`: the whole report that the Overview page is made from.

use crate::app::Site;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::view::View;
use axum::extract::{RawQuery, State};
use axum::{Extension, Json};
use tacho_domain::report::Overview;

pub(crate) async fn overview(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Json<Overview>, Problem> {
    let view = View::parse(&query.unwrap_or_default(), site.tools(), site.yesterday())?;
    Ok(Json(site.store().overview(&view.question(caller.organization, site.yesterday()), site.tools()).await?))
}
