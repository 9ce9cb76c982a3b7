//! Who did what over a window, from packed days: what reports about members and teams are made of.

mod few;
mod lists;
mod presence;
mod stints;
mod sums;
mod teams_of;
#[cfg(test)]
mod tests;
mod trends;

pub use few::{FEW, few, instead, withheld, withheld_groups};
pub use presence::{Presence, Present};
pub(crate) use stints::{Stayed, Stint, Stints};
pub(crate) use sums::{Column as SumColumn, ToolSums};
pub use sums::{PersonSum, SumPlace, Sums};
pub(crate) use teams_of::TeamsOf;
pub use trends::{Trend, Trends};

use crate::columns::CountedSlice;
use crate::measure::plus;
use crate::metrics::ratio;
use crate::overview::gather::rule_label;
use crate::report::{Column, Provenance, Question};
use crate::{AcceptanceRule, Instant, Measure, Measures, ToolProfile};
use std::collections::BTreeMap;

/// A slice, and the places of those of its people who count, ascending; `None`: everybody counts.
pub type Counted<'s> = (&'s CountedSlice, Option<Vec<usize>>);

/// A credit is worth one cent at list price; credits and micro-dollars are both counted in millionths.
const CREDITS_PER_DOLLAR: i64 = 100;

/// The value of metered use in micro-dollars: what tokens cost at the vendor's prices, and credits at theirs.
#[must_use]
pub fn metered(sums: &Measures) -> Option<i64> {
    metered_of(sums[Measure::Cost], sums[Measure::Credits])
}

/// The same from the two measures that it is made of.
#[must_use]
pub(crate) fn metered_of(cost: Option<i64>, credits: Option<i64>) -> Option<i64> {
    plus(cost, credits.map(|credits| credits / CREDITS_PER_DOLLAR))
}

/// What stands behind [`metered`], for a figure's `?`.
pub const METERED_FORMULA: &str = "Value of tokens and credits at each vendor's prices, from usage, whether a subscription includes them or not. API list-price equivalent where the person has a subscription.";

/// A tool's acceptance rule, with the tool.
pub(crate) type Rule<'a> = (&'a ToolProfile, &'a AcceptanceRule);

/// The columns of what came of use: a rate for each rule, lines, value.
pub(crate) fn output_columns(rules: &[Rule<'_>]) -> Vec<Column> {
    let rates = rules.iter().map(|(profile, rule)| {
        let (id, label) = (format!("acceptance_{}_{}", profile.id, rule.id), rule_label(profile, rule.label));
        Column::number(id, format!("Acceptance, {label}")).explained(rule.formula)
    });
    let lines = "Lines a tool wrote and the person kept, as each vendor counts them.";
    let sums = [
        Column::number("lines_added", "Lines added").explained(lines),
        Column::number("lines_removed", "Lines removed").explained("Lines a tool removed, as each vendor counts them."),
        Column::number("cost", "Metered value (USD)").explained(METERED_FORMULA),
    ];
    rates.chain(sums).collect()
}

/// The measures that people are compared by: output, value, and what each tool's acceptance is made of.
#[must_use]
pub fn compared(profiles: &[ToolProfile]) -> Vec<Measure> {
    let rules = profiles.iter().flat_map(|profile| profile.acceptance).flat_map(|rule| rule.accepted.iter().chain(rule.offered));
    let always = [Measure::Interactions, Measure::LinesAdded, Measure::LinesRemoved, Measure::Cost, Measure::Credits];
    let mut needed: Vec<Measure> = rules.copied().chain(always).collect();
    needed.sort_unstable();
    needed.dedup();
    needed
}

/// Where the numbers come from. Interactions of everyone and of members tell how much of the use is matched.
#[must_use]
pub fn provenance<'s>(
    question: &Question,
    slices: impl Iterator<Item = &'s CountedSlice>,
    interactions: (Option<i64>, Option<i64>),
    last_synced: Option<Instant>,
) -> Provenance {
    let mut days: BTreeMap<crate::Day, bool> = BTreeMap::new();
    for slice in slices.filter(|slice| question.window.contains(slice.day)) {
        *days.entry(slice.day).or_default() |= slice.provisional;
    }
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    let (all, of_members) = interactions;
    Provenance {
        last_synced,
        coverage: ratio(of_members.or(all.map(|_| 0)), all),
        provisional_days: count(days.values().filter(|provisional| **provisional).count()),
        missing_days: question.window.len().saturating_sub(count(days.len())),
    }
}
