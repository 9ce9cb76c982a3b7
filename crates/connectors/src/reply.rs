//! A vendor's answer as a connector reads it, and what reading it can come to.

use std::fmt;
use std::io::BufRead;
use tacho_domain::{Fact, Instant};

/// The headers of a reply, found whatever their case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// From name and value pairs.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect())
    }

    /// The first value of a header.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A reply with a 2xx status. The body is read as it comes, so it may be larger than memory.
pub struct Reply<'a> {
    /// 200, 204 ...
    pub status: u16,
    /// Its headers.
    pub headers: &'a Headers,
    /// Its body, already decompressed and bounded in size.
    pub body: &'a mut dyn BufRead,
}

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Whether the vendor had an answer for the days asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It had, be it of no rows: nobody did anything.
    Given,
    /// It has nothing for these days, or not yet. That is "no data", not zero.
    Nothing,
    /// It had, but not all of it: what there is counts, and the days are asked for again by the next sync.
    Partial,
    /// This reply only leads to others, which will tell.
    ToFollow,
    /// It was no answer: the vendor's allowance is used up, though the status says 200. The same call goes out again then.
    Wait(Wait),
}

/// How long a vendor wants to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wait {
    /// Until an instant.
    Until(Instant),
    /// For so many seconds from now.
    Seconds(u32),
}

/// What reading a reply came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Whether it was an answer.
    pub answer: Answer,
    /// The calls that come next: further pages, downloads.
    pub next: Vec<crate::Call>,
}

impl Read {
    /// A whole answer.
    #[must_use]
    pub fn done() -> Self {
        Self { answer: Answer::Given, next: Vec::new() }
    }

    /// No data.
    #[must_use]
    pub fn nothing() -> Self {
        Self { answer: Answer::Nothing, next: Vec::new() }
    }

    /// A part of an answer, or only the way to it, with the calls for the rest.
    #[must_use]
    pub fn more(answer: Answer, next: Vec<crate::Call>) -> Self {
        Self { answer, next }
    }
}

/// Where facts go as they are read.
pub trait Sink {
    /// Takes a fact.
    fn fact(&mut self, fact: Fact);

    /// Learns of a field that the vendor sends and we do not know, by its path without indices. Never fatal.
    fn unknown_field(&mut self, path: &str);

    /// Learns of a line that could not be read and was left out, by its number from 1. Counted and shown.
    fn skipped_line(&mut self, line: u64, why: &str);
}

/// A reply that is not what the vendor documents. It names the place and the kind of thing found, never the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{connector}: {stream}/{step}: at `{path}` expected {expected}, found {found}")]
pub struct Misread {
    /// The connector's id.
    pub connector: &'static str,
    /// The stream.
    pub stream: &'static str,
    /// Which of the stream's replies.
    pub step: &'static str,
    /// Where in the reply: `line 17: totals_by_ide`, or line and column.
    pub path: String,
    /// What should be there.
    pub expected: String,
    /// What is there instead, by kind: "end of input", "a string".
    pub found: String,
}

impl Misread {
    /// What a connector found at that place of the reply to a call.
    pub fn new(
        connector: &'static str,
        call: &crate::Call,
        path: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        let (stream, step) = (call.stream, call.step);
        Self { connector, stream, step, path: path.into(), expected: expected.into(), found: found.into() }
    }
}
