//! What a reader must know: failing and stale integrations first, then what the report says of itself.

use super::sources::Source;
use crate::caller::Caller;
use crate::pages::frame;
use crate::pages::{Piece, pieces};
use crate::view::View;
use tacho_domain::report::{Question, Report, Weight};
use tacho_domain::{Instant, Permission, reports};
use tacho_render::words::instant;
use tacho_store::{IntegrationState, StoredFailure};

/// A note with what to do about it.
pub(super) struct Note {
    /// `bad` needs someone to act, `warn` should be looked at, `info` explains the numbers.
    pub(super) class: &'static str,
    pub(super) title: String,
    pub(super) text: Vec<Piece>,
    /// Where something can be done about it: address and words.
    pub(super) ways: Vec<(String, String)>,
}

impl Note {
    pub(super) fn new(class: &'static str, title: String, text: &str) -> Self {
        Self { class, title, text: pieces(text), ways: Vec::new() }
    }

    /// The worst first.
    pub(super) fn rank(&self) -> Option<usize> {
        ["bad", "warn", "info"].iter().position(|class| *class == self.class)
    }
}

/// Data older than this is called stale: a daily sync was missed and had half a day to catch up.
const STALE_SECONDS: i64 = 36 * 3_600;

/// How the connected tools fare. Whoever may not see integrations learns that numbers are old, not why.
pub(super) fn of_sources(sources: &[Source], now: Instant, caller: &Caller) -> Vec<Note> {
    let told_why = caller.may(Permission::ViewIntegrations);
    sources.iter().flat_map(|source| of_source(source, now, told_why)).collect()
}

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

/// What the report says of itself. How many rows are left out stands at the table, in words for this caller; a way that the
/// caller may not go is left out.
pub(super) fn of_report(report: &Report, view: &View, caller: &Caller, question: &Question) -> Vec<Note> {
    let at_tables: Vec<_> =
        report.sections.iter().filter_map(|section| reports::sight(question, section.table.hidden_rows)).collect();
    let shown = report.notes.iter().filter(|note| !at_tables.contains(note));
    let note = |note: &tacho_domain::report::Note| {
        let class = match note.weight {
            Weight::Info => "info",
            Weight::Warning => "warn",
            Weight::Problem => "bad",
        };
        let ways = note.way.iter().filter(|(to, _)| frame::may_go(caller, to));
        let ways = ways.map(|(to, words)| (view.carried(to), words.clone())).collect();
        Note { ways, ..Note::new(class, note.title.clone(), &note.text) }
    };
    shown.map(note).collect()
}
