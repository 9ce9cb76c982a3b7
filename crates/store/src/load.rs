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

/// Values in one `SQLite` statement; its limit is 32,766.
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
    Sqlite(Batch<'t>),
    Postgres { copy: PgCopyIn<&'t mut PgConnection>, bytes: Vec<u8>, row_open: bool },
}

/// Rows on their way into `SQLite`.
struct Batch<'t> {
    connection: &'t mut SqliteConnection,
    head: String,
    /// The statement for a full batch, once there was one.
    full: Option<Arc<str>>,
    full_rows: usize,
    rows: usize,
    values: SqliteArguments,
    /// The last text of each column: most repeat from row to row (stream, dimension) and are shared then.
    last: Vec<Option<Arc<str>>>,
}

impl Batch<'_> {
    fn text(&mut self, value: Option<&str>) -> Result<(), StoreError> {
        let Some(value) = value else { return Arguments::add(&mut self.values, None::<&str>).map_err(StoreError::encode) };
        let column = Arguments::len(&self.values) % self.last.len();
        let shared = match &self.last[column] {
            Some(last) if **last == *value => last.clone(),
            _ => self.last[column].insert(value.into()).clone(),
        };
        Arguments::add(&mut self.values, shared).map_err(StoreError::encode)
    }

    async fn end_row(&mut self) -> Result<(), StoreError> {
        self.rows += 1;
        if self.rows == self.full_rows {
            let statement = self.full.get_or_insert_with(|| text_for(&self.head, self.last.len(), self.full_rows)).clone();
            let values = std::mem::take(&mut self.values);
            sqlx::query_with(AssertSqlSafe(statement), values).execute(&mut *self.connection).await?;
            Arguments::reserve(&mut self.values, self.full_rows * self.last.len(), 0);
            self.rows = 0;
        }
        Ok(())
    }

    async fn finish(self) -> Result<(), StoreError> {
        if self.rows > 0 {
            // Its length is a chance; kept prepared it would only push others out.
            let statement = text_for(&self.head, self.last.len(), self.rows);
            sqlx::query_with(AssertSqlSafe(statement), self.values).persistent(false).execute(self.connection).await?;
        }
        Ok(())
    }
}

impl<'t> Loader<'t> {
    pub(crate) fn sqlite(connection: &'t mut SqliteConnection, table: &str, columns: &[&str]) -> Self {
        let batch = Batch {
            connection,
            head: format!("insert into {table} ({}) values ", columns.join(",")),
            full: None,
            full_rows: (SQLITE_VALUES / columns.len()).max(1),
            rows: 0,
            values: SqliteArguments::default(),
            last: vec![None; columns.len()],
        };
        Self { columns: columns.len(), rows: 0, target: Target::Sqlite(batch) }
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
            Target::Sqlite(batch) => Arguments::add(&mut batch.values, value).map_err(StoreError::encode)?,
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
            Target::Sqlite(batch) => batch.text(value.as_deref())?,
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
            Target::Sqlite(batch) => batch.end_row().await?,
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
            Target::Sqlite(batch) => batch.finish().await?,
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
