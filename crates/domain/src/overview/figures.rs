//! The figures at the head of the Overview.

use super::gather::{Gathered, ToolSum, rule_label};
use super::{CostSum, Material, adoption};
use crate::measure::plus;
use crate::metrics::{People, acceptance, ratio};
use crate::money::group;
use crate::report::{Amount, Figure, Part, Question};
use crate::{Day, Measure, Measures, Money, ToolId, Window};

pub(crate) fn all(question: &Question, material: &Material<'_>, gathered: &Gathered<'_>) -> Vec<Figure> {
    let window = question.window;
    let mut figures = vec![active_members(window, gathered)];
    figures.extend(seat_adoption(question, material, gathered));
    figures.push(adoption::stickiness(window, gathered));
    figures.push(adoption::agent_adoption(gathered));
    figures.push(sum_figure(window, gathered, &INTERACTIONS));
    figures.extend(acceptance_rates(window, gathered));
    figures.push(sum_figure(window, gathered, &LINES_ADDED));
    figures.push(sum_figure(window, gathered, &LINES_REMOVED));
    figures.push(sum_figure(window, gathered, &TOKENS));
    figures.push(metered(question, material, gathered, &METERED_VALUE));
    figures.push(metered(question, material, gathered, &METERED_CHARGED));
    figures.push(seat_fees(question, material));
    figures
}

pub(crate) fn any_provisional(gathered: &Gathered<'_>) -> bool {
    gathered.tools.iter().flat_map(|tool| tool.days.values()).any(|day| day.provisional)
}

/// Adds up days over the tools; a day without data from any tool stays unknown.
#[expect(clippy::cast_precision_loss, reason = "a spark line to look at")]
fn spark(window: Window, gathered: &Gathered<'_>, measures: &[Measure]) -> Vec<Option<f64>> {
    let at = |day: Day| {
        let days = gathered.tools.iter().filter_map(|tool| tool.days.get(&day));
        days.fold(None, |sum, known| plus(sum, known.sums.sum(measures))).map(|v| v as f64)
    };
    window.days().map(at).collect()
}

pub(crate) fn active_members(window: Window, gathered: &Gathered<'_>) -> Figure {
    let now = gathered.distinct(|tool| &tool.active);
    let before = gathered.distinct(|tool| &tool.active_before);
    let known = gathered.tools.iter().any(|tool| tool.has_data(window));
    let known_before = gathered.tools.iter().any(|tool| !tool.before.is_silent());
    let unmatched = now.count_within(gathered.directory.unmatched());
    let parts = gathered.tools.iter().filter(|tool| tool.has_data(window)).map(|tool| Part {
        tool: ToolId::new(tool.profile.id),
        label: tool.profile.name.to_owned(),
        value: Amount::Count(gathered.members_in(&tool.active)),
        share: None,
    });
    Figure {
        id: "active_members".into(),
        label: "Active members".into(),
        value: Amount::count(known.then(|| gathered.members_in(&now))),
        before: Amount::count(known_before.then(|| gathered.members_in(&before))),
        parts: parts.collect(),
        context: match unmatched {
            0 => String::new(),
            1 => "and 1 active identity that matches no member".to_owned(),
            many => format!("and {} active identities that match no member", group(many)),
        },
        formula:
            "Distinct members active with at least one tool, counted over the window. A member who uses two tools counts once."
                .into(),
        provisional: any_provisional(gathered),
        spark: daily_actives(window, gathered),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a spark line to look at")]
fn daily_actives(window: Window, gathered: &Gathered<'_>) -> Vec<Option<f64>> {
    let at = |day: Day| {
        let mut who = People::default();
        let known: Vec<_> = gathered.tools.iter().filter_map(|tool| tool.days.get(&day)).collect();
        for day in &known {
            who.extend(&day.active);
        }
        known.iter().any(|day| day.knows_activity).then(|| gathered.members_in(&who) as f64)
    };
    window.days().map(at).collect()
}

/// One figure per tool that has seats: active in the last seven days of the window by seats held.
pub(crate) fn seat_adoption(question: &Question, material: &Material<'_>, gathered: &Gathered<'_>) -> Vec<Figure> {
    let mut figures = Vec::new();
    for seats in material.seats.iter().filter(|seats| question.asks_for(&seats.tool)) {
        let Some(tool) = gathered.tools.iter().find(|tool| tool.profile.id == seats.tool.as_str()) else { continue };
        let week = tool.active_week.count();
        let week_before = tool.active_week_before.count();
        figures.push(Figure {
            id: format!("seat_adoption_{}", seats.tool),
            label: format!("{} seats in use", tool.profile.name),
            value: Amount::share(ratio(Some(week), Some(seats.seats))),
            before: if tool.before.is_silent() { Amount::Unknown } else { Amount::share(ratio(Some(week_before), Some(seats.seats))) },
            parts: Vec::new(),
            context: format!("{} active in 7 days of {} seats", group(week), group(seats.seats)),
            formula: "Distinct people active with the tool in the last 7 days of the window, by the seats at the newest snapshot. The week before is held against the same seats.".into(),
            provisional: any_provisional(gathered),
            spark: Vec::new(),
        });
    }
    figures
}

/// A figure that is a sum of measures.
pub(crate) struct SumRule {
    pub(crate) id: &'static str,
    pub(crate) label: &'static str,
    pub(crate) measures: &'static [Measure],
    pub(crate) formula: &'static str,
}

pub(crate) const INTERACTIONS: SumRule = SumRule {
    id: "interactions",
    label: "Interactions",
    measures: &[Measure::Interactions],
    formula: "Explicit use, added over the tools although their units differ:",
};
pub(crate) const LINES_ADDED: SumRule = SumRule {
    id: "lines_added",
    label: "Lines added",
    measures: &[Measure::LinesAdded],
    formula: "Lines a tool wrote and the person kept, as each vendor counts them.",
};
pub(crate) const LINES_REMOVED: SumRule = SumRule {
    id: "lines_removed",
    label: "Lines removed",
    measures: &[Measure::LinesRemoved],
    formula: "Lines a tool removed, as each vendor counts them.",
};
pub(crate) const TOKENS: SumRule = SumRule {
    id: "tokens",
    label: "Tokens",
    measures: &[Measure::TokensInput, Measure::TokensOutput, Measure::TokensCacheRead, Measure::TokensCacheWrite],
    formula: "Input (uncached) + output + cache read + cache write, where a vendor tells them; each tool's page shows the kinds apart.",
};

pub(crate) fn sum_figure(window: Window, gathered: &Gathered<'_>, rule: &SumRule) -> Figure {
    let total = |sums: for<'s, 't> fn(&'s ToolSum<'t>) -> &'s Measures| {
        gathered.tools.iter().fold(None, |sum, tool| plus(sum, sums(tool).sum(rule.measures)))
    };
    let (now, before) = (total(|tool| &tool.now), total(|tool| &tool.before));
    let mut formula = rule.formula.to_owned();
    if rule.id == INTERACTIONS.id {
        let tools: Vec<String> = gathered
            .tools
            .iter()
            .map(|t| format!("{}: {}", t.profile.name, t.profile.interaction_formula.trim_end_matches('.')))
            .collect();
        formula = format!("{formula} {}.", tools.join("; "));
    }
    let parts = gathered.tools.iter().filter(|tool| tool.has_data(window)).map(|tool| Part {
        tool: ToolId::new(tool.profile.id),
        label: tool.profile.name.to_owned(),
        value: Amount::count(tool.now.sum(rule.measures)),
        share: ratio(tool.now.sum(rule.measures), now),
    });
    Figure {
        id: rule.id.into(),
        label: rule.label.into(),
        value: Amount::count(now),
        before: Amount::count(before),
        parts: parts.collect(),
        context: String::new(),
        formula,
        provisional: any_provisional(gathered),
        spark: spark(window, gathered, rule.measures),
    }
}

pub(crate) fn acceptance_rates(window: Window, gathered: &Gathered<'_>) -> Vec<Figure> {
    let mut figures = Vec::new();
    for tool in &gathered.tools {
        for rule in tool.profile.acceptance {
            let offered = tool.now.sum(rule.offered);
            if offered.is_none() {
                continue;
            }
            let daily = |day| tool.days.get(&day).and_then(|known| acceptance(rule, &known.sums));
            figures.push(Figure {
                id: format!("acceptance_{}_{}", tool.profile.id, rule.id),
                label: format!("Acceptance, {}", rule_label(tool.profile, rule.label)),
                value: Amount::share(acceptance(rule, &tool.now)),
                before: Amount::share(acceptance(rule, &tool.before)),
                parts: Vec::new(),
                context: format!("of {} offered", group(offered.unwrap_or(0))),
                formula: rule.formula.into(),
                provisional: tool.days.values().any(|day| day.provisional),
                spark: window.days().map(daily).collect(),
            });
        }
    }
    figures
}

pub(crate) struct MeteredRule {
    id: &'static str,
    label: &'static str,
    measure: Measure,
    billing: fn(&CostSum) -> Option<i64>,
    formula: &'static str,
}

pub(crate) const METERED_VALUE: MeteredRule = MeteredRule {
    id: "metered_value",
    label: "Metered use, at vendor prices",
    measure: Measure::Cost,
    billing: |cost| Some(cost.gross.0),
    formula: "Value of tokens and credits at each vendor's prices, whether a subscription includes them or not. From the billing API where there is one, else from usage; never both.",
};
pub(crate) const METERED_CHARGED: MeteredRule = MeteredRule {
    id: "metered_charged",
    label: "Metered use, charged",
    measure: Measure::Billed,
    billing: |cost| cost.net.map(|net| net.0),
    formula: "The part of the metered value that is charged on top of subscriptions.",
};

pub(crate) fn metered(question: &Question, material: &Material<'_>, gathered: &Gathered<'_>, rule: &MeteredRule) -> Figure {
    let billing = |costs: &[CostSum], tool: &str| {
        costs.iter().filter(|cost| cost.tool.as_str() == tool).fold(None, |sum, cost| plus(sum, (rule.billing)(cost)))
    };
    let of_tool = |tool: &ToolSum<'_>| plus(tool.now[rule.measure], billing(&material.costs, tool.profile.id));
    let now = gathered.tools.iter().fold(None, |sum, tool| plus(sum, of_tool(tool)));
    let before = gathered
        .tools
        .iter()
        .fold(None, |sum, tool| plus(sum, plus(tool.before[rule.measure], billing(&material.costs_before, tool.profile.id))));
    let parts = gathered.tools.iter().filter(|tool| tool.has_data(question.window)).map(|tool| Part {
        tool: ToolId::new(tool.profile.id),
        label: tool.profile.name.to_owned(),
        value: Amount::money(of_tool(tool)),
        share: ratio(of_tool(tool), now),
    });
    Figure {
        id: rule.id.into(),
        label: rule.label.into(),
        value: Amount::money(now),
        before: Amount::money(before),
        parts: parts.collect(),
        context: String::new(),
        formula: rule.formula.into(),
        provisional: any_provisional(gathered),
        spark: Vec::new(),
    }
}

pub(crate) fn seat_fees(question: &Question, material: &Material<'_>) -> Figure {
    let seats: Vec<_> = material.seats.iter().filter(|seats| question.asks_for(&seats.tool)).collect();
    let name = |id: &ToolId| {
        material.profiles.iter().find(|p| p.id == id.as_str()).map_or_else(|| id.to_string(), |p| p.name.to_owned())
    };
    let total = seats.iter().fold(None, |sum, seats| plus(sum, seats.monthly_price.map(|Money(price)| price)));
    Figure {
        id: "seat_fees".into(),
        label: "Seat fees per month".into(),
        value: Amount::money(total),
        before: Amount::Unknown,
        parts: seats
            .iter()
            .map(|seats| Part {
                tool: seats.tool.clone(),
                label: name(&seats.tool),
                value: Amount::money(seats.monthly_price.map(|price| price.0)),
                share: None,
            })
            .collect(),
        context: "at list price, beside metered use, not added to it".into(),
        formula: "Seats at the newest snapshot times the published list price of their plan. A plan without a published price is left out.".into(),
        provisional: false,
        spark: Vec::new(),
    }
}
