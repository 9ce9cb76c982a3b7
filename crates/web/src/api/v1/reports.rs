//! `GET /api/v1/reports/{name}`: a report as its page shows it, with the same query.

use super::answers::NotFound;
use super::body::Json;
use super::query::Path;
use crate::api::described::{Figure, Named, Provenance, WindowOfDays};
use crate::app::Site;
use crate::audience::Face;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::report;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::{RawQuery, State};
use serde_json::Value;
use tacho_domain::Permission;
use tacho_domain::report::Report;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::api(Gate::Needs(Permission::ViewAggregates), routes!(find_report))]
}

/// Which days, whose use, and which rows of which table.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the description only: the view reads the query")]
struct ReportQuery {
    /// That many days, ending yesterday; 28 unless told otherwise, 90 for `me`.
    #[param(required = false, minimum = 1, maximum = 1096, example = 28)]
    days: u32,
    /// A named window instead.
    #[param(required = false, inline)]
    window: Named,
    /// The first day, instead.
    #[param(required = false, format = Date, example = "2026-11-01")]
    from: String,
    /// The last day.
    #[param(required = false, format = Date, example = "2026-11-20")]
    to: String,
    /// Ids of tools between commas; all tools where none is named.
    #[param(required = false, example = "cursor")]
    tool: String,
    /// Only this team, as its members were on each day.
    #[param(required = false)]
    team: i64,
    /// Only this member.
    #[param(required = false)]
    member: u32,
    /// `0`: without the values of the days before.
    #[param(required = false, example = "1")]
    compare: String,
    /// The section whose table the next ones are about; the report's main table where none is named.
    #[param(required = false, example = "members")]
    section: String,
    /// The id of the column to sort by.
    #[param(required = false, example = "interactions")]
    sort: String,
    /// `asc`, or `desc` for the largest first.
    #[param(required = false, inline)]
    order: Order,
    /// Only rows with this in any of their words.
    #[param(required = false)]
    search: String,
    /// Page of the table, counted from 1.
    #[param(required = false, minimum = 1, maximum = 1_000_000)]
    page: u32,
    /// Rows of each table that is not a chart's twin.
    #[param(required = false, minimum = 1, maximum = 500)]
    limit: u32,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
enum Order {
    Asc,
    Desc,
}

/// Gives a report.
///
/// The names are those of the pages: `overview`, `tool-{tool}`, `members`, `member-{id}`, `me`, `teams`, `team-{id}`, `seats`,
/// `cost` and `reconciliation-{integration}`, which needs `view_integrations`. Rows are those that you may see; totals are of
/// everyone.
#[utoipa::path(get, path = "/api/v1/reports/{name}", tag = "Reports",
    params(("name" = String, Path, description = "The report's name.", example = "overview"), ReportQuery),
    responses((status = 200, description = "The report.", body = ReportJson), NotFound))]
async fn find_report(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Report>, Problem> {
    let name = report::named(&name)?;
    let answered = report::answer(&site, &caller, &name, &query.unwrap_or_default(), Face::Rest).await?;
    Ok(Json(answered.report))
}

/// A report: what its page, its files and its PDF show.
#[derive(ToSchema)]
#[schema(as = Report)]
#[expect(dead_code, reason = "read by the description only; a test holds the answers against it")]
struct ReportJson {
    #[schema(example = "overview")]
    name: String,
    title: String,
    /// What it answers.
    question: String,
    window: WindowOfDays,
    /// What narrows it, in words.
    scope: Vec<String>,
    notes: Vec<ReportNote>,
    groups: Vec<ReportGroup>,
    sections: Vec<ReportSection>,
    provenance: Provenance,
    /// Whether there is nothing to show in these days.
    is_empty: bool,
}

/// What a reader must know.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
struct ReportNote {
    /// `info`, `warning` or `problem`.
    weight: String,
    title: String,
    text: String,
    /// A page that helps, and its words.
    #[schema(required)]
    way: Option<Vec<String>>,
}

/// Figures under a heading.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
struct ReportGroup {
    heading: String,
    figures: Vec<Figure>,
}

/// A chart with its table, or a table alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
struct ReportSection {
    id: String,
    title: String,
    /// What is counted.
    subtitle: String,
    /// What is drawn, by its `kind`; the table has all of it. `null`: the table stands for itself.
    #[schema(required, value_type = Option<Object>)]
    chart: Option<Value>,
    table: ReportTable,
    /// Why there is nothing, where there is nothing.
    empty: String,
    wide: bool,
}

/// Rows under heads.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
struct ReportTable {
    columns: Vec<ReportColumn>,
    /// Each as long as the heads.
    rows: Vec<Vec<ReportCell>>,
    /// The sums, of rows left out too.
    #[schema(required)]
    total: Option<Vec<ReportCell>>,
    /// How many rows there are to page through.
    total_rows: u64,
    /// How many more there are that you may not see; totals hold them all the same.
    hidden_rows: u64,
    /// First row of the page, counted from 0.
    offset: u64,
    /// `null`: as it was made.
    #[schema(required)]
    sorted: Option<ReportSorted>,
}

/// What a table is sorted by.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
struct ReportSorted {
    /// The id of the column.
    column: String,
    /// Whether the largest come first.
    descending: bool,
}

/// A column's head.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
struct ReportColumn {
    id: String,
    label: String,
    numeric: bool,
    formula: String,
}

/// A cell with its unit: `nothing` (no value: no data), `text`, `link`, `count`, `number`, `share` (0 to 1), `money`
/// (micro-dollars), `duration` (seconds), `day`, `instant` or `spark` (a value for each day).
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
struct ReportCell {
    unit: String,
    #[schema(required = false)]
    value: Value,
}
