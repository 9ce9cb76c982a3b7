//! Cursor as its Admin API reports it: members, usage per day, usage events with their price, and the cycle's spend; and,
//! where the plan has them and the operator wants them, its records of commits.

mod commit_records;
mod daily;
mod diagnose;
mod events;
mod members;
mod profile;
mod spend;

#[cfg(test)]
mod tests;

use crate::{Auth, Call, Connector, Diagnosis, Misread, Profile, Read, Refusal, Reply, Settings, Sink};
use serde::Deserialize;
use serde_json::{Value, json};
use tacho_domain::{Day, Instant, Slice, StreamRole, StreamSpec, Window};

const ID: &str = "cursor";
const MEMBERS: &str = "members";
const DAILY: &str = "daily_usage";
const EVENTS: &str = "usage_events";
const SPEND: &str = "spend";
const COMMITS: &str = tacho_domain::delivery::streams::COMMIT_RECORDS;

/// The first page of an answer, or all of it.
const FIRST: &str = "page";
/// Any page after it. Steps of their own, because a page alone must tell whether an answer is empty or only ends.
const FURTHER: &str = "further_page";

/// Cursor's Admin API.
#[derive(Debug)]
pub struct Cursor;

impl Connector for Cursor {
    fn profile(&self) -> &'static Profile {
        &profile::PROFILE
    }

    fn streams(&self, settings: &Settings) -> Vec<&'static StreamSpec> {
        let wanted = |stream: &&StreamSpec| stream.id != COMMITS || settings.is_on(COMMITS);
        profile::PROFILE.streams.iter().filter(wanted).collect()
    }

    fn probe(&self, settings: &Settings, today: Day) -> Vec<Call> {
        let yesterday = Window::day(today.minus(1));
        let mut calls = vec![
            members::call(Window::day(today), settings),
            daily::call(yesterday, settings, 1),
            events::call(yesterday, settings, 1),
            spend::call(Window::day(today), settings, 1),
        ];
        if settings.is_on(COMMITS) {
            calls.push(commit_records::call(yesterday.from, settings, 1));
        }
        calls
    }

    fn calls(&self, stream: &StreamSpec, slice: &Slice, settings: &Settings) -> Vec<Call> {
        match stream.id {
            MEMBERS => vec![members::call(slice.window, settings)],
            DAILY => vec![daily::call(slice.window, settings, PAGE_ROWS)],
            EVENTS => slice.window.days().map(|day| events::call(Window::day(day), settings, PAGE_ROWS)).collect(),
            SPEND => vec![spend::call(slice.window, settings, PAGE_ROWS)],
            COMMITS => slice.window.days().map(|day| commit_records::call(day, settings, PAGE_ROWS)).collect(),
            _ => Vec::new(),
        }
    }

    fn read(&self, call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
        match call.stream {
            MEMBERS => members::read(call, reply, sink),
            DAILY => daily::read(call, reply, sink),
            SPEND => spend::read(call, reply, sink),
            COMMITS => commit_records::read(call, reply, sink),
            _ => events::read(call, reply, sink),
        }
    }

    fn diagnose(&self, call: &Call, refusal: &Refusal<'_>) -> Diagnosis {
        diagnose::diagnose(call, refusal)
    }

    /// Not records of commits: they hold messages, and name no day that they are all of.
    fn saved(&self) -> Vec<&'static StreamSpec> {
        profile::PROFILE.streams.iter().filter(|stream| stream.role != StreamRole::Delivery).collect()
    }

    fn recognise(&self, head: &[u8]) -> Option<Call> {
        let head = String::from_utf8_lossy(head);
        let known = [daily::recognise, events::recognise, spend::recognise, members::recognise];
        known.iter().find_map(|recognise| recognise(&head))
    }
}

/// The most rows a page may have: <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.
const PAGE_ROWS: u32 = 1000;

/// A question for a page of days. Both ends belong to it, so the last day ends a millisecond before the next:
/// <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.
fn ask_days(stream: &'static str, window: Window, settings: &Settings, path: &str, rows: u32) -> Call {
    let ends = window.to.plus(1).start().millis() - 1;
    let body = json!({ "startDate": window.from.start().millis(), "endDate": ends, "page": 1, "pageSize": rows });
    let url = settings.url(&profile::PROFILE, &["teams", path]);
    Call::post(stream, FIRST, window, url, Auth::BasicUser, body.to_string())
}

/// The page a call asks for, and how many rows it may have; the first one where the call is only a replay.
fn page_of(call: &Call) -> (u64, u64) {
    let body: Value = call.body.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let number = |key: &str, otherwise: u32| body[key].as_u64().unwrap_or(u64::from(otherwise)).max(1);
    (number("page", 1), number("pageSize", PAGE_ROWS))
}

/// The call for the page after this one, with pages of `rows` rows.
fn page_after(call: &Call, rows: u64) -> Call {
    let (page, _) = page_of(call);
    let mut body: Value = call.body.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    body["page"] = json!(page + 1);
    body["pageSize"] = json!(rows);
    Call::post(call.stream, FURTHER, call.window, call.url.clone(), Auth::BasicUser, body.to_string())
}

/// An answer's own word on its pages; only the part that matters.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    has_next_page: Option<bool>,
    #[serde(default)]
    _page: crate::json::Known,
    #[serde(default)]
    _current_page: crate::json::Known,
    #[serde(default)]
    _page_size: crate::json::Known,
    #[serde(default)]
    _num_pages: crate::json::Known,
    #[serde(default)]
    _total_users: crate::json::Known,
    #[serde(default)]
    _total_pages: crate::json::Known,
    #[serde(default)]
    _has_previous_page: crate::json::Known,
}

impl Pagination {
    /// The next page where there is one. An empty page that promises more would be followed for ever.
    fn next(&self, call: &Call, rows: usize) -> Result<Vec<Call>, Misread> {
        if self.has_next_page != Some(true) || call.is_replay() {
            return Ok(Vec::new());
        }
        if rows == 0 {
            return Err(Misread::new(ID, call, "pagination.hasNextPage", "rows before a next page", "an empty page"));
        }
        Ok(vec![page_after(call, page_of(call).1)])
    }
}

/// A moment in milliseconds, which Cursor writes as text in events and as a number elsewhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Millis {
    Number(i64),
    Text(String),
}

impl Millis {
    fn day(&self) -> Option<Day> {
        self.instant().map(Instant::day)
    }

    fn instant(&self) -> Option<Instant> {
        let millis = match self {
            Self::Number(millis) => *millis,
            Self::Text(text) => text.trim().parse().ok()?,
        };
        Instant::from_millis(millis)
    }
}
