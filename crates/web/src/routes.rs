//! Every address on one screen, and the layers around them.

use crate::app::{App, Site};
use crate::problem::Problem;
use crate::routing::{self, Gate, Route};
use crate::{api, edge, headers, hooks, limits, pages};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use std::any::Any;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// The largest body that is taken.
const BODY_LIMIT: usize = 1 << 20;
/// The longest a request may take; trying a connection asks a vendor several times.
const TIMEOUT: Duration = Duration::from_secs(90);

/// Every route there is. A room adds its own list here.
pub(crate) fn routes() -> Vec<Route> {
    [pages::routes(), api::routes(), hooks::routes()].into_iter().flatten().collect()
}

/// A route as the permission table shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteRow {
    /// The method.
    pub method: Method,
    /// The address, with `{names}` where something is filled in.
    pub path: String,
    /// Who may use it.
    pub gate: Gate,
}

/// Who may use which route: what `docs/permissions.md` is made from.
pub fn route_table() -> Vec<RouteRow> {
    routes().into_iter().map(|Route { method, path, gate, .. }| RouteRow { method, path, gate }).collect()
}

/// The whole server. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that limits count by client.
pub fn router(app: App) -> Router {
    let site = Site::new(app);
    routing::assemble(routes(), &site)
        .fallback(|| async { Problem::of_status(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Problem::of_status(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(site.clone(), limits::limit))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(site.clone(), edge::edge))
        .layer(from_fn_with_state(site.clone(), headers::headers))
        .layer(CompressionLayer::new())
        .with_state(site)
}

/// A panic is a bug of ours; its text goes to the log, never to the caller.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over so")]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("of an unknown kind"), "a handler panicked");
    Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}
