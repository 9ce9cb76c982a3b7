//! Settings: about this installation; and the way from `/settings` to the first page of settings that the caller may see.

use super::frame::SETTINGS;
use super::{Frame, show};
use crate::app::Site;
use crate::caller::Caller;
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use tacho_domain::Permission;
use tacho_render::words::{instant, plural};
use tacho_store::{Engine, IntegrationState};

#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage {
    frame: Frame,
    facts: Vec<(&'static str, String)>,
    /// What is looked at, the class of its state, and the state in words.
    health: Vec<(&'static str, &'static str, String)>,
}

/// `GET /settings`.
pub(crate) async fn settings(Extension(caller): Extension<Caller>) -> Response {
    let open = SETTINGS.iter().find(|(_, _, any)| any.iter().any(|permission| caller.may(*permission)));
    Redirect::to(open.map_or("/", |(href, ..)| href)).into_response()
}

/// `GET /settings/about`.
pub(crate) async fn about(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let engine = match site.store().engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    let facts = vec![
        ("Version", format!("Tacho {}", env!("CARGO_PKG_VERSION"))),
        ("Database", engine.to_owned()),
        ("Time of the server", instant(site.now())),
        ("Licence", env!("CARGO_PKG_LICENSE").replace(" OR ", " or ")),
    ];
    let answers = site.store().ping().await.is_ok();
    let mut health =
        vec![("Database", if answers { "good" } else { "bad" }, if answers { "answers" } else { "does not answer" }.to_owned())];
    if caller.may(Permission::ViewIntegrations) {
        health.push(integrations(&site, &caller).await?);
    }
    let frame = Frame::of(&site, &caller, "About", "/settings/about", &headers).await?;
    show(&AboutPage { frame, facts, health })
}

async fn integrations(site: &Site, caller: &Caller) -> Result<(&'static str, &'static str, String), Problem> {
    let all = site.store().list_integrations(caller.organization).await?;
    let failing = all.iter().filter(|one| one.state == IntegrationState::Failing).count();
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Ok(match (all.len(), failing) {
        (0, _) => ("Integrations", "wait", "none is connected".to_owned()),
        (all, 0) => ("Integrations", "good", plural(number(all), "integration, none failing", "integrations, none failing")),
        (all, failing) => ("Integrations", "bad", format!("{failing} of {all} failing")),
    })
}
