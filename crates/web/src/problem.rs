//! What went wrong, as RFC 9457 asks for it. A handler gives status and words; the edge adds the request and picks JSON or HTML.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use tacho_store::StoreError;
use utoipa::ToSchema;

/// A problem as it is sent, `application/problem+json` (RFC 9457). Some kinds carry further members.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemJson {
    /// What kind of problem it is; stays the same.
    #[serde(rename = "type")]
    #[schema(example = "urn:tacho:problem:invalid-field", pattern = "^urn:tacho:problem:[a-z-]+$")]
    kind: String,
    /// The kind in words.
    #[schema(example = "A field is wrong")]
    title: String,
    /// The status of the answer.
    #[schema(example = 400, minimum = 400, maximum = 599)]
    status: u16,
    /// What failed, for which input, and what to do.
    #[schema(example = "`limit`: is not a whole number from 1 to 200")]
    detail: String,
    /// The address that was asked.
    #[schema(example = "/api/v1/users")]
    instance: String,
    /// What the server's log calls this request.
    #[schema(example = "0f0e4d1c-6d3c-4a7e-9f53-3b3f6f1f2a10")]
    request_id: String,
    /// The field or parameter that is wrong, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "limit", nullable = false)]
    field: Option<String>,
    /// The same place in the body as a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/name", nullable = false)]
    pointer: Option<String>,
}

/// A refusal or failure with everything a person needs to act on it.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// Stable id: `invalid-field`.
    pub(crate) slug: &'static str,
    pub(crate) detail: String,
    /// Further members of the JSON object.
    pub(crate) more: Map<String, Value>,
    pub(crate) retry_after_seconds: Option<u64>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, slug: &'static str, detail: impl Into<String>) -> Self {
        Self { status, slug, detail: detail.into(), more: Map::new(), retry_after_seconds: None }
    }

    /// A field that is missing or wrong: which one, what is wrong, what is expected.
    pub(crate) fn field(field: &str, why: impl Into<String>) -> Self {
        let why = why.into();
        Self::new(StatusCode::BAD_REQUEST, "invalid-field", format!("`{field}`: {why}")).with("field", field)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// Our own failure. The error is for the log; the caller gets the request id.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut causes = vec![error.to_string()];
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        tracing::error!(error = causes.join(": "), "a request failed");
        Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    /// What a bare status means, where a layer below gave nothing else.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (slug, detail) = match status.as_u16() {
            403 => (
                "cross-origin",
                "This request came from another site. Send it from Tacho's own pages, or without an `Origin` header.",
            ),
            404 => ("not-found", "There is nothing at this address."),
            405 => ("method-not-allowed", "This address does not know that method."),
            408 | 503 | 504 => ("busy", "This took too long. Try again in a moment."),
            413 => ("too-large", "The body is larger than 1 MiB, the most that is taken."),
            415 => ("unsupported-media-type", "Send JSON with `Content-Type: application/json`."),
            500.. => ("internal", "Something failed on our side. The server's log has the details under this request id."),
            _ => ("refused", "The request cannot be answered."),
        };
        Self::new(status, slug, detail)
    }

    pub(crate) fn title(&self) -> &'static str {
        match self.slug {
            "sign-in-needed" => "Sign-in needed",
            "not-permitted" => "You may not do this",
            "link-spent" => "This link does not work any more",
            "invalid-field" => "A field is wrong",
            "invalid-body" => "The body cannot be read",
            "connection-refused" => "The vendor refused the connection",
            "own-account" => "This is your own account",
            "conflict" => "This contradicts what is there",
            "request-in-progress" => "The same request is under way",
            "idempotency-key-reused" => "The idempotency key was used for another request",
            "already-done" => "This was done already",
            "not-signed" => "Not signed with this webhook's secret",
            "no-webhooks" => "This integration hears no webhooks",
            "not-asked" => "Nobody is asked about this",
            "not-syncable" => "This integration cannot be synced",
            "round-trip-lost" => "This has to begin again",
            "sign-on-refused" => "The sign-in did not work",
            "sign-on-broken" => "The sign-in provider cannot be used",
            "last-way-in" => "This is your only way in",
            "too-many-requests" => "Too many requests",
            "cross-origin" => "Refused: request from another site",
            "unavailable" => "The database does not answer",
            _ => self.status.canonical_reason().unwrap_or("Refused"),
        }
    }

    /// The members of the JSON object.
    pub(crate) fn to_json(&self, instance: &str, request_id: &str) -> Value {
        let text = |key: &str| self.more.get(key).and_then(Value::as_str).map(str::to_owned);
        let fixed = ProblemJson {
            kind: format!("urn:tacho:problem:{}", self.slug),
            title: self.title().to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            instance: instance.to_owned(),
            request_id: request_id.to_owned(),
            field: text("field"),
            pointer: text("pointer"),
        };
        let mut object = self.more.clone();
        if let Ok(Value::Object(fixed)) = serde_json::to_value(fixed) {
            object.extend(fixed);
        }
        Value::Object(object)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let unavailable = error.is_unavailable();
        let internal = Self::internal(&error);
        if unavailable {
            let detail = "The database does not answer. Try again in a moment.";
            return Self { retry_after_seconds: Some(5), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail) };
        }
        internal
    }
}
