//! How long a pull request took, and where the time went. Parts are fixed multiples of the whole but for draws that are
//! symmetric in the logarithm, so that every part's median is known too.

use super::Planted;
use super::chance::{around, bell, deviation, spread};
use crate::dice::Dice;
use crate::organization::{Config, Person};
use tacho_domain::Instant;

/// Twenty hours from opened to merged.
const CYCLE_SECONDS: i64 = 72_000;
/// Three tenths of it until somebody looks, three twentieths until the last approval.
const PICKUP_SECONDS: i64 = CYCLE_SECONDS * 3 / 10;
const REVIEW_SECONDS: i64 = CYCLE_SECONDS * 3 / 20;
const CODING_SECONDS: i64 = 18_000;
const LINES: i64 = 90;
/// How far the shares of pickup and review stray, as binary logarithms in 16 binary places: at their farthest
/// 0.3 * 2^1.3 + 0.15 * 2^0.72 is still below the whole.
const PICKUP_STRAYS: i64 = 85_196;
const REVIEW_STRAYS: i64 = 47_185;
/// Ten minutes and 45 days: too far from the median to move it.
const SHORTEST: i64 = 600;
const LONGEST: i64 = 45 * 86_400;

/// Moments of one pull request.
#[expect(clippy::struct_field_names, reason = "the names that the pull request's own fields have")]
pub(super) struct Span {
    pub(super) created_at: Instant,
    pub(super) ready_at: Option<Instant>,
    pub(super) first_review_at: Instant,
    pub(super) last_approval_at: Instant,
    pub(super) merged_at: Instant,
    pub(super) first_commit_at: Instant,
    pub(super) last_commit_at: Instant,
}

pub(crate) fn planted(config: &Config) -> Planted {
    Planted {
        effect_permille: config.delivery.effect_permille.unwrap_or(1_000),
        cycle_seconds: CYCLE_SECONDS,
        pickup_seconds: PICKUP_SECONDS,
        review_seconds: REVIEW_SECONDS,
        coding_seconds: CODING_SECONDS,
        lines: LINES,
    }
}

/// What a person's pull request takes: their own pace, this one's luck, and the effect where they have begun with AI.
pub(super) fn cycle_seconds(config: &Config, person: &Person, with_ai: bool, dice: &mut Dice) -> i64 {
    let delivery = &config.delivery;
    let pace = deviation(bell(&mut Dice::new(&[person.key, 41])), delivery.person_spread_permille);
    let luck = deviation(bell(dice), delivery.noise_permille);
    let effect = if with_ai { i64::from(delivery.effect_permille.unwrap_or(1_000)) } else { 1_000 };
    spread(CYCLE_SECONDS, pace + luck).saturating_mul(effect) / 1_000
}

/// Lines of a person's pull request.
pub(super) fn lines(dice: &mut Dice) -> i64 {
    around(LINES, 1_200, dice).clamp(1, 60_000)
}

impl Span {
    /// Backwards from the merge; `commits` says whether there is a second commit to date.
    pub(super) fn before(merged_at: Instant, cycle: i64, commits: i64, dice: &mut Dice) -> Self {
        let cycle = cycle.clamp(SHORTEST, LONGEST);
        let pickup = spread(cycle * 3 / 10, dice.between(-PICKUP_STRAYS, PICKUP_STRAYS));
        let review = spread(cycle * 3 / 20, dice.between(-REVIEW_STRAYS, REVIEW_STRAYS));
        let idle = cycle - pickup - review;
        let draft = if dice.hit(180) { idle * dice.between(100, 800) / 1_000 } else { 0 };
        let created_at = merged_at.plus_seconds(-cycle);
        let first_review_at = created_at.plus_seconds(draft + pickup);
        let coding = around(CODING_SECONDS, 1_000, dice).clamp(60, 30 * 86_400);
        // Commits that were made anew after opening are dated later than it.
        let first_commit_at = if dice.hit(30) { created_at.plus_seconds(cycle / 20) } else { created_at.plus_seconds(-coding) };
        let last = if dice.hit(400) { first_review_at.plus_seconds(review / 2) } else { created_at.plus_seconds(-30) };
        Self {
            created_at,
            ready_at: (draft > 0).then(|| created_at.plus_seconds(draft)),
            first_review_at,
            last_approval_at: first_review_at.plus_seconds(review),
            merged_at,
            first_commit_at,
            last_commit_at: if commits > 1 { last.max(first_commit_at) } else { first_commit_at },
        }
    }
}
