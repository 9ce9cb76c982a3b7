//! A pull request's fields. Titles and texts are none of them: a reader of ours has no business with them.

use super::document::{Field, Item};
use super::object::{Answer, Page, object};
use crate::delivery::PullTruth;
use crate::delivery::messages::{Commit, Reviewer};
use crate::delivery::pull::Opener;
use crate::organization::Person;
use crate::site::Site;
use serde_json::{Value, json};

/// GitHub's own committer: of what its pages and its agents' servers commit.
const WEB_FLOW: (&str, i64, &str) = ("web-flow", 19_864_447, "noreply@github.com");

pub(super) fn node(site: &Site, items: &[Item], it: &PullTruth) -> Answer {
    object(items, "PullRequest", &mut |field| value(site, it, field))
}

fn value(site: &Site, it: &PullTruth, field: &Field) -> Option<Answer> {
    let simple = match field.name.as_str() {
        "id" => json!(format!("PR_kwDO{}x{}", it.repository_id, it.number)),
        "number" => json!(it.number),
        "url" => json!(format!("https://github.com/{}/pull/{}", it.repository, it.number)),
        "isDraft" => json!(false),
        "createdAt" => json!(it.created_at.to_string()),
        "mergedAt" | "closedAt" => json!(it.merged_at.to_string()),
        "additions" => json!(it.additions),
        "deletions" => json!(it.deletions),
        "changedFiles" => json!(it.changed_files),
        "headRefName" => json!(it.branch),
        "baseRefName" => json!("main"),
        _ => return nested(site, it, field),
    };
    Some(Ok(simple))
}

fn nested(site: &Site, it: &PullTruth, field: &Field) -> Option<Answer> {
    Some(match field.name.as_str() {
        "repository" => object(&field.selected, "Repository", &mut |part| match part.name.as_str() {
            "databaseId" => Some(Ok(it.repository_id.into())),
            "nameWithOwner" => Some(Ok(it.repository.as_ref().into())),
            "isPrivate" => Some(Ok((!site.world.delivery.places[it.script.place].public).into())),
            _ => None,
        }),
        "author" => match it.script.opener {
            Opener::Person(index) => user(&site.world.people[index], &field.selected),
            Opener::App(app) => actor("Bot", app.login, app.id, &field.selected),
        },
        "mergeCommit" => object(&field.selected, "Commit", &mut |part| match part.name.as_str() {
            "oid" => Some(Ok(it.merge_commit.as_str().into())),
            "message" => Some(Ok(it.merge_message().into())),
            _ => None,
        }),
        "labels" => rows(field, it.labels.len(), &mut |items, row| {
            object(items, "Label", &mut |part| (part.name == "name").then(|| Ok(it.labels[row].into())))
        }),
        "timelineItems" => rows(field, usize::from(it.ready_at.is_some()), &mut |items, _| {
            let at = it.ready_at.map(|at| at.to_string());
            object(items, "ReadyForReviewEvent", &mut |part| (part.name == "createdAt").then(|| Ok(json!(at))))
        }),
        "commits" => rows(field, usize::try_from(it.commits).unwrap_or(1), &mut |items, row| {
            let commit = it.commit(i64::try_from(row).unwrap_or(0));
            object(items, "PullRequestCommit", &mut |part| {
                (part.name == "commit").then(|| commit_node(site, it, &commit, &part.selected))
            })
        }),
        "reviews" => reviews(site, it, field),
        "files" => {
            let files = it.files();
            rows(field, files.len(), &mut |items, row| {
                object(items, "PullRequestChangedFile", &mut |part| match part.name.as_str() {
                    "path" => Some(Ok(files[row].path.as_str().into())),
                    "additions" => Some(Ok(files[row].additions.into())),
                    "deletions" => Some(Ok(files[row].deletions.into())),
                    _ => None,
                })
            })
        }
        _ => return None,
    })
}

fn rows(field: &Field, all: usize, node: &mut dyn FnMut(&[Item], usize) -> Answer) -> Answer {
    Page::of(field, all)?.connection(field, "totalCount", node)
}

fn reviews(site: &Site, it: &PullTruth, field: &Field) -> Answer {
    let all = it.reviews();
    rows(field, all.len(), &mut |items, row| {
        let review = &all[row];
        object(items, "PullRequestReview", &mut |part| match part.name.as_str() {
            "submittedAt" => Some(Ok(review.at.to_string().into())),
            "state" => Some(Ok(review.state.into())),
            "author" => Some(match review.by {
                Reviewer::Person(index) => user(&site.world.people[index], &part.selected),
                Reviewer::App(app) => actor("Bot", app.login, app.id, &part.selected),
            }),
            _ => None,
        })
    })
}

fn user(person: &Person, items: &[Item]) -> Answer {
    actor("User", &person.login, person.github_id, items)
}

fn actor(kind: &str, login: &str, id: i64, items: &[Item]) -> Answer {
    object(items, kind, &mut |part| match part.name.as_str() {
        "login" => Some(Ok(login.into())),
        "databaseId" => Some(Ok(id.into())),
        _ => None,
    })
}

fn commit_node(site: &Site, it: &PullTruth, commit: &Commit, items: &[Item]) -> Answer {
    let person = match it.script.opener {
        Opener::Person(index) => Some(&site.world.people[index]),
        Opener::App(_) => None,
    };
    object(items, "Commit", &mut |part| match part.name.as_str() {
        "oid" => Some(Ok(commit.id.as_str().into())),
        "authoredDate" | "committedDate" => Some(Ok(commit.authored_at.to_string().into())),
        "message" => Some(Ok(commit.message.as_str().into())),
        "author" => Some(match (person, it.script.opener) {
            (Some(person), _) => git_actor(Some((&person.login, person.github_id)), &address(person), &part.selected),
            (None, Opener::App(app)) => git_actor(None, app.email, &part.selected),
            (None, Opener::Person(_)) => Ok(Value::Null),
        }),
        "committer" => Some(match person {
            Some(person) => git_actor(Some((&person.login, person.github_id)), &address(person), &part.selected),
            None => git_actor(Some((WEB_FLOW.0, WEB_FLOW.1)), WEB_FLOW.2, &part.selected),
        }),
        _ => None,
    })
}

/// Half of the people keep their address to themselves.
fn address(person: &Person) -> String {
    match &person.email {
        Some(email) if person.index.is_multiple_of(2) => email.clone(),
        _ => format!("{}+{}@users.noreply.github.com", person.github_id, person.login),
    }
}

/// Whom a commit names; GitHub knows no user behind an app's address.
fn git_actor(user: Option<(&str, i64)>, email: &str, items: &[Item]) -> Answer {
    object(items, "GitActor", &mut |part| match part.name.as_str() {
        "email" => Some(Ok(email.into())),
        "user" => Some(match user {
            Some((login, id)) => actor("User", login, id, &part.selected),
            None => Ok(Value::Null),
        }),
        _ => None,
    })
}
