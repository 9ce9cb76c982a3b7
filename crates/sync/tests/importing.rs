//! Journeys of a file: recognised, read, kept by day under an integration of its own, archived so that it can be read again.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod stage;

use stage::{Stage, on_each_engine};
use std::path::PathBuf;
use tacho_domain::Window;
use tacho_simulator::Vendor;
use tacho_store::IntegrationState;
use tacho_sync::ImportError;
use tokio_util::sync::CancellationToken;

/// A Claude Code report of two people on one day, with figures of our own.
const REPORT: &str = r#"{"data":[
 {"date":"2026-03-02T00:00:00Z","actor":{"type":"user_actor","email_address":"ada@example.com"},"organization_id":"org-1",
  "customer_type":"api","terminal_type":"vscode",
  "core_metrics":{"num_sessions":4,"lines_of_code":{"added":120,"removed":15},"commits_by_claude_code":2,"pull_requests_by_claude_code":1},
  "tool_actions":{"edit_tool":{"accepted":9,"rejected":1}},
  "model_breakdown":[{"model":"claude-x","tokens":{"input":1000,"output":200,"cache_read":50,"cache_creation":5},
   "estimated_cost":{"currency":"USD","amount":25}}]},
 {"date":"2026-03-02T00:00:00Z","actor":{"type":"user_actor","email_address":"bo@example.com"},"organization_id":"org-1",
  "customer_type":"api","terminal_type":"iTerm.app",
  "core_metrics":{"num_sessions":1,"lines_of_code":{"added":3,"removed":0},"commits_by_claude_code":0,"pull_requests_by_claude_code":0},
  "tool_actions":{},"model_breakdown":[]}],
 "has_more":false,"next_page":null}"#;

fn file(stage: &Stage, name: &str, text: &str) -> PathBuf {
    let path = stage.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

async fn sessions(stage: &Stage) -> Vec<(String, Option<i64>)> {
    let mut rows = Vec::new();
    let window = Window::ending(stage::today(), 400);
    let each = |row: tacho_store::ExportRow| rows.push((row.identity, row.measures[tacho_domain::Measure::Sessions]));
    stage.store.export_usage(stage.organization, window, each).await.unwrap();
    rows.sort();
    rows
}

#[tokio::test]
async fn a_saved_report_is_imported_once_and_can_be_read_again() {
    on_each_engine(async |stage: Stage| {
        let path = file(&stage, "report.json", REPORT);
        let imported = stage.engine.import(stage.organization, &path, None).await.unwrap();
        assert_eq!((imported.connector, imported.stream.id, imported.summary.days), ("claude_console", "usage_daily", 1));
        assert!(imported.summary.rows >= 2 && imported.summary.skipped_lines == 0, "{imported:?}");
        let expected = vec![("ada@example.com".to_owned(), Some(4)), ("bo@example.com".to_owned(), Some(1))];
        assert_eq!(sessions(&stage).await, expected);

        let again = stage.engine.import(stage.organization, &path, None).await.unwrap();
        assert_eq!((again.integration, again.summary.days_changed), (imported.integration, 0), "once more changes nothing");
        let summary = stage.engine.reread(stage.organization, None, &CancellationToken::new()).await.unwrap();
        assert_eq!((summary.days, summary.days_changed), (1, 0), "{summary:?}");
        assert_eq!(sessions(&stage).await, expected);

        let known = stage.store.find_integration(stage.organization, imported.integration).await.unwrap().unwrap();
        assert_eq!((known.state, known.credential_tail), (IntegrationState::Imported, None));
        let error = stage.sync(imported.integration).await.unwrap_err();
        assert_eq!(error.decision, tacho_sync::Decision::Fail, "there is nothing to sync: {error}");
    })
    .await;
}

#[tokio::test]
async fn a_corrected_file_replaces_its_days() {
    let stage = Stage::new().await;
    let path = file(&stage, "report.json", REPORT);
    stage.engine.import(stage.organization, &path, Some("march")).await.unwrap();
    let corrected = file(&stage, "corrected.json", &REPORT.replace("\"num_sessions\":4", "\"num_sessions\":6"));
    let second = stage.engine.import(stage.organization, &corrected, Some("march")).await.unwrap();
    assert_eq!(second.summary.days_changed, 1);
    assert_eq!(sessions(&stage).await[0], ("ada@example.com".to_owned(), Some(6)), "replaced, not added");
}

#[tokio::test]
async fn past_months_are_rolled_up_again_after_whatever_changed_them() {
    on_each_engine(async |stage: Stage| {
        let unrolled = async || stage.store.list_unrolled_months(stage.organization, stage::today()).await.unwrap().len();
        let path = file(&stage, "report.json", REPORT);
        stage.engine.import(stage.organization, &path, None).await.unwrap();
        assert_eq!(unrolled().await, 0, "after an import");
        let corrected = file(&stage, "corrected.json", &REPORT.replace("\"num_sessions\":4", "\"num_sessions\":6"));
        let second = stage.engine.import(stage.organization, &corrected, None).await.unwrap();
        assert_eq!((second.summary.days_changed, unrolled().await), (1, 0), "after another one of the same day");
        // What goes takes every roll-up of the organization with it; the newest three months are read by their days anyway.
        let forget = async || {
            let other = stage.engine.import(stage.organization, &path, Some("to be removed")).await.unwrap().integration;
            assert!(stage.store.remove_integration(stage.organization, other, false).await.unwrap());
            assert_eq!(unrolled().await, 5, "March to July");
        };
        forget().await;
        stage.engine.reread(stage.organization, None, &CancellationToken::new()).await.unwrap();
        assert_eq!(unrolled().await, 0, "after reading the archive again");
        forget().await;
        let id = stage.connect(Vendor::Anthropic).await;
        stage.sync(id).await.unwrap();
        assert_eq!(unrolled().await, 0, "after a sync of any integration");
    })
    .await;
}

#[tokio::test]
async fn days_that_a_live_connection_counts_as_well_are_pointed_out() {
    let stage = Stage::new().await;
    let id = stage.connect(Vendor::Anthropic).await;
    stage.sync(id).await.unwrap();
    let day = (4..20)
        .map(|back| stage::today().minus(back))
        .find(|day| stage.simulator.truth().rows(tacho_simulator::Tool::Claude, *day).is_some_and(|rows| !rows.is_empty()))
        .expect("somebody worked");
    let path = file(&stage, "report.json", &REPORT.replace("2026-03-02", &day.to_string()));
    let imported = stage.engine.import(stage.organization, &path, None).await.unwrap();
    assert_eq!(imported.also_elsewhere.into_iter().collect::<Vec<_>>(), [day]);
}

#[tokio::test]
async fn a_file_that_is_no_report_is_refused_with_what_would_be_understood() {
    let stage = Stage::new().await;
    let refused = async |name: &str, text: &str| {
        let path = file(&stage, name, text);
        stage.engine.import(stage.organization, &path, None).await.unwrap_err()
    };
    let ImportError::Unrecognised { path, understood } = refused("shopping.txt", "milk, bread").await else { panic!() };
    assert!(path.ends_with("shopping.txt") && understood.iter().any(|line| line.starts_with("Cursor: ")), "{understood:?}");
    assert!(understood.iter().all(|line| !line.contains("ommit") && !line.contains("ull request")), "{understood:?}");
    let cut = refused("cut.json", &REPORT[..REPORT.len() / 2]).await;
    assert!(matches!(cut, ImportError::Misread(_)), "{cut:?}");
    let missing = stage.engine.import(stage.organization, &stage.folder.path().join("none.json"), None).await.unwrap_err();
    assert!(matches!(missing, ImportError::Unreadable { .. }) && missing.to_string().contains("none.json"), "{missing}");
    assert!(stage.store.list_integrations(stage.organization).await.unwrap().is_empty(), "nothing was made");
}
