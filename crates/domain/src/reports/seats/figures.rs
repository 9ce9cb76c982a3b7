//! The figures of the seats, each with its part per tool.

use super::{Judged, Material, name_of};
use crate::metrics::ratio;
use crate::report::{Amount, Figure, Group, Part};
use crate::seats::SeatClass;
use crate::{Day, Money, ToolId, Window};
use std::collections::BTreeSet;

/// A count of seats.
struct Rule {
    id: &'static str,
    label: &'static str,
    counts: fn(&Judged<'_>, Day) -> bool,
    formula: &'static str,
}

const ACTIVE: Rule = Rule {
    id: "seats_active",
    label: "Active in 28 days",
    counts: |one, as_of| one.idle_days(as_of).is_some_and(|days| days < 28),
    formula: "Seats with an active day counted by us, or an activity the vendor reports, within 28 days.",
};

const IDLE: [Rule; 4] = [
    Rule { id: "seats_idle_30", label: "Idle for 30 days", counts: |one, _| one.class.is_idle_for(30), formula: IDLE_FORMULA },
    Rule { id: "seats_idle_60", label: "Idle for 60 days", counts: |one, _| one.class.is_idle_for(60), formula: IDLE_FORMULA },
    Rule { id: "seats_idle_90", label: "Idle for 90 days", counts: |one, _| one.class.is_idle_for(90), formula: IDLE_FORMULA },
    Rule {
        id: "seats_never_used",
        label: "Never used",
        counts: |one, _| one.class == SeatClass::NeverUsed,
        formula: "Seats held at least 30 days of which no use is known: no active day within a year, and no activity the vendor \
                  remembers in any list we read in that year. Not pending cancellation, not excluded.",
    },
];

const IDLE_FORMULA: &str = "Seats held at least 30 days, used once, without an active day and without an activity the vendor \
                            reports in so many days; not pending cancellation, not excluded. Who is idle for 90 days is idle for \
                            60 and 30 too. Never used is a class of its own.";

const APART: [Rule; 3] = [
    Rule {
        id: "seats_pending",
        label: "Cancellation pending",
        counts: |one, _| one.class == SeatClass::Pending,
        formula: "Seats that the vendor says end on a day to come.",
    },
    Rule {
        id: "seats_excluded",
        label: "Excluded",
        counts: |one, _| one.class == SeatClass::Excluded,
        formula: "Seats that would be idle or never used, but somebody said why they stay: leave, new starter, allow-list.",
    },
    Rule {
        id: "seats_new",
        label: "New and unused",
        counts: |one, _| one.class == SeatClass::New,
        formula: "Unused seats held for less than 30 days, or of which nobody knows since when.",
    },
];

pub(super) fn groups(window: Window, material: &Material<'_>, judged: &[Judged<'_>]) -> Vec<Group> {
    if judged.is_empty() {
        return Vec::new();
    }
    let counted = |rule: &Rule| counted(rule, material, judged);
    let group = |heading: &str, figures: Vec<Figure>| Group { heading: heading.into(), figures };
    let mut idle = vec![waste(material, judged)];
    idle.extend(IDLE.iter().map(counted));
    vec![
        group("Held and used", vec![seats(window, material, judged), counted(&ACTIVE)]),
        group("Could be released", idle),
        group("Not called idle", APART.iter().map(counted).collect()),
    ]
}

fn count(many: usize) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}

/// The tools that have seats, in the order of their colours.
fn tools(material: &Material<'_>, judged: &[Judged<'_>]) -> Vec<ToolId> {
    let seen: BTreeSet<&ToolId> = judged.iter().map(|one| &one.seat.tool).collect();
    let mut tools: Vec<ToolId> = seen.into_iter().cloned().collect();
    tools.sort_by_key(|tool| material.profiles.iter().find(|known| known.id == tool.as_str()).map(|known| known.colour));
    tools
}

/// The same figure of each tool.
fn parts(material: &Material<'_>, judged: &[Judged<'_>], value: impl Fn(&ToolId) -> (Amount, Option<f64>)) -> Vec<Part> {
    let part = |tool: ToolId| {
        let (value, share) = value(&tool);
        Part { label: name_of(material.profiles, &tool), tool, value, share }
    };
    tools(material, judged).into_iter().map(part).collect()
}

fn counted(rule: &Rule, material: &Material<'_>, judged: &[Judged<'_>]) -> Figure {
    let fits = |one: &&Judged<'_>| (rule.counts)(one, material.as_of);
    let value = count(judged.iter().filter(fits).count());
    let of_tool = |tool: &ToolId| {
        let many = count(judged.iter().filter(|one| one.seat.tool == *tool).filter(fits).count());
        (Amount::Count(many), ratio(Some(many), Some(value)))
    };
    Figure {
        id: rule.id.into(),
        label: rule.label.into(),
        value: Amount::Count(value),
        before: Amount::Unknown,
        parts: parts(material, judged, of_tool),
        context: format!("of {} seats, as of {}", crate::money::group(judged.len()), material.as_of),
        formula: rule.formula.into(),
        provisional: false,
        spark: Vec::new(),
    }
}

/// Seats held, beside those at the newest list of the window before.
fn seats(window: Window, material: &Material<'_>, judged: &[Judged<'_>]) -> Figure {
    let earlier = window.before();
    let before = material.held.values().filter_map(|days| days.range(earlier.from..=earlier.to).next_back());
    let before = before.map(|(_, seats)| *seats).reduce(i64::saturating_add);
    #[expect(clippy::cast_precision_loss, reason = "a spark line to look at")]
    let at = |day: Day| material.held.values().filter_map(|days| days.get(&day)).map(|seats| *seats as f64).reduce(|a, b| a + b);
    let total = count(judged.len());
    let of_tool = |tool: &ToolId| {
        let many = count(judged.iter().filter(|one| one.seat.tool == *tool).count());
        (Amount::Count(many), ratio(Some(many), Some(total)))
    };
    Figure {
        id: "seats".into(),
        label: "Seats".into(),
        value: Amount::Count(total),
        before: Amount::count(before),
        parts: parts(material, judged, of_tool),
        context: "at the newest list in the window".into(),
        formula: "Seats in the newest list that each vendor gave in the window, the morning after it included. Who holds seats \
                  of two tools counts twice."
            .into(),
        provisional: false,
        spark: window.days().map(at).collect(),
    }
}

/// Prices of seats, where any has one.
fn price<'j>(seats: impl Iterator<Item = &'j Judged<'j>>) -> (Option<i64>, usize) {
    let (mut sum, mut unpriced) = (None, 0);
    for one in seats {
        match one.seat.price {
            Some(Money(price)) => sum = crate::measure::plus(sum, Some(price)),
            None => unpriced += 1,
        }
    }
    (sum, unpriced)
}

pub(super) fn waste(material: &Material<'_>, judged: &[Judged<'_>]) -> Figure {
    let wasted = |tool: Option<&ToolId>| {
        let of_tool = |one: &&Judged<'_>| tool.is_none_or(|tool| one.seat.tool == *tool);
        let (sum, unpriced) = price(judged.iter().filter(of_tool).filter(|one| one.class.is_waste()));
        // None idle is no waste, where seats have prices at all.
        let has_prices = judged.iter().filter(of_tool).any(|one| one.seat.price.is_some());
        (sum.or((unpriced == 0 && has_prices).then_some(0)), unpriced)
    };
    let (value, unpriced) = wasted(None);
    let context = match unpriced {
        0 => "at list price".to_owned(),
        1 => "at list price; 1 idle seat without a published price is left out".to_owned(),
        many => format!("at list price; {many} idle seats without a published price are left out"),
    };
    Figure {
        id: "waste_per_month".into(),
        label: "Waste per month".into(),
        value: Amount::money(value),
        before: Amount::Unknown,
        parts: parts(material, judged, |tool| {
            let part = wasted(Some(tool)).0;
            (Amount::money(part), ratio(part, value))
        }),
        context,
        formula: "Sum of the list prices per month of the seats that are idle for 30 days and of those never used.".into(),
        provisional: false,
        spark: Vec::new(),
    }
}
