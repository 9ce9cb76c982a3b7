//! What a failure means to the person whose number is missing: what happened, and what helps.

use crate::{ApiError, Source};
use tacho_connectors::FailureKind;
use tacho_transport::SendError;

/// A failure of the transport in words for a person.
pub(super) fn explained(source: Source, error: SendError) -> ApiError {
    let error = ApiError::from(error);
    if error.cancelled {
        return error;
    }
    match advice(source, error.kind) {
        Some(advice) => ApiError { message: format!("{}; {advice}", error.message), ..error },
        None => error,
    }
}

/// Nothing helps against a network but waiting, which needs no words.
fn advice(source: Source, kind: FailureKind) -> Option<&'static str> {
    match (kind, source) {
        (FailureKind::Auth, Source::Copilot) => Some("sign in to GitHub again, in the editor or with `tacho status sign-in`"),
        (FailureKind::Auth, Source::ClaudeUsage) => Some("start Claude Code, it renews its token by itself"),
        (FailureKind::Auth, Source::CodexUsage) => Some("start Codex, it renews its token by itself"),
        (FailureKind::Auth, Source::Cursor) => Some("put a fresh session cookie into TACHO_STATUS_CURSOR_TOKEN"),
        (FailureKind::Auth, Source::Opencode) => Some("put a valid key into TACHO_STATUS_OPENCODE_TOKEN"),
        (FailureKind::Auth, Source::Server) => Some("sign in again with `tacho login`"),
        (FailureKind::Forbidden | FailureKind::NotFound, Source::Copilot) => {
            Some("this account has no Copilot, or the token may not ask about it")
        }
        (FailureKind::Forbidden, Source::ClaudeUsage) => Some("the token lacks `user:profile`; sign in to Claude Code itself"),
        (FailureKind::Forbidden | FailureKind::NotFound, Source::Server) => {
            Some("the server is older than this program, or the token may not see the team's figures")
        }
        (FailureKind::Forbidden | FailureKind::NotFound, _) => Some("the vendor may have changed it, or the plan has none"),
        (FailureKind::Validation, _) => Some("the vendor may have changed it; a newer Tacho may know"),
        _ => None,
    }
}
