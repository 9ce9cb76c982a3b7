//! Noticing fields that GitHub adds, without paying for it on every line.

use crate::Sink;
use crate::json::plain_path;
use crate::ndjson::BadRecord;
use serde::Deserialize;
use serde_ignored::Path;

/// Lines at the beginning of a file that are looked at for new fields, each of them.
const FIRST_LINES: u64 = 256;
/// After those, one line in this many is looked at.
const THEN_EVERY: u64 = 64;

/// Reads records, telling of unknown fields in a sample of them: naming a field costs an allocation for every key of the
/// line, known or not. GitHub adds fields for all users at once, so that a new one shows in the first lines.
pub(crate) struct Watch {
    known: &'static [&'static str],
    lines: u64,
}

impl Watch {
    /// `known`: fields that are documented and not used.
    pub(crate) fn new(known: &'static [&'static str]) -> Self {
        Self { known, lines: 0 }
    }

    pub(crate) fn read<'de, T: Deserialize<'de>>(&mut self, record: &'de [u8], sink: &mut dyn Sink) -> Result<T, BadRecord> {
        let looked_at = self.lines < FIRST_LINES || self.lines.is_multiple_of(THEN_EVERY);
        self.lines += 1;
        if !looked_at {
            return Ok(serde_json::from_slice(record)?);
        }
        let mut reader = serde_json::Deserializer::from_slice(record);
        let known = self.known;
        let value = serde_ignored::deserialize(&mut reader, |path| tell(&path, known, sink))?;
        reader.end()?;
        Ok(value)
    }
}

/// Tells of an unknown field unless it is among the known ones.
pub(crate) fn tell(path: &Path<'_>, known: &[&str], sink: &mut dyn Sink) {
    if !matches!(path, Path::Map { key, .. } if known.contains(&key.as_str())) {
        sink.unknown_field(&plain_path(path));
    }
}

/// A sink that keeps documented, unused fields to itself.
pub(crate) struct Quiet<'s> {
    pub(crate) known: &'static [&'static str],
    pub(crate) sink: &'s mut dyn Sink,
}

impl Sink for Quiet<'_> {
    fn fact(&mut self, fact: tacho_domain::Fact) {
        self.sink.fact(fact);
    }
    fn unknown_field(&mut self, path: &str) {
        let name = path.rsplit_once('.').map_or(path, |(_, name)| name);
        if !self.known.contains(&name) {
            self.sink.unknown_field(path);
        }
    }
    fn skipped_line(&mut self, line: u64, why: &str) {
        self.sink.skipped_line(line, why);
    }
}
