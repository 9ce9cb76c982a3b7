//! Settings, integrations: is everything connected and fresh? And a member's own tools, on a page of their own.

mod card;
mod credential;
mod disconnect;
mod edit;
mod input;
mod list;
mod one;
mod steps;
mod webhook;

pub(super) use card::Doctor;
pub(crate) use credential::reauthorize;
pub(super) use credential::{told, with_card};
pub(crate) use disconnect::remove;
pub(crate) use edit::change;
pub(super) use input::{Input, inputs, settings_of};
pub(crate) use one::{ask_for_sync, set_paused, try_endpoints};
pub(super) use steps::{Step, steps};

use super::said::Said;
use crate::routing::{Gate, Route};
use axum::routing::{get, post};
use http::Method;
use tacho_domain::{IntegrationId, Permission as P};
use tacho_store::Integration;

/// What forms of these pages lead to.
pub(super) const SAID: Said = &[
    ("connected", "Connected. Every endpoint below was tried; the first sync is under way."),
    ("checked", "Every endpoint was tried again."),
    ("synced", "A sync is asked for. It begins as soon as a worker is free."),
    ("paused", "Paused. Nothing is asked of the vendor until you resume it."),
    ("resumed", "Resumed, and a sync is asked for."),
    ("saved", "Saved."),
    ("reauthorized", "The new credential works and is in use; a sync with it is asked for."),
    ("webhook-removed", "The secret is gone: nothing that arrives for this integration is believed any more."),
    ("kept", "Disconnected. The credential is forgotten, its data stays."),
    ("deleted", "Disconnected. The credential and all of its data are deleted."),
];

/// Changing one that exists: the organization's takes one permission, one's own another. Which of them, the handler finds out.
const CHANGE: Gate = Gate::NeedsOne(&[P::ManageIntegrations, P::ConnectOwnTools]);

/// The pages of integrations.
pub(crate) fn routes() -> Vec<Route> {
    let sync = Gate::NeedsOne(&[P::SyncIntegrations, P::ConnectOwnTools]);
    let view = Gate::NeedsOne(&[P::ViewIntegrations, P::ConnectOwnTools]);
    let one = |rest: &str| format!("/settings/integrations/{{id}}{rest}");
    vec![
        Route::page(Method::GET, "/settings/integrations", Gate::Needs(P::ViewIntegrations), get(list::integrations)),
        Route::page(Method::GET, "/settings/tools", Gate::Needs(P::ConnectOwnTools), get(list::tools)),
        Route::page(Method::GET, &one(""), view, get(one::one)),
        Route::page(Method::POST, &one("/sync"), sync, post(one::sync)),
        Route::page(Method::POST, &one("/probe"), CHANGE, post(one::probe)),
        Route::page(Method::POST, &one("/pause"), CHANGE, post(one::pause)),
        Route::page(Method::POST, &one("/resume"), CHANGE, post(one::resume)),
        Route::page(Method::GET, &one("/edit"), CHANGE, get(edit::form)),
        Route::page(Method::POST, &one("/edit"), CHANGE, post(edit::save)),
        Route::page(Method::GET, &one("/credential"), CHANGE, get(credential::form)),
        Route::page(Method::POST, &one("/credential"), CHANGE, post(credential::replace)),
        Route::page(Method::POST, &one("/webhook"), CHANGE, post(webhook::make)),
        Route::page(Method::POST, &one("/webhook/remove"), CHANGE, post(webhook::remove)),
        Route::page(Method::GET, &one("/disconnect"), CHANGE, get(disconnect::form)),
        Route::page(Method::POST, &one("/disconnect"), CHANGE, post(disconnect::disconnect)),
    ]
}

/// The list that an integration stands in.
pub(super) fn list_of(integration: &Integration) -> &'static str {
    if integration.owner.is_some() { "/settings/tools" } else { "/settings/integrations" }
}

/// The page of one integration.
pub(super) fn address(id: IntegrationId) -> String {
    format!("/settings/integrations/{id}")
}
