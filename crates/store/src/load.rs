//! Loading many rows: the one place where the engines need two ways. `SQLite` takes `values` of many rows in prepared
//! statements (one row per statement was a seventh as fast), `PostgreSQL` takes a binary COPY straight into the table,
//! which is lawful because a slice's old rows are deleted before.

use crate::sql::clean;
use crate::{SliceWrite, StoreError};
use sqlx::Arguments;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnection, PgCopyIn};
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use std::sync::Arc;
use tacho_domain::OrganizationId;

/// Values in one `SQLite` statement; its limit is 32,766. Measured best between 2,000 and 6,000.
const SQLITE_VALUES: usize = 4_000;
/// Bytes collected before they go to `PostgreSQL`.
const COPY_BYTES: usize = 128 * 1024;

/// Takes rows value by value, in the order of the columns.
pub(crate) struct Loader<'t> {
    columns: usize,
    /// Rows ended so far.
    rows: u64,
    target: Target<'t>,
}

enum Target<'t> {
    Sqlite {
        connection: &'t mut SqliteConnection,
        head: String,
        full: Option<Arc<str>>,
        batch: usize,
        pending: usize,
        values: SqliteArguments,
    },
    Postgres {
        copy: PgCopyIn<&'t mut PgConnection>,
        bytes: Vec<u8>,
        row_open: bool,
    },
}

impl<'t> Loader<'t> {
    pub(crate) fn sqlite(connection: &'t mut SqliteConnection, table: &str, columns: &[&str]) -> Self {
        let head = format!("insert into {table} ({}) values ", columns.join(","));
        let batch = (SQLITE_VALUES / columns.len()).max(1);
        let values = SqliteArguments::default();
        Self {
            columns: columns.len(),
            rows: 0,
            target: Target::Sqlite { connection, head, full: None, batch, pending: 0, values },
        }
    }

    pub(crate) async fn postgres(connection: &'t mut PgConnection, table: &str, columns: &[&str]) -> Result<Self, StoreError> {
        let statement = format!("copy {table} ({}) from stdin with (format binary)", columns.join(","));
        let copy = connection.copy_in_raw(&statement).await?;
        let mut bytes = Vec::with_capacity(COPY_BYTES + 4096);
        bytes.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
        Ok(Self { columns: columns.len(), rows: 0, target: Target::Postgres { copy, bytes, row_open: false } })
    }

    pub(crate) fn int(&mut self, value: impl Into<Option<i64>>) -> Result<(), StoreError> {
        let value = value.into();
        match &mut self.target {
            Target::Sqlite { values, .. } => Arguments::add(values, value).map_err(StoreError::encode)?,
            Target::Postgres { bytes, row_open, .. } => {
                open_row(bytes, row_open, self.columns);
                match value {
                    Some(value) => {
                        bytes.extend_from_slice(&8i32.to_be_bytes());
                        bytes.extend_from_slice(&value.to_be_bytes());
                    }
                    None => bytes.extend_from_slice(&(-1i32).to_be_bytes()),
                }
            }
        }
        Ok(())
    }

    pub(crate) fn text<'v>(&mut self, value: impl Into<Option<&'v str>>) -> Result<(), StoreError> {
        let value = value.into().map(clean);
        match &mut self.target {
            Target::Sqlite { values, .. } => Arguments::add(values, value.as_deref()).map_err(StoreError::encode)?,
            Target::Postgres { bytes, row_open, .. } => {
                open_row(bytes, row_open, self.columns);
                match value {
                    Some(value) => {
                        let length = i32::try_from(value.len()).map_err(StoreError::encode)?;
                        bytes.extend_from_slice(&length.to_be_bytes());
                        bytes.extend_from_slice(value.as_bytes());
                    }
                    None => bytes.extend_from_slice(&(-1i32).to_be_bytes()),
                }
            }
        }
        Ok(())
    }

    /// The first four columns of every fact table.
    pub(crate) fn slice_key(&mut self, organization: OrganizationId, write: &SliceWrite<'_>) -> Result<(), StoreError> {
        self.int(organization.0)?;
        self.int(write.integration.0)?;
        self.text(write.stream)?;
        self.int(i64::from(write.day.0))
    }

    /// Ends a row, and sends what has gathered when it is enough.
    pub(crate) async fn end_row(&mut self) -> Result<(), StoreError> {
        self.rows += 1;
        match &mut self.target {
            Target::Sqlite { connection, head, full, batch, pending, values } => {
                *pending += 1;
                if *pending == *batch {
                    let statement = full.get_or_insert_with(|| text_for(head, self.columns, *batch)).clone();
                    let values = std::mem::take(values);
                    sqlx::query_with(AssertSqlSafe(statement), values).execute(&mut **connection).await?;
                    *pending = 0;
                }
            }
            Target::Postgres { copy, bytes, row_open } => {
                *row_open = false;
                if bytes.len() >= COPY_BYTES {
                    copy.send(&bytes[..]).await?;
                    bytes.clear();
                }
            }
        }
        Ok(())
    }

    /// Sends the rest; gives the number of rows.
    pub(crate) async fn finish(self) -> Result<u64, StoreError> {
        match self.target {
            Target::Sqlite { pending: 0, .. } => {}
            Target::Sqlite { connection, head, pending, values, .. } => {
                let statement = text_for(&head, self.columns, pending);
                sqlx::query_with(AssertSqlSafe(statement), values).persistent(false).execute(connection).await?;
            }
            Target::Postgres { mut copy, mut bytes, .. } => {
                bytes.extend_from_slice(&(-1i16).to_be_bytes());
                copy.send(&bytes[..]).await?;
                copy.finish().await?;
            }
        }
        Ok(self.rows)
    }
}

fn open_row(bytes: &mut Vec<u8>, row_open: &mut bool, columns: usize) {
    if !*row_open {
        *row_open = true;
        #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "a table has a few dozen columns")]
        bytes.extend_from_slice(&(columns as i16).to_be_bytes());
    }
}

/// Bare `?`: `SQLite` looks a numbered parameter's name up by a linear search, which is quadratic in a long statement.
fn text_for(head: &str, columns: usize, rows: usize) -> Arc<str> {
    let row = format!("({})", vec!["?"; columns].join(","));
    let mut text = String::with_capacity(head.len() + rows * (row.len() + 1));
    text.push_str(head);
    for place in 0..rows {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&row);
    }
    text.into()
}
