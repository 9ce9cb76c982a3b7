//! `/settings/people/members/{id}/merge`: says what merging two members does, and does it once that was read.

use super::{chosen, number, options};
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::form::{Errors, Form};
use crate::pages::people::refused;
use crate::pages::said::back;
use crate::pages::{Frame, show};
use crate::people;
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use tacho_domain::SubjectId;
use tacho_store::Member;
use url::form_urlencoded;

#[derive(Template)]
#[template(path = "people/merge.html")]
struct MergePage {
    frame: Frame,
    id: u32,
    name: String,
    identities: u32,
    /// Number and name of the member that stays, once one is chosen.
    into: Option<(u32, String)>,
    options: Vec<String>,
    typed: String,
    errors: Errors,
}

async fn page(site: &Site, caller: &Caller, from: &Member, headers: &HeaderMap) -> Result<(MergePage, Vec<Member>), Problem> {
    let others: Vec<Member> =
        site.store().list_members(caller.organization).await?.into_iter().filter(|other| other.id != from.id).collect();
    let page = MergePage {
        frame: Frame::of(site, caller, "Merge two members", "/settings/people", headers).await?,
        id: from.id.0,
        name: people::called(from),
        identities: from.identities,
        into: None,
        options: options(&others),
        typed: String::new(),
        errors: Errors::default(),
    };
    Ok((page, others))
}

pub(super) async fn offer(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let from = people::member(&site, &caller, SubjectId(number(&id)?)).await?;
    let (mut page, others) = page(&site, &caller, &from, &headers).await?;
    let query = query.unwrap_or_default();
    let Some((_, typed)) = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "into") else {
        return show(&page);
    };
    page.typed = typed.clone().into_owned();
    match chosen(&typed, &others) {
        Ok(into) => {
            let into = people::member(&site, &caller, into).await?;
            page.into = Some((into.id.0, people::called(&into)));
            show(&page)
        }
        Err(why) => {
            page.errors.add("into", why);
            refused(&page)
        }
    }
}

pub(super) async fn merge(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let from = people::member(&site, &caller, SubjectId(number(&id)?)).await?;
    let form = Form::read(&headers, &body)?;
    let into = form.text("into").parse().map_err(|_| Problem::field("into", "is missing: send the number of a member"))?;
    match people::merge_members(&site, &caller, from.id, SubjectId(into)).await {
        Ok(()) => Ok(back(&format!("/settings/people/members/{into}"), "merged")),
        Err(why_not) => {
            let (field, why) = why_not.at_field()?;
            let (mut page, _) = page(&site, &caller, &from, &headers).await?;
            page.errors.add(field, why);
            refused(&page)
        }
    }
}
