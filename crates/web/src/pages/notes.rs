//! What needs attention: failures with their fix, stale data, days that are missing or may change, people nobody matched.

use super::sources::Source;
use super::{Piece, pieces};
use tacho_domain::Instant;
use tacho_domain::report::Overview;
use tacho_render::words::{instant, plural, share};
use tacho_store::{IntegrationState, StoredFailure};

/// A note with what to do about it.
pub(super) struct Note {
    /// `bad` needs someone to act, `warn` should be looked at, `info` explains the numbers.
    pub(super) class: &'static str,
    pub(super) title: String,
    pub(super) text: Vec<Piece>,
}

/// Data older than this is called stale: a daily sync was missed and had half a day to catch up.
const STALE_SECONDS: i64 = 36 * 3_600;

pub(super) fn all(overview: &Overview, sources: &[Source], now: Instant) -> Vec<Note> {
    let mut notes: Vec<Note> = sources.iter().flat_map(|source| of_source(source, now)).collect();
    notes.extend(unmatched(overview));
    notes.extend(days(overview));
    notes.sort_by_key(|note| ["bad", "warn", "info"].iter().position(|class| *class == note.class));
    notes
}

fn of_source((integration, streams): &Source, now: Instant) -> Vec<Note> {
    let name = &integration.name;
    let mut notes = Vec::new();
    if let Some(failure) = &integration.failure {
        let again = integration.next_try_at.map(|at| format!(" Next try {}.", instant(at))).unwrap_or_default();
        let title = format!("{name} could not be synced");
        notes.push(Note {
            class: "bad",
            title,
            text: pieces(&format!("{}{again} The last good numbers are kept.", told(failure))),
        });
    }
    for stream in streams {
        let title = format!("{name}: {} is not available", stream.stream.replace('_', " "));
        notes.push(Note { class: "warn", title, text: pieces(&told(&stream.failure)) });
    }
    let stale = integration.last_synced_at.filter(|at| at.plus_seconds(STALE_SECONDS) < now);
    if let (IntegrationState::Connected | IntegrationState::Failing, Some(at)) = (integration.state, stale) {
        let text = format!("Last synced {}. Newer days are missing until a sync goes well.", instant(at));
        notes.push(Note { class: "warn", title: format!("{name} is stale"), text: pieces(&text) });
    }
    notes
}

fn told(failure: &StoredFailure) -> String {
    format!("{} {} ({})", failure.cause, failure.fix, instant(failure.at))
}

fn unmatched(overview: &Overview) -> Option<Note> {
    let rows = overview.usage.iter().filter(|tool| tool.active_unmatched > 0);
    let named: Vec<String> = rows.map(|tool| format!("{}: {}", tool.name, tool.active_unmatched)).collect();
    let coverage = overview.provenance.coverage.map(|part| format!(" {} of all interactions are matched.", share(part)));
    (!named.is_empty()).then(|| Note {
        class: "warn",
        title: "Some active identities match no member".into(),
        text: pieces(&format!(
            "{}.{} They count in totals and stand in the member table as unmatched.",
            named.join(", "),
            coverage.unwrap_or_default()
        )),
    })
}

fn days(overview: &Overview) -> Vec<Note> {
    let known = &overview.provenance;
    let all = overview.window.len();
    let mut notes = Vec::new();
    if known.missing_days > 0 && !overview.is_empty() {
        let missing = plural(u64::from(known.missing_days), "day has", "days have");
        let text =
            format!("Figures cover the other {} of {all}. A gap in a chart is no data, not zero.", all - known.missing_days);
        notes.push(Note { class: "info", title: format!("{missing} no data"), text: pieces(&text) });
    }
    if known.provisional_days > 0 {
        let days = plural(u64::from(known.provisional_days), "day is", "days are");
        let text = "Vendors may still restate them; they are striped in the charts and read again every hour.".to_owned();
        notes.push(Note { class: "info", title: format!("{days} provisional"), text: pieces(&text) });
    }
    notes
}
