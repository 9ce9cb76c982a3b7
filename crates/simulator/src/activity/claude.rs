//! A person's day with Claude Code. Prices are list prices in nano-dollars per token; token counts are rounded so that
//! every amount is a whole number of micro-dollars.

use crate::dice::{Dice, per_mille};
use crate::organization::{Kind, Person};

/// Input, output, cache read, cache write.
type Prices = [i64; 4];

const MODELS: [(&str, Prices); 3] = [
    ("claude-sonnet-4-6", [3_000, 15_000, 300, 3_750]),
    ("claude-opus-4-6", [5_000, 25_000, 500, 6_250]),
    ("claude-haiku-4-5-20251001", [1_000, 5_000, 100, 1_250]),
];

/// Tokens of one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ModelUse {
    pub(crate) model: &'static str,
    pub(crate) input: i64,
    pub(crate) output: i64,
    pub(crate) cache_read: i64,
    pub(crate) cache_write: i64,
    pub(crate) cost_micros: i64,
}

/// A part of a day in one terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClaudePart {
    pub(crate) terminal: &'static str,
    pub(crate) subscription: bool,
    pub(crate) sessions: i64,
    pub(crate) lines_added: i64,
    pub(crate) lines_removed: i64,
    pub(crate) commits: i64,
    pub(crate) pull_requests: i64,
    /// Tool name, accepted, rejected.
    pub(crate) edits: Vec<(&'static str, i64, i64)>,
    pub(crate) models: Vec<ModelUse>,
}

/// One day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ClaudeDay {
    pub(crate) parts: Vec<ClaudePart>,
}

impl ClaudeDay {
    pub(crate) fn sum(&self, of: impl Fn(&ClaudePart) -> i64) -> i64 {
        self.parts.iter().map(of).sum()
    }

    pub(crate) fn is_active(&self) -> bool {
        self.sum(|part| part.sessions + part.lines_added + part.lines_removed + part.commits) > 0
    }

    /// A day of that person; `scale` is in thousandths of their usual day.
    pub(crate) fn of(person: &Person, scale: i64, dice: &mut Dice) -> Self {
        let mut it = Self::default();
        if person.kind == Kind::ApiKey {
            // Headless runs are not sessions.
            it.parts.push(part(person, "", false, 0, dice.between(2, 9), dice));
            return it;
        }
        if dice.hit(20) {
            // A key that was only tried: tokens, and neither a session nor a line.
            let mut tried = part(person, person.terminal, person.on_subscription, 0, 0, dice);
            tried.models.push(model_use(0, 1, dice));
            it.parts.push(tried);
            return it;
        }
        let sessions = 1 + dice.around(per_mille(4, scale));
        let edits = dice.around(per_mille(16, scale));
        it.parts.push(part(person, person.terminal, person.on_subscription, sessions, edits, dice));
        if dice.hit(240) {
            let elsewhere = if person.terminal == "vscode" { "tmux" } else { "vscode" };
            let (sessions, edits) = (1 + dice.below(2), dice.around(per_mille(5, scale)));
            it.parts.push(part(person, elsewhere, person.on_subscription, sessions, edits, dice));
        }
        if person.on_subscription && dice.hit(60) {
            let edits = dice.around(per_mille(4, scale));
            it.parts.push(part(person, person.terminal, false, 1, edits, dice));
        }
        it
    }
}

fn part(person: &Person, terminal: &'static str, subscription: bool, sessions: i64, edits: i64, dice: &mut Dice) -> ClaudePart {
    let mut actions = Vec::new();
    for (tool, share) in [("edit_tool", 640), ("multi_edit_tool", 160), ("write_tool", 150), ("notebook_edit_tool", 30)] {
        let offered = dice.part(edits, share);
        // A tool that was not used is missing from some replies.
        if offered > 0 || tool == "edit_tool" {
            let rejected = dice.part(offered, 40 + person.acceptance / 4);
            actions.push((tool, offered - rejected, rejected));
        }
    }
    if edits > 12 && dice.hit(80) {
        actions.push(("artifact_tool", dice.between(1, 3), 0));
    }
    let kept: i64 = actions.iter().map(|(_, accepted, _)| accepted).sum();
    let commits = dice.part(kept, 90);
    let work = sessions * 3 + edits;
    let mut models = Vec::new();
    for (place, likely) in [1_000, 420, 560].into_iter().enumerate() {
        if work > 0 && dice.hit(likely) {
            models.push(model_use(place, work, dice));
        }
    }
    ClaudePart {
        terminal,
        subscription,
        sessions,
        lines_added: kept * dice.between(4, 22),
        lines_removed: kept * dice.between(1, 9),
        commits,
        pull_requests: dice.part(commits, 260),
        edits: actions,
        models,
    }
}

fn model_use(place: usize, work: i64, dice: &mut Dice) -> ModelUse {
    let (model, prices) = MODELS[place];
    let input = work * dice.between(500, 3_600);
    let output = work * dice.between(500, 3_000);
    // Multiples of 20 keep every product of tokens and price whole in micro-dollars.
    let cache_read = work * dice.between(900, 9_000) * 20;
    let cache_write = work * dice.between(60, 520) * 20;
    let nanos = input * prices[0] + output * prices[1] + cache_read * prices[2] + cache_write * prices[3];
    ModelUse { model, input, output, cache_read, cache_write, cost_micros: nanos / 1_000 }
}
