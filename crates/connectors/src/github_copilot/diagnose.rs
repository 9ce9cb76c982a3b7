//! What GitHub's refusals mean, in words, with the setting, scope or page that mends them.
//!
//! Statuses and headers: <https://docs.github.com/en/rest/copilot/copilot-usage-metrics> and
//! <https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api> (read 2026-11-21).

use super::streams;
use crate::{Auth, Call, Diagnosis, FailureKind, Refusal, Verdict};

/// Cause and fix of a refusal.
pub(crate) fn diagnose(call: &Call, refusal: &Refusal<'_>) -> Diagnosis {
    let words = refusal.body.to_ascii_lowercase();
    if call.auth == Auth::None {
        return of_download(refusal.status);
    }
    if refusal.signing_in && matches!(refusal.status, 401 | 403 | 404 | 422) && !is_rate_limit(refusal, &words) {
        return of_app(refusal.status, &words);
    }
    match refusal.status {
        429 => rate_limit(refusal),
        403 if is_rate_limit(refusal, &words) => rate_limit(refusal),
        401 => say(
            FailureKind::Auth,
            Verdict::Broken,
            "GitHub does not accept the token: it is wrong, expired or revoked (401).",
            "Make a new token at github.com/settings/tokens and connect again; the token of a ghe.com \
             tenant works on that tenant's host only (setting `base_url`).",
        ),
        403 => forbidden(call, refusal, &words),
        404 | 410 => not_found(call),
        422 => unprocessable(call, &words),
        304..=399 => say(
            FailureKind::NotFound,
            Verdict::StreamUnavailable,
            "GitHub answers that this moved.",
            "The organization or enterprise was renamed: put its new name into the settings.",
        ),
        408 | 500..=599 => say(
            FailureKind::of_status(refusal.status),
            Verdict::Later,
            &format!("GitHub could not answer just now ({}).", refusal.status),
            "Nothing to do: the sync tries again later. If it lasts, look at githubstatus.com.",
        ),
        status => say(
            FailureKind::of_status(status),
            Verdict::StreamUnavailable,
            &format!("GitHub refused the call with status {status}."),
            "Check the settings of the connection; if they are right, this is a fault of Tacho's to be reported.",
        ),
    }
}

pub(crate) fn say(kind: FailureKind, verdict: Verdict, cause: &str, fix: &str) -> Diagnosis {
    Diagnosis { kind, verdict, cause: cause.to_owned(), fix: fix.to_owned() }
}

/// Signed links live for about an hour and are made anew with every envelope.
fn of_download(status: u16) -> Diagnosis {
    let kind = match status {
        401 | 403 => FailureKind::Forbidden,
        other => FailureKind::of_status(other),
    };
    let cause = format!("A report's file could not be downloaded ({status}): its link has most likely expired.");
    say(kind, Verdict::Later, &cause, "Nothing to do: the sync asks for a new link on its next run.")
}

/// GitHub says so in three ways: a wait, an empty allowance, or words (the secondary limits).
fn is_rate_limit(refusal: &Refusal<'_>, words: &str) -> bool {
    refusal.headers.get("retry-after").is_some()
        || refusal.headers.get("x-ratelimit-remaining").is_some_and(|left| left.trim() == "0")
        || words.contains("rate limit")
        || words.contains("abuse detection")
}

fn rate_limit(refusal: &Refusal<'_>) -> Diagnosis {
    let seconds = refusal.headers.get("retry-after").and_then(|wait| wait.trim().parse::<u64>().ok());
    let wait = seconds.map_or_else(|| "later".to_owned(), |seconds| format!("in {seconds} s"));
    let cause = format!("GitHub's rate limit is reached ({}); it may be asked again {wait}.", refusal.status);
    say(
        FailureKind::RateLimit,
        Verdict::Later,
        &cause,
        "Nothing to do: the sync waits. If it happens often, give Tacho a token of a user that nothing else calls GitHub with.",
    )
}

fn forbidden(call: &Call, refusal: &Refusal<'_>, words: &str) -> Diagnosis {
    let unavailable = |cause: &str, fix: &str| say(FailureKind::Forbidden, Verdict::StreamUnavailable, cause, fix);
    if let Some(sso) = refusal.headers.get("x-github-sso").filter(|sso| sso.trim_start().starts_with("required")) {
        let url = sso.split("url=").nth(1).map(|rest| rest.split(';').next().unwrap_or(rest).trim());
        let page = url.filter(|url| url.starts_with("https://")).unwrap_or("github.com/settings/tokens (button Configure SSO)");
        return say(
            FailureKind::Forbidden,
            Verdict::Broken,
            "The organization requires SAML single sign-on, and the token is not authorized for it (403).",
            &format!("Authorize the token at {page}, then sync again."),
        );
    }
    if words.contains("policy must be enabled") || words.contains("usage metrics' policy") {
        return unavailable(
            "The policy \"Copilot usage metrics\" is off (403).",
            "An owner turns it on: enterprise → AI controls → Copilot → \"Copilot usage metrics\" → Enabled everywhere; without an \
             enterprise: organization → Settings → Copilot → Policies. Figures begin on the day it is on.",
        );
    }
    if words.contains("oauth app access restrictions") {
        return unavailable(
            "The organization restricts which OAuth apps may see it, and the app of this token is not approved (403).",
            "An owner approves it under organization → Settings → Third-party access, or use a personal access token instead.",
        );
    }
    // First, since GitHub's words for a classic token that lacks a scope are those for an app; only the headers differ.
    if let Some(diagnosis) = missing_scope(refusal) {
        return diagnosis;
    }
    if words.contains("resource not accessible") {
        return not_accessible(call, refusal);
    }
    if call.stream == streams::CREDITS_DAILY.id {
        return unavailable(
            "The token's user may not see billing (403).",
            "Use a classic token of an organization owner or billing manager with the scope `admin:org` (enterprise: \
             `manage_billing:enterprise`); fine-grained tokens are refused here for many organizations.",
        );
    }
    unavailable(
        "The token is good, but its user may not read this: it takes an administrator or a role made for it (403).",
        "Use a token of an organization owner, or give its user a custom role with \"View Organization Copilot Metrics\" \
         (enterprise: owner, billing manager or \"View Enterprise Copilot Metrics\").",
    )
}

/// What GitHub says when an app asks for its installation's token.
fn of_app(status: u16, words: &str) -> Diagnosis {
    let (kind, cause, fix) = match status {
        404 => (
            FailureKind::NotFound,
            "GitHub knows no such installation of this app (404).",
            "Check the installation ID at the end of the address of the installation's page, and that the app is still installed.",
        ),
        403 => (
            FailureKind::Forbidden,
            "The app's installation is suspended (403).",
            "An owner of the organization unsuspends it under Settings → GitHub Apps, then sync again.",
        ),
        _ if words.contains("expiration") || words.contains("'exp'") || words.contains("'iat'") => (
            FailureKind::Auth,
            "GitHub does not accept when the app's signature was made (401): this machine's clock is wrong.",
            "Set the clock of the machine that runs Tacho (NTP); the signature counts for minutes only.",
        ),
        _ => (
            FailureKind::Auth,
            "GitHub does not accept the app's private key (401): it belongs to another app, or was deleted at GitHub.",
            "Generate a new private key on the app's page, and replace the credential with it and the app ID beside it.",
        ),
    };
    say(kind, Verdict::Broken, cause, fix)
}

/// Fine-grained tokens and apps: GitHub names the permissions that would do.
fn not_accessible(call: &Call, refusal: &Refusal<'_>) -> Diagnosis {
    let wanted = refusal.headers.get("x-accepted-github-permissions").map(|header| {
        let ways = header.split(';').map(|way| way.split(',').map(permission).collect::<Vec<_>>().join(" and "));
        ways.filter(|way| !way.starts_with(':')).collect::<Vec<_>>().join(", or ")
    });
    let wanted = wanted.filter(|wanted| !wanted.is_empty()).unwrap_or_else(|| {
        let known = match call.stream {
            "seats" | "seat_summary" => "GitHub Copilot Business: read",
            "credits_daily" => "Administration: read",
            _ => "Organization Copilot metrics: read",
        };
        known.to_owned()
    });
    let of_enterprise = call.url.path().contains("/enterprises/");
    let fix = if of_enterprise {
        "Enterprises take no fine-grained token: use a classic one with `read:enterprise` and `manage_billing:copilot`, or a \
         GitHub App installed on the enterprise."
            .to_owned()
    } else {
        format!("Give the token or app this permission of the organization: {wanted}. Its owner has to approve the change.")
    };
    let cause = "The fine-grained token or app lacks a permission for this (403, resource not accessible).";
    say(FailureKind::Forbidden, Verdict::StreamUnavailable, cause, &fix)
}

/// `organization_copilot_metrics=read` as the token's page names it.
fn permission(given: &str) -> String {
    let (name, level) = given.trim().split_once('=').unwrap_or((given.trim(), "read"));
    let shown = match name {
        "organization_copilot_metrics" => "Organization Copilot metrics",
        "enterprise_copilot_metrics" => "Enterprise Copilot metrics",
        "organization_copilot_seat_management" => "GitHub Copilot Business",
        "organization_administration" => "Administration",
        "members" => "Members",
        other => other,
    };
    format!("{shown}: {level}")
}

/// Classic and OAuth tokens: any one of the accepted scopes would do.
fn missing_scope(refusal: &Refusal<'_>) -> Option<Diagnosis> {
    let list = |name: &str| -> Option<Vec<String>> {
        let scopes = refusal.headers.get(name)?.split(',').map(|scope| scope.trim().to_owned());
        Some(scopes.filter(|scope| !scope.is_empty()).collect())
    };
    let (held, accepted) = (list("x-oauth-scopes")?, list("x-accepted-oauth-scopes")?);
    if accepted.is_empty() || accepted.iter().any(|wanted| held.iter().any(|scope| includes(scope, wanted))) {
        return None;
    }
    let quoted = |scopes: &[String], word: &str| scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(word);
    let held = if held.is_empty() { "none".to_owned() } else { quoted(&held, ", ") };
    // The narrowest that reads: others may change seats too, and the widest everything.
    let narrow = |scope: &&String| !scope.starts_with("admin:");
    let least = accepted.iter().find(|scope| scope.starts_with("read:")).or_else(|| accepted.iter().find(narrow));
    let least = least.unwrap_or(&accepted[0]);
    let cause = format!("The token lacks a scope (403): it has {held}; this call takes {}.", quoted(&accepted, " or "));
    let fix = format!(
        "Authorize it again with the scope `{least}`; to a token you made yourself add it at github.com/settings/tokens."
    );
    Some(say(FailureKind::Forbidden, Verdict::StreamUnavailable, &cause, &fix))
}

/// Wider scopes include narrower ones
/// (<https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps>, read 2026-11-21).
fn includes(held: &str, wanted: &str) -> bool {
    held == wanted
        || match held {
            "admin:org" => matches!(wanted, "write:org" | "read:org"),
            "write:org" => wanted == "read:org",
            "admin:enterprise" => matches!(wanted, "manage_billing:enterprise" | "manage_billing:copilot" | "read:enterprise"),
            "manage_billing:enterprise" => wanted == "manage_billing:copilot",
            _ => false,
        }
}

fn not_found(call: &Call) -> Diagnosis {
    let of_enterprise = call.url.path().contains("/enterprises/");
    let (cause, fix) = match call.stream {
        "legacy_metrics" => (
            "This metrics API was closed by GitHub on 2026-04-02 and answers 404 since.",
            "Nothing is lost: the stream `users_daily` gives newer days; older ones come from an export with `tacho import`.",
        ),
        "credits_daily" if !of_enterprise => (
            "The organization has no billing of its own (404): most likely it is consolidated at its enterprise.",
            "Connect the enterprise (setting `enterprise`) with a classic token that has `manage_billing:enterprise`.",
        ),
        "seats" | "seat_summary" if !of_enterprise => (
            "The organization's Copilot seats are not to be seen (404): they are managed by its enterprise, or the token's user is \
             no owner.",
            "Connect the enterprise (setting `enterprise`), or use a token of an organization owner.",
        ),
        _ if of_enterprise => (
            "The enterprise does not exist or is not visible to the token (404).",
            "Check the slug in github.com/enterprises/SLUG and use a classic token of an owner with `read:enterprise`; \
             fine-grained tokens see no enterprise.",
        ),
        _ => (
            "The organization does not exist or is not visible to the token (404).",
            "Check the name in github.com/NAME, that the token's user is its owner, and that the token has `read:org`.",
        ),
    };
    say(FailureKind::NotFound, Verdict::StreamUnavailable, cause, fix)
}

fn unprocessable(call: &Call, words: &str) -> Diagnosis {
    let (cause, fix) = if words.contains("payment") || words.contains("billing") {
        (
            "GitHub reports a problem with the payment of Copilot (422).",
            "An owner looks at the organization's Settings → Billing and licensing; the sync goes on once it is settled.",
        )
    } else if call.stream == streams::LEGACY_METRICS.id {
        (
            "The old metrics API refuses (422): its policy is off, or the organization has fewer than five Copilot licences.",
            "An owner turns on \"Copilot Metrics API access\" under Settings → Copilot → Policies; days with fewer than five active \
             licences are never given.",
        )
    } else {
        (
            "GitHub cannot answer this (422): a Copilot policy is off, Copilot is not set up, or there are too few licences.",
            "An owner turns on \"Copilot usage metrics\" under AI controls → Copilot, and checks that Copilot seats are assigned.",
        )
    };
    let kind = if words.contains("payment") || words.contains("billing") { FailureKind::Validation } else { FailureKind::Plan };
    say(kind, Verdict::StreamUnavailable, cause, fix)
}
