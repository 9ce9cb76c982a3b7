//! Replaces whole slices, roll-ups and splits included, on both engines, and prints rows a second. The reference in the
//! same run is a bare bulk insert of as many twelve-column rows, as the aims were measured with.
//! PostgreSQL needs `TACHO_TEST_POSTGRES` (a `postgres://` address of a server where databases may be made).
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may panic, and prints")]

mod engines;

use engines::{Bench, block_on};
use std::time::Instant as Stopwatch;
use tacho_domain::{
    Day, Dimension, Fact, IdentityRef, Instant, IntegrationId, Measure, Measures, OrganizationId, SliceState, SplitFact,
    StreamRole, ToolId, UsageFact,
};
use tacho_store::{SliceWrite, Store};

const MEMBERS: i64 = 5_000;
const DAYS: i32 = 20;
const FIRST: Day = Day(20_600);

fn main() {
    block_on(async {
        for bench in Bench::all().await {
            let (organization, integration) = bench.integration("github_copilot").await;
            for (label, with_splits) in [("usage rows", false), ("usage and split rows", true)] {
                let facts: Vec<Vec<Fact>> = (0..DAYS).map(|day| facts(FIRST.plus(day), with_splits)).collect();
                let rows: usize = facts.iter().map(Vec::len).sum();
                let first = replace_all(&bench.store, organization, integration, &facts, 1).await;
                let again = replace_all(&bench.store, organization, integration, &facts, 2).await;
                println!(
                    "{}: {label}: {rows} rows, into an empty table {:.0} rows/s, replaced {:.0} rows/s",
                    bench.name,
                    per_second(rows, first),
                    per_second(rows, again)
                );
            }
            println!("{}: bare bulk insert of 12 columns (reference): {:.0} rows/s", bench.name, bench.bare_insert().await);
            bench.finish().await;
        }
    });
}

async fn replace_all(
    store: &Store,
    organization: OrganizationId,
    integration: IntegrationId,
    days: &[Vec<Fact>],
    version: u8,
) -> f64 {
    let tool = ToolId::new("github_copilot");
    let watch = Stopwatch::now();
    for (offset, facts) in days.iter().enumerate() {
        let day = FIRST.plus(i32::try_from(offset).unwrap());
        let slice = SliceWrite {
            integration,
            tool: &tool,
            stream: "users_daily",
            role: StreamRole::Activity,
            day,
            state: SliceState::Final,
            checksum: &[version; 32],
            force: false,
            fetched_at: Instant(i64::from(version)),
            facts,
        };
        assert!(store.replace_slice(organization, &slice).await.unwrap().changed);
    }
    watch.elapsed().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn per_second(rows: usize, seconds: f64) -> f64 {
    rows as f64 / seconds
}

/// What a Copilot users report says of a day: a row a person, and with splits about ten parts of it.
fn facts(day: Day, with_splits: bool) -> Vec<Fact> {
    let mut facts = Vec::new();
    for person in 0..MEMBERS {
        let identity = IdentityRef::github(10_000 + person, &format!("person-{person}"));
        let n = (person * 31 + i64::from(day.0)) % 97;
        let measures = Measures::default()
            .with(Measure::Interactions, n)
            .with(Measure::Prompts, n / 2)
            .with(Measure::Suggestions, n * 4)
            .with(Measure::Acceptances, n)
            .with(Measure::Generations, n * 6)
            .with(Measure::GenerationsAccepted, n * 2)
            .with(Measure::LinesSuggested, n * 9)
            .with(Measure::LinesAdded, n * 7)
            .with(Measure::LinesRemoved, n)
            .with(Measure::Credits, n * 250_000);
        if with_splits {
            let part = |dimension, value: &str| {
                Fact::Split(SplitFact { day, identity: identity.clone(), dimension, value: value.to_owned(), measures })
            };
            facts.extend(["typescript", "rust", "python"].map(|value| part(Dimension::Language, value)));
            facts.extend(["gpt-5.4", "claude-sonnet-4.6", "auto"].map(|value| part(Dimension::Model, value)));
            facts.extend(["code_completion", "chat_panel_agent_mode", "agent_edit"].map(|value| part(Dimension::Feature, value)));
            facts.push(part(Dimension::Editor, "vscode"));
        }
        facts.push(Fact::Usage(UsageFact { day, identity, active: Some(n > 0), agent: Some(n % 3 == 0), measures }));
    }
    facts
}
