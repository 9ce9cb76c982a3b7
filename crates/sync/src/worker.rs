//! A worker: takes syncs from the job queue, one at a time, and keeps each under a lease while it runs. Nothing runs inside
//! an open transaction; a worker that dies leaves a lease that runs out, and another goes on where it stopped.

use crate::backoff::next_try;
use crate::engine::SYNC;
use crate::{Decision, Engine, Scope, Step, SyncError};
use metrics::{counter, histogram};
use std::convert::Infallible;
use std::time::Duration;
use tacho_domain::IntegrationId;
use tacho_store::{Job, JobId, JobState, Outcome, StoreError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// How long a worker may be silent before its job is another's.
pub const LEASE_SECONDS: i64 = 90;

/// How often a waiting worker looks for what other processes queued.
const POLL: Duration = Duration::from_secs(5);

/// How often a running job's lease is made longer.
const EXTEND: Duration = Duration::from_secs(20);

/// How often a full sync looks whether the short one that another process runs is over.
const GIVE_WAY: Duration = Duration::from_secs(1);

/// Works until it is cancelled: at once on what this process queues, within seconds on what others do.
pub async fn run(engine: Engine, worker: String, cancel: CancellationToken) {
    while !cancel.is_cancelled() {
        match run_one(&engine, &worker, &cancel).await {
            Ok(Some(_)) => continue,
            Ok(None) => {}
            Err(error) => tracing::error!(%worker, %error, "the job queue could not be read; trying again"),
        }
        tokio::select! {
            () = engine.work() => {}
            () = tokio::time::sleep(POLL) => {}
            () = cancel.cancelled() => {}
        }
    }
}

/// Takes the next job that is due and runs it to its end. `None`: there is none.
///
/// # Errors
/// When the database fails around the job; what happens inside it is stored with it.
pub async fn run_one(engine: &Engine, worker: &str, cancel: &CancellationToken) -> Result<Option<JobId>, StoreError> {
    let Some(job) = engine.store().claim_job(worker, engine.now(), LEASE_SECONDS).await? else { return Ok(None) };
    let id = job.id;
    counter!("tacho_jobs_claimed_total", "kind" => kind_label(&job.kind)).increment(1);
    let begun = std::time::Instant::now();
    let kind = kind_label(&job.kind);
    let integration = job.integration.map(|integration| integration.0);
    // At the level of errors: whatever else is filtered out, a line that is written says to which job it belongs.
    let span = tracing::error_span!("job", job = id.0, organization = job.organization.0, integration);
    let claimed = Claimed { engine, worker, job };
    claimed.run(cancel).instrument(span).await?;
    histogram!("tacho_job_duration_seconds", "kind" => kind).record(begun.elapsed());
    Ok(Some(id))
}

/// A kind as a label: the column may hold anything a newer version wrote.
fn kind_label(kind: &str) -> &'static str {
    if kind == SYNC { SYNC } else { "other" }
}

/// A job while this worker has it.
struct Claimed<'a> {
    engine: &'a Engine,
    worker: &'a str,
    job: Job,
}

impl Claimed<'_> {
    async fn run(&self, cancel: &CancellationToken) -> Result<(), StoreError> {
        let (store, now) = (self.engine.store(), self.engine.now());
        let (Some(integration), Ok(scope)) = (self.job.integration, serde_json::from_value::<Scope>(self.job.payload.clone()))
        else {
            return self.give_up("its payload is not one this version writes").await;
        };
        if self.job.kind != SYNC {
            return self.give_up("this version knows no such job").await;
        }
        if scope.provisional_only && self.others(|_, other| !other.provisional_only && other.window.is_none()).await? {
            // The full sync that runs or waits covers what an hourly tick would ask for.
            self.ended("finished");
            return store.finish_job(self.job.id, self.worker, now).await.map(drop);
        }
        // Lost when the lease is: another worker has the job then, and two would ask the vendor for the same days.
        let lost = cancel.child_token();
        let sync = async {
            // Of two that wait for each other only the later one does; a full sync waits for any tick, which is short.
            let full = !scope.provisional_only && scope.window.is_none();
            let before = |other: &Job, tick: &Scope| (full && tick.provisional_only) || other.id < self.job.id;
            while !lost.is_cancelled() && self.others(before).await.unwrap_or(false) {
                tokio::time::sleep(GIVE_WAY).await;
            }
            self.engine.sync(self.job.organization, integration, &scope, &lost).await
        };
        let result = tokio::select! {
            result = sync => result,
            never = self.hold_lease(&lost) => match never {},
        };
        self.engine.pass(Step::BeforeFinish);
        match result {
            Ok(_) => {
                self.ended("finished");
                store.finish_job(self.job.id, self.worker, self.engine.now()).await.map(drop)
            }
            Err(error) => self.failed(integration, &error, cancel).await,
        }
    }

    fn ended(&self, outcome: &'static str) {
        counter!("tacho_jobs_ended_total", "kind" => kind_label(&self.job.kind), "outcome" => outcome).increment(1);
    }

    /// Whether another sync of the same integration runs that fits.
    async fn others(&self, fits: impl Fn(&Job, &Scope) -> bool) -> Result<bool, StoreError> {
        let now = self.engine.now();
        let runs = |job: &Job| job.state == JobState::Running && job.lease_until.is_some_and(|until| until > now);
        let jobs = self.engine.store().list_jobs(self.job.organization).await?;
        Ok(jobs.iter().any(|job| {
            let same = job.kind == SYNC && job.integration == self.job.integration && job.id != self.job.id;
            same && runs(job) && serde_json::from_value::<Scope>(job.payload.clone()).is_ok_and(|scope| fits(job, &scope))
        }))
    }

    /// Makes the lease longer for as long as it is polled; cancels the run when the job is another's.
    async fn hold_lease(&self, lost: &CancellationToken) -> Infallible {
        loop {
            tokio::time::sleep(EXTEND).await;
            match self.engine.store().extend_lease(self.job.id, self.worker, self.engine.now(), LEASE_SECONDS).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::warn!("the lease is lost; stopping");
                    lost.cancel();
                }
                Err(error) => tracing::warn!(%error, "the lease could not be made longer"),
            }
        }
    }

    /// Queues the job again, or gives it up, and says so on the integration.
    async fn failed(&self, integration: IntegrationId, error: &SyncError, cancel: &CancellationToken) -> Result<(), StoreError> {
        let (store, now, id) = (self.engine.store(), self.engine.now(), self.job.id);
        let not_before = match error.decision {
            Decision::Stopped if cancel.is_cancelled() => {
                // This process is told to end; another replica goes on at once, and the try does not count.
                self.ended("released");
                return store.release_job(id, self.worker, now).await.map(drop);
            }
            Decision::Stopped => return Ok(()),
            Decision::Fail => return self.give_up(&error.failure.cause).await,
            Decision::Retry { not_before } => not_before,
        };
        let Some(at) = next_try(self.job.attempts, now, not_before) else { return self.give_up(&error.failure.cause).await };
        self.ended("retried");
        if store.retry_job(id, self.worker, at, &error.failure.cause).await? {
            let outcome = Outcome { failure: Some(error.failure.clone()), next_try_at: Some(at), ..Outcome::default() };
            store.put_integration_outcome(self.job.organization, integration, &outcome).await?;
        }
        Ok(())
    }

    async fn give_up(&self, why: &str) -> Result<(), StoreError> {
        self.ended("failed");
        tracing::error!(target: "tacho::report", kind = self.job.kind, why, "a job was given up");
        self.engine.store().fail_job(self.job.id, self.worker, why, self.engine.now()).await.map(drop)
    }
}
