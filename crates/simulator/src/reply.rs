//! Answers as bytes, and the vendors' shapes of refusals.

use crate::secrets::Vendor;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

/// An answer before it goes out.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the connection ends in the middle of the body.
    pub(crate) cut: bool,
}

impl Reply {
    pub(crate) fn bytes(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body, cut: false }
    }

    pub(crate) fn json(status: u16, value: &impl serde::Serialize) -> Self {
        // These values have text keys only, so they always have a JSON text.
        Self::bytes(status, "application/json; charset=utf-8", serde_json::to_vec(value).unwrap_or_default())
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), cut: false }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let length = self.body.len();
        let body = if self.cut {
            let half: Vec<u8> = self.body[..length / 2].to_vec();
            let sent = futures_util::stream::iter([Ok(Bytes::from(half))]);
            Body::from_stream(sent.chain(futures_util::stream::once(broken())))
        } else {
            Body::from(self.body)
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        if self.cut {
            response.headers_mut().insert("content-length", HeaderValue::from(length.max(2)));
            // Otherwise the next call may find the broken connection before its end is noticed.
            response.headers_mut().insert("connection", HeaderValue::from_static("close"));
        }
        response
    }
}

/// The connection breaks, but only after what came before had its chance to leave.
async fn broken() -> Result<Bytes, std::io::Error> {
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
    Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))
}

/// A refusal in the vendor's own shape.
pub(crate) fn refusal(vendor: Vendor, status: u16, message: &str) -> Reply {
    Reply::json(status, &body(vendor, status, message))
}

fn body(vendor: Vendor, status: u16, message: &str) -> Value {
    match vendor {
        Vendor::Github => json!({
            "message": message,
            "documentation_url": "https://docs.github.com/rest/copilot",
            "status": status.to_string(),
        }),
        Vendor::Anthropic => {
            let kind = match status {
                400 => "invalid_request_error",
                401 => "authentication_error",
                403 => "permission_error",
                404 => "not_found_error",
                413 => "request_too_large",
                429 => "rate_limit_error",
                504 => "timeout_error",
                529 => "overloaded_error",
                _ => "api_error",
            };
            json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011SimulatedRequest"})
        }
        Vendor::Cursor => {
            let error = match status {
                400 => "Bad Request",
                401 => "Unauthorized",
                403 => "Forbidden",
                404 => "Not Found",
                429 => "Too Many Requests",
                _ => "Internal Server Error",
            };
            json!({"error": error, "message": message})
        }
    }
}

/// What the vendor says with that status when nothing more is known.
pub(crate) fn stock(vendor: Vendor, status: u16) -> Reply {
    let message = match (vendor, status) {
        (_, 502 | 503) => {
            let page = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>");
            return Reply::bytes(status, "text/html", page.into_bytes());
        }
        (Vendor::Github, 401) => "Bad credentials",
        (Vendor::Anthropic, 401) => "invalid x-api-key",
        (Vendor::Cursor, 401) => "Invalid API key",
        (Vendor::Github, 404) => "Not Found",
        (Vendor::Anthropic, 404) => "Not found",
        (Vendor::Github, 429) => "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        (Vendor::Anthropic, 429) => "This request would exceed your organization's rate limit",
        (Vendor::Cursor, 429) => "Rate limit exceeded. Please try again later.",
        (Vendor::Anthropic, 403) => "This key does not have permission to use the Admin API",
        (Vendor::Cursor, 403) => "Enterprise access required",
        (Vendor::Github, 403) => "Resource not accessible by personal access token",
        (_, 529) => "Overloaded",
        _ => "Something went wrong",
    };
    refusal(vendor, status, message)
}

/// Bytes as gzip that stores and does not compress, without the last `missing` bytes.
pub(crate) fn gzip_without_end(bytes: &[u8], missing: usize) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for block in bytes.chunks(0xffff) {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(0);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let keep = out.len().saturating_sub(missing.max(1)).max(10);
    out.truncate(keep);
    out
}
