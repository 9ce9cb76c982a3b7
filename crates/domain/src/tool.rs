//! A tool is the product a developer uses. What a page must know of it comes from its profile, which its connector
//! gives; no other code asks which tool it is.

use crate::Day;
use crate::measure::Measure;
use crate::reconcile::VendorTotal;
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
    /// Days from which the vendor's data mean something else (METRICS rule 9), ascending.
    pub steps: &'static [StepChange],
    /// What to know of the vendor's data: what it leaves out, where parts do not add up.
    pub caveats: &'static [Caveat],
    /// Totals of the vendor's own that tell how many people used the tool on a day, to be shown beside our count.
    pub user_totals: &'static [UserTotal],
    /// Totals of the vendor's own that should equal ours.
    pub vendor_totals: &'static [VendorTotal],
    /// Features whose lines an agent wrote, in the vendor's words; empty: it does not tell.
    pub agent_features: &'static [&'static str],
    /// Features that the vendor counts beside the tool's interactions, in its words: never part of the total.
    pub features_apart: &'static [&'static str],
    /// Measures that a dimension tells only in part, so that they would mislead there: left out of its table.
    pub partly_told: &'static [(Dimension, Measure)],
    /// What people call the vendor's features.
    pub feature_names: &'static [(&'static str, &'static str)],
}

/// A day from which a vendor's data mean something else: drawn as an annotation, and nothing is joined across it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepChange {
    /// The first such day: `2026-04-09`.
    pub day: &'static str,
    /// What changed, in a sentence.
    pub text: &'static str,
    /// Where that is said, and when it was read.
    pub source: &'static str,
}

/// Something to know of a vendor's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caveat {
    /// In a few words.
    pub title: &'static str,
    /// In a sentence or two.
    pub text: &'static str,
}

/// A vendor's own count of people on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserTotal {
    /// The stream that brings it: `totals_daily`.
    pub stream: &'static str,
    /// The total's name, as facts have it: `daily_active_users`.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
}

impl ToolProfile {
    /// A tool of which nothing more is known: the rest of a profile that leaves out what does not apply.
    pub const BLANK: Self = Self {
        id: "",
        name: "",
        interaction_unit: "",
        interaction_formula: "",
        active_formula: "",
        acceptance: &[],
        colour: 0,
        steps: &[],
        caveats: &[],
        user_totals: &[],
        vendor_totals: &[],
        agent_features: &[],
        features_apart: &[],
        partly_told: &[],
        feature_names: &[],
    };

    /// What people call a feature: its name here, or else the vendor's word.
    #[must_use]
    pub fn feature_name<'n>(&self, word: &'n str) -> &'n str {
        self.feature_names.iter().find(|(known, _)| *known == word).map_or(word, |(_, name)| *name)
    }
}

impl StepChange {
    /// The day; every profile's days are days, which a test holds.
    #[must_use]
    pub fn day(&self) -> Option<Day> {
        self.day.parse().ok()
    }
}
