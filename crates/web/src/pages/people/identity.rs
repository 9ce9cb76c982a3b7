//! `/settings/people/identities/{id}`: one name that a tool uses, and whose it is.

use super::lines::IdentityLine;
use super::{SAID, chosen, number, options};
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::form::{Errors, Form};
use crate::pages::people::refused;
use crate::pages::said::{back, heard};
use crate::pages::{Frame, show};
use crate::people::{self, Refused};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use tacho_domain::{IdentityId, SubjectId};

#[derive(Template)]
#[template(path = "people/identity.html")]
struct IdentityPage {
    frame: Frame,
    said: Option<&'static str>,
    identity: IdentityLine,
    options: Vec<String>,
    typed: String,
    errors: Errors,
}

pub(super) async fn identity(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut page = page(&site, &caller, IdentityId(number(&id)?), &headers).await?;
    page.said = heard(query.as_deref(), SAID);
    show(&page)
}

async fn page(site: &Site, caller: &Caller, id: IdentityId, headers: &HeaderMap) -> Result<IdentityPage, Problem> {
    let row = people::identity(site, caller, id).await?;
    let members = site.store().list_members(caller.organization).await?;
    let identity = IdentityLine::of(&row, site);
    Ok(IdentityPage {
        frame: Frame::of(site, caller, &identity.label, "/settings/people", headers).await?,
        said: None,
        identity,
        options: options(&members),
        typed: String::new(),
        errors: Errors::default(),
    })
}

pub(super) async fn match_it(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let id = IdentityId(number(&id)?);
    let form = Form::read(&headers, &body)?;
    let members = site.store().list_members(caller.organization).await?;
    let outcome = match chosen(form.text("member"), &members) {
        Ok(member) => people::match_identity(&site, &caller, id, member).await,
        Err(why) => Err(Refused::Field("member", why)),
    };
    match outcome {
        Ok(()) => Ok(back(&after(&form), "matched")),
        Err(why_not) => {
            let (field, why) = why_not.at_field()?;
            let mut page = page(&site, &caller, id, &headers).await?;
            form.text("member").clone_into(&mut page.typed);
            page.errors.add(field, why);
            refused(&page)
        }
    }
}

/// Where a form leads when it went well: back to the table that it stood in. Only addresses of this page are followed.
fn after(form: &Form) -> String {
    let back = form.text("back");
    let table = back.strip_prefix("show=").filter(|show| show.bytes().all(|byte| byte.is_ascii_lowercase()));
    table.map_or_else(|| "/settings/people?show=unmatched".to_owned(), |show| format!("/settings/people?show={show}"))
}

pub(super) async fn ignore(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    people::ignore_identity(&site, &caller, IdentityId(number(&id)?)).await?;
    Ok(back(&after(&form), "ignored"))
}

pub(super) async fn split(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    people::split_identity(&site, &caller, IdentityId(number(&id)?)).await?;
    Ok(back(&after(&form), "split"))
}

/// Accepts or refuses a suggestion. Nothing is applied without this.
pub(super) async fn decide(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let whole = |field: &str| {
        form.text(field).parse::<u32>().map_err(|_| Problem::field(field, "is missing: send the number of the suggestion"))
    };
    let (identity, member) = (IdentityId(whole("identity")?), SubjectId(whole("member")?));
    let slug = match form.text("decision") {
        "accept" => {
            people::match_identity(&site, &caller, identity, member).await?;
            "matched"
        }
        "refuse" => {
            people::refuse_suggestion(&site, &caller, identity, member).await?;
            "refused"
        }
        _ => return Err(Problem::field("decision", "is not known: send `accept` or `refuse`")),
    };
    Ok(back("/settings/people?show=suggested", slug))
}
