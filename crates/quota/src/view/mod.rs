//! What is to be shown at one moment: the state file's entries seen through a person's choice. Pure: state, choice and the
//! time go in, a [`View`] comes out, and every format paints the same one.

mod choice;
mod meter;
#[cfg(test)]
mod tests;

pub use choice::{Choice, Display, Thresholds};
pub use meter::{Level, MeterView};

use crate::{Entry, Freshness, Note, Source, State, Tool};
use tacho_connectors::FailureKind;
use tacho_domain::Instant;

/// How it stands with a tool besides its numbers, which stay whatever this says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// The last question was answered.
    Good,
    /// Nothing is known yet, or there is nothing to measure.
    NoData,
    /// Somebody has to sign in.
    SignIn,
    /// The source cannot be reached.
    Offline,
    /// The source asks to wait.
    RateLimited,
    /// The account may not, or has no such plan.
    NoAccess,
    /// The source failed, or answered something else.
    Error,
}

/// A tool at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolView {
    /// Which.
    pub tool: Tool,
    /// Who told; `None` where nobody was asked.
    pub source: Option<Source>,
    /// Whose numbers, as the vendor calls them.
    pub account: Option<String>,
    /// The plan in the vendor's word.
    pub plan: Option<String>,
    /// The meters, the one that matters most first.
    pub meters: Vec<MeterView>,
    /// How old they are; `None` where there are none.
    pub freshness: Option<Freshness>,
    /// When they were told.
    pub as_of: Option<Instant>,
    /// The highest level of its meters.
    pub level: Level,
    /// How it stands.
    pub condition: Condition,
    /// Why the last question failed.
    pub error: Option<Note>,
    /// What a person should know besides.
    pub remarks: Vec<String>,
}

/// All that is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The tools, in the order they are shown.
    pub tools: Vec<ToolView>,
    /// In what terms.
    pub display: Display,
    /// Whether one tool was asked for by name, so that a bar need not repeat the name.
    pub sole: bool,
    /// The moment.
    pub now: Instant,
    /// What a person should know besides: a setting that was not understood.
    pub remarks: Vec<String>,
}

impl View {
    /// What the state comes to at `now`.
    #[must_use]
    pub fn of(state: &State, choice: &Choice, now: Instant) -> Self {
        let tools = if choice.tools.is_empty() { known(state, choice) } else { choice.tools.clone() };
        Self {
            tools: tools.into_iter().map(|tool| ToolView::of(tool, state, choice, now)).collect(),
            display: choice.display,
            sole: choice.tools.len() == 1,
            now,
            remarks: Vec::new(),
        }
    }

    /// Whether a person would see a difference. That time went by is none; that numbers grew old is one.
    #[must_use]
    pub fn differs_from(&self, other: &Self) -> bool {
        (&self.tools, self.display, &self.remarks) != (&other.tools, other.display, &other.remarks)
    }

    /// The highest level of all tools.
    #[must_use]
    pub fn level(&self) -> Level {
        self.tools.iter().map(|tool| tool.level).max().unwrap_or_default()
    }

    /// What a script is told.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.level() {
            _ if self.tools.is_empty() || !self.tools.iter().all(ToolView::is_dependable) => Verdict::Unknown,
            Level::Ok => Verdict::Fine,
            Level::Warn => Verdict::Warning,
            Level::Critical | Level::Over => Verdict::Reached,
        }
    }
}

/// What `--check` comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Every meter is below the warning.
    Fine,
    /// A meter is at the warning or above it.
    Warning,
    /// A meter is at the critical share or above it.
    Reached,
    /// A tool's numbers are missing or an hour old and more, so that nothing can be said.
    Unknown,
}

impl Verdict {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warning",
            Self::Reached => "reached",
            Self::Unknown => "unknown",
        }
    }
}

impl ToolView {
    fn of(tool: Tool, state: &State, choice: &Choice, now: Instant) -> Self {
        let Some(entry) = spokesman(tool, state, choice) else { return Self::silent(tool, state, choice) };
        let usage = entry.usage.as_ref();
        let meters: Vec<MeterView> = usage
            .map(|usage| usage.meters.iter().map(|meter| MeterView::of(meter, choice.thresholds, now)).collect())
            .unwrap_or_default();
        Self {
            tool,
            source: Some(entry.source),
            account: usage.and_then(|usage| usage.account.clone()),
            plan: usage.and_then(|usage| usage.plan.clone()),
            level: meters.iter().map(|meter| meter.level).max().unwrap_or_default(),
            condition: condition(entry, &meters),
            meters,
            freshness: usage.map(|usage| Freshness::at(usage.as_of, now)),
            as_of: usage.map(|usage| usage.as_of),
            error: entry.error.clone(),
            remarks: usage.map(|usage| usage.remarks.clone()).unwrap_or_default(),
        }
    }

    /// A tool of which nothing is known: nobody has signed in, or nobody has asked yet.
    fn silent(tool: Tool, state: &State, choice: &Choice) -> Self {
        let before = state.entries.iter().filter(|entry| entry.source.tool() == tool && choice.sources.contains(&entry.source));
        let last = before.max_by_key(|entry| entry.asked_at);
        let condition = if last.is_some() && tool.has_sign_in() { Condition::SignIn } else { Condition::NoData };
        Self {
            tool,
            source: last.map(|entry| entry.source),
            account: None,
            plan: None,
            meters: Vec::new(),
            freshness: None,
            as_of: None,
            level: Level::Ok,
            condition,
            error: last.and_then(|entry| entry.error.clone()),
            remarks: Vec::new(),
        }
    }

    /// The meter that a bar shows.
    #[must_use]
    pub fn main(&self) -> Option<&MeterView> {
        self.meters.first()
    }

    /// Another meter that is nearer its end, which a bar then shows as well.
    #[must_use]
    pub fn worse(&self) -> Option<&MeterView> {
        let main = self.main()?;
        // The first of the highest: `max_by_key` alone would take the last.
        let worst = self.meters.iter().rev().max_by_key(|meter| meter.level)?;
        (worst.level > main.level).then_some(worst)
    }

    /// Whether its numbers are there and young enough to decide something by.
    fn is_dependable(&self) -> bool {
        let young = self.freshness.is_some_and(|freshness| freshness <= Freshness::Valid);
        young && self.main().is_some_and(|meter| !meter.has_ended())
    }
}

/// The tools that something is known of. Where that is none and somebody has looked for a sign-in, Copilot, to say so.
fn known(state: &State, choice: &Choice) -> Vec<Tool> {
    let is_known = |tool: &Tool| spokesman(*tool, state, choice).is_some();
    let known: Vec<Tool> = Tool::ALL.into_iter().filter(is_known).collect();
    let was_looked_for = || state.entries.iter().any(|entry| entry.source == Source::Copilot);
    if known.is_empty() && was_looked_for() { vec![Tool::Copilot] } else { known }
}

/// The present account's entry that has most to say: the youngest answer, else whoever was asked last.
fn spokesman<'a>(tool: Tool, state: &'a State, choice: &Choice) -> Option<&'a Entry> {
    let present = |entry: &&Entry| {
        entry.source.tool() == tool
            && choice.sources.contains(&entry.source)
            && state.current.get(&entry.source) == Some(&entry.account)
    };
    let rank = |entry: &&Entry| (entry.usage.as_ref().map(|usage| usage.as_of), entry.asked_at);
    state.entries.iter().filter(present).max_by_key(rank)
}

fn condition(entry: &Entry, meters: &[MeterView]) -> Condition {
    match entry.error.as_ref().map(|error| error.kind) {
        None if meters.is_empty() => Condition::NoData,
        None => Condition::Good,
        Some(FailureKind::Auth) => Condition::SignIn,
        Some(FailureKind::Network | FailureKind::Timeout) => Condition::Offline,
        Some(FailureKind::RateLimit) => Condition::RateLimited,
        Some(FailureKind::Forbidden | FailureKind::Plan | FailureKind::NotFound) => Condition::NoAccess,
        Some(FailureKind::Server | FailureKind::Validation | FailureKind::Unknown) => Condition::Error,
    }
}
