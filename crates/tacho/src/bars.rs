//! Progress bars on standard error, one per integration, fed by the engine's events. Without a terminal: a line at the end.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use tacho_domain::IntegrationId;
use tacho_sync::{Engine, Happening};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// Bars that follow an engine until they are finished.
pub(crate) struct Bars {
    done: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Bars {
    /// Begins to follow. `names` are the integrations to show.
    pub(crate) fn follow(engine: &Engine, names: BTreeMap<IntegrationId, String>) -> Self {
        let mut events = engine.events();
        let done = CancellationToken::new();
        let until = done.clone();
        let task = tokio::spawn(async move {
            let mut shown = Shown::new(names);
            loop {
                let event = tokio::select! {
                    biased;
                    event = events.recv() => event,
                    () = until.cancelled() => break,
                };
                match event {
                    Ok(event) => shown.take(event.integration, &event.what),
                    // Missed a few: the next one carries the whole count.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => break,
                }
            }
        });
        Self { done, task }
    }

    /// Shows what is left to show and stops.
    pub(crate) async fn finish(self) {
        self.done.cancel();
        // A bar that broke is no reason to fail the work it showed.
        let _ = self.task.await;
    }
}

struct Shown {
    names: BTreeMap<IntegrationId, String>,
    width: usize,
    all: MultiProgress,
    bars: BTreeMap<IntegrationId, ProgressBar>,
    terminal: bool,
}

impl Shown {
    fn new(names: BTreeMap<IntegrationId, String>) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr_with_hz(15) } else { ProgressDrawTarget::hidden() };
        let width = names.values().map(|name| name.chars().count()).max().unwrap_or(0);
        Self { names, width, all: MultiProgress::with_draw_target(target), bars: BTreeMap::new(), terminal }
    }

    fn take(&mut self, integration: IntegrationId, what: &Happening) {
        let Some(name) = self.names.get(&integration) else { return };
        let bar = self.bars.entry(integration).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new(0));
            bar.set_style(style());
            bar.set_prefix(format!("{name:width$}", width = self.width));
            bar
        });
        match what {
            Happening::Started { total } => bar.set_length(*total as u64),
            Happening::SliceDone { stream, window, done, total } => {
                bar.set_length(*total as u64);
                bar.set_position(*done as u64);
                bar.set_message(format!("{stream} {window}"));
            }
            Happening::Finished { days_changed, rows } => {
                bar.finish_with_message(format!("{days_changed} days changed, {rows} rows"));
                if !self.terminal {
                    crate::output::note(&format!("{name}: synced, {days_changed} days changed, {rows} rows"));
                }
            }
            Happening::Failed { failure } => {
                bar.abandon_with_message(failure.cause.clone());
                if !self.terminal {
                    crate::output::note(&format!("{name}: {} {}", failure.cause, failure.fix));
                }
            }
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{prefix} [{bar:30}] {pos:>4}/{len} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}
