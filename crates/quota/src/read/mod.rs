//! The vendors' answers, read tolerantly: every field may be missing, numbers may be text, new fields are passed over. What is
//! of another kind where we know the kind, or cannot be right, is told by place and kind, without a word of the content.

mod claude;
mod codex;
mod copilot;
mod cursor;
mod fields;
mod misread;
mod opencode;
mod server;
mod status_line;
mod told;
mod window;

pub use status_line::{StatusLine, status_line};

use crate::{ApiError, Source, UsageData};
use misread::Misread;
use serde_json::Value;
use tacho_domain::Instant;
use told::Told;

/// Reads what a source told at `as_of`: a reply's body, the input of a status line, or a piece of a log (which has its own
/// times, and is as old as its line). No meters: the account has nothing to measure, or nothing yet; a remark says which.
///
/// # Errors
/// When it is cut, not JSON, nothing of this source's, of another shape, or cannot be right.
pub fn read(source: Source, body: &[u8], as_of: Instant) -> Result<UsageData, ApiError> {
    let told = match source {
        Source::Copilot => document(body, copilot::read),
        Source::ClaudeStatusLine => document(body, claude::status_line),
        Source::ClaudeUsage => document(body, claude::usage),
        Source::CodexLogs => codex::logs(body),
        Source::CodexUsage => document(body, codex::usage),
        Source::Cursor => document(body, cursor::read),
        Source::Opencode => document(body, opencode::read),
        Source::Server => document(body, server::read),
    };
    let teller = teller(source);
    let mut told = told.map_err(|misread| ApiError::validation(format!("{teller} could not be read: {misread}.")))?;
    told.drop_repeated();
    told.explain_nothing(teller);
    Ok(told.at(as_of))
}

fn document(body: &[u8], read: fn(&Value) -> Result<Told, Misread>) -> Result<Told, Misread> {
    if body.trim_ascii().is_empty() {
        return Err(Misread::Empty);
    }
    read(&serde_json::from_slice(body)?)
}

/// Whose words they are.
const fn teller(source: Source) -> &'static str {
    match source {
        Source::Copilot => "GitHub's answer about Copilot",
        Source::ClaudeStatusLine => "What Claude Code gives its status line",
        Source::ClaudeUsage => "Anthropic's answer about Claude",
        Source::CodexLogs => "Codex's session log",
        Source::CodexUsage => "OpenAI's answer about Codex",
        Source::Cursor => "Cursor's answer",
        Source::Opencode => "OpenCode's answer",
        Source::Server => "The Tacho server's answer",
    }
}
