//! What a person wants to see, and from which share on it is to be noticed.

use crate::{Source, Tool};

/// In what terms use is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Display {
    /// `50/100`
    #[default]
    Used,
    /// `50%`
    Percent,
    /// `50 left`
    Left,
}

impl Display {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Used, Self::Percent, Self::Left];

    /// The name in settings and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Percent => "percent",
            Self::Left => "left",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|display| display.as_str() == name)
    }
}

/// From which share of what is included, in per cent, use is to be noticed. Always 1 <= warn <= critical <= 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    warn: u8,
    critical: u8,
}

impl Thresholds {
    /// These two, moved to where they make sense: a warning never comes after the critical one.
    #[must_use]
    pub fn new(warn: u64, critical: u64) -> Self {
        let bounded = |percent: u64| u8::try_from(percent.clamp(1, 100)).unwrap_or(100);
        let critical = bounded(critical);
        Self { warn: bounded(warn).min(critical), critical }
    }

    /// The share that is warned of.
    #[must_use]
    pub const fn warn(self) -> u8 {
        self.warn
    }

    /// The share that is critical.
    #[must_use]
    pub const fn critical(self) -> u8 {
        self.critical
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { warn: 75, critical: 90 }
    }
}

/// What is to be shown, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// These tools in this order; none: every tool something is known of.
    pub tools: Vec<Tool>,
    /// The sources that count. What others told before they were switched off is not shown.
    pub sources: Vec<Source>,
    /// When it is to be noticed.
    pub thresholds: Thresholds,
    /// In what terms.
    pub display: Display,
}

impl Default for Choice {
    /// All tools, from the sources that nobody has to opt in to.
    fn default() -> Self {
        let sources = Source::ALL.into_iter().filter(|source| !source.is_opt_in()).collect();
        Self { tools: Vec::new(), sources, thresholds: Thresholds::default(), display: Display::Used }
    }
}
