//! The schedule: queues what is due. Any number of replicas may run it; what has begun is read from the job queue that they
//! share, so each due time begins one sync.

use crate::engine::SYNC;
use crate::{Begun, Due, Engine, Scope, Timetable, delay_seconds};
use std::time::Duration;
use tacho_connectors::FailureKind;
use tacho_domain::{Instant, IntegrationId, OrganizationId};
use tacho_store::{Integration, IntegrationState, Job, StoreError};
use tokio_util::sync::CancellationToken;

/// How often it looks what is due.
const LOOK: Duration = Duration::from_secs(30);

/// How long ended jobs are remembered: longer than from one daily sync to the next, whatever the cron expression of it.
const REMEMBER_SECONDS: i64 = 40 * 86_400;

/// Queues what is due until it is cancelled, and beside it rolls up the months that an older version left as they were.
pub async fn run(engine: Engine, timetable: Timetable, cancel: CancellationToken) {
    tokio::join!(engine.roll_up_all(&cancel), queue(&engine, &timetable, &cancel));
}

async fn queue(engine: &Engine, timetable: &Timetable, cancel: &CancellationToken) {
    while !cancel.is_cancelled() {
        if let Err(error) = tick(engine, timetable).await {
            tracing::error!(%error, "the schedule could not be kept; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = cancel.cancelled() => {}
        }
    }
}

/// Queues what is due now. Gives how many syncs it asked for.
///
/// # Errors
/// When the database fails.
pub async fn tick(engine: &Engine, timetable: &Timetable) -> Result<usize, StoreError> {
    let now = engine.now();
    let mut queued = 0;
    for organization in engine.store().list_organizations().await? {
        let jobs = engine.store().list_jobs(organization.id).await?;
        for integration in engine.store().list_integrations(organization.id).await? {
            if matches!(integration.state, IntegrationState::Paused | IntegrationState::Imported) {
                continue;
            }
            let begun = begun(&jobs, integration.id, integration.created_at);
            let delay = delay_seconds(organization.id, integration.id);
            let scope = match timetable.due(begun, now, delay) {
                Some(Due::Full(_)) => engine.scope(),
                Some(Due::Recent(_)) if !needs_somebody(&integration) => Scope::recent(),
                Some(Due::Recent(_)) | None => continue,
            };
            request(engine, organization.id, integration.id, &scope).await?;
            queued += 1;
        }
    }
    engine.store().remove_ended_jobs(now.plus_seconds(-REMEMBER_SECONDS)).await?;
    Ok(queued)
}

/// A revoked key is tried once a day, not every hour.
#[must_use]
pub fn needs_somebody(integration: &Integration) -> bool {
    let kind = integration.failure.as_ref().and_then(|failure| FailureKind::parse(&failure.kind));
    kind.is_some_and(|kind| !kind.is_retryable())
}

async fn request(
    engine: &Engine,
    organization: OrganizationId,
    integration: IntegrationId,
    scope: &Scope,
) -> Result<(), StoreError> {
    let job = engine.request_sync(organization, integration, scope).await?;
    tracing::info!(%integration, job = job.0, recent = scope.provisional_only, "due");
    Ok(())
}

/// When syncs of an integration last began, by the jobs the replicas share. Connecting counts as both: it queues a sync. A
/// job that still waits for its retry, or runs, began when it was queued and has not ended: nothing is due beside it.
fn begun(jobs: &[Job], integration: IntegrationId, connected_at: Instant) -> Begun {
    let mut begun = Begun { full: Some(connected_at), any: Some(connected_at) };
    for job in jobs.iter().filter(|job| job.kind == SYNC && job.integration == Some(integration)) {
        let Ok(scope) = serde_json::from_value::<Scope>(job.payload.clone()) else { continue };
        if scope.window.is_some() {
            // A few days that somebody named say nothing of the others.
            continue;
        }
        let at = if job.ended_at.is_some() { job.created_at } else { Instant(i64::MAX) };
        begun.any = begun.any.max(Some(at));
        if !scope.provisional_only {
            begun.full = begun.full.max(Some(at));
        }
    }
    begun
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_store::{JobId, JobState};

    fn job(id: i64, scope: Scope, created_at: i64, ended_at: Option<i64>) -> Job {
        Job {
            id: JobId(id),
            organization: OrganizationId(1),
            kind: SYNC.to_owned(),
            integration: Some(IntegrationId(7)),
            key: String::new(),
            payload: serde_json::json!(scope),
            state: if ended_at.is_some() { JobState::Finished } else { JobState::Running },
            run_at: Instant(created_at),
            attempts: 1,
            worker: None,
            lease_until: None,
            error: None,
            created_at: Instant(created_at),
            ended_at: ended_at.map(Instant),
        }
    }

    #[test]
    fn an_hourly_tick_is_no_daily_sync_and_neither_is_a_named_window() {
        let named = Scope::again(tacho_domain::Window::day(tacho_domain::Day(1)));
        let jobs =
            [job(1, Scope::default(), 100, Some(150)), job(2, Scope::recent(), 200, Some(210)), job(3, named, 300, Some(310))];
        let found = begun(&jobs, IntegrationId(7), Instant(50));
        assert_eq!(found, Begun { full: Some(Instant(100)), any: Some(Instant(200)) }, "named days are neither");
        assert_eq!(begun(&jobs, IntegrationId(8), Instant(50)), Begun { full: Some(Instant(50)), any: Some(Instant(50)) });
    }

    #[test]
    fn nothing_is_due_beside_a_sync_that_runs_or_waits_for_its_retry() {
        let found = begun(&[job(1, Scope::default(), 100, None)], IntegrationId(7), Instant(50));
        assert_eq!(found.full, Some(Instant(i64::MAX)));
    }
}
