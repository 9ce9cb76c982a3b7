//! Settings: the organization's name, and whether it asks about pull requests; and changing from one organization to another.

use super::form::{Errors, Field, Form, line};
use super::said::{self, Said};
use super::{Frame, show};
use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::surveys;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tacho_domain::OrganizationId;
use tacho_domain::audit::Action;
use tacho_render::words::instant;

const HERE: &str = "/settings/organization";
const SAID: Said = &[
    ("renamed", "The name is saved."),
    ("surveys-on", "Authors and reviewers are asked about what is merged from now on."),
    ("surveys-off", "Nobody is asked any more. The answers so far stay."),
];

#[derive(Template)]
#[template(path = "organization.html")]
struct OrganizationPage {
    frame: Frame,
    name: Field,
    /// Since when authors and reviewers are asked, in words.
    asks_since: Option<String>,
}

async fn shown(site: &Site, caller: &Caller, frame: Frame, name: Field) -> Result<Response, Problem> {
    let asks_since = site.store().find_survey_start(caller.organization).await?.map(instant);
    show(&OrganizationPage { frame, name, asks_since })
}

/// `GET /settings/organization`.
pub(crate) async fn page(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let frame = Frame::of(&site, &caller, "Organization", HERE, &headers).await?.saying(query.as_deref(), SAID);
    let name = frame.organization.clone();
    shown(&site, &caller, frame, field(&name, &Errors::default())).await
}

fn field(name: &str, errors: &Errors) -> Field {
    Field::new("name", "Name").kind("text", "organization").value(name).checked(errors)
}

/// `POST /settings/organization`.
pub(crate) async fn rename(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let typed = form.text("name");
    let mut errors = Errors::default();
    if let Some(name) = errors.take("name", line(typed, "a name for the organization", 100)) {
        match site.store().rename_organization(caller.organization, &name).await {
            Ok(_) => {
                audit::note(&site, &caller, Action::OrganizationChanged, &name, json!({ "name": name })).await?;
                return Ok(said::back(HERE, "renamed"));
            }
            Err(error) if error.is_invalid() => errors.add("name", format!("{error}.")),
            Err(error) => return Err(error.into()),
        }
    }
    let frame = Frame::of(&site, &caller, "Organization", HERE, &headers).await?;
    let mut response = shown(&site, &caller, frame, field(typed, &errors)).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// `POST /settings/organization/surveys`: has authors and reviewers asked, or no longer.
pub(crate) async fn ask(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let on = match Form::read(&headers, &body)?.text("surveys") {
        "on" => true,
        "off" => false,
        _ => return Err(Problem::field("surveys", "is not known: use `on` or `off`")),
    };
    surveys::turn(&site, &caller, on).await?;
    Ok(said::back(HERE, if on { "surveys-on" } else { "surveys-off" }))
}

/// `POST /organization`: takes the session to another organization that its user is in.
pub(crate) async fn switch(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    // An organization that is not there and one that is closed to the caller are the same to them.
    let unknown = || Problem::not_found("You are in no such organization.");
    let session = caller.session.as_deref().ok_or_else(unknown)?;
    let organization = OrganizationId(form.text("id").parse().map_err(|_| unknown())?);
    if !site.store().switch_session(session, organization).await? {
        return Err(unknown());
    }
    Ok(Redirect::to("/").into_response())
}
