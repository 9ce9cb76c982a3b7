//! GitHub's pull requests and deployments: what work was delivered, how long it took, and what in it names an AI agent.
//!
//! One slice is what was merged on one UTC day, found by a search over the whole organization. Messages of commits are read
//! for signs of agents and are not kept, so replies are never archived: reading again means asking again.

mod agents;
mod answer;
mod asking;
mod changed_files;
mod deployments;
mod diagnose;
mod evidence;
mod message;
mod own_agents;
mod profile;
mod pull_request;
mod pull_requests;
mod questions;
mod repos_daily;
mod settings;
mod streams;

use crate::github_copilot::{ENVELOPE, access, envelope, headers};
use crate::{
    Archive, Auth, Call, Connector, CredentialFacts, Diagnosis, Headers, Misread, Profile, Read, Refusal, Reply, Settings, Sink,
};
use asking::MOST_RESULTS;
use settings::{Choice, Deployments};
use tacho_domain::{Day, Slice, StreamSpec, Window};

pub(crate) const ID: &str = "github_delivery";

/// Reads GitHub's pull requests and deployments.
#[derive(Debug, Clone, Copy)]
pub struct GithubDelivery;

impl Connector for GithubDelivery {
    fn profile(&self) -> &'static Profile {
        &profile::PROFILE
    }

    fn streams(&self, settings: &Settings) -> Vec<&'static StreamSpec> {
        streams::of(settings)
    }

    fn probe(&self, settings: &Settings, today: Day) -> Vec<Call> {
        let day = |stream: &StreamSpec| Window::day(today.minus(i32::try_from(stream.lag_days).unwrap_or(0) + 1));
        let asked = self.streams(settings).into_iter();
        let calls = asked.flat_map(|stream| self.calls(stream, &Slice { stream: stream.id, window: day(stream) }, settings));
        calls.map(|call| asking::smallest(&call).unwrap_or(call)).collect()
    }

    fn calls(&self, stream: &StreamSpec, slice: &Slice, settings: &Settings) -> Vec<Call> {
        let Some(stream) = self.streams(settings).into_iter().find(|known| known.id == stream.id) else { return Vec::new() };
        let each_day = || slice.window.days().map(Window::day);
        match stream.id {
            "pull_requests" => each_day().map(|day| asking::search(stream.id, questions::PULL_REQUESTS, day, settings)).collect(),
            "changed_files" => each_day().map(|day| asking::search(stream.id, questions::CHANGED_FILES, day, settings)).collect(),
            "deployments" => {
                let environment = match Choice::of(settings).deployments {
                    Some(Deployments::Environment(name)) => Some(name),
                    Some(Deployments::Releases) => None,
                    None => return Vec::new(),
                };
                vec![asking::repositories(stream.id, environment, slice.window, settings)]
            }
            "repos_daily" => each_day().map(|day| report(stream.id, day, settings)).collect(),
            _ => Vec::new(),
        }
    }

    fn read(&self, call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
        match (call.stream, call.step) {
            ("pull_requests", _) => pull_requests::read(call, reply, sink),
            ("changed_files", _) => changed_files::read(call, reply, sink),
            ("deployments", _) => deployments::read(call, reply, sink),
            ("repos_daily", ENVELOPE) => envelope::read(ID, call, reply),
            ("repos_daily", _) => repos_daily::read(call, reply, sink),
            _ => Err(Misread::new(ID, call, "", "a stream of this connector", "another")),
        }
    }

    fn diagnose(&self, call: &Call, refusal: &Refusal<'_>) -> Diagnosis {
        diagnose::diagnose(call, refusal)
    }

    fn lighter(&self, call: &Call, status: u16) -> Option<Call> {
        matches!(status, 502 | 504).then(|| asking::lighter(call)).flatten()
    }

    fn credential_facts(&self, headers: &Headers) -> CredentialFacts {
        access::credential_facts(headers)
    }

    /// Nothing of it is imported: what GitHub exports has no commits.
    fn saved(&self) -> Vec<&'static StreamSpec> {
        Vec::new()
    }

    fn recognise(&self, _head: &[u8]) -> Option<Call> {
        None
    }
}

/// The envelope of a day's report. It holds signed links and no facts, so it is never kept.
fn report(stream: &'static str, day: Window, settings: &Settings) -> Call {
    let organization = settings.get("organization").unwrap_or_default();
    let path = ["orgs", organization, "copilot", "metrics", "reports", "repos-1-day"];
    let mut url = settings.url(&profile::PROFILE, &path);
    url.query_pairs_mut().append_pair("day", &day.from.to_string());
    Call { headers: headers(), archive: Archive::Never, ..Call::get(stream, ENVELOPE, day, url, Auth::Bearer) }
}

#[cfg(test)]
mod tests;
