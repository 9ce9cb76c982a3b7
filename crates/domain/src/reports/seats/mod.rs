//! Seats: whom could we release?

mod figures;
mod rows;

use crate::money::group;
use crate::report::{
    Amount, Bar, Bars, Chart, Note, Point, Provenance, Question, Report, ReportName, Section, Series, Timeline, Weight,
};
use crate::seats::{SeatClass, SeatEvidence, SeatExclusion, classify};
use crate::{Day, Instant, Money, SubjectId, ToolId, ToolProfile, Window};
use std::collections::BTreeMap;

/// A seat of the newest snapshot, with everything known of its use.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldSeat {
    /// Member, or unmatched identity.
    pub subject: SubjectId,
    /// Their name.
    pub name: String,
    /// Whether it is an identity that matches no member.
    pub unmatched: bool,
    /// Of which tool.
    pub tool: ToolId,
    /// The plan, as the vendor calls it.
    pub plan: Option<String>,
    /// Since when, as the vendor says.
    pub since: Option<Day>,
    /// The day of an earlier list in which it stands already; asked for where the vendor gives no date.
    pub held_on: Option<Day>,
    /// The last activity that the vendor knows, or knew in an earlier snapshot.
    pub vendor_activity: Option<Day>,
    /// The last active day that we counted, within a year.
    pub counted_activity: Option<Day>,
    /// From when on it is cancelled.
    pub cancels_on: Option<Day>,
    /// List price per month.
    pub price: Option<Money>,
}

/// All that the report is made from.
#[derive(Debug)]
pub struct Material<'a> {
    /// What is known of the tools.
    pub profiles: &'a [ToolProfile],
    /// The day idleness is counted to: the morning after the window, or today.
    pub as_of: Day,
    /// The seats of the newest snapshots in the window.
    pub seats: Vec<HeldSeat>,
    /// Who is not to be called idle.
    pub exclusions: Vec<SeatExclusion>,
    /// Seats held per day and tool, window and the one before; days without a snapshot are missing.
    pub held: BTreeMap<ToolId, BTreeMap<Day, i64>>,
    /// When data was last read.
    pub last_synced: Option<Instant>,
}

/// A seat with its class.
struct Judged<'m> {
    seat: &'m HeldSeat,
    class: SeatClass,
    last_activity: Option<Day>,
    held_since: Option<Day>,
    exclusion: Option<&'m SeatExclusion>,
}

impl<'m> Judged<'m> {
    fn of(seat: &'m HeldSeat, material: &'m Material<'_>) -> Self {
        let exclusion = material.exclusions.iter().find(|one| one.covers(seat.subject, &seat.tool, material.as_of));
        let last_activity = seat.vendor_activity.max(seat.counted_activity);
        // Where the vendor gives no date, the earliest day we know of is the best there is; it can only be too late. Who
        // used the tool held a seat.
        let earliest = [seat.held_on, last_activity].into_iter().flatten().min();
        let held_since = seat.since.or(earliest);
        let evidence =
            SeatEvidence { last_activity, held_since, is_cancelled: seat.cancels_on.is_some(), is_excluded: exclusion.is_some() };
        Self { seat, class: classify(material.as_of, evidence), last_activity, held_since, exclusion }
    }

    fn idle_days(&self, as_of: Day) -> Option<i32> {
        self.last_activity.map(|last| as_of.since(last).max(0))
    }
}

fn name_of(profiles: &[ToolProfile], tool: &ToolId) -> String {
    profiles
        .iter()
        .find(|profile| profile.id == tool.as_str())
        .map_or_else(|| tool.to_string(), |profile| profile.name.to_owned())
}

/// What the Overview says of seats that could be released, with the way to them.
#[must_use]
pub fn attention(material: &Material<'_>) -> Option<Note> {
    let judged: Vec<Judged<'_>> = material.seats.iter().map(|seat| Judged::of(seat, material)).collect();
    let wasted = judged.iter().filter(|one| one.class.is_waste()).count();
    let price = figures::waste(material, &judged).value;
    let worth = if let Amount::Money(price) = price { format!(", {price} a month at list price") } else { String::new() };
    (wasted > 0).then(|| Note {
        weight: Weight::Warning,
        title: if wasted == 1 { "1 seat could be released".into() } else { format!("{} seats could be released", group(wasted)) },
        text: format!("Never used, or not for 30 days and more: {} of {}{worth}.", group(wasted), group(judged.len())),
        way: Some((ReportName::Seats.page(), "See which and why".into())),
    })
}

/// The document of the seats.
#[must_use]
pub fn document(question: &Question, material: &Material<'_>) -> Report {
    let judged: Vec<Judged<'_>> = material.seats.iter().map(|seat| Judged::of(seat, material)).collect();
    let table = rows::table(question, material, &judged);
    let notes = super::sight(question, table.hidden_rows).into_iter().chain(undated(&judged)).collect();
    Report {
        name: ReportName::Seats,
        title: "Seats".into(),
        question: "Whom could we release?".into(),
        window: question.window,
        scope: Vec::new(),
        notes,
        groups: figures::groups(question.window, material, &judged),
        sections: vec![
            Section::drawn("classes", "Seats by use", CLASSES, Chart::Bars(classes(&judged))),
            Section::drawn("held", "Seats held", HELD, Chart::Lines(held(question.window, material)))
                .or_else_saying("No list of seats was read in this window."),
            Section::listed("seats", "Every seat", EVERY_SEAT, table).widened().or_else_saying(NO_SEATS),
        ],
        provenance: Provenance { last_synced: material.last_synced, coverage: None, provisional_days: 0, missing_days: 0 },
        is_empty: judged.is_empty(),
    }
}

const CLASSES: &str = "Every seat of the newest list in the window is in one class. Idle seats were used once, but not lately.";
const HELD: &str = "Seats held on each day on which a vendor's list was read, per tool.";
const EVERY_SEAT: &str = "Those that could be released first. A seat may be one of several that a person holds.";
const NO_SEATS: &str = "No vendor gave a list of seats in this window.";

/// Says that idleness cannot be told where nobody knows since when a seat is held.
fn undated(judged: &[Judged<'_>]) -> Option<Note> {
    let many = judged.iter().filter(|one| one.class == SeatClass::New && one.held_since.is_none()).count();
    (many > 0).then(|| Note {
        weight: Weight::Info,
        title: "Some seats have no first day".into(),
        text: format!(
            "Of {many} unused {} nobody knows since when it is held: the vendor does not say, and no list older than 30 days was \
             read. They count as new until such a list is there.",
            if many == 1 { "seat" } else { "seats" }
        ),
        way: None,
    })
}

fn classes(judged: &[Judged<'_>]) -> Bars {
    let total = i64::try_from(judged.len()).unwrap_or(i64::MAX);
    let bar = |class: SeatClass| {
        let of_class = judged.iter().filter(|one| one.class == class);
        let count = i64::try_from(of_class.clone().count()).unwrap_or(i64::MAX);
        let price = of_class.filter_map(|one| one.seat.price).fold(0i64, |sum, price| sum.saturating_add(price.0));
        Bar {
            label: class.describe().into(),
            colour: u8::from(class.is_waste()),
            value: Amount::Count(count),
            share: crate::metrics::ratio(Some(count), Some(total)),
            context: if price > 0 { format!("{} per month at list price", Money(price)) } else { String::new() },
        }
    };
    let bars = if judged.is_empty() { Vec::new() } else { SeatClass::ALL.map(bar).to_vec() };
    Bars { of: "Class".into(), measure: "Seats".into(), bars }
}

fn held(window: Window, material: &Material<'_>) -> Timeline {
    let mut series: Vec<Series> = Vec::new();
    for (tool, days) in &material.held {
        if days.range(window.from..=window.to).next().is_none() {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "a chart to look at")]
        let point = |day: Day| Point { day, value: days.get(&day).map(|seats| *seats as f64), provisional: false };
        series.push(Series {
            tool: tool.clone(),
            label: name_of(material.profiles, tool),
            colour: material.profiles.iter().find(|profile| profile.id == tool.as_str()).map_or(7, |profile| profile.colour),
            points: window.days().map(point).collect(),
        });
    }
    series.sort_by_key(|one| one.colour);
    Timeline { series, ..Timeline::default() }
}

#[cfg(test)]
mod tests;
