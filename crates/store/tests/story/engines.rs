//! A fresh database on each engine, and every row of it as text.

use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, Row};
use tacho_store::{Engine, Store};

/// A fresh database with a second way into it, which sees what is really stored.
pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) url: String,
    raw: Raw,
    _folder: Option<tempfile::TempDir>,
}

enum Raw {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The tables whose rows hold chance (sealed texts) are not compared.
const CHANCE: [&str; 7] =
    ["data_keys", "credentials", "second_factors", "round_trips", "people_salts", "erased_keys", "webhook_secrets"];

/// A fresh database on each engine; only `TACHO_TEST_POSTGRES=off` leaves `PostgreSQL` out.
pub(crate) async fn both() -> Vec<Database> {
    let mut databases = vec![sqlite().await];
    #[expect(clippy::disallowed_methods, reason = "where the test database is, the environment says")]
    let server = std::env::var("TACHO_TEST_POSTGRES");
    match server.as_deref() {
        Ok("off") => {
            #[expect(clippy::print_stderr, reason = "whoever reads the test's output must see what it left out")]
            {
                eprintln!("PostgreSQL is skipped: TACHO_TEST_POSTGRES=off");
            }
        }
        Ok(server) => databases.push(postgres(server).await),
        Err(std::env::VarError::NotPresent | std::env::VarError::NotUnicode(_)) => {
            panic!("set TACHO_TEST_POSTGRES to the postgres:// address of a running server, or to `off` to skip it")
        }
    }
    databases
}

pub(crate) async fn sqlite() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tacho.db");
    let url = format!("sqlite:{}", path.display());
    let store = Store::open(&url.clone().into(), 4).await.unwrap();
    let raw = SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.unwrap();
    Database { store, url, raw: Raw::Sqlite(raw), _folder: Some(folder) }
}

async fn postgres(server: &str) -> Database {
    let name = format!("tacho_story_{:016x}", rand::random::<u64>());
    let admin = PgPoolOptions::new().max_connections(1).connect(server).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&admin).await.unwrap();
    admin.close().await;
    let (host, _) = server.rsplit_once('/').unwrap();
    let url = format!("{host}/{name}");
    let store = Store::open(&url.clone().into(), 4).await.unwrap();
    let raw = PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    Database { store, url, raw: Raw::Postgres(raw), _folder: None }
}

impl Database {
    /// Closes the database and, on a server, drops it.
    pub(crate) async fn drop(self) {
        self.store.close().await;
        match self.raw {
            Raw::Sqlite(pool) => pool.close().await,
            Raw::Postgres(pool) => {
                pool.close().await;
                let (host, name) = self.url.rsplit_once('/').unwrap();
                let admin = PgPoolOptions::new().max_connections(1).connect(&format!("{host}/postgres")).await.unwrap();
                sqlx::query(AssertSqlSafe(format!("drop database {name}"))).execute(&admin).await.unwrap();
                admin.close().await;
            }
        }
    }

    /// Runs a statement behind the store's back: damage, or a look.
    pub(crate) async fn run(&self, sql: &str) -> u64 {
        match &self.raw {
            Raw::Sqlite(pool) => sqlx::query(AssertSqlSafe(sql)).execute(pool).await.unwrap().rows_affected(),
            Raw::Postgres(pool) => sqlx::query(AssertSqlSafe(sql)).execute(pool).await.unwrap().rows_affected(),
        }
    }

    /// The same where it may be refused.
    pub(crate) async fn try_run(&self, sql: &str) -> Result<u64, sqlx::Error> {
        Ok(match &self.raw {
            Raw::Sqlite(pool) => sqlx::query(AssertSqlSafe(sql)).execute(pool).await?.rows_affected(),
            Raw::Postgres(pool) => sqlx::query(AssertSqlSafe(sql)).execute(pool).await?.rows_affected(),
        })
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        match &self.raw {
            Raw::Sqlite(pool) => {
                sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap().iter().map(|r| r.get(0)).collect()
            }
            Raw::Postgres(pool) => {
                sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap().iter().map(|r| r.get(0)).collect()
            }
        }
    }

    /// The bytes that a statement gives.
    pub(crate) async fn bytes(&self, sql: &str) -> Vec<Vec<u8>> {
        match &self.raw {
            Raw::Sqlite(pool) => {
                sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap().iter().map(|r| r.get(0)).collect()
            }
            Raw::Postgres(pool) => {
                sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap().iter().map(|r| r.get(0)).collect()
            }
        }
    }

    /// Whether these bytes stand anywhere in a column.
    pub(crate) async fn holds_bytes(&self, table: &str, column: &str, bytes: &[u8]) -> bool {
        let text = match self.store.engine() {
            Engine::Sqlite => format!("lower(hex({column}))"),
            Engine::Postgres => format!("encode({column}, 'hex')"),
        };
        let rows = self.texts(&format!("select {text} from {table}")).await;
        assert!(!rows.is_empty(), "there is nothing to look at");
        rows.iter().any(|row| row.contains(&hex::encode(bytes)))
    }

    /// Every row of every table, sorted; both engines write the same text.
    pub(crate) async fn dump(&self) -> Vec<String> {
        let mut tables = match self.store.engine() {
            Engine::Sqlite => self.texts("select name from sqlite_schema where type = 'table' and name not like 'sqlite%'").await,
            Engine::Postgres => {
                self.texts("select table_name::text from information_schema.tables where table_schema = 'public'").await
            }
        };
        tables.retain(|table| !CHANCE.contains(&table.as_str()));
        tables.sort();
        let mut dump = Vec::new();
        for table in tables {
            let mut rows = self.texts(&self.row_text(&table).await).await;
            rows.sort();
            dump.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
        }
        dump
    }

    /// A statement that gives each row of a table as one text.
    async fn row_text(&self, table: &str) -> String {
        let columns = match self.store.engine() {
            Engine::Sqlite => self.texts(&format!("select name || ' ' || lower(type) from pragma_table_info('{table}')")).await,
            Engine::Postgres => {
                let sql = "select column_name || ' ' || data_type from information_schema.columns where table_schema = 'public'";
                self.texts(&format!("{sql} and table_name = '{table}' order by ordinal_position")).await
            }
        };
        let text = |column: &String| {
            let (name, kind) = column.split_once(' ').unwrap();
            let text = match kind {
                "blob" => format!("hex({name})"),
                "bytea" => format!("upper(encode({name}, 'hex'))"),
                _ => format!("cast({name} as text)"),
            };
            format!("case when {name} is null then '' else '{name}=' || {text} || ' ' end")
        };
        format!("select {} from {table}", columns.iter().map(text).collect::<Vec<_>>().join(" || "))
    }

    /// The dump of these tables only.
    pub(crate) async fn dump_of(&self, tables: &[&str]) -> Vec<String> {
        let mut dump = self.dump().await;
        dump.retain(|row| tables.iter().any(|table| row.starts_with(&format!("{table}: "))));
        dump
    }
}
