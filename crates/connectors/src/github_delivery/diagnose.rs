//! What GitHub's refusals mean here. Most mean the same as for its Copilot reports; what differs is what a token needs.

use crate::github_copilot::diagnose as copilot;
use crate::{Call, Diagnosis, FailureKind, Refusal, Verdict};

/// Cause and fix of a refusal.
pub(super) fn diagnose(call: &Call, refusal: &Refusal<'_>) -> Diagnosis {
    let shared = copilot::diagnose(call, refusal);
    if call.stream == super::streams::REPOS_DAILY.id {
        return shared;
    }
    match (refusal.status, shared.kind) {
        (403, FailureKind::Forbidden) if shared.verdict == Verdict::StreamUnavailable && !speaks_of_access(refusal) => {
            copilot::say(
                FailureKind::Forbidden,
                Verdict::StreamUnavailable,
                "The token is good, but may not read the repositories (403).",
                "Give a fine-grained token or app the repository permissions Pull requests, Contents and Deployments, all read; a \
                 classic token the scope `repo`.",
            )
        }
        (404 | 410, _) => copilot::say(
            FailureKind::NotFound,
            Verdict::StreamUnavailable,
            "GitHub's GraphQL is not at this address (404).",
            "Check the setting `base_url`: https://api.github.com, or https://HOST/api/v3 for a server of your own.",
        ),
        (422, _) => copilot::say(
            FailureKind::Validation,
            Verdict::StreamUnavailable,
            "GitHub cannot answer this question (422).",
            "Check the setting `organization`; if it is right, this is a fault of Tacho's to be reported.",
        ),
        _ => shared,
    }
}

/// GitHub's restrictions of apps, which the shared words explain better.
fn speaks_of_access(refusal: &Refusal<'_>) -> bool {
    refusal.body.to_ascii_lowercase().contains("oauth app access restrictions")
}
