//! The outermost layer: gives every request an id, finds out who asks, writes down and measures how it went, and turns a
//! problem into JSON or a page.

use crate::access;
use crate::app::Site;
use crate::assets::Theme;
use crate::pages;
use crate::peer::Peer;
use crate::problem::Problem;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::Entry;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use std::time::Instant;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the edge remembers of a request until its response comes back.
struct Asked {
    id: String,
    instance: String,
    wants_page: bool,
    theme: Theme,
}

pub(crate) async fn edge(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    if let Ok(value) = HeaderValue::from_str(&asked.id) {
        request.headers_mut().insert(REQUEST_ID, value);
    }
    let peer = Peer::of(&request, &site.operations().trusted_proxies);
    request.extensions_mut().insert(peer);
    let method = method_label(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("-", |path| path.as_str()).to_owned();
    // At the level of errors: whatever else is filtered out, a line that is written says to which request it belongs.
    let span = tracing::error_span!("request", request_id = asked.id, method, route);
    let measured = Measured::begin(method, route);
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(problem) = problem_of(&mut response) {
        response = present(&asked, &problem, &response);
    }
    let status = response.status().as_u16();
    measured.end(status);
    span.in_scope(|| match status {
        // Not a failure: nobody can be served while the server goes down.
        503 if site.operations().is_stopping() => tracing::debug!(status, "answered"),
        500.. => tracing::error!(target: "tacho::report", status, "answered with a failure"),
        _ => tracing::debug!(status, "answered"),
    });
    if let Ok(value) = HeaderValue::from_str(&asked.id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if peer.is_secure && !site.secure_cookies() {
        bind_cookies(response.headers_mut());
    }
    response
}

/// Cookies that a browser sends over HTTPS only.
fn bind_cookies(headers: &mut HeaderMap) {
    if let Entry::Occupied(mut cookies) = headers.entry(header::SET_COOKIE) {
        for cookie in cookies.iter_mut() {
            let text = cookie.to_str().unwrap_or_default();
            let bound = text.split(';').any(|part| part.trim().eq_ignore_ascii_case("secure"));
            if let (false, Ok(value)) = (bound, HeaderValue::from_str(&format!("{text}; Secure"))) {
                *cookie = value;
            }
        }
    }
}

/// A method as a label: a client can invent as many as it likes.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// A request that is being answered, for the metrics; counted as in flight until it ends or its client goes away.
struct Measured {
    method: &'static str,
    route: String,
    begun: Instant,
}

impl Measured {
    fn begin(method: &'static str, route: String) -> Self {
        metrics::gauge!("tacho_http_requests_in_flight").increment(1.0);
        Self { method, route, begun: Instant::now() }
    }

    fn end(mut self, status: u16) {
        let (method, route) = (self.method, std::mem::take(&mut self.route));
        let class = match status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        metrics::counter!("tacho_http_requests_total", "method" => method, "route" => route.clone(), "status" => class)
            .increment(1);
        metrics::histogram!("tacho_http_request_duration_seconds", "method" => method, "route" => route)
            .record(self.begun.elapsed());
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        metrics::gauge!("tacho_http_requests_in_flight").decrement(1.0);
    }
}

impl Asked {
    fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let machine =
            path.starts_with("/api/") || path.starts_with("/hooks/") || matches!(path, "/health" | "/ready" | "/metrics");
        Self {
            id: request_id(request.headers()),
            // The rest of such an address is a secret.
            instance: access::door(path).unwrap_or(path).to_owned(),
            wants_page: !machine,
            theme: Theme::of(request.headers()),
        }
    }
}

/// The id a proxy in front gave, when it is harmless to log, else one of our own.
fn request_id(headers: &HeaderMap) -> String {
    let harmless = |id: &str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| harmless(id));
    given.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned)
}

/// The problem a handler gave, or the one a bare error status of a layer stands for.
fn problem_of(response: &mut Response) -> Option<Problem> {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return Some(problem);
    }
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let bare = kind.is_empty() || kind.starts_with("text/plain");
    ((status.is_client_error() || status.is_server_error()) && bare).then(|| Problem::of_status(status))
}

fn present(asked: &Asked, problem: &Problem, before: &Response) -> Response {
    let mut response = if asked.wants_page {
        pages::problem(problem, &asked.id, asked.theme)
    } else {
        let body = problem.to_json(&asked.instance, &asked.id).to_string();
        ([(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    };
    *response.status_mut() = problem.status;
    for name in [header::ALLOW, header::SET_COOKIE] {
        for value in before.headers().get_all(&name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    if problem.status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"tacho\""));
    }
    if let Some(seconds) = problem.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
