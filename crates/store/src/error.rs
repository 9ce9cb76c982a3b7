//! What can go wrong with the database.

use std::fmt;

/// An error of the store. Opaque: ask the predicates. Never holds the database's address or a secret.
pub struct StoreError {
    kind: Kind,
}

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("the database cannot be used now: {0}")]
    Unavailable(String),
    #[error("the database refused a statement: {0}")]
    Refused(String),
    #[error("table `{table}`, column `{column}`, row {row}: {what}")]
    Damaged { table: &'static str, column: &'static str, row: String, what: String },
    #[error("{0}")]
    Migration(String),
    #[error("the master key is not the one this database was sealed with")]
    WrongKey,
    #[error("{0}")]
    Invalid(String),
    #[error("a file could not be read or written: {0}")]
    File(#[source] std::io::Error),
}

impl StoreError {
    /// The database cannot be reached or is too busy: later it may work.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self.kind, Kind::Unavailable(_))
    }

    /// The data contradicts itself: the message names table, column and row.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        matches!(self.kind, Kind::Damaged { .. })
    }

    /// The master key does not open this database.
    #[must_use]
    pub fn is_wrong_key(&self) -> bool {
        matches!(self.kind, Kind::WrongKey)
    }

    /// The tables were made by a newer Tacho, or changed by hand.
    #[must_use]
    pub fn is_migration(&self) -> bool {
        matches!(self.kind, Kind::Migration(_))
    }

    /// What was given cannot be used: an address, a key, a fact of another day.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        matches!(self.kind, Kind::Invalid(_))
    }

    pub(crate) fn damaged(table: &'static str, column: &'static str, row: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self { kind: Kind::Damaged { table, column, row: row.to_string(), what: what.to_string() } }
    }

    pub(crate) fn migration(text: impl Into<String>) -> Self {
        Self { kind: Kind::Migration(text.into()) }
    }

    pub(crate) fn wrong_key() -> Self {
        Self { kind: Kind::WrongKey }
    }

    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self { kind: Kind::Invalid(text.into()) }
    }

    pub(crate) fn encode(error: impl fmt::Display) -> Self {
        Self { kind: Kind::Refused(error.to_string()) }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self { kind: Kind::File(error) }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error;
        let kind = match error {
            // The text of a configuration error may quote the address, and with it a password.
            Error::Configuration(_) => Kind::Invalid("the database's address cannot be used".to_owned()),
            Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => {
                Kind::Unavailable(error.to_string())
            }
            Error::Database(refusal) => {
                let text = refusal.message().to_owned();
                if refusal.code().is_some_and(|code| is_passing(&code)) { Kind::Unavailable(text) } else { Kind::Refused(text) }
            }
            other => Kind::Refused(other.to_string()),
        };
        Self { kind }
    }
}

/// Whether the engine's own error code says that trying again later makes sense.
fn is_passing(code: &str) -> bool {
    // PostgreSQL: connection exceptions, resources, serialization and deadlock, operator intervention.
    const POSTGRES: [&str; 5] = ["08", "53", "40", "57", "58"];
    match code.parse::<u32>() {
        // SQLite: the low byte is the primary code. 5 busy, 6 locked, 10 I/O error, 13 full, 14 cannot open.
        Ok(code) if code < 10_000 => matches!(code & 0xff, 5 | 6 | 10 | 13 | 14),
        _ => code.len() == 5 && POSTGRES.iter().any(|class| code.starts_with(class)),
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreError({})", self.kind)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::File(error) => Some(error),
            _ => None,
        }
    }
}
