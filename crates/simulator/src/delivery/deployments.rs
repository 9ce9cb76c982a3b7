//! Deployments to production, to another environment too, and releases. Every one follows from its day.

use super::chance::commit_id;
use crate::dice::Dice;
use crate::world::World;
use tacho_domain::delivery::DeploymentOutcome;
use tacho_domain::{Day, Instant, Window};

/// The environment whose deployments count.
pub const PRODUCTION: &str = "production";
pub(crate) const STAGING: &str = "staging";

/// A deployment as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentTruth {
    /// The UTC day it began on.
    pub day: Day,
    /// The repository's numeric id.
    pub repository_id: i64,
    /// Unique in the repository; the host's `databaseId`.
    pub id: i64,
    /// Where to: only [`PRODUCTION`] counts.
    pub environment: &'static str,
    /// When it began.
    pub created_at: Instant,
    /// When it ended; `None`: it never told.
    pub finished_at: Option<Instant>,
    /// How it ended.
    pub outcome: DeploymentOutcome,
    /// The commit deployed.
    pub commit: String,
}

/// A release as it was; what is no draft and no preview is deployed when it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseTruth {
    /// The repository's numeric id.
    pub repository_id: i64,
    /// The host's `databaseId`.
    pub id: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was published; drafts are not.
    pub published_at: Option<Instant>,
    /// Whether it is a preview.
    pub preview: bool,
    /// The commit released.
    pub commit: String,
}

/// All of one repository in the window, oldest first, every environment's.
pub(crate) fn deployments(world: &World, place: usize, window: Window) -> Vec<DeploymentTruth> {
    if !world.config.delivery.deployments || place >= world.delivery.places.len() {
        return Vec::new();
    }
    let known = |day: &Day| world.history().contains(*day);
    window.days().filter(known).flat_map(|day| of_day(world, place, day)).filter(|it| it.created_at < world.noon()).collect()
}

/// Up to two a day and their retries: the first an hour after eight at the earliest, all over before the evening.
fn of_day(world: &World, place: usize, day: Day) -> Vec<DeploymentTruth> {
    let repository_id = world.delivery.places[place].id;
    let number = u64::try_from(day.0).unwrap_or(0);
    let mut dice = Dice::new(&[world.config.seed, 51, repository_id.unsigned_abs(), number]);
    let wanted = if day.is_workday() { dice.pick(&[0, 0, 1, 1, 2]) } else { 0 };
    let mut all: Vec<DeploymentTruth> = Vec::new();
    let add = |environment, created_at: Instant, outcome, seconds, all: &mut Vec<DeploymentTruth>| {
        let id = i64::from(day.0) * 100 + i64::try_from(all.len()).unwrap_or(0);
        let finished_at = (outcome != DeploymentOutcome::Unknown).then(|| created_at.plus_seconds(seconds));
        let commit = commit_id(&[repository_id.unsigned_abs(), id.unsigned_abs(), 62]);
        all.push(DeploymentTruth { day, repository_id, id, environment, created_at, finished_at, outcome, commit });
    };
    for turn in 0..wanted {
        let mut at = day.start().plus_seconds(32_400 + turn * 18_000 + dice.below(3_600));
        if dice.hit(500) {
            add(STAGING, at.plus_seconds(-1_200), DeploymentOutcome::Succeeded, 300, &mut all);
        }
        // Three tries at most, within four hours.
        for retry in 0..3 {
            let fails = dice.hit(if retry == 0 { 140 } else { 250 });
            let outcome = match (fails, dice.hit(20)) {
                (_, true) => DeploymentOutcome::Unknown,
                (true, false) => DeploymentOutcome::Failed,
                (false, false) => DeploymentOutcome::Succeeded,
            };
            add(PRODUCTION, at, outcome, dice.between(120, 900), &mut all);
            if outcome != DeploymentOutcome::Failed {
                break;
            }
            at = at.plus_seconds(dice.between(1_500, 5_400));
        }
    }
    all
}

/// Releases of one repository in the window, oldest first: about one a week.
pub(crate) fn releases(world: &World, place: usize, window: Window) -> Vec<ReleaseTruth> {
    if !world.config.delivery.deployments || place >= world.delivery.places.len() {
        return Vec::new();
    }
    let known = |day: &Day| world.history().contains(*day);
    window.days().filter(known).filter_map(|day| release(world, place, day)).filter(|it| it.created_at < world.noon()).collect()
}

fn release(world: &World, place: usize, day: Day) -> Option<ReleaseTruth> {
    let repository_id = world.delivery.places[place].id;
    let mut dice = Dice::new(&[world.config.seed, 52, repository_id.unsigned_abs(), u64::try_from(day.0).unwrap_or(0)]);
    if !day.is_workday() || !dice.hit(200) {
        return None;
    }
    let created_at = day.start().plus_seconds(50_400 + dice.below(7_200));
    let (draft, preview) = (dice.hit(60), dice.hit(150));
    Some(ReleaseTruth {
        repository_id,
        id: i64::from(day.0) * 10,
        created_at,
        published_at: (!draft).then(|| created_at.plus_seconds(600)),
        preview,
        commit: commit_id(&[repository_id.unsigned_abs(), dice.next()]),
    })
}
