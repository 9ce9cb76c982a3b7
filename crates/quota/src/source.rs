//! Where quota figures come from, and which tool they are about.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What the status line has a place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// GitHub Copilot.
    Copilot,
    /// Claude Code.
    Claude,
    /// Codex.
    Codex,
    /// Cursor.
    Cursor,
    /// OpenCode.
    Opencode,
    /// The team's month, as the Tacho server tells it.
    Team,
}

/// One way to learn something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// `GET api.github.com/copilot_internal/user` (undocumented).
    Copilot,
    /// What Claude Code hands its status line on standard input (documented).
    ClaudeStatusLine,
    /// `GET api.anthropic.com/api/oauth/usage` (undocumented, opt-in).
    ClaudeUsage,
    /// `token_count` lines in Codex's own session logs on this machine.
    CodexLogs,
    /// `GET chatgpt.com/backend-api/wham/usage` (undocumented, opt-in).
    CodexUsage,
    /// `GET cursor.com/api/usage-summary`, and before it `/api/usage` (undocumented, opt-in).
    Cursor,
    /// `GET opencode.ai/zen/go/v1/usage` (opt-in).
    Opencode,
    /// The Tacho server this machine is signed in to.
    Server,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Copilot,
        Self::ClaudeStatusLine,
        Self::ClaudeUsage,
        Self::CodexLogs,
        Self::CodexUsage,
        Self::Cursor,
        Self::Opencode,
        Self::Server,
    ];

    /// The tool it tells of.
    #[must_use]
    pub const fn tool(self) -> Tool {
        match self {
            Self::Copilot => Tool::Copilot,
            Self::ClaudeStatusLine | Self::ClaudeUsage => Tool::Claude,
            Self::CodexLogs | Self::CodexUsage => Tool::Codex,
            Self::Cursor => Tool::Cursor,
            Self::Opencode => Tool::Opencode,
            Self::Server => Tool::Team,
        }
    }

    /// The name in settings and in the state file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Copilot => "copilot",
            Self::ClaudeStatusLine => "claude_status_line",
            Self::ClaudeUsage => "claude_usage",
            Self::CodexLogs => "codex_logs",
            Self::CodexUsage => "codex_usage",
            Self::Cursor => "cursor",
            Self::Opencode => "opencode",
            Self::Server => "server",
        }
    }

    /// The source of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }

    /// Whether it is asked only after the person has said so: nobody's undocumented door is opened unasked.
    #[must_use]
    pub const fn is_opt_in(self) -> bool {
        matches!(self, Self::ClaudeUsage | Self::CodexUsage | Self::Cursor | Self::Opencode)
    }
}

impl Tool {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 6] = [Self::Copilot, Self::Claude, Self::Codex, Self::Cursor, Self::Opencode, Self::Team];

    /// What a person calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Copilot => "Copilot",
            Self::Claude => "Claude",
            Self::Codex => "Codex",
            Self::Cursor => "Cursor",
            Self::Opencode => "OpenCode",
            Self::Team => "Team",
        }
    }

    /// Whether its numbers come only to somebody who signed in; the others are read from this machine.
    #[must_use]
    pub const fn has_sign_in(self) -> bool {
        !matches!(self, Self::Claude | Self::Codex)
    }

    /// The name in settings, on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Copilot => "copilot",
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::Opencode => "opencode",
            Self::Team => "team",
        }
    }

    /// The tool of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == name)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
