//! How an integration stands, in words: one state that stands for all, its cause and what to do. The same on the page and in
//! the API.

use super::strip::Strip;
use crate::connections::ConnectorCard;
use serde::Serialize;
use tacho_domain::Instant;
use tacho_render::words::{instant, plural};
use tacho_store::{Integration, IntegrationState, Progress, StoredFailure, StreamFailure};
use utoipa::ToSchema;

/// So many days ahead the end of a credential is told.
pub(crate) const WARN_DAYS: i64 = 14;

const DAY_MICROS: i64 = 86_400_000_000;

/// What goes on with an integration right now.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activity {
    /// A sync waits for a worker.
    pub(crate) queued: bool,
    /// A sync runs.
    pub(crate) running: bool,
    /// How far the newest one is, or was.
    pub(crate) progress: Option<Progress>,
}

impl Activity {
    /// Whether a sync runs or waits.
    pub(crate) fn is_under_way(&self) -> bool {
        self.queued || self.running
    }
}

/// The states an integration can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Everything that was asked for comes.
    Connected,
    /// The same, and the credential ends soon.
    ConnectedEndsSoon,
    /// Some of it comes.
    ConnectedInPart,
    /// The first sync waits or runs.
    FirstSync,
    /// It works, and the vendor has given nothing yet.
    NoDataYet,
    /// The plan, or the number of licences, does not include the reports.
    TooFewLicences,
    /// The credential is good but may not read.
    NoPermission,
    /// The credential is refused: revoked, wrong or expired.
    CredentialRefused,
    /// The credential has expired.
    CredentialExpired,
    /// What the settings name is not there, or not for this credential.
    NotFound,
    /// Not synced until somebody resumes it.
    Paused,
    /// Something else fails; the next try is known.
    Failing,
    /// Made from files.
    Imported,
}

/// How an integration stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Availability {
    pub(crate) state: State,
    /// In a few words.
    pub(crate) label: String,
    /// `good`, `warn`, `bad` or `wait`.
    pub(crate) class: &'static str,
    /// What happened and what to do: sentences.
    pub(crate) notes: Vec<Note>,
}

/// Something to know, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) class: &'static str,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// Everything a state is made from.
pub(crate) struct Known<'a> {
    pub(crate) integration: &'a Integration,
    pub(crate) card: Option<&'a ConnectorCard>,
    pub(crate) failures: &'a [StreamFailure],
    pub(crate) activity: &'a Activity,
    pub(crate) strip: &'a Strip,
    pub(crate) missing_scopes: &'a [String],
    pub(crate) now: Instant,
}

pub(crate) fn of(known: &Known<'_>) -> Availability {
    let ends = known.integration.expires_at.map(|at| (at, ends_in_days(at, known.now)));
    let (state, label, class) = state(known, ends.map(|(_, days)| days));
    Availability { state, label, class, notes: notes(known, ends) }
}

/// Whole days until an instant; negative once it has passed.
fn ends_in_days(at: Instant, now: Instant) -> i64 {
    (at.0 - now.0).div_euclid(DAY_MICROS)
}

fn state(known: &Known<'_>, ends_in: Option<i64>) -> (State, String, &'static str) {
    let plain = |state, label: &str, class| (state, label.to_owned(), class);
    let integration = known.integration;
    match integration.state {
        IntegrationState::Imported => return plain(State::Imported, "imported from files", "wait"),
        IntegrationState::Paused => return plain(State::Paused, "paused", "wait"),
        IntegrationState::Connected | IntegrationState::Failing => {}
    }
    if ends_in.is_some_and(|days| days < 0) {
        return plain(State::CredentialExpired, "credential expired", "bad");
    }
    if let Some(failure) = &integration.failure {
        return of_failure(failure);
    }
    if integration.last_synced_at.is_none() {
        return if known.activity.is_under_way() {
            plain(State::FirstSync, "first sync under way", "wait")
        } else {
            plain(State::NoDataYet, "no data yet", "wait")
        };
    }
    if let Some(failure) = known.failures.first() {
        let whole = !known.strip.has_data();
        return if whole { of_failure(&failure.failure) } else { plain(State::ConnectedInPart, "connected in part", "warn") };
    }
    if !known.missing_scopes.is_empty() {
        return plain(State::ConnectedInPart, "connected in part", "warn");
    }
    if !known.strip.has_data() {
        return plain(State::NoDataYet, "no data yet", "wait");
    }
    match ends_in.filter(|days| *days < WARN_DAYS) {
        Some(days) => (State::ConnectedEndsSoon, format!("connected, credential expires {}", in_days(days)), "warn"),
        None => plain(State::Connected, "connected", "good"),
    }
}

/// The state a failure stands for, by the kinds that all vendors share.
fn of_failure(failure: &StoredFailure) -> (State, String, &'static str) {
    let (state, label, class) = match failure.kind.as_str() {
        "plan" => (State::TooFewLicences, "too few licences, or not in the plan", "bad"),
        "auth" => (State::CredentialRefused, "credential revoked, expired or wrong", "bad"),
        "forbidden" => (State::NoPermission, "no permission", "bad"),
        "not_found" => (State::NotFound, "not found", "bad"),
        "rate_limit" => (State::Failing, "waiting for the rate limit", "warn"),
        _ => (State::Failing, "failing", "bad"),
    };
    (state, label.to_owned(), class)
}

fn notes(known: &Known<'_>, ends: Option<(Instant, i64)>) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some(failure) = &known.integration.failure {
        let again = known.integration.next_try_at.map(|at| format!(" Next try {}.", instant(at))).unwrap_or_default();
        notes.push(Note { class: "bad", title: "The last sync failed".to_owned(), text: format!("{}{again}", told(failure)) });
    }
    if let Some((at, days)) = ends.filter(|(_, days)| *days < WARN_DAYS) {
        let (class, title) = match days {
            ..0 => ("bad", "The credential has expired".to_owned()),
            _ => ("warn", format!("The credential expires {}", in_days(days))),
        };
        let text = format!("It ends {}. Replace it before then, so that no day is missed.", instant(at));
        let text =
            if days < 0 { format!("It ended {}. Replace it; the missing days are then fetched.", instant(at)) } else { text };
        notes.push(Note { class, title, text });
    }
    if !known.missing_scopes.is_empty() {
        let scopes: Vec<String> = known.missing_scopes.iter().map(|scope| format!("`{scope}`")).collect();
        let granted = known.integration.granted_scopes.as_deref().unwrap_or_default();
        let held: Vec<String> = granted.iter().map(|scope| format!("`{scope}`")).collect();
        let held = if held.is_empty() { "none".to_owned() } else { held.join(", ") };
        let text = format!(
            "It was granted {held}, and needs {} too. Authorize it again with that, or replace the credential.",
            scopes.join(" and ")
        );
        notes.push(Note { class: "warn", title: "The credential lacks a scope".to_owned(), text });
    }
    for failed in known.failures {
        let label = known.card.and_then(|card| card.streams.iter().find(|stream| stream.id == failed.stream));
        let label = label.map_or_else(|| failed.stream.replace('_', " "), |stream| stream.label.clone());
        notes.push(Note { class: "warn", title: format!("Not available: {label}"), text: told(&failed.failure) });
    }
    notes
}

fn told(failure: &StoredFailure) -> String {
    format!("{} {} (seen {})", failure.cause, failure.fix, instant(failure.at))
}

fn in_days(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        days => format!("in {}", plural(u64::try_from(days).unwrap_or(0), "day", "days")),
    }
}
