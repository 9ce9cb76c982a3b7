//! The whole house for a test: the simulated vendors over real HTTP, connected by the ordinary path, over a database of the
//! test's own on either engine, at a standing clock.
#![allow(dead_code, reason = "every test file is a program of its own and uses a part of the stage")]

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tacho_connectors::Settings;
use tacho_domain::{Clock, Day, Instant, OrganizationId};
use tacho_simulator::{Config, Running, Simulator, Vendor};
use tacho_store::{MasterKey, Store, Vault};
use tacho_sync::{Connect, Engine, worker};
use tacho_transport::{Policy, Surroundings, Transport};
use tokio_util::sync::CancellationToken;

/// The day all of this happens on.
pub(crate) fn today() -> Day {
    "2026-11-20".parse().unwrap()
}

/// Where the data lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Sqlite,
    Postgres,
}

/// A connected organization whose data is in.
pub(crate) struct Stage {
    pub(crate) simulator: Running,
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) organization: OrganizationId,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) url: String,
    server: Option<String>,
}

impl Stage {
    /// Starts the vendors, connects all three tools and reads everything. `None`: this place is not to be had, because
    /// `TACHO_TEST_POSTGRES` says `off`.
    pub(crate) async fn read(config: Config, place: Place) -> Option<Self> {
        let stage = Self::start(config, place).await?;
        stage.connect().await;
        let stop = CancellationToken::new();
        while worker::run_one(&stage.engine, "stage", &stop).await.unwrap().is_some() {}
        Some(stage)
    }

    async fn start(config: Config, place: Place) -> Option<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let (url, server) = match place {
            Place::Sqlite => (format!("sqlite:{}", folder.path().join("tacho.db").display()), None),
            Place::Postgres => {
                let server = postgres()?;
                (own_database(&server).await, Some(server))
            }
        };
        let now = config.today.start().plus_seconds(8 * 3_600);
        let days = config.days;
        let simulator = Simulator::start(config).await.unwrap();
        let store = Store::open(&url.clone().into(), 2).await.unwrap();
        let organization = store.ensure_organization("Stage", now).await.unwrap();
        let vault = Arc::new(Vault::new(MasterKey::generate(&mut rand::rng())));
        let engine = Engine::new(store.clone(), transport(&simulator, now), vault, clock(now)).reaching_back(days);
        Some(Self { simulator, store, engine, organization, folder, url, server })
    }

    async fn connect(&self) {
        let secrets = self.simulator.secrets();
        let organization = Some(("organization", self.simulator.organization()));
        for (connector, vendor, setting, secret) in [
            ("github_copilot", Vendor::Github, organization, secrets.github),
            ("claude_console", Vendor::Anthropic, None, secrets.anthropic),
            ("cursor", Vendor::Cursor, None, secrets.cursor),
        ] {
            let base_url = ("base_url", self.simulator.base_url(vendor));
            let request = Connect {
                connector_id: connector.to_owned(),
                name: None,
                settings: Settings::new(setting.into_iter().chain([base_url])),
                secret: secret.into(),
                auth: tacho_store::AuthKind::Secret,
                extra_scopes: Vec::new(),
                owner: None,
            };
            self.engine.connect(self.organization, request, &CancellationToken::new()).await.unwrap();
        }
    }

    /// Takes everything down, the database included.
    pub(crate) async fn finish(self) {
        self.store.close().await;
        self.simulator.shutdown().await;
        if let Some(server) = &self.server {
            let name = self.url.rsplit_once('/').unwrap().1;
            let mut connection = PgConnection::connect(server).await.unwrap();
            connection.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await.unwrap();
        }
    }
}

/// A clock that stands still.
pub(crate) fn clock(now: Instant) -> Clock {
    Arc::new(move || now)
}

/// The real transport, which may call the simulator and does not wait between calls.
fn transport(simulator: &Running, now: Instant) -> Transport {
    let policy = Policy { allowed_private: simulator.hosts(), ..Policy::default() };
    let rest: tacho_transport::Rest = Arc::new(|_| Box::pin(tokio::task::yield_now()));
    Transport::within(policy, Surroundings { rest, ..Surroundings::real(clock(now)) }).unwrap()
}

/// The test server; only `off` leaves PostgreSQL out.
#[expect(clippy::disallowed_methods, reason = "scripts/test says here where its PostgreSQL is")]
pub(crate) fn postgres() -> Option<String> {
    let server = std::env::var("TACHO_TEST_POSTGRES");
    let server = server.expect("set TACHO_TEST_POSTGRES to the postgres:// address of a running server, or to `off` to skip it");
    (server != "off").then_some(server)
}

/// Makes a database of its own on the server.
pub(crate) async fn own_database(server: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("tacho_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(server).await.unwrap();
    for statement in [format!("drop database if exists {name} with (force)"), format!("create database {name}")] {
        connection.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    let (host, _) = server.rsplit_once('/').unwrap();
    format!("{host}/{name}")
}

/// A secret for a setting that takes one.
pub(crate) fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}
