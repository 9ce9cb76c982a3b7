//! `tacho doctor`: what is wrong, in plain words, and how to mend it.

use crate::command::integrations::state;
use crate::config::{Configuration, Environment, keys};
use crate::failure::{Exit, Failure, Outcome};
use crate::wiring::open_store;
use crate::{door, master_key, output};
use clap::Args;
use std::path::Path;
use tacho_connectors::CONNECTORS;
use tacho_domain::Instant;
use tacho_store::{Engine, Integration, IntegrationState, Store};

/// Check configuration, data folder, database, clock and connections, and say how to mend what is wrong
#[derive(Debug, Args)]
pub(crate) struct Doctor {}

/// A daily schedule has come round, and a late vendor has had an hour.
const STALE_SECONDS: i64 = 26 * 3_600;
/// The day this version was made on: a clock before it is wrong.
const MADE_ON: &str = "2026-11-01";

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    /// Worth knowing.
    Note,
    /// Has to be mended.
    Bad,
}

/// The findings so far.
#[derive(Debug, Default)]
struct Findings {
    lines: Vec<String>,
    bad: usize,
}

impl Findings {
    fn add(&mut self, verdict: Verdict, text: impl AsRef<str>, fix: impl AsRef<str>) {
        let mark = match verdict {
            Verdict::Good => "ok  ",
            Verdict::Note => "note",
            Verdict::Bad => "BAD ",
        };
        self.bad += usize::from(verdict == Verdict::Bad);
        self.lines.push(format!("{mark}  {}", text.as_ref()));
        if verdict != Verdict::Good && !fix.as_ref().is_empty() {
            self.lines.push(format!("      hint: {}", fix.as_ref()));
        }
    }

    fn good(&mut self, text: impl AsRef<str>) {
        self.add(Verdict::Good, text, "");
    }
}

impl Doctor {
    pub(crate) async fn run(&self, configuration: &Configuration, environment: &Environment) -> Outcome {
        let now = door::clock()();
        let mut findings = Findings::default();
        look_at_configuration(&mut findings, configuration, environment);
        look_at_clock(&mut findings, now);
        if look_at_folder(&mut findings, configuration) {
            match open_store(configuration).await {
                Ok(store) => look_at_store(&mut findings, configuration, &store, now).await,
                Err(failure) => findings.add(
                    Verdict::Bad,
                    format!("database: {failure}"),
                    "`tacho serve` will not start until this is mended",
                ),
            }
        }
        output::line(&findings.lines.join("\n"))?;
        match findings.bad {
            0 => Ok(()),
            1 => Err(Failure::new(Exit::Unhealthy, "one thing has to be mended")),
            many => Err(Failure::new(Exit::Unhealthy, format!("{many} things have to be mended"))),
        }
    }
}

fn look_at_configuration(findings: &mut Findings, configuration: &Configuration, environment: &Environment) {
    match &configuration.file {
        Some(file) => findings.good(format!("configuration: `{}`, the environment and defaults", file.display())),
        None => findings.good("configuration: the environment and defaults, no tacho.toml"),
    }
    for name in environment.names("TACHO_").filter(|name| !is_known_variable(name)) {
        findings.add(
            Verdict::Note,
            format!("configuration: {name} is set and means nothing to Tacho"),
            "check its spelling against docs/configuration.md",
        );
    }
    if let Some(schedule) = &configuration.schedule
        && let Err(error) = schedule.parse::<tacho_sync::Timetable>()
    {
        findings.add(Verdict::Bad, format!("schedule: {error}"), "for example `0 2 * * *`, or `off`");
    }
    let secure = configuration.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    if !configuration.listen.ip().is_loopback() && !secure {
        findings.add(
            Verdict::Note,
            format!("network: the server listens on {}, beyond this machine, and its address is not https", configuration.listen),
            "put a proxy with a certificate in front and set public_url to its https address",
        );
    }
}

fn is_known_variable(name: &str) -> bool {
    let or_file = |variable: &str| name == variable || name.strip_suffix("_FILE") == Some(variable);
    let of_key = |key: &keys::Key| name == key.variable() || (key.secret && or_file(&key.variable()));
    let of_connector = CONNECTORS.iter().any(|connector| or_file(connector.profile().credential.environment));
    let of_tests = name == "TACHO_PAYLOADS" || name.starts_with("TACHO_TEST_");
    keys::KEYS.iter().any(of_key) || of_connector || of_tests || name == "TACHO_CONFIG"
}

fn look_at_clock(findings: &mut Findings, now: Instant) {
    let made_on = MADE_ON.parse().map_or(Instant(0), tacho_domain::Day::start);
    if now < made_on {
        findings.add(
            Verdict::Bad,
            format!("clock: it says {now}, which is before this version was made"),
            "set the machine's clock (NTP)",
        );
    } else {
        findings.good(format!("clock: {now}"));
    }
}

/// Gives whether it is worth opening the database.
fn look_at_folder(findings: &mut Findings, configuration: &Configuration) -> bool {
    let folder = &configuration.data;
    if !folder.exists() {
        let elsewhere = configuration.database_url.is_some() && configuration.master_key.is_some();
        if elsewhere {
            findings.good("data folder: not needed");
        } else {
            findings.add(Verdict::Note, format!("data folder: there is no `{}` yet", folder.display()), "`tacho serve` makes it");
        }
        return configuration.database_url.is_some();
    }
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => findings.good(format!("data folder: `{}` can be written", folder.display())),
        Err(error) => {
            findings.add(
                Verdict::Bad,
                format!("data folder: `{}` cannot be written: {error}", folder.display()),
                "give this user the right to, or choose another with TACHO_DATA",
            );
        }
    }
    for (path, most) in [(folder.clone(), 0o750), (folder.join("tacho.db"), 0o600), (master_key::path(configuration), 0o600)] {
        look_at_mode(findings, &path, most);
    }
    true
}

#[cfg(unix)]
fn look_at_mode(findings: &mut Findings, path: &Path, most: u32) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = path.metadata() else { return };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & !most != 0 {
        findings.add(
            Verdict::Bad,
            format!("permissions: `{}` has mode {mode:o}, so that others can read it", path.display()),
            format!("chmod {:o} '{}'", mode & most, path.display()),
        );
    }
}

#[cfg(not(unix))]
fn look_at_mode(_: &mut Findings, _: &Path, _: u32) {}

async fn look_at_store(findings: &mut Findings, configuration: &Configuration, store: &Store, now: Instant) {
    let engine = match store.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    if let Err(error) = store.ping().await {
        findings.add(
            Verdict::Bad,
            format!("database: {engine} does not answer: {error}"),
            "check that it runs and that its disk has room",
        );
        return;
    }
    findings.good(format!("database: {engine} answers"));
    if store.engine() == Engine::Postgres && configuration.master_key.is_none() {
        findings.add(
            Verdict::Note,
            "master key: it lies in this machine's data folder, so other replicas cannot open the credentials",
            "give every replica the same TACHO_MASTER_KEY_FILE",
        );
    }
    if let Err(failure) = master_key::vault(configuration, store).await {
        findings.add(
            Verdict::Bad,
            format!("master key: {failure}"),
            "give the key that the credentials were sealed with, or connect again",
        );
    } else {
        findings.good("master key: opens the stored credentials");
    }
    if let Err(failure) = look_at_integrations(findings, store, now).await {
        findings.add(Verdict::Bad, format!("database: {failure}"), "");
    }
}

async fn look_at_integrations(findings: &mut Findings, store: &Store, now: Instant) -> Outcome {
    let mut count = 0;
    for organization in store.list_organizations().await? {
        for integration in store.list_integrations(organization.id).await? {
            count += 1;
            look_at_integration(findings, &integration, now);
            for part in store.list_stream_failures(organization.id, integration.id).await? {
                let text = format!("{}: {}: {}", integration.name, part.stream, part.failure.cause);
                findings.add(Verdict::Note, text, part.failure.fix);
            }
        }
    }
    if count == 0 {
        findings.add(
            Verdict::Note,
            "connections: nothing is connected",
            "`tacho connect github_copilot`, `claude_console` or `cursor`",
        );
    }
    Ok(())
}

fn look_at_integration(findings: &mut Findings, integration: &Integration, now: Instant) {
    let name = &integration.name;
    if let Some(failure) = &integration.failure {
        let next = integration.next_try_at.map(|at| format!(" Next try: {at}.")).unwrap_or_default();
        findings.add(Verdict::Bad, format!("{name}: {}{next}", failure.cause), &failure.fix);
        return;
    }
    let since = integration.last_synced_at.unwrap_or(integration.created_at);
    if since > now.plus_seconds(300) {
        findings.add(
            Verdict::Bad,
            format!("clock: {name} was last synced at {since}, which is in the future"),
            "set the machine's clock (NTP)",
        );
    } else if integration.state == IntegrationState::Connected && since.plus_seconds(STALE_SECONDS) < now {
        findings.add(
            Verdict::Note,
            format!("{name}: nothing was read since {since}"),
            "is `tacho serve` running, with a worker and a schedule? `tacho sync` reads at once",
        );
    } else {
        findings.good(format!("{name}: {}", state(integration)));
    }
}
