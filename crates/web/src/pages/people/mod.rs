//! Settings, people: which names that tools use belong to which members, and the members themselves.

mod choice;
mod erase;
mod identity;
mod import;
mod lines;
mod list;
mod member;
mod merge;

use super::said::Said;
use super::show;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use askama::Template;
use axum::response::Response;
use axum::routing::{get, post};
use http::{Method, StatusCode};
use std::str::FromStr;
use tacho_domain::Permission;

pub(super) use choice::{chosen, options};

/// What these pages say after something was done.
const SAID: Said = &[
    ("matched", "Matched. Totals stay the same; the use now stands in the member's row."),
    ("ignored", "Ignored. It is left out of the match rate; totals stay the same."),
    ("split", "Taken away. It stays without a member until you match it."),
    ("refused", "Refused. It will not be suggested again."),
    ("added", "Member added."),
    ("saved", "Saved."),
    ("merged", "Merged into this member. It can be taken back in the history."),
    ("erased", "Pseudonymised for good."),
    ("undone", "Taken back."),
    ("imported", "Imported."),
];

/// The pages about people, and what their forms are sent to.
pub(crate) fn routes() -> Vec<Route> {
    let manage = Gate::Needs(Permission::ManagePeople);
    let erase = Gate::Needs(Permission::ErasePeople);
    let page = |path: &str, handler| Route::page(Method::GET, path, manage, handler);
    let form = |path: &str, handler| Route::page(Method::POST, path, manage, handler);
    vec![
        page("/settings/people", get(list::list)),
        form("/settings/people/suggestions", post(identity::decide)),
        form("/settings/people/changes/{id}/undo", post(list::undo)),
        page("/settings/people/identities/{id}", get(identity::identity)),
        form("/settings/people/identities/{id}/match", post(identity::match_it)),
        form("/settings/people/identities/{id}/ignore", post(identity::ignore)),
        form("/settings/people/identities/{id}/split", post(identity::split)),
        page("/settings/people/members/new", get(member::offer)),
        form("/settings/people/members/new", post(member::add)),
        page("/settings/people/members/{id}", get(member::member)),
        form("/settings/people/members/{id}", post(member::save)),
        page("/settings/people/members/{id}/merge", get(merge::offer)),
        form("/settings/people/members/{id}/merge", post(merge::merge)),
        Route::page(Method::GET, "/settings/people/members/{id}/erase", erase, get(erase::offer)),
        Route::page(Method::POST, "/settings/people/members/{id}/erase", erase, post(erase::erase)),
        page("/settings/people/import", get(import::offer)),
        form("/settings/people/import", post(import::preview)),
        form("/settings/people/import/apply", post(import::apply)),
    ]
}

/// The number in an address; what is none leads nowhere.
pub(super) fn number<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found("There is nothing at this address: a whole number is expected in it."))
}

/// A page whose form cannot be used as it was sent.
pub(super) fn refused(page: &impl Template) -> Result<Response, Problem> {
    let mut response = show(page)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
