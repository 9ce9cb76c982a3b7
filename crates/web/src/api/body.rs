//! Reads a JSON body field by field. Bodies hold secrets, so no message repeats a value; it names the field and what is expected.

use crate::problem::Problem;
use axum::body::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};

/// A JSON object under reading.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn read(headers: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(unreadable("Send a JSON object.")),
            Err(error) => Err(unreadable(&format!("This is not JSON (line {}, column {}).", error.line(), error.column()))),
        }
    }

    /// Refuses fields that nothing reads: a misspelt one would be passed over in silence.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.0.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => {
                let key: String = key.chars().take(40).collect();
                Err(Problem::field(&key, format!("is not known: send {}", known.join(", "))))
            }
            None => Ok(()),
        }
    }

    pub(super) fn text(&self, field: &str, expected: &str) -> Result<Option<&str>, Problem> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim())),
            Some(_) => Err(Problem::field(field, format!("is not a text: send {expected}"))),
        }
    }

    pub(super) fn needed_text(&self, field: &str, expected: &str) -> Result<&str, Problem> {
        self.text(field, expected)?.ok_or_else(|| Problem::field(field, format!("is missing: send {expected}")))
    }

    /// A whole number, also where it comes as text.
    pub(super) fn needed_number(&self, field: &str, expected: &str) -> Result<i64, Problem> {
        let number = match self.0.get(field) {
            None | Some(Value::Null) => return Err(Problem::field(field, format!("is missing: send {expected}"))),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(value) => value.as_i64(),
        };
        number.ok_or_else(|| Problem::field(field, format!("is not a whole number: send {expected}")))
    }

    /// An object of texts; numbers and booleans are taken as they are written.
    pub(super) fn texts(&self, field: &str) -> Result<Vec<(String, String)>, Problem> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Object(object)) => {
                object.iter().map(|(key, value)| Ok((key.clone(), plain(field, key, value)?))).collect()
            }
            Some(_) => Err(Problem::field(field, "is not an object: send {\"key\": \"value\"}")),
        }
    }
}

fn plain(field: &str, key: &str, value: &Value) -> Result<String, Problem> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => {
            let key: String = key.chars().take(40).collect();
            Err(Problem::field(&format!("{field}.{key}"), "is not a text"))
        }
    }
}

fn unreadable(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid-body", detail)
}
