//! An integration as a card: how it stands, its days, its syncs, and what can be done with it.

use crate::app::Site;
use crate::caller::Caller;
use crate::connections::Tried;
use crate::integrations::strip::{DayState, count};
use crate::integrations::{Seen, may_manage, may_sync, percent};
use crate::pages::badge::{Badge, badge};
use crate::pages::{Piece, pieces};
use tacho_domain::Permission as P;
use tacho_render::words::{instant, long_day};
use tacho_store::{AuthKind, Integration, IntegrationState, Probe, ProgressState};

/// What `integrations/card.html` shows.
#[expect(clippy::struct_excessive_bools, reason = "each shows or hides one thing of the template")]
pub(crate) struct Card {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) tool: Badge,
    pub(crate) connector: String,
    pub(crate) label: String,
    pub(crate) class: &'static str,
    pub(crate) notes: Vec<Told>,
    pub(crate) last_sync: String,
    pub(crate) next_sync: String,
    pub(crate) credential: String,
    pub(crate) progress: Option<Bar>,
    pub(crate) strip: Vec<Cell>,
    pub(crate) strip_words: String,
    pub(crate) streams: Vec<StreamRow>,
    pub(crate) may_manage: bool,
    pub(crate) may_sync: bool,
    pub(crate) paused: bool,
    pub(crate) imported: bool,
    /// Whether its totals can be held against the vendor's own.
    pub(crate) reconciles: bool,
    /// What the button that gets another credential says, where one is wanted.
    pub(crate) reauthorize: Option<String>,
}

fn has_totals(integration: &Integration, site: &Site) -> bool {
    site.tools().iter().any(|tool| tool.id == integration.tool.as_str() && !tool.vendor_totals.is_empty())
}

/// Something to know, with what to do about it.
pub(crate) struct Told {
    pub(crate) class: &'static str,
    pub(crate) title: String,
    pub(crate) text: Vec<Piece>,
}

/// A sync that waits or runs.
pub(crate) struct Bar {
    pub(crate) percent: u32,
    pub(crate) words: String,
}

/// A day on the strip.
pub(crate) struct Cell {
    pub(crate) class: &'static str,
    pub(crate) title: String,
}

/// A stream in the table behind the strip.
pub(crate) struct StreamRow {
    pub(crate) label: String,
    pub(crate) counts: Vec<usize>,
    pub(crate) runs: Vec<String>,
}

/// What the connection doctor found.
pub(crate) struct Doctor {
    pub(crate) at: String,
    pub(crate) rows: Vec<TriedRow>,
}

/// One endpoint.
pub(crate) struct TriedRow {
    pub(crate) endpoint: String,
    pub(crate) ok: bool,
    pub(crate) why: Vec<Piece>,
}

impl Doctor {
    pub(crate) fn of(probe: &Probe) -> Self {
        let rows = probe.tried.iter().map(|tried| row(&tried.endpoint, tried.ok, tried.cause.as_deref(), tried.fix.as_deref()));
        Self { at: instant(probe.at), rows: rows.collect() }
    }

    /// Of a try that came to nothing and was not stored.
    pub(crate) fn refused(tried: &[Tried]) -> Self {
        let rows = tried.iter().map(|tried| row(&tried.endpoint, tried.ok, tried.cause.as_deref(), tried.fix.as_deref()));
        Self { at: String::new(), rows: rows.collect() }
    }
}

fn row(endpoint: &str, ok: bool, cause: Option<&str>, fix: Option<&str>) -> TriedRow {
    let words: Vec<&str> = cause.into_iter().chain(fix).collect();
    TriedRow { endpoint: endpoint.to_owned(), ok, why: pieces(&words.join(" ")) }
}

impl Card {
    pub(crate) fn of(seen: &Seen, site: &Site, caller: &Caller) -> Self {
        let integration = &seen.integration;
        let imported = integration.state == IntegrationState::Imported;
        let paused = integration.state == IntegrationState::Paused;
        let notes = seen.availability.notes.iter();
        let notes = notes.map(|note| Told { class: note.class, title: note.title.clone(), text: pieces(&note.text) });
        let strip = seen
            .strip
            .days
            .iter()
            .map(|(day, state)| Cell { class: state.slug(), title: format!("{}: {}", long_day(*day), state.label()) });
        Self {
            id: integration.id.0,
            name: integration.name.clone(),
            tool: badge(&integration.tool, site),
            connector: seen.card.as_ref().map_or_else(|| integration.connector.clone(), |card| card.name.clone()),
            label: seen.availability.label.clone(),
            class: seen.availability.class,
            notes: notes.collect(),
            last_sync: integration.last_synced_at.map_or_else(|| "not yet".to_owned(), instant),
            next_sync: next_sync(seen, imported, paused),
            reconciles: caller.may(P::ViewIntegrations) && has_totals(integration, site),
            credential: credential(integration),
            progress: bar(seen),
            strip: strip.collect(),
            strip_words: seen.strip.words(),
            streams: seen.strip.streams.iter().map(stream).collect(),
            may_manage: may_manage(caller, integration),
            may_sync: may_sync(caller, integration) && !paused && !imported,
            paused,
            imported,
            reauthorize: reauthorize(seen),
        }
    }
}

fn stream(strip: &crate::integrations::strip::StreamStrip) -> StreamRow {
    let run = |(from, to, state): (tacho_domain::Day, tacho_domain::Day, DayState)| {
        let days = if from == to { long_day(from) } else { format!("{} to {}", long_day(from), long_day(to)) };
        format!("{days}: {}", state.label())
    };
    StreamRow {
        label: strip.label.clone(),
        counts: DayState::ALL.iter().rev().map(|state| count(&strip.days, *state)).collect(),
        runs: strip.runs().into_iter().map(run).collect(),
    }
}

fn next_sync(seen: &Seen, imported: bool, paused: bool) -> String {
    if imported {
        return "none: import a newer file".to_owned();
    }
    if paused {
        return "none while it is paused".to_owned();
    }
    seen.next_sync.map_or_else(|| "only when somebody asks for it".to_owned(), instant)
}

/// How it signs in, with what of the credential may be shown.
fn credential(integration: &Integration) -> String {
    let Some(tail) = &integration.credential_tail else { return "none".to_owned() };
    let kind = match integration.auth {
        AuthKind::Secret => format!("key ending in {tail}"),
        AuthKind::OAuth => format!("signed in, token ending in {tail}"),
        AuthKind::App => "an app's private key".to_owned(),
    };
    match integration.expires_at {
        Some(at) => format!("{kind}; ends {}", instant(at)),
        None => kind,
    }
}

fn bar(seen: &Seen) -> Option<Bar> {
    if !seen.activity.is_under_way() {
        return None;
    }
    let running =
        seen.activity.progress.as_ref().filter(|progress| seen.activity.running && progress.state == ProgressState::Running);
    Some(match running {
        Some(progress) => {
            Bar { percent: percent(progress), words: format!("{} of {} parts read", progress.done, progress.total) }
        }
        None => Bar { percent: 0, words: "waiting for a worker".to_owned() },
    })
}

/// Another credential is offered where this one is refused, lacks something or ends.
fn reauthorize(seen: &Seen) -> Option<String> {
    use crate::integrations::availability::State as S;
    let lacking = (!seen.missing_scopes.is_empty()).then(|| {
        let scopes: Vec<String> = seen.missing_scopes.clone();
        format!("Re-authorize with {}", scopes.join(" and "))
    });
    let refused =
        matches!(seen.availability.state, S::CredentialRefused | S::CredentialExpired | S::ConnectedEndsSoon | S::NoPermission);
    lacking.or_else(|| refused.then(|| "Replace the credential".to_owned()))
}
