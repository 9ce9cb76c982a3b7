//! A stage for whole journeys: the simulated vendors over real HTTP, the real transport (which waits for nothing), a store
//! of its own, a clock that stands still until a test moves it.
#![allow(dead_code, reason = "every test file is a program of its own and uses a part of the stage")]

use secrecy::SecretString;
use sqlx::{Connection, Executor};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use tacho_connectors::Settings;
use tacho_domain::report::Question;
use tacho_domain::{Clock, Day, Dimension, Instant, IntegrationId, OrganizationId, Window};
use tacho_simulator::{Config, Running, Simulator, Tool, Vendor};
use tacho_store::{MasterKey, Store, Vault};
use tacho_sync::{Connect, Engine, Scope, Step, Summary, SyncError};
use tacho_transport::{Policy, Surroundings, Transport};
use tokio_util::sync::CancellationToken;

/// The day all of this happens on.
pub(crate) fn today() -> Day {
    "2026-11-20".parse().unwrap()
}

/// Everything a journey needs.
pub(crate) struct Stage {
    pub(crate) simulator: Running,
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    pub(crate) organization: OrganizationId,
    pub(crate) vault: Arc<Vault>,
    pub(crate) folder: tempfile::TempDir,
    url: SecretString,
    now: Arc<AtomicI64>,
    transport: Transport,
}

/// Runs a journey on the database inside, and on a server where `TACHO_TEST_POSTGRES` names one.
pub(crate) async fn on_each_engine(journey: impl AsyncFn(Stage)) {
    on_each_engine_with(small, journey).await;
}

/// The same with an organization of the journey's own.
pub(crate) async fn on_each_engine_with(config: impl Fn() -> Config, journey: impl AsyncFn(Stage)) {
    journey(Stage::of(config()).await).await;
    if let Some(server) = postgres() {
        let url = own_database(&server).await;
        journey(Stage::at(config(), url, tempfile::tempdir().unwrap()).await).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "scripts/test says here where its PostgreSQL is")]
fn postgres() -> Option<String> {
    std::env::var("TACHO_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// Makes a database of its own on the server, so that tests do not see each other's jobs and keys.
async fn own_database(server: &str) -> SecretString {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("sync_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = sqlx::PgConnection::connect(server).await.unwrap();
    for statement in [format!("drop database if exists {name}"), format!("create database {name}")] {
        connection.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    }
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(&name);
    url.to_string().into()
}

/// A sync of the four weeks there are.
pub(crate) fn four_weeks() -> Scope {
    Scope { days: 28, ..Scope::default() }
}

/// Six people over four weeks.
pub(crate) fn small() -> Config {
    Config { members: 6, teams: 2, days: 28, github_token_ends: Some(today().plus(10)), ..Config::new(11, today()) }
}

impl Stage {
    /// A small organization in a file.
    pub(crate) async fn new() -> Self {
        Self::of(small()).await
    }

    /// An organization in a file.
    pub(crate) async fn of(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("tacho.db").display()).into();
        Self::at(config, url, folder).await
    }

    async fn at(config: Config, url: SecretString, folder: tempfile::TempDir) -> Self {
        let now = Arc::new(AtomicI64::new(config.today.start().plus_seconds(8 * 3600).0));
        let simulator = Simulator::start(config).await.unwrap();
        let store = Store::open(&url, 2).await.unwrap();
        let organization = store.ensure_organization("acme", read(&now)).await.unwrap();
        let master = MasterKey::from_base64(&"NzIyYjU2ZTEzZjhkNGM5MGE3MTVlMmI4ZDZjMzlmMDQ=".into());
        let vault = Arc::new(Vault::new(master.unwrap()));
        let transport = transport(simulator.hosts(), clock(&now));
        let engine = Engine::new(store.clone(), transport.clone(), Arc::clone(&vault), clock(&now));
        Self { simulator, engine, store, organization, vault, folder, url, now, transport }
    }

    /// Another process over the same database: nothing of the engine's memory is left.
    pub(crate) async fn another_process(&mut self) {
        self.store = Store::open(&self.url, 2).await.unwrap();
        self.engine = Engine::new(self.store.clone(), self.transport.clone(), Arc::clone(&self.vault), clock(&self.now));
    }

    /// An engine over the same store that dies at the nth time (from 0) it passes a step.
    pub(crate) fn mortal(&self, step: Step, nth: u32) -> Engine {
        let passed = AtomicU32::new(0);
        self.engine.clone().with_hook(Arc::new(move |at| {
            assert!(!(at == step && passed.fetch_add(1, Ordering::Relaxed) == nth), "died at {step:?}, as told");
        }))
    }

    /// An engine that may call that host and port as well.
    pub(crate) fn engine_allowing(&self, host: &str) -> Engine {
        let mut hosts = self.simulator.hosts();
        hosts.push(host.to_owned());
        let transport = transport(hosts, clock(&self.now));
        Engine::new(self.store.clone(), transport, Arc::clone(&self.vault), clock(&self.now))
    }

    pub(crate) fn now(&self) -> Instant {
        read(&self.now)
    }

    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    pub(crate) fn secret(&self, vendor: Vendor) -> SecretString {
        let secrets = self.simulator.secrets();
        match vendor {
            Vendor::Github => secrets.github,
            Vendor::Anthropic => secrets.anthropic,
            Vendor::Cursor => secrets.cursor,
        }
        .into()
    }

    pub(crate) fn request(&self, vendor: Vendor) -> Connect {
        let base = ("base_url".to_owned(), self.simulator.base_url(vendor).to_owned());
        let (id, more) = match vendor {
            Vendor::Github => ("github_copilot", Some(("organization".to_owned(), self.simulator.organization().to_owned()))),
            Vendor::Anthropic => ("claude_console", None),
            Vendor::Cursor => ("cursor", None),
        };
        Connect {
            connector_id: id.to_owned(),
            name: None,
            settings: Settings::new(std::iter::once(base).chain(more)),
            secret: self.secret(vendor),
            auth: tacho_store::AuthKind::Secret,
            extra_scopes: Vec::new(),
            owner: None,
        }
    }

    pub(crate) async fn connect(&self, vendor: Vendor) -> IntegrationId {
        self.engine.connect(self.organization, self.request(vendor), &CancellationToken::new()).await.unwrap()
    }

    /// Connects the pull requests, with these settings besides.
    pub(crate) async fn connect_delivery(&self, more: &[(&str, &str)]) -> IntegrationId {
        let more = more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let mut request = Connect { connector_id: "github_delivery".to_owned(), ..self.request(Vendor::Github) };
        request.settings.0.extend(more);
        self.engine.connect(self.organization, request, &CancellationToken::new()).await.unwrap()
    }

    /// An engine over the same store that waits as long as vendors ask and as its manners say.
    pub(crate) fn patient_engine(&self) -> Engine {
        let policy = Policy { allowed_private: self.simulator.hosts(), jitter_seed: Some(1), ..Policy::default() };
        let transport = Transport::new(policy, clock(&self.now)).unwrap();
        Engine::new(self.store.clone(), transport, Arc::clone(&self.vault), clock(&self.now))
    }

    /// Syncs the four weeks.
    pub(crate) async fn sync(&self, id: IntegrationId) -> Result<Summary, SyncError> {
        self.sync_with(&self.engine, id).await
    }

    pub(crate) async fn sync_with(&self, engine: &Engine, id: IntegrationId) -> Result<Summary, SyncError> {
        engine.sync(self.organization, id, &four_weeks(), &CancellationToken::new()).await
    }

    /// Everything that figures are made of, as text: rows, totals, splits, states of days, the Overview. Instants are left
    /// out, since they tell when and not what.
    pub(crate) async fn dump(&self) -> String {
        let window = Window { from: today().minus(60), to: today().plus(30) };
        let mut lines = Vec::new();
        let each = |row: tacho_store::ExportRow| {
            let measures = serde_json::to_string(&row.measures).unwrap();
            lines.push(format!(
                "{} {} {}/{} {:?} {:?} {:?} {measures}",
                row.day,
                row.tool,
                row.identity,
                row.kind.as_str(),
                row.member_email,
                row.active,
                row.agent
            ));
        };
        self.store.export_usage(self.organization, window, each).await.unwrap();
        lines.sort();
        let mut text = lines.join("\n");
        for dimension in Dimension::ALL {
            for split in self.store.list_splits(self.organization, dimension, window).await.unwrap() {
                writeln!(text, "\n{dimension:?} {} {} {}", split.tool, split.value, serde_json::json!(split.measures)).unwrap();
            }
        }
        for total in self.store.list_totals(self.organization, window).await.unwrap() {
            write!(text, "\n{} {} {} {}", total.day, total.stream, total.name, total.value).unwrap();
        }
        for integration in self.store.list_integrations(self.organization).await.unwrap() {
            for row in self.store.list_slices(self.organization, integration.id, None, window).await.unwrap() {
                let checksum = row.checksum.map(|sum| sum[..4].to_vec());
                write!(text, "\n{} {} {:?} {:?} {}", row.stream, row.day, row.state, checksum, row.rows).unwrap();
            }
        }
        let question = Question::overview(self.organization, Window::ending(today(), 28));
        let mut overview = self.store.overview(&question, &tacho_connectors::tool_profiles()).await.unwrap();
        overview.provenance.last_synced = None;
        // Numbers are given in the order people are first met, which is nobody's business here.
        overview.members.rows.iter_mut().for_each(|row| row.subject = tacho_domain::SubjectId(0));
        overview.members.rows.sort_by(|a, b| a.name.cmp(&b.name));
        writeln!(text, "\n{}", serde_json::to_string_pretty(&overview).unwrap()).unwrap();
        text
    }

    /// Interactions that the store has of a tool and the truth of the simulator, over the four weeks but for today.
    pub(crate) async fn interactions(&self, tool: Tool) -> (Option<i64>, Option<i64>) {
        let window = Window::ending(today().minus(1), 27);
        let id = match tool {
            Tool::Copilot => "github_copilot",
            Tool::Claude => "claude_code",
            Tool::Cursor => "cursor",
        };
        let mut found = None;
        let each = |row: tacho_store::ExportRow| {
            if row.tool.as_str() == id {
                found = tacho_domain::measure::plus(found, row.measures[tacho_domain::Measure::Interactions]);
            }
        };
        self.store.export_usage(self.organization, window, each).await.unwrap();
        (found, self.simulator.truth().interactions(window, tool))
    }

    /// Every file of the database, its journal and shared memory included.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

fn read(now: &AtomicI64) -> Instant {
    Instant(now.load(Ordering::Relaxed))
}

fn clock(now: &Arc<AtomicI64>) -> Clock {
    let now = Arc::clone(now);
    Arc::new(move || read(&now))
}

/// The real transport, allowed to call these hosts, which waits for nothing.
fn transport(hosts: Vec<String>, clock: Clock) -> Transport {
    let policy = Policy { allowed_private: hosts, jitter_seed: Some(1), ..Policy::default() };
    let surroundings = Surroundings { rest: Arc::new(|_| Box::pin(async {})), ..Surroundings::real(clock) };
    Transport::within(policy, surroundings).unwrap()
}

/// Shows where two dumps differ.
#[track_caller]
pub(crate) fn assert_same(found: &str, expected: &str, what: &str) {
    if found == expected {
        return;
    }
    let differ: Vec<String> = found
        .lines()
        .zip(expected.lines())
        .filter(|(found, expected)| found != expected)
        .take(6)
        .map(|(found, expected)| format!("found    {found}\nexpected {expected}"))
        .collect();
    panic!("{what}: {} lines, expected {}\n{}", found.lines().count(), expected.lines().count(), differ.join("\n"));
}
