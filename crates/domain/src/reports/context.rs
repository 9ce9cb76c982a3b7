//! What every report over usage says beside its figures: where the meaning of data changes, which days may change, whom
//! nobody has matched.

use crate::report::{Annotation, Note, Provenance, ToolUsage, Weight};
use crate::{ToolProfile, Window};

/// The tools' step changes within the window, by day. With several tools each says which one it is about.
pub(super) fn annotations<'p>(profiles: impl IntoIterator<Item = &'p ToolProfile>, window: Window) -> Vec<Annotation> {
    let mut found: Vec<Annotation> = profiles
        .into_iter()
        .flat_map(|profile| profile.steps.iter().map(move |step| (profile, step)))
        .filter_map(|(profile, step)| {
            let day = step.day().filter(|day| window.contains(*day))?;
            Some(Annotation { day, text: format!("{}: {}", profile.name, step.text), source: step.source.to_owned() })
        })
        .collect();
    found.sort_by_key(|annotation| annotation.day);
    found
}

/// Notes on days without data and on those that vendors may still restate.
pub(super) fn days(known: &Provenance, window: Window, is_empty: bool) -> Vec<Note> {
    let mut notes = Vec::new();
    if known.missing_days > 0 && !is_empty {
        let (all, told) = (window.len(), window.len() - known.missing_days);
        let text = format!("Figures cover the other {told} of {all}. A gap in a chart is no data, not zero.");
        notes.push(note(Weight::Info, format!("{} no data", counted(known.missing_days, "day has", "days have")), text));
    }
    if known.provisional_days > 0 {
        let text = "Vendors may still restate them; they are striped in the charts and read again every hour.".to_owned();
        notes.push(note(Weight::Info, format!("{} provisional", counted(known.provisional_days, "day is", "days are")), text));
    }
    notes
}

/// A note on active identities that match no member; nothing where all do.
pub(super) fn unmatched(usage: &[ToolUsage], known: &Provenance) -> Option<Note> {
    let named: Vec<String> = usage
        .iter()
        .filter(|tool| tool.active_unmatched > 0)
        .map(|tool| format!("{}: {}", tool.name, tool.active_unmatched))
        .collect();
    let coverage = known.coverage.map(|part| format!(" {:.1} % of all interactions are matched.", part * 100.0));
    let text = format!(
        "{}.{} They count in totals and stand in the member table as unmatched.",
        named.join(", "),
        coverage.unwrap_or_default()
    );
    let way = Some(("/settings/people?show=unmatched".to_owned(), "Match them".to_owned()));
    let note = Note { way, ..note(Weight::Warning, "Some active identities match no member".to_owned(), text) };
    (!named.is_empty()).then_some(note)
}

fn note(weight: Weight, title: String, text: String) -> Note {
    Note { weight, title, text, way: None }
}

fn counted(count: u32, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
