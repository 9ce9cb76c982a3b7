//! Connecting a tool: which one, what is needed, the credential in one of its ways; and nothing is connected before every
//! endpoint was tried.

mod choose;
mod form;
mod sign_in;
pub(super) mod ways;

pub(crate) use form::make;

use crate::routing::{Gate, Route};
use crate::signon::CONNECTION_CALLBACK;
use axum::routing::get;
use http::Method;
use tacho_domain::Permission as P;

/// The pages of connecting.
pub(crate) fn routes() -> Vec<Route> {
    let (manage, own) = (Gate::Needs(P::ManageIntegrations), Gate::Needs(P::ConnectOwnTools));
    let change = Gate::NeedsOne(&[P::ManageIntegrations, P::ConnectOwnTools]);
    let base = "/settings/integrations/connect";
    let at = |rest: &str| format!("{base}/{{connector}}{rest}");
    let own_at = "/settings/tools/connect/{connector}";
    vec![
        Route::page(Method::GET, base, manage, get(choose::choose)),
        Route::page(Method::GET, &at(""), manage, get(form::form)),
        Route::page(Method::POST, &at(""), manage, axum::routing::post(form::connect)),
        Route::page(Method::GET, &at("/sign-in"), manage, get(sign_in::summary)),
        Route::page(Method::GET, &at("/leave"), manage, get(sign_in::leave)),
        Route::page(Method::GET, "/settings/integrations/{id}/credential/leave", change, get(sign_in::leave_again)),
        Route::page(Method::GET, CONNECTION_CALLBACK, change, get(sign_in::come_back)),
        Route::page(Method::GET, own_at, own, get(form::own_form)),
        Route::page(Method::POST, own_at, own, axum::routing::post(form::connect_own)),
    ]
}
