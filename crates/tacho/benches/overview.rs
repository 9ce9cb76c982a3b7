//! Answers every page at 5,000 members in 50 teams, three years and three tools, and 100,000 pull requests of the last year,
//! on both engines: the whole way from the question to the `Report` with the first 50 rows of its table. `TACHO_BENCH_DAYS`
//! sets another number of days of history, `TACHO_BENCH_KEEP` a folder in which the databases stay, so that a second run has
//! no need to fill them, `TACHO_BENCH_PAGE` a part of the words of the pages that are wanted; `TACHO_BENCH_MONTHS=off` leaves
//! months that are not rolled up as they are.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may panic, and prints")]

mod engines;
mod organization;

use engines::{Bench, block_on, processor_ms, setting};
use organization::{LAST, MEMBERS};
use std::time::Instant as Stopwatch;
use tacho_domain::report::{Arrangement, Question, ReportName};
use tacho_domain::{Day, IntegrationId, SubjectId, ToolId, Window};
use tacho_store::Known;

/// Each page is opened so often at a stretch, which gives a median,
const OPENED: usize = 7;
/// and so often again: the best of the medians is what the page costs when nothing else runs on the machine.
const ROUNDS: usize = 4;

/// The windows of most pages, in days.
const BOTH: &[u32] = &[28, 90];

fn main() {
    let days: u32 = setting("TACHO_BENCH_DAYS").map_or(1_095, |text| text.parse().unwrap());
    let only = setting("TACHO_BENCH_PAGE").unwrap_or_default();
    block_on(async {
        for bench in Bench::all_kept(&format!("overview_{days}")).await {
            if !bench.is_filled {
                let watch = Stopwatch::now();
                organization::fill(&bench, days).await;
                println!("{}: filled in {:.0} s", bench.name, watch.elapsed().as_secs_f64());
            }
            if setting("TACHO_BENCH_MONTHS").is_none_or(|wanted| wanted != "off") {
                roll_up(&bench).await;
            }
            measure(&bench, days, &only).await;
            bench.finish().await;
        }
    });
}

async fn roll_up(bench: &Bench) {
    let watch = Stopwatch::now();
    let months = organization::roll_up(bench).await;
    if months > 0 {
        println!("{}: {months} months rolled up in {:.1} s", bench.name, watch.elapsed().as_secs_f64());
        bench.analyze().await;
    }
}

/// A page: its words, and what is asked for.
struct Page {
    words: &'static str,
    name: ReportName,
    team: Option<i64>,
    member: Option<SubjectId>,
    windows: &'static [u32],
}

async fn measure(bench: &Bench, days: u32, only: &str) {
    println!(
        "{}: {MEMBERS} members x {days} days x 3 tools; best of {ROUNDS} medians, least processor time, first of all (aim: under 50)",
        bench.name
    );
    for page in pages(bench).await.into_iter().filter(|page| page.words.contains(only)) {
        for days in page.windows {
            let (median, work, first) = open(bench, &page, Window::ending(LAST, *days)).await;
            let (name, words) = (bench.name, page.words);
            println!("{name}: {words:<24} {days:>3} days {median:>7.1} ms {work:>7.1} ms {first:>7.1} ms");
        }
    }
    println!("{}: reference, one `select 1`: {:.2} ms", bench.name, bench.ping_ms().await);
}

async fn pages(bench: &Bench) -> Vec<Page> {
    let (store, organization) = (&bench.store, bench.organization);
    let team = store.list_teams(organization, LAST).await.unwrap()[0].id;
    let integrations = store.list_integrations(organization).await.unwrap();
    let copilot: IntegrationId = integrations.iter().find(|one| one.connector == "github_copilot").unwrap().id;
    let members = store.list_members(organization).await.unwrap();
    let person = members.iter().find(|member| member.name.as_deref() == Some("Person 17")).unwrap().id;
    let page = |words, name| Page { words, name, team: None, member: None, windows: BOTH };
    let tool = |tool| ReportName::Tool(ToolId::new(tool));
    vec![
        page("Overview", ReportName::Overview),
        Page { team: Some(team), ..page("Overview of a team", ReportName::Overview) },
        page("Tool: GitHub Copilot", tool("github_copilot")),
        page("Tool: Claude Code", tool("claude_code")),
        page("Tool: Cursor", tool("cursor")),
        Page { team: Some(team), ..page("Tool: Copilot of a team", tool("github_copilot")) },
        page("Members", ReportName::Members),
        Page { team: Some(team), ..page("Members of a team", ReportName::Members) },
        page("Member", ReportName::Member(person)),
        Page { member: Some(person), windows: &[90], ..page("My usage", ReportName::Mine) },
        page("Teams", ReportName::Teams),
        page("Team", ReportName::Team(team)),
        page("Seats", ReportName::Seats),
        page("Cost", ReportName::Cost),
        page("Delivery", ReportName::Delivery),
        Page { team: Some(team), ..page("Delivery of a team", ReportName::Delivery) },
        page("Reconciliation", ReportName::Reconciliation(copilot)),
    ]
}

/// The best median, the least processor time of a round and the very first time of a page, in milliseconds. Processor time is
/// what the answer takes on one core of its own, whatever else the machine does meanwhile.
#[expect(clippy::cast_precision_loss, reason = "a small number")]
async fn open(bench: &Bench, page: &Page, window: Window) -> (f64, f64, f64) {
    let profiles = tacho_connectors::tool_profiles();
    let shown = Arrangement { limit: 50, ..Arrangement::default() };
    let question = Question {
        team: page.team,
        member: page.member,
        shown: Some(shown.clone()),
        ..Question::overview(bench.organization, window)
    };
    let known = Known { profiles: &profiles, today: Day(LAST.0 + 1) };
    let (mut best, mut least, mut first) = (f64::INFINITY, f64::INFINITY, None);
    for _ in 0..ROUNDS {
        let processes = bench.processes().await;
        let (mut times, worked) = (Vec::new(), processor_ms(&processes));
        for _ in 0..OPENED {
            let watch = Stopwatch::now();
            let mut report = bench.store.report(&page.name, &question, &known).await.unwrap().unwrap();
            report.arrange(&shown).unwrap();
            times.push(watch.elapsed().as_secs_f64() * 1_000.0);
            assert!(!report.is_empty);
        }
        least = least.min((processor_ms(&processes) - worked) / OPENED as f64);
        first = first.or(Some(times[0]));
        times.sort_by(f64::total_cmp);
        best = best.min(times[times.len() / 2]);
    }
    (best, least, first.unwrap_or_default())
}
