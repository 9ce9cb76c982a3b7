//! A tool is the product a developer uses. What a page must know of it comes from its profile, which its connector
//! gives; no other code asks which tool it is.

use crate::measure::Measure;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// The short, stable name of a tool, as it stands in the store, in URLs and in the REST API: `claude_code`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ToolId(pub Cow<'static, str>);

impl ToolId {
    /// A tool id known when the program is built.
    #[must_use]
    pub const fn new(id: &'static str) -> Self {
        Self(Cow::Borrowed(id))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ToolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// By what a tool's usage can be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// The language model that answered.
    Model,
    /// The programming language.
    Language,
    /// The editor or terminal.
    Editor,
    /// The tool's own feature or mode.
    Feature,
}

impl Dimension {
    /// All dimensions, in the order they are shown.
    pub const ALL: [Self; 4] = [Self::Model, Self::Language, Self::Editor, Self::Feature];

    /// The stored and spoken name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Language => "language",
            Self::Editor => "editor",
            Self::Feature => "feature",
        }
    }

    /// The dimension of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.as_str() == name)
    }
}

/// How one kind of acceptance is counted: sum of `accepted` by sum of `offered`, both over the window.
/// Rates of different tools or rules are never added (METRICS: "Acceptance").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptanceRule {
    /// Stable id, unique within the tool: `tabs`.
    pub id: &'static str,
    /// What a page calls it: "Tab completions".
    pub label: &'static str,
    /// Measures added up above the line.
    pub accepted: &'static [Measure],
    /// Measures added up below the line.
    pub offered: &'static [Measure],
    /// The formula in words, shown behind the figure's `?`.
    pub formula: &'static str,
}

/// What pages, exports and reports need to know of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToolProfile {
    /// The tool's id.
    pub id: &'static str,
    /// The name a person knows: "Claude Code".
    pub name: &'static str,
    /// What one interaction is, in the plural: "sessions".
    pub interaction_unit: &'static str,
    /// How interactions are counted, in words.
    pub interaction_formula: &'static str,
    /// What makes a member-day active, in words.
    pub active_formula: &'static str,
    /// The tool's acceptance rates, the main one first; empty where the vendor gives none.
    pub acceptance: &'static [AcceptanceRule],
    /// Place in the fixed series palette (0 to 7), the same in every chart.
    pub colour: u8,
}
