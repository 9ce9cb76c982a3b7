//! What the Admin API's refusals mean. A body is only searched for the plan it asks for; it is never repeated.
//! <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.

use super::{COMMITS, DAILY, EVENTS, MEMBERS};
use crate::{Call, Diagnosis, FailureKind, Refusal, Verdict};

const LATER: &str = "Nothing needs to be done; it is tried again later.";

/// Cause, fix and consequence of a refusal.
pub(super) fn diagnose(call: &Call, refusal: &Refusal<'_>) -> Diagnosis {
    let needs_plan = refusal.status == 403 && refusal.body.to_ascii_lowercase().contains("enterprise");
    let kind = if needs_plan { FailureKind::Plan } else { FailureKind::of_status(refusal.status) };
    let what = match call.stream {
        MEMBERS => "the list of members",
        DAILY => "the daily usage",
        EVENTS => "the usage events",
        COMMITS => "the records of commits",
        _ => "the spend",
    };
    let (verdict, cause, fix) = match refusal.status {
        // Older teams have keys of their own for analytics, so the other streams tell whether this one is good.
        // <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.
        401 | 403 if call.stream == COMMITS => (
            Verdict::StreamUnavailable,
            format!("Cursor gives {what} to teams on the Enterprise plan only, and to keys that may read analytics."),
            "The other data is still read. Ask Cursor about the plan, or set `commit_records` to `off`.",
        ),
        401 => (
            Verdict::Broken,
            "Cursor does not know this key: it was mistyped, deleted or belongs to another team.".to_owned(),
            "Make a new key in the Cursor dashboard under Settings > API keys, as a team admin, and connect again with it.",
        ),
        // "Enterprise access required" is about one endpoint, not about the key: the others go on.
        403 if needs_plan => (
            Verdict::StreamUnavailable,
            format!("Cursor gives {what} to teams on the Enterprise plan only."),
            "Nothing is wrong with the key; the other data is still read. Ask Cursor about the plan if you need this.",
        ),
        403 => (
            Verdict::Broken,
            format!("The key may not read {what}: it lacks the scope, or was not made by a team admin."),
            "Make an Admin API key with read access in the Cursor dashboard under Settings > API keys, as a team admin.",
        ),
        404 | 410 => (
            Verdict::StreamUnavailable,
            format!("Cursor does not offer {what} at this address."),
            "Check that the setting `base_url` is empty or right.",
        ),
        429 => (
            Verdict::Later,
            "The team's rate limit for Cursor's Admin API (20 calls a minute) is used up.".to_owned(),
            "Nothing needs to be done; it is tried again later. Other programs that use keys of the team share the limit.",
        ),
        400 | 409 | 413 | 422 => (
            Verdict::StreamUnavailable,
            format!("Cursor does not accept how {what} was asked for."),
            "Check the setting `base_url`; if it is right, report this as an error of Tacho.",
        ),
        _ if kind.is_retryable() => {
            (Verdict::Later, format!("Cursor failed on its side with status {} while giving {what}.", refusal.status), LATER)
        }
        status => (
            Verdict::StreamUnavailable,
            format!("Cursor answered {status}, which it does not document, when asked for {what}."),
            "Check the setting `base_url` and whether a proxy answers in Cursor's place.",
        ),
    };
    Diagnosis { kind, verdict, cause, fix: fix.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::{commit_records, daily, members};
    use super::*;
    use crate::{Headers, Settings};
    use tacho_domain::{Day, Window};

    fn told(status: u16, body: &str) -> Diagnosis {
        let call = daily::call(Window::day(Day(20_000)), &Settings::default(), 1);
        diagnose(&call, &Refusal { status, headers: &Headers::default(), body, signing_in: false })
    }

    #[test]
    fn every_documented_refusal_has_its_kind_and_verdict() {
        use FailureKind as F;
        use Verdict as V;
        for (status, kind, verdict) in [
            (400, F::Validation, V::StreamUnavailable),
            (401, F::Auth, V::Broken),
            (403, F::Forbidden, V::Broken),
            (404, F::NotFound, V::StreamUnavailable),
            (429, F::RateLimit, V::Later),
            (500, F::Server, V::Later),
            (503, F::Server, V::Later),
            (302, F::Unknown, V::StreamUnavailable),
        ] {
            let told = told(status, r#"{"error":"x","message":"leaky key_zz"}"#);
            assert_eq!((told.kind, told.verdict), (kind, verdict), "{status}");
            assert!(!told.to_string().contains("leaky"), "the body is not repeated");
        }
    }

    #[test]
    fn a_missing_plan_closes_one_endpoint_and_not_the_connection() {
        let told = told(403, r#"{"error":"Forbidden","message":"Enterprise access required"}"#);
        assert_eq!((told.kind, told.verdict), (FailureKind::Plan, Verdict::StreamUnavailable));
        assert!(told.cause.contains("daily usage"));
    }

    #[test]
    fn records_of_commits_that_are_not_to_be_had_break_nothing() {
        let call = commit_records::call(Day(20_000), &Settings::default(), 1);
        for status in [401, 403, 404] {
            let told = diagnose(&call, &Refusal { status, headers: &Headers::default(), body: "", signing_in: false });
            assert_eq!(told.verdict, Verdict::StreamUnavailable, "{status}");
            assert!(told.cause.contains("records of commits"));
        }
    }

    #[test]
    fn the_endpoint_is_named() {
        let call = members::call(Window::day(Day(20_000)), &Settings::default());
        let told = diagnose(&call, &Refusal { status: 403, headers: &Headers::default(), body: "", signing_in: false });
        assert!(told.cause.contains("list of members"));
    }
}
