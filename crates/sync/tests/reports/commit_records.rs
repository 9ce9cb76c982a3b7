//! Cursor's records of commits as evidence: every figure of delivery is the truth's, whichever of the two integrations was read
//! first; no word of a record is kept; and a plan without them takes nothing else away.

use crate::delivery::{Differences, hold_figures, teams};
use crate::filled::{Filled, column, table};
use crate::stage::{Stage, on_each_engine_with, small, today};
use tacho_domain::Window;
use tacho_domain::delivery::Tier;
use tacho_domain::report::{Question, ReportName};
use tacho_simulator::{Config, Delivery, Simulator, Vendor};
use tacho_sync::{Connect, Edit};
use tokio_util::sync::CancellationToken;

const DAYS: u32 = 62;

fn forty(commit_records: bool) -> Config {
    let delivery = Delivery { commit_records, ..Delivery::default() };
    Config { members: 40, teams: 3, days: DAYS, delivery, ..Config::new(13, today()) }
}

#[tokio::test]
async fn every_figure_counts_what_was_recorded_whichever_was_read_first() {
    for records_first in [true, false] {
        on_each_engine_with(
            || forty(true),
            async |stage| {
                let filled = Filled::with_commit_records(stage, DAYS, records_first).await;
                let question = filled.question();
                let report = filled.report(&ReportName::Delivery, &question).await;
                let mut differences = Differences::default();
                hold_figures(&filled, &report, question.window, None, &mut differences);
                for (slug, team) in teams(&report) {
                    let narrowed = Question { team: Some(team), ..question.clone() };
                    let report = filled.report(&ReportName::Delivery, &narrowed).await;
                    hold_figures(&filled, &report, question.window, Some(&slug), &mut differences);
                }
                differences.none(100);
                let (with, without) = (
                    filled.truth.delivery(question.window, None),
                    Simulator::truth(forty(false)).delivery(question.window, None),
                );
                assert!(with.exact > without.exact && with.merged == without.merged, "{with:?} and {without:?}");
                let list = table(&report, "pull_requests");
                let words = |id: &str| column(list, id).into_iter().map(|cell| cell.words().unwrap_or_default().to_owned());
                let recorded = words("why").zip(words("tier")).filter(|(why, _)| why.contains("record of a commit"));
                let recorded: Vec<String> = recorded.map(|(_, tier)| tier).collect();
                assert!(recorded.len() >= with.exact - without.exact, "{} of {with:?} and {without:?}", recorded.len());
                assert!(recorded.iter().all(|tier| tier == Tier::Exact.as_str()));
            },
        )
        .await;
    }
}

fn request(stage: &Stage) -> Connect {
    let mut request = stage.request(Vendor::Cursor);
    request.settings.0.extend([("commit_records".to_owned(), "on".to_owned())]);
    request
}

#[tokio::test]
async fn no_word_of_a_record_is_kept_and_a_connection_is_not_named_after_a_switch() {
    let delivery = Delivery { commit_records: true, ..Delivery::default() };
    let stage = Stage::of(Config { members: 20, delivery, ..small() }).await;
    let id = stage.engine.connect(stage.organization, request(&stage), &CancellationToken::new()).await.unwrap();
    let summary = stage.sync(id).await.unwrap();
    assert!(summary.stream_failures.is_empty() && summary.unknown_fields.is_empty(), "{summary:?}");
    let window = Window::ending(today(), 28);
    let slices = stage.store.list_slices(stage.organization, id, Some("commit_records"), window).await.unwrap();
    assert!(slices.iter().map(|slice| slice.rows).sum::<i64>() > 5, "{slices:?}");
    let kept = stage.store.list_archive(stage.organization, id, Some("commit_records"), window).await.unwrap();
    assert!(kept.is_empty(), "messages are in the replies");
    for file in stage.files() {
        let bytes = std::fs::read(&file).unwrap();
        for word in ["Ask the index first", "Look again", "dark-mode", "octo-demo/"] {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "`{word}` in {}", file.display());
        }
    }
    let known = stage.store.find_integration(stage.organization, id).await.unwrap().unwrap();
    assert_eq!(known.name, "Cursor");
}

#[tokio::test]
async fn a_plan_without_records_takes_nothing_else_away() {
    let stage = Stage::new().await;
    let id = stage.engine.connect(stage.organization, request(&stage), &CancellationToken::new()).await.unwrap();
    let summary = stage.sync(id).await.unwrap();
    let failures: Vec<_> = summary.stream_failures.iter().map(|(stream, failure)| (stream.as_str(), failure)).collect();
    assert!(summary.rows > 0, "{summary:?}");
    let [("commit_records", failure)] = failures[..] else { panic!("{failures:?}") };
    assert_eq!(failure.kind, "plan");
    assert!(failure.fix.contains("`commit_records`"), "{failure:?}");
    assert_eq!(stage.simulator.calls()[&tacho_simulator::Endpoint::CursorCommits].calls, 2, "once to connect, once to sync");
    let failed = async || stage.store.list_stream_failures(stage.organization, id).await.unwrap().len();
    assert_eq!(failed().await, 1);
    // Whoever switches it off is not told of it any more.
    let base = stage.request(Vendor::Cursor).settings.0;
    let edit = Edit { settings: Some(base), ..Edit::default() };
    stage.engine.edit(stage.organization, id, edit, &CancellationToken::new()).await.unwrap();
    assert!(stage.sync(id).await.unwrap().stream_failures.is_empty());
    assert_eq!(failed().await, 0);
}
