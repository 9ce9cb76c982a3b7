//! `tacho sync`: reads at once, in the foreground, with progress bars.

use crate::bars::Bars;
use crate::failure::{Exit, Failure, Outcome};
use crate::wiring::Installation;
use crate::{door, output};
use clap::Args;
use futures_util::future::join_all;
use std::collections::BTreeMap;
use tacho_connectors::FailureKind;
use tacho_domain::{Day, IntegrationId, Window};
use tacho_store::{Integration, IntegrationState, StoredFailure};
use tacho_sync::{Decision, Scope, Summary, SyncError};

/// Read what is new from the connected tools, now
#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Only this integration, by its id
    #[arg(long, value_name = "ID")]
    integration: Option<i64>,
    /// Read the days from this one on again, settled or not
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// ... up to this one [default: today, UTC]
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,
}

impl Sync {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        let today = installation.today();
        let named = self.from.is_some() || self.to.is_some();
        let window = if named { Some(window_of(self.from.or(self.to), self.to, today)?) } else { None };
        let scope = Scope { window, ..installation.engine.scope() };
        let integrations = chosen(installation, self.integration).await?;
        let names: BTreeMap<IntegrationId, String> = integrations.iter().map(|known| (known.id, known.name.clone())).collect();
        if names.is_empty() {
            output::note(
                "There is nothing to sync. `tacho connect github_copilot`, `claude_console` or `cursor` connects a tool.",
            );
            return Ok(());
        }
        let stop = door::stop_wish();
        let bars = Bars::follow(&installation.engine, names.clone());
        let runs = integrations.iter().map(|known| installation.engine.sync(installation.organization, known.id, &scope, &stop));
        let results = join_all(runs).await;
        bars.finish().await;
        let mut worst = Ok(());
        for (integration, result) in integrations.iter().zip(results) {
            match result {
                Ok(summary) => tell(&integration.name, &summary)?,
                Err(error) if worst.is_ok() => worst = Err(refusal(&integration.name, &error)),
                Err(error) => output::note(&format!("{}: {error}", integration.name)),
            }
        }
        worst
    }
}

/// The integrations to work on: one by its id, or all that can be synced.
async fn chosen(installation: &Installation, id: Option<i64>) -> Outcome<Vec<Integration>> {
    let mut known = installation.store.list_integrations(installation.organization).await?;
    if let Some(id) = id {
        known.retain(|integration| integration.id.0 == id);
        if known.is_empty() {
            return Err(no_integration(id));
        }
    }
    known.retain(|integration| !matches!(integration.state, IntegrationState::Imported | IntegrationState::Paused));
    Ok(known)
}

pub(crate) fn no_integration(id: i64) -> Failure {
    Failure::usage(format!("there is no integration `{id}`")).hint("`tacho integrations` lists them")
}

/// The days from `from` to `to`, where `to` is today unless it is named.
pub(crate) fn window_of(from: Option<Day>, to: Option<Day>, today: Day) -> Outcome<Window> {
    let to = to.unwrap_or(today);
    Window::new(from.unwrap_or(to), to)
        .map_err(|error| Failure::usage(error.to_string()).hint("--from is the first day, --to the last"))
}

/// What a run came to, in words.
pub(crate) fn tell(name: &str, summary: &Summary) -> Outcome {
    let span = summary.window.map(|window| format!(" ({window})")).unwrap_or_default();
    let count = |number: u64, one: &str| if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") };
    let (days, rows) = (count(summary.days, "day"), count(summary.rows, "row"));
    output::line(&format!("{name}: {days} read{span}, {} changed, {rows}", summary.days_changed))?;
    if summary.skipped_lines > 0 {
        output::note(&format!("{name}: {} lines could not be read and were left out", summary.skipped_lines));
    }
    for (stream, failure) in &summary.stream_failures {
        output::note(&format!("{name}, {stream}: {}\n  hint: {}", failure.cause, failure.fix));
    }
    Ok(())
}

/// A run that failed, with the exit code that fits.
pub(crate) fn refusal(name: &str, error: &SyncError) -> Failure {
    let exit = match error.decision {
        Decision::Stopped => Exit::Interrupted,
        Decision::Retry { .. } => Exit::Unavailable,
        Decision::Fail => exit_of(&error.failure),
    };
    Failure::new(exit, format!("{name}: {}", error.failure.cause)).hint(error.failure.fix.clone())
}

/// Whether a vendor refused, or something else failed.
pub(crate) fn exit_of(failure: &StoredFailure) -> Exit {
    match FailureKind::parse(&failure.kind) {
        Some(
            FailureKind::Auth | FailureKind::Forbidden | FailureKind::Plan | FailureKind::NotFound | FailureKind::Validation,
        ) => Exit::Refused,
        Some(kind) if kind.is_retryable() => Exit::Unavailable,
        _ => Exit::Failed,
    }
}
