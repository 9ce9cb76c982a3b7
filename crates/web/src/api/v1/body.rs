//! A JSON body, read strictly: what is wrong is named by its place and what is expected there. Bodies hold secrets, so no message
//! repeats a value.

use crate::problem::Problem;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// JSON in and out. A type that is read says `#[serde(deny_unknown_fields)]`: a misspelt field must not be passed over in silence.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        needs_json(request.headers())?;
        let bytes = Bytes::from_request(request, state).await.map_err(|refused| Problem::of_status(refused.status()))?;
        read(&bytes).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn needs_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let json = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if json { Ok(()) } else { Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)) }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        unreadable(format!("This is not JSON (line {}, column {}). Send a JSON object.", error.line(), error.column()))
    })?;
    if !value.is_object() {
        return Err(unreadable("Send a JSON object.".to_owned()));
    }
    if let Some(pointer) = with_nul(&value, String::new()) {
        return Err(wrong(&pointer, "holds the character U+0000, which no text may hold"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let words = error.inner().to_string();
        wrong(&pointer(error.path(), &words), &expected(&words))
    })
}

fn unreadable(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid-body", detail)
}

/// A problem with the field at a JSON pointer; people read the same place with dots.
fn wrong(pointer: &str, why: &str) -> Problem {
    let field = pointer.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~");
    Problem::field(&field, why).with("pointer", pointer)
}

/// Where the first text with a NUL stands: PostgreSQL cannot hold one.
fn with_nul(value: &Value, at: String) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then_some(at),
        Value::Array(items) => items.iter().enumerate().find_map(|(place, item)| with_nul(item, format!("{at}/{place}"))),
        Value::Object(fields) => fields.iter().find_map(|(key, item)| {
            let place = format!("{at}/{}", step(&key.replace('\0', "?")));
            if key.contains('\0') { Some(place) } else { with_nul(item, place) }
        }),
        _ => None,
    }
}

/// A name as a step of a JSON pointer; a caller's own names are cut where they are long.
fn step(name: &str) -> String {
    name.chars().take(40).collect::<String>().replace('~', "~0").replace('/', "~1")
}

fn pointer(path: &Path, words: &str) -> String {
    let steps = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(step(key)),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    let mut steps: Vec<String> = steps.collect();
    // A field that is not there has no place of its own: the words of serde name it.
    if let Some(name) = words.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        steps.push(name.to_owned());
    }
    steps.into_iter().map(|step| format!("/{step}")).collect::<Vec<_>>().concat()
}

/// Serde's words without the value, and without the names of Rust's types.
pub(super) fn expected(words: &str) -> String {
    if words.starts_with("missing field") {
        return "is missing".to_owned();
    }
    if words.starts_with("unknown field") {
        let known = words.split_once(", expected ").map_or("", |(_, known)| known);
        let known = known.trim_start_matches("one of ");
        return if known.is_empty() { "is not known: send no fields".to_owned() } else { format!("is not known: send {known}") };
    }
    for begin in ["invalid type", "invalid value", "unknown variant", "invalid length"] {
        if words.starts_with(begin)
            && let Some((_, wanted)) = words.rsplit_once(", expected ")
        {
            return format!("is not what is expected: send {}", plain(wanted));
        }
    }
    match words {
        "invalid digit found in string" | "cannot parse integer from empty string" => "is not a whole number".to_owned(),
        "number too large to fit in target type" => "is too large a number".to_owned(),
        "number too small to fit in target type" => "is too small a number".to_owned(),
        "provided string was not `true` or `false`" => "is neither `true` nor `false`".to_owned(),
        _ => words.to_owned(),
    }
}

fn plain(wanted: &str) -> &str {
    match wanted {
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0",
        "f32" | "f64" => "a number",
        "a string" | "a borrowed string" | "string" => "a text",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "an object",
        wanted if wanted.starts_with("struct ") => "an object",
        wanted => wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use tacho_domain::Day;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its reading is tested")]
        name: String,
        #[expect(dead_code, reason = "only its reading is tested")]
        #[serde(default)]
        rows: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its reading is tested")]
    struct Inner {
        count: u32,
        kind: Option<Kind>,
        day: Option<Day>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Seat,
        Usage,
    }

    fn refused(text: &str) -> Problem {
        read::<Outer>(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place_and_what_is_expected() {
        for (text, pointer, words) in [
            (r#"{"rows": []}"#, "/name", "`name`: is missing"),
            (r#"{"name": 5}"#, "/name", "send a text"),
            (r#"{"name": "a", "extra": 1}"#, "/extra", "`extra`: is not known: send `name` or `rows`"),
            (
                r#"{"name": "a", "rows": [{"count": 1}, {"count": "2"}]}"#,
                "/rows/1/count",
                "`rows.1.count`: is not what is expected: send a whole number from 0",
            ),
            (r#"{"name": "a", "rows": [{"count": -1}]}"#, "/rows/0/count", "a whole number from 0"),
            (r#"{"name": "a", "rows": [{"count": 1, "kind": "team"}]}"#, "/rows/0/kind", "send `seat` or `usage`"),
            (r#"{"name": "a", "rows": [{"count": 1, "day": "soon"}]}"#, "/rows/0/day", "YYYY-MM-DD"),
            (r#"{"name": "a", "rows": {"a/b": 1}}"#, "/rows", "send a list"),
            (r#"{"name": "a\u0000"}"#, "/name", "U+0000"),
            (r#"{"name": "a", "b/c\u0000": 1}"#, "/b~1c?", "U+0000"),
        ] {
            let problem = refused(text);
            assert_eq!(problem.slug, "invalid-field", "{text}");
            assert_eq!(problem.more["pointer"], pointer, "{text}: {}", problem.detail);
            assert!(problem.detail.contains(words), "{text}: {}", problem.detail);
        }
    }

    #[test]
    fn what_is_no_json_object_is_said_so() {
        for text in ["", "{", "[]", "\"name\"", "null", "{\"name\": \"hidden\"", &"[".repeat(300)] {
            let problem = refused(text);
            assert_eq!((problem.slug, problem.status), ("invalid-body", StatusCode::BAD_REQUEST), "{text}");
        }
    }

    #[test]
    fn no_message_repeats_a_value() {
        for text in [
            r#"{"name": "a", "rows": "hidden"}"#,
            r#"{"name": "a", "rows": [{"count": "hidden, expected hidden"}]}"#,
            r#"{"name": "a", "rows": [{"count": 1, "kind": "hidden"}]}"#,
            r#"{"name": "hidden\u0000"}"#,
        ] {
            assert!(!refused(text).detail.contains("hidden"), "{}", refused(text).detail);
        }
    }
}
