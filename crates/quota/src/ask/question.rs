//! How each source is asked: address, headers, and in which way the token goes with it.

use crate::{Options, Source, Token};
use tacho_connectors::{Auth, Call};
use tacho_domain::{Instant, Window};

/// The call for a source; `None` where there is no address to ask.
pub(super) fn call(source: Source, options: &Options, token: &Token, now: Instant) -> Option<Call> {
    let url = options.address(source)?;
    let mut call = Call::get(source.as_str(), "quota", Window::day(now.day()), url, auth(source));
    call.headers.push(("Accept", "application/json".to_owned()));
    match source {
        // Without it the answer is 401 (seen by independent clients, read 2026-11-21).
        Source::ClaudeUsage => call.headers.push(("anthropic-beta", "oauth-2025-04-20".to_owned())),
        Source::CodexUsage => call.headers.extend(token.account_id.clone().map(|id| ("ChatGPT-Account-Id", id))),
        _ => {}
    }
    Some(call)
}

fn auth(source: Source) -> Auth {
    match source {
        // This endpoint wants GitHub's old word; what it makes of `Bearer` nobody has written down (read 2026-11-21).
        Source::Copilot => Auth::Scheme("token"),
        Source::Cursor => Auth::Header("Cookie"),
        _ => Auth::Bearer,
    }
}
