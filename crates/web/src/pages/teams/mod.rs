//! Settings, teams: who belongs together, as of which days.

mod list;
mod team;

use super::said::Said;
use crate::routing::{Gate, Route};
use axum::routing::{get, post};
use http::Method;
use tacho_domain::Permission;

/// What these pages say after something was done.
const SAID: Said = &[
    ("made", "Team made. Put its members in below."),
    ("renamed", "Renamed."),
    ("removed", "Removed. Nobody's use has changed."),
    ("put", "Put in."),
    ("ended", "Membership ended."),
];

/// The pages about teams, and what their forms are sent to.
pub(crate) fn routes() -> Vec<Route> {
    let manage = Gate::Needs(Permission::ManagePeople);
    let page = |path: &str, handler| Route::page(Method::GET, path, manage, handler);
    let form = |path: &str, handler| Route::page(Method::POST, path, manage, handler);
    vec![
        page("/settings/teams", get(list::list)),
        form("/settings/teams", post(list::add)),
        page("/settings/teams/{id}", get(team::team)),
        form("/settings/teams/{id}/name", post(team::rename)),
        form("/settings/teams/{id}/remove", post(team::remove)),
        form("/settings/teams/{id}/members", post(team::put)),
        form("/settings/teams/{id}/members/{member}/end", post(team::end)),
    ]
}
