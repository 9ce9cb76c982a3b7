//! Claude Code as the Claude Console's Admin API reports it: one report per UTC day, and who is in the organization.

mod diagnose;
mod profile;
mod usage;
mod users;

#[cfg(test)]
mod tests;

use crate::{Auth, Call, Connector, Diagnosis, Misread, Profile, Read, Refusal, Reply, Settings, Sink};
use tacho_domain::{Day, Slice, StreamSpec, Window};
use url::Url;

const ID: &str = "claude_console";
const USAGE: &str = "usage_daily";
const USERS: &str = "users";

/// The Claude Console's Admin API.
#[derive(Debug)]
pub struct ClaudeConsole;

impl Connector for ClaudeConsole {
    fn profile(&self) -> &'static Profile {
        &profile::PROFILE
    }

    fn streams(&self, _settings: &Settings) -> Vec<&'static StreamSpec> {
        profile::PROFILE.streams.iter().collect()
    }

    fn probe(&self, settings: &Settings, today: Day) -> Vec<Call> {
        vec![usage::call(today.minus(1), settings, 1), users::call(Window::day(today), settings, 1)]
    }

    fn calls(&self, stream: &StreamSpec, slice: &Slice, settings: &Settings) -> Vec<Call> {
        match stream.id {
            USAGE => slice.window.days().map(|day| usage::call(day, settings, PAGE_ROWS)).collect(),
            USERS => vec![users::call(slice.window, settings, PAGE_ROWS)],
            _ => Vec::new(),
        }
    }

    fn read(&self, call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
        match call.stream {
            USERS => users::read(call, reply, sink),
            _ => usage::read(call, reply, sink),
        }
    }

    fn diagnose(&self, call: &Call, refusal: &Refusal<'_>) -> Diagnosis {
        diagnose::diagnose(call, refusal)
    }

    fn saved(&self) -> Vec<&'static StreamSpec> {
        profile::PROFILE.streams.iter().collect()
    }

    fn recognise(&self, head: &[u8]) -> Option<Call> {
        let head = String::from_utf8_lossy(head);
        usage::recognise(&head).or_else(|| users::recognise(&head))
    }
}

/// The most rows both endpoints give at once; the report's own default is 20.
/// <https://platform.claude.com/docs/en/api/admin/usage_report/retrieve_claude_code>, read 2026-11-21.
const PAGE_ROWS: u32 = 1000;

fn get(stream: &'static str, step: &'static str, window: Window, settings: &Settings, path: &[&str], rows: u32) -> Call {
    let mut url = settings.url(&profile::PROFILE, path);
    url.query_pairs_mut().append_pair("limit", &rows.to_string());
    signed(stream, step, window, url)
}

fn signed(stream: &'static str, step: &'static str, window: Window, url: Url) -> Call {
    let mut call = Call::get(stream, step, window, url, Auth::Header("x-api-key"));
    // Every call names the API's version: <https://platform.claude.com/docs/en/api/versioning>, read 2026-11-21.
    call.headers.push(("anthropic-version", "2023-06-01".to_owned()));
    call
}

/// The calls for what follows a page: none, or one with the cursor put into `parameter`.
fn further(
    call: &Call,
    step: &'static str,
    parameter: &'static str,
    has_more: bool,
    cursor: Option<&str>,
) -> Result<Vec<Call>, Misread> {
    if !has_more || call.is_replay() {
        return Ok(Vec::new());
    }
    let here = call.url.query_pairs().find(|(key, _)| key == parameter).map(|(_, value)| value.into_owned());
    let cursor = cursor.ok_or_else(|| Misread::new(ID, call, parameter, "a cursor, since there is more", "none"))?;
    if here.as_deref() == Some(cursor) {
        return Err(Misread::new(ID, call, parameter, "a cursor that moves on", "the one that led here"));
    }
    let others: Vec<(String, String)> =
        call.url.query_pairs().filter(|(key, _)| key != parameter).map(|(key, value)| (key.into(), value.into())).collect();
    let mut url = call.url.clone();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair(parameter, cursor);
    Ok(vec![signed(call.stream, step, call.window, url)])
}
