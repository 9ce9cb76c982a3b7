//! Backup and restore, the same for both engines: one consistent moment of every table in one compressed file with a checksum,
//! and back into an empty database of either engine. Tables and columns are read from the database itself, so that none can be
//! forgotten. The master key is not in the file: it was never in the database.

mod body;
mod file;
mod read;
mod restore;
mod schema;
mod write;

use crate::StoreError;
use schema::Table;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tacho_domain::Instant;

pub use restore::{restore, verify_backup};
pub use write::back_up;

/// The format this version writes, and the newest it reads.
const FORMAT: u32 = 1;

/// What a backup file says of itself before its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    /// Of the Tacho that wrote it.
    version: String,
    /// The engine it was written from.
    engine: String,
    created_at: Instant,
    migrations: Vec<Applied>,
    tables: Vec<Stored>,
}

/// A migration the database was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Applied {
    pub(crate) number: i64,
    pub(crate) name: String,
    /// In hexadecimal.
    pub(crate) checksum: String,
}

/// A table in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    table: Table,
    rows: u64,
}

/// A backup file, as it was written or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Where it lies.
    pub path: PathBuf,
    /// The Tacho that wrote it.
    pub version: String,
    /// The moment it holds.
    pub created_at: Instant,
    /// Its tables.
    pub tables: usize,
    /// Their rows.
    pub rows: u64,
    /// Its length.
    pub file_bytes: u64,
}

impl Backup {
    fn of(path: PathBuf, header: &Header, file_bytes: u64) -> Self {
        Self {
            path,
            version: header.version.clone(),
            created_at: header.created_at,
            tables: header.tables.len(),
            rows: header.tables.iter().map(|stored| stored.rows).sum(),
            file_bytes,
        }
    }
}

/// The file cannot be used.
fn unusable(what: impl std::fmt::Display) -> StoreError {
    StoreError::invalid(format!("the backup file cannot be used: {what}"))
}

/// A thread that was to work for us went away without a word.
fn lost() -> StoreError {
    std::io::Error::other("the thread that reads or writes the file ended early").into()
}
