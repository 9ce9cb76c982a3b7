//! The organization that the pages are asked about: 5,000 people in 50 teams with three tools, as much of each as a vendor
//! tells, and everyone using everything every day, which is the worst case.

mod deliveries;
mod facts;

use crate::engines::Bench;
use facts::Days;
use futures_util::future::join_all;
use tacho_domain::{Day, Fact, Instant, IntegrationId, OrganizationId, SliceState, StreamRole, ToolId, Window};
use tacho_store::SliceWrite;

/// People.
pub(crate) const MEMBERS: i64 = 5_000;
/// The last day with data.
pub(crate) const LAST: Day = Day(20_700);
/// Days of what only the newest half year is asked for: splits, single requests, bills, teams. No page reads older ones.
const RECENT: u32 = 190;
/// Days of the lists of seats.
const SEATS: u32 = 120;
/// Days of pull requests: 100,000 of them.
const DELIVERED: u32 = 365;

/// A stream of a connector, and how far back it is filled.
struct Stream {
    name: &'static str,
    role: StreamRole,
    days: u32,
    facts: Days,
}

struct Tool {
    connector: &'static str,
    id: &'static str,
    streams: Vec<Stream>,
}

fn tools(days: u32) -> [Tool; 4] {
    let (recent, seats, delivered) = (days.min(RECENT), days.min(SEATS), days.min(DELIVERED));
    let stream = |name, role, days, facts| Stream { name, role, days, facts };
    [
        Tool {
            connector: "github_copilot",
            id: "github_copilot",
            streams: vec![
                stream("org_members", StreamRole::Roster, 1, facts::people),
                stream("user_teams", StreamRole::Roster, recent, facts::teams),
                stream("seats", StreamRole::Roster, seats, facts::copilot_seats),
                stream("credits_daily", StreamRole::Counted, recent, facts::credits),
                stream("totals_daily", StreamRole::Evidence, days, facts::totals),
                stream("users_daily", StreamRole::Activity, days, facts::copilot),
            ],
        },
        Tool {
            connector: "claude_console",
            id: "claude_code",
            streams: vec![
                stream("users", StreamRole::Roster, 1, facts::people),
                stream("usage_daily", StreamRole::Activity, days, facts::claude),
            ],
        },
        Tool {
            connector: "cursor",
            id: "cursor",
            streams: vec![
                stream("members", StreamRole::Roster, seats, facts::cursor_seats),
                stream("spend", StreamRole::Evidence, seats, facts::spend),
                stream("usage_events", StreamRole::Counted, recent, facts::events),
                stream("daily_usage", StreamRole::Activity, days, facts::cursor),
            ],
        },
        Tool {
            connector: "github_delivery",
            id: "github",
            streams: vec![
                stream("pull_requests", StreamRole::Delivery, delivered, deliveries::pull_requests),
                stream("changed_files", StreamRole::Delivery, delivered, deliveries::changed_files),
                stream("deployments", StreamRole::Delivery, delivered, deliveries::deployments),
            ],
        },
    ]
}

/// Fills an empty database: the rosters first, so that every identity is known, then all tools at once.
pub(crate) async fn fill(bench: &Bench, days: u32) {
    let mut integrations = Vec::new();
    for tool in tools(days) {
        let (organization, integration) = bench.integration(tool.connector).await;
        let first = Fill { bench, organization, integration, tool: ToolId::new(tool.id) };
        first.stream(&tool.streams[0], Window::day(LAST)).await;
        integrations.push((first, tool.streams));
    }
    join_all(integrations.iter().map(|(fill, streams)| async move {
        for stream in streams {
            fill.stream(stream, Window::ending(LAST, stream.days)).await;
        }
    }))
    .await;
    bench.analyze().await;
}

/// Rolls up the past months that are not, as the engine does after every sync. Gives how many there were.
pub(crate) async fn roll_up(bench: &Bench) -> usize {
    let months = bench.store.list_unrolled_months(bench.organization, LAST).await.unwrap();
    for month in &months {
        assert!(bench.store.roll_up_month(bench.organization, *month).await.unwrap());
    }
    months.len()
}

struct Fill<'b> {
    bench: &'b Bench,
    organization: OrganizationId,
    integration: IntegrationId,
    tool: ToolId,
}

impl Fill<'_> {
    async fn stream(&self, stream: &Stream, window: Window) {
        for day in window.days() {
            let is_recent = day > LAST.minus(i32::try_from(RECENT).unwrap());
            let facts: Vec<Fact> = (stream.facts)(day, is_recent);
            let write = SliceWrite {
                integration: self.integration,
                tool: &self.tool,
                stream: stream.name,
                role: stream.role,
                day,
                state: SliceState::Final,
                checksum: &[1; 32],
                force: false,
                fetched_at: Instant(1),
                facts: &facts,
            };
            self.bench.store.replace_slice(self.organization, &write).await.unwrap();
        }
    }
}
