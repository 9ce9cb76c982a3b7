//! A pull request as GitHub's answer has it. Whatever is missing is "not told".

use super::answer::List;
use crate::github_copilot::value::Count;
use serde::Deserialize;
use tacho_domain::{IdentityRef, Instant};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PullRequest {
    #[serde(rename = "__typename")]
    _typename: Option<String>,
    pub(super) number: Count,
    pub(super) created_at: Option<String>,
    pub(super) merged_at: Option<String>,
    pub(super) additions: Count,
    pub(super) deletions: Count,
    pub(super) changed_files: Count,
    pub(super) head_ref_name: Option<String>,
    pub(super) repository: Option<RepositoryNode>,
    pub(super) author: Option<Actor>,
    pub(super) labels: Option<List<Label>>,
    pub(super) reviews: Option<List<Review>>,
    pub(super) ready: Option<List<Ready>>,
    pub(super) commits: Option<List<CommitNode>>,
    pub(super) merge_commit: Option<MergeCommit>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RepositoryNode {
    pub(super) database_id: Count,
    pub(super) name_with_owner: Option<String>,
}

/// Somebody or something that acts at GitHub.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Actor {
    #[serde(rename = "__typename")]
    typename: Option<String>,
    pub(super) login: Option<String>,
    pub(super) database_id: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Label {
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Review {
    pub(super) submitted_at: Option<String>,
    pub(super) state: Option<String>,
    pub(super) author: Option<Actor>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Ready {
    pub(super) created_at: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CommitNode {
    commit: Option<Commit>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Commit {
    pub(super) oid: Option<String>,
    pub(super) authored_date: Option<String>,
    pub(super) message: Option<String>,
    pub(super) author: Option<GitActor>,
    pub(super) committer: Option<GitActor>,
}

/// Whom a commit names.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GitActor {
    pub(super) email: Option<String>,
    pub(super) user: Option<Account>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Account {
    pub(super) login: Option<String>,
    pub(super) database_id: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MergeCommit {
    pub(super) oid: Option<String>,
    pub(super) message: Option<String>,
}

impl PullRequest {
    pub(super) fn commits(&self) -> impl Iterator<Item = &Commit> {
        self.commits.iter().flat_map(List::items).filter_map(|node| node.commit.as_ref())
    }

    pub(super) fn reviews(&self) -> impl Iterator<Item = &Review> {
        self.reviews.iter().flat_map(List::items)
    }

    /// The messages of its commits, and of the commit it was merged as: a squash keeps trailers in one, the other or both.
    pub(super) fn messages(&self) -> impl Iterator<Item = &str> {
        let merged = self.merge_commit.as_ref().and_then(|commit| commit.message.as_deref());
        self.commits().filter_map(|commit| commit.message.as_deref()).chain(merged)
    }

    pub(super) fn labels(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().flat_map(List::items).filter_map(|label| label.name.as_deref())
    }

    pub(super) fn branch(&self) -> &str {
        self.head_ref_name.as_deref().unwrap_or_default()
    }

    /// Whether more of it exists than was asked for.
    pub(super) fn is_cut(&self) -> bool {
        self.commits.as_ref().is_some_and(List::is_cut)
            || self.reviews.as_ref().is_some_and(List::is_cut)
            || self.labels.as_ref().is_some_and(List::is_cut)
    }
}

impl Actor {
    /// Whether it is a person's account, as far as GitHub says. A mannequin stands for a person of another host.
    pub(super) fn is_person(&self) -> bool {
        matches!(self.typename.as_deref(), Some("User" | "EnterpriseUserAccount" | "Mannequin"))
    }

    /// The login of an app, without `[bot]`.
    pub(super) fn app(&self) -> Option<&str> {
        let login = self.login.as_deref().filter(|_| self.typename.as_deref() == Some("Bot"))?;
        Some(login.strip_suffix("[bot]").unwrap_or(login))
    }

    /// Who a person is; a mannequin is nobody of this host.
    pub(super) fn identity(&self) -> Option<IdentityRef> {
        if self.typename.as_deref() == Some("Mannequin") {
            return None;
        }
        let login = self.login.as_deref().map(str::trim).filter(|login| !login.is_empty());
        match (self.database_id.0.filter(|id| *id > 0), login) {
            (Some(id), login) => Some(IdentityRef::github(id, login.unwrap_or(&id.to_string()))),
            (None, login) => login.map(IdentityRef::github_login),
        }
    }
}

/// An instant of GitHub's; what is none is "not told".
pub(super) fn instant(text: Option<&String>) -> Option<Instant> {
    text.and_then(|text| Instant::parse(text))
}
