//! Pull requests and deployments from the search to the tables, against the simulated GitHub: the right ones, each once,
//! whatever goes wrong on the way, and a hundred thousand of them.
#![allow(clippy::print_stdout, reason = "the figures are for whoever runs it")]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod stage;

use stage::{Stage, four_weeks, on_each_engine_with, today};
use std::collections::BTreeMap;
use tacho_domain::delivery::PullRequestFact;
use tacho_domain::{IdentityRef, IntegrationId, SliceState, Window};
use tacho_simulator::{Config, Delivery, Endpoint, Fault, PullTruth, Rule};
use tacho_sync::{Decision, Scope, Step, Summary};
use tokio_util::sync::CancellationToken;

/// Everything that can be read.
const EVERYTHING: &[(&str, &str)] = &[("deployments", "environment:production"), ("rework", "on"), ("copilot_reports", "on")];

fn weeks() -> Window {
    Window::ending(today(), 28)
}

/// Forty people over four weeks.
fn forty() -> Config {
    let delivery = Delivery { merged_per_week_milli: 3_000, ..Delivery::default() };
    Config { members: 40, teams: 3, days: 40, delivery, ..Config::new(7, today()) }
}

/// What a reader is to make of what was merged, by repository and number.
fn expected(stage: &Stage, window: Window) -> BTreeMap<(i64, u32), PullRequestFact> {
    let truth = stage.simulator.truth();
    let people = truth.people();
    let who = |index: usize| IdentityRef::github(people[index].github_id, &people[index].login);
    let fact = |pull: PullTruth| ((pull.repository_id, pull.number), pull.fact(pull.author.map(who)));
    truth.pull_requests(window).map(fact).collect()
}

/// Holds every stored pull request against the truth; the names of people are the store's to say.
async fn assert_right(stage: &Stage, window: Window, what: &str) {
    let expected = expected(stage, window);
    assert!(!expected.is_empty());
    let key = |author: &Option<IdentityRef>| author.as_ref().map(|author| (author.kind, author.key.clone()));
    for ((repository, number), truth) in &expected {
        let found = stage.store.find_pull_request(stage.organization, *repository, *number).await.unwrap();
        let found = found.unwrap_or_else(|| panic!("{what}: {}#{number} is missing", truth.repository.name)).fact;
        assert_eq!(key(&found.author), key(&truth.author), "{what}: {}#{number}", truth.repository.name);
        let truth = PullRequestFact { author: found.author.clone(), ..truth.clone() };
        assert_eq!(found, truth, "{what}: {}#{number}", truth.repository.name);
    }
    assert_eq!(stored(stage, window).await, expected.len(), "{what}: and no other");
}

/// How many pull requests the store has.
async fn stored(stage: &Stage, window: Window) -> usize {
    let mut rows = 0;
    for integration in stage.store.list_integrations(stage.organization).await.unwrap() {
        let slices = stage.store.list_slices(stage.organization, integration.id, Some("pull_requests"), window).await.unwrap();
        rows += slices.iter().map(|slice| slice.rows).sum::<i64>();
    }
    usize::try_from(rows).unwrap()
}

async fn sync(stage: &Stage, id: IntegrationId, scope: &Scope) -> Summary {
    stage.engine.sync(stage.organization, id, scope, &CancellationToken::new()).await.unwrap()
}

#[tokio::test]
async fn everything_read_is_what_was_merged_and_reading_again_changes_nothing() {
    on_each_engine_with(forty, async |stage| {
        let id = stage.connect_delivery(EVERYTHING).await;
        let summary = sync(&stage, id, &four_weeks()).await;
        assert!(summary.stream_failures.is_empty(), "{:?}", summary.stream_failures);
        assert_eq!((summary.skipped_lines, summary.outside_window, summary.unknown_fields.len()), (0, 0, 0), "{summary:?}");
        assert_right(&stage, weeks(), "first").await;

        let slices = stage.store.list_slices(stage.organization, id, None, weeks()).await.unwrap();
        let rows = |stream: &str| slices.iter().filter(|slice| slice.stream == stream).map(|slice| slice.rows).sum::<i64>();
        let truth = stage.simulator.truth();
        assert_eq!(rows("deployments"), i64::try_from(truth.deployments(weeks()).len()).unwrap());
        assert_eq!(rows("changed_files"), rows("pull_requests"), "one list of files each");
        assert!(rows("repos_daily") > 0);
        let totals = stage.store.list_totals(stage.organization, weeks()).await.unwrap();
        for day in weeks().days() {
            let Some(repositories) = truth.repository_days(day).filter(|_| today().since(day) >= 3) else { continue };
            let found = totals.iter().find(|total| total.day == day && total.name == "pull_requests_merged");
            let merged: i64 = repositories.iter().map(|repository| repository.merged).sum();
            assert_eq!(found.map_or(0, |total| total.value), merged, "{day}");
        }

        let again = sync(&stage, id, &four_weeks()).await;
        assert_eq!(again.days_changed, 0, "nothing has changed");
        assert_right(&stage, weeks(), "again").await;
    })
    .await;
}

#[tokio::test]
async fn a_process_that_dies_anywhere_leaves_neither_gap_nor_twin() {
    on_each_engine_with(forty, async |mut stage| {
        let id = stage.connect_delivery(&[]).await;
        for (step, nth) in [(Step::Fetched, 2), (Step::BeforeReplace, 3), (Step::Replaced, 4), (Step::SliceDone, 3)] {
            let (mortal, organization) = (stage.mortal(step, nth), stage.organization);
            let run = async move { mortal.sync(organization, id, &four_weeks(), &CancellationToken::new()).await };
            assert!(tokio::spawn(run).await.unwrap_err().is_panic(), "{step:?}");
            stage.another_process().await;
        }
        let before = stored(&stage, weeks()).await;
        assert!(before > 0, "what was replaced stays");
        sync(&stage, id, &four_weeks()).await;
        assert!(before < stored(&stage, weeks()).await, "and the rest came after");
        assert_right(&stage, weeks(), "after four deaths").await;
    })
    .await;
}

#[tokio::test]
async fn a_day_with_more_than_a_search_gives_is_read_in_parts() {
    let busy = || {
        let delivery = Delivery { busy_day: Some((today().minus(2), 2_300)), ..Delivery::default() };
        Config { members: 40, teams: 3, days: 40, delivery, ..Config::new(8, today()) }
    };
    on_each_engine_with(busy, async |stage| {
        let id = stage.connect_delivery(&[]).await;
        let week = Window::ending(today(), 4);
        sync(&stage, id, &Scope { days: 4, ..Scope::default() }).await;
        assert!(expected(&stage, week).len() > 2_300);
        assert_right(&stage, week, "busy").await;
    })
    .await;
}

#[tokio::test]
async fn a_search_that_is_too_heavy_is_asked_for_less_at_once() {
    let heavy = || {
        let mut config = forty();
        config.delivery.heavy_above = Some(12);
        config
    };
    on_each_engine_with(heavy, async |stage| {
        let id = stage.connect_delivery(&[]).await;
        sync(&stage, id, &four_weeks()).await;
        assert_right(&stage, weeks(), "in pages of ten").await;
        let calls = stage.simulator.calls()[&Endpoint::PullRequestSearch].calls;
        // Each day begins with the usual size: 50 and 25 are refused once, and not tried again as they are.
        let pages: usize = weeks().days().map(|day| expected_pages(&stage, day)).sum();
        assert!(calls <= u64::try_from(pages + 2 * 28 + 2).unwrap(), "{calls} for {pages} pages");
    })
    .await;
}

fn expected_pages(stage: &Stage, day: tacho_domain::Day) -> usize {
    stage.simulator.truth().pull_requests(Window::day(day)).count().div_ceil(10).max(1)
}

#[tokio::test]
async fn what_goes_wrong_is_waited_for_or_asked_again() {
    use Endpoint::PullRequestSearch as Search;
    let soon = today().start().plus_seconds(8 * 3_600 + 30).0 / 1_000_000;
    for rule in [
        Rule::once(Search, Fault::PointsSpent { reset_epoch_seconds: soon }).after(3),
        Rule::once(Search, Fault::RateLimited { retry_after_seconds: Some(2) }).after(3),
        Rule::once(Search, Fault::Status(502)).after(3),
        Rule::once(Search, Fault::Status(504)).times(2).after(3),
        Rule::once(Search, Fault::CutBody).after(3),
    ] {
        let stage = Stage::of(forty()).await;
        let id = stage.connect_delivery(&[]).await;
        stage.simulator.faults().add(rule.clone());
        let summary = sync(&stage, id, &four_weeks()).await;
        assert!(summary.stream_failures.is_empty(), "{rule:?}: {:?}", summary.stream_failures);
        assert_right(&stage, weeks(), &format!("{rule:?}")).await;
    }
}

#[tokio::test]
async fn an_allowance_that_is_used_up_for_long_ends_the_run_until_then() {
    let stage = Stage::of(forty()).await;
    let id = stage.connect_delivery(&[]).await;
    let reset = stage.now().plus_seconds(1_800);
    let spent = Fault::PointsSpent { reset_epoch_seconds: reset.0 / 1_000_000 };
    stage.simulator.faults().add(Rule::once(Endpoint::PullRequestSearch, spent).after(5));
    let error = stage.engine.sync(stage.organization, id, &four_weeks(), &CancellationToken::new()).await.unwrap_err();
    assert_eq!((error.decision, error.failure.kind.as_str()), (Decision::Retry { not_before: Some(reset) }, "rate_limit"));
    let before = stored(&stage, weeks()).await;
    assert!(before > 0, "what was read until then stays");
    stage.pass_seconds(1_801);
    sync(&stage, id, &four_weeks()).await;
    assert_right(&stage, weeks(), "after the reset").await;
}

#[tokio::test]
async fn a_day_that_came_in_part_is_asked_again_however_old_it_is() {
    let stage = Stage::of(forty()).await;
    let id = stage.connect_delivery(&[]).await;
    stage.simulator.faults().add(Rule::always(Endpoint::PullRequestSearch, Fault::PartialNodes));
    let summary = sync(&stage, id, &four_weeks()).await;
    assert!(summary.skipped_lines > 0);
    let (truth, before) = (expected(&stage, weeks()).len(), stored(&stage, weeks()).await);
    assert!(before < truth && before > truth / 2, "{before} of {truth}");
    let slices = stage.store.list_slices(stage.organization, id, Some("pull_requests"), weeks()).await.unwrap();
    let open = slices.iter().filter(|slice| !slice.state.is_settled() && today().since(slice.day) > 3).count();
    assert!(open > 10, "old days are open: {open}");
    stage.simulator.faults().clear();
    sync(&stage, id, &four_weeks()).await;
    assert_right(&stage, weeks(), "after it has passed").await;
    let slices = stage.store.list_slices(stage.organization, id, Some("pull_requests"), weeks()).await.unwrap();
    let old = slices.iter().filter(|slice| today().since(slice.day) > 3);
    assert!(old.clone().count() > 20 && old.clone().all(|slice| slice.state == SliceState::Final));
}

#[tokio::test]
async fn an_organization_that_nobody_sees_is_not_connected() {
    let stage = Stage::of(forty()).await;
    let mut request = stage.request(tacho_simulator::Vendor::Github);
    request.connector_id = "github_delivery".to_owned();
    request.settings.0.insert("organization".to_owned(), "nobody-here".to_owned());
    let error = stage.engine.connect(stage.organization, request, &CancellationToken::new()).await.unwrap_err();
    assert!(error.to_string().contains("setting `organization`"), "{error}");
}

/// People enough for a hundred thousand in a year.
fn hundred_thousand() -> Config {
    let delivery = Delivery {
        repositories: 40,
        merged_per_week_milli: 7_200,
        graphql_limits: true,
        effect_permille: None,
        ..Delivery::default()
    };
    Config { members: 300, teams: 12, days: 380, delivery, ..Config::new(21, today()) }
}

/// The real manners, GitHub's limits enforced, and a process that dies in the middle. It takes minutes, most of them spent
/// leaving GitHub alone: `cargo nextest run -p tacho-sync --test delivery --run-ignored only --no-capture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: 2,000 points a minute are kept to"]
async fn a_hundred_thousand_pull_requests_within_the_limits() {
    on_each_engine_with(hundred_thousand, async |stage| {
        let id = stage.connect_delivery(&[]).await;
        let year = Scope::default();
        let begun = std::time::Instant::now();
        let (died, after) = {
            let engine = stage.patient_engine();
            let passed = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
            let mortal = engine.with_hook(std::sync::Arc::new(move |step| {
                let count = passed.fetch_add(u32::from(step == Step::BeforeReplace), std::sync::atomic::Ordering::Relaxed);
                assert!(!(step == Step::BeforeReplace && count == 180), "died as told");
            }));
            let organization = stage.organization;
            let run = tokio::spawn(async move { mortal.sync(organization, id, &year, &CancellationToken::new()).await });
            (run.await.unwrap_err().is_panic(), begun.elapsed())
        };
        assert!(died);
        let window = Window::ending(today(), 365);
        let before = stored(&stage, window).await;
        let summary = stage.patient_engine().sync(stage.organization, id, &year, &CancellationToken::new()).await.unwrap();
        let took = begun.elapsed();
        let count = stored(&stage, window).await;
        println!(
            "{count} pull requests in {took:.1?} ({before} in {after:.1?} before the death); {} calls in the second run",
            summary.calls
        );
        assert!(summary.stream_failures.is_empty());
        let truth = stage.simulator.truth().pull_requests(window).count();
        assert_eq!(count, truth, "neither gap nor twin");
        assert!(count >= 100_000, "{count}");
        assert_right(&stage, Window::ending(today().minus(200), 7), "a week in the middle").await;
    })
    .await;
}
