//! What was asked: counts and names of headers, never their values.

use crate::faults::Endpoint;
use axum::http::HeaderMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Calls of one endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls {
    /// All of them.
    pub calls: u64,
    /// Those refused for what they asked or how (faults do not count).
    pub refused: u64,
    /// Names of headers seen, in lower case.
    pub headers: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Traffic(Mutex<BTreeMap<Endpoint, Calls>>);

impl Traffic {
    pub(crate) fn note(&self, endpoint: Endpoint, headers: &HeaderMap) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = log.entry(endpoint).or_default();
        calls.calls += 1;
        for name in headers.keys() {
            if !calls.headers.contains(name.as_str()) {
                calls.headers.insert(name.as_str().to_owned());
            }
        }
    }

    pub(crate) fn note_refusal(&self, endpoint: Endpoint) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.entry(endpoint).or_default().refused += 1;
    }

    pub(crate) fn all(&self) -> BTreeMap<Endpoint, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
