//! REST, version 1: JSON in snake case, lists in pages, problems as RFC 9457 asks, everything described in `/api/openapi.json`.
//!
//! A room's sub-module has a `routes()` of its own, chained here. Handlers take [`body::Json`], [`query::Query`],
//! [`query::Path`] and [`paging::PageQuery`]; what they refuse is a problem that names the field. The answers that every
//! operation may give (401, 403, 429, ...) are added to the description by `crate::openapi`; a handler documents its own only.

pub(crate) mod answers;
mod audit;
pub(crate) mod body;
mod budgets;
mod device;
mod events;
mod identities;
mod integrations;
mod invitations;
mod me;
mod members;
pub(crate) mod names;
mod organization;
pub(crate) mod paging;
mod people_changes;
pub(crate) mod query;
mod reports;
mod seat_exclusions;
mod sessions;
mod status;
mod survey;
mod teams;
mod tokens;
mod users;

use crate::routing::Route;

/// The addresses below `/api/v1`.
pub(crate) fn routes() -> Vec<Route> {
    let rooms = [
        me::routes(),
        organization::routes(),
        reports::routes(),
        status::routes(),
        survey::routes(),
        users::routes(),
        invitations::routes(),
        tokens::routes(),
        sessions::routes(),
        audit::routes(),
        device::routes(),
        integrations::routes(),
        events::routes(),
        members::routes(),
        identities::routes(),
        people_changes::routes(),
        teams::routes(),
        budgets::routes(),
        seat_exclusions::routes(),
    ];
    rooms.into_iter().flatten().collect()
}
