//! Lets everybody know how far a sync is: watchers of this process at once, those of other replicas through the database,
//! where a row is written once a second at most, and at the end.

use crate::{Decision, Engine, Happening, Summary, SyncError};
use tacho_domain::{Instant, IntegrationId, OrganizationId, Slice};
use tacho_store::{Progress, ProgressState};

/// The least time from one row to the next.
const GAP_MICROS: i64 = 1_000_000;

/// Tells of one sync.
pub(crate) struct Watch<'a> {
    engine: &'a Engine,
    organization: OrganizationId,
    progress: Progress,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(engine: &'a Engine, organization: OrganizationId, integration: IntegrationId) -> Self {
        let now = engine.now();
        let state = ProgressState::Running;
        let progress = Progress { integration, state, done: 0, total: 0, stream: None, begun_at: now, at: now };
        Self { engine, organization, progress }
    }

    /// It begins, and has that many slices to ask for.
    pub(crate) async fn begun(&mut self, total: usize) {
        self.progress.total = count(total);
        self.engine.tell(self.organization, self.progress.integration, Happening::Started { total });
        self.put(self.engine.now()).await;
    }

    /// A slice is done.
    pub(crate) async fn done(&mut self, slice: &Slice, done: usize, total: usize) {
        self.progress.done = count(done);
        self.progress.stream = Some(slice.stream.to_owned());
        let what = Happening::SliceDone { stream: slice.stream, window: slice.window, done, total };
        self.engine.tell(self.organization, self.progress.integration, what);
        let now = self.engine.now();
        if now.0 - self.progress.at.0 >= GAP_MICROS {
            self.put(now).await;
        }
    }

    /// It ended. One that was stopped goes on later, and its last row stays as it was.
    pub(crate) async fn ended(&mut self, result: &Result<Summary, SyncError>) {
        let what = match result {
            Ok(summary) => {
                self.progress.state = ProgressState::Finished;
                Happening::Finished { days_changed: summary.days_changed, rows: summary.rows }
            }
            Err(error) => {
                self.progress.state = ProgressState::Failed;
                Happening::Failed { failure: error.failure.clone() }
            }
        };
        // Before the event, so that whoever is woken by it reads the row.
        if !result.as_ref().is_err_and(|error| error.decision == Decision::Stopped) {
            self.put(self.engine.now()).await;
        }
        self.engine.tell(self.organization, self.progress.integration, what);
    }

    /// A row that cannot be written is no reason to end a sync.
    async fn put(&mut self, now: Instant) {
        self.progress.at = now;
        if let Err(error) = self.engine.store().put_progress(self.organization, &self.progress).await {
            tracing::warn!(id = %self.progress.integration, %error, "the progress of a sync could not be noted");
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
