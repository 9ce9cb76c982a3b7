//! `/settings/teams/{id}`: one team: its members today, who was in it when, and the forms that change it.

use super::{SAID, list};
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::form::{Errors, Form};
use crate::pages::people::{chosen, number, options, refused};
use crate::pages::said::{back, heard};
use crate::pages::{Frame, show};
use crate::problem::Problem;
use crate::teams;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use tacho_domain::day::NotADay;
use tacho_domain::{Day, SubjectId};
use tacho_render::words::long_day;
use tacho_store::{Team, TeamSource};

/// A membership as a row.
struct Line {
    member: u32,
    name: String,
    from: String,
    to: String,
}

/// The fields of the form that puts a member in, as typed.
#[derive(Debug, Default)]
struct Typed {
    name: String,
    member: String,
    from: String,
    to: String,
}

#[derive(Template)]
#[template(path = "teams/team.html")]
struct TeamPage {
    frame: Frame,
    said: Option<&'static str>,
    id: i64,
    name: String,
    source: String,
    /// Whether it is changed here, and not with a vendor.
    own: bool,
    today: String,
    members: Vec<Line>,
    history: Vec<Line>,
    options: Vec<String>,
    typed: Typed,
    errors: Errors,
}

async fn page(site: &Site, caller: &Caller, team: Team, headers: &HeaderMap) -> Result<TeamPage, Problem> {
    let (store, organization, today) = (site.store(), caller.organization, site.now().day());
    let line = |member: SubjectId, name: Option<String>, from: Option<Day>, to: Option<Day>| Line {
        member: member.0,
        name: name.unwrap_or_else(|| format!("Member {}", member.0)),
        from: from.map(long_day).unwrap_or_default(),
        to: to.map(long_day).unwrap_or_default(),
    };
    let members = store.list_team_members(organization, team.id, today).await?;
    let history = store.list_team_history(organization, team.id).await?;
    let everyone = store.list_members(organization).await?;
    Ok(TeamPage {
        frame: Frame::of(site, caller, &team.name, "/settings/teams", headers).await?,
        said: None,
        id: team.id,
        source: list::source(site, organization, &team.source).await?,
        own: !matches!(team.source, TeamSource::Vendor(_)),
        today: today.to_string(),
        members: members.into_iter().map(|one| line(one.id, one.name, one.from, one.to)).collect(),
        history: history.into_iter().map(|one| line(one.id, one.name, Some(one.span.from), one.span.to)).collect(),
        options: options(&everyone),
        typed: Typed { name: team.name.clone(), from: today.to_string(), ..Typed::default() },
        name: team.name,
        errors: Errors::default(),
    })
}

pub(super) async fn team(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let team = teams::team(&site, &caller, number(&id)?).await?;
    let said = heard(query.as_deref(), SAID);
    show(&TeamPage { said, ..page(&site, &caller, team, &headers).await? })
}

/// Says what went wrong on the team's page, with what was typed; what is no matter of a field is a problem of its own.
async fn again(
    site: &Site,
    caller: &Caller,
    team: Team,
    headers: &HeaderMap,
    errors: Errors,
    typed: impl FnOnce(&mut Typed),
) -> Result<Response, Problem> {
    let mut page = page(site, caller, team, headers).await?;
    page.errors = errors;
    typed(&mut page.typed);
    refused(&page)
}

pub(super) async fn rename(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let team = teams::team(&site, &caller, number(&id)?).await?;
    let sent = Form::read(&headers, &body)?;
    let mut errors = Errors::default();
    match teams::rename(&site, &caller, team.id, sent.text("name")).await {
        Ok(()) => return Ok(back(&format!("/settings/teams/{}", team.id), "renamed")),
        Err(why_not) => {
            let (field, why) = why_not.at_field()?;
            errors.add(field, why);
        }
    }
    again(&site, &caller, team, &headers, errors, |typed| sent.text("name").clone_into(&mut typed.name)).await
}

pub(super) async fn remove(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let team = teams::team(&site, &caller, number(&id)?).await?;
    let mut errors = Errors::default();
    if Form::read(&headers, &body)?.text("sure") != "yes" {
        errors.add("sure", "Say that you are sure: it cannot be taken back.");
        return again(&site, &caller, team, &headers, errors, |_| {}).await;
    }
    teams::remove(&site, &caller, team.id).await?;
    Ok(back("/settings/teams", "removed"))
}

fn day(text: &str) -> Result<Day, String> {
    text.parse().map_err(|error: NotADay| error.to_string())
}

pub(super) async fn put(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let team = teams::team(&site, &caller, number(&id)?).await?;
    let sent = Form::read(&headers, &body)?;
    let everyone = site.store().list_members(caller.organization).await?;
    let mut errors = Errors::default();
    let who = errors.take("member", chosen(sent.text("member"), &everyone));
    let from = errors.take("from", day(sent.text("from")));
    let to = errors.take("to", if sent.text("to").is_empty() { Ok(None) } else { day(sent.text("to")).map(Some) });
    if let (Some(who), Some(from), Some(to)) = (who, from, to) {
        match teams::put_member(&site, &caller, team.id, who, from, to).await {
            Ok(()) => return Ok(back(&format!("/settings/teams/{}", team.id), "put")),
            Err(why_not) => {
                let (field, why) = why_not.at_field()?;
                errors.add(field, why);
            }
        }
    }
    let keep = |typed: &mut Typed| {
        sent.text("member").clone_into(&mut typed.member);
        sent.text("from").clone_into(&mut typed.from);
        sent.text("to").clone_into(&mut typed.to);
    };
    again(&site, &caller, team, &headers, errors, keep).await
}

pub(super) async fn end(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path((id, member)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let team = teams::team(&site, &caller, number(&id)?).await?;
    let member = SubjectId(number(&member)?);
    let sent = Form::read(&headers, &body)?;
    let mut errors = Errors::default();
    if let Some(on) = errors.take("on", day(sent.text("on"))) {
        match teams::end_member(&site, &caller, team.id, member, on).await {
            Ok(()) => return Ok(back(&format!("/settings/teams/{}", team.id), "ended")),
            Err(why_not) => {
                let (field, why) = why_not.at_field()?;
                errors.add(field, why);
            }
        }
    }
    again(&site, &caller, team, &headers, errors, |_| {}).await
}
