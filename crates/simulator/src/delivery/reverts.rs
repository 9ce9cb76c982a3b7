//! Which pull requests take back an earlier one, and how they say so.

use super::days::plain;
use super::pull::PullTruth;
use crate::dice::Dice;
use crate::world::World;
use tacho_domain::delivery::AuthorKind;

/// Settles the ones that were drawn to take something back: most within ten days, some only after the thirty that count.
pub(super) fn settle(world: &World, day: &[PullTruth]) -> Vec<PullTruth> {
    let settled = |it: &PullTruth| {
        let mut it = it.clone();
        if it.script.revert {
            let mut dice = Dice::new(&[it.script.key, 47]);
            let back = if dice.hit(850) { dice.between(1, 10) } else { dice.between(32, 45) };
            let earlier = it.day.minus(i32::try_from(back).unwrap_or(1));
            if let Some(target) = target(world, &it, earlier, &mut dice) {
                take_back(&mut it, &target, &mut dice);
            }
        }
        it
    };
    day.iter().map(settled).collect()
}

fn target(world: &World, it: &PullTruth, day: tacho_domain::Day, dice: &mut Dice) -> Option<PullTruth> {
    if day < world.first_day() {
        return None;
    }
    let earlier = plain(world, day);
    let fits = |other: &&PullTruth| {
        other.script.place == it.script.place && other.author_kind != AuthorKind::Bot && !other.script.revert
    };
    let candidates: Vec<&PullTruth> = earlier.iter().filter(fits).collect();
    (!candidates.is_empty()).then(|| dice.pick(&candidates).clone())
}

/// GitHub's button names the branch after the number and the commit after the id; people by hand do one of the two.
fn take_back(it: &mut PullTruth, target: &PullTruth, dice: &mut Dice) {
    let how = dice.below(100);
    it.reverts = Some(target.number);
    it.reverts_number = (how < 85).then_some(target.number);
    it.reverts_commit = (!(70..85).contains(&how)).then(|| target.merge_commit.clone());
    it.branch = match it.reverts_number {
        Some(number) => format!("revert-{number}-{}", target.branch),
        None => "undo-the-last-one".to_owned(),
    };
    it.signals.clear();
    it.script.trailers.clear();
    it.exact = false;
    it.truncated = false;
    it.commits = 1;
    it.last_commit_at = it.first_commit_at;
}
