//! Everything that goes wrong with vendors: each fault ends in the right data, or in a stored failure with cause and fix, and
//! once it has passed the next sync puts everything right.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod stage;

use stage::{Stage, assert_same};
use tacho_domain::IntegrationId;
use tacho_simulator::{Endpoint, Fault, Rule, Vendor};
use tacho_store::StoredFailure;
use tacho_sync::{Decision, Summary, SyncError};

/// How a sync with a fault is to end.
#[derive(Debug, Clone, Copy)]
enum Ends {
    /// With the right data, as if nothing had been.
    Right,
    /// With a stored failure of that kind of the one stream; the others go on.
    Stream(&'static str, &'static str),
    /// With a stored failure of that kind, to be tried again by itself.
    Later(&'static str),
    /// With a stored failure of that kind; somebody has to act.
    Broken(&'static str),
    /// Without a failure, and days that are still awaited.
    Awaited,
}

async fn expected(vendor: Vendor) -> String {
    let stage = Stage::new().await;
    let id = stage.connect(vendor).await;
    stage.sync(id).await.unwrap();
    stage.dump().await
}

async fn stored(stage: &Stage, id: IntegrationId) -> (Option<StoredFailure>, Vec<(String, StoredFailure)>) {
    let integration = stage.store.find_integration(stage.organization, id).await.unwrap().unwrap();
    let streams = stage.store.list_stream_failures(stage.organization, id).await.unwrap();
    (integration.failure, streams.into_iter().map(|stream| (stream.stream, stream.failure)).collect())
}

fn worded(failure: &StoredFailure, kind: &str) -> bool {
    failure.kind == kind && failure.cause.ends_with(['.', ')']) && failure.fix.ends_with('.')
}

async fn check(stage: &Stage, id: IntegrationId, ends: Ends, result: Result<Summary, SyncError>, what: &str) {
    let (whole, streams) = stored(stage, id).await;
    match ends {
        Ends::Right => {
            result.unwrap();
            assert!(whole.is_none() && streams.is_empty(), "{what}: {whole:?} {streams:?}");
        }
        Ends::Awaited => {
            assert!(result.unwrap().stream_failures.is_empty(), "{what}");
            assert!(whole.is_none() && streams.is_empty(), "{what}: {whole:?} {streams:?}");
        }
        Ends::Stream(stream, kind) => {
            let summary = result.unwrap();
            assert!(summary.rows > 0, "{what}: the others went on");
            assert!(whole.is_none(), "{what}: {whole:?}");
            assert!(streams.len() == 1 && streams[0].0 == stream && worded(&streams[0].1, kind), "{what}: {streams:?}");
        }
        Ends::Later(kind) => {
            let error = result.unwrap_err();
            assert!(matches!(error.decision, Decision::Retry { .. }), "{what}: {error:?}");
            assert!(whole.as_ref().is_some_and(|failure| worded(failure, kind)), "{what}: {whole:?}");
        }
        Ends::Broken(kind) => {
            assert_eq!(result.unwrap_err().decision, Decision::Fail, "{what}");
            assert!(whole.as_ref().is_some_and(|failure| worded(failure, kind)), "{what}: {whole:?}");
        }
    }
}

async fn suffer(vendor: Vendor, faults: &[(Rule, Ends)]) {
    let expected = expected(vendor).await;
    for (rule, ends) in faults {
        let (stage, what) = (Stage::new().await, format!("{rule:?}"));
        let id = stage.connect(vendor).await;
        stage.simulator.faults().add(rule.clone());
        let result = stage.sync(id).await;
        check(&stage, id, *ends, result, &what).await;
        if matches!(ends, Ends::Right) {
            assert_same(&stage.dump().await, &expected, &what);
        } else {
            assert_ne!(stage.dump().await, expected, "{what}: something is missing");
        }
        stage.simulator.faults().clear();
        stage.sync(id).await.unwrap();
        assert_same(&stage.dump().await, &expected, &format!("{what}, after it has passed"));
        assert_eq!(stored(&stage, id).await, (None, Vec::new()), "{what}: no failure stays behind");
    }
}

#[tokio::test]
async fn github_in_bad_health() {
    use Endpoint::{CopilotDownload, CopilotSeats, CopilotUsersDay};
    let hinted = |seconds| Fault::RateLimited { retry_after_seconds: seconds };
    let far = Fault::LimitSpent { reset_epoch_seconds: stage::today().plus(1).start().0 / 1_000_000 };
    suffer(
        Vendor::Github,
        &[
            (Rule::once(CopilotUsersDay, hinted(Some(2))), Ends::Right),
            (Rule::once(CopilotSeats, hinted(None)), Ends::Right),
            (Rule::always(CopilotUsersDay, hinted(Some(3_600))), Ends::Later("rate_limit")),
            (Rule::always(CopilotUsersDay, hinted(None)).after(2), Ends::Later("rate_limit")),
            (Rule::always(CopilotUsersDay, far).after(4), Ends::Later("rate_limit")),
            (Rule::once(CopilotUsersDay, Fault::Status(500)), Ends::Right),
            (Rule::once(CopilotDownload, Fault::Status(503)).times(2), Ends::Right),
            (Rule::always(CopilotUsersDay, Fault::Status(502)).after(3), Ends::Later("server")),
            (Rule::once(CopilotUsersDay, Fault::Status(502)).times(4).after(3), Ends::Later("server")),
            (Rule::once(CopilotDownload, Fault::ExpiredLink), Ends::Right),
            (Rule::once(CopilotDownload, Fault::ExpiredLink).times(3), Ends::Later("forbidden")),
            (Rule::once(CopilotDownload, Fault::CutBody), Ends::Right),
            (Rule::once(CopilotDownload, Fault::CutGzip), Ends::Right),
            (Rule::once(CopilotUsersDay, Fault::InvalidJson).after(3), Ends::Stream("users_daily", "validation")),
            (Rule::always(CopilotUsersDay, Fault::InvalidJson), Ends::Stream("users_daily", "validation")),
            (Rule::once(CopilotUsersDay, Fault::NoReportText).after(1), Ends::Awaited),
        ],
    )
    .await;
}

#[tokio::test]
async fn github_without_permission() {
    use Endpoint::{CopilotCredits, CopilotSeats, CopilotUsersDay};
    suffer(
        Vendor::Github,
        &[
            (Rule::always(CopilotSeats, Fault::MissingScopes), Ends::Stream("seats", "forbidden")),
            (Rule::always(CopilotCredits, Fault::MissingScopes), Ends::Stream("credits_daily", "forbidden")),
            (Rule::always(CopilotUsersDay, Fault::PolicyOff), Ends::Stream("users_daily", "forbidden")),
            (Rule::always(CopilotUsersDay, Fault::Unauthorized).after(5), Ends::Broken("auth")),
        ],
    )
    .await;
}

#[tokio::test]
async fn anthropic_in_bad_health() {
    use Endpoint::{ClaudeUsage, ClaudeUsers};
    suffer(
        Vendor::Anthropic,
        &[
            (Rule::once(ClaudeUsage, Fault::RateLimited { retry_after_seconds: Some(1) }), Ends::Right),
            (Rule::always(ClaudeUsage, Fault::RateLimited { retry_after_seconds: None }).after(4), Ends::Later("rate_limit")),
            (Rule::once(ClaudeUsage, Fault::Status(529)).times(3), Ends::Right),
            (Rule::always(ClaudeUsage, Fault::Status(529)).after(4), Ends::Later("server")),
            (Rule::once(ClaudeUsage, Fault::CutBody), Ends::Right),
            (Rule::once(ClaudeUsage, Fault::InvalidJson), Ends::Stream("usage_daily", "validation")),
            (Rule::once(ClaudeUsage, Fault::RepeatedPage), Ends::Stream("usage_daily", "validation")),
            (Rule::once(ClaudeUsage, Fault::RepeatedPage).times(2), Ends::Stream("usage_daily", "validation")),
            (Rule::always(ClaudeUsers, Fault::InvalidJson), Ends::Stream("users", "validation")),
            (Rule::always(ClaudeUsage, Fault::Unauthorized).after(2), Ends::Broken("auth")),
        ],
    )
    .await;
}

#[tokio::test]
async fn cursor_in_bad_health() {
    use Endpoint::{CursorDailyUsage, CursorEvents, CursorMembers};
    suffer(
        Vendor::Cursor,
        &[
            (Rule::once(CursorEvents, Fault::RateLimited { retry_after_seconds: None }), Ends::Right),
            (Rule::always(CursorEvents, Fault::Status(500)).after(4), Ends::Later("server")),
            (Rule::always(CursorEvents, Fault::OtherEnvelope), Ends::Right),
            (Rule::once(CursorEvents, Fault::RepeatedPage).times(2), Ends::Stream("usage_events", "validation")),
            (Rule::once(CursorDailyUsage, Fault::InvalidJson), Ends::Stream("daily_usage", "validation")),
            (Rule::once(CursorMembers, Fault::CutGzip), Ends::Right),
            (Rule::always(CursorEvents, Fault::Unauthorized), Ends::Broken("auth")),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_slow_vendor_is_waited_for() {
    let expected = expected(Vendor::Anthropic).await;
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Anthropic).await;
    let faults = stage.simulator.faults();
    faults.add(Rule::once(Endpoint::ClaudeUsage, Fault::Slow).times(3));
    let release = async {
        loop {
            faults.release();
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        result = stage.sync(id) => drop(result.unwrap()),
        () = release => {}
    }
    assert_same(&stage.dump().await, &expected, "slow answers are answers");
}

#[tokio::test]
async fn a_vendor_that_repeats_the_secret_finds_it_nowhere_again() {
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Github).await;
    stage.simulator.faults().add(Rule::always(Endpoint::CopilotUsersDay, Fault::EchoSecret));
    let result = stage.sync(id).await;
    let secret = stage.simulator.secrets().github;
    let told =
        format!("{result:?} {:?} {:?}", stored(&stage, id).await, stage.store.list_jobs(stage.organization).await.unwrap());
    assert!(!told.contains(&secret) && told.contains("users_daily"), "{told}");
}

#[tokio::test]
async fn when_every_counted_stream_fails_the_integration_does() {
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Anthropic).await;
    for endpoint in [Endpoint::ClaudeUsage, Endpoint::ClaudeUsers] {
        stage.simulator.faults().add(Rule::always(endpoint, Fault::InvalidJson));
    }
    let error = stage.sync(id).await.unwrap_err();
    assert!(error.decision == Decision::Fail && worded(&error.failure, "validation"), "{error:?}");
    assert_eq!(stored(&stage, id).await.0, Some(error.failure), "`synced` would be a lie");
}
