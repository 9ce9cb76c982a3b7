//! What needs attention: failures with their fix, stale data, days that are missing or may change, people nobody matched.

use super::sources::Source;
use super::{Piece, pieces};
use crate::caller::Caller;
use tacho_domain::report::Overview;
use tacho_domain::{Instant, Permission};
use tacho_render::words::{instant, plural, share};
use tacho_store::{IntegrationState, StoredFailure};

/// A note with what to do about it.
pub(super) struct Note {
    /// `bad` needs someone to act, `warn` should be looked at, `info` explains the numbers.
    pub(super) class: &'static str,
    pub(super) title: String,
    pub(super) text: Vec<Piece>,
    /// Where something can be done about it: address and words.
    pub(super) way: Option<(&'static str, &'static str)>,
}

impl Note {
    fn new(class: &'static str, title: String, text: &str) -> Self {
        Self { class, title, text: pieces(text), way: None }
    }
}

/// Data older than this is called stale: a daily sync was missed and had half a day to catch up.
const STALE_SECONDS: i64 = 36 * 3_600;

pub(super) fn all(overview: &Overview, sources: &[Source], now: Instant, caller: &Caller) -> Vec<Note> {
    let told_why = caller.may(Permission::ViewIntegrations);
    let mut notes: Vec<Note> = sources.iter().flat_map(|source| of_source(source, now, told_why)).collect();
    notes.extend(unmatched(overview, caller));
    notes.extend(days(overview));
    notes.sort_by_key(|note| ["bad", "warn", "info"].iter().position(|class| *class == note.class));
    notes
}

/// Whoever may not see integrations learns that numbers are old, not why.
fn of_source((integration, streams): &Source, now: Instant, told_why: bool) -> Vec<Note> {
    let name = &integration.name;
    let mut notes = Vec::new();
    if let Some(failure) = &integration.failure {
        let again = integration.next_try_at.map(|at| format!(" Next try {}.", instant(at))).unwrap_or_default();
        let title = format!("{name} could not be synced");
        let why = if told_why { format!("{}{again} ", told(failure)) } else { String::new() };
        notes.push(Note::new("bad", title, &format!("{why}The last good numbers are kept.")));
    }
    for stream in streams.iter().filter(|_| told_why) {
        let title = format!("{name}: {} is not available", stream.stream.replace('_', " "));
        notes.push(Note::new("warn", title, &told(&stream.failure)));
    }
    let stale = integration.last_synced_at.filter(|at| at.plus_seconds(STALE_SECONDS) < now);
    if let (IntegrationState::Connected | IntegrationState::Failing, Some(at)) = (integration.state, stale) {
        let text = format!("Last synced {}. Newer days are missing until a sync goes well.", instant(at));
        notes.push(Note::new("warn", format!("{name} is stale"), &text));
    }
    notes
}

fn told(failure: &StoredFailure) -> String {
    format!("{} {} ({})", failure.cause, failure.fix, instant(failure.at))
}

fn unmatched(overview: &Overview, caller: &Caller) -> Option<Note> {
    let rows = overview.usage.iter().filter(|tool| tool.active_unmatched > 0);
    let named: Vec<String> = rows.map(|tool| format!("{}: {}", tool.name, tool.active_unmatched)).collect();
    let coverage = overview.provenance.coverage.map(|part| format!(" {} of all interactions are matched.", share(part)));
    let text = format!(
        "{}.{} They count in totals and stand in the member table as unmatched.",
        named.join(", "),
        coverage.unwrap_or_default()
    );
    let way = caller.may(Permission::ManagePeople).then_some(("/settings/people?show=unmatched", "Match them"));
    (!named.is_empty()).then(|| Note { way, ..Note::new("warn", "Some active identities match no member".into(), &text) })
}

fn days(overview: &Overview) -> Vec<Note> {
    let known = &overview.provenance;
    let all = overview.window.len();
    let mut notes = Vec::new();
    if known.missing_days > 0 && !overview.is_empty() {
        let missing = plural(u64::from(known.missing_days), "day has", "days have");
        let text =
            format!("Figures cover the other {} of {all}. A gap in a chart is no data, not zero.", all - known.missing_days);
        notes.push(Note::new("info", format!("{missing} no data"), &text));
    }
    if known.provisional_days > 0 {
        let days = plural(u64::from(known.provisional_days), "day is", "days are");
        let text = "Vendors may still restate them; they are striped in the charts and read again every hour.";
        notes.push(Note::new("info", format!("{days} provisional"), text));
    }
    notes
}
