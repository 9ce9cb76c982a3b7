//! Answers the pages at 5,000 members in 50 teams, three years and three tools, on both engines: the whole way from the
//! question to the `Report`. `TACHO_BENCH_DAYS` sets another number of days of history.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may panic, and prints")]

mod engines;

use engines::{Bench, block_on};
use std::time::Instant as Stopwatch;
use tacho_domain::report::{Arrangement, Question, ReportName};
use tacho_domain::{
    Day, Fact, IdentityRef, Instant, Measure, Measures, PersonFact, SliceState, StreamRole, TeamFact, ToolId, UsageFact, Window,
};
use tacho_store::{Known, SliceWrite};

const MEMBERS: i64 = 5_000;
const LAST: Day = Day(20_700);
const TOOLS: [(&str, &str, &str); 3] = [
    ("github_copilot", "github_copilot", "users_daily"),
    ("claude_console", "claude_code", "usage_daily"),
    ("cursor", "cursor", "daily_usage"),
];

/// The stream whose integration also names teams.
const SNAPSHOTS_BESIDE: &str = TOOLS[0].2;

fn main() {
    #[expect(clippy::disallowed_methods, reason = "a benchmark has no configuration but this")]
    let days: u32 = std::env::var("TACHO_BENCH_DAYS").map_or(1_095, |text| text.parse().unwrap());
    block_on(async {
        for bench in Bench::all().await {
            fill(&bench, days).await;
            for window in [28, 90] {
                let (median, first) = ask(&bench, Window::ending(LAST, window)).await;
                println!(
                    "{}: Overview of {window} days at {MEMBERS} members x {days} days x {} tools: median {median:.1} ms, first {first:.1} ms (aim at 28 days: under 20)",
                    bench.name,
                    TOOLS.len()
                );
            }
            for window in [28, 90] {
                for (page, name, team) in pages(&bench).await {
                    let (median, first) = open(&bench, &name, Window::ending(LAST, window), team).await;
                    println!(
                        "{}: {page} of {window} days: median {median:.1} ms, first {first:.1} ms (aim at 28 days: under 50)",
                        bench.name
                    );
                }
            }
            println!("{}: reference, one `select 1`: {:.2} ms", bench.name, bench.ping_ms().await);
            bench.finish().await;
        }
    });
}

async fn fill(bench: &Bench, days: u32) {
    for (connector, tool, stream) in TOOLS {
        let (organization, integration) = bench.integration(connector).await;
        let tool = ToolId::new(tool);
        let roster: Vec<Fact> = (0..MEMBERS).map(person).collect();
        let slice = |stream, role, day| SliceWrite {
            integration,
            tool: &tool,
            stream,
            role,
            day,
            state: SliceState::Final,
            checksum: &[1; 32],
            force: false,
            fetched_at: Instant(1),
            facts: &[],
        };
        bench
            .store
            .replace_slice(organization, &SliceWrite { facts: &roster, ..slice("roster", StreamRole::Roster, LAST) })
            .await
            .unwrap();
        if stream == SNAPSHOTS_BESIDE {
            for day in Window::ending(LAST, days.min(120)).days() {
                let facts: Vec<Fact> = (0..MEMBERS).map(|n| member_of(day, n)).collect();
                let write = SliceWrite { facts: &facts, ..slice("user_teams", StreamRole::Roster, day) };
                bench.store.replace_slice(organization, &write).await.unwrap();
            }
        }
        for day in Window::ending(LAST, days).days() {
            let facts: Vec<Fact> = (0..MEMBERS).map(|n| usage(day, n)).collect();
            let write = SliceWrite { facts: &facts, ..slice(stream, StreamRole::Activity, day) };
            bench.store.replace_slice(organization, &write).await.unwrap();
        }
    }
    bench.analyze().await;
}

fn identity(n: i64) -> IdentityRef {
    IdentityRef::email(&format!("person-{n}@example.com"))
}

fn person(n: i64) -> Fact {
    let email = format!("person-{n}@example.com");
    Fact::Person(PersonFact { identity: identity(n), name: Some(format!("Person {n}")), email: Some(email), removed: false })
}

/// A hundred people a team; every day somebody else is lent to the next one.
fn member_of(day: Day, n: i64) -> Fact {
    let lent = i64::from(n % 100 == i64::from(day.0) % 100);
    let team = (n / 100 + lent) % (MEMBERS / 100);
    Fact::Team(TeamFact { day, identity: identity(n), team_key: format!("team-{team}"), team: format!("Team {team}") })
}

fn usage(day: Day, n: i64) -> Fact {
    let k = (n * 31 + i64::from(day.0) * 7) % 61;
    let measures = Measures::default()
        .with(Measure::Interactions, k)
        .with(Measure::Suggestions, k * 4)
        .with(Measure::Acceptances, k)
        .with(Measure::LinesAdded, k * 7)
        .with(Measure::TokensInput, k * 1_000)
        .with(Measure::Cost, k * 12_345);
    Fact::Usage(UsageFact { day, identity: identity(n), active: Some(k > 9), agent: Some(k > 30), measures })
}

/// The pages that are opened: their words, and what is asked for.
async fn pages(bench: &Bench) -> Vec<(&'static str, ReportName, Option<i64>)> {
    let team = bench.store.list_teams(bench.organization, LAST).await.unwrap()[0].id;
    vec![
        ("Overview page", ReportName::Overview, None),
        ("Overview page of one team", ReportName::Overview, Some(team)),
        ("Members page", ReportName::Members, None),
        ("Members page of one team", ReportName::Members, Some(team)),
        ("Teams page", ReportName::Teams, None),
        ("Team page", ReportName::Team(team), None),
    ]
}

/// Median and first time of 11 reports with their main table's first 50 rows, in milliseconds.
async fn open(bench: &Bench, name: &ReportName, window: Window, team: Option<i64>) -> (f64, f64) {
    let profiles = tacho_connectors::tool_profiles();
    let question = Question { team, ..Question::overview(bench.organization, window) };
    let known = Known { profiles: &profiles, today: LAST };
    let mut times = Vec::new();
    for _ in 0..11 {
        let watch = Stopwatch::now();
        let mut report = bench.store.report(name, &question, &known).await.unwrap().unwrap();
        report.arrange(&Arrangement { limit: 50, ..Arrangement::default() }).unwrap();
        times.push(watch.elapsed().as_secs_f64() * 1_000.0);
        assert!(!report.is_empty);
    }
    let first = times[0];
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], first)
}

/// Median and first time of 21 answers, in milliseconds.
async fn ask(bench: &Bench, window: Window) -> (f64, f64) {
    let profiles = tacho_connectors::tool_profiles();
    let question = Question::overview(bench.organization, window);
    let mut times = Vec::new();
    for _ in 0..21 {
        let watch = Stopwatch::now();
        let overview = bench.store.overview(&question, &profiles).await.unwrap();
        times.push(watch.elapsed().as_secs_f64() * 1_000.0);
        assert_eq!(overview.members.total_rows, usize::try_from(MEMBERS).unwrap());
    }
    let first = times[0];
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], first)
}
