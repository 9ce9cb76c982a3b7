//! What authors and reviewers are asked about merged pull requests: a list of one's own that wait, and a page for each, which
//! a link leads to. Nothing is written to the host of the code.

mod form;
mod list;
mod one;

use crate::caller::Caller;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use askama::Template;
use axum::routing::{get, post};
use form::Asked;
use http::Method;
use tacho_domain::Permission as P;

use super::said::Said;

/// Where the list is.
const HERE: &str = "/survey";

/// What forms of these pages lead to.
const SAID: Said =
    &[("answered", "Thank you. Your answer is kept; you can change it here."), ("taken-back", "Your answer is gone.")];

/// The pages of surveys.
pub(super) fn routes() -> Vec<Route> {
    let own = Gate::Needs(P::ViewOwnData);
    vec![
        Route::page(Method::GET, HERE, own, get(list::page)),
        Route::page(Method::GET, "/survey/{repository}/{number}", own, get(one::page)),
        Route::page(Method::POST, "/survey/{repository}/{number}", own, post(one::answer)),
        Route::page(Method::POST, "/survey/{repository}/{number}/remove", own, post(one::take_back)),
    ]
}

#[derive(Template)]
#[template(path = "survey/waiting.html")]
struct Waiting {
    waiting: usize,
}

/// What My usage says of questions that wait; nothing where none does.
pub(super) fn note(waiting: usize) -> Result<Option<String>, Problem> {
    if waiting == 0 {
        return Ok(None);
    }
    Waiting { waiting }.render().map(Some).map_err(|error| Problem::internal(&error))
}

/// Whether the caller can turn surveys on.
fn may_turn(caller: &Caller) -> bool {
    caller.may(P::ManageOrganization)
}
