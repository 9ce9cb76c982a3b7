//! `GET /api/v1/status`: the month at a glance, for status lines and editors. Its money is that of the Cost page.

use super::body::Json;
use super::names::BasisName;
use crate::app::Site;
use crate::caller::Caller;
use crate::device::origin;
use crate::problem::Problem;
use crate::report::own;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use http::HeaderMap;
use serde::Serialize;
use tacho_domain::budget::Basis;
use tacho_domain::report::ReportName;
use tacho_domain::reports::cost::{Standing, ToolStanding};
use tacho_domain::reports::member::Activity;
use tacho_domain::{Day, Money, Permission};
use tacho_store::Known;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::api(Gate::Needs(Permission::ViewAggregates), routes!(find_status))]
}

/// The month at a glance.
#[derive(Debug, Serialize, ToSchema)]
struct Status {
    /// What the organization is called.
    #[schema(example = "Octo Demo")]
    organization: String,
    month: MonthOfCosts,
    /// Each tool with costs or seats.
    by_tool: Vec<ToolCosts>,
    /// What you did this month, where you are a member and may see your own numbers.
    #[schema(required)]
    me: Option<MyMonth>,
    /// When the vendors were last read.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    as_of: Option<String>,
    /// The page with more.
    #[schema(example = "https://tacho.example.com/cost")]
    dashboard: String,
}

/// What the calendar month that today is in costs. Amounts are micro-dollars; `null`: nobody knows, or none is set.
#[derive(Debug, Serialize, ToSchema)]
struct MonthOfCosts {
    #[schema(value_type = String, format = Date)]
    from: Day,
    #[schema(value_type = String, format = Date)]
    to: Day,
    /// What is counted: that of the budget; `value` where none is set.
    #[schema(value_type = BasisName)]
    basis: Basis,
    /// So far: of all tools, or of those in `budget_of`.
    #[schema(required)]
    spent_micros: Option<i64>,
    /// The budget of all tools together, else the sum of those of single tools.
    #[schema(required)]
    budget_micros: Option<i64>,
    /// Where the month will end.
    #[schema(required)]
    forecast_micros: Option<i64>,
    /// The tools whose budgets were added; none: the budget is of all tools.
    budget_of: Vec<String>,
    /// How many models of this month nobody gives the cost of: it is in no figure.
    unknown_models: usize,
    /// Each of them with its tool.
    #[schema(example = json!(["mystery-preview (Claude Code)"]))]
    unknown_model_names: Vec<String>,
}

/// What a tool costs this month, counted in the same way.
#[derive(Debug, Serialize, ToSchema)]
struct ToolCosts {
    #[schema(example = "cursor")]
    tool: String,
    #[schema(example = "Cursor")]
    name: String,
    #[schema(required)]
    spent_micros: Option<i64>,
}

/// What you did this month, as your own page counts it.
#[derive(Debug, Serialize, ToSchema)]
struct MyMonth {
    #[schema(required)]
    interactions: Option<i64>,
    #[schema(required)]
    active_days: Option<i64>,
}

/// The month at a glance: cost, budget and forecast, each tool's part, and your own use.
///
/// A few numbers for a status line; totals are of everyone. The report `cost` tells how they are made.
#[utoipa::path(get, path = "/api/v1/status", responses((status = 200, description = "The month.", body = Status)))]
async fn find_status(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Json<Status>, Problem> {
    let known = Known { profiles: site.tools(), today: site.now().day() };
    let standing = site.store().standing(caller.organization, own(&caller), &known).await?;
    let organization = site.store().find_organization(caller.organization).await?;
    Ok(Json(Status {
        organization: organization.map(|one| one.name).unwrap_or_default(),
        by_tool: standing.costs.tools.iter().map(ToolCosts::of).collect(),
        month: MonthOfCosts::of(standing.costs),
        me: standing.member.map(|Activity { interactions, active_days }| MyMonth { interactions, active_days }),
        as_of: standing.last_synced.map(|instant| instant.to_string()),
        dashboard: dashboard(&site, &headers),
    }))
}

/// The Cost page by the address that others know, else by the one that was asked.
fn dashboard(site: &Site, headers: &HeaderMap) -> String {
    let public = site.operations().public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
    format!("{}{}", public.unwrap_or_else(|| origin(site, headers)), ReportName::Cost.page())
}

fn micros(money: Option<Money>) -> Option<i64> {
    money.map(|money| money.0)
}

impl MonthOfCosts {
    fn of(costs: Standing) -> Self {
        Self {
            from: costs.month.from,
            to: costs.month.to,
            basis: costs.basis,
            spent_micros: micros(costs.spent),
            budget_micros: micros(costs.budget),
            forecast_micros: micros(costs.forecast),
            budget_of: costs.budget_of,
            unknown_models: costs.unpriced.len(),
            unknown_model_names: costs.unpriced,
        }
    }
}

impl ToolCosts {
    fn of(tool: &ToolStanding) -> Self {
        Self { tool: tool.tool.to_string(), name: tool.name.clone(), spent_micros: micros(tool.spent) }
    }
}
