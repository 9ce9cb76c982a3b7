//! What speaks for an AI tool's part in a pull request, and how much it says (METRICS: "AI-assisted PRs").

use serde::{Deserialize, Serialize};

/// How sure it is that an AI tool had a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The author used a tool in the 24 hours before a commit.
    Weak,
    /// The author's use overlaps the time of the commits, or the branch, a label or a marker names an agent.
    Strong,
    /// An agent is the author by its numeric id, a commit's trailer names it, or the vendor has a record of the commit.
    Exact,
}

impl Tier {
    /// All tiers, the surest first.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Strong, Self::Weak];

    /// The stored and spoken name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Strong => "strong",
            Self::Weak => "weak",
        }
    }
}

/// What in a pull request names an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// The pull request's author, by numeric id.
    Author,
    /// The author of a commit of its branch, by numeric id or address.
    CommitAuthor,
    /// A trailer of a commit, by numeric id or address: `Co-authored-by`, `Assisted-by`, `Generated-by`.
    Trailer,
    /// The vendor's own record of a commit.
    VendorRecord,
    /// A trailer that names an agent by a name only.
    TrailerName,
    /// A marker in a commit's message: "Generated with".
    Marker,
    /// The branch's prefix.
    Branch,
    /// A label.
    Label,
}

impl SignalKind {
    /// All kinds, the surest first.
    pub const ALL: [Self; 8] = [
        Self::Author,
        Self::CommitAuthor,
        Self::Trailer,
        Self::VendorRecord,
        Self::TrailerName,
        Self::Marker,
        Self::Branch,
        Self::Label,
    ];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::CommitAuthor => "commit_author",
            Self::Trailer => "trailer",
            Self::VendorRecord => "vendor_record",
            Self::TrailerName => "trailer_name",
            Self::Marker => "marker",
            Self::Branch => "branch",
            Self::Label => "label",
        }
    }

    /// The kind of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// How much it says.
    #[must_use]
    pub const fn tier(self) -> Tier {
        match self {
            Self::Author | Self::CommitAuthor | Self::Trailer | Self::VendorRecord => Tier::Exact,
            Self::TrailerName | Self::Marker | Self::Branch | Self::Label => Tier::Strong,
        }
    }

    /// What it is, after the agent's name and a colon.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Author => "its account opened it",
            Self::CommitAuthor => "author of a commit",
            Self::Trailer => "commit trailer",
            Self::VendorRecord => "its vendor's record of a commit",
            Self::TrailerName => "commit trailer (name only)",
            Self::Marker => "marker in a commit's message",
            Self::Branch => "branch prefix",
            Self::Label => "label",
        }
    }
}

/// One sign of one agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signal {
    /// What names the agent.
    pub kind: SignalKind,
    /// The agent's id in the table of agents: `claude_code`.
    pub agent: String,
}
