//! `/settings/people/members/{id}/erase`: says what pseudonymising does, and does it once the name was typed.

use super::number;
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::form::{Errors, Form};
use crate::pages::people::refused;
use crate::pages::said::back;
use crate::pages::{Frame, show};
use crate::people::{self, Refused};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use tacho_domain::SubjectId;
use tacho_store::Member;

#[derive(Template)]
#[template(path = "people/erase.html")]
struct ErasePage {
    frame: Frame,
    id: u32,
    name: String,
    identities: u32,
    errors: Errors,
}

async fn page(site: &Site, caller: &Caller, member: &Member, headers: &HeaderMap) -> Result<ErasePage, Problem> {
    Ok(ErasePage {
        frame: Frame::of(site, caller, "Pseudonymise a member", "/settings/people", headers).await?,
        id: member.id.0,
        name: people::called(member),
        identities: member.identities,
        errors: Errors::default(),
    })
}

pub(super) async fn offer(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let member = people::member(&site, &caller, SubjectId(number(&id)?)).await?;
    show(&page(&site, &caller, &member, &headers).await?)
}

pub(super) async fn erase(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let member = people::member(&site, &caller, SubjectId(number(&id)?)).await?;
    let form = Form::read(&headers, &body)?;
    let outcome = if form.text("name") == people::called(&member).trim() {
        people::erase_member(&site, &caller, member.id).await
    } else {
        Err(Refused::Field("name", format!("Type `{}`, exactly as it stands above.", people::called(&member))))
    };
    match outcome {
        Ok(()) => Ok(back("/settings/people?show=members", "erased")),
        Err(why_not) => {
            let (field, why) = why_not.at_field()?;
            let mut page = page(&site, &caller, &member, &headers).await?;
            page.errors.add(field, why);
            refused(&page)
        }
    }
}
