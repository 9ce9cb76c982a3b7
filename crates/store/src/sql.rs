//! One statement text for both engines: values are bound and rows are read through this thin layer.

use crate::day_memory::DayMemory;
use crate::load::Loader;
use crate::{Engine, StoreError};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _};
use std::borrow::Cow;
use std::sync::Arc;
use tacho_domain::{Day, Instant, IntegrationId, Measure, Measures, Money, OrganizationId, SubjectId, UserId};

/// A value to bind. Everything stored is one of three kinds.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// A row as either engine gives it; columns are counted from 0.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A transaction. Dropped without a commit it is rolled back.
pub(crate) struct Tx {
    pub(crate) connection: TxConnection,
    /// What the store remembers of days that were read before.
    pub(crate) days: Arc<DayMemory>,
}

/// The connection that a transaction has for itself.
pub(crate) enum TxConnection {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(PgTransaction),
}

/// The driver's own `PostgreSQL` transaction, dropped while `begin`, `commit` or a COPY is under way, gave its connection
/// back to the pool in the wrong state (seen with 0.9.0: the next `begin` failed). Here a connection whose transaction was
/// not ended in good order is closed instead, and the server rolls back.
pub(crate) struct PgTransaction {
    connection: PoolConnection<Postgres>,
    ended: bool,
}

impl PgTransaction {
    pub(crate) async fn begin(pool: &PgPool, statement: &'static str) -> Result<Self, StoreError> {
        let mut tx = Self { connection: pool.acquire().await?, ended: false };
        sqlx::raw_sql(statement).execute(&mut *tx.connection).await?;
        Ok(tx)
    }

    async fn commit(mut self) -> Result<(), StoreError> {
        sqlx::raw_sql("commit").execute(&mut *self.connection).await?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for PgTransaction {
    fn drop(&mut self) {
        if !self.ended {
            self.connection.close_on_drop();
        }
    }
}

/// The values of a statement, in the order of `$1`, `$2`, ...
macro_rules! bind {
    ($($value:expr),* $(,)?) => { &[$($crate::sql::Value::from($value)),*] };
}
pub(crate) use bind;

/// `PostgreSQL` holds no NUL in a text; it is left out on both engines, so that both hold the same.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

macro_rules! int_from {
    ($($kind:ty => |$value:ident| $int:expr),+ $(,)?) => {$(
        impl From<$kind> for Value {
            fn from($value: $kind) -> Self { Self::Int(Some($int)) }
        }
        impl From<Option<$kind>> for Value {
            fn from(value: Option<$kind>) -> Self { Self::Int(value.map(|$value| $int)) }
        }
    )+};
}

int_from! {
    i64 => |v| v,
    i32 => |v| i64::from(v),
    u32 => |v| i64::from(v),
    u16 => |v| i64::from(v),
    bool => |v| i64::from(v),
    OrganizationId => |v| v.0,
    IntegrationId => |v| v.0,
    UserId => |v| v.0,
    SubjectId => |v| i64::from(v.0),
    Day => |v| i64::from(v.0),
    Instant => |v| v.0,
    Money => |v| v.0,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(clean(text).into_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(|text| clean(text).into_owned()))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Some(bytes.to_vec()))
    }
}

impl From<Option<&[u8]>> for Value {
    fn from(bytes: Option<&[u8]>) -> Self {
        Self::Bytes(bytes.map(<[u8]>::to_vec))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Some(bytes))
    }
}

impl Row {
    /// An integer that may be null.
    pub(crate) fn maybe_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(crate) fn maybe_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(crate) fn text(&self, column: usize) -> Result<String, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(crate) fn maybe_bytes(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>, StoreError> {
        Ok(self.maybe_bytes(column)?.unwrap_or_default())
    }

    pub(crate) fn day(&self, column: usize) -> Result<Day, StoreError> {
        let days = self.int(column)?;
        i32::try_from(days).map(Day).map_err(|_| StoreError::damaged("a table", "day", days.to_string(), "beyond the calendar"))
    }

    pub(crate) fn maybe_day(&self, column: usize) -> Result<Option<Day>, StoreError> {
        self.maybe_int(column)?.map(|_| self.day(column)).transpose()
    }

    pub(crate) fn instant(&self, column: usize) -> Result<Instant, StoreError> {
        self.int(column).map(Instant)
    }

    pub(crate) fn maybe_instant(&self, column: usize) -> Result<Option<Instant>, StoreError> {
        Ok(self.maybe_int(column)?.map(Instant))
    }

    /// The measures in these columns, one after the other.
    pub(crate) fn measures(&self, first: usize, measures: &[Measure]) -> Result<Measures, StoreError> {
        let mut sums = Measures::default();
        for (place, &measure) in measures.iter().enumerate() {
            sums[measure] = self.maybe_int(first + place)?;
        }
        Ok(sums)
    }

    /// A flag: null, 0 or 1.
    pub(crate) fn maybe_flag(&self, column: usize) -> Result<Option<bool>, StoreError> {
        Ok(self.maybe_int(column)?.map(|value| value != 0))
    }

    /// A number of members and identities, which is at most `u32::MAX`.
    pub(crate) fn number(&self, column: usize) -> Result<u32, StoreError> {
        let number = self.int(column)?;
        u32::try_from(number).map_err(|_| StoreError::damaged("identities or members", "id", number.to_string(), "beyond 2^32"))
    }

    pub(crate) fn maybe_number(&self, column: usize) -> Result<Option<u32>, StoreError> {
        self.maybe_int(column)?.map(|_| self.number(column)).transpose()
    }
}

/// The same code for both connections: only the types differ.
macro_rules! on {
    ($self:expr, $conn:ident => $run:expr) => {
        match &mut $self.connection {
            TxConnection::Sqlite(tx) => {
                let $conn: &mut SqliteConnection = tx;
                $run
            }
            TxConnection::Postgres(tx) => {
                let $conn: &mut PgConnection = &mut tx.connection;
                $run
            }
        }
    };
}

macro_rules! query {
    ($sql:expr, $values:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql));
        for value in $values {
            query = match value.clone() {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

/// What runs on a connection is boxed here: whoever awaits an `async fn` compiles its body again, in every crate and every
/// part of a crate, and the drivers' bodies are large.
impl Tx {
    /// Which database it is.
    pub(crate) fn engine(&self) -> Engine {
        match self.connection {
            TxConnection::Sqlite(_) => Engine::Sqlite,
            TxConnection::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement; gives how many rows it touched.
    pub(crate) fn execute<'t>(
        &'t mut self,
        sql: impl Into<Cow<'static, str>>,
        values: &'t [Value],
    ) -> BoxFuture<'t, Result<u64, StoreError>> {
        self.execute_text(sql.into(), values)
    }

    fn execute_text<'t>(&'t mut self, sql: Cow<'static, str>, values: &'t [Value]) -> BoxFuture<'t, Result<u64, StoreError>> {
        Box::pin(async move { Ok(on!(self, conn => query!(sql, values).execute(conn).await?.rows_affected())) })
    }

    /// Runs a statement; gives its rows.
    pub(crate) fn fetch<'t>(
        &'t mut self,
        sql: impl Into<Cow<'static, str>>,
        values: &'t [Value],
    ) -> BoxFuture<'t, Result<Vec<Row>, StoreError>> {
        self.fetch_text(sql.into(), values)
    }

    fn fetch_text<'t>(&'t mut self, sql: Cow<'static, str>, values: &'t [Value]) -> BoxFuture<'t, Result<Vec<Row>, StoreError>> {
        Box::pin(async move {
            Ok(match &mut self.connection {
                TxConnection::Sqlite(tx) => {
                    query!(sql, values).fetch_all(&mut **tx).await?.into_iter().map(Row::Sqlite).collect()
                }
                TxConnection::Postgres(tx) => {
                    query!(sql, values).fetch_all(&mut *tx.connection).await?.into_iter().map(Row::Postgres).collect()
                }
            })
        })
    }

    /// Runs a statement without values; gives its rows as they come, for tables that are not to lie in memory.
    pub(crate) fn stream(&mut self, sql: String) -> BoxStream<'_, Result<Row, StoreError>> {
        let query = AssertSqlSafe(sql);
        match &mut self.connection {
            TxConnection::Sqlite(tx) => {
                let rows = sqlx::query(query).persistent(false).fetch(&mut **tx);
                rows.map(|row| row.map(Row::Sqlite).map_err(StoreError::from)).boxed()
            }
            TxConnection::Postgres(tx) => {
                let rows = sqlx::query(query).persistent(false).fetch(&mut *tx.connection);
                rows.map(|row| row.map(Row::Postgres).map_err(StoreError::from)).boxed()
            }
        }
    }

    /// Runs a statement; gives its first row.
    pub(crate) async fn find(&mut self, sql: impl Into<Cow<'static, str>>, values: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.fetch(sql, values).await?.into_iter().next())
    }

    /// Runs several statements without values.
    pub(crate) fn run(&mut self, sql: String) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            on!(self, conn => { sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?; });
            Ok(())
        })
    }

    /// Loads many rows into a table in which none of their keys exists.
    pub(crate) fn loader<'t>(&'t mut self, table: &str, columns: &[&str]) -> Loader<'t> {
        match &mut self.connection {
            TxConnection::Sqlite(tx) => Loader::sqlite(tx, table, columns),
            TxConnection::Postgres(tx) => Loader::postgres(&mut tx.connection, table, columns),
        }
    }

    pub(crate) fn commit(self) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move {
            match self.connection {
                TxConnection::Sqlite(tx) => tx.commit().await?,
                TxConnection::Postgres(tx) => tx.commit().await?,
            }
            Ok(())
        })
    }
}

/// `$first, $first+1, ...` for a list of values. Lists are padded to a power of two by repeating their last value, so
/// that few statement texts exist and each stays prepared.
pub(crate) fn list_of(first: usize, values: &mut Vec<Value>) -> String {
    let count = values.len() + 1 - first;
    if let Some(last) = values.last().cloned() {
        values.resize(first - 1 + count.next_power_of_two(), last);
    }
    (first..=values.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(",")
}

/// How many values a list statement gets at most.
pub(crate) const LIST: usize = 512;
