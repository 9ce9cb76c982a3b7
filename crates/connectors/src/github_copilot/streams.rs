//! What can be read of GitHub Copilot, and how its days behave.

use crate::Settings;
use tacho_domain::{Cadence, StreamRole, StreamSpec};

const REPORTS: &str = "https://docs.github.com/en/rest/copilot/copilot-usage-metrics";

/// Recent days are rewritten for one to three days, officially final within three full UTC days after the day closes;
/// corrected files have been seen to drop rows, so D-1 to D-5 are read again and replaced whole. History reaches back a
/// year at most (<https://docs.github.com/en/copilot/concepts/copilot-metrics>, read 2026-11-21).
const REPORT: StreamSpec = StreamSpec {
    docs: REPORTS,
    floor: Some("2025-10-10"),
    keeps_days: Some(365),
    lag_days: 1,
    provisional_days: 5,
    ..StreamSpec::DAILY
};

/// Only `latest` can be asked for: the 28 days up to the newest report. As days of which 28 are kept and asked for in
/// one batch, they are planned like any others.
const LATEST: StreamSpec = StreamSpec { keeps_days: Some(28), batch_days: 28, by_default: false, ..REPORT };

/// A list of how things stand now.
const SNAPSHOT: StreamSpec = StreamSpec {
    cadence: Cadence::Snapshot,
    role: StreamRole::Roster,
    docs: "https://docs.github.com/en/rest/copilot/copilot-user-management",
    ..StreamSpec::DAILY
};

pub(super) static USERS_DAILY: StreamSpec =
    StreamSpec { id: "users_daily", label: "Usage of each user on a day (users-1-day)", role: StreamRole::Activity, ..REPORT };

pub(super) static USERS_28_DAY: StreamSpec = StreamSpec {
    id: "users_28_day",
    label: "Usage of each user, latest 28 days (users-28-day)",
    role: StreamRole::Evidence,
    ..LATEST
};

/// Reports of an organization as a whole begin later than those of an enterprise (read 2026-11-21).
pub(super) static TOTALS_DAILY: StreamSpec = StreamSpec {
    id: "totals_daily",
    label: "GitHub's own totals of a day (organization-1-day or enterprise-1-day)",
    role: StreamRole::Evidence,
    floor: Some("2025-12-12"),
    ..REPORT
};

static TOTALS_DAILY_OF_ENTERPRISE: StreamSpec = StreamSpec { floor: REPORT.floor, ..TOTALS_DAILY };

pub(super) static TOTALS_28_DAY: StreamSpec = StreamSpec {
    id: "totals_28_day",
    label: "GitHub's own totals, latest 28 days (organization-28-day or enterprise-28-day)",
    role: StreamRole::Evidence,
    ..LATEST
};

/// The report exists since May 2026 (changelog, read 2026-11-21).
pub(super) static USER_TEAMS: StreamSpec = StreamSpec {
    id: "user_teams",
    label: "Team memberships on a day (user-teams-1-day)",
    role: StreamRole::Roster,
    floor: Some("2026-05-01"),
    ..REPORT
};

pub(super) static SEATS: StreamSpec = StreamSpec { id: "seats", label: "Seats and their holders", ..SNAPSHOT };

pub(super) static SEAT_SUMMARY: StreamSpec =
    StreamSpec { id: "seat_summary", label: "Numbers of seats, as GitHub counts them", ..SNAPSHOT };

/// The one source of addresses that GitHub vouches for: what joins a login with what other vendors call the person.
pub(super) static ORG_MEMBERS: StreamSpec = StreamSpec {
    id: "org_members",
    label: "Members of the organization, with their verified addresses",
    docs: "https://docs.github.com/en/graphql/reference/users",
    ..SNAPSHOT
};

/// All teams with all their members; the report `user-teams-1-day` leaves small teams and people without a seat out.
pub(super) static ORG_TEAMS: StreamSpec = StreamSpec {
    id: "org_teams",
    label: "Teams of the organization and who is in them",
    docs: "https://docs.github.com/en/graphql/reference/teams",
    ..SNAPSHOT
};

/// Billing keeps 24 months; AI credits exist since 2026-06-01; METRICS takes cost as provisional for 30 days.
pub(super) static CREDITS_DAILY: StreamSpec = StreamSpec {
    id: "credits_daily",
    label: "AI credits billed on a day, by article and model",
    docs: "https://docs.github.com/en/rest/billing/usage",
    floor: Some("2026-06-01"),
    keeps_days: Some(730),
    lag_days: 1,
    provisional_days: 30,
    ..StreamSpec::DAILY
};

/// At most 28 days a page, and 100 days back.
pub(super) static LEGACY_METRICS: StreamSpec = StreamSpec {
    id: "legacy_metrics",
    label: "Counts of the metrics API that closed on 2026-04-02",
    docs: "https://github.blog/changelog/2026-01-29-closing-down-notice-of-legacy-copilot-metrics-apis/",
    keeps_days: Some(100),
    batch_days: 28,
    by_default: false,
    ..StreamSpec::DAILY
};

/// Every stream, as an organization sees it.
pub(super) static ALL: &[StreamSpec] = &[
    USERS_DAILY,
    USERS_28_DAY,
    TOTALS_DAILY,
    TOTALS_28_DAY,
    USER_TEAMS,
    SEATS,
    SEAT_SUMMARY,
    ORG_MEMBERS,
    ORG_TEAMS,
    CREDITS_DAILY,
    LEGACY_METRICS,
];

/// Where the reports are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope<'s> {
    Organization(&'s str),
    Enterprise(&'s str),
}

impl<'s> Scope<'s> {
    /// The organization where one is set, else the enterprise.
    pub(super) fn of(settings: &'s Settings) -> Option<Self> {
        let organization = settings.get("organization").map(Self::Organization);
        organization.or_else(|| settings.get("enterprise").map(Self::Enterprise))
    }

    /// The streams it has. Only organizations have a summary of seats, members and teams of their own.
    pub(super) fn streams(self) -> Vec<&'static StreamSpec> {
        let seen = ALL.iter();
        match self {
            Self::Organization(_) => seen.collect(),
            Self::Enterprise(_) => seen
                .filter(|stream| ![SEAT_SUMMARY.id, ORG_MEMBERS.id, ORG_TEAMS.id].contains(&stream.id))
                .map(|stream| if stream.id == TOTALS_DAILY.id { &TOTALS_DAILY_OF_ENTERPRISE } else { stream })
                .collect(),
        }
    }
}
