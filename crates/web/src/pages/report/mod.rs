//! One page for every report: its header with window and filters, its figures, its charts and tables, and what a page has
//! besides. Nothing here knows which report it shows but `extras`.

mod extras;
mod figures;
mod files;
mod header;
mod layout;
mod notes;
mod page;
mod person;
mod search;
mod sections;
mod sources;
mod tables;
mod usage;

use crate::routing::{Gate, Route};
use axum::routing::get;
use http::Method;
use tacho_domain::Permission as P;

/// The pages of reports, their files, and the search over them.
pub(super) fn routes() -> Vec<Route> {
    let aggregates = Gate::Needs(P::ViewAggregates);
    let individuals = Gate::NeedsOne(&[P::ViewOwnData, P::ViewTeamData, P::ViewAllData]);
    let page = |path: &str, gate, handler| Route::page(Method::GET, path, gate, handler);
    vec![
        page("/", aggregates, get(page::overview)),
        page("/tools/{tool}", aggregates, get(page::tool)),
        page("/members", aggregates, get(page::members)),
        page("/members/{id}", individuals, get(page::member)),
        page("/me", aggregates, get(page::mine)),
        page("/teams", aggregates, get(page::teams)),
        page("/teams/{id}", aggregates, get(page::team)),
        page("/seats", aggregates, get(page::seats)),
        page("/cost", aggregates, get(page::cost)),
        page("/delivery", aggregates, get(page::delivery)),
        page("/reconciliation/{id}", Gate::Needs(P::ViewIntegrations), get(page::reconciliation)),
        page("/reports/usage.csv", Gate::Needs(P::ViewAllData), get(usage::usage)),
        page("/reports/{name}/{file}", aggregates, get(files::file)),
        page("/search", aggregates, get(search::search)),
    ]
}
