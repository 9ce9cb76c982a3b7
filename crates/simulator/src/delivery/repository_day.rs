//! What GitHub's own report counts of a repository's day.

use super::apps::{COPILOT, REVIEWERS};
use super::days::merged;
use super::messages::Reviewer;
use super::pull::{Opener, PullTruth};
use crate::world::World;
use tacho_domain::{Day, Window};

/// Pull requests that were merged later than this after a day are not among those opened on it: the simulation knows only
/// of merged ones.
const LOOKS_ON_DAYS: i32 = 28;

/// Counts of one repository and day; bots' pull requests are among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct RepositoryDay {
    /// The repository's numeric id.
    pub repository_id: i64,
    /// Opened that day.
    pub created: i64,
    /// Merged that day.
    pub merged: i64,
    /// Of those merged that day, reviewed by anybody.
    pub reviewed: i64,
    /// Opened that day by Copilot.
    pub created_by_copilot: i64,
    /// Merged that day and opened by Copilot.
    pub merged_created_by_copilot: i64,
    /// Of those merged that day, reviewed by Copilot.
    pub reviewed_by_copilot: i64,
}

fn by_copilot(it: &PullTruth) -> bool {
    it.script.opener == Opener::App(&COPILOT)
}

/// Repositories where anything happened, in their order.
pub(crate) fn of(world: &World, day: Day) -> Vec<RepositoryDay> {
    let blank = |repository_id| RepositoryDay {
        repository_id,
        created: 0,
        merged: 0,
        reviewed: 0,
        created_by_copilot: 0,
        merged_created_by_copilot: 0,
        reviewed_by_copilot: 0,
    };
    let mut counts: Vec<RepositoryDay> = world.delivery.places.iter().map(|place| blank(place.id)).collect();
    for it in merged(world, day).iter() {
        let count = &mut counts[it.script.place];
        let reviews = it.reviews();
        let copilot = reviews.iter().any(|review| review.by == Reviewer::App(&REVIEWERS[0]));
        count.merged += 1;
        count.reviewed += i64::from(!reviews.is_empty());
        count.reviewed_by_copilot += i64::from(copilot);
        count.merged_created_by_copilot += i64::from(by_copilot(it));
    }
    let until = day.plus(LOOKS_ON_DAYS).min(world.today()).max(day);
    for later in (Window { from: day, to: until }).days() {
        for it in merged(world, later).iter().filter(|it| it.created_at.day() == day) {
            counts[it.script.place].created += 1;
            counts[it.script.place].created_by_copilot += i64::from(by_copilot(it));
        }
    }
    counts.retain(|count| count.created + count.merged > 0);
    counts
}
