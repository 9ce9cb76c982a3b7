//! The database, the key that opens its credentials, its job queue, and its backups.

use super::{Findings, bytes};
use crate::backups;
use crate::config::Configuration;
use crate::failure::Outcome;
use crate::master_key;
use tacho_domain::Instant;
use tacho_store::{Engine, Store, Vault};

/// A daily backup has come round, and a slow disk has had an hour.
const OLD_BACKUP_SECONDS: i64 = 26 * 3_600;
/// A running worker looks every few seconds.
const WAITING_SECONDS: i64 = 900;
/// Replicas and their database have to agree on leases.
const CLOCK_SECONDS: i64 = 20;

/// Gives the vault where the key opens it.
pub(super) async fn look_at_store(
    findings: &mut Findings,
    configuration: &Configuration,
    store: &Store,
    now: Instant,
) -> Option<Vault> {
    if let Err(failure) = look_inside(findings, store, now).await {
        findings.bad("database", failure.to_string(), "check that it runs and that its disk has room");
        return None;
    }
    if store.engine() == Engine::Postgres && configuration.master_key.is_none() {
        findings.note(
            "master key",
            "it lies in this machine's data folder, so other replicas cannot open the credentials",
            "give every replica the same TACHO_MASTER_KEY_FILE",
        );
    }
    match master_key::vault(configuration, store).await {
        Ok(vault) => {
            findings.good("master key", "opens the stored credentials");
            Some(vault)
        }
        Err(failure) => {
            let fix = "give the key that the credentials were sealed with, or connect again";
            findings.bad("master key", failure.to_string(), fix);
            None
        }
    }
}

async fn look_inside(findings: &mut Findings, store: &Store, now: Instant) -> Outcome {
    let found = store.examine(true).await?;
    let engine = match store.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    let size = bytes(u64::try_from(found.size_bytes).unwrap_or(0));
    findings.good("database", format!("{engine} {}, migration {}, {size}", found.version, found.migration));
    if let Some(first) = found.damage.first() {
        let text = format!("its own check found damage: {first}");
        findings.bad("database", text, "restore a backup with `tacho restore`; keep the damaged file until that is done");
    } else if store.engine() == Engine::Sqlite {
        findings.good("database", "its own check finds no damage");
    }
    if found.journal.as_deref().is_some_and(|journal| journal != "wal") {
        let text = format!(
            "its journal is `{}` and not `wal`: readers and the writer wait for each other",
            found.journal.unwrap_or_default()
        );
        findings.note(
            "database",
            text,
            "the data folder may lie on a network file system, where SQLite cannot use WAL: use a local disk",
        );
    }
    if let Some(clock) = found.clock {
        let apart = (clock.0 - now.0) / 1_000_000;
        if apart.abs() > CLOCK_SECONDS {
            let text = format!("the database server's is {apart} s away from this machine's");
            findings.bad("clock", text, "set both clocks (NTP): replicas agree by time who has a job");
        }
    }
    let queue = store.queue_state(now).await?;
    match queue.oldest_due_at.filter(|at| at.plus_seconds(WAITING_SECONDS) < now) {
        Some(since) => {
            let text = format!("{} wait, the oldest since {since}", queue.due);
            findings.note("jobs", text, "is `tacho serve` running, with a worker? `tacho sync` reads at once");
        }
        None => findings.good("jobs", format!("{} queued, {} running", queue.queued, queue.running)),
    }
    if queue.abandoned > 0 {
        let text = format!("{} belong to a worker that went silent", queue.abandoned);
        findings.note("jobs", text, "another worker takes them over; start `tacho serve` where none runs");
    }
    Ok(())
}

pub(super) fn look_at_backups(findings: &mut Findings, configuration: &Configuration, now: Instant) {
    let Some(folder) = &configuration.backup_folder else {
        let fix = "set backup_folder for a daily one, or call `tacho backup` from your own schedule";
        return findings.note("backups", "Tacho makes none by itself here", fix);
    };
    let fix = format!("is `tacho serve` running, and may it write to `{}`? its log has the reason", folder.display());
    match backups::newest(folder) {
        Ok(Some((at, path))) if at.plus_seconds(OLD_BACKUP_SECONDS) < now => {
            findings.bad("backups", format!("the newest is from {at}: `{}`", path.display()), fix);
        }
        Ok(Some((at, _))) => findings.good("backups", format!("the newest is from {at}")),
        Ok(None) => {
            findings.note("backups", format!("there is none in `{}` yet", folder.display()), "`tacho serve` makes one every day");
        }
        Err(error) => findings.bad("backups", format!("`{}` cannot be read: {error}", folder.display()), fix),
    }
}
