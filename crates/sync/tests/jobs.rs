//! Journeys of a job: tried again after 60, 120 and 240 seconds and then given up in words; another worker's when its own
//! dies; one at a time for an integration; queued once for each due time, whatever the number of replicas.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod stage;

use stage::{Stage, assert_same, on_each_engine, today};
use std::sync::Arc;
use tacho_domain::{IntegrationId, Window};
use tacho_simulator::{Endpoint, Fault, Rule, Vendor};
use tacho_store::{Integration, IntegrationState, Job, JobId, JobState};
use tacho_sync::{Scope, Step, Timetable, schedule, worker};
use tokio_util::sync::CancellationToken;

async fn work_once(stage: &Stage, name: &str) -> Option<JobId> {
    worker::run_one(&stage.engine, name, &CancellationToken::new()).await.unwrap()
}

async fn newest_job(stage: &Stage) -> Job {
    stage.store.list_jobs(stage.organization).await.unwrap().remove(0)
}

async fn integration(stage: &Stage, id: IntegrationId) -> Integration {
    stage.store.find_integration(stage.organization, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_failing_sync_is_tried_after_60_120_and_240_seconds_and_then_given_up_in_words() {
    on_each_engine(async |stage: Stage| {
        let id = stage.connect(Vendor::Anthropic).await;
        stage.simulator.faults().add(Rule::always(Endpoint::ClaudeUsage, Fault::Status(529)));
        for wait in [60, 120, 240] {
            let job = work_once(&stage, "worker").await.unwrap();
            let (found, due) = (newest_job(&stage).await, stage.now().plus_seconds(wait));
            assert_eq!((found.id, found.state, found.run_at), (job, JobState::Queued, due));
            let failing = integration(&stage, id).await;
            assert_eq!((failing.state, failing.next_try_at), (IntegrationState::Failing, Some(due)));
            stage.pass_seconds(wait - 1);
            assert_eq!(work_once(&stage, "worker").await, None, "not before its time");
            stage.pass_seconds(1);
        }
        work_once(&stage, "worker").await.unwrap();
        assert_eq!(newest_job(&stage).await.state, JobState::Failed);
        let failing = integration(&stage, id).await;
        let failure = failing.failure.unwrap();
        assert_eq!((failing.state, failing.next_try_at, failure.kind.as_str()), (IntegrationState::Failing, None, "server"));
        assert!(!failure.cause.is_empty() && !failure.fix.is_empty(), "{failure:?}");
        stage.pass_seconds(3_000);
        assert_eq!(work_once(&stage, "worker").await, None, "given up");
    })
    .await;
}

#[tokio::test]
async fn a_vendor_that_names_a_time_is_not_asked_before_it() {
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Github).await;
    let renewed = stage.now().plus_seconds(1_800);
    let fault = Fault::LimitSpent { reset_epoch_seconds: renewed.0 / 1_000_000 };
    stage.simulator.faults().add(Rule::always(Endpoint::CopilotUsersDay, fault));
    work_once(&stage, "worker").await.unwrap();
    let job = newest_job(&stage).await;
    assert!(job.state == JobState::Queued && job.run_at >= renewed, "{job:?}, renewed at {renewed}");
    assert_eq!(integration(&stage, id).await.failure.unwrap().kind, "rate_limit");
    stage.simulator.faults().clear();
    stage.pass_seconds(1_900);
    work_once(&stage, "worker").await.unwrap();
    assert_eq!(integration(&stage, id).await.state, IntegrationState::Connected);
}

#[tokio::test]
async fn a_revoked_key_is_not_tried_again_and_a_new_one_heals() {
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Cursor).await;
    work_once(&stage, "worker").await.unwrap();
    let before = stage.dump().await;
    let _new = stage.simulator.faults().rotate(Vendor::Cursor);
    stage.engine.request_sync(stage.organization, id, &Scope::default()).await.unwrap();
    work_once(&stage, "worker").await.unwrap();
    assert_eq!(newest_job(&stage).await.state, JobState::Failed);
    let failing = integration(&stage, id).await;
    assert_eq!((failing.state, failing.failure.unwrap().kind.as_str()), (IntegrationState::Failing, "auth"));
    assert_same(&stage.dump().await, &before, "what was read stays");
    stage.pass_seconds(7_200);
    let hourly: Timetable = "0 2 * * *".parse().unwrap();
    assert_eq!(schedule::tick(&stage.engine, &hourly).await.unwrap(), 0, "nobody knocks every hour with a revoked key");

    let again = stage.connect(Vendor::Cursor).await;
    assert_eq!(again, id, "the same connection with another key, no twin");
    work_once(&stage, "worker").await.unwrap();
    let healed = integration(&stage, id).await;
    assert_eq!((healed.state, healed.failure), (IntegrationState::Connected, None));
}

#[tokio::test]
async fn a_dead_workers_job_is_anothers_once_its_lease_has_run_out() {
    on_each_engine(async |mut stage: Stage| {
        let id = stage.connect(Vendor::Anthropic).await;
        for step in [Step::Replaced, Step::BeforeFinish] {
            let mortal = stage.mortal(step, 0);
            let died = tokio::spawn(async move { worker::run_one(&mortal, "first", &CancellationToken::new()).await });
            assert!(died.await.unwrap_err().is_panic());
            stage.another_process().await;
            assert_eq!(work_once(&stage, "second").await, None, "leased");
            stage.pass_seconds(worker::LEASE_SECONDS);
        }
        let before = stage.dump().await;
        work_once(&stage, "second").await.unwrap();
        let job = newest_job(&stage).await;
        assert_eq!((job.state, job.attempts), (JobState::Finished, 3));
        assert_same(&stage.dump().await, &before, "it had been whole but for the job's mark");
        assert_eq!(integration(&stage, id).await.last_synced_at, Some(stage.now()));
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_gives_its_job_back_and_another_goes_on_at_once() {
    on_each_engine(async |stage: Stage| {
        let id = stage.connect(Vendor::Anthropic).await;
        let stop = CancellationToken::new();
        let told = stop.clone();
        let stopping = stage.engine.clone().with_hook(Arc::new(move |step| {
            if step == Step::Replaced {
                told.cancel();
            }
        }));
        let job = worker::run_one(&stopping, "first", &stop).await.unwrap().unwrap();
        let given_back = newest_job(&stage).await;
        assert_eq!((given_back.id, given_back.state, given_back.worker), (job, JobState::Queued, None));
        assert_eq!((given_back.attempts, given_back.lease_until), (0, None), "a try that was cut off does not count");
        assert_eq!(integration(&stage, id).await.failure, None, "nothing is wrong");
        assert_eq!(work_once(&stage, "second").await, Some(job), "no lease has to run out");
        assert_eq!(newest_job(&stage).await.state, JobState::Finished);
        assert!(integration(&stage, id).await.last_synced_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn one_sync_is_queued_for_each_due_time_whatever_the_number_of_replicas() {
    on_each_engine(async |mut stage: Stage| {
        let id = stage.connect(Vendor::Anthropic).await;
        let nightly: Timetable = "0 2 * * *".parse().unwrap();
        assert_eq!(schedule::tick(&stage.engine, &nightly).await.unwrap(), 0, "the first sync waits");
        work_once(&stage, "worker").await.unwrap();
        assert_eq!(schedule::tick(&stage.engine, &nightly).await.unwrap(), 0, "it was just synced");
        let queued = async |stage: &Stage| {
            let jobs = stage.store.list_jobs(stage.organization).await.unwrap();
            let open = jobs.into_iter().filter(|job| job.state == JobState::Queued);
            open.map(|job| serde_json::from_value::<Scope>(job.payload).unwrap()).collect::<Vec<_>>()
        };
        stage.pass_seconds(4_300);
        schedule::tick(&stage.engine, &nightly).await.unwrap();
        stage.another_process().await;
        schedule::tick(&stage.engine, &nightly).await.unwrap();
        assert_eq!(queued(&stage).await, [Scope::recent()], "an hour later, two replicas queue one tick");
        work_once(&stage, "worker").await.unwrap();
        assert_eq!(schedule::tick(&stage.engine, &nightly).await.unwrap(), 0, "it began; nothing is due in this hour");

        stage.pass_seconds(20 * 3_600);
        schedule::tick(&stage.engine, &nightly).await.unwrap();
        assert_eq!(queued(&stage).await, [Scope::default()], "after two in the morning all of it is due");
        stage.simulator.faults().set_today(today().plus(1));
        work_once(&stage, "worker").await.unwrap();
        assert_eq!(integration(&stage, id).await.last_synced_at, Some(stage.now()));
        assert_eq!(schedule::tick(&stage.engine, &nightly).await.unwrap(), 0, "and once only");
    })
    .await;
}

#[tokio::test]
async fn a_tick_beside_a_full_sync_is_covered_by_it() {
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Anthropic).await;
    let full = newest_job(&stage).await.id;
    let other = stage.store.claim_job("elsewhere", stage.now(), worker::LEASE_SECONDS).await.unwrap().unwrap();
    assert_eq!(other.id, full, "another replica runs the full sync");
    stage.engine.request_sync(stage.organization, id, &Scope::recent()).await.unwrap();
    let calls = stage.simulator.calls();
    let tick = work_once(&stage, "worker").await.unwrap();
    let job = newest_job(&stage).await;
    assert_eq!((job.id, job.state), (tick, JobState::Finished));
    assert_eq!(stage.simulator.calls(), calls, "no vendor was asked");
}

#[tokio::test]
async fn a_day_that_a_vendor_told_of_is_read_once_for_many_and_once_more_for_what_came_meanwhile() {
    on_each_engine(async |stage: Stage| {
        let id = stage.connect(Vendor::Cursor).await;
        work_once(&stage, "worker").await.unwrap();
        let day = Window::day(today().minus(1));
        let told = async || stage.engine.request_days(stage.organization, id, day, 120).await.unwrap();
        let first = told().await;
        assert_eq!(told().await, first);
        stage.pass_seconds(119);
        assert_eq!((told().await, work_once(&stage, "worker").await), (first, None), "not before its time, and none later");
        stage.pass_seconds(1);
        let claimed = stage.store.claim_job("worker", stage.now(), worker::LEASE_SECONDS).await.unwrap().unwrap();
        assert_eq!(claimed.id, first);
        let second = told().await;
        assert_ne!(second, first, "what runs may have read the day before");
        assert_eq!(told().await, second);
        stage.store.finish_job(first, "worker", stage.now()).await.unwrap();
        stage.pass_seconds(120);
        assert_eq!(work_once(&stage, "worker").await, Some(second));
        let job = newest_job(&stage).await;
        assert_eq!((job.state, job.payload), (JobState::Finished, serde_json::json!(Scope::again(day))));
        assert_eq!(work_once(&stage, "worker").await, None);
    })
    .await;
}

#[tokio::test]
async fn days_that_somebody_named_keep_no_tick_away() {
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Anthropic).await;
    work_once(&stage, "worker").await.unwrap();
    let nightly: Timetable = "0 2 * * *".parse().unwrap();
    stage.pass_seconds(4_300);
    stage.engine.request_days(stage.organization, id, Window::day(today()), 0).await.unwrap();
    let elsewhere = stage.store.claim_job("elsewhere", stage.now(), worker::LEASE_SECONDS).await.unwrap().unwrap();
    assert_eq!(schedule::tick(&stage.engine, &nightly).await.unwrap(), 1, "a tick is due all the same");
    stage.store.finish_job(elsewhere.id, "elsewhere", stage.now()).await.unwrap();
    let asked = |stage: &Stage| stage.simulator.calls().values().map(|calls| calls.calls).sum::<u64>();
    let before = asked(&stage);
    work_once(&stage, "worker").await.unwrap();
    assert!(asked(&stage) > before, "and it asks the vendor");
}

#[tokio::test]
async fn a_job_of_another_version_is_given_up_in_words() {
    let stage = Stage::new().await;
    let now = stage.now();
    let job = tacho_store::NewJob {
        kind: "embroider".into(),
        integration: Some(IntegrationId(1)),
        key: "embroider:1".into(),
        payload: serde_json::json!(Scope::default()),
        run_at: now,
    };
    stage.store.add_job(stage.organization, &job, now).await.unwrap();
    work_once(&stage, "worker").await.unwrap();
    let job = newest_job(&stage).await;
    assert_eq!((job.state, job.error.as_deref()), (JobState::Failed, Some("this version knows no such job")));
}

#[tokio::test]
async fn stopping_a_server_puts_its_job_back_for_the_next() {
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Anthropic).await;
    let stop = CancellationToken::new();
    let (token, engine) = (stop.clone(), stage.engine.clone());
    let stopping = engine.with_hook(std::sync::Arc::new(move |step| {
        if step == Step::Replaced {
            token.cancel();
        }
    }));
    worker::run_one(&stopping, "worker", &stop).await.unwrap();
    let job = newest_job(&stage).await;
    assert_eq!((job.state, job.run_at), (JobState::Queued, stage.now()));
    assert_eq!(integration(&stage, id).await.failure, None, "nothing is wrong");
    work_once(&stage, "worker").await.unwrap();
    assert_eq!(newest_job(&stage).await.state, JobState::Finished);
}
