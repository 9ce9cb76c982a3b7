//! `GET /reports/usage.csv`: a line for each member, day and tool with everything that was counted. It is read and sent a day
//! at a time, so that three years of a large organization take no more memory than a day.

use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::view::View;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use http::header;
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_domain::{Day, Measure, OrganizationId, ToolId};
use tacho_render::table::neutral;
use tacho_store::{MemberDay, StoreError};

const COLUMNS: [&str; 7] = ["day", "tool", "member_id", "name", "email", "active", "agent"];

pub(super) async fn usage(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let view = View::parse(&query.unwrap_or_default(), site.tools(), site.yesterday())?;
    let window = view.window(site.yesterday());
    let detail = json!({ "from": window.from, "to": window.to });
    audit::note(&site, &caller, Action::IndividualExported, "usage as usage.csv", detail).await?;
    let (organization, tools) = (caller.organization, view.tools);
    let days = stream::iter(window.days().collect::<Vec<Day>>()).then(move |day| {
        let (site, tools) = (site.clone(), tools.clone());
        async move { lines(&site, organization, day, &tools).await }
    });
    let body = stream::once(async { Ok(head()) }).chain(days);
    let disposition = format!("attachment; filename=\"tacho-usage-{}-{}.csv\"", window.from, window.to);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(body)).into_response())
}

fn head() -> Bytes {
    let measures = Measure::ALL.iter().map(|measure| measure.name());
    line(COLUMNS.into_iter().chain(measures).map(str::to_owned))
}

/// The lines of a day. A failure breaks the file off, so that nobody takes half of it for the whole.
async fn lines(site: &Site, organization: OrganizationId, day: Day, tools: &[ToolId]) -> Result<Bytes, StoreError> {
    let rows = site.store().list_member_days(organization, day).await?;
    let wanted = rows.iter().filter(|row| tools.is_empty() || tools.contains(&row.tool));
    let bytes = wanted.flat_map(|row| line(cells(day, row))).collect::<Vec<u8>>();
    Ok(bytes.into())
}

fn cells(day: Day, row: &MemberDay) -> impl Iterator<Item = String> + '_ {
    let said = |flag: Option<bool>| flag.map(|flag| flag.to_string()).unwrap_or_default();
    let names = [
        day.to_string(),
        row.tool.to_string(),
        row.member.map(|member| member.0.to_string()).unwrap_or_default(),
        neutral(&row.name),
        neutral(row.email.as_deref().unwrap_or_default()),
        said(row.active),
        said(row.agent),
    ];
    let measures = row.measures.values().iter().map(|value| value.map(|value| value.to_string()).unwrap_or_default());
    names.into_iter().chain(measures)
}

fn line(cells: impl Iterator<Item = String>) -> Bytes {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing to memory does not fail; a line that did would be missing for all to see.
    let written = writer.write_record(cells).is_ok();
    written.then(|| writer.into_inner().ok()).flatten().unwrap_or_default().into()
}
