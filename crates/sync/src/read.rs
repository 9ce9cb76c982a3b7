//! Reading a reply on a blocking thread: bodies are large, and connectors read them synchronously.

use crate::gathered::Gathered;
use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::{Mutex, PoisonError};
use tacho_connectors::{Call, Connector, Headers, Misread, Read, Reply};

/// A reply's facts, and what reading it came to.
pub(crate) struct Reading {
    /// Facts and oddities, as far as it could be read.
    pub(crate) gathered: Gathered,
    /// How it ended.
    pub(crate) outcome: Result<Read, Misread>,
}

/// Reads a reply. A connector that panics is a misread like any other: one vendor's oddity takes no other vendor down.
pub(crate) async fn read(
    connector: &'static dyn Connector,
    call: Call,
    status: u16,
    headers: Headers,
    mut body: Box<dyn BufRead + Send>,
) -> Reading {
    let (stream, step) = (call.stream, call.step);
    let task = tokio::task::spawn_blocking(move || {
        let mut gathered = Gathered::default();
        let outcome = connector.read(&call, &mut Reply { status, headers: &headers, body: &mut *body }, &mut gathered);
        Reading { gathered, outcome }
    });
    task.await.unwrap_or_else(|_| {
        let id = connector.profile().id;
        let (expected, found) = ("a reader that ends".to_owned(), "one that broke down (see the log)".to_owned());
        let misread = Misread { connector: id, stream, step, path: "unknown".to_owned(), expected, found };
        Reading { gathered: Gathered::default(), outcome: Err(misread) }
    })
}

/// A step's name as connectors compare it. Archived names live as long as the program; there are a handful, since only
/// connectors make them.
pub(crate) fn step(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(name);
    name
}
