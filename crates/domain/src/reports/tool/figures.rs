//! A tool's figures: the Overview's, of this tool alone, and those that only some vendors tell.

use super::cohorts::Cohorts;
use super::{PartSum, ToolMaterial};
use crate::metrics::ratio;
use crate::money::group;
use crate::overview::adoption::{agent_adoption, stickiness};
use crate::overview::figures::{
    INTERACTIONS, LINES_ADDED, LINES_REMOVED, METERED_CHARGED, METERED_VALUE, SumRule, TOKENS, acceptance_rates, active_members,
    any_provisional, metered, seat_adoption, seat_fees, sum_figure,
};
use crate::overview::gather::Gathered;
use crate::report::{Amount, Figure, Group, Question};
use crate::{Dimension, Measure, Measures};

const fn rule(id: &'static str, label: &'static str, measures: &'static [Measure], formula: &'static str) -> SumRule {
    SumRule { id, label, measures, formula }
}

const USE: &[SumRule] = &[
    rule("prompts", "Prompts", &[Measure::Prompts], "Prompts that a person sent."),
    rule("requests", "Requests", &[Measure::Requests], "Requests to a model, automatic follow-ups among them."),
    rule("sessions", "Sessions", &[Measure::Sessions], "Distinct sessions or conversations, where the vendor counts them."),
];

const OUTPUT: &[SumRule] = &[
    rule("commits", "Commits", &[Measure::Commits], "Commits made through the tool."),
    rule("pull_requests", "Pull requests", &[Measure::PullRequests], "Pull requests opened through the tool."),
];

const KINDS: &[SumRule] = &[
    rule("tokens_input", "Input tokens", &[Measure::TokensInput], "Input tokens, without what came from a cache where told."),
    rule("tokens_output", "Output tokens", &[Measure::TokensOutput], "Tokens that models wrote."),
    rule("tokens_cache_read", "Cache-read tokens", &[Measure::TokensCacheRead], "Input tokens read from a cache."),
    rule("tokens_cache_write", "Cache-write tokens", &[Measure::TokensCacheWrite], "Input tokens written to a cache."),
];

pub(super) fn groups(question: &Question, material: &ToolMaterial<'_>, gathered: &Gathered<'_>) -> Vec<Group> {
    let (window, usage) = (question.window, &material.usage);
    let sums = |rules: &[SumRule]| rules.iter().map(|rule| sum_figure(window, gathered, rule)).collect::<Vec<_>>();
    let mut adoption = vec![of_this_tool(material, active_members(window, gathered))];
    adoption.extend(seat_adoption(question, usage, gathered));
    adoption.extend([stickiness(window, gathered), agent_adoption(gathered)]);
    adoption.push(Cohorts::of(window, material, gathered).figure(gathered));
    let mut used = vec![interactions(question, material, gathered)];
    used.extend(sums(USE));
    let mut output = sums(&[LINES_ADDED, LINES_REMOVED]);
    output.push(agent_contribution(material, gathered));
    output.extend(sums(OUTPUT));
    let mut cost = sums(KINDS);
    cost.push(sum_figure(window, gathered, &TOKENS));
    cost.push(credits(gathered));
    cost.extend([METERED_VALUE, METERED_CHARGED].map(|rule| metered(question, usage, gathered, &rule)));
    cost.push(seat_fees(question, usage));
    let groups = [
        ("Adoption", adoption),
        ("Use", used),
        ("Acceptance", acceptance_rates(window, gathered)),
        ("Output", output),
        ("Tokens and cost", cost),
    ];
    groups.into_iter().filter_map(|(heading, figures)| group_of(heading, figures)).collect()
}

/// What the vendor tells neither now nor before is left out: it would stand for nothing but a gap in its interface. The
/// parts by tool are this one tool.
fn group_of(heading: &str, figures: Vec<Figure>) -> Option<Group> {
    let is_told = |figure: &Figure| figure.value != Amount::Unknown || figure.before != Amount::Unknown;
    let figures: Vec<Figure> = figures.into_iter().filter(is_told).map(|figure| Figure { parts: Vec::new(), ..figure }).collect();
    (!figures.is_empty()).then(|| Group { heading: heading.to_owned(), figures })
}

fn of_this_tool(material: &ToolMaterial<'_>, figure: Figure) -> Figure {
    let profile = material.profile;
    let formula = format!(
        "Distinct members active with {}, counted over the window. Active: {}",
        profile.name,
        profile.active_formula.trim_end_matches('.')
    );
    Figure { formula: format!("{formula}."), ..figure }
}

fn interactions(question: &Question, material: &ToolMaterial<'_>, gathered: &Gathered<'_>) -> Figure {
    let profile = material.profile;
    let figure = sum_figure(question.window, gathered, &INTERACTIONS);
    Figure { context: profile.interaction_unit.to_owned(), formula: profile.interaction_formula.to_owned(), ..figure }
}

/// METRICS: lines by agents / all lines of that tool, where the vendor tells agents' lines apart.
fn agent_contribution(material: &ToolMaterial<'_>, gathered: &Gathered<'_>) -> Figure {
    let words = material.profile.agent_features;
    let tool = gathered.tools.first();
    let by_agents = |parts: &[PartSum]| {
        let of_agents = parts.iter().filter(|part| part.dimension == Dimension::Feature && words.contains(&&*part.value));
        of_agents.fold(0, |sum, part| sum + part.measures[Measure::LinesAdded].unwrap_or(0))
    };
    let all = |sums: fn(&crate::overview::gather::ToolSum<'_>) -> Measures| tool.map(sums).and_then(|m| m[Measure::LinesAdded]);
    let parts = &material.parts;
    let is_told = |parts: &[PartSum]| !words.is_empty() && parts.iter().any(|part| part.dimension == Dimension::Feature);
    let share = |parts: &[PartSum], all| if is_told(parts) { ratio(Some(by_agents(parts)), all) } else { None };
    let now = all(|tool| tool.now);
    Figure {
        id: "agent_contribution".into(),
        label: "Agent contribution".into(),
        value: Amount::share(share(parts, now)),
        before: Amount::share(share(&material.features_before, all(|tool| tool.before))),
        parts: Vec::new(),
        context: now.map(|lines| format!("of {} lines added", group(lines))).unwrap_or_default(),
        formula: format!("Lines added by agents ({}) by all lines added with the tool.", words.join(", ")),
        provisional: any_provisional(gathered),
        spark: Vec::new(),
    }
}

/// The vendor's own credits, whole ones.
fn credits(gathered: &Gathered<'_>) -> Figure {
    let whole =
        |sums: Option<Measures>| sums.and_then(|sums| sums[Measure::Credits]).map(|micros| (micros + 500_000) / 1_000_000);
    let tool = gathered.tools.first();
    Figure {
        id: "credits".into(),
        label: "Credits used".into(),
        value: Amount::count(whole(tool.map(|tool| tool.now))),
        before: Amount::count(whole(tool.map(|tool| tool.before))),
        parts: Vec::new(),
        context: "as the usage report tells them, not the bill".into(),
        formula: "The vendor's own credits that people's use came to, in whole credits. The bill is counted by itself.".into(),
        provisional: any_provisional(gathered),
        spark: Vec::new(),
    }
}
