//! What people did on a day with each tool, before any vendor writes it down. Both the wire and the truth come from here.

pub(crate) mod claude;
pub(crate) mod copilot;
pub(crate) mod cursor;

pub(crate) use claude::ClaudeDay;
pub(crate) use copilot::CopilotDay;
pub(crate) use cursor::{CursorDay, CursorEvent};

/// The tools of the simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tool {
    /// GitHub Copilot.
    Copilot = 0,
    /// Claude Code.
    Claude = 1,
    /// Cursor.
    Cursor = 2,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Copilot, Self::Claude, Self::Cursor];

    /// The id Tacho knows the tool by.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Copilot => "github_copilot",
            Self::Claude => "claude_code",
            Self::Cursor => "cursor",
        }
    }
}
