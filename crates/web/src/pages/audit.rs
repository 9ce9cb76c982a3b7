//! The audit log as a page, and as a file.

use super::{Frame, show};
use crate::api::v1::query;
use crate::app::Site;
use crate::audit;
use crate::audit_log::{Asked, details, who};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use askama::Template;
use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::try_unfold;
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;
use tacho_domain::Permission;
use tacho_domain::audit::Action;
use tacho_render::table::neutral;
use tacho_render::words::instant;
use tacho_store::AuditRow;
use url::form_urlencoded;

pub(super) fn routes() -> Vec<Route> {
    let gate = Gate::Needs(Permission::ViewAudit);
    vec![
        Route::page(Method::GET, "/settings/audit", gate, get(log)),
        Route::page(Method::GET, "/settings/audit.csv", gate, get(file)),
    ]
}

/// Rows on a page.
const PAGE_ROWS: u32 = 50;
/// Rows of the file that are read at once.
const FILE_ROWS: u32 = 500;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    actions: Vec<Choosable>,
    typed: Typed,
    /// The field that cannot be read and why, where there is one.
    wrong: Option<(String, String)>,
    rows: Vec<Shown>,
    newest: Option<String>,
    older: Option<String>,
    csv: String,
}

struct Choosable {
    name: &'static str,
    words: &'static str,
    chosen: bool,
}

/// The form's fields as they were typed.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    from: String,
    to: String,
    action: String,
    actor: String,
    target: String,
}

/// A row as people read it.
struct Shown {
    id: i64,
    at: String,
    who: String,
    did: &'static str,
    target: String,
    details: String,
    address: String,
}

impl From<AuditRow> for Shown {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: instant(row.at),
            who: who(&row.actor),
            did: row.action.describe(),
            target: row.target,
            details: details(&row.detail),
            address: row.address,
        }
    }
}

impl AuditPage {
    /// What is wrong with a field, if it is the one that is.
    fn wrong_with(&self, field: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|(name, _)| name == field).map(|(_, why)| why.as_str())
    }
}

async fn log(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let raw = raw.unwrap_or_default();
    let before = form_urlencoded::parse(raw.as_bytes()).find(|(key, _)| key == "before").and_then(|(_, id)| id.parse().ok());
    let (read, wrong) = match read(&site, &caller, &raw, before).await {
        Ok(read) => (read, None),
        Err(problem) => {
            let field = problem.more.get("field").and_then(|field| field.as_str()).map(str::to_owned);
            let Some(field) = field.filter(|_| problem.status == StatusCode::BAD_REQUEST) else { return Err(problem) };
            ((Asked::default(), Vec::new()), Some((field, problem.detail)))
        }
    };
    let (asked, mut rows) = read;
    let typed: Typed = query::read(&raw).unwrap_or_default();
    let more = rows.len() > PAGE_ROWS as usize;
    rows.truncate(PAGE_ROWS as usize);
    let last = rows.last().filter(|_| more).map(|row| row.id);
    let chosen = |action: &Action| action.as_str() == typed.action;
    let page = AuditPage {
        frame: Frame::of(&site, &caller, "Audit log", "/settings/audit", &headers).await?,
        actions: Action::ALL
            .iter()
            .map(|action| Choosable { name: action.as_str(), words: action.describe(), chosen: chosen(action) })
            .collect(),
        typed,
        rows: rows.into_iter().map(Shown::from).collect(),
        newest: before.map(|_| link("/settings/audit", &asked.query(), None)),
        older: last.map(|id| link("/settings/audit", &asked.query(), Some(id))),
        csv: link("/settings/audit.csv", &asked.query(), None),
        wrong,
    };
    let mut response = show(&page)?;
    if page.wrong.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

async fn read(site: &Site, caller: &Caller, raw: &str, before: Option<i64>) -> Result<(Asked, Vec<AuditRow>), Problem> {
    let asked: Asked = query::read(raw)?;
    let rows = asked.rows(site, caller, before, PAGE_ROWS + 1).await?;
    Ok((asked, rows))
}

fn link(path: &str, query: &str, before: Option<i64>) -> String {
    let before = before.map(|id| format!("before={id}"));
    let parts: Vec<&str> = [Some(query), before.as_deref()].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

/// The whole log that is asked for, read piece by piece while it is sent. That it was taken away is itself written down.
async fn file(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let asked: Asked = query::read(raw.as_deref().unwrap_or_default())?;
    // Whatever cannot be answered is refused before the file begins.
    let first = asked.rows(&site, &caller, None, FILE_ROWS).await?;
    audit::note(&site, &caller, Action::AuditExported, "audit log as CSV", asked.words()).await?;
    let name = format!("attachment; filename=\"tacho-audit-{}.csv\"", site.now().day());
    let rows = try_unfold(Some((None, first)), move |state| {
        let (site, caller, asked) = (site.clone(), caller.clone(), asked.clone());
        async move {
            let Some((head, rows)) = state else { return Ok::<_, std::io::Error>(None) };
            let more = rows.len() == FILE_ROWS as usize;
            let last = rows.last().map(|row| row.id).filter(|_| more);
            let lines = lines(head.is_none(), &rows)?;
            let next = match last {
                Some(id) => Some((Some(()), asked.rows(&site, &caller, Some(id), FILE_ROWS).await.map_err(broken)?)),
                None => None,
            };
            Ok(Some((lines, next)))
        }
    });
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(rows)).into_response())
}

fn broken(problem: Problem) -> std::io::Error {
    std::io::Error::other(problem.detail)
}

fn lines(with_head: bool, rows: &[AuditRow]) -> Result<Vec<u8>, std::io::Error> {
    let mut file = csv::Writer::from_writer(Vec::new());
    if with_head {
        file.write_record(["Id", "At", "Who", "Action", "Target", "Details", "Address", "Request id"])?;
    }
    for row in rows {
        let texts = [
            who(&row.actor),
            row.action.as_str().to_owned(),
            row.target.clone(),
            details(&row.detail),
            row.address.clone(),
            row.request_id.clone(),
        ];
        let record = [row.id.to_string(), row.at.to_string()].into_iter().chain(texts.iter().map(|text| neutral(text)));
        file.write_record(record.collect::<Vec<_>>())?;
    }
    file.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
}
