//! The addresses of signing in, accounts, users and tokens.

use super::{about, account, invitation, organization, reset, second_step, set_up, sign_in, sign_in_link, tokens, users};
use crate::routing::{Gate, Route};
use axum::routing::{get, post};
use http::Method;
use tacho_domain::Permission;

pub(super) fn routes() -> Vec<Route> {
    [door(), own(), users_and_tokens()].into_iter().flatten().collect()
}

/// For people who are not signed in.
fn door() -> Vec<Route> {
    vec![
        Route::page(Method::GET, "/sign-in", Gate::Open, get(sign_in::form)),
        Route::page(Method::POST, "/sign-in", Gate::Open, post(sign_in::sign_in)),
        Route::page(Method::GET, "/sign-in/code", Gate::Open, get(second_step::form)),
        Route::page(Method::POST, "/sign-in/code", Gate::Open, post(second_step::sign_in)),
        Route::page(Method::GET, "/sign-in/{secret}", Gate::Open, get(sign_in_link::offer)),
        Route::page(Method::POST, "/sign-in/{secret}", Gate::Open, post(sign_in_link::spend)),
        Route::page(Method::GET, "/set-up/{secret}", Gate::Open, get(set_up::form)),
        Route::page(Method::POST, "/set-up/{secret}", Gate::Open, post(set_up::set_up)),
        Route::page(Method::GET, "/invitation/{secret}", Gate::Open, get(invitation::form)),
        Route::page(Method::POST, "/invitation/{secret}", Gate::Open, post(invitation::accept)),
        Route::page(Method::GET, "/reset/{secret}", Gate::Open, get(reset::form)),
        Route::page(Method::POST, "/reset/{secret}", Gate::Open, post(reset::save)),
    ]
}

/// What everybody does with their own account.
fn own() -> Vec<Route> {
    let gate = Gate::Needs(Permission::ManageOwnAccount);
    let at = |path: &str| format!("/settings/account{path}");
    vec![
        Route::page(Method::POST, "/sign-out", Gate::SignedIn, post(sign_in::sign_out)),
        Route::page(Method::POST, "/organization", Gate::SignedIn, post(organization::switch)),
        Route::page(Method::GET, "/settings", Gate::SignedIn, get(about::settings)),
        Route::page(Method::GET, "/settings/about", Gate::Needs(Permission::ViewAggregates), get(about::about)),
        Route::page(Method::GET, &at(""), gate, get(account::account)),
        Route::page(Method::POST, &at("/name"), gate, post(account::rename)),
        Route::page(Method::POST, &at("/password"), gate, post(account::password::change)),
        Route::page(Method::POST, &at("/second-factor"), gate, post(account::factor::begin)),
        Route::page(Method::POST, &at("/second-factor/confirm"), gate, post(account::factor::confirm)),
        Route::page(Method::POST, &at("/second-factor/codes"), gate, post(account::factor::renew_codes)),
        Route::page(Method::POST, &at("/second-factor/remove"), gate, post(account::factor::remove)),
        Route::page(Method::POST, &at("/sessions/{id}/revoke"), gate, post(account::sessions::revoke)),
        Route::page(Method::POST, &at("/sessions/revoke-others"), gate, post(account::sessions::revoke_others)),
        Route::page(Method::POST, &at("/sessions/revoke-all"), gate, post(account::sessions::revoke_all)),
    ]
}

/// What administrators and owners do with other people's.
fn users_and_tokens() -> Vec<Route> {
    let users = Gate::Needs(Permission::ManageUsers);
    let organization = Gate::Needs(Permission::ManageOrganization);
    let tokens = Gate::NeedsOne(&[Permission::ManageOwnTokens, Permission::ManageTokens]);
    let at = |path: &str| format!("/settings/users/{{id}}{path}");
    vec![
        Route::page(Method::GET, "/settings/users", users, get(users::list)),
        Route::page(Method::POST, "/settings/users/invite", users, post(users::invite::invite)),
        Route::page(Method::POST, "/settings/users/invitations/revoke", users, post(users::invite::revoke)),
        Route::page(Method::GET, &at(""), users, get(users::one::user)),
        Route::page(Method::POST, &at("/role"), users, post(users::one::change_role)),
        Route::page(Method::POST, &at("/member"), users, post(users::one::link)),
        Route::page(Method::POST, &at("/lock"), users, post(users::one::lock)),
        Route::page(Method::POST, &at("/reset"), users, post(users::one::reset)),
        Route::page(Method::POST, &at("/remove"), users, post(users::one::remove)),
        Route::page(Method::GET, "/settings/tokens", tokens, get(tokens::list)),
        Route::page(Method::POST, "/settings/tokens", Gate::Needs(Permission::ManageOwnTokens), post(tokens::make)),
        Route::page(Method::POST, "/settings/tokens/{id}/revoke", tokens, post(tokens::revoke)),
        Route::page(Method::GET, "/settings/organization", organization, get(organization::page)),
        Route::page(Method::POST, "/settings/organization", organization, post(organization::rename)),
        Route::page(Method::POST, "/settings/organization/surveys", organization, post(organization::ask)),
    ]
}
