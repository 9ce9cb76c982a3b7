//! `/api/v1/integrations/{id}/days`: how each day stands.

use crate::api::v1::answers::NotFound;
use crate::api::v1::body::Json;
use crate::api::v1::query::{Path, Query};
use crate::app::Site;
use crate::caller::Caller;
use crate::integrations::strip::{DayState, Reading, Strip};
use crate::integrations::{STRIP_DAYS, find, may_see};
use crate::problem::Problem;
use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tacho_domain::{Day, IntegrationId, Window};
use utoipa::{IntoParams, ToSchema};

/// Which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DaysQuery {
    /// That many days, ending yesterday.
    #[param(required = false, nullable = false, value_type = u32, default = 60, minimum = 1, maximum = 1096)]
    days: Option<u32>,
}

/// How each day stands, as a whole and by stream.
#[derive(Serialize, ToSchema)]
pub(crate) struct DaysBody {
    days: Vec<DayBody>,
    streams: Vec<StreamBody>,
}

#[derive(Serialize, ToSchema)]
struct DayBody {
    #[schema(value_type = String, format = Date)]
    day: Day,
    state: DayState,
}

#[derive(Serialize, ToSchema)]
struct StreamBody {
    id: String,
    label: String,
    days: Vec<DayBody>,
}

/// How each day stands. A day as a whole is as good as the worst of its streams.
#[utoipa::path(get, path = "/api/v1/integrations/{id}/days", params(("id" = i64, Path, description = "Its number."), DaysQuery),
    responses((status = 200, description = "The days, oldest first.", body = DaysBody), NotFound))]
pub(crate) async fn list_days(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    Query(query): Query<DaysQuery>,
) -> Result<Json<DaysBody>, Problem> {
    let integration = find(&site, &caller, IntegrationId(id), may_see).await?;
    let many = query.days.unwrap_or(STRIP_DAYS);
    if !(1..=1096).contains(&many) {
        return Err(Problem::field("days", "is not a whole number from 1 to 1096"));
    }
    let window = Window::ending(site.yesterday(), many);
    let rows = site.store().list_day_strip(caller.organization, integration.id, window).await?;
    let failures = site.store().list_stream_failures(caller.organization, integration.id).await?;
    let cards = site.connections().connectors();
    let card = cards.iter().find(|card| card.id == integration.connector);
    let asked = site.connections().asked(&integration);
    let strip = Strip::of(window, &rows, card, &Reading { asked: asked.as_deref(), failures: &failures });
    let told = |days: Vec<(Day, DayState)>| days.into_iter().map(|(day, state)| DayBody { day, state }).collect();
    let streams =
        strip.streams.into_iter().map(|one| StreamBody { id: one.id, label: one.label, days: told(one.days) }).collect();
    Ok(Json(DaysBody { days: told(strip.days), streams }))
}
