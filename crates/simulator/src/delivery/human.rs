//! A pull request that a person opened.

use super::chance::commit_id;
use super::pull::{Opener, PullTruth, Script};
use super::signs::{self, Signs};
use super::span::{self, Span};
use crate::dice::Dice;
use crate::organization::{Kind, Person};
use crate::world::World;
use tacho_domain::delivery::AuthorKind;
use tacho_domain::{Day, Instant};

const LABELS: [&[&str]; 8] = [&[], &[], &[], &["bug"], &["feature"], &["chore"], &["bug", "urgent"], &["docs"]];
const TOPICS: [&str; 8] = [
    "retry-invoices",
    "cart-totals",
    "login-copy",
    "copilot-seat-count",
    "cursor-paging",
    "slow-query",
    "dark-mode",
    "flaky-test",
];

/// Somewhere between seven and twenty o'clock, mostly around half past one.
pub(super) fn working_hour(day: Day, dice: &mut Dice) -> Instant {
    day.start().plus_seconds(25_200 + dice.around(23_400))
}

/// The person's home repository more often than not.
fn repository(world: &World, person: &Person, dice: &mut Dice) -> usize {
    let all = world.delivery.places.len().max(1);
    let other = dice.below(i64::try_from(all).unwrap_or(1));
    if dice.hit(600) { person.index % all } else { usize::try_from(other).unwrap_or(0) }
}

/// So many different colleagues as can be found at work, at most `wanted`.
pub(super) fn colleagues(world: &World, besides: usize, day: Day, wanted: usize, dice: &mut Dice) -> Vec<usize> {
    let members = i64::from(world.config.members);
    let mut found: Vec<usize> = Vec::with_capacity(wanted);
    for _ in 0..wanted * 8 {
        if found.len() == wanted {
            break;
        }
        let index = usize::try_from(dice.below(members)).unwrap_or(0);
        let fits = world.people.get(index).is_some_and(|person| person.kind == Kind::Member && person.is_here(day));
        if fits && index != besides && !found.contains(&index) {
            found.push(index);
        }
    }
    found
}

/// The one that a person merged with that try of the day.
pub(super) fn pull(world: &World, person: &Person, day: Day, attempt: u64) -> PullTruth {
    let key = Dice::new(&[person.key, 42, u64::try_from(day.0).unwrap_or(0), attempt]).next();
    let mut dice = Dice::new(&[key]);
    let with_ai = person.since.iter().flatten().any(|since| *since <= day);
    let truncated = dice.hit(4);
    let commits = if truncated { dice.between(51, 80) } else { 1 + dice.below(4) * dice.below(3) };
    let cycle = span::cycle_seconds(&world.config, person, with_ai, &mut dice);
    let span = Span::before(working_hour(day, &mut dice), cycle, commits, &mut dice);
    let signs = signs::of(world, person, &span, &mut dice);
    let lines = span::lines(&mut dice);
    let additions = lines * dice.between(450, 950) / 1_000;
    let topic = dice.pick(&TOPICS);
    let branch = match signs.branch {
        Some(prefix) => format!("{prefix}{topic}"),
        // Names that only look like an agent's.
        None if dice.hit(40) => format!("cursor-fix/{topic}"),
        None => format!("{}/{topic}", person.login),
    };
    let place = repository(world, person, &mut dice);
    let mut it = PullTruth {
        author_kind: AuthorKind::Human,
        author: Some(person.index),
        additions,
        deletions: lines - additions,
        changed_files: (1 + lines * dice.between(5, 40) / 1_000).clamp(1, 60),
        commits,
        labels: dice.pick(&LABELS).to_vec(),
        truncated,
        with_ai,
        ..blank(world, place, key, &span, Opener::Person(person.index), branch)
    };
    sign(&mut it, signs, &mut dice);
    review(world, &mut it, &span, person.index, &mut dice);
    it.script.revert = dice.hit(25);
    it
}

fn sign(it: &mut PullTruth, signs: Signs, dice: &mut Dice) {
    it.exact = signs.exact();
    it.script.trailers = signs.trailers;
    it.signals = signs.signals;
    it.script.only_at_merge = dice.hit(40);
    it.script.kept_at_merge = it.script.only_at_merge || dice.hit(600);
}

/// Nobody looks at some of them, and some are merged on a comment alone.
pub(super) fn review(world: &World, it: &mut PullTruth, span: &Span, besides: usize, dice: &mut Dice) {
    let (alone, unapproved, second) = (dice.hit(70), dice.hit(50), dice.hit(250));
    let mut reviewers = colleagues(world, besides, it.day, if second { 2 } else { 1 }, dice);
    if alone || reviewers.is_empty() {
        return;
    }
    it.first_review_at = Some(span.first_review_at);
    if unapproved {
        reviewers.truncate(1);
    } else {
        it.last_approval_at = Some(span.last_approval_at);
        it.approvals = u32::try_from(reviewers.len()).unwrap_or(1);
    }
    it.reviewers = reviewers;
}

/// A pull request with its moments and its place, and nothing else yet.
pub(super) fn blank(world: &World, place: usize, key: u64, span: &Span, opener: Opener, branch: String) -> PullTruth {
    let repository = &world.delivery.places[place];
    PullTruth {
        day: span.merged_at.day(),
        repository_id: repository.id,
        repository: repository.name.clone(),
        number: 0,
        author_kind: AuthorKind::Bot,
        author: None,
        created_at: span.created_at,
        ready_at: span.ready_at,
        merged_at: span.merged_at,
        first_commit_at: span.first_commit_at,
        last_commit_at: span.last_commit_at,
        first_review_at: None,
        last_approval_at: None,
        approvals: 0,
        reviewers: Vec::new(),
        additions: 0,
        deletions: 0,
        changed_files: 1,
        commits: 1,
        labels: Vec::new(),
        signals: Vec::new(),
        merge_commit: commit_id(&[key, 60]),
        reverts_number: None,
        reverts_commit: None,
        reverts: None,
        truncated: false,
        exact: false,
        with_ai: false,
        branch,
        script: Script { key, opener, place, trailers: Vec::new(), only_at_merge: false, kept_at_merge: false, revert: false },
    }
}
