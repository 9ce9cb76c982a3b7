//! Reading a whole JSON document tolerantly: fields we do not know are counted, and an error names the place, never the
//! content.

use crate::{Call, Misread, Reply, Sink};
use serde::de::{DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
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
    Misread::new(connector, call, format!("line {} column {}", error.line(), error.column()), "the documented JSON", found)
}

/// A field that we know and do not need: read past, and not counted as one the vendor added.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known;

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `deserialize_ignored_any`: that is what `serde_ignored` counts.
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Known;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Known, E> {
        Ok(Known)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Known, E> {
        Ok(Known)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Known, E> {
        Ok(Known)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Known, E> {
        Ok(Known)
    }

    fn visit_str<E>(self, _: &str) -> Result<Known, E> {
        Ok(Known)
    }

    fn visit_unit<E>(self) -> Result<Known, E> {
        Ok(Known)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Known, A::Error> {
        while items.next_element::<Known>()?.is_some() {}
        Ok(Known)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Known, A::Error> {
        while entries.next_entry::<Known, Known>()?.is_some() {}
        Ok(Known)
    }
}

/// The first value of a key in the beginning of a file, which may be cut: a text without its quotes, or a bare number.
/// Texts with escapes and other kinds of values are not looked into. For recognising files only.
pub(crate) fn first_value<'a>(head: &'a str, key: &str) -> Option<&'a str> {
    let value = after_key(head, key).next()?;
    match value.strip_prefix('"') {
        Some(text) => text.split_once('"').map(|(inside, _)| inside),
        None => value.split(|c: char| !c.is_ascii_digit()).next().filter(|digits| !digits.is_empty()),
    }
}

/// Whether the beginning of a file has a field of that name, at any depth.
pub(crate) fn has_key(head: &str, key: &str) -> bool {
    after_key(head, key).next().is_some()
}

/// What stands after each occurrence of a key and its colon.
fn after_key<'a>(head: &'a str, key: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let quoted = format!("\"{key}\"");
    let places: Vec<usize> = head.match_indices(&quoted).map(|(at, found)| at + found.len()).collect();
    places.into_iter().filter_map(|at| Some(head[at..].trim_start().strip_prefix(':')?.trim_start()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{Connector, Headers, Read};
    use tacho_domain::{Fact, IdentityKind, Measures, SplitFact, UsageFact, Window};

    /// A sink that keeps everything, for the tests of connectors that read JSON documents.
    #[derive(Debug, Default, PartialEq)]
    pub(crate) struct Taken {
        pub(crate) facts: Vec<Fact>,
        pub(crate) unknown: Vec<String>,
        pub(crate) skipped: Vec<(u64, String)>,
    }

    impl Sink for Taken {
        fn fact(&mut self, fact: Fact) {
            self.facts.push(fact);
        }

        fn unknown_field(&mut self, path: &str) {
            self.unknown.push(path.to_owned());
        }

        fn skipped_line(&mut self, line: u64, why: &str) {
            self.skipped.push((line, why.to_owned()));
        }
    }

    impl Taken {
        pub(crate) fn usage(&self) -> Vec<&UsageFact> {
            self.facts.iter().filter_map(|fact| if let Fact::Usage(usage) = fact { Some(usage) } else { None }).collect()
        }

        pub(crate) fn split(&self, value: &str) -> Option<&SplitFact> {
            let splits = self.facts.iter().filter_map(|fact| if let Fact::Split(split) = fact { Some(split) } else { None });
            splits.into_iter().find(|split| split.value == value)
        }

        /// Everything said of one identity, added up as the store does.
        pub(crate) fn sum(&self, kind: IdentityKind, key: &str) -> Measures {
            let mut sum = Measures::default();
            let theirs = self.usage().into_iter().filter(|usage| usage.identity.kind == kind && usage.identity.key == key);
            theirs.for_each(|usage| sum.add(&usage.measures));
            sum
        }
    }

    /// Lets a connector read a text as the reply to a call.
    pub(crate) fn read(connector: &dyn Connector, call: &Call, text: &str) -> Result<(Read, Taken), Misread> {
        let mut taken = Taken::default();
        let headers = Headers::default();
        let mut body = text.as_bytes();
        let read = connector.read(call, &mut Reply { status: 200, headers: &headers, body: &mut body }, &mut taken)?;
        Ok((read, taken))
    }

    /// The days from one to another, both as `YYYY-MM-DD`.
    pub(crate) fn window(from: &str, to: &str) -> Window {
        Window::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    #[test]
    fn known_fields_of_any_shape_are_not_counted_as_new() {
        #[derive(Deserialize)]
        struct Row {
            _a: Known,
            #[serde(default)]
            _b: Known,
        }
        let mut new = Vec::new();
        let text = r#"{"_a":[1,-2,0.5,"x",null,true,{"k":{"l":[]}}],"c":1}"#;
        let reader = &mut serde_json::Deserializer::from_str(text);
        let row: Result<Row, _> = serde_ignored::deserialize(reader, |path| new.push(plain_path(&path)));
        assert!(row.is_ok());
        assert_eq!(new, ["c"]);
    }

    #[test]
    fn the_beginning_of_a_file_is_searched_for_keys_and_values() {
        let head = r#"{ "note": "date", "date" : "2026-03-01", "at":1710720000000,"nothing": null, "cut": "2026-0"#;
        assert_eq!(first_value(head, "at"), Some("1710720000000"));
        assert_eq!(first_value(head, "nothing"), None);
        assert_eq!(first_value(head, "cut"), None);
        assert_eq!(first_value(head, "absent"), None);
        assert!(has_key(head, "date") && has_key(head, "note"));
        assert!(!has_key(r#"["date"]"#, "date"), "a text is not a key");
        assert_eq!(first_value(head, "date"), Some("2026-03-01"), "a text before the key is passed over");
    }
}
