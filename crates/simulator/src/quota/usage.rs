//! Who is asking, and how much of what is included they have used by the simulator's calendar.

use crate::faults::Endpoint;
use crate::quota::accounts::{Account, Cursor, Shape, find};
use crate::quota::{body, no};
use crate::reply::Reply;
use crate::site::{Asked, Site};
use std::borrow::Cow;
use tacho_domain::Day;

/// How things stand with one account today.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Used of the main meter.
    pub(crate) used: f64,
    /// Included; 0: nothing to measure against.
    pub(crate) limit: f64,
    /// The current day.
    pub(crate) today: Day,
    /// How far the month has gone, in thousandths.
    pub(crate) gone: u32,
}

impl Standing {
    pub(crate) fn of(site: &Site, account: &Account) -> Self {
        let today = site.world.today();
        let (first, next) = (today.month(), next_month(today));
        let thousandths = i64::from(today.since(first) + 1) * 1_000 / i64::from(next.since(first).max(1));
        let gone = u32::try_from(thousandths).unwrap_or(0);
        let by_calendar = u64::from(account.limit.max(1)) * u64::from(account.pace) * u64::from(gone) / 1_000_000;
        let by_calendar = f64::from(u32::try_from(by_calendar).unwrap_or(u32::MAX));
        let (used, limit) = match site.quota.moved(account) {
            Some(moved) => (moved.used, moved.limit.unwrap_or(f64::from(account.limit))),
            None => (by_calendar, f64::from(account.limit)),
        };
        Self { used, limit, today, gone }
    }

    /// What is left; less than nothing beyond the limit.
    pub(crate) fn left(&self) -> f64 {
        self.limit - self.used
    }

    /// The share used, in per cent with one decimal.
    pub(crate) fn percent(&self) -> f64 {
        if self.limit > 0.0 { (self.used * 1_000.0 / self.limit).round() / 10.0 } else { 0.0 }
    }

    /// The first day of the next month.
    pub(crate) fn next_month(&self) -> Day {
        next_month(self.today)
    }

    /// What another meter of the same account stands at: so many thousandths of its limit by the end of the month.
    pub(crate) fn beside(&self, limit: u32, pace: u32) -> u32 {
        let used = u64::from(limit) * u64::from(pace) * u64::from(self.gone) / 1_000_000;
        u32::try_from(used).unwrap_or(u32::MAX)
    }
}

fn next_month(day: Day) -> Day {
    // Every month ends within 31 days of its first.
    day.month().plus(31).month()
}

/// The start of a day as the vendors write it.
pub(crate) fn instant(day: Day) -> String {
    format!("{day}T00:00:00.000Z")
}

/// The tool an endpoint belongs to.
pub(crate) const fn tool(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::ClaudeQuota => "claude",
        Endpoint::CodexQuota => "codex",
        Endpoint::CursorQuota | Endpoint::CursorOldQuota => "cursor",
        Endpoint::OpencodeQuota => "opencode",
        _ => "copilot",
    }
}

/// The token as the endpoint wants it.
fn token(asked: &Asked, endpoint: Endpoint) -> Option<&str> {
    let after = |scheme: &str| asked.header("authorization").and_then(|value| value.strip_prefix(scheme));
    match endpoint {
        // Three independent clients send this scheme; one of them states that `Bearer` is not what the endpoint expects.
        Endpoint::CopilotQuota => after("token "),
        Endpoint::CursorQuota | Endpoint::CursorOldQuota => {
            asked.header("cookie")?.split("; ").find_map(|pair| pair.strip_prefix("WorkosCursorSessionToken="))
        }
        _ => after("Bearer "),
    }
}

/// The login to show and the account behind the token.
fn whose<'a>(site: &'a Site, asked: &Asked, endpoint: Endpoint) -> Option<(Cow<'a, str>, &'static Account)> {
    let token = token(asked, endpoint)?;
    if let Some(account) = site.quota.whose(tool(endpoint), token) {
        return Some((account.name.into(), account));
    }
    // A token of the OAuth app's belongs to a person of the organization, who then has a paid plan.
    let issued = site.oauth.find(token).filter(|_| endpoint == Endpoint::CopilotQuota)?;
    let person = site.world.people.get(issued.person)?;
    Some((person.login.as_str().into(), find("copilot", "paid")?))
}

/// What the endpoint refuses before it looks at the account.
pub(crate) fn refuse(site: &Site, asked: &Asked, endpoint: Endpoint) -> Option<Reply> {
    if asked.header("user-agent").is_none_or(str::is_empty) {
        return Some(no(endpoint, 403, "Request forbidden by administrative rules. Please send a User-Agent header."));
    }
    if whose(site, asked, endpoint).is_none() {
        let message = if endpoint == Endpoint::CopilotQuota { "Bad credentials" } else { "Unauthorized" };
        return Some(no(endpoint, 401, message));
    }
    match endpoint {
        Endpoint::ClaudeQuota if asked.header("anthropic-beta") != Some("oauth-2025-04-20") => {
            Some(no(endpoint, 401, "OAuth authentication is currently not supported."))
        }
        Endpoint::CodexQuota if asked.header("chatgpt-account-id").is_none_or(str::is_empty) => {
            Some(no(endpoint, 403, "The ChatGPT-Account-Id header is missing"))
        }
        _ => None,
    }
}

/// The answer; `None` where the account is unknown to that endpoint.
pub(crate) fn of(site: &Site, asked: &Asked, endpoint: Endpoint) -> Option<Reply> {
    let (login, account) = whose(site, asked, endpoint)?;
    let is_old = account.shape == Shape::Cursor(Cursor::Old);
    let known = match endpoint {
        Endpoint::CursorQuota => !is_old,
        Endpoint::CursorOldQuota => is_old,
        _ => true,
    };
    known.then(|| Reply::json(200, &body(site, &login, account)))
}
