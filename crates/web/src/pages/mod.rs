//! HTML pages. A page is a struct that its template shows; the handler fills it from a report and leaves.

mod cards;
mod frame;
mod members;
mod notes;
mod overview;
mod panels;
mod sign_in;
mod sources;

use crate::assets::{self, Theme};
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use http::{Method, StatusCode};
use tacho_domain::Permission;

pub(crate) use frame::Frame;

/// The pages, and what their forms are sent to.
pub(crate) fn routes() -> Vec<Route> {
    let aggregates = Gate::Needs(Permission::ViewAggregates);
    vec![
        Route::page(Method::GET, "/", aggregates, get(overview::overview)),
        Route::page(Method::GET, "/overview/{table}", aggregates, get(overview::table)),
        Route::page(Method::POST, "/sign-out", Gate::SignedIn, post(sign_in::sign_out)),
        Route::page(Method::GET, "/sign-in", Gate::Open, get(sign_in::ask_for_link)),
        Route::page(Method::GET, "/sign-in/{secret}", Gate::Open, get(sign_in::offer_sign_in)),
        Route::page(Method::POST, "/sign-in/{secret}", Gate::Open, post(sign_in::sign_in)),
        Route::page(Method::GET, "/assets/{name}", Gate::Open, get(assets::asset)),
    ]
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

/// The page for a problem; whoever is not signed in learns how to.
pub(crate) fn problem(problem: &Problem, request_id: &str, theme: Theme) -> Response {
    let shown = if problem.status == StatusCode::UNAUTHORIZED && problem.slug == "sign-in-needed" {
        show(&sign_in::AskForLink { frame: Frame::new("Sign in", "", theme) })
    } else {
        let heading = problem.title();
        show(&ProblemPage { frame: Frame::new(heading, "", theme), heading, detail: pieces(&problem.detail), request_id })
    };
    shown.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
