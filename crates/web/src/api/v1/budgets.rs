//! `/api/v1/budgets`: what may be spent in a month.

use super::answers::{Conflict, NotFound};
use super::body::Json;
use super::names::BasisName;
use super::paging::{Page, PageQuery};
use super::query::Path;
use crate::app::Site;
use crate::caller::Caller;
use crate::money;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tacho_domain::budget::{Basis, Budget};
use tacho_domain::{Money, Permission};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Vec<Route> {
    let manage = Gate::Needs(Permission::ManageIntegrations);
    vec![
        Route::api(manage, routes!(list_budgets)),
        Route::api(manage, routes!(put_budget)),
        Route::api(manage, routes!(remove_budget)),
    ]
}

/// A budget.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Budget)]
pub(crate) struct BudgetJson {
    id: i64,
    /// The tool; `null`: all of them together.
    #[schema(required, example = "cursor")]
    tool: Option<String>,
    #[schema(value_type = BasisName)]
    basis: Basis,
    /// What may be spent in a calendar month, in micro-dollars.
    #[schema(example = 500_000_000)]
    monthly_micros: i64,
}

impl From<Budget> for BudgetJson {
    fn from(budget: Budget) -> Self {
        let tool = budget.tool.map(|tool| tool.to_string());
        Self { id: budget.id, tool, basis: budget.basis, monthly_micros: budget.monthly.0 }
    }
}

/// A budget as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetWanted {
    /// The tool; without one all of them together.
    #[serde(default)]
    #[schema(example = "cursor")]
    tool: Option<String>,
    #[schema(value_type = BasisName)]
    basis: Basis,
    /// Micro-dollars for each calendar month.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_000i64, example = 500_000_000)]
    monthly_micros: i64,
}

/// Lists budgets.
///
/// By number, in pages. The report `cost` tells how far each is used up.
#[utoipa::path(get, path = "/api/v1/budgets", tag = "Money", params(PageQuery),
    responses((status = 200, description = "A page of budgets.", body = Page<BudgetJson>)))]
async fn list_budgets(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    page: PageQuery,
) -> Result<Json<Page<BudgetJson>>, Problem> {
    let budgets = site.store().list_budgets(caller.organization).await?;
    Ok(Json(Page::cut(budgets, &page, |budget| budget.id, BudgetJson::from)))
}

/// Sets a budget.
///
/// There is one for each tool and basis; setting it again changes it, and it keeps its number.
#[utoipa::path(put, path = "/api/v1/budgets", tag = "Money", request_body = BudgetWanted,
    responses((status = 200, description = "The budget as it is now.", body = BudgetJson), Conflict))]
async fn put_budget(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Json(wanted): Json<BudgetWanted>,
) -> Result<Json<BudgetJson>, Problem> {
    let amount = (wanted.basis, Money(wanted.monthly_micros));
    Ok(Json(money::put_budget(&site, &caller, wanted.tool.as_deref(), amount).await?.into()))
}

/// Removes a budget.
#[utoipa::path(delete, path = "/api/v1/budgets/{id}", tag = "Money", params(("id" = i64, Path, description = "The budget's number.")),
    responses((status = 204, description = "It is gone."), NotFound))]
async fn remove_budget(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    money::remove_budget(&site, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
