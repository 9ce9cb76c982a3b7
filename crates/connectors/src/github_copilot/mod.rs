//! GitHub Copilot: the usage-metrics reports of an organization or an enterprise, its seats and its AI credits.
//!
//! A report is asked for by an envelope, which leads to signed links, which lead to newline-delimited JSON. 204 and
//! `"No report available"` mean "not yet", never "nobody did anything".

pub(crate) mod access;
mod credits;
pub(crate) mod diagnose;
pub(crate) mod drift;
pub(crate) mod envelope;
mod legacy;
mod meaning;
mod members;
mod parts;
pub(crate) mod profile;
mod recognise;
mod seats;
mod streams;
mod teams;
mod totals;
mod users;
pub(crate) mod value;
mod vendor_totals;

use crate::{
    Archive, Auth, Call, Connector, CredentialFacts, Diagnosis, Headers, Misread, Profile, Read, Refusal, Reply, Settings,
    SettingsError, Sink,
};
use streams::Scope;
use tacho_domain::{Day, Slice, StreamSpec, Window};
use url::Url;

pub(crate) const ID: &str = "github_copilot";

/// The reply that only leads to a report's files.
pub(crate) const ENVELOPE: &str = "envelope";
/// A report's file.
pub(crate) const REPORT: &str = "report";
/// The first or only page of an ordinary reply.
pub(crate) const PAGE: &str = "page";
/// A page that another one led to. A step of its own, because a page alone must tell whether an answer is empty or only ends.
pub(crate) const NEXT_PAGE: &str = "next_page";

/// The version all of this was written against (<https://docs.github.com/en/rest/about-the-rest-api/api-versions>,
/// read 2026-11-21).
pub(crate) const API_VERSION: &str = "2026-03-10";

/// Reads GitHub Copilot.
#[derive(Debug, Clone, Copy)]
pub struct GithubCopilot;

impl Connector for GithubCopilot {
    fn profile(&self) -> &'static Profile {
        &profile::PROFILE
    }

    fn check(&self, settings: &Settings) -> Result<(), SettingsError> {
        settings.check(self.profile())?;
        let why = match (settings.get("organization"), settings.get("enterprise")) {
            (Some(_), Some(_)) => {
                "give either the organization or the enterprise, not both: an enterprise includes its organizations"
            }
            (None, None) => "give the organization's name, or the enterprise's slug in the setting `enterprise`",
            _ => return Ok(()),
        };
        Err(SettingsError::Invalid { key: "organization".to_owned(), why: why.to_owned() })
    }

    fn streams(&self, settings: &Settings) -> Vec<&'static StreamSpec> {
        Scope::of(settings).map(Scope::streams).unwrap_or_default()
    }

    fn probe(&self, settings: &Settings, today: Day) -> Vec<Call> {
        let asked = self.streams(settings).into_iter().filter(|stream| stream.by_default);
        // Three days back, so that a report is likely to be there already.
        asked
            .flat_map(|stream| self.calls(stream, &Slice { stream: stream.id, window: Window::day(today.minus(3)) }, settings))
            .collect()
    }

    fn calls(&self, stream: &StreamSpec, slice: &Slice, settings: &Settings) -> Vec<Call> {
        let Some(scope) = Scope::of(settings) else { return Vec::new() };
        let Some(stream) = scope.streams().into_iter().find(|known| known.id == stream.id) else { return Vec::new() };
        let each_day = || slice.window.days().map(Window::day);
        match stream.id {
            "users_28_day" => vec![report(settings, scope, stream.id, slice.window, "users-28-day")],
            "totals_28_day" => vec![report(settings, scope, stream.id, slice.window, &scope.whole("28-day"))],
            "users_daily" => each_day().map(|day| report(settings, scope, stream.id, day, "users-1-day")).collect(),
            "totals_daily" => each_day().map(|day| report(settings, scope, stream.id, day, &scope.whole("1-day"))).collect(),
            "user_teams" => each_day().map(|day| report(settings, scope, stream.id, day, "user-teams-1-day")).collect(),
            "seats" => {
                let mut call = page(stream.id, slice.window, scope.url(settings, &["copilot", "billing", "seats"]));
                call.url.query_pairs_mut().append_pair("per_page", "100");
                vec![call]
            }
            "org_members" | "org_teams" => match scope {
                Scope::Organization(name) => vec![members::call(stream.id, name, slice.window, settings)],
                Scope::Enterprise(_) => Vec::new(),
            },
            "seat_summary" => vec![page(stream.id, slice.window, scope.url(settings, &["copilot", "billing"]))],
            "credits_daily" => each_day().map(|day| credits_of(settings, scope, day)).collect(),
            "legacy_metrics" => vec![legacy_of(settings, scope, slice.window)],
            _ => Vec::new(),
        }
    }

    fn read(&self, call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
        match (call.stream, call.step) {
            (_, ENVELOPE) => envelope::read(ID, call, reply),
            ("users_daily", _) => users::read(call, reply, sink, None),
            // `latest` gives its own 28 days, be they the ones asked for or not.
            ("users_28_day", _) => users::read(call, reply, sink, Some(call.window)),
            ("totals_daily", _) => totals::read(call, reply, sink, None),
            ("totals_28_day", _) => totals::read(call, reply, sink, Some(call.window)),
            ("user_teams", _) => teams::read(call, reply, sink),
            ("seats", _) => seats::read_page(call, reply, sink),
            ("org_members" | "org_teams", _) => members::read(call, reply, sink),
            ("seat_summary", _) => seats::read_summary(call, reply, sink),
            ("credits_daily", _) => credits::read(call, reply, sink),
            ("legacy_metrics", _) => legacy::read(call, reply, sink),
            _ => Err(Misread::new(ID, call, "", "a stream of this connector", "another")),
        }
    }

    fn diagnose(&self, call: &Call, refusal: &Refusal<'_>) -> Diagnosis {
        diagnose::diagnose(call, refusal)
    }

    fn credential_facts(&self, headers: &Headers) -> CredentialFacts {
        access::credential_facts(headers)
    }

    fn saved(&self) -> Vec<&'static StreamSpec> {
        // A list of logins or of teams looks like any other.
        let nameless = [streams::ORG_MEMBERS.id, streams::ORG_TEAMS.id];
        profile::PROFILE.streams.iter().filter(|stream| !nameless.contains(&stream.id)).collect()
    }

    fn recognise(&self, head: &[u8]) -> Option<Call> {
        recognise::recognise(head)
    }
}

impl Scope<'_> {
    /// The name of the report on the whole of it.
    fn whole(self, days: &str) -> String {
        match self {
            Self::Organization(_) => format!("organization-{days}"),
            Self::Enterprise(_) => format!("enterprise-{days}"),
        }
    }

    fn url(self, settings: &Settings, rest: &[&str]) -> Url {
        let (root, name) = match self {
            Self::Organization(name) => ("orgs", name),
            Self::Enterprise(slug) => ("enterprises", slug),
        };
        settings.url(&profile::PROFILE, &[&[root, name], rest].concat())
    }
}

/// The headers of every call to GitHub's API.
pub(crate) fn headers() -> Vec<(&'static str, String)> {
    vec![("Accept", "application/vnd.github+json".to_owned()), ("X-GitHub-Api-Version", API_VERSION.to_owned())]
}

fn page(stream: &'static str, window: Window, url: Url) -> Call {
    Call { headers: headers(), ..Call::get(stream, PAGE, window, url, Auth::Bearer) }
}

/// The envelope of a report. It holds signed links and no facts, so it is never kept.
fn report(settings: &Settings, scope: Scope<'_>, stream: &'static str, window: Window, name: &str) -> Call {
    let latest = name.ends_with("28-day");
    let path = ["copilot", "metrics", "reports", name, "latest"];
    let mut url = scope.url(settings, if latest { &path } else { &path[..4] });
    if !latest {
        url.query_pairs_mut().append_pair("day", &window.from.to_string());
    }
    Call { step: ENVELOPE, archive: Archive::Never, ..page(stream, window, url) }
}

/// Billing says `organizations` where the rest of the API says `orgs` (read 2026-11-21).
fn credits_of(settings: &Settings, scope: Scope<'_>, day: Window) -> Call {
    let (root, name) = match scope {
        Scope::Organization(name) => ("organizations", name),
        Scope::Enterprise(slug) => ("enterprises", slug),
    };
    let mut url = settings.url(&profile::PROFILE, &[root, name, "settings", "billing", "ai_credit", "usage"]);
    let date = day.from.date();
    url.query_pairs_mut()
        .append_pair("year", &date.year().to_string())
        .append_pair("month", &date.month().to_string())
        .append_pair("day", &date.day().to_string());
    page(streams::CREDITS_DAILY.id, day, url)
}

fn legacy_of(settings: &Settings, scope: Scope<'_>, window: Window) -> Call {
    let mut url = scope.url(settings, &["copilot", "metrics"]);
    url.query_pairs_mut()
        .append_pair("since", &format!("{}T00:00:00Z", window.from))
        .append_pair("until", &format!("{}T23:59:59Z", window.to))
        .append_pair("per_page", "28");
    page(streams::LEGACY_METRICS.id, window, url)
}

#[cfg(test)]
mod tests;
