//! REST as JSON.

mod body;
mod connect;
mod dashboard;
mod health;
mod integrations;
mod overview;
mod sync;

use crate::routing::{Gate, Route};
use axum::routing::{delete, get, post};
use http::Method;
use tacho_domain::Permission;

/// The API's addresses.
pub(crate) fn routes() -> Vec<Route> {
    let aggregates = Gate::Needs(Permission::ViewAggregates);
    let manage = Gate::Needs(Permission::ManageIntegrations);
    let view = Gate::Needs(Permission::ViewIntegrations);
    let one = "/api/ai-usage/integrations/{id}";
    vec![
        Route::page(Method::GET, "/api/overview", aggregates, get(overview::overview)),
        Route::page(Method::POST, "/api/ai-usage/connect", manage, post(connect::connect)),
        Route::page(Method::GET, "/api/ai-usage/dashboard", aggregates, get(dashboard::dashboard)),
        Route::page(Method::POST, "/api/ai-usage/sync", Gate::Needs(Permission::SyncIntegrations), post(sync::sync)),
        Route::page(Method::GET, "/api/ai-usage/integrations", view, get(integrations::list_integrations)),
        Route::page(Method::GET, one, view, get(integrations::find_integration)),
        Route::page(Method::DELETE, one, manage, delete(integrations::remove_integration)),
        Route::page(Method::GET, "/health", Gate::Open, get(health::health)),
        Route::page(Method::GET, "/ready", Gate::Open, get(health::ready)),
    ]
}
