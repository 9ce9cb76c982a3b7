//! What AI tools leave behind in a person's pull request: trailers, markers and branches, where the tool was used while
//! the commits were made, and not every time.

use super::apps::{self, App};
use super::span::Span;
use crate::activity::Tool;
use crate::dice::Dice;
use crate::organization::Person;
use crate::world::World;
use tacho_domain::Window;
use tacho_domain::delivery::SignalKind::{self, Branch, Marker, Trailer, TrailerName};

/// Longer work is looked at in its last days only.
const DAYS_LOOKED_AT: u32 = 6;
const CLAUDE_TRAILER: &str = "Co-Authored-By: Claude Sonnet 4.6 <noreply@anthropic.com>";
const CLAUDE_MARKER: &str = "🤖 Generated with [Claude Code](https://claude.com/claude-code)";
const CLAUDE_BY_NAME: &str = "Co-authored-by: Claude Sonnet 4.6 <assistant@tools.example.com>";
const CURSOR_TRAILER: &str = "Co-authored-by: Cursor <cursoragent@cursor.com>";
const COPILOT_TRAILER: &str = "Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>";

/// The signs in one pull request.
#[derive(Default)]
pub(super) struct Signs {
    pub(super) signals: Vec<(SignalKind, &'static str)>,
    /// In the order of the message, markers first.
    pub(super) trailers: Vec<String>,
    /// What the branch begins with.
    pub(super) branch: Option<&'static str>,
}

impl Signs {
    fn of(signals: &[(SignalKind, &'static str)], trailers: &[&str]) -> Self {
        Self { signals: signals.to_vec(), trailers: trailers.iter().map(|it| (*it).to_owned()).collect(), branch: None }
    }

    fn on_branch(app: &App) -> Self {
        Self { signals: vec![(Branch, app.agent)], trailers: Vec::new(), branch: Some(app.branch) }
    }

    /// Whether any of it proves an agent's part.
    pub(super) fn exact(&self) -> bool {
        self.signals.iter().any(|(kind, _)| kind.tier() == tacho_domain::delivery::Tier::Exact)
    }
}

/// Draws what one tool left, if it was used at all while the commits were made.
pub(super) fn of(world: &World, person: &Person, span: &Span, dice: &mut Dice) -> Signs {
    let (tool, leaves, how) = (dice.pick(&Tool::ALL), dice.hit(620), dice.below(100));
    let begun = person.since[tool as usize].is_some_and(|since| since <= span.merged_at.day());
    if !begun || !leaves || !was_used(world, person, tool, span) {
        return Signs::default();
    }
    match (tool, how) {
        (Tool::Claude, 0..60) => {
            Signs::of(&[(Trailer, "claude_code"), (Marker, "claude_code")], &[CLAUDE_MARKER, "", CLAUDE_TRAILER])
        }
        (Tool::Claude, 60..85) => Signs::of(&[(Trailer, "claude_code")], &[CLAUDE_TRAILER]),
        (Tool::Claude, 85..93) => Signs::of(&[(TrailerName, "claude_code")], &[CLAUDE_BY_NAME]),
        (Tool::Claude, _) => Signs::on_branch(&apps::CLAUDE),
        (Tool::Cursor, 0..85) => Signs::of(&[(Trailer, "cursor")], &[CURSOR_TRAILER]),
        (Tool::Cursor, _) => Signs::on_branch(&apps::CURSOR),
        (Tool::Copilot, 90..) => Signs::on_branch(&apps::CODEX),
        (Tool::Copilot, _) if person.uses_cli => Signs::of(&[(Trailer, "copilot")], &[COPILOT_TRAILER]),
        (Tool::Copilot, _) => Signs::default(),
    }
}

fn was_used(world: &World, person: &Person, tool: Tool, span: &Span) -> bool {
    let (first, last) = (span.first_commit_at.day(), span.last_commit_at.day());
    let looked_at = Window { from: first.max(Window::ending(last, DAYS_LOOKED_AT).from), to: last };
    looked_at.days().any(|day| world.came_with(person, tool, day))
}
