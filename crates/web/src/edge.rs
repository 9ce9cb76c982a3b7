//! The outermost layer: gives every request an id, writes down how it went, and turns a problem into JSON or a page.

use crate::assets::Theme;
use crate::pages;
use crate::problem::Problem;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the edge remembers of a request until its response comes back.
struct Asked {
    id: String,
    instance: String,
    wants_page: bool,
    theme: Theme,
}

pub(crate) async fn edge(mut request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    if let Ok(value) = HeaderValue::from_str(&asked.id) {
        request.headers_mut().insert(REQUEST_ID, value);
    }
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("-", |path| path.as_str()).to_owned();
    let mut response = next.run(request).await;
    if let Some(problem) = problem_of(&mut response) {
        response = present(&asked, &problem, &response);
    }
    let status = response.status();
    if status.is_server_error() {
        tracing::error!(request_id = asked.id, %method, route, status = status.as_u16(), "answered with a failure");
    } else {
        tracing::debug!(request_id = asked.id, %method, route, status = status.as_u16(), "answered");
    }
    if let Ok(value) = HeaderValue::from_str(&asked.id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

impl Asked {
    fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let machine = path.starts_with("/api/") || matches!(path, "/health" | "/ready");
        Self {
            id: request_id(request.headers()),
            // The rest of a sign-in address is a secret.
            instance: if path.starts_with("/sign-in/") { "/sign-in".to_owned() } else { path.to_owned() },
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
