//! The figures of delivery, worked out by plain loops.

use super::Truth;
use crate::activity::Tool;
use crate::delivery::commit_records::is_recorded;
use crate::delivery::deployments::{deployments, releases};
use crate::delivery::{DeploymentTruth, PRODUCTION, PullTruth, ReleaseTruth, RepositoryDay, repository_day};
use crate::names;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::delivery::{AuthorKind, DeploymentOutcome, Tier};
use tacho_domain::{Day, Instant, Window};

const REWORK_DAYS: i32 = 21;
const REVERT_SECONDS: i64 = 30 * 86_400;
/// GitHub names the members of teams with so many seats.
const LEAST_NAMED: usize = 5;

/// A length of time over many pull requests: nearest-rank percentiles of those where it is known, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Length {
    /// Half take at most this.
    pub median: Option<i64>,
    /// Three quarters take at most this.
    pub p75: Option<i64>,
    /// Of how many it is known.
    pub known: usize,
}

impl Length {
    /// Of these lengths, in any order.
    #[must_use]
    pub fn of(mut seconds: Vec<i64>) -> Self {
        seconds.sort_unstable();
        let at = |hundredths: usize| (seconds.len() * hundredths).div_ceil(100).checked_sub(1).map(|place| seconds[place]);
        Self { median: at(50), p75: at(75), known: seconds.len() }
    }
}

/// What DORA's five measures are made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DeploymentsTruth {
    /// Went live.
    pub succeeded: usize,
    /// Ended, one way or the other.
    pub ended: usize,
    /// Failed, or a change was taken back after them and before the next one.
    pub failed: usize,
    /// Were the first to go live after one that failed.
    pub repairs: usize,
    /// From a merge to the end of the first deployment begun since that went live.
    pub lead: Length,
    /// From the end of a failed one to the end of the next that went live.
    pub recovery: Length,
}

/// The figures of a window; bots' pull requests are none of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeliveryTruth {
    /// Merged.
    pub merged: usize,
    /// Of those, opened by agents.
    pub by_agents: usize,
    /// People who are credited with any.
    pub contributors: usize,
    /// From opened to merged.
    pub cycle: Length,
    /// From the first commit to opened.
    pub coding: Length,
    /// From ready to the first review by another person.
    pub pickup: Length,
    /// From that review to the last approval.
    pub review: Length,
    /// From the last approval to the merge.
    pub merge: Length,
    /// By the surest evidence: exact (the floor), strong, weak.
    pub exact: usize,
    /// See `exact`.
    pub strong: usize,
    /// See `exact`; the ceiling is the sum of all three.
    pub weak: usize,
    /// Taken back within thirty days.
    pub reverted: usize,
    /// Lines in files that were changed again within 21 days, and all lines, of those at least so old at the end of the data.
    pub rework: (i64, i64),
    /// Of the whole organization only.
    pub deployments: Option<DeploymentsTruth>,
}

impl Truth {
    /// The figures of a window, of all or of the people of a team by its slug.
    #[must_use]
    pub fn delivery(&self, window: Window, team: Option<&str>) -> DeliveryTruth {
        let all: Vec<PullTruth> = self.pull_requests(window).filter(|it| it.author_kind != AuthorKind::Bot).collect();
        let counts = |it: &&PullTruth| team.is_none_or(|team| self.is_of_team(it, team));
        let pulls: Vec<&PullTruth> = all.iter().filter(counts).collect();
        let tiers = self.tiers(pulls.iter().copied());
        let tier = |wanted: Tier| tiers.iter().filter(|tier| **tier == Some(wanted)).count();
        let length = |of: fn(&PullTruth) -> Option<i64>| Length::of(pulls.iter().filter_map(|it| of(it)).collect());
        DeliveryTruth {
            merged: pulls.len(),
            by_agents: pulls.iter().filter(|it| it.author_kind == AuthorKind::Agent).count(),
            contributors: pulls.iter().filter_map(|it| it.author).collect::<BTreeSet<_>>().len(),
            cycle: length(|it| Some(it.cycle_seconds())),
            coding: length(|it| Some(it.coding_seconds())),
            pickup: length(PullTruth::pickup_seconds),
            review: length(PullTruth::review_seconds),
            merge: length(PullTruth::merge_seconds),
            exact: tier(Tier::Exact),
            strong: tier(Tier::Strong),
            weak: tier(Tier::Weak),
            reverted: self.reverted(&pulls, window),
            rework: self.rework(&pulls, window),
            deployments: if team.is_some() { None } else { self.dora(window) },
        }
    }

    /// Whether GitHub names the credited person in the team on the day of the merge: it names those who hold a seat, in teams
    /// of at least five of them.
    pub(super) fn is_of_team(&self, it: &PullTruth, team: &str) -> bool {
        let Some(author) = it.author else { return false };
        let seats = || self.0.copilot_seats(it.day).filter(|person| person.left.is_none_or(|left| it.day < left));
        let of_team = || seats().filter(|person| person.teams.iter().any(|index| names::team(*index).1 == team));
        of_team().count() >= LEAST_NAMED && of_team().any(|person| person.index == author)
    }

    /// How sure an AI tool's part in each of them is, by what they carry, by Cursor's records of their commits, and by the days
    /// on which the vendors have their author as active, if today's vendors tell that both are the same person.
    pub fn tiers<'a>(&self, pulls: impl Iterator<Item = &'a PullTruth>) -> Vec<Option<Tier>> {
        let mut active = ActivePeople::default();
        pulls.map(|it| self.tier(it, &mut active)).collect()
    }

    /// The same of one; `active` is kept from one to the next.
    pub(super) fn tier(&self, it: &PullTruth, active: &mut ActivePeople) -> Option<Tier> {
        let (first, last) = (it.first_commit_at.day(), it.last_commit_at.day());
        let author = it.author.filter(|person| self.has_known_account(*person));
        let mut used = |day| author.is_some_and(|person| active.on(self, day)[person]);
        match () {
            () if it.author_kind == AuthorKind::Bot => None,
            () if it.exact || is_recorded(&self.0, it) => Some(Tier::Exact),
            () if !it.signals.is_empty() => Some(Tier::Strong),
            () if (Window { from: first, to: last }).days().any(&mut used) => Some(Tier::Strong),
            () => used(first.minus(1)).then_some(Tier::Weak),
        }
    }

    /// Whether GitHub tells whose account it is: of those in the organization, and of those who left while their seat is
    /// still listed. The author's use of other tools is not known to be theirs without it.
    pub(super) fn has_known_account(&self, person: usize) -> bool {
        let (person, today) = (&self.0.people[person], self.0.today());
        person.copilot_seat || person.left.is_none_or(|left| today < left)
    }

    /// Those that a later one of the same repository took back soon, by its number or its merge commit.
    fn reverted(&self, pulls: &[&PullTruth], window: Window) -> usize {
        let later = Window { from: window.from, to: window.to.plus(31).min(self.0.today()).max(window.from) };
        let reverts: Vec<PullTruth> = self.pull_requests(later).filter(|it| it.reverts.is_some()).collect();
        let is_reverted = |it: &&&PullTruth| {
            reverts.iter().any(|revert| {
                let seconds = (revert.merged_at.0 - it.merged_at.0) / 1_000_000;
                revert.repository_id == it.repository_id
                    && revert.reverts == Some(it.number)
                    && (0..=REVERT_SECONDS).contains(&seconds)
            })
        };
        pulls.iter().filter(is_reverted).count()
    }

    fn rework(&self, pulls: &[&PullTruth], window: Window) -> (i64, i64) {
        let end = self.0.today();
        let later = Window { from: window.from, to: window.to.plus(REWORK_DAYS + 1).min(end).max(window.from) };
        let mut changes: BTreeMap<(i64, String), Vec<(Instant, u32)>> = BTreeMap::new();
        for it in self.pull_requests(later) {
            for file in it.files() {
                changes.entry((it.repository_id, file.path)).or_default().push((it.merged_at, it.number));
            }
        }
        let (mut again, mut lines) = (0, 0);
        for it in pulls.iter().filter(|it| it.day <= end.minus(REWORK_DAYS)) {
            for file in it.files() {
                let by_others = &changes[&(it.repository_id, file.path)];
                let changed = by_others.iter().any(|(at, number)| {
                    let seconds = (at.0 - it.merged_at.0) / 1_000_000;
                    *number != it.number && (0..=i64::from(REWORK_DAYS) * 86_400).contains(&seconds)
                });
                let of_file = file.additions + file.deletions;
                lines += of_file;
                again += if changed { of_file } else { 0 };
            }
        }
        (again, lines)
    }

    /// Deployments to production in the window, oldest first in each repository.
    #[must_use]
    pub fn deployments(&self, window: Window) -> Vec<DeploymentTruth> {
        let all = (0..self.0.delivery.places.len()).flat_map(|place| deployments(&self.0, place, window));
        all.filter(|it| it.environment == PRODUCTION).collect()
    }

    /// Releases in the window, drafts and previews included.
    #[must_use]
    pub fn releases(&self, window: Window) -> Vec<ReleaseTruth> {
        (0..self.0.delivery.places.len()).flat_map(|place| releases(&self.0, place, window)).collect()
    }

    /// What GitHub's own report counts of the repositories on that day; `None` where there is no report of it.
    #[must_use]
    pub fn repository_days(&self, day: Day) -> Option<Vec<RepositoryDay>> {
        self.0.has_report(day).then(|| repository_day(&self.0, day))
    }

    fn dora(&self, window: Window) -> Option<DeploymentsTruth> {
        if !self.0.config.delivery.deployments {
            return None;
        }
        let history = self.history();
        let pulls: Vec<PullTruth> = self.pull_requests(Window { from: window.from, to: history.to.max(window.from) }).collect();
        let (mut sum, mut leads, mut recoveries) = (DeploymentsTruth::default(), Vec::new(), Vec::new());
        for place in 0..self.0.delivery.places.len() {
            let all = deployments(&self.0, place, history);
            let ended: Vec<&DeploymentTruth> =
                all.iter().filter(|it| it.environment == PRODUCTION && it.finished_at.is_some()).collect();
            let of_place: Vec<&PullTruth> = pulls.iter().filter(|it| it.script.place == place).collect();
            for at in (0..ended.len()).filter(|at| window.contains(ended[*at].day)) {
                count(&mut sum, &ended, at, &of_place);
                if let (false, Some(next)) = (lives(ended[at]), ended[at + 1..].iter().find(|next| lives(next))) {
                    recoveries.push(between(end(ended[at]), end(next)));
                }
            }
            for it in of_place.iter().filter(|it| window.contains(it.day) && it.author_kind != AuthorKind::Bot) {
                let next = ended.iter().find(|next| next.created_at >= it.merged_at && lives(next));
                leads.extend(next.map(|next| between(it.merged_at, end(next))));
            }
        }
        (sum.lead, sum.recovery) = (Length::of(leads), Length::of(recoveries));
        Some(sum)
    }
}

/// Whom the vendors have as active, by day: worked out once a day.
#[derive(Default)]
pub(super) struct ActivePeople(BTreeMap<Day, Vec<bool>>);

impl ActivePeople {
    fn on(&mut self, truth: &Truth, day: Day) -> &[bool] {
        self.0.entry(day).or_insert_with(|| {
            let mut active = vec![false; truth.0.people.len()];
            let rows = Tool::ALL.into_iter().flat_map(|tool| truth.rows(tool, day).unwrap_or_default());
            rows.for_each(|row| active[row.person] |= row.active);
            active
        })
    }
}

fn lives(it: &DeploymentTruth) -> bool {
    it.outcome == DeploymentOutcome::Succeeded
}

fn end(it: &DeploymentTruth) -> Instant {
    it.finished_at.unwrap_or(it.created_at)
}

fn between(from: Instant, to: Instant) -> i64 {
    (to.0 - from.0) / 1_000_000
}

fn count(sum: &mut DeploymentsTruth, ended: &[&DeploymentTruth], at: usize, pulls: &[&PullTruth]) {
    let it = ended[at];
    let until = ended.get(at + 1).map(|next| next.created_at);
    let taken_back = pulls
        .iter()
        .any(|pull| pull.reverts.is_some() && end(it) <= pull.merged_at && until.is_none_or(|until| pull.merged_at < until));
    sum.ended += 1;
    sum.succeeded += usize::from(lives(it));
    sum.failed += usize::from(!lives(it) || taken_back);
    sum.repairs += usize::from(lives(it) && at > 0 && !lives(ended[at - 1]));
}
