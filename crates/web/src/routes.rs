//! Every address on one screen, and the layers around them.

use crate::app::{App, Site};
use crate::problem::Problem;
use crate::{api, assets, edge, guard, headers, limits, pages};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
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

/// The whole server. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that limits count by client.
pub fn router(app: App) -> Router {
    let site = Site::new(app);
    let guarded = Router::new()
        .route("/", get(pages::overview))
        .route("/overview/{table}", get(pages::table))
        .route("/sign-out", post(pages::sign_out))
        .route("/api/overview", get(api::overview))
        .route("/api/ai-usage/connect", post(api::connect))
        .route("/api/ai-usage/dashboard", get(api::dashboard))
        .route("/api/ai-usage/sync", post(api::sync))
        .route("/api/ai-usage/integrations", get(api::list_integrations))
        .route("/api/ai-usage/integrations/{id}", get(api::find_integration).delete(api::remove_integration))
        .route_layer(from_fn_with_state(site.clone(), guard::guard));
    let open = Router::new()
        .route("/sign-in", get(pages::ask_for_link))
        .route("/sign-in/{secret}", get(pages::offer_sign_in).post(pages::sign_in))
        .route("/assets/{name}", get(assets::asset))
        .route("/health", get(api::health))
        .route("/ready", get(api::ready));
    guarded
        .merge(open)
        .fallback(|| async { Problem::of_status(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Problem::of_status(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(site.clone(), limits::limit))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(edge::edge))
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
