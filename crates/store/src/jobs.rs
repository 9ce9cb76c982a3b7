//! The job queue: rows with a lease. A job runs outside any transaction; a crashed worker's lease runs out.

use crate::integrations::from_json;
use crate::organizations::next_number;
use crate::sql::{Row, bind};
use crate::{Store, StoreError};
use tacho_domain::{Instant, IntegrationId, OrganizationId};

/// A job's number, unique within the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub i64);

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Waiting for its time or for a worker.
    Queued,
    /// A worker has it; when its lease runs out another may take it.
    Running,
    /// Done.
    Finished,
    /// Given up.
    Failed,
}

/// Work to be queued.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What to do: `sync`.
    pub kind: String,
    /// With which integration.
    pub integration: Option<IntegrationId>,
    /// While a job with this key is queued or running, no second one is added.
    pub key: String,
    /// What the kind needs to know.
    pub payload: serde_json::Value,
    /// Not before.
    pub run_at: Instant,
}

/// A queued, running or past job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// Whose.
    pub organization: OrganizationId,
    /// What to do.
    pub kind: String,
    /// With which integration.
    pub integration: Option<IntegrationId>,
    /// Its key.
    pub key: String,
    /// What the kind needs to know.
    pub payload: serde_json::Value,
    /// How it stands.
    pub state: JobState,
    /// Not before.
    pub run_at: Instant,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// Who has it.
    pub worker: Option<String>,
    /// Until when.
    pub lease_until: Option<Instant>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// When it was added.
    pub created_at: Instant,
    /// When it was finished or given up.
    pub ended_at: Option<Instant>,
}

impl Store {
    /// Queues a job; one with the same key that is queued or running is given back instead.
    pub async fn add_job(&self, organization: OrganizationId, job: &NewJob, now: Instant) -> Result<JobId, StoreError> {
        let payload = job.payload.to_string();
        let mut tx = self.begin().await?;
        loop {
            let open = "select id from jobs where organization_id = $1 and key = $2 and state in ('queued', 'running')";
            if let Some(row) = tx.find(open, bind![organization, job.key.as_str()]).await? {
                tx.commit().await?;
                return row.int(0).map(JobId);
            }
            let id = next_number(&mut tx, "jobs").await?;
            let added = tx
                .execute(
                    "insert into jobs (organization_id, id, kind, integration_id, key, payload, state, run_at, attempts, created_at)
                     values ($1, $2, $3, $4, $5, $6, 'queued', $7, 0, $8)
                     on conflict (organization_id, key) where state in ('queued', 'running') do nothing",
                    bind![
                        organization,
                        id,
                        job.kind.as_str(),
                        job.integration,
                        job.key.as_str(),
                        payload.as_str(),
                        job.run_at,
                        now
                    ],
                )
                .await?;
            if added > 0 {
                tx.commit().await?;
                return Ok(JobId(id));
            }
            // Someone else added it in between: look again.
        }
    }

    /// Takes the next job of any organization that is due, or whose worker's lease ran out.
    pub async fn claim_job(&self, worker: &str, now: Instant, lease_seconds: i64) -> Result<Option<Job>, StoreError> {
        loop {
            let mut tx = self.begin().await?;
            let due = tx.find(format!("select id from jobs where {CLAIMABLE} order by run_at, id limit 1"), bind![now]).await?;
            let Some(due) = due else {
                tx.commit().await?;
                return Ok(None);
            };
            // Another replica may have taken it since: then no row is touched, and the next one is tried.
            let claimed = tx
                .find(
                    format!(
                        "update jobs set state = 'running', worker = $2, lease_until = $3, attempts = attempts + 1
                         where id = $4 and {CLAIMABLE} returning {COLUMNS}"
                    ),
                    bind![now, worker, now.plus_seconds(lease_seconds), due.int(0)?],
                )
                .await?;
            tx.commit().await?;
            if let Some(row) = claimed {
                return job(&row).map(Some);
            }
        }
    }

    /// Keeps a job for longer. False: it is no longer this worker's.
    pub async fn extend_lease(&self, id: JobId, worker: &str, now: Instant, lease_seconds: i64) -> Result<bool, StoreError> {
        self.change(
            "update jobs set lease_until = $3 where id = $1 and worker = $2 and state = 'running'",
            bind![id.0, worker, now.plus_seconds(lease_seconds)],
        )
        .await
    }

    /// Marks a job done. False: it is no longer this worker's.
    pub async fn finish_job(&self, id: JobId, worker: &str, now: Instant) -> Result<bool, StoreError> {
        self.change(
            "update jobs set state = 'finished', ended_at = $3, lease_until = null, error = null
             where id = $1 and worker = $2 and state = 'running'",
            bind![id.0, worker, now],
        )
        .await
    }

    /// Queues a job again for later. False: it is no longer this worker's.
    pub async fn retry_job(&self, id: JobId, worker: &str, run_at: Instant, error: &str) -> Result<bool, StoreError> {
        self.change(
            "update jobs set state = 'queued', run_at = $3, error = $4, worker = null, lease_until = null
             where id = $1 and worker = $2 and state = 'running'",
            bind![id.0, worker, run_at, error],
        )
        .await
    }

    /// Gives a job back untouched: the next worker has it at once, and this try is not counted. False: it is no longer this
    /// worker's.
    pub async fn release_job(&self, id: JobId, worker: &str, now: Instant) -> Result<bool, StoreError> {
        self.change(
            "update jobs set state = 'queued', run_at = $3, attempts = attempts - 1, worker = null, lease_until = null
             where id = $1 and worker = $2 and state = 'running'",
            bind![id.0, worker, now],
        )
        .await
    }

    /// Gives a job up. False: it is no longer this worker's.
    pub async fn fail_job(&self, id: JobId, worker: &str, error: &str, now: Instant) -> Result<bool, StoreError> {
        self.change(
            "update jobs set state = 'failed', ended_at = $3, error = $4, lease_until = null
             where id = $1 and worker = $2 and state = 'running'",
            bind![id.0, worker, now, error],
        )
        .await
    }

    /// The jobs of an organization, newest first.
    pub async fn list_jobs(&self, organization: OrganizationId) -> Result<Vec<Job>, StoreError> {
        let sql = format!("select {COLUMNS} from jobs where organization_id = $1 order by id desc");
        self.fetch(sql, bind![organization]).await?.iter().map(job).collect()
    }

    /// The jobs of an organization that wait or run, oldest first.
    pub async fn list_open_jobs(&self, organization: OrganizationId) -> Result<Vec<Job>, StoreError> {
        let sql = format!("select {COLUMNS} from jobs where organization_id = $1 and state in ('queued', 'running') order by id");
        self.fetch(sql, bind![organization]).await?.iter().map(job).collect()
    }

    /// Forgets jobs that ended before an instant. Gives how many.
    pub async fn remove_ended_jobs(&self, before: Instant) -> Result<u64, StoreError> {
        self.execute("delete from jobs where state in ('finished', 'failed') and ended_at < $1", bind![before]).await
    }

    async fn change(&self, sql: &'static str, values: &[crate::sql::Value]) -> Result<bool, StoreError> {
        Ok(self.execute(sql, values).await? > 0)
    }
}

/// Due, or taken by a worker whose lease ran out; `$1` is now.
const CLAIMABLE: &str = "state in ('queued', 'running') and run_at <= $1 and (state = 'queued' or lease_until <= $1)";

const COLUMNS: &str = "organization_id, id, kind, integration_id, key, payload, state, run_at, attempts, worker, lease_until, error, created_at, ended_at";

fn job(row: &Row) -> Result<Job, StoreError> {
    let id = row.int(1)?;
    let state = match row.text(6)?.as_str() {
        "queued" => JobState::Queued,
        "running" => JobState::Running,
        "finished" => JobState::Finished,
        "failed" => JobState::Failed,
        other => return Err(StoreError::damaged("jobs", "state", id, format!("`{other}` is no state"))),
    };
    Ok(Job {
        id: JobId(id),
        organization: OrganizationId(row.int(0)?),
        kind: row.text(2)?,
        integration: row.maybe_int(3)?.map(IntegrationId),
        key: row.text(4)?,
        payload: from_json("jobs", "payload", id, &row.text(5)?)?,
        state,
        run_at: row.instant(7)?,
        attempts: u32::try_from(row.int(8)?).map_err(|_| StoreError::damaged("jobs", "attempts", id, "out of range"))?,
        worker: row.maybe_text(9)?,
        lease_until: row.maybe_instant(10)?,
        error: row.maybe_text(11)?,
        created_at: row.instant(12)?,
        ended_at: row.maybe_instant(13)?,
    })
}
