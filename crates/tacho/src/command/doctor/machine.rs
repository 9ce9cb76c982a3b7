//! What can be seen without the database: configuration, certificate, clock, data folder, disk.

use super::{Findings, bytes};
use crate::config::{Configuration, Environment, keys};
use crate::master_key;
use crate::tls::Tls;
use std::path::Path;
use tacho_connectors::CONNECTORS;
use tacho_domain::Instant;

/// The day this version was made on: a clock before it is wrong.
const MADE_ON: &str = "2026-11-01";

/// With less, a sync may stop in the middle.
const FULL_BYTES: u64 = 256 << 20;
/// With less, it is time to make room.
const TIGHT_BYTES: u64 = 2 << 30;

pub(super) fn look_at_configuration(findings: &mut Findings, configuration: &Configuration, environment: &Environment) {
    match &configuration.file {
        Some(file) => findings.good("configuration", format!("`{}`, the environment and defaults", file.display())),
        None => findings.good("configuration", "the environment and defaults, no tacho.toml"),
    }
    for name in environment.names("TACHO_").filter(|name| !is_known_variable(name)) {
        let text = format!("{name} is set and means nothing to Tacho");
        findings.note("configuration", text, "check its spelling against docs/configuration.md");
    }
    if let Some(schedule) = &configuration.schedule
        && let Err(error) = schedule.parse::<tacho_sync::Timetable>()
    {
        findings.bad("schedule", error.to_string(), "for example `0 2 * * *`, or `off`");
    }
    let (listen, is_beyond) = (configuration.listen, !configuration.listen.ip().is_loopback());
    let https = configuration.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    if is_beyond && !https && configuration.tls.is_none() {
        findings.note(
            "network",
            format!("the server listens on {listen}, beyond this machine, and its address is not https"),
            "give it a certificate (tls_certificate, tls_key), or put a proxy with one in front and set public_url to its https address",
        );
    }
    if https && configuration.tls.is_none() && configuration.trusted_proxies.is_empty() {
        findings.note(
            "network",
            "public_url is https, so a proxy stands in front, and trusted_proxies is empty: all clients look like one",
            "set trusted_proxies to the addresses that the proxy calls from",
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

pub(super) async fn look_at_tls(findings: &mut Findings, configuration: &Configuration) {
    let Some((certificate, key)) = &configuration.tls else { return };
    match Tls::read(certificate.clone(), key.clone()).await {
        Ok(_) => findings.good("certificate", format!("`{}` and its key fit", certificate.display())),
        Err(failure) => findings.bad("certificate", failure.to_string(), "`tacho serve` will not start until this is mended"),
    }
    look_at_mode(findings, key, 0o640);
}

pub(super) fn look_at_clock(findings: &mut Findings, now: Instant) {
    let made_on = MADE_ON.parse().map_or(Instant(0), tacho_domain::Day::start);
    if now < made_on {
        let text = format!("it says {now}, which is before this version was made");
        findings.bad("clock", text, "set the machine's clock (NTP)");
    } else {
        findings.good("clock", now.to_string());
    }
}

/// Gives whether it is worth opening the database.
pub(super) fn look_at_folder(findings: &mut Findings, configuration: &Configuration) -> bool {
    let folder = &configuration.data;
    if !folder.exists() {
        let elsewhere = configuration.database_url.is_some() && configuration.master_key.is_some();
        if elsewhere {
            findings.good("data folder", "not needed");
        } else {
            findings.note("data folder", format!("there is no `{}` yet", folder.display()), "`tacho serve` makes it");
        }
        return configuration.database_url.is_some();
    }
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => findings.good("data folder", format!("`{}` can be written", folder.display())),
        Err(error) => findings.bad(
            "data folder",
            format!("`{}` cannot be written: {error}", folder.display()),
            "give this user the right to, or choose another with TACHO_DATA",
        ),
    }
    look_at_disk(findings, folder);
    for (path, most) in [(folder.clone(), 0o750), (folder.join("tacho.db"), 0o600), (master_key::path(configuration), 0o600)] {
        look_at_mode(findings, &path, most);
    }
    true
}

#[cfg(unix)]
fn look_at_disk(findings: &mut Findings, folder: &Path) {
    let free = match rustix::fs::statvfs(folder) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => return findings.note("disk", format!("its room cannot be read: {error}"), ""),
    };
    let text = format!("{} free", bytes(free));
    if free < FULL_BYTES {
        findings.bad(
            "disk",
            text,
            format!("make room below `{}`: a database on a full disk cannot be written", folder.display()),
        );
    } else if free < TIGHT_BYTES {
        findings.note("disk", text, "make room: a first sync, a backup and a restore each need some");
    } else {
        findings.good("disk", text);
    }
}

#[cfg(not(unix))]
fn look_at_disk(_: &mut Findings, _: &Path) {}

#[cfg(unix)]
fn look_at_mode(findings: &mut Findings, path: &Path, most: u32) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = path.metadata() else { return };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & !most != 0 {
        findings.bad(
            "permissions",
            format!("`{}` has mode {mode:o}, so that others can read it", path.display()),
            format!("chmod {:o} '{}'", mode & most, path.display()),
        );
    }
}

#[cfg(not(unix))]
fn look_at_mode(_: &mut Findings, _: &Path, _: u32) {}
