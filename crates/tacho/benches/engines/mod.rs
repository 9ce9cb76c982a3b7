//! A store of each engine for the benchmarks: SQLite in a temporary folder, PostgreSQL in a database made and dropped
//! here, and the plainest bulk insert each engine can do, as a reference.

#![allow(dead_code, reason = "each benchmark uses its part of it")]

use secrecy::SecretString;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Instant as Stopwatch;
use tacho_domain::{Instant, IntegrationId, OrganizationId, ToolId};
use tacho_store::{NewIntegration, Store};

/// An open store and the way back to its database.
pub(crate) struct Bench {
    /// The engine's name.
    pub(crate) name: &'static str,
    /// The store under test.
    pub(crate) store: Store,
    /// The one organization in it.
    pub(crate) organization: OrganizationId,
    url: String,
    drop_on: Option<(String, String)>,
    _folder: Option<tempfile::TempDir>,
}

/// Runs a benchmark on a small runtime, as the server would.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

impl Bench {
    /// SQLite, and PostgreSQL where a server is named.
    pub(crate) async fn all() -> Vec<Self> {
        let mut all = vec![Self::sqlite().await];
        #[expect(clippy::disallowed_methods, reason = "a benchmark has no configuration but this")]
        match std::env::var("TACHO_TEST_POSTGRES") {
            Ok(url) if url != "off" => all.push(Self::postgres(&url).await),
            _ => println!("PostgreSQL: left out, TACHO_TEST_POSTGRES names no server"),
        }
        all
    }

    async fn sqlite() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let url = format!("sqlite:{}", folder.path().join("tacho.db").display());
        Self::open("SQLite", url, None, Some(folder)).await
    }

    async fn postgres(server: &str) -> Self {
        let database = format!("tacho_bench_{}", std::process::id());
        let mut admin = PgConnection::connect(server).await.unwrap();
        admin.execute(sqlx::AssertSqlSafe(format!("create database {database}"))).await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        Self::open("PostgreSQL", format!("{base}/{database}"), Some((server.to_owned(), database)), None).await
    }

    async fn open(name: &'static str, url: String, drop_on: Option<(String, String)>, folder: Option<tempfile::TempDir>) -> Self {
        let store = Store::open(&SecretString::from(url.clone()), 2).await.unwrap();
        let organization = store.ensure_organization("bench", Instant(0)).await.unwrap();
        Self { name, store, organization, url, drop_on, _folder: folder }
    }

    /// A new integration of a connector.
    pub(crate) async fn integration(&self, connector: &'static str) -> (OrganizationId, IntegrationId) {
        let (tool, settings) = (ToolId::new(connector), BTreeMap::new());
        let new = NewIntegration { connector, tool: &tool, name: connector, settings: &settings, credential: None, owner: None };
        (self.organization, self.store.add_integration(self.organization, &new, Instant(0)).await.unwrap())
    }

    /// Rows a second of the engine's own fastest bulk insert of twelve numbers a row, without indexes but the key.
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
    pub(crate) async fn bare_insert(&self) -> f64 {
        const ROWS: i64 = 200_000;
        let columns: Vec<String> = (1..=11).map(|n| format!("c{n} bigint")).collect();
        let create = format!("create table bare (id bigint primary key, {})", columns.join(", "));
        let watch;
        if self.drop_on.is_some() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            connection.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
            watch = Stopwatch::now();
            let mut copy = connection.copy_in_raw("copy bare from stdin").await.unwrap();
            let mut text = String::new();
            for id in 0..ROWS {
                writeln!(text, "{id}{}", format!("\t{id}").repeat(11)).unwrap();
                if text.len() > 1 << 20 || id + 1 == ROWS {
                    copy.send(std::mem::take(&mut text).into_bytes()).await.unwrap();
                }
            }
            copy.finish().await.unwrap();
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            connection.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
            watch = Stopwatch::now();
            connection.execute("begin immediate").await.unwrap();
            let row = format!("({})", ["?"; 12].join(","));
            let insert = format!("insert into bare values {}", vec![row; 200].join(","));
            for chunk in 0..ROWS / 200 {
                let mut query = sqlx::query(sqlx::AssertSqlSafe(insert.clone()));
                for id in chunk * 200..(chunk + 1) * 200 {
                    for _ in 0..12 {
                        query = query.bind(id);
                    }
                }
                query.execute(&mut connection).await.unwrap();
            }
            connection.execute("commit").await.unwrap();
        }
        ROWS as f64 / watch.elapsed().as_secs_f64()
    }

    /// Lets the engine look at its tables, as it does by itself in time.
    pub(crate) async fn analyze(&self) {
        if self.drop_on.is_some() {
            PgConnection::connect(&self.url).await.unwrap().execute("vacuum analyze").await.unwrap();
        } else {
            SqliteConnection::connect(&self.url).await.unwrap().execute("analyze").await.unwrap();
        }
    }

    /// The way to the database and back, in milliseconds.
    pub(crate) async fn ping_ms(&self) -> f64 {
        let watch = Stopwatch::now();
        for _ in 0..100 {
            self.store.ping().await.unwrap();
        }
        watch.elapsed().as_secs_f64() * 10.0
    }

    /// Closes the store and drops what was made for it.
    pub(crate) async fn finish(self) {
        self.store.close().await;
        if let Some((server, database)) = self.drop_on {
            let mut admin = PgConnection::connect(&server).await.unwrap();
            admin.execute(sqlx::AssertSqlSafe(format!("drop database {database}"))).await.unwrap();
        }
    }
}
