//! Pull requests that apps opened: agents whom somebody started, and bots that keep dependencies fresh.

use super::apps::{self, App};
use super::chance::around;
use super::human::{blank, review, working_hour};
use super::pull::{Opener, PullTruth};
use super::span::{self, Span};
use crate::activity::Tool;
use crate::dice::Dice;
use crate::organization::Person;
use crate::world::World;
use tacho_domain::Day;
use tacho_domain::delivery::AuthorKind;
use tacho_domain::delivery::SignalKind::{Author, Branch, CommitAuthor};

/// Three hours: agents' work waits less.
const CYCLE_SECONDS: i64 = 10_800;

/// The agent that a person may start on that day: one that belongs to a tool of theirs, now and then another.
fn agent(person: &Person, day: Day, dice: &mut Dice) -> Option<&'static App> {
    let begun = |tool: Tool| person.since[tool as usize].is_some_and(|since| since <= day);
    let (app, needs) = match dice.below(10) {
        0..4 => (&apps::COPILOT, Tool::Copilot),
        4..6 => (&apps::CLAUDE, Tool::Claude),
        6..8 => (&apps::CURSOR, Tool::Cursor),
        8 => (&apps::CODEX, Tool::Copilot),
        _ => (&apps::DEVIN, Tool::Claude),
    };
    begun(needs).then_some(app)
}

/// What an agent delivered for that person with that try of the day.
pub(super) fn pull(world: &World, person: &Person, day: Day, attempt: u64) -> Option<PullTruth> {
    let key = Dice::new(&[person.key, 43, u64::try_from(day.0).unwrap_or(0), attempt]).next();
    let mut dice = Dice::new(&[key]);
    let app = agent(person, day, &mut dice)?;
    let commits = dice.between(1, 5);
    let cycle = around(CYCLE_SECONDS, 1_000, &mut dice);
    let span = Span::before(working_hour(day, &mut dice), cycle, commits, &mut dice);
    let lines = span::lines(&mut dice);
    let place = usize::try_from(dice.below(i64::try_from(world.delivery.places.len()).unwrap_or(1))).unwrap_or(0);
    let branch = format!("{}fix-{}", app.branch, dice.between(100, 999));
    let named = dice.hit(750);
    let mut it = PullTruth {
        author_kind: AuthorKind::Agent,
        author: named.then_some(person.index),
        additions: lines - lines / 5,
        deletions: lines / 5,
        changed_files: (1 + lines / 40).clamp(1, 60),
        commits,
        signals: vec![(Author, app.agent), (CommitAuthor, app.agent), (Branch, app.agent)],
        exact: true,
        ..blank(world, place, key, &span, Opener::App(app), branch)
    };
    if named {
        let who = format!("Co-authored-by: {0} <{1}+{0}@users.noreply.github.com>", person.login, person.github_id);
        it.script.trailers = vec![who];
    }
    it.script.kept_at_merge = true;
    review(world, &mut it, &span, person.index, &mut dice);
    Some(it)
}

/// What a dependency bot did in a repository that day.
pub(super) fn update(world: &World, place: usize, day: Day) -> Option<PullTruth> {
    let id = world.delivery.places[place].id.unsigned_abs();
    let mut dice = Dice::new(&[world.config.seed, 44, id, u64::try_from(day.0).unwrap_or(0)]);
    if !dice.hit(180) {
        return None;
    }
    let key = dice.next();
    let app = if dice.hit(650) { &apps::DEPENDABOT } else { &apps::RENOVATE };
    let cycle = around(CYCLE_SECONDS, 1_300, &mut dice);
    let span = Span::before(working_hour(day, &mut dice), cycle, 1, &mut dice);
    let branch = format!("{}serde-1.0.{}", app.branch, dice.between(200, 299));
    let changed = dice.between(1, 12);
    Some(PullTruth {
        additions: changed,
        deletions: changed,
        changed_files: 2,
        labels: vec!["dependencies"],
        ready_at: None,
        ..blank(world, place, key, &span, Opener::App(app), branch)
    })
}
