//! Reading a body record by record with memory for one record: newline-delimited JSON as it is meant to be, and what
//! is handed around under that name: a top-level array, one pretty-printed object, blank lines. A record that cannot be
//! read is left out and told; a body that breaks off, or of which nothing can be read, is a [`Misread`].

use crate::{Call, Misread, Reply, Sink};
use serde::de::IgnoredAny;
use serde_json::error::Category;
use std::io::{self, BufRead, Read};

/// The longest record taken into memory. GitHub's longest lines are a few MB (a 28-day aggregate).
const RECORD_LIMIT: usize = 64 << 20;

/// Why a record could not be read; it never repeats the record.
#[derive(Debug)]
pub(crate) enum BadRecord {
    /// It is not JSON, or of another shape.
    Json(serde_json::Error),
    /// It lacks what a record must have: "a record without a day".
    Unfit(&'static str),
}

impl BadRecord {
    fn is_cut(&self) -> bool {
        matches!(self, Self::Json(error) if error.classify() == Category::Eof)
    }

    fn why(&self) -> String {
        match self {
            Self::Unfit(why) => (*why).to_owned(),
            Self::Json(error) => format!("{} at column {}", kind(error), error.column()),
        }
    }
}

impl From<serde_json::Error> for BadRecord {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

fn kind(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        Category::Io => "a body that broke off",
        Category::Syntax => "text that is not JSON",
        Category::Data => "another shape",
        Category::Eof => "end of input",
    }
}

/// Reads one record: its bytes, its number from 1 (the line where the body has lines), and where facts go. It must
/// emit nothing when it fails.
pub(crate) type ReadRecord<'r> = &'r mut dyn FnMut(&[u8], u64, &mut dyn Sink) -> Result<(), BadRecord>;

/// Reads every record of the body and gives how many were read; 0 is lawful.
///
/// # Errors
/// When the body breaks off inside a record, when it is not made of JSON objects, or when it has records and none of
/// them could be read.
pub(crate) fn records(
    connector: &'static str,
    call: &Call,
    reply: &mut Reply<'_>,
    sink: &mut dyn Sink,
    read: ReadRecord<'_>,
) -> Result<u64, Misread> {
    let walk = Walk { connector, call, sink, read, limit: RECORD_LIMIT, taken: 0, first_bad: None };
    walk.run(&mut *reply.body)
}

struct Walk<'w> {
    connector: &'static str,
    call: &'w Call,
    sink: &'w mut dyn Sink,
    read: ReadRecord<'w>,
    limit: usize,
    taken: u64,
    first_bad: Option<(u64, String)>,
}

impl Walk<'_> {
    fn run(mut self, body: &mut dyn BufRead) -> Result<u64, Misread> {
        self.lines(body)?;
        match self.first_bad.take() {
            Some((number, why)) if self.taken == 0 => Err(self.misread(number, "at least one readable record", &why)),
            _ => Ok(self.taken),
        }
    }

    fn lines(&mut self, body: &mut dyn BufRead) -> Result<(), Misread> {
        let mut lines = Lines { body, number: 0, limit: self.limit };
        let mut line = Vec::new();
        let mut begun = false;
        while let Some(end) = lines.next(&mut line).map_err(|_| self.broken(lines.number + 1))? {
            let text = record_text(&line, lines.number);
            if end == End::TooLong {
                self.skip(lines.number, "a line longer than 64 MiB".to_owned());
                continue;
            }
            if text.is_empty() {
                continue;
            }
            let first = !std::mem::replace(&mut begun, true);
            if first && text[0] == b'[' {
                let head = with_newline(text, end);
                return self.documents(&mut io::Cursor::new(head).chain(lines.body));
            }
            let Err(bad) = (self.read)(text, lines.number, self.sink) else {
                self.taken += 1;
                continue;
            };
            if end == End::OfBody && serde_json::from_slice::<IgnoredAny>(text).is_err() {
                return Err(self.broken(lines.number));
            }
            if first && bad.is_cut() {
                let mut head = with_newline(text, end);
                let number = lines.number;
                let Some(next_end) = lines.next(&mut line).map_err(|_| self.broken(number + 1))? else {
                    return Err(self.broken(number));
                };
                // A second line that begins a record of its own tells a damaged first line from a record over many lines.
                if !line.starts_with(b"{") {
                    head.extend_from_slice(&with_newline(&line, next_end));
                    return self.documents(&mut io::Cursor::new(head).chain(lines.body));
                }
                self.skip(number, bad.why());
                self.one(record_text(&line, lines.number), lines.number, next_end)?;
                continue;
            }
            self.skip(lines.number, bad.why());
        }
        Ok(())
    }

    /// A line that is known not to be the first.
    fn one(&mut self, text: &[u8], number: u64, end: End) -> Result<(), Misread> {
        if end == End::TooLong {
            self.skip(number, "a line longer than 64 MiB".to_owned());
            return Ok(());
        }
        match (self.read)(text, number, self.sink) {
            Ok(()) => self.taken += 1,
            Err(_) if end == End::OfBody && serde_json::from_slice::<IgnoredAny>(text).is_err() => {
                return Err(self.broken(number));
            }
            Err(bad) => self.skip(number, bad.why()),
        }
        Ok(())
    }

    /// Objects that do not keep to lines: elements of an array, or one object over many lines.
    fn documents(&mut self, body: &mut dyn BufRead) -> Result<(), Misread> {
        let mut scan = Scan::default();
        let mut record = Vec::new();
        let mut number = 1;
        loop {
            let chunk = body.fill_buf().map_err(|_| self.broken(number))?;
            if chunk.is_empty() {
                return if scan.is_between() { Ok(()) } else { Err(self.broken(number)) };
            }
            let (used, found) = scan.take(chunk);
            match found {
                Found::Nothing => {}
                Found::Stranger => return Err(self.misread(number, "an object", "something else")),
                Found::Inside | Found::End => record.extend_from_slice(&chunk[scan.begin..used]),
            }
            body.consume(used);
            if record.len() > self.limit {
                return Err(self.misread(number, "a record of at most 64 MiB", "a longer one"));
            }
            if found == Found::End {
                match (self.read)(&record, number, self.sink) {
                    Ok(()) => self.taken += 1,
                    Err(bad) => self.skip(number, bad.why()),
                }
                record.clear();
                number += 1;
            }
        }
    }

    fn skip(&mut self, number: u64, why: String) {
        self.sink.skipped_line(number, &why);
        self.first_bad.get_or_insert((number, why));
    }

    fn broken(&self, number: u64) -> Misread {
        self.misread(number, "the rest of the record", "end of input")
    }

    fn misread(&self, number: u64, expected: &str, found: &str) -> Misread {
        Misread::new(self.connector, self.call, format!("line {number}"), expected, found)
    }
}

/// A line without the blanks around it, and without the byte order mark that files saved on Windows begin with.
fn record_text(line: &[u8], number: u64) -> &[u8] {
    let line = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
    line.trim_ascii()
}

fn with_newline(text: &[u8], end: End) -> Vec<u8> {
    let mut copy = text.to_vec();
    if end == End::OfLine {
        copy.push(b'\n');
    }
    copy
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    OfLine,
    OfBody,
    TooLong,
}

struct Lines<'b> {
    body: &'b mut dyn BufRead,
    number: u64,
    limit: usize,
}

impl Lines<'_> {
    /// The next line into `line`, reusing its memory; `None` at the end of the body.
    fn next(&mut self, line: &mut Vec<u8>) -> io::Result<Option<End>> {
        line.clear();
        let most = u64::try_from(self.limit).unwrap_or(u64::MAX).saturating_add(1);
        if (&mut *self.body).take(most).read_until(b'\n', line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if line.last() == Some(&b'\n') {
            line.pop();
            return Ok(Some(End::OfLine));
        }
        if line.len() <= self.limit {
            return Ok(Some(End::OfBody));
        }
        line.clear();
        self.body.skip_until(b'\n')?;
        Ok(Some(End::TooLong))
    }
}

/// Finds where objects begin and end, knowing no more of JSON than strings and brackets.
#[derive(Debug, Default)]
struct Scan {
    arrays: u32,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Where in the last chunk the bytes of the record begin.
    begin: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// Only what stands between records.
    Nothing,
    /// A part of a record.
    Inside,
    /// The last part of a record.
    End,
    /// A record that is no object.
    Stranger,
}

impl Scan {
    fn is_between(&self) -> bool {
        self.depth == 0 && self.arrays == 0
    }

    /// How many bytes were understood, and what they were.
    fn take(&mut self, chunk: &[u8]) -> (usize, Found) {
        self.begin = 0;
        for (index, &byte) in chunk.iter().enumerate() {
            if self.depth == 0 {
                match byte {
                    b'{' => {
                        self.depth = 1;
                        self.begin = index;
                    }
                    b'[' => self.arrays += 1,
                    b']' if self.arrays > 0 => self.arrays -= 1,
                    b',' if self.arrays > 0 => {}
                    _ if byte.is_ascii_whitespace() => {}
                    _ => return (index, Found::Stranger),
                }
            } else if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
            } else {
                match byte {
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                    b'}' | b']' => self.depth -= 1,
                    _ => {}
                }
                if self.depth == 0 {
                    return (index + 1, Found::End);
                }
            }
        }
        (chunk.len(), if self.depth > 0 { Found::Inside } else { Found::Nothing })
    }
}

#[cfg(test)]
#[path = "ndjson_tests.rs"]
mod tests;
