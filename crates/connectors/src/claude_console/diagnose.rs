//! What the Admin API's refusals mean. Only the error's type is read from a body; its message is never repeated.
//! <https://platform.claude.com/docs/en/api/errors>, read 2026-11-21.

use super::USERS;
use crate::{Call, Diagnosis, FailureKind, Refusal, Verdict};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
struct Body {
    #[serde(default)]
    error: ErrorBody,
}

#[derive(Debug, Default, Deserialize)]
struct ErrorBody {
    r#type: Option<String>,
    details: Option<Details>,
}

#[derive(Debug, Deserialize)]
struct Details {
    error_code: Option<String>,
}

/// Cause, fix and consequence of a refusal.
pub(super) fn diagnose(call: &Call, refusal: &Refusal<'_>) -> Diagnosis {
    let error = serde_json::from_str::<Body>(refusal.body).unwrap_or_default().error;
    let (kind, verdict, cause, fix) = explain(call, refusal, &error);
    let request = request_id(refusal).map_or_else(String::new, |id| format!(" (request-id {id})"));
    Diagnosis { kind, verdict, cause: format!("{cause}{request}."), fix: fix.to_owned() }
}

fn explain(call: &Call, refusal: &Refusal<'_>, error: &ErrorBody) -> (FailureKind, Verdict, &'static str, &'static str) {
    let kind = FailureKind::of_status(refusal.status);
    // A monthly spend limit answers 429 too, without `retry-after`, until the month ends or someone raises it:
    // https://platform.claude.com/docs/en/api/rate-limits, read 2026-11-21.
    if error.details.as_ref().and_then(|details| details.error_code.as_deref()) == Some("enforced_spend_limit_reached") {
        return (
            FailureKind::Forbidden,
            Verdict::Broken,
            "The organization has reached its spend limit for this month, and the Claude API refuses further calls",
            "Raise the limit under Claude Console > Settings > Limits, or wait for the first of the next month (UTC).",
        );
    }
    match (refusal.status, error.r#type.as_deref()) {
        (401, _) | (_, Some("authentication_error")) => (
            FailureKind::Auth,
            Verdict::Broken,
            "The Claude API does not know this key: it was mistyped, deleted or disabled",
            "Make a new Admin API key (sk-ant-admin01-...) under Claude Console > Settings > Admin keys and connect again with it.",
        ),
        (402, _) | (_, Some("billing_error")) => (
            FailureKind::Forbidden,
            Verdict::Broken,
            "The organization's billing with Anthropic is not in order",
            "See Claude Console > Settings > Billing, then synchronise again.",
        ),
        (403, _) => forbidden(call),
        (404, _) => (
            kind,
            Verdict::StreamUnavailable,
            "The Claude API does not offer this report to the organization",
            "Check that the setting `base_url` is empty or right, and that the key belongs to a Console organization: Claude \
             Enterprise, Amazon Bedrock and Google Vertex AI have other reports.",
        ),
        (409, _) => (
            kind,
            Verdict::Later,
            "The Claude API reports a conflict with another change",
            "Nothing needs to be done; it is tried again later.",
        ),
        (429, _) => (
            kind,
            Verdict::Later,
            "The organization's rate limit for the Claude API is used up",
            "Nothing needs to be done; it is tried again when the vendor allows it.",
        ),
        (400 | 413 | 422, _) => (
            kind,
            Verdict::StreamUnavailable,
            "The Claude API does not accept what was asked",
            "Check the setting `base_url`; if it is right, report this as an error of Tacho with the request id.",
        ),
        (529, _) => (kind, Verdict::Later, "The Claude API is overloaded", "Nothing needs to be done; it is tried again later."),
        _ if kind.is_retryable() => {
            (kind, Verdict::Later, "The Claude API failed on its side", "It is tried again later; see https://status.claude.com.")
        }
        _ => (
            kind,
            Verdict::StreamUnavailable,
            "The Claude API gave an answer that it does not document",
            "Check the setting `base_url` and whether a proxy answers in the vendor's place.",
        ),
    }
}

fn forbidden(call: &Call) -> (FailureKind, Verdict, &'static str, &'static str) {
    if call.stream == USERS {
        return (
            FailureKind::Forbidden,
            Verdict::StreamUnavailable,
            "The key may not list the organization's people",
            "Use an Admin API key (sk-ant-admin01-...) made by an organization admin; usage is read without the list, by e-mail.",
        );
    }
    (
        FailureKind::Forbidden,
        Verdict::Broken,
        "The key may not read the organization's reports: it is no Admin API key or is bound to a workspace, or the account \
         is an individual one, which has no Admin API",
        "Make an Admin API key (sk-ant-admin01-...) under Claude Console > Settings > Admin keys, as an admin of an organization.",
    )
}

/// The vendor's number for the call, to quote to its support; only what such a number is made of.
fn request_id<'a>(refusal: &Refusal<'a>) -> Option<&'a str> {
    let id = refusal.headers.get("request-id")?;
    let plain = !id.is_empty() && id.len() <= 64 && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    plain.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::super::usage;
    use super::*;
    use crate::{Headers, Settings};
    use tacho_domain::{Day, Window};

    fn told(call: &Call, status: u16, body: &str) -> Diagnosis {
        let headers = Headers::new([("Request-Id".to_owned(), "req_0123".to_owned())]);
        diagnose(call, &Refusal { status, headers: &headers, body, signing_in: false })
    }

    fn body(kind: &str) -> String {
        format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"leaky sk-ant-admin01-zz"}},"request_id":"req_0"}}"#)
    }

    #[test]
    fn every_documented_refusal_has_its_kind_and_verdict() {
        use FailureKind as F;
        use Verdict as V;
        let call = usage::call(Day(20_000), &Settings::default(), 1);
        for (status, error, kind, verdict) in [
            (400, "invalid_request_error", F::Validation, V::StreamUnavailable),
            (401, "authentication_error", F::Auth, V::Broken),
            (402, "billing_error", F::Forbidden, V::Broken),
            (403, "permission_error", F::Forbidden, V::Broken),
            (404, "not_found_error", F::NotFound, V::StreamUnavailable),
            (409, "conflict_error", F::Validation, V::Later),
            (413, "request_too_large", F::Validation, V::StreamUnavailable),
            (429, "rate_limit_error", F::RateLimit, V::Later),
            (500, "api_error", F::Server, V::Later),
            (504, "timeout_error", F::Server, V::Later),
            (529, "overloaded_error", F::Server, V::Later),
        ] {
            let told = told(&call, status, &body(error));
            assert_eq!((told.kind, told.verdict), (kind, verdict), "{status}");
            assert!(told.cause.ends_with("(request-id req_0123)."), "{}", told.cause);
            assert!(!told.to_string().contains("leaky"), "the body is not repeated");
        }
    }

    #[test]
    fn a_spend_limit_is_not_a_rate_limit() {
        let call = usage::call(Day(20_000), &Settings::default(), 1);
        let body = r#"{"error":{"type":"rate_limit_error","details":{"error_code":"enforced_spend_limit_reached"}}}"#;
        let told = told(&call, 429, body);
        assert_eq!(told.verdict, Verdict::Broken);
        assert!(!told.kind.is_retryable());
        assert!(told.fix.contains("Limits"));
    }

    #[test]
    fn a_list_of_people_that_is_refused_does_not_stop_the_usage() {
        let call = super::super::users::call(Window::day(Day(20_000)), &Settings::default(), 1);
        assert_eq!(told(&call, 403, &body("permission_error")).verdict, Verdict::StreamUnavailable);
    }

    #[test]
    fn a_body_that_is_no_json_is_survived() {
        let call = usage::call(Day(20_000), &Settings::default(), 1);
        assert_eq!(told(&call, 502, "<html>").verdict, Verdict::Later);
        assert_eq!(told(&call, 302, "").verdict, Verdict::StreamUnavailable);
    }

    #[test]
    fn a_request_id_with_other_letters_is_left_out() {
        let call = usage::call(Day(20_000), &Settings::default(), 1);
        let headers = Headers::new([("request-id".to_owned(), "<script>".to_owned())]);
        let told = diagnose(&call, &Refusal { status: 500, headers: &headers, body: "", signing_in: false });
        assert!(!told.cause.contains("script"));
    }
}
