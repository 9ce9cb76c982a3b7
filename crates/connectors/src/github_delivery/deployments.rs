//! Deployments to the environment that an operator calls production, or releases where those are the deployments.

use super::answer::{self, List};
use super::asking::{self, day_in};
use super::pull_request::instant;
use super::settings::Rule;
use super::{ID, questions};
use crate::github_copilot::NEXT_PAGE;
use crate::github_copilot::value::Count;
use crate::json::Known;
use crate::{Answer, Call, Misread, Read, Reply, Sink};
use serde::{Deserialize, Deserializer};
use tacho_domain::delivery::{DeploymentFact, DeploymentOutcome, Repository};
use tacho_domain::{Fact, Instant, Window};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    #[serde(rename = "rateLimit")]
    _rate_limit: Known,
    owner: Asked,
    repository: Option<RepositoryNode>,
}

/// The owner, where one was asked for.
#[derive(Default)]
enum Asked {
    #[default]
    Not,
    Nobody,
    Somebody(OwnerNode),
}

impl<'de> Deserialize<'de> for Asked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<OwnerNode>::deserialize(deserializer)?.map_or(Self::Nobody, Self::Somebody))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OwnerNode {
    repositories: Option<List<RepositoryNode>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RepositoryNode {
    database_id: Count,
    name_with_owner: Option<String>,
    deployments: Option<List<Deployment>>,
    releases: Option<List<Release>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Deployment {
    database_id: Count,
    created_at: Option<String>,
    commit_oid: Option<String>,
    statuses: Option<List<Status>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    state: Option<String>,
    created_at: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Release {
    database_id: Count,
    created_at: Option<String>,
    published_at: Option<String>,
    is_draft: bool,
    is_prerelease: bool,
    tag_commit: Option<TagCommit>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TagCommit {
    oid: Option<String>,
}

/// Reads a page of repositories, or the further deployments of one.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let told = match answer::data::<Data>(call, reply, sink) {
        Ok(told) => told,
        Err(outcome) => return outcome,
    };
    let rule = call.aside.as_ref().map(|aside| Rule::of(&aside.settings));
    let mut next = Vec::new();
    match (told.data.owner, told.data.repository) {
        (Asked::Nobody, _) => return Err(answer::nobody(call)),
        (Asked::Somebody(owner), _) => {
            let list = owner.repositories.unwrap_or_default();
            next.extend(list.cursor().and_then(|cursor| asking::next_page(call, cursor, 0)));
            for repository in list.items() {
                next.extend(read_repository(call, repository, rule.as_ref(), sink));
            }
        }
        (Asked::Not, Some(repository)) => next.extend(read_repository(call, &repository, rule.as_ref(), sink)),
        // It may be gone by the time its further deployments are asked for.
        (Asked::Not, None) if call.step == NEXT_PAGE => {}
        (Asked::Not, None) => {
            return Err(Misread::new(ID, call, "data.owner", "the repositories of the organization", "nothing"));
        }
    }
    Ok(Read::more(if told.partial { Answer::Partial } else { Answer::Given }, next))
}

/// Takes what began in the days asked for; gives the call for older ones where they may reach into those days.
fn read_repository(call: &Call, node: &RepositoryNode, rule: Option<&Rule<'_>>, sink: &mut dyn Sink) -> Option<Call> {
    let (Some(id), Some(name)) = (node.database_id.0, node.name_with_owner.clone()) else {
        sink.skipped_line(0, "a repository that names neither id nor name");
        return None;
    };
    if rule.is_some_and(|rule| !rule.takes(&name)) {
        return None;
    }
    let repository = Repository { id, name };
    if let Some(list) = &node.deployments {
        let facts: Vec<DeploymentFact> = list.items().filter_map(|deployment| deployed(&repository, deployment)).collect();
        return take(call, &repository.name, facts, list.cursor(), questions::MORE_DEPLOYMENTS, sink);
    }
    let list = node.releases.as_ref()?;
    let facts: Vec<DeploymentFact> = list.items().filter_map(|release| released(&repository, release)).collect();
    take(call, &repository.name, facts, list.cursor(), questions::MORE_RELEASES, sink)
}

fn take(
    call: &Call,
    repository: &str,
    facts: Vec<DeploymentFact>,
    cursor: Option<&str>,
    more: &str,
    sink: &mut dyn Sink,
) -> Option<Call> {
    let window: Window = call.window;
    // They come newest first: once one is older than the days asked for, so is the rest.
    let reaches_back = facts.iter().any(|fact| fact.day < window.from);
    for fact in facts {
        if day_in(window, fact.created_at).is_some() {
            sink.fact(Fact::Deployment(fact));
        }
    }
    cursor.filter(|_| !reaches_back).and_then(|cursor| asking::more_of(call, more, repository, cursor))
}

fn deployed(repository: &Repository, node: &Deployment) -> Option<DeploymentFact> {
    let created_at = instant(node.created_at.as_ref())?;
    let (outcome, finished_at) = ended(node);
    Some(DeploymentFact {
        day: created_at.day(),
        repository: repository.clone(),
        key: node.database_id.0?.to_string(),
        created_at,
        finished_at,
        outcome,
        commit: node.commit_oid.clone(),
    })
}

/// The first state that is an end. Later ones tell only that another deployment took its place.
fn ended(node: &Deployment) -> (DeploymentOutcome, Option<Instant>) {
    let ends = node.statuses.iter().flat_map(List::items).filter_map(|status| {
        let outcome = match status.state.as_deref()? {
            "SUCCESS" => DeploymentOutcome::Succeeded,
            "FAILURE" | "ERROR" => DeploymentOutcome::Failed,
            _ => return None,
        };
        Some((instant(status.created_at.as_ref())?, outcome))
    });
    let first = ends.min_by_key(|(at, _)| *at);
    first.map_or((DeploymentOutcome::Unknown, None), |(at, outcome)| (outcome, Some(at)))
}

/// A draft is no release, and a pre-release does not go to production.
fn released(repository: &Repository, node: &Release) -> Option<DeploymentFact> {
    let published_at = instant(node.published_at.as_ref()).filter(|_| !node.is_draft && !node.is_prerelease)?;
    Some(DeploymentFact {
        day: published_at.day(),
        repository: repository.clone(),
        key: node.database_id.0?.to_string(),
        created_at: published_at,
        finished_at: Some(published_at),
        outcome: DeploymentOutcome::Succeeded,
        commit: node.tag_commit.as_ref().and_then(|commit| commit.oid.clone()),
    })
}
