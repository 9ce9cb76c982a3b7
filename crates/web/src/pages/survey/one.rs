//! One pull request that somebody is asked about: where a link leads.

use super::form::{self, Wrong};
use super::{Asked, HERE, SAID, may_turn};
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::form::Form;
use crate::pages::{Frame, said, show};
use crate::problem::Problem;
use crate::surveys::{self, Place, Unasked};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tacho_store::SurveyQuestion;

#[derive(Template)]
#[template(path = "survey/one.html")]
struct OnePage {
    frame: Frame,
    /// Why there is nothing to ask; empty where there is.
    unasked: &'static str,
    may_turn: bool,
    asked: Option<Asked>,
}

/// What names nothing is no field that is wrong: there is no such page.
fn place((repository, number): (String, String)) -> Result<Place, Problem> {
    repository.parse().ok().zip(number.parse().ok()).ok_or_else(surveys::unknown)
}

async fn shown(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    query: Option<&str>,
    found: Result<Asked, Unasked>,
) -> Result<Response, Problem> {
    let title = found.as_ref().map_or("Survey", |asked| asked.label.as_str());
    let frame = Frame::of(site, caller, title, HERE, headers).await?.saying(query, SAID);
    let unasked = found.as_ref().err().map_or("", |unasked| unasked.words());
    show(&OnePage { frame, unasked, may_turn: may_turn(caller), asked: found.ok() })
}

/// `GET /survey/{repository}/{number}`.
pub(super) async fn page(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(names): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = surveys::question(&site, &caller, place(names)?).await?;
    shown(&site, &caller, &headers, query.as_deref(), found.map(|question| Asked::of(&question))).await
}

/// `POST /survey/{repository}/{number}`.
pub(super) async fn answer(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(names): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let place = place(names)?;
    let question = match surveys::question(&site, &caller, place).await? {
        Ok(question) => question,
        Err(unasked) => return shown(&site, &caller, &headers, None, Err(unasked)).await,
    };
    let form = Form::read(&headers, &body)?;
    match kept(&site, &caller, place, &form, &question).await? {
        Ok(()) => Ok(said::back(HERE, "answered")),
        Err(wrong) => {
            let asked = Asked::of(&question).typed(&form, wrong);
            let mut response = shown(&site, &caller, &headers, None, Ok(asked)).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

async fn kept(
    site: &Site,
    caller: &Caller,
    place: Place,
    form: &Form,
    question: &SurveyQuestion,
) -> Result<Result<(), Wrong>, Problem> {
    match form::read(form, question.role) {
        Ok(answer) => Ok(surveys::answer(site, caller, place, answer).await?.map_err(|why| ("answer", format!("{why}.")))),
        Err(wrong) => Ok(Err(wrong)),
    }
}

/// `POST /survey/{repository}/{number}/remove`.
pub(super) async fn take_back(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(names): Path<(String, String)>,
) -> Result<Response, Problem> {
    if !surveys::take_back(&site, &caller, place(names)?).await? {
        return Err(Problem::not_found("You gave no answer that could be taken back."));
    }
    Ok(said::back(HERE, "taken-back"))
}
