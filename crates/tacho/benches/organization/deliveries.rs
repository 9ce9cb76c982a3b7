//! A day's pull requests and deployments: 100,000 a year from 5,000 people in 60 repositories.

use super::MEMBERS;
use tacho_domain::delivery::{
    AuthorKind, ChangedFilesFact, DeploymentFact, DeploymentOutcome, PullRequestFact, Repository, Signal, SignalKind,
};
use tacho_domain::{Day, Fact, IdentityRef, Instant};

/// Pull requests merged on each day: 100,000 in 365 days.
const A_DAY: i64 = 274;
const REPOSITORIES: i64 = 60;
const HOUR: i64 = 3_600;

/// Five numbers a day in each repository: no two days share one.
fn number(day: Day, n: i64) -> u32 {
    u32::try_from(i64::from(day.0) * 5 + n / REPOSITORIES).unwrap()
}

fn repository(n: i64) -> Repository {
    let id = 900_000 + n % REPOSITORIES * 7_919;
    Repository { id, name: format!("acme/service-{}", n % REPOSITORIES) }
}

/// Numbers that look like chance: 0 to `below`.
fn spread(day: Day, n: i64, salt: i64, below: i64) -> i64 {
    (n * 7_919 + i64::from(day.0) * 104_729 + salt * 1_299_709).rem_euclid(1_000_003) * below / 1_000_003
}

pub(super) fn pull_requests(day: Day, _: bool) -> Vec<Fact> {
    (0..A_DAY).map(|n| Fact::PullRequest(Box::new(pull_request(day, n)))).collect()
}

fn pull_request(day: Day, n: i64) -> PullRequestFact {
    let merged_at = day.start().plus_seconds(spread(day, n, 1, 24 * HOUR));
    let before = |hours: i64| merged_at.plus_seconds(-hours * HOUR - n * 60 % HOUR);
    let cycle = 2 + spread(day, n, 2, 90);
    let agent = Signal { kind: SignalKind::Trailer, agent: "claude_code".into() };
    let who = (n * 31 + i64::from(day.0) * 97) % MEMBERS;
    PullRequestFact {
        day,
        repository: repository(n),
        number: number(day, n),
        author_kind: if n % 20 == 0 { AuthorKind::Bot } else { AuthorKind::Human },
        author: (n % 20 != 0).then(|| IdentityRef::email(&format!("person-{who}@example.com"))),
        created_at: before(cycle),
        ready_at: (n % 4 == 0).then(|| before(cycle * 3 / 4)),
        merged_at,
        first_commit_at: Some(before(cycle + 1 + spread(day, n, 3, 60))),
        last_commit_at: Some(before(1)),
        first_review_at: (n % 9 != 0).then(|| before(cycle / 2)),
        last_approval_at: (n % 9 != 0).then(|| before(cycle / 4)),
        approvals: 1,
        additions: spread(day, n, 4, 800),
        deletions: spread(day, n, 5, 300),
        changed_files: 1 + n % 12,
        commits: 1 + n % 5,
        labels: vec!["area: api".into()],
        signals: if n % 3 == 0 { vec![agent] } else { Vec::new() },
        merge_commit: Some(format!("{:08x}{:032x}", n * 65_537 + i64::from(day.0), n)),
        reverts_number: (n % 97 == 0).then(|| number(day.minus(2), n)),
        reverts_commit: None,
        truncated: false,
    }
}

pub(super) fn changed_files(day: Day, _: bool) -> Vec<Fact> {
    let of = |n: i64| {
        let file = |place: i64| (u64::try_from(spread(day, n, place, 9_000) * REPOSITORIES + n % REPOSITORIES).unwrap(), 40);
        let (repository, files) = (repository(n).id, (0..4).map(file).collect());
        Fact::ChangedFiles(ChangedFilesFact { day, repository, number: number(day, n), files })
    };
    (0..A_DAY).map(of).collect()
}

/// One a day for every second repository.
pub(super) fn deployments(day: Day, _: bool) -> Vec<Fact> {
    let of = |n: i64| {
        let created_at: Instant = day.start().plus_seconds(spread(day, n, 6, 24 * HOUR));
        Fact::Deployment(DeploymentFact {
            day,
            repository: repository(n * 2),
            key: format!("{}-{n}", day.0),
            created_at,
            finished_at: Some(created_at.plus_seconds(600)),
            outcome: if spread(day, n, 7, 12) == 0 { DeploymentOutcome::Failed } else { DeploymentOutcome::Succeeded },
            commit: None,
        })
    };
    (0..REPOSITORIES / 2).map(of).collect()
}
