//! Merged pull requests: a node of the search's answer as a fact. Its messages are read for signs and left behind.

use super::answer;
use super::asking::day_in;
use super::evidence::Agents;
use super::message;
use super::pull_request::{PullRequest, instant};
use super::settings::Rule;
use crate::{Call, Misread, Read, Reply, Sink};
use std::collections::BTreeSet;
use tacho_domain::delivery::{AuthorKind, PullCommitsFact, PullRequestFact, Repository, commit_key};
use tacho_domain::{Fact, IdentityRef, Instant};

/// Reads a page.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let settings = call.aside.as_ref().map(|aside| &*aside.settings);
    let (agents, rule) = (Agents::of(settings), settings.map(Rule::of));
    answer::search::<PullRequest>(call, reply, sink, &mut |pull, sink| {
        let repository = repository(pull).ok_or("a pull request without a repository")?;
        if rule.as_ref().is_some_and(|rule| !rule.takes(&repository.name)) {
            return Ok(());
        }
        let fact = fact(pull, repository, &agents).ok_or("a pull request without a number, an opening or a merge")?;
        // The search counts by the second, and so do the instants it gives.
        if day_in(call.window, fact.merged_at).is_some() {
            let commits = commits(pull, &fact);
            sink.fact(Fact::PullRequest(Box::new(fact)));
            if !commits.commits.is_empty() {
                sink.fact(Fact::PullCommits(commits));
            }
        }
        Ok(())
    })
}

fn repository(pull: &PullRequest) -> Option<Repository> {
    let node = pull.repository.as_ref()?;
    Some(Repository { id: node.database_id.0?, name: node.name_with_owner.clone().filter(|name| !name.is_empty())? })
}

/// `None`: it lacks what it cannot do without.
fn fact(pull: &PullRequest, repository: Repository, agents: &Agents) -> Option<PullRequestFact> {
    let number = pull.number.0.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)?;
    let (created_at, merged_at) = (instant(pull.created_at.as_ref())?, instant(pull.merged_at.as_ref())?);
    let (author_kind, _) = agents.author(pull.author.as_ref());
    let author = match author_kind {
        AuthorKind::Human => pull.author.as_ref().and_then(super::pull_request::Actor::identity),
        AuthorKind::Agent => agents.starter(pull),
        AuthorKind::Bot => None,
    };
    let reviewed = reviewed(pull, author.as_ref(), merged_at, agents);
    let authored = || pull.commits().filter_map(|commit| instant(commit.authored_date.as_ref()));
    let count = |count: Option<i64>| count.unwrap_or(0).max(0);
    let mut labels: Vec<String> = pull.labels().map(str::to_owned).collect();
    labels.sort_unstable();
    labels.dedup();
    let came = i64::try_from(pull.commits().count()).unwrap_or(i64::MAX);
    Some(PullRequestFact {
        day: merged_at.day(),
        repository,
        number,
        author_kind,
        author,
        created_at,
        ready_at: pull
            .ready
            .iter()
            .flat_map(super::answer::List::items)
            .filter_map(|event| instant(event.created_at.as_ref()))
            .max(),
        merged_at,
        first_commit_at: authored().min(),
        last_commit_at: authored().max(),
        first_review_at: reviewed.first,
        last_approval_at: reviewed.last_approval,
        approvals: reviewed.approvals,
        additions: count(pull.additions.0),
        deletions: count(pull.deletions.0),
        changed_files: count(pull.changed_files.0),
        commits: pull.commits.as_ref().and_then(super::answer::List::total).unwrap_or(came).max(came),
        labels,
        signals: agents.signals(pull),
        merge_commit: pull.merge_commit.as_ref().and_then(|commit| commit.oid.clone()),
        reverts_number: reverted_number(pull.branch()),
        reverts_commit: pull.messages().find_map(message::reverted).map(str::to_owned),
        truncated: pull.is_cut(),
    })
}

/// The commits that a vendor's records may speak of: those of the branch that were read, and the one it was merged as.
fn commits(pull: &PullRequest, fact: &PullRequestFact) -> PullCommitsFact {
    let of_branch = pull.commits().filter_map(|commit| commit.oid.as_deref());
    let keys: BTreeSet<u64> = of_branch.chain(fact.merge_commit.as_deref()).filter_map(commit_key).collect();
    let commits = keys.into_iter().collect();
    PullCommitsFact { day: fact.day, repository: fact.repository.id, number: fact.number, commits }
}

#[derive(Default)]
struct Reviewed {
    first: Option<Instant>,
    last_approval: Option<Instant>,
    approvals: u32,
}

/// Reviews by people other than the one who is credited, up to the merge. A dismissed approval is a review and no approval.
fn reviewed(pull: &PullRequest, credited: Option<&IdentityRef>, merged_at: Instant, agents: &Agents) -> Reviewed {
    let mut reviewed = Reviewed::default();
    let mut approvers = BTreeSet::new();
    for review in pull.reviews() {
        let (Some(at), Some(author)) = (instant(review.submitted_at.as_ref()), review.author.as_ref()) else { continue };
        let identity = author.identity();
        let other = identity.is_some() && identity.as_ref() != credited;
        if !other || at > merged_at || !agents.is_person(author) || review.state.as_deref() == Some("PENDING") {
            continue;
        }
        reviewed.first = Some(reviewed.first.map_or(at, |first| first.min(at)));
        if review.state.as_deref() == Some("APPROVED") {
            reviewed.last_approval = reviewed.last_approval.max(Some(at));
            approvers.extend(identity);
        }
    }
    reviewed.approvals = u32::try_from(approvers.len()).unwrap_or(u32::MAX);
    reviewed
}

/// GitHub's button "Revert" names the branch `revert-<number>-<branch>`
/// (<https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/reverting-a-pull-request>,
/// read 2026-11-21).
fn reverted_number(branch: &str) -> Option<u32> {
    let (number, _) = branch.strip_prefix("revert-")?.split_once('-')?;
    number.parse().ok()
}
