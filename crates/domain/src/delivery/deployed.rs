//! DORA's five measures of software delivery, from deployments (dora.dev/guides/dora-metrics, read 2026-11-21).

use super::{AuthorKind, DeploymentOutcome, DeploymentRow, PullRow, Reverted, Second, percentile};
use crate::Window;
use std::collections::BTreeMap;

/// What deployments of a window say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deployed {
    /// Deployments that went live.
    pub succeeded: i64,
    /// Deployments that ended, one way or the other.
    pub ended: i64,
    /// Those of them that failed, or after which a change was reverted before the next one.
    pub failed: i64,
    /// Those that were the first to go live after a failed one.
    pub repairs: i64,
    /// The median of the seconds from a merge to the end of the first later deployment that went live.
    pub lead_seconds: Option<i64>,
    /// How many merges that is of.
    pub delivered: usize,
    /// The median of the seconds from the end of a failed deployment to the end of the next one that went live.
    pub recovery_seconds: Option<i64>,
    /// How many failed deployments that is of.
    pub recovered: usize,
}

/// From all deployments known, those of the window; merges and reverts are of all pull requests known, but no bot's merge
/// has a lead time.
#[must_use]
pub fn deployed(window: Window, deployments: &[DeploymentRow], pulls: &[PullRow]) -> Deployed {
    let mut repositories: BTreeMap<i64, Vec<&DeploymentRow>> = BTreeMap::new();
    let ended = deployments.iter().filter(|deployment| deployment.outcome != DeploymentOutcome::Unknown);
    for deployment in ended {
        repositories.entry(deployment.repository).or_default().push(deployment);
    }
    let reverts = reverts(pulls);
    let (mut sum, mut recoveries) = (Deployed::default(), Vec::new());
    for (repository, deployments) in &mut repositories {
        deployments.sort_unstable_by_key(|deployment| (deployment.created_at, end(deployment)));
        let reverts = reverts.get(repository).map_or(&[][..], Vec::as_slice);
        for at in 0..deployments.len() {
            if window.contains(deployments[at].created_at.day()) {
                count(&mut sum, deployments, at, reverts);
                recoveries.extend(recovery(deployments, at));
            }
        }
    }
    let is_meant = |pull: &&PullRow| pull.author_kind != AuthorKind::Bot && window.contains(pull.merged_at.day());
    let merged = pulls.iter().filter(is_meant);
    let mut leads: Vec<i64> = merged.filter_map(|pull| lead(repositories.get(&pull.repository)?, pull)).collect();
    (sum.delivered, sum.recovered) = (leads.len(), recoveries.len());
    (sum.lead_seconds, sum.recovery_seconds) = (percentile(&mut leads, 50), percentile(&mut recoveries, 50));
    sum
}

/// When it ended; when it began, where the host does not tell.
fn end(deployment: &DeploymentRow) -> Second {
    deployment.finished_at.unwrap_or(deployment.created_at)
}

fn is_live(deployment: &DeploymentRow) -> bool {
    deployment.outcome == DeploymentOutcome::Succeeded
}

/// When reverts of other pull requests were merged, by repository, ascending.
fn reverts(pulls: &[PullRow]) -> BTreeMap<i64, Vec<Second>> {
    let mut reverts: BTreeMap<i64, Vec<Second>> = BTreeMap::new();
    for pull in Reverted::reverts(pulls) {
        reverts.entry(pull.repository).or_default().push(pull.merged_at);
    }
    for times in reverts.values_mut() {
        times.sort_unstable();
    }
    reverts
}

fn count(sum: &mut Deployed, deployments: &[&DeploymentRow], at: usize, reverts: &[Second]) {
    let deployment = deployments[at];
    sum.ended += 1;
    sum.succeeded += i64::from(is_live(deployment));
    let until = deployments.get(at + 1).map(|next| next.created_at);
    let taken_back = reverts.get(reverts.partition_point(|revert| *revert < end(deployment)));
    let taken_back = taken_back.is_some_and(|revert| until.is_none_or(|until| *revert < until));
    sum.failed += i64::from(!is_live(deployment) || taken_back);
    let is_repair = is_live(deployment) && at > 0 && !is_live(deployments[at - 1]);
    sum.repairs += i64::from(is_repair);
}

fn recovery(deployments: &[&DeploymentRow], at: usize) -> Option<i64> {
    if is_live(deployments[at]) {
        return None;
    }
    let next = deployments[at + 1..].iter().find(|next| is_live(next))?;
    Some(end(next).since(end(deployments[at])).max(0))
}

/// From a merge to the end of the first deployment of its repository that began no earlier and went live.
fn lead(deployments: &[&DeploymentRow], pull: &PullRow) -> Option<i64> {
    let from = deployments.partition_point(|deployment| deployment.created_at < pull.merged_at);
    let first = deployments[from..].iter().find(|deployment| is_live(deployment))?;
    Some(end(first).since(pull.merged_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Day;

    const HOUR: i64 = 3_600;

    fn at(hour: i64) -> Second {
        Second::from_number(100 * 86_400 + hour * HOUR)
    }

    fn deployment(repository: i64, hour: i64, outcome: DeploymentOutcome) -> DeploymentRow {
        DeploymentRow { repository, created_at: at(hour), finished_at: Some(at(hour + 1)), outcome }
    }

    fn merge(repository: i64, hour: i64, reverts: Option<u32>) -> PullRow {
        PullRow { reverts_number: reverts, ..PullRow::merged(repository, u32::try_from(hour).unwrap(), at(hour)) }
    }

    #[test]
    fn the_five_measures_are_of_each_repository_by_itself() {
        use DeploymentOutcome::{Failed, Succeeded, Unknown};
        let deployments = [
            deployment(1, 10, Succeeded),
            deployment(1, 20, Failed),
            deployment(1, 22, Unknown),
            deployment(1, 24, Failed),
            deployment(1, 30, Succeeded),
            deployment(2, 11, Succeeded),
            deployment(2, 40, Succeeded),
            deployment(2, 300, Succeeded),
        ];
        let pulls = [
            merge(1, 9, None),
            merge(1, 12, None),
            merge(2, 12, None),
            merge(2, 20, Some(12)),
            merge(3, 12, None),
            PullRow { author_kind: AuthorKind::Bot, ..merge(1, 25, None) },
        ];
        let found = deployed(Window { from: Day(100), to: Day(103) }, &deployments, &pulls);
        let expected = Deployed {
            succeeded: 4,
            ended: 6,
            failed: 3,
            repairs: 1,
            lead_seconds: Some(19 * HOUR),
            delivered: 4,
            recovery_seconds: Some(6 * HOUR),
            recovered: 2,
        };
        assert_eq!(found, expected, "the revert of repository 2 speaks against its first deployment");
    }
}
