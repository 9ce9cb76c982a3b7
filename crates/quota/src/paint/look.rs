//! How a painting is to look, and what it may mention besides the numbers. All of it is handed over: nothing here asks an
//! environment, a clock or a file.

use jiff::tz::TimeZone;

/// The formats, one per kind of bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One line for a terminal.
    Line,
    /// One line of JSON with everything, for programs.
    Json,
    /// A custom module of waybar.
    Waybar,
    /// `#(…)` in tmux.
    Tmux,
    /// A custom module of starship.
    Starship,
    /// i3blocks: text, short text, colour.
    I3blocks,
    /// `custom/script` of polybar.
    Polybar,
    /// xbar and `SwiftBar`: the bar, then a menu.
    Xbar,
    /// The status line of Claude Code.
    ClaudeStatusline,
    /// Our editor extension.
    Vscode,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Line,
        Self::Json,
        Self::Waybar,
        Self::Tmux,
        Self::Starship,
        Self::I3blocks,
        Self::Polybar,
        Self::Xbar,
        Self::ClaudeStatusline,
        Self::Vscode,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Json => "json",
            Self::Waybar => "waybar",
            Self::Tmux => "tmux",
            Self::Starship => "starship",
            Self::I3blocks => "i3blocks",
            Self::Polybar => "polybar",
            Self::Xbar => "xbar",
            Self::ClaudeStatusline => "claude-statusline",
            Self::Vscode => "vscode",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

/// How it is to look.
#[derive(Debug, Clone)]
pub struct Look {
    /// Whether colour is welcome. Classes and levels in JSON are no colour and stay.
    pub colour: bool,
    /// How wide the bar is, in characters, where it says so.
    pub columns: Option<u16>,
    /// Only ASCII in what is ours; names of accounts and plans stay as they are.
    pub ascii: bool,
    /// The zone that times are told in.
    pub zone: TimeZone,
    /// What is told beside the numbers.
    pub about: About,
}

impl Default for Look {
    /// Plain text in UTC.
    fn default() -> Self {
        Self { colour: false, columns: None, ascii: false, zone: TimeZone::UTC, about: About::default() }
    }
}

/// What is told beside the numbers.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Of this program.
    pub version: String,
    /// Where the numbers are kept; `None` where there is no such place.
    pub state_file: Option<String>,
    /// How often sources are looked at, in seconds.
    pub interval_seconds: u64,
    /// The host of Copilot's pages, if not `github.com`.
    pub copilot_host: Option<String>,
    /// The Tacho server's address, where this machine is signed in to one.
    pub server: Option<String>,
    /// What happened beside the numbers, for whoever looks for a mistake.
    pub notes: Vec<String>,
}
