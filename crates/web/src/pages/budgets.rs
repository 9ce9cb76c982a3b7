//! `/settings/budgets`: what may be spent in a month, and on what.

use super::form::{Errors, Form};
use super::people::{number, refused};
use super::said::{Said, back, heard};
use super::{Frame, show};
use crate::app::Site;
use crate::caller::Caller;
use crate::money::{self, dollars};
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, Method};
use tacho_domain::Permission;
use tacho_domain::budget::Basis;

const SAID: Said = &[("set", "Budget set. The Cost page shows how far it is used up."), ("removed", "Budget removed.")];

/// The page of budgets, and what its forms are sent to.
pub(crate) fn routes() -> Vec<Route> {
    let manage = Gate::Needs(Permission::ManageIntegrations);
    vec![
        Route::page(Method::GET, "/settings/budgets", manage, get(list)),
        Route::page(Method::POST, "/settings/budgets", manage, post(put)),
        Route::page(Method::POST, "/settings/budgets/{id}/remove", manage, post(remove)),
    ]
}

struct Line {
    id: i64,
    tool: String,
    basis: &'static str,
    monthly: String,
}

/// Something to choose from a list.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

#[derive(Template)]
#[template(path = "money/budgets.html")]
struct BudgetsPage {
    frame: Frame,
    said: Option<&'static str>,
    lines: Vec<Line>,
    tools: Vec<Choice>,
    bases: Vec<Choice>,
    monthly: String,
    errors: Errors,
}

/// All tools and each of them; `chosen` is an id, empty for all.
pub(super) fn tools(site: &Site, all: &str, chosen: &str) -> Vec<Choice> {
    let choice = |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned(), chosen: value == chosen };
    let each = site.tools().iter().map(|profile| choice(profile.id, profile.name));
    std::iter::once(choice("", all)).chain(each).collect()
}

async fn page(site: &Site, caller: &Caller, headers: &HeaderMap, typed: Option<&Form>) -> Result<BudgetsPage, Problem> {
    let of = |name: &str| typed.map(|form| form.text(name)).unwrap_or_default();
    let budgets = site.store().list_budgets(caller.organization).await?;
    let line = |budget: tacho_domain::budget::Budget| Line {
        id: budget.id,
        tool: money::tool_name(site, budget.tool.as_ref()),
        basis: budget.basis.describe(),
        monthly: budget.monthly.to_string(),
    };
    let basis = |basis: Basis| Choice {
        value: basis.as_str().to_owned(),
        label: basis.describe().to_owned(),
        chosen: basis.as_str() == of("basis"),
    };
    Ok(BudgetsPage {
        frame: Frame::of(site, caller, "Budgets", "/settings/budgets", headers).await?,
        said: None,
        lines: budgets.into_iter().map(line).collect(),
        tools: tools(site, "All tools together", of("tool")),
        bases: Basis::ALL.map(basis).into(),
        monthly: of("monthly").to_owned(),
        errors: Errors::default(),
    })
}

async fn list(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let said = heard(query.as_deref(), SAID);
    show(&BudgetsPage { said, ..page(&site, &caller, &headers, None).await? })
}

async fn put(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let sent = Form::read(&headers, &body)?;
    let mut errors = Errors::default();
    let monthly = errors.take("monthly", dollars(sent.text("monthly")));
    let basis = Basis::parse(sent.text("basis")).ok_or_else(|| "Choose what is held against it.".to_owned());
    if let (Some(monthly), Some(basis)) = (monthly, errors.take("basis", basis)) {
        let tool = Some(sent.text("tool")).filter(|tool| !tool.is_empty());
        match money::put_budget(&site, &caller, tool, (basis, monthly)).await {
            Ok(_) => return Ok(back("/settings/budgets", "set")),
            Err(why_not) => {
                let (field, why) = why_not.at_field()?;
                errors.add(field, why);
            }
        }
    }
    refused(&BudgetsPage { errors, ..page(&site, &caller, &headers, Some(&sent)).await? })
}

async fn remove(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    money::remove_budget(&site, &caller, number(&id)?).await?;
    Ok(back("/settings/budgets", "removed"))
}
