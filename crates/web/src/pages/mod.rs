//! HTML pages. A page is a struct that its template shows; the handler fills it from a report and leaves.

mod about;
mod account;
mod accounts;
pub(crate) mod api_docs;
mod audit;
mod badge;
mod budgets;
pub(crate) mod connect;
mod device;
mod door;
pub(crate) mod form;
mod frame;
pub(crate) mod integrations;
mod invitation;
mod organization;
mod people;
pub(crate) mod report;
mod reset;
pub(crate) mod said;
mod seat_exclusions;
mod second_step;
mod set_up;
pub(crate) mod share;
pub(crate) mod sign_in;
mod sign_in_link;
mod sign_on;
mod survey;
mod teams;
mod tokens;
mod users;

use crate::assets::{self, Theme};
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::{Method, StatusCode};

pub(crate) use frame::Frame;

/// The pages, and what their forms are sent to.
pub(crate) fn routes() -> Vec<Route> {
    let rooms = [
        report::routes(),
        vec![Route::page(Method::GET, "/assets/{name}", Gate::Open, get(assets::asset))],
        accounts::routes(),
        audit::routes(),
        sign_on::routes(),
        device::routes(),
        integrations::routes(),
        connect::routes(),
        people::routes(),
        teams::routes(),
        budgets::routes(),
        seat_exclusions::routes(),
        share::routes(),
        survey::routes(),
    ];
    rooms.into_iter().flatten().collect()
}

/// A piece of a sentence; code stands between backticks in our texts and in a `code` element on a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    code: bool,
    text: String,
}

/// Cuts a sentence at its backticks.
pub(crate) fn pieces(sentence: &str) -> Vec<Piece> {
    let cut = sentence.split('`').enumerate();
    cut.filter(|(_, text)| !text.is_empty()).map(|(place, text)| Piece { code: place % 2 == 1, text: text.to_owned() }).collect()
}

/// A page as a response.
fn show(page: &impl Template) -> Result<Response, Problem> {
    let html = page.render().map_err(|error| Problem::internal(&error))?;
    Ok(Html(html).into_response())
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Frame,
    heading: &'static str,
    detail: Vec<Piece>,
    request_id: &'a str,
}

/// The page for a problem.
pub(crate) fn problem(problem: &Problem, request_id: &str, theme: Theme) -> Response {
    let heading = problem.title();
    let page = ProblemPage { frame: Frame::new(heading, "", theme), heading, detail: pieces(&problem.detail), request_id };
    let shown = show(&page);
    shown.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
