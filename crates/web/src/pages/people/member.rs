//! `/settings/people/members/{id}`: one member: who they are, their identities, their teams.

use super::lines::IdentityLine;
use super::{SAID, number, options};
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::form::{Errors, Form};
use crate::pages::people::refused;
use crate::pages::said::{back, heard};
use crate::pages::{Frame, show};
use crate::people::{self, Written};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use tacho_domain::day::NotADay;
use tacho_domain::{Permission, SubjectId};
use tacho_store::Member;

/// The fields of the form, as typed.
#[derive(Debug, Default)]
struct Typed {
    name: String,
    email: String,
    github_login: String,
    left_on: String,
}

impl Typed {
    fn read(form: &Form) -> Self {
        let text = |field| form.text(field).to_owned();
        Self { name: text("name"), email: text("email"), github_login: text("github_login"), left_on: text("left_on") }
    }

    fn written(&self) -> Result<Written, String> {
        let left_on = match self.left_on.as_str() {
            "" => None,
            day => Some(day.parse().map_err(|error: NotADay| error.to_string())?),
        };
        let (name, email, github_login) = (self.name.clone(), self.email.clone(), self.github_login.clone());
        Ok(Written { name, email, github_login, left_on })
    }
}

impl From<Written> for Typed {
    fn from(written: Written) -> Self {
        let left_on = written.left_on.map(|day| day.to_string()).unwrap_or_default();
        Self { name: written.name, email: written.email, github_login: written.github_login, left_on }
    }
}

#[derive(Template)]
#[template(path = "people/new_member.html")]
struct NewMemberPage {
    frame: Frame,
    typed: Typed,
    errors: Errors,
}

#[derive(Template)]
#[template(path = "people/member.html")]
struct MemberPage {
    frame: Frame,
    said: Option<&'static str>,
    id: u32,
    name: String,
    erased: bool,
    typed: Typed,
    errors: Errors,
    identities: Vec<IdentityLine>,
    teams: Vec<(i64, String)>,
    options: Vec<String>,
    may_erase: bool,
}

async fn new_page(site: &Site, caller: &Caller, headers: &HeaderMap) -> Result<NewMemberPage, Problem> {
    let frame = Frame::of(site, caller, "Add a member", "/settings/people", headers).await?;
    Ok(NewMemberPage { frame, typed: Typed::default(), errors: Errors::default() })
}

pub(super) async fn offer(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    show(&new_page(&site, &caller, &headers).await?)
}

pub(super) async fn add(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let typed = Typed::read(&Form::read(&headers, &body)?);
    let mut errors = Errors::default();
    if let Some(written) = errors.take("left_on", typed.written()) {
        match people::add_member(&site, &caller, &written).await {
            Ok(id) => return Ok(back(&format!("/settings/people/members/{}", id.0), "added")),
            Err(why_not) => {
                let (field, why) = why_not.at_field()?;
                errors.add(field, why);
            }
        }
    }
    refused(&NewMemberPage { typed, errors, ..new_page(&site, &caller, &headers).await? })
}

async fn page(site: &Site, caller: &Caller, member: &Member, headers: &HeaderMap) -> Result<MemberPage, Problem> {
    let (store, organization) = (site.store(), caller.organization);
    let identities = store.list_identities(organization).await?;
    let today = site.now().day();
    let in_teams = store.teams_of(organization, member.id, today).await?;
    let teams = store.list_teams(organization, today).await?;
    let others: Vec<Member> = store.list_members(organization).await?.into_iter().filter(|other| other.id != member.id).collect();
    let name = people::called(member);
    Ok(MemberPage {
        frame: Frame::of(site, caller, &name, "/settings/people", headers).await?,
        said: None,
        id: member.id.0,
        name,
        erased: member.erased,
        typed: Written::of(member).into(),
        errors: Errors::default(),
        identities: identities
            .iter()
            .filter(|row| row.member == Some(member.id))
            .map(|row| IdentityLine::of(row, site))
            .collect(),
        teams: teams.into_iter().filter(|team| in_teams.contains(&team.id)).map(|team| (team.id, team.name)).collect(),
        options: options(&others),
        may_erase: caller.may(Permission::ErasePeople),
    })
}

pub(super) async fn member(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let member = people::member(&site, &caller, SubjectId(number(&id)?)).await?;
    let mut page = page(&site, &caller, &member, &headers).await?;
    page.said = heard(query.as_deref(), SAID);
    show(&page)
}

pub(super) async fn save(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let member = people::member(&site, &caller, SubjectId(number(&id)?)).await?;
    let typed = Typed::read(&Form::read(&headers, &body)?);
    let mut errors = Errors::default();
    if let Some(written) = errors.take("left_on", typed.written()) {
        match people::put_member(&site, &caller, member.id, &written).await {
            Ok(()) => return Ok(back(&format!("/settings/people/members/{}", member.id.0), "saved")),
            Err(why_not) => {
                let (field, why) = why_not.at_field()?;
                errors.add(field, why);
            }
        }
    }
    refused(&MemberPage { typed, errors, ..page(&site, &caller, &member, &headers).await? })
}
