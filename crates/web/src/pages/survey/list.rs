//! One's own merged pull requests that wait for an answer, and those that have one.

use super::{Asked, HERE, SAID, may_turn};
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::{Frame, show};
use crate::problem::Problem;
use crate::surveys;
use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;

#[derive(Template)]
#[template(path = "survey/list.html")]
struct ListPage {
    frame: Frame,
    /// Why there is nothing to ask; empty where there may be.
    unasked: &'static str,
    may_turn: bool,
    waiting: Vec<Asked>,
    answered: Vec<Asked>,
}

/// `GET /survey`.
pub(super) async fn page(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let frame = Frame::of(&site, &caller, "Survey", HERE, &headers).await?.saying(query.as_deref(), SAID);
    let (questions, unasked) = match surveys::questions(&site, &caller).await? {
        Ok(questions) => (questions, ""),
        Err(unasked) => (Vec::new(), unasked.words()),
    };
    let (answered, waiting): (Vec<_>, Vec<_>) = questions.iter().partition(|question| question.answer.is_some());
    show(&ListPage {
        frame,
        unasked,
        may_turn: may_turn(&caller),
        waiting: waiting.into_iter().map(Asked::of).collect(),
        answered: answered.into_iter().map(Asked::of).collect(),
    })
}
