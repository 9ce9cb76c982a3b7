//! What GitHub posts to a webhook, signed as it signs: for tests that stand in for GitHub.
//! <https://docs.github.com/en/webhooks/webhook-events-and-payloads>, read 2026-11-21.

use super::{DeploymentTruth, PullTruth};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tacho_domain::delivery::DeploymentOutcome;

/// One post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Headers by their names.
    pub headers: Vec<(&'static str, String)>,
    /// The body, which the signature is of.
    pub body: Vec<u8>,
}

impl Delivery {
    /// Any event with any body; `key` makes its id, so that the same key is the same delivery sent again.
    #[must_use]
    pub fn of(event: &str, key: &str, body: &Value, secret: &str) -> Self {
        let body = body.to_string().into_bytes();
        let id = hex::encode(Sha256::digest(format!("{event}|{key}").as_bytes()));
        let id = format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..32]);
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("user-agent", "GitHub-Hookshot/7a3b1c2".to_owned()),
            ("x-github-event", event.to_owned()),
            ("x-github-delivery", id),
            ("x-hub-signature-256", format!("sha256={}", hex::encode(signature(secret.as_bytes(), &body)))),
        ];
        Self { headers, body }
    }

    /// A header's value; empty where it has none of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }
}

/// HMAC-SHA256 (RFC 2104).
fn signature(secret: &[u8], body: &[u8]) -> [u8; 32] {
    let mut key = [0_u8; 64];
    if secret.len() > 64 {
        key[..32].copy_from_slice(&Sha256::digest(secret));
    } else {
        key[..secret.len()].copy_from_slice(secret);
    }
    let padded = |with: u8| key.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(body).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

fn repository(id: i64, full_name: &str) -> Value {
    let (owner, name) = full_name.split_once('/').unwrap_or(("", full_name));
    json!({"id": id, "name": name, "full_name": full_name, "private": true, "owner": {"login": owner, "type": "Organization"}})
}

fn pull(it: &PullTruth) -> Value {
    json!({
        "number": it.number,
        "state": "closed",
        // GitHub sends these whether anybody wants them or not.
        "title": it.subject(),
        "body": "A text that nobody may keep.",
        "draft": false,
        "merged": true,
        "created_at": it.created_at.to_string(),
        "closed_at": it.merged_at.to_string(),
        "merged_at": it.merged_at.to_string(),
        "merge_commit_sha": it.merge_commit,
        "head": {"ref": it.branch},
        "base": {"ref": "main"},
        "additions": it.additions,
        "deletions": it.deletions,
        "changed_files": it.changed_files,
        "commits": it.commits,
    })
}

fn organization(it: &PullTruth) -> Value {
    json!({"login": it.repository.split('/').next().unwrap_or_default(), "id": 700_001})
}

/// `pull_request`, closed by merging.
#[must_use]
pub fn pull_request_closed(it: &PullTruth, secret: &str) -> Delivery {
    let body = json!({
        "action": "closed",
        "number": it.number,
        "pull_request": pull(it),
        "repository": repository(it.repository_id, &it.repository),
        "organization": organization(it),
    });
    Delivery::of("pull_request", &format!("{}#{}", it.repository, it.number), &body, secret)
}

/// `pull_request_review`, submitted or, with `dismissed`, taken back; the moment is that of the last approval or the merge.
#[must_use]
pub fn pull_request_review(it: &PullTruth, dismissed: bool, secret: &str) -> Delivery {
    let at = it.last_approval_at.or(it.first_review_at).unwrap_or(it.merged_at);
    let action = if dismissed { "dismissed" } else { "submitted" };
    let body = json!({
        "action": action,
        "review": {"state": if dismissed { "dismissed" } else { "approved" }, "submitted_at": at.to_string()},
        "pull_request": pull(it),
        "repository": repository(it.repository_id, &it.repository),
        "organization": organization(it),
    });
    Delivery::of("pull_request_review", &format!("{}#{}|{action}", it.repository, it.number), &body, secret)
}

/// `deployment_status` of how a deployment ended; `full_name` is its repository's `owner/name`.
#[must_use]
pub fn deployment_status(it: &DeploymentTruth, full_name: &str, secret: &str) -> Delivery {
    let state = match it.outcome {
        DeploymentOutcome::Succeeded => "success",
        DeploymentOutcome::Failed => "failure",
        DeploymentOutcome::Unknown => "in_progress",
    };
    let body = json!({
        "action": "created",
        "deployment_status": {"state": state, "environment": it.environment, "created_at": it.finished_at.map(|at| at.to_string())},
        "deployment": {"id": it.id, "sha": it.commit, "environment": it.environment, "created_at": it.created_at.to_string()},
        "repository": repository(it.repository_id, full_name),
    });
    Delivery::of("deployment_status", &format!("{full_name}|{}", it.id), &body, secret)
}

/// `ping`, which GitHub sends when a webhook is made.
#[must_use]
pub fn ping(secret: &str) -> Delivery {
    Delivery::of("ping", "ping", &json!({"zen": "Keep it logically awesome.", "hook_id": 1}), secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>, read 2026-11-21.
    #[test]
    fn the_signature_is_that_of_githubs_own_example() {
        let signed = signature(b"It's a Secret to Everybody", b"Hello, World!");
        assert_eq!(hex::encode(signed), "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
        // RFC 4231, case 6: a key that is longer than a block.
        let long = signature(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(hex::encode(long), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }
}
