//! `/settings/seats`: whose seats are not to be called idle, why, and until when.

use super::budgets::{Choice, tools};
use super::form::{Errors, Form};
use super::people::{chosen, number, options, refused};
use super::said::{Said, back, heard};
use super::{Frame, show};
use crate::app::Site;
use crate::caller::Caller;
use crate::money::{self, Staying};
use crate::people::called;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, Method};
use tacho_domain::day::NotADay;
use tacho_domain::seats::{ExclusionReason, SeatExclusion};
use tacho_domain::{Day, Permission};
use tacho_render::words::long_day;
use tacho_store::Member;

const SAID: Said = &[
    ("set", "Noted. From now on their seats are not called idle."),
    ("removed", "Taken away. Their seats are judged by their use again."),
];

/// The page of exclusions, and what its forms are sent to.
pub(crate) fn routes() -> Vec<Route> {
    let manage = Gate::Needs(Permission::ManagePeople);
    vec![
        Route::page(Method::GET, "/settings/seats", manage, get(list)),
        Route::page(Method::POST, "/settings/seats", manage, post(put)),
        Route::page(Method::POST, "/settings/seats/{id}/remove", manage, post(remove)),
    ]
}

struct Line {
    id: i64,
    member: u32,
    name: String,
    tool: String,
    reason: &'static str,
    until: String,
    over: bool,
}

#[derive(Template)]
#[template(path = "money/seats.html")]
struct SeatsPage {
    frame: Frame,
    said: Option<&'static str>,
    lines: Vec<Line>,
    tools: Vec<Choice>,
    reasons: Vec<Choice>,
    options: Vec<String>,
    member: String,
    until: String,
    errors: Errors,
}

async fn page(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    everyone: &[Member],
    typed: Option<&Form>,
) -> Result<SeatsPage, Problem> {
    let of = |name: &str| typed.map(|form| form.text(name)).unwrap_or_default();
    let today = site.now().day();
    let line = |one: SeatExclusion| {
        let member = everyone.iter().find(|member| member.id == one.member);
        Line {
            id: one.id,
            member: one.member.0,
            name: member.map_or_else(|| format!("Member {}", one.member.0), called),
            tool: money::tool_name(site, one.tool.as_ref()),
            reason: one.reason.describe(),
            until: one.until.map(long_day).unwrap_or_default(),
            over: one.until.is_some_and(|until| until < today),
        }
    };
    let mut lines: Vec<Line> = site.store().list_seat_exclusions(caller.organization).await?.into_iter().map(line).collect();
    lines.sort_by_key(|line| (line.name.to_lowercase(), line.id));
    let reason = |reason: ExclusionReason| Choice {
        value: reason.as_str().to_owned(),
        label: reason.describe().to_owned(),
        chosen: reason.as_str() == of("reason"),
    };
    Ok(SeatsPage {
        frame: Frame::of(site, caller, "Seats that stay", "/settings/seats", headers).await?,
        said: None,
        lines,
        tools: tools(site, "All of their seats", of("tool")),
        reasons: ExclusionReason::ALL.map(reason).into(),
        options: options(everyone),
        member: of("member").to_owned(),
        until: of("until").to_owned(),
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
    let everyone = site.store().list_members(caller.organization).await?;
    show(&SeatsPage { said, ..page(&site, &caller, &headers, &everyone, None).await? })
}

async fn put(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let sent = Form::read(&headers, &body)?;
    let everyone = site.store().list_members(caller.organization).await?;
    let mut errors = Errors::default();
    let member = errors.take("member", chosen(sent.text("member"), &everyone));
    let reason = ExclusionReason::parse(sent.text("reason")).ok_or_else(|| "Choose a reason.".to_owned());
    let reason = errors.take("reason", reason);
    let until = match sent.text("until") {
        "" => Ok(None),
        text => text.parse::<Day>().map(Some).map_err(|error: NotADay| error.to_string()),
    };
    if let (Some(member), Some(reason), Some(until)) = (member, reason, errors.take("until", until)) {
        let tool = Some(sent.text("tool")).filter(|tool| !tool.is_empty());
        match money::put_exclusion(&site, &caller, Staying { member, tool, reason, until }).await {
            Ok(_) => return Ok(back("/settings/seats", "set")),
            Err(why_not) => {
                let (field, why) = why_not.at_field()?;
                errors.add(field, why);
            }
        }
    }
    refused(&SeatsPage { errors, ..page(&site, &caller, &headers, &everyone, Some(&sent)).await? })
}

async fn remove(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    money::remove_exclusion(&site, &caller, number(&id)?).await?;
    Ok(back("/settings/seats", "removed"))
}
