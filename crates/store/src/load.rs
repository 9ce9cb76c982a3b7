//! Loading many rows: the one place where the engines need two ways. `SQLite` takes `values` of many rows in prepared
//! statements (one row per statement was a seventh as fast), `PostgreSQL` takes a binary COPY straight into the table,
//! which is lawful because a slice's old rows are deleted before.

use crate::sql::{Value, clean};
use crate::{SliceWrite, StoreError};
use sqlx::Arguments;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnection, PgCopyIn};
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use std::borrow::Cow;
use std::sync::Arc;
use tacho_domain::OrganizationId;

/// Values in one `SQLite` statement; its limit is 32,766.
const SQLITE_VALUES: usize = 4_000;
/// Bytes collected before they go to `PostgreSQL`.
const COPY_BYTES: usize = 128 * 1024;

/// Up to so many values, rows go to `PostgreSQL` as one statement: sqlx 0.9 leaves Nagle's algorithm on, and the two
/// writes that end a COPY then wait some 40 ms for each other, which is longer than so many values take.
const SMALL_VALUES: usize = 8_000;

/// Takes rows value by value, in the order of the columns.
pub(crate) struct Loader<'t> {
    /// Rows ended so far.
    rows: u64,
    target: Target<'t>,
}

enum Target<'t> {
    Sqlite(Batch<'t>),
    Postgres(Stream<'t>),
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

/// A value on its way into `PostgreSQL`.
enum Cell<'v> {
    Int(Option<i64>),
    Text(Option<Cow<'v, str>>),
    Bytes(Option<Cow<'v, [u8]>>),
}

/// Rows on their way into `PostgreSQL`: kept until they are too many for one statement, then copied.
struct Stream<'t> {
    /// The table with its columns.
    into: String,
    columns: usize,
    /// Until the COPY has taken it.
    connection: Option<&'t mut PgConnection>,
    values: Vec<Cell<'static>>,
    copy: Option<Copying<'t>>,
}

/// A COPY under way.
struct Copying<'t> {
    copy: PgCopyIn<&'t mut PgConnection>,
    columns: usize,
    bytes: Vec<u8>,
    row_open: bool,
}

impl Stream<'_> {
    fn add(&mut self, cell: Cell<'_>) -> Result<(), StoreError> {
        if let Some(copying) = &mut self.copy {
            return copying.add(&cell);
        }
        self.values.push(match cell {
            Cell::Int(value) => Cell::Int(value),
            Cell::Text(value) => Cell::Text(value.map(|text| Cow::Owned(text.into_owned()))),
            Cell::Bytes(value) => Cell::Bytes(value.map(|bytes| Cow::Owned(bytes.into_owned()))),
        });
        Ok(())
    }

    async fn end_row(&mut self) -> Result<(), StoreError> {
        if self.values.len() >= SMALL_VALUES
            && let Some(connection) = self.connection.take()
        {
            let statement = format!("copy {} from stdin with (format binary)", self.into);
            let copy = connection.copy_in_raw(&statement).await?;
            let mut bytes = Vec::with_capacity(COPY_BYTES + 4096);
            bytes.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
            let mut copying = Copying { copy, columns: self.columns, bytes, row_open: false };
            let values = std::mem::take(&mut self.values);
            for row in values.chunks(self.columns) {
                row.iter().try_for_each(|cell| copying.add(cell))?;
                copying.end_row().await?;
            }
            self.copy = Some(copying);
            return Ok(());
        }
        match &mut self.copy {
            Some(copying) => copying.end_row().await,
            None => Ok(()),
        }
    }

    async fn finish(self) -> Result<(), StoreError> {
        if let Some(copying) = self.copy {
            return copying.finish().await;
        }
        let (Some(connection), false) = (self.connection, self.values.is_empty()) else { return Ok(()) };
        let rows: Vec<String> =
            (0..self.values.len() / self.columns).map(|row| places(row * self.columns, self.columns)).collect();
        let statement = format!("insert into {} values {}", self.into, rows.join(","));
        let mut query = sqlx::query(AssertSqlSafe(statement)).persistent(false);
        for cell in self.values {
            query = match cell {
                Cell::Int(value) => query.bind(value),
                Cell::Text(value) => query.bind(value.map(Cow::into_owned)),
                Cell::Bytes(value) => query.bind(value.map(Cow::into_owned)),
            };
        }
        query.execute(connection).await?;
        Ok(())
    }
}

/// `($1,$2,...)` from a place on.
fn places(first: usize, count: usize) -> String {
    let places: Vec<String> = (first + 1..=first + count).map(|place| format!("${place}")).collect();
    format!("({})", places.join(","))
}

impl Copying<'_> {
    fn add(&mut self, cell: &Cell<'_>) -> Result<(), StoreError> {
        if !self.row_open {
            self.row_open = true;
            #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "a table has a few dozen columns")]
            self.bytes.extend_from_slice(&(self.columns as i16).to_be_bytes());
        }
        match cell {
            Cell::Int(Some(value)) => {
                self.bytes.extend_from_slice(&8i32.to_be_bytes());
                self.bytes.extend_from_slice(&value.to_be_bytes());
            }
            Cell::Text(Some(text)) => self.add_bytes(text.as_bytes())?,
            Cell::Bytes(Some(bytes)) => self.add_bytes(bytes)?,
            Cell::Int(None) | Cell::Text(None) | Cell::Bytes(None) => self.bytes.extend_from_slice(&(-1i32).to_be_bytes()),
        }
        Ok(())
    }

    fn add_bytes(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let length = i32::try_from(bytes.len()).map_err(StoreError::encode)?;
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    async fn end_row(&mut self) -> Result<(), StoreError> {
        self.row_open = false;
        if self.bytes.len() >= COPY_BYTES {
            self.copy.send(&self.bytes[..]).await?;
            self.bytes.clear();
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        self.bytes.extend_from_slice(&(-1i16).to_be_bytes());
        self.copy.send(&self.bytes[..]).await?;
        self.copy.finish().await?;
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
        Self { rows: 0, target: Target::Sqlite(batch) }
    }

    pub(crate) fn postgres(connection: &'t mut PgConnection, table: &str, columns: &[&str]) -> Self {
        let into = format!("{table} ({})", columns.join(","));
        let stream = Stream { into, columns: columns.len(), connection: Some(connection), values: Vec::new(), copy: None };
        Self { rows: 0, target: Target::Postgres(stream) }
    }

    pub(crate) fn int(&mut self, value: impl Into<Option<i64>>) -> Result<(), StoreError> {
        let value = value.into();
        match &mut self.target {
            Target::Sqlite(batch) => Arguments::add(&mut batch.values, value).map_err(StoreError::encode),
            Target::Postgres(stream) => stream.add(Cell::Int(value)),
        }
    }

    pub(crate) fn text<'v>(&mut self, value: impl Into<Option<&'v str>>) -> Result<(), StoreError> {
        let value = value.into().map(clean);
        match &mut self.target {
            Target::Sqlite(batch) => batch.text(value.as_deref()),
            Target::Postgres(stream) => stream.add(Cell::Text(value)),
        }
    }

    pub(crate) fn bytes<'v>(&mut self, value: impl Into<Option<&'v [u8]>>) -> Result<(), StoreError> {
        let value = value.into();
        match &mut self.target {
            Target::Sqlite(batch) => Arguments::add(&mut batch.values, value.map(<[u8]>::to_vec)).map_err(StoreError::encode),
            Target::Postgres(stream) => stream.add(Cell::Bytes(value.map(Cow::Borrowed))),
        }
    }

    /// Values of any kind, one after the other.
    pub(crate) fn values(&mut self, values: &[Value]) -> Result<(), StoreError> {
        for value in values {
            match value {
                Value::Int(int) => self.int(*int)?,
                Value::Text(text) => self.text(text.as_deref())?,
                Value::Bytes(bytes) => self.bytes(bytes.as_deref())?,
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
            Target::Sqlite(batch) => batch.end_row().await,
            Target::Postgres(stream) => stream.end_row().await,
        }
    }

    /// Sends the rest; gives the number of rows.
    pub(crate) async fn finish(self) -> Result<u64, StoreError> {
        match self.target {
            Target::Sqlite(batch) => batch.finish().await?,
            Target::Postgres(stream) => stream.finish().await?,
        }
        Ok(self.rows)
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
