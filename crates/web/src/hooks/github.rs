//! How GitHub tells: which header says what, and which day an event is about
//! (<https://docs.github.com/en/webhooks/webhook-events-and-payloads>, read 2026-11-22). Event and action are looked at before
//! anything else: GitHub adds new ones to both
//! (<https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks>, read 2026-11-22).

use crate::problem::Problem;
use http::StatusCode;
use serde::Deserialize;
use tacho_domain::{Day, Instant};

/// What was signed with the secret.
pub(super) const SIGNATURE: &str = "x-hub-signature-256";
/// Which event it is.
pub(super) const EVENT: &str = "x-github-event";
/// The delivery's id; one that is sent again has the same
/// (<https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks>, read 2026-11-22).
pub(super) const DELIVERY: &str = "x-github-delivery";

/// The events that are heard; all others are passed over.
const EVENTS: [&str; 4] = ["ping", "pull_request", "pull_request_review", "deployment_status"];

/// What a delivery is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing that is stored.
    Nothing,
    /// Something of this day.
    Day(Day),
}

/// The parts of a payload that are looked at. Titles, texts and people are in it too: none of it is read.
#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    action: String,
    pull_request: Option<PullRequest>,
    deployment: Option<Deployment>,
}

#[derive(Deserialize)]
struct PullRequest {
    merged_at: Option<String>,
}

#[derive(Deserialize)]
struct Deployment {
    created_at: Option<String>,
}

/// The event, where it is one that is heard.
pub(super) fn known(event: &str) -> Option<&'static str> {
    EVENTS.into_iter().find(|known| *known == event)
}

/// Which day a delivery is about.
pub(super) fn read(event: &str, body: &[u8]) -> Result<Told, Problem> {
    // What is wrong with it is not repeated: it may hold anything.
    let payload: Payload = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let merged = || payload.pull_request.as_ref().and_then(|pull| pull.merged_at.as_deref());
    let at = match (event, payload.action.as_str()) {
        ("pull_request", "closed") | ("pull_request_review", "submitted" | "dismissed") => merged(),
        ("deployment_status", _) => payload.deployment.as_ref().and_then(|deployment| deployment.created_at.as_deref()),
        _ => None,
    };
    let Some(at) = at else { return Ok(Told::Nothing) };
    Instant::parse(at).map(|at| Told::Day(at.day())).ok_or_else(unreadable)
}

fn unreadable() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid-body",
        "This is no delivery of that event as JSON. Set the webhook's content type to `application/json`.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn told(event: &str, payload: &Value) -> Result<Told, StatusCode> {
        read(event, payload.to_string().as_bytes()).map_err(|problem| problem.status)
    }

    #[test]
    fn the_day_of_a_merge_is_told_by_a_close_and_by_reviews_of_what_is_merged() {
        let day = Told::Day("2026-11-20".parse().unwrap());
        let merged = json!({ "merged_at": "2026-11-20T23:59:59Z", "title": "not read" });
        let open = json!({ "merged_at": null });
        for (event, action, pull, expected) in [
            ("pull_request", "closed", &merged, day),
            ("pull_request", "closed", &open, Told::Nothing),
            ("pull_request", "opened", &open, Told::Nothing),
            ("pull_request", "edited", &merged, Told::Nothing),
            ("pull_request_review", "submitted", &merged, day),
            ("pull_request_review", "dismissed", &merged, day),
            ("pull_request_review", "submitted", &open, Told::Nothing),
            ("pull_request_review", "edited", &merged, Told::Nothing),
            ("ping", "", &merged, Told::Nothing),
        ] {
            assert_eq!(told(event, &json!({ "action": action, "pull_request": pull })), Ok(expected), "{event} {action}");
        }
    }

    #[test]
    fn a_deployment_is_of_the_day_it_began_on() {
        let payload = json!({ "action": "created", "deployment": { "created_at": "2026-11-19T08:00:00Z" } });
        assert_eq!(told("deployment_status", &payload), Ok(Told::Day("2026-11-19".parse().unwrap())));
        assert_eq!(told("deployment_status", &json!({})), Ok(Told::Nothing));
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_what_is_not_known_is_passed_over() {
        assert_eq!(told("pull_request", &json!([])), Err(StatusCode::BAD_REQUEST));
        let odd = json!({ "action": "closed", "pull_request": { "merged_at": "yesterday" } });
        assert_eq!(told("pull_request", &odd), Err(StatusCode::BAD_REQUEST));
        assert_eq!(read("ping", b"payload=%7B%7D").map_err(|problem| problem.status), Err(StatusCode::BAD_REQUEST));
        assert_eq!([known("push"), known("Pull_Request"), known("ping")], [None, None, Some("ping")]);
    }
}
