//! A store of each engine for the benchmarks: SQLite in a temporary folder, PostgreSQL in a database made and dropped
//! here, and the plainest bulk insert each engine can do, as a reference.

#![allow(dead_code, reason = "each benchmark uses its part of it")]

use secrecy::SecretString;
use sqlx::{Connection, Executor, PgConnection, Row, SqliteConnection};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Instant as Stopwatch;
use tacho_domain::{Instant, IntegrationId, OrganizationId, ToolId};
use tacho_store::{Engine, NewIntegration, Store};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// An open store and the way back to its database.
pub(crate) struct Bench {
    /// The engine's name.
    pub(crate) name: &'static str,
    /// The store under test.
    pub(crate) store: Store,
    /// The one organization in it.
    pub(crate) organization: OrganizationId,
    /// Whether an earlier run has left its data in it.
    pub(crate) is_filled: bool,
    url: String,
    drop_on: Option<(String, String)>,
    _folder: Option<tempfile::TempDir>,
}

/// Processor time that processes have used up to now, all their threads, in milliseconds; nought where nobody tells.
pub(crate) fn processor_ms(processes: &[u32]) -> f64 {
    let threads = processes.iter().flat_map(|process| std::fs::read_dir(format!("/proc/{process}/task"))).flatten().flatten();
    let used = |path: std::path::PathBuf| -> Option<f64> {
        std::fs::read_to_string(path.join("schedstat")).ok()?.split(' ').next()?.parse().ok()
    };
    threads.filter_map(|thread| used(thread.path())).sum::<f64>() / 1e6
}

/// What the environment says.
pub(crate) fn setting(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a benchmark has no configuration but this")]
    std::env::var(name).ok()
}

/// Runs a benchmark on a small runtime, as the server would.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

impl Bench {
    /// SQLite, and PostgreSQL where a server is named.
    pub(crate) async fn all() -> Vec<Self> {
        Self::of_all(None).await
    }

    /// The same with databases that stay, by this name, where `TACHO_BENCH_KEEP` names a folder. Whoever stops a run while
    /// it fills them removes them.
    pub(crate) async fn all_kept(name: &str) -> Vec<Self> {
        let folder = setting("TACHO_BENCH_KEEP");
        Self::of_all(folder.as_deref().map(|folder| (folder, name))).await
    }

    async fn of_all(kept: Option<(&str, &str)>) -> Vec<Self> {
        let mut all = Vec::new();
        if setting("TACHO_BENCH_SQLITE").is_none_or(|wanted| wanted != "off") {
            all.push(Self::sqlite(kept).await);
        }
        match setting("TACHO_TEST_POSTGRES") {
            Some(url) if url != "off" => all.push(Self::postgres(&url, kept.map(|(_, name)| name)).await),
            _ => println!("PostgreSQL: left out, TACHO_TEST_POSTGRES names no server"),
        }
        all
    }

    async fn sqlite(kept: Option<(&str, &str)>) -> Self {
        if let Some((folder, name)) = kept {
            return Self::open("SQLite", format!("sqlite:{folder}/{name}.db"), None, None).await;
        }
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let url = format!("sqlite:{}", folder.path().join("tacho.db").display());
        Self::open("SQLite", url, None, Some(folder)).await
    }

    async fn postgres(server: &str, kept: Option<&str>) -> Self {
        let database = kept.map_or_else(|| format!("tacho_bench_{}", std::process::id()), |name| format!("tacho_bench_{name}"));
        let mut admin = PgConnection::connect(server).await.unwrap();
        let known = sqlx::query("select 1 from pg_database where datname = $1").bind(&database);
        if known.fetch_all(&mut admin).await.unwrap().is_empty() {
            admin.execute(sqlx::AssertSqlSafe(format!("create database {database}"))).await.unwrap();
        }
        let (base, _) = server.rsplit_once('/').unwrap();
        let drop_on = kept.is_none().then(|| (server.to_owned(), database.clone()));
        Self::open("PostgreSQL", format!("{base}/{database}"), drop_on, None).await
    }

    async fn open(name: &'static str, url: String, drop_on: Option<(String, String)>, folder: Option<tempfile::TempDir>) -> Self {
        let store = Store::open(&SecretString::from(url.clone()), 2).await.unwrap();
        let organization = store.ensure_organization("bench", Instant(0)).await.unwrap();
        let is_filled = !store.list_integrations(organization).await.unwrap().is_empty();
        Self { name, store, organization, is_filled, url, drop_on, _folder: folder }
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
        if self.store.engine() == Engine::Postgres {
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
        if self.store.engine() == Engine::Postgres {
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

    /// The processes that answer: this one, and those that the server keeps for it, where they are on this machine.
    pub(crate) async fn processes(&self) -> Vec<u32> {
        let mut processes = vec![std::process::id()];
        if self.store.engine() == Engine::Postgres {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            let sql = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
            for row in sqlx::query(sql).fetch_all(&mut connection).await.unwrap() {
                processes.push(row.get::<i32, _>(0).cast_unsigned());
            }
        }
        processes
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
