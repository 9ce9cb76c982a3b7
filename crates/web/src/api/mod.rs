//! REST as JSON.

mod body;
mod connect;
mod dashboard;
mod described;
pub(crate) mod etag;
mod health;
pub(crate) mod idempotency;
mod integrations;
mod metrics;
mod overview;
pub(crate) mod strict;
mod sync;
pub(crate) mod v1;

use crate::routing::{Gate, Route};
use tacho_domain::Permission;
use utoipa_axum::routes;

/// The API's addresses.
pub(crate) fn routes() -> Vec<Route> {
    let aggregates = Gate::Needs(Permission::ViewAggregates);
    let manage = Gate::Needs(Permission::ManageIntegrations);
    let view = Gate::Needs(Permission::ViewIntegrations);
    let older = vec![
        Route::api(aggregates, routes!(overview::overview)),
        Route::api(manage, routes!(connect::connect)),
        Route::api(aggregates, routes!(dashboard::dashboard)),
        Route::api(Gate::Needs(Permission::SyncIntegrations), routes!(sync::sync)),
        Route::api(view, routes!(integrations::list_integrations)),
        Route::api(view, routes!(integrations::find_integration)),
        Route::api(manage, routes!(integrations::remove_integration)),
        Route::api(Gate::Open, routes!(health::health)),
        Route::api(Gate::Open, routes!(health::ready)),
        Route::api(Gate::Open, routes!(crate::pages::api_docs::openapi_json)),
        Route::api(Gate::Open, routes!(crate::pages::api_docs::api_docs)),
    ];
    [older, metrics::routes(), v1::routes()].into_iter().flatten().collect()
}
