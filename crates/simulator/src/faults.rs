//! Everything that goes wrong with vendors, on demand: by endpoint, so many times, always in the same order.

use crate::activity::Tool;
use crate::github::graphql::Points;
use crate::secrets::{Keys, Vendor};
use crate::world::World;
use std::sync::{Arc, Mutex, PoisonError};
use tacho_domain::Day;
use tokio::sync::Notify;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// GitHub's token for an app's installation.
    AppToken,
    /// Copilot's `users-1-day` envelope.
    CopilotUsersDay,
    /// Copilot's `users-28-day/latest` envelope.
    CopilotUsersLatest,
    /// Copilot's `organization-1-day` or `enterprise-1-day` envelope.
    CopilotTotalsDay,
    /// Copilot's `organization-28-day/latest` or `enterprise-28-day/latest` envelope.
    CopilotTotalsLatest,
    /// Copilot's `user-teams-1-day` envelope.
    CopilotUserTeams,
    /// A signed download.
    CopilotDownload,
    /// Copilot's seats.
    CopilotSeats,
    /// Copilot's seat summary.
    CopilotBilling,
    /// The bill in AI credits.
    CopilotCredits,
    /// The metrics API that closed in April 2026.
    CopilotLegacy,
    /// GitHub's members of the organization.
    GithubMembers,
    /// GitHub's teams and their members.
    GithubTeams,
    /// GitHub's search for merged pull requests.
    PullRequestSearch,
    /// GitHub's deployments and releases.
    Deployments,
    /// Copilot's `repos-1-day` envelope.
    ReposDay,
    /// Anthropic's `usage_report/claude_code`.
    ClaudeUsage,
    /// Anthropic's users of the organization.
    ClaudeUsers,
    /// Cursor's members.
    CursorMembers,
    /// Cursor's daily usage.
    CursorDailyUsage,
    /// Cursor's usage events.
    CursorEvents,
    /// Cursor's spend of the cycle.
    CursorSpend,
    /// Cursor's records of commits.
    CursorCommits,
    /// What Copilot tells a person of their own use.
    CopilotQuota,
    /// What Claude tells a person of their own use.
    ClaudeQuota,
    /// What Codex tells a person of their own use.
    CodexQuota,
    /// Cursor's usage summary of a person.
    CursorQuota,
    /// What Cursor told before there was a summary.
    CursorOldQuota,
    /// What OpenCode tells a person of their own use.
    OpencodeQuota,
}

impl Endpoint {
    /// Whose it is. How Codex and OpenCode word a refusal is not known, so they borrow the shape of another.
    #[must_use]
    pub const fn vendor(self) -> Vendor {
        match self {
            Self::ClaudeUsage | Self::ClaudeUsers | Self::ClaudeQuota => Vendor::Anthropic,
            Self::CursorMembers
            | Self::CursorDailyUsage
            | Self::CursorEvents
            | Self::CursorSpend
            | Self::CursorCommits
            | Self::CursorQuota
            | Self::CursorOldQuota
            | Self::CodexQuota
            | Self::OpencodeQuota => Vendor::Cursor,
            _ => Vendor::Github,
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// 429; without `Retry-After`, and without any other hint, where no number is given.
    RateLimited {
        /// Seconds for `Retry-After`.
        retry_after_seconds: Option<u32>,
    },
    /// GitHub's other way of saying it: 403 with `x-ratelimit-remaining: 0`.
    LimitSpent {
        /// When the limit is renewed.
        reset_epoch_seconds: i64,
    },
    /// GraphQL's way of saying it: 200 with the error `RATE_LIMITED`.
    PointsSpent {
        /// When the limit is renewed.
        reset_epoch_seconds: i64,
    },
    /// GraphQL's 200 with a row that is `null` and an error that says so.
    PartialNodes,
    /// Any other status, with the vendor's error body (HTML where a gateway answers: 502, 503).
    Status(u16),
    /// No answer until [`Faults::release`], then the usual one.
    Slow,
    /// The connection ends in the middle of the body.
    CutBody,
    /// A gzip body that ends too early.
    CutGzip,
    /// 200 with half a JSON text.
    InvalidJson,
    /// A signed link that is past its hour.
    ExpiredLink,
    /// The page names itself as the next page, with the same rows.
    RepeatedPage,
    /// The page begins with the last row of the page before.
    OverlappingPages,
    /// 200 with the JSON string `No report available`.
    NoReportText,
    /// 401, as after the token was rotated or revoked.
    Unauthorized,
    /// 403 that names the scopes it wants in its headers.
    MissingScopes,
    /// 403 since the vendor's metrics are switched off.
    PolicyOff,
    /// An error whose body repeats the secret.
    EchoSecret,
    /// Cursor's events in the second envelope seen in the wild.
    OtherEnvelope,
}

/// A fault, where, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    endpoint: Endpoint,
    fault: Fault,
    after: u32,
    times: Option<u32>,
}

impl Rule {
    /// On the next call of that endpoint, once.
    #[must_use]
    pub const fn once(endpoint: Endpoint, fault: Fault) -> Self {
        Self { endpoint, fault, after: 0, times: Some(1) }
    }

    /// On every call of that endpoint until cleared.
    #[must_use]
    pub const fn always(endpoint: Endpoint, fault: Fault) -> Self {
        Self { endpoint, fault, after: 0, times: None }
    }

    /// So many times instead.
    #[must_use]
    pub const fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Only after so many calls have gone well.
    #[must_use]
    pub const fn after(self, calls: u32) -> Self {
        Self { after: calls, ..self }
    }
}

/// The switchboard. Clones share it.
#[derive(Debug, Clone)]
pub struct Faults {
    rules: Arc<Mutex<Vec<Rule>>>,
    released: Arc<Notify>,
    world: Arc<World>,
    keys: Arc<Keys>,
    points: Arc<Points>,
}

impl Faults {
    pub(crate) fn new(world: Arc<World>, keys: Arc<Keys>, points: Arc<Points>) -> Self {
        Self { rules: Arc::default(), released: Arc::default(), world, keys, points }
    }

    /// Switches a fault on. Rules for the same endpoint take their turns in the order they were given.
    pub fn add(&self, rule: Rule) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).push(rule);
    }

    /// Switches all rules off. What was restated, rotated or late stays so.
    pub fn clear(&self) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Lets every slow answer that is waiting now go.
    pub fn release(&self) {
        self.released.notify_waiters();
    }

    /// From now on the vendor tells other numbers for that day, and some people's rows are gone. The truth follows.
    pub fn restate(&self, tool: Tool, day: Day) {
        self.world.restate(tool, day);
    }

    /// From now on Copilot's reports of this many days, the current one included, are missing. The truth follows.
    pub fn late_reports(&self, days: u32) {
        self.world.set_late_days(days);
    }

    /// Time passes for GraphQL's limits, as if so many seconds had been waited.
    pub fn pass_seconds(&self, seconds: u64) {
        self.points.pass(seconds);
    }

    /// The current day becomes that one; the truth and what is published follow.
    pub fn set_today(&self, today: Day) {
        self.world.set_today(today);
    }

    /// Replaces the vendor's secret: the old one is refused with 401. Returns the new one.
    #[must_use]
    pub fn rotate(&self, vendor: Vendor) -> String {
        self.keys.rotate(vendor)
    }

    pub(crate) fn next(&self, endpoint: Endpoint) -> Option<Fault> {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let place = rules.iter().position(|rule| rule.endpoint == endpoint)?;
        let rule = &mut rules[place];
        if rule.after > 0 {
            rule.after -= 1;
            return None;
        }
        let fault = rule.fault.clone();
        if let Some(times) = &mut rule.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                rules.remove(place);
            }
        }
        Some(fault)
    }

    pub(crate) async fn wait_for_release(&self) {
        self.released.notified().await;
    }
}
