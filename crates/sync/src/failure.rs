//! How a run fails: in words a person can act on, with the decision what happens next.

use std::fmt;
use tacho_connectors::{Diagnosis, FailureKind, Misread};
use tacho_domain::Instant;
use tacho_store::{StoreError, StoredFailure};
use tacho_transport::SendError;

/// What happens next to a run that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Trying again can help, not before that instant where one is named.
    Retry {
        /// The vendor's word.
        not_before: Option<Instant>,
    },
    /// Somebody has to act first.
    Fail,
    /// It was told to stop; nothing is wrong.
    Stopped,
}

/// A run that did not come to its end. What it had replaced until then stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncError {
    /// What happens next.
    pub decision: Decision,
    /// Why, and what to do.
    pub failure: StoredFailure,
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.failure.cause, self.failure.fix)
    }
}

impl std::error::Error for SyncError {}

impl SyncError {
    /// Somebody has to act.
    pub(crate) fn fail(failure: StoredFailure) -> Self {
        Self { decision: Decision::Fail, failure }
    }

    /// It may pass.
    pub(crate) fn retry(failure: StoredFailure, not_before: Option<Instant>) -> Self {
        Self { decision: Decision::Retry { not_before }, failure }
    }

    /// It was told to stop.
    pub(crate) fn stopped(at: Instant) -> Self {
        let failure = failure(FailureKind::Unknown, "The sync was stopped before its end.", "It goes on with the next one.", at);
        Self { decision: Decision::Stopped, failure }
    }

    /// The database failed.
    pub(crate) fn store(error: &StoreError, at: Instant) -> Self {
        let cause = format!("Tacho's database failed: {error}.");
        if error.is_unavailable() {
            let fix = "Check that the database runs and that its disk has room; Tacho tries again by itself.";
            return Self::retry(failure(FailureKind::Unknown, &cause, fix, at), None);
        }
        let fix = if error.is_wrong_key() {
            "Start Tacho with the master key that this database was made with, or connect the integration again."
        } else {
            "Look at Tacho's log, and restore the database from a backup if it is damaged."
        };
        Self::fail(failure(FailureKind::Unknown, &cause, fix, at))
    }

    /// Something inside Tacho failed that no vendor and no operator has a part in.
    pub(crate) fn inside(cause: &str, at: Instant) -> Self {
        let fix = "Look at Tacho's log, check that its disk has room, and report it if it happens again.";
        Self::fail(failure(FailureKind::Unknown, cause, fix, at))
    }
}

/// A failure in words.
pub(crate) fn failure(kind: FailureKind, cause: &str, fix: &str, at: Instant) -> StoredFailure {
    StoredFailure { kind: kind.as_str().to_owned(), cause: cause.to_owned(), fix: fix.to_owned(), at }
}

/// A connector's diagnosis, to be stored.
pub(crate) fn of_diagnosis(diagnosis: &Diagnosis, at: Instant) -> StoredFailure {
    failure(diagnosis.kind, &diagnosis.cause, &diagnosis.fix, at)
}

/// A reply that could not be read, to be stored.
pub(crate) fn of_misread(misread: &Misread, at: Instant) -> StoredFailure {
    let cause = format!("The vendor's answer could not be read: {misread}.");
    let fix = "The days stay missing and are asked for again by the next sync. If it lasts, the vendor changed its format: \
               update Tacho, or report it.";
    failure(FailureKind::Validation, &cause, fix, at)
}

/// A vendor that sends a page again, to be stored: adding it up twice would be wrong, and so would be guessing.
pub(crate) fn of_repeated_page(connector: &str, stream: &str, step: &str, at: Instant) -> StoredFailure {
    let cause = format!("{connector}: {stream}/{step}: the vendor repeats a page, so its rows cannot be told from new ones.");
    failure(FailureKind::Validation, &cause, "The days stay missing and are asked for again by the next sync.", at)
}

/// A call that came to nothing without the vendor saying why, to be stored.
pub(crate) fn of_send(error: &SendError, at: Instant) -> StoredFailure {
    failure(error.kind, &error.message, fix_for(error.kind), at)
}

/// What to do about a failure that only its kind is known of.
pub(crate) fn fix_for(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Network => "Check that this machine reaches the vendor (DNS, firewall, proxy). Tacho tries again by itself.",
        FailureKind::Auth => "Make a new credential and connect the integration again.",
        FailureKind::Forbidden => "Check what the credential may do, and the hosts this integration may reach.",
        FailureKind::Plan => "Check the plan and the number of licences at the vendor.",
        FailureKind::NotFound => "Check the integration's settings.",
        FailureKind::RateLimit => "Nothing to do: Tacho goes on when the vendor allows it.",
        FailureKind::Server | FailureKind::Timeout => "Nothing to do: Tacho tries again by itself.",
        FailureKind::Validation => "Update Tacho, or report it if this is the newest version.",
        FailureKind::Unknown => "Look at Tacho's log; report it if it happens again.",
    }
}
