//! What a reader says of an answer that is not what its source tells: the place and the kinds, never the content.

use crate::Invalid;
use serde_json::Value;
use serde_json::error::Category;

/// An answer that even a tolerant reader cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Misread {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// It ends in the middle.
    #[error("it breaks off at line {line}, column {column}")]
    BreaksOff {
        /// Line of the end, from 1.
        line: usize,
        /// Column of the end.
        column: usize,
    },
    /// It is no JSON.
    #[error("expected JSON, found something else at line {line}, column {column}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column.
        column: usize,
    },
    /// A known place holds another kind of thing.
    #[error("at `{path}` expected {expected}, found {found}")]
    Wrong {
        /// Where, as `$.limits[2].percent`. Made of names that we know, so nothing of the answer is in it.
        path: String,
        /// What belongs there.
        expected: &'static str,
        /// The kind of what is there.
        found: &'static str,
    },
    /// The figures cannot be right.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

impl From<serde_json::Error> for Misread {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Eof => Self::BreaksOff { line, column },
            Category::Io | Category::Syntax | Category::Data => Self::NotJson { line, column },
        }
    }
}

/// What kind of thing a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
