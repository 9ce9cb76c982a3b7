//! `GET /api/ai-usage/dashboard`: the few numbers of the usage dashboard, taken from the same report as the page.

use super::described::{ViewQuery, WindowOfDays};
use crate::app::Site;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::view::{Choice, View};
use axum::extract::{RawQuery, State};
use axum::{Extension, Json};
use serde::Serialize;
use tacho_domain::report::{Audience, Overview};
use tacho_domain::{Day, Window};
use utoipa::ToSchema;

/// The dashboard's wire form; its names are part of the API.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dashboard {
    #[schema(value_type = WindowOfDays)]
    window: Window,
    /// `null` where no tool has data.
    #[schema(required)]
    total_interactions: Option<i64>,
    /// Days of the window with at least one interaction.
    active_days: usize,
    #[schema(required)]
    top_tool: Option<String>,
    tools: Vec<Tool>,
    heatmap_data: Vec<Heat>,
    #[schema(required)]
    last_synced: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardTool)]
struct Tool {
    name: String,
    id: String,
    /// Interactions, in the unit named beside; `null` where the vendor does not say.
    #[schema(required)]
    requests: Option<i64>,
    unit: String,
    #[schema(required)]
    tokens: Option<i64>,
    /// Part of all interactions in per cent, with one decimal.
    #[schema(required)]
    percentage: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardDay)]
struct Heat {
    #[schema(value_type = String, format = Date)]
    date: Day,
    count: i64,
}

/// The few numbers of the usage dashboard; totals only, over 90 days unless told otherwise.
#[utoipa::path(get, path = "/api/ai-usage/dashboard", params(ViewQuery),
    responses((status = 200, description = "The numbers.", body = Dashboard)))]
pub(crate) async fn dashboard(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Json<Dashboard>, Problem> {
    let query = query.unwrap_or_default();
    let mut view = View::parse(&query, site.tools(), site.yesterday())?;
    if view.choice == View::default().choice && !query.split('&').any(|pair| pair.starts_with("days=")) {
        view.choice = Choice::Days(90);
    }
    // It holds totals only, whoever asks.
    let question = view.question(caller.organization, site.yesterday(), Audience::Nobody);
    let overview = site.store().overview(&question, site.tools()).await?;
    Ok(Json(Dashboard::of(&overview)))
}

impl Dashboard {
    fn of(overview: &Overview) -> Self {
        let days = overview.heatmap.iter().filter(|day| overview.window.contains(day.day));
        // This shape has numbers only: a day without data counts 0 here, and is told apart in `/api/overview`.
        let heat: Vec<Heat> = days.map(|day| Heat { date: day.day, count: day.interactions.unwrap_or(0) }).collect();
        let tools = overview.usage.iter().map(|tool| Tool {
            name: tool.name.clone(),
            id: tool.tool.to_string(),
            requests: tool.interactions,
            unit: tool.unit.clone(),
            tokens: tool.tokens,
            percentage: tool.share.map(|share| (share * 1_000.0).round() / 10.0),
        });
        Self {
            window: overview.window,
            total_interactions: overview.usage.iter().filter_map(|tool| tool.interactions).reduce(|sum, next| sum + next),
            active_days: heat.iter().filter(|day| day.count > 0).count(),
            top_tool: overview.usage.iter().find(|tool| tool.interactions > Some(0)).map(|tool| tool.name.clone()),
            tools: tools.collect(),
            heatmap_data: heat,
            last_synced: overview.provenance.last_synced.map(|instant| instant.to_string()),
        }
    }
}
