//! Share cards: one's own numbers as a picture, and a public page under a link that ends. Nothing is public until its owner
//! makes a link, and what a link shows never changes after.

mod card;
mod own;
pub(in crate::pages) mod place;
mod public;

pub(crate) use card::Pictures;

use crate::caller::Caller;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use askama::Template;
use axum::routing::{get, post};
use http::Method;
use tacho_domain::Permission as P;

/// The pages of share cards.
pub(super) fn routes() -> Vec<Route> {
    let own = Gate::Needs(P::ViewOwnData);
    vec![
        Route::page(Method::GET, "/me/share", own, get(own::page)),
        Route::page(Method::POST, "/me/share", own, post(own::make)),
        Route::page(Method::GET, "/me/share/card.png", own, get(own::picture)),
        Route::page(Method::POST, "/me/share/{id}/revoke", own, post(own::revoke)),
        Route::page(Method::GET, "/s/{token}", Gate::Open, get(public::page)),
        Route::page(Method::GET, "/s/{token}/card.png", Gate::Open, get(public::picture)),
    ]
}

#[derive(Template)]
#[template(path = "share/panel.html")]
struct Panel {
    may_connect: bool,
}

/// What My usage has below its sections: the ways to the share card and to one's own tools. Nothing for whoever is no member.
pub(crate) fn panel(caller: &Caller) -> Result<Option<String>, Problem> {
    if caller.member.is_none() || !caller.may(P::ViewOwnData) {
        return Ok(None);
    }
    let panel = Panel { may_connect: caller.may(P::ConnectOwnTools) };
    panel.render().map(Some).map_err(|error| Problem::internal(&error))
}
