//! Journeys of a sync: a first run fills, a second changes nothing, what a vendor restates is replaced, and a process that
//! dies anywhere leaves nothing that the next one does not put right.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod stage;

use stage::{Stage, assert_same, on_each_engine, today};
use tacho_domain::{SliceState, Window};
use tacho_simulator::{Endpoint, Tool, Vendor};
use tacho_sync::{Scope, Step};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_first_run_fills_and_a_second_changes_nothing() {
    on_each_engine(async |stage: Stage| {
        let ids =
            [stage.connect(Vendor::Github).await, stage.connect(Vendor::Anthropic).await, stage.connect(Vendor::Cursor).await];
        for id in ids {
            let summary = stage.sync(id).await.unwrap();
            assert!(summary.rows > 0 && summary.days_changed == summary.days, "{summary:?}");
            assert!(summary.stream_failures.is_empty() && summary.skipped_lines == 0, "{summary:?}");
        }
        for tool in Tool::ALL {
            let (found, truth) = stage.interactions(tool).await;
            assert!(truth.is_some_and(|truth| truth > 0), "{tool:?} was used");
            assert_eq!(found, truth, "{tool:?}");
        }
        let before = stage.dump().await;
        let calls = stage.simulator.calls();
        stage.pass_seconds(600);
        for id in ids {
            let summary = stage.sync(id).await.unwrap();
            assert_eq!(summary.days_changed, 0, "{summary:?}");
        }
        assert_same(&stage.dump().await, &before, "the second run");
        let again = stage.simulator.calls()[&Endpoint::ClaudeUsage].calls - calls[&Endpoint::ClaudeUsage].calls;
        assert_eq!(again, 3, "settled days are not asked for again");
    })
    .await;
}

#[tokio::test]
async fn a_restated_day_is_replaced_and_a_settled_one_stays() {
    on_each_engine(async |stage: Stage| {
        let id = stage.connect(Vendor::Anthropic).await;
        stage.sync(id).await.unwrap();
        let busy = |day| stage.simulator.truth().rows(Tool::Claude, day).is_some_and(|rows| !rows.is_empty());
        let recent = (1..=3).map(|back| today().minus(back)).find(|day| busy(*day)).expect("somebody worked");
        let settled = (6..20).map(|back| today().minus(back)).find(|day| busy(*day)).expect("somebody worked");
        let before = stage.simulator.truth().interactions(Window::ending(today().minus(1), 27), Tool::Claude);
        stage.simulator.faults().restate(Tool::Claude, recent);
        let summary = stage.sync(id).await.unwrap();
        assert_eq!((summary.days_changed, summary.window.unwrap().contains(recent)), (1, true));
        let (found, truth) = stage.interactions(Tool::Claude).await;
        assert_ne!(truth, before, "the vendor tells other numbers");
        assert_eq!(found, truth);

        stage.simulator.faults().restate(Tool::Claude, settled);
        assert_eq!(stage.sync(id).await.unwrap().days_changed, 0, "a settled day is not asked for");
        let named = Scope::again(Window::day(settled));
        let summary = stage.engine.sync(stage.organization, id, &named, &CancellationToken::new()).await.unwrap();
        assert_eq!(summary.days_changed, 1, "unless an operator names it");
        let (found, truth) = stage.interactions(Tool::Claude).await;
        assert_eq!(found, truth);
    })
    .await;
}

#[tokio::test]
async fn a_late_report_is_awaited_and_then_read() {
    let stage = Stage::new().await;
    let late = stage.simulator.faults();
    late.late_reports(4);
    let id = stage.connect(Vendor::Github).await;
    stage.sync(id).await.unwrap();
    let state = async |back: i32| {
        let window = Window::day(today().minus(back));
        let rows = stage.store.list_slices(stage.organization, id, Some("users_daily"), window).await.unwrap();
        rows.first().map(|row| row.state)
    };
    assert_eq!(state(2).await, Some(SliceState::Pending));
    assert_eq!(state(4).await, Some(SliceState::Provisional));
    late.late_reports(1);
    stage.sync(id).await.unwrap();
    assert_eq!(state(2).await, Some(SliceState::Provisional));
    let (found, truth) = stage.interactions(Tool::Copilot).await;
    assert_eq!(found, truth);
}

#[tokio::test]
async fn what_a_vendor_has_forgotten_is_kept() {
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Github).await;
    stage.sync(id).await.unwrap();
    let before = stage.dump().await;
    stage.simulator.faults().late_reports(25);
    let window = Window::ending(today().minus(10), 3);
    let summary = stage.engine.sync(stage.organization, id, &Scope::again(window), &CancellationToken::new()).await;
    assert!(summary.unwrap().days > 0);
    let after = stage.dump().await;
    let usage = |dump: &str| dump.lines().filter(|line| line.contains("github_copilot")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(usage(&after), usage(&before), "no report is no reason to forget one");
    stage.engine.reread(stage.organization, None, &CancellationToken::new()).await.unwrap();
    assert_eq!(usage(&stage.dump().await), usage(&before), "and the archive still has it");
}

#[tokio::test]
async fn reading_the_archive_again_gives_the_same_rows_without_any_call() {
    on_each_engine(async |stage: Stage| {
        for vendor in Vendor::ALL {
            let id = stage.connect(vendor).await;
            stage.sync(id).await.unwrap();
        }
        let (before, calls) = (stage.dump().await, stage.simulator.calls());
        let summary = stage.engine.reread(stage.organization, None, &CancellationToken::new()).await.unwrap();
        assert!(summary.days > 100 && summary.rows > 0 && summary.stream_failures.is_empty(), "{summary:?}");
        assert_eq!(summary.days_changed, 0, "{summary:?}");
        assert_same(&stage.dump().await, &before, "the reread");
        assert_eq!(stage.simulator.calls(), calls, "no vendor was asked");
    })
    .await;
}

/// The process dies at every step, early and late in the run; what the next one makes of it equals an undisturbed run.
async fn dies_and_comes_back(vendor: Vendor) {
    let undisturbed = Stage::new().await;
    let id = undisturbed.connect(vendor).await;
    let week = Scope { days: 7, ..Scope::default() };
    undisturbed.engine.sync(undisturbed.organization, id, &week, &CancellationToken::new()).await.unwrap();
    let expected = undisturbed.dump().await;
    on_each_engine(async |mut stage: Stage| {
        for step in Step::ALL.into_iter().filter(|step| *step != Step::BeforeFinish) {
            for nth in if step == Step::BeforeOutcome { 0..1 } else { 0..2 } {
                let known = stage.connect(vendor).await;
                let what = format!("{vendor:?} died at {step:?}, time {nth}");
                let mortal = stage.mortal(step, nth * 5);
                let organization = stage.organization;
                let run = async move { mortal.sync(organization, known, &week, &CancellationToken::new()).await };
                assert!(tokio::spawn(run).await.unwrap_err().is_panic(), "{what}");
                stage.another_process().await;
                stage.engine.sync(organization, known, &week, &CancellationToken::new()).await.unwrap();
                assert_same(&stage.dump().await, &expected, &what);
                assert!(stage.store.remove_integration(stage.organization, known, false).await.unwrap());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_process_that_dies_while_it_syncs_github_leaves_what_the_next_one_puts_right() {
    dies_and_comes_back(Vendor::Github).await;
}

#[tokio::test]
async fn a_process_that_dies_while_it_syncs_cursor_leaves_what_the_next_one_puts_right() {
    dies_and_comes_back(Vendor::Cursor).await;
}

#[tokio::test]
async fn a_year_without_reports_is_asked_for_once_and_only_a_little() {
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Github).await;
    let (organization, year, cancel) = (stage.organization, Scope::default(), CancellationToken::new());
    let asked = || stage.simulator.calls()[&Endpoint::CopilotUsersDay].calls;
    let before = asked();
    let summary = stage.engine.sync(organization, id, &year, &cancel).await.unwrap();
    let first_day = stage.simulator.truth().history().from;
    assert_eq!(summary.reports_begin.get("users_daily"), Some(&first_day.minus(14)), "{summary:?}");
    assert_eq!(asked() - before, 27 + 14, "four weeks of reports, and two weeks that tell there are no more");
    let before = asked();
    let again = stage.engine.sync(organization, id, &year, &cancel).await.unwrap();
    assert_eq!((asked() - before, again.days_changed), (5, 0), "the five days that may be restated");
    let named = Scope::again(Window::ending(first_day.minus(30), 2));
    stage.engine.sync(organization, id, &named, &cancel).await.unwrap();
    assert_eq!(asked() - before, 5 + 2, "whoever names older days has them asked for");
}
