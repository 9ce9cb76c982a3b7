//! The Delivery report: does it help us ship?

mod answers;
mod compared;
mod deployments;
mod figures;
mod gather;
mod list;
mod notes;
mod over_time;
mod teams;
mod within;

pub use crate::delivery::{REVERT_DAYS, REWORK_DAYS};

use crate::delivery::{Answered, AuthorKind, DeploymentRow, FileRow, PullRow, UseDays};
use crate::memberships::Memberships;
use crate::metrics::People;
use crate::metrics::ratio;
use crate::report::{Group, Provenance, Question, Report, ReportName, Section};
use crate::{Day, Directory, Instant, SubjectId, Window};
use compared::Comparing;
use gather::Gathered;
pub use list::name_agents;
use std::collections::{BTreeMap, HashMap};

/// Weeks over which changes within a person and lags are looked at, at least.
pub const HISTORY_WEEKS: u32 = 26;
/// Use is read from so many days before the first merge on: commits are older than their merge.
const BRANCH_DAYS: i32 = 30;

/// The id of the section that lists pull requests.
pub const LIST_SECTION: &str = list::SECTION;

/// Half a year up to the end of the window, or the window where that is longer; from a Monday on.
#[must_use]
pub fn history(window: Window) -> Window {
    let half_year = Window::ending(window.to, HISTORY_WEEKS * 7).from;
    Window { from: window.from.min(half_year).week(), to: window.to }
}

/// The days whose merged pull requests and deployments are read: the window, the one before, the history, and the days
/// after in which something may be reverted, changed again or deployed.
#[must_use]
pub fn needed_days(window: Window) -> Window {
    Window { from: history(window).from.min(window.before().from), to: window.to.plus(REVERT_DAYS) }
}

/// The days whose use of tools is read.
#[must_use]
pub fn use_window(window: Window) -> Window {
    Window { from: needed_days(window).from.minus(BRANCH_DAYS), to: window.to }
}

/// A vendor's own total over the window, shown beside ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorTotal {
    /// The vendor's name for it: `pull_requests_merged`.
    pub name: String,
    /// Added up over the days of the window that the vendor told of.
    pub value: i64,
    /// How many days those are.
    pub days: u32,
}

/// All that the report is made from. Nothing in it is narrowed: the document does that.
#[derive(Debug)]
pub struct Material<'a> {
    /// Who is who.
    pub directory: &'a Directory,
    /// Who was in which teams: that team over [`needed_days`] where the question is about one, else all over the window.
    pub teams: &'a Memberships,
    /// What teams are called.
    pub team_names: BTreeMap<i64, String>,
    /// What people are called whom the asker may see.
    pub names: HashMap<SubjectId, String>,
    /// What repositories are called.
    pub repositories: BTreeMap<i64, String>,
    /// The days of [`needed_days`] that a repository host told of, and whether they may still be restated.
    pub days: BTreeMap<Day, bool>,
    /// The merged pull requests of [`needed_days`].
    pub pulls: Vec<PullRow>,
    /// On which days of [`use_window`] people used the tools that are asked for.
    pub use_days: UseDays,
    /// The files that pull requests of the window and the [`REWORK_DAYS`] after it changed; `None`: not switched on.
    pub files: Option<Vec<FileRow>>,
    /// The deployments of [`needed_days`]; `None`: not configured.
    pub deployments: Option<Vec<DeploymentRow>>,
    /// The host's own totals over the window; empty where it gives none.
    pub totals: Vec<VendorTotal>,
    /// Answers about pull requests merged in the window; `None`: nobody is asked.
    pub answers: Option<Vec<Answered>>,
    /// When data was last read.
    pub last_synced: Option<Instant>,
}

/// Everybody credited with a pull request merged in the window that counts for the question: whose totals the report gives.
#[must_use]
pub fn authors(question: &Question, material: &Material<'_>) -> People {
    gather::credited(question, material, question.window)
}

/// The document.
#[must_use]
pub fn document(question: &Question, material: &Material<'_>) -> Report {
    let gathered = Gathered::new(question, material);
    let is_empty = gathered.now().is_empty();
    let provenance = provenance(&gathered);
    let list = list::section(&gathered);
    let notes = notes::all(&gathered, &provenance, list.table.hidden_rows);
    Report {
        name: ReportName::Delivery,
        title: "Delivery".into(),
        question: "Does it help us ship?".into(),
        window: question.window,
        scope: Vec::new(),
        notes,
        groups: if is_empty { Vec::new() } else { figures::groups(&gathered) },
        sections: if is_empty { Vec::new() } else { sections(&gathered, list) },
        provenance,
        is_empty,
    }
}

fn sections(gathered: &Gathered<'_>, list: Section) -> Vec<Section> {
    let mut sections = over_time::sections(gathered);
    // Before the other tables: the first one is the report's main one, which is sorted, searched and paged.
    sections.push(list);
    // A person is not compared with themselves, and nobody is ranked.
    if gathered.question.member.is_none() {
        sections.extend(Comparing::new(gathered).sections());
        sections.extend(teams::sections(gathered));
        sections.extend(within::sections(gathered));
    }
    sections.extend(answers::section(gathered));
    sections.extend(notes::totals(gathered));
    sections
}

/// The figures that other reports show of delivery; nothing where no repository host told of any day of the window. Needs
/// the pull requests, days and use of the window and the one before only.
#[must_use]
pub fn headline(question: &Question, material: &Material<'_>) -> Option<Group> {
    let gathered = Gathered::new(question, material);
    gathered.is_told(question.window).then(|| figures::headline(&gathered))
}

/// How many merged pull requests count for the question: what costs are divided by. `None`: no repository host told of any
/// day of the window.
#[must_use]
pub fn merged(question: &Question, material: &Material<'_>) -> Option<i64> {
    let gathered = Gathered::new(question, material);
    gathered.is_told(question.window).then(|| i64::try_from(gathered.now().len()).unwrap_or(i64::MAX))
}

fn provenance(gathered: &Gathered<'_>) -> Provenance {
    let (window, material) = (gathered.window(), gathered.material);
    let told = material.days.range(window.from..=window.to);
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    let number = |many: usize| i64::try_from(many).ok();
    let of_people = || gathered.now().iter().filter(|pull| pull.row.author_kind == AuthorKind::Human);
    let of_members = of_people().filter(|pull| pull.is_member).count();
    Provenance {
        last_synced: material.last_synced,
        coverage: ratio(number(of_members), number(of_people().count())),
        provisional_days: count(told.clone().filter(|(_, provisional)| **provisional).count()),
        missing_days: window.len().saturating_sub(count(told.count())),
    }
}

#[cfg(test)]
mod tests;
