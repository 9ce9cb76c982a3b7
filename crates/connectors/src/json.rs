//! Reading a whole JSON document tolerantly: fields we do not know are counted, and an error names the place, never the
//! content.

use crate::{Call, Misread, Reply, Sink};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// Reads the body as one JSON document.
///
/// # Errors
/// When it is cut, not JSON, or of another shape.
pub(crate) fn whole<T: DeserializeOwned>(
    connector: &'static str,
    call: &Call,
    reply: &mut Reply<'_>,
    sink: &mut dyn Sink,
) -> Result<T, Misread> {
    let mut reader = serde_json::Deserializer::from_reader(&mut *reply.body);
    let value = serde_ignored::deserialize(&mut reader, |path| sink.unknown_field(&plain_path(&path)));
    let value = value.map_err(|error| misread(connector, call, &error))?;
    reader.end().map_err(|error| misread(connector, call, &error))?;
    Ok(value)
}

/// A path without its array indices, so that the same field counts once: `data.actor.new_key`.
pub(crate) fn plain_path(path: &serde_ignored::Path<'_>) -> String {
    let text = path.to_string();
    let parts = text.split('.').filter(|part| *part != "?" && part.parse::<u64>().is_err());
    parts.collect::<Vec<_>>().join(".")
}

/// A serde error as a [`Misread`].
pub(crate) fn misread(connector: &'static str, call: &Call, error: &serde_json::Error) -> Misread {
    let found = match error.classify() {
        Category::Io => "a body that broke off",
        Category::Syntax => "text that is not JSON",
        Category::Data => "another shape",
        Category::Eof => "end of input",
    };
    Misread {
        connector,
        stream: call.stream,
        step: call.step,
        path: format!("line {} column {}", error.line(), error.column()),
        expected: "the documented JSON".to_owned(),
        found: found.to_owned(),
    }
}
