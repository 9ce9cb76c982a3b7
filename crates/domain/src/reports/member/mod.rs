//! One person with all their tools: the Member report, and the same as My usage.

mod figures;
mod gather;
mod history;
mod sections;
#[cfg(test)]
mod tests;

use super::context;
use crate::report::{Note, Provenance, Punch, Question, Report, ReportName, Weight};
use crate::{Day, Dimension, Instant, Measures, SubjectId, ToolId, ToolProfile, Window};
use gather::Gathered;

/// Days the calendar shows at least.
pub const CALENDAR_DAYS: u32 = 90;

/// The borders of the calendar's levels: 1 to 5, 6 to 15, 16 and more interactions.
pub const LEVELS: [i64; 4] = [1, 6, 16, i64::MAX];

/// Whom a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Member, or an identity that matches none.
    pub subject: SubjectId,
    /// Their name, address or login.
    pub name: String,
    /// Whether this is an identity that matches no member.
    pub unmatched: bool,
    /// How many identities stand for them.
    pub identities: usize,
}

/// A day of which a tool has data, of whomever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDay {
    /// The day.
    pub day: Day,
    /// The tool.
    pub tool: ToolId,
    /// Whether it may still be restated.
    pub provisional: bool,
    /// Whether whoever is not in it did nothing.
    pub knows_activity: bool,
}

/// What the person did on one day with one tool.
#[derive(Debug, Clone, PartialEq)]
pub struct UsedDay {
    /// The day.
    pub day: Day,
    /// The tool.
    pub tool: ToolId,
    /// Active by the tool's rule; `None` where the stream cannot tell.
    pub active: Option<bool>,
    /// What was counted: everything in [`needed_days`], interactions alone on older days.
    pub measures: Measures,
}

/// What is known of a whole month that lies before [`past_until`]: whether anybody is known to have done anything with a tool,
/// and what the person did. Days are bits, the first of the month is the lowest one; none of them is provisional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastMonth {
    /// Its first day.
    pub month: Day,
    /// The tool.
    pub tool: ToolId,
    /// The days on which whoever is not in the tool's data did nothing.
    pub knows_activity: u32,
    /// The days that name the person.
    pub present: u32,
    /// Those of them on which they were active.
    pub active: u32,
    /// Interactions, added up.
    pub interactions: Option<i64>,
}

/// A part of the person's usage over the window.
#[derive(Debug, Clone, PartialEq)]
pub struct UsedSplit {
    /// The tool.
    pub tool: ToolId,
    /// By what it is split.
    pub dimension: Dimension,
    /// The part, in the vendor's word.
    pub value: String,
    /// What was counted.
    pub measures: Measures,
}

/// All that the report is made from.
#[derive(Debug)]
pub struct Material<'a> {
    /// What is known of the tools.
    pub profiles: &'a [ToolProfile],
    /// Whom it is about.
    pub who: Who,
    /// The days with data, as far back as there are any and `past` does not hold them; a day can be there several times.
    pub data: Vec<DataDay>,
    /// The person's days, likewise.
    pub used: Vec<UsedDay>,
    /// Months before [`past_until`] that are known as a whole; a month and tool can be there several times, and what is known
    /// of it is all of them together. It makes no difference to the report whether a month's days are here or above.
    pub past: Vec<PastMonth>,
    /// The person's splits over the window.
    pub splits: Vec<UsedSplit>,
    /// When in the week they work; `None` where no source gives a time of day.
    pub punch: Option<Punch>,
    /// Distinct hours with an event, added over the days; `None` where no source gives a time of day.
    pub active_hours: Option<u32>,
    /// When data was last read.
    pub last_synced: Option<Instant>,
}

/// The days of which everything the person did is needed: the window, the one before, and the calendar's.
#[must_use]
pub fn needed_days(window: Window) -> Window {
    Window { from: calendar_days(window).from.min(window.before().from), to: window.to }
}

/// The first day of the oldest month that holds a needed day: no window but a whole month is asked of the months before.
#[must_use]
pub fn past_until(window: Window) -> Day {
    needed_days(window).from.month()
}

/// The days of the calendar: the window, or 90 days where that is longer, from a Monday on.
#[must_use]
pub fn calendar_days(window: Window) -> Window {
    let least = Window::ending(window.to, CALENDAR_DAYS).from;
    Window { from: window.from.min(least).week(), to: window.to }
}

/// What somebody did in a window, in two numbers: those that the report of it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// Interactions of all tools; `None`: no tool can tell.
    pub interactions: Option<i64>,
    /// Distinct active days; `None`: no tool can tell.
    pub active_days: Option<i64>,
}

/// The two numbers of a window, from its days alone.
#[must_use]
pub fn activity(question: &Question, material: &Material<'_>) -> Activity {
    let gathered = Gathered::read(question, material);
    Activity { interactions: gathered.interactions_in(question.window), active_days: gathered.active_days(question.window) }
}

/// The report of a person.
#[must_use]
pub fn build(name: &ReportName, question: &Question, material: &Material<'_>) -> Report {
    let gathered = Gathered::read(question, material);
    let provenance = provenance(question.window, material, &gathered);
    let is_mine = *name == ReportName::Mine;
    let asks = if is_mine { "What did I do with AI tools?" } else { "What did this person do with AI tools?" };
    Report {
        name: name.clone(),
        title: if is_mine { "My usage".into() } else { material.who.name.clone() },
        question: asks.into(),
        window: question.window,
        scope: Vec::new(),
        notes: notes(question, material, &gathered, &provenance),
        groups: figures::groups(question.window, material, &gathered),
        sections: sections::all(question.window, material, &gathered),
        provenance,
        is_empty: is_empty(question.window, &gathered),
    }
}

fn is_empty(window: Window, gathered: &Gathered<'_>) -> bool {
    !gathered.has_data(window) && !gathered.was_seen()
}

fn notes(question: &Question, material: &Material<'_>, gathered: &Gathered<'_>, known: &Provenance) -> Vec<Note> {
    let note = |title: &str, text: &str, way: Option<(&str, &str)>| Note {
        weight: Weight::Info,
        title: title.into(),
        text: text.into(),
        way: way.map(|(to, words)| (to.into(), words.into())),
    };
    let mut notes = Vec::new();
    if material.who.unmatched {
        notes.push(note(
            "Matches no member",
            "This is a vendor's login, address or key that nobody has matched to a member yet.",
            Some(("/settings/people", "Match it")),
        ));
    } else if material.who.identities == 0 {
        notes.push(note(
            "No identity yet",
            "No vendor's login or address is matched to this member, so there is nothing to count. Whoever manages people can match one.",
            Some(("/settings/people", "Who is who")),
        ));
    } else if gathered.has_data(question.window) && !gathered.was_seen_in(question.window) {
        notes.push(note("Nothing in this window", "The tools have data for these days; none of it is of this person.", None));
    }
    notes.extend(context::days(known, question.window, is_empty(question.window, gathered)));
    notes
}

fn provenance(window: Window, material: &Material<'_>, gathered: &Gathered<'_>) -> Provenance {
    let count = |days: usize| u32::try_from(days).unwrap_or(u32::MAX);
    Provenance {
        last_synced: material.last_synced,
        // A person's own rows are all matched or all not: a share of them says nothing.
        coverage: None,
        provisional_days: count(window.days().filter(|day| gathered.is_provisional(*day)).count()),
        missing_days: count(window.days().filter(|day| !gathered.has_data(Window::day(*day))).count()),
    }
}
