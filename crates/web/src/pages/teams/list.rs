//! `/settings/teams`: every team, where it comes from, and a form for a new one.

use super::SAID;
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::form::{Errors, Form};
use crate::pages::people::refused;
use crate::pages::said::{back, heard};
use crate::pages::{Frame, show};
use crate::problem::Problem;
use crate::teams;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use tacho_domain::OrganizationId;
use tacho_store::TeamSource;

struct TeamLine {
    id: i64,
    name: String,
    source: String,
    members: u32,
}

#[derive(Template)]
#[template(path = "teams/list.html")]
struct ListPage {
    frame: Frame,
    said: Option<&'static str>,
    teams: Vec<TeamLine>,
    typed: String,
    errors: Errors,
}

/// Where a team comes from, in words.
pub(super) async fn source(site: &Site, organization: OrganizationId, source: &TeamSource) -> Result<String, Problem> {
    Ok(match source {
        TeamSource::Hand => "made by hand".to_owned(),
        TeamSource::File => "from a file".to_owned(),
        TeamSource::Vendor(id) => match site.store().find_integration(organization, *id).await? {
            Some(integration) => integration.name,
            None => "an integration that was removed".to_owned(),
        },
    })
}

async fn page(site: &Site, caller: &Caller, headers: &HeaderMap) -> Result<ListPage, Problem> {
    let mut teams = Vec::new();
    for team in site.store().list_teams(caller.organization, site.now().day()).await? {
        let source = source(site, caller.organization, &team.source).await?;
        teams.push(TeamLine { id: team.id, name: team.name, source, members: team.members });
    }
    teams.sort_by_key(|team| team.name.to_lowercase());
    let frame = Frame::of(site, caller, "Teams", "/settings/teams", headers).await?;
    Ok(ListPage { frame, said: None, teams, typed: String::new(), errors: Errors::default() })
}

pub(super) async fn list(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let said = heard(query.as_deref(), SAID);
    show(&ListPage { said, ..page(&site, &caller, &headers).await? })
}

pub(super) async fn add(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let sent = Form::read(&headers, &body)?;
    let typed = sent.text("name").to_owned();
    let mut errors = Errors::default();
    match teams::add(&site, &caller, &typed).await {
        Ok(id) => return Ok(back(&format!("/settings/teams/{id}"), "made")),
        Err(why_not) => {
            let (field, why) = why_not.at_field()?;
            errors.add(field, why);
        }
    }
    refused(&ListPage { typed, errors, ..page(&site, &caller, &headers).await? })
}
