//! The two engines behind one door: opening, pools, transactions.

use crate::day_memory::DayMemory;
use crate::facts::IdentityCache;
use crate::people::DirectoryCache;
use crate::sql::{PgTransaction, Row, Tx, TxConnection, Value};
use crate::{StoreError, migrations};
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file, inside the program.
    Sqlite,
    /// A server, for several replicas.
    Postgres,
}

/// Connections to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolState {
    /// Open ones.
    pub open: u32,
    /// Of these, the ones that nobody uses now.
    pub idle: u32,
    /// The most there may be.
    pub most: u32,
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
    pub(crate) directories: Arc<DirectoryCache>,
    pub(crate) identities: Arc<IdentityCache>,
    days: Arc<DayMemory>,
}

#[derive(Clone)]
enum Pools {
    /// `SQLite` has one writer at a time; a pool of one queues them instead of letting them collide.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

/// How often the opening of a database is tried while another process opens it too.
const OPENING_TRIES: u32 = 100;
/// The pause between two tries.
const OPENING_PAUSE: Duration = Duration::from_millis(20);

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the database at `sqlite:<path>` (made with mode 0600 if there is none) or `postgres://...`, and migrates it.
    ///
    /// # Errors
    /// When it cannot be reached, or a newer Tacho wrote it. The address is never in the message.
    pub async fn open(url: &SecretString, readers: u32) -> Result<Self, StoreError> {
        let store = Self::connect(url, readers, true).await?;
        migrations::run(&store).await?;
        Ok(store)
    }

    /// Opens the database as it is. Without `foreign_keys`, `SQLite` does not hold rows to them: for a restore, which looks
    /// at all of them in the end.
    pub(crate) async fn connect(url: &SecretString, readers: u32, foreign_keys: bool) -> Result<Self, StoreError> {
        #[expect(clippy::disallowed_methods, reason = "the address may hold a password; it goes to the driver only")]
        let url = url.expose_secret().trim();
        let pools = if let Some(path) = url.strip_prefix("sqlite:") {
            open_sqlite(Path::new(path.strip_prefix("//").unwrap_or(path)), readers.max(1), foreign_keys).await?
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options: PgConnectOptions =
                url.parse::<PgConnectOptions>()?.application_name("tacho").disable_statement_logging();
            let pool = PgPoolOptions::new().max_connections(readers.max(1) + 2).connect_with(options).await?;
            Pools::Postgres(pool)
        } else {
            return Err(StoreError::invalid("the database's address must begin with `sqlite:` or `postgres:`"));
        };
        Ok(Self { pools, directories: Arc::default(), identities: Arc::default(), days: Arc::default() })
    }

    /// Which database it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// How many connections there are.
    #[must_use]
    pub fn pool_state(&self) -> PoolState {
        let add = |state: PoolState, open: u32, idle: usize, most: u32| PoolState {
            open: state.open + open,
            idle: state.idle + u32::try_from(idle).unwrap_or(u32::MAX),
            most: state.most + most,
        };
        match &self.pools {
            Pools::Sqlite { writer, readers } => [writer, readers].iter().fold(PoolState::default(), |state, pool| {
                add(state, pool.size(), pool.num_idle(), pool.options().get_max_connections())
            }),
            Pools::Postgres(pool) => {
                add(PoolState::default(), pool.size(), pool.num_idle(), pool.options().get_max_connections())
            }
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.fetch("select count(*) from organizations", &[]).await.map(drop)
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// Begins a transaction that writes.
    pub(crate) fn begin(&self) -> BoxFuture<'_, Result<Tx, StoreError>> {
        Box::pin(async {
            Ok(self.tx(match &self.pools {
                Pools::Sqlite { writer, .. } => TxConnection::Sqlite(writer.begin_with("begin immediate").await?),
                Pools::Postgres(pool) => TxConnection::Postgres(PgTransaction::begin(pool, "begin").await?),
            }))
        })
    }

    /// Begins a transaction that only reads: all its statements see the same moment.
    pub(crate) fn begin_reading(&self) -> BoxFuture<'_, Result<Tx, StoreError>> {
        Box::pin(async {
            Ok(self.tx(match &self.pools {
                Pools::Sqlite { readers, .. } => TxConnection::Sqlite(readers.begin().await?),
                Pools::Postgres(pool) => {
                    TxConnection::Postgres(PgTransaction::begin(pool, "begin isolation level repeatable read read only").await?)
                }
            }))
        })
    }

    fn tx(&self, connection: TxConnection) -> Tx {
        Tx { connection, days: self.days.clone() }
    }

    /// One reading statement.
    pub(crate) async fn fetch(&self, sql: impl Into<Cow<'static, str>>, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let rows = tx.fetch(sql, values).await?;
        tx.commit().await?;
        Ok(rows)
    }

    /// One reading statement, its first row.
    pub(crate) async fn find(&self, sql: impl Into<Cow<'static, str>>, values: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.fetch(sql, values).await?.into_iter().next())
    }

    /// One writing statement; gives how many rows it touched.
    pub(crate) async fn execute(&self, sql: impl Into<Cow<'static, str>>, values: &[Value]) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let touched = tx.execute(sql, values).await?;
        tx.commit().await?;
        Ok(touched)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({:?})", self.engine())
    }
}

async fn open_sqlite(path: &Path, readers: u32, foreign_keys: bool) -> Result<Pools, StoreError> {
    if path.as_os_str().is_empty() || path.to_str() == Some(":memory:") {
        return Err(StoreError::invalid("the database needs a file: `sqlite:<path>`"));
    }
    make_private(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(foreign_keys)
        .pragma("cache_size", "-65536")
        // A report's rows in one go: with the default of 50 the driver's thread and ours take turns all the time.
        .row_buffer_size(1024)
        .disable_statement_logging();
    // Connections stay: a new one has cold caches and no prepared statements.
    let pool = |connections| SqlitePoolOptions::new().max_connections(connections).idle_timeout(None).max_lifetime(None);
    // Turning a new file to write-ahead logging needs it alone, and `SQLite` does not wait for that as it waits for other
    // locks: of two processes that open it at once, one tries again.
    let mut tries = 0;
    let writer = loop {
        match pool(1).connect_with(options.clone()).await {
            Err(error) if is_locked(&error) && tries < OPENING_TRIES => tokio::time::sleep(OPENING_PAUSE).await,
            opened => break opened?,
        }
        tries += 1;
    };
    let readers = pool(readers).connect_with(options.pragma("query_only", "on")).await?;
    Ok(Pools::Sqlite { writer, readers })
}

/// Whether another connection is in the way. The low byte of `SQLite`'s code is the primary one: 5 busy, 6 locked.
fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code).and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// Makes the file with mode 0600 before `SQLite` would make it readable to others; its side files take the same mode.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}
