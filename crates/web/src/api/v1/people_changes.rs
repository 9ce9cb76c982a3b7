//! `/api/v1/people-changes` and `/api/v1/people-imports`: the history with undo, and people from a file.

use super::answers::{Conflict, NotFound};
use super::body::Json;
use super::paging::{Page, PageQuery};
use super::query::Path;
use crate::app::Site;
use crate::caller::Caller;
use crate::people;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tacho_domain::{Permission, people_file};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Vec<Route> {
    let manage = Gate::Needs(Permission::ManagePeople);
    vec![
        Route::api(manage, routes!(list_people_changes)),
        Route::api(manage, routes!(undo_people_change)),
        Route::api(manage, routes!(import_people)),
    ]
}

/// A decision about people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PeopleChange)]
pub(crate) struct PeopleChangeJson {
    id: i64,
    #[schema(format = DateTime)]
    at: String,
    /// Who decided.
    by: String,
    /// What, in words.
    what: String,
    /// When it was taken back.
    #[schema(required, format = DateTime)]
    undone_at: Option<String>,
    /// Whether it can be taken back, unless something later overtook it.
    can_undo: bool,
}

/// Lists what was decided about people.
///
/// Newest first; `after` is the number of the last one that was given, and older ones follow.
#[utoipa::path(get, path = "/api/v1/people-changes", tag = "People", params(PageQuery),
    responses((status = 200, description = "A page of changes.", body = Page<PeopleChangeJson>)))]
async fn list_people_changes(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    page: PageQuery,
) -> Result<Json<Page<PeopleChangeJson>>, Problem> {
    let most = u32::try_from(page.rows()).unwrap_or(u32::MAX);
    let rows = site.store().list_people_changes(caller.organization, most, page.after).await?;
    let users = people::users(&site, &caller).await?;
    let told = |change: tacho_store::PeopleChange| PeopleChangeJson {
        id: change.id,
        at: change.at.to_string(),
        by: people::decider(change.by, &users),
        what: change.what,
        undone_at: change.undone_at.map(|at| at.to_string()),
        can_undo: change.can_undo,
    };
    Ok(Json(Page::of(rows, &page, |change| change.id, told)))
}

/// Takes a change back.
#[utoipa::path(post, path = "/api/v1/people-changes/{id}/undo", tag = "People", params(("id" = i64, Path, description = "The change's number.")),
    responses((status = 204, description = "Everything is as it was before."), NotFound, Conflict))]
async fn undo_people_change(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    people::undo(&site, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// People to be imported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeopleImport {
    /// CSV with the columns `email` and any of `name`, `github_login`, `teams` (between semicolons), `left_on`.
    #[schema(example = "email,name,teams\nada@example.com,Ada Okafor,Platform;Search\n")]
    csv: String,
    /// Only tells what it would do.
    #[serde(default)]
    dry_run: bool,
}

/// What an import does, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeopleImported {
    /// Whether it was only tried.
    dry_run: bool,
    /// Members who are new.
    added: u64,
    /// Members who are known, with something new about them.
    changed: u64,
    /// Lines that were not imported.
    refused: Vec<RefusedLine>,
}

/// A line that was not imported.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedLine {
    /// Counted from 1.
    line: u32,
    why: String,
}

/// Imports people from CSV.
///
/// While a line is wrong, nothing is imported; the problem's `lines` name each with its column.
#[utoipa::path(post, path = "/api/v1/people-imports", tag = "People", request_body = PeopleImport,
    responses((status = 200, description = "What was done, or would be.", body = PeopleImported)))]
async fn import_people(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Json(import): Json<PeopleImport>,
) -> Result<Json<PeopleImported>, Problem> {
    let lines = people_file::read(&import.csv).map_err(|wrong| {
        let lines: Vec<serde_json::Value> = wrong
            .iter()
            .take(100)
            .map(|one| serde_json::json!({ "line": one.line, "column": one.field, "why": one.what }))
            .collect();
        let first = wrong.first().map(ToString::to_string).unwrap_or_default();
        Problem::field("csv", format!("nothing was imported; {first}")).with("lines", lines)
    })?;
    let count = |many: usize| u64::try_from(many).unwrap_or(u64::MAX);
    if import.dry_run {
        let outlook = people::outlook(&site, &caller, &lines).await?;
        let (added, changed) = (count(outlook.added), count(outlook.changed));
        return Ok(Json(PeopleImported { dry_run: true, added, changed, refused: Vec::new() }));
    }
    let imported = people::import(&site, &caller, &lines).await?;
    Ok(Json(PeopleImported {
        dry_run: false,
        added: imported.added.into(),
        changed: imported.changed.into(),
        refused: imported.refused.into_iter().map(|(line, why)| RefusedLine { line, why }).collect(),
    }))
}
