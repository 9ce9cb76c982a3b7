//! A line for each team, those for who is in none, and the sum of everyone, each person once.

use super::Material;
use super::gather::{Done, Whose};
use crate::measure::plus;
use crate::metrics::{People, acceptance};
use crate::report::{Audience, Cell, Column, Question, ReportName, Section, Table};
use crate::reports::people::{Rule, few, metered, output_columns, withheld_groups};
use crate::{Directory, Measure};
use std::cmp::Reverse;

/// A line of the table.
pub(super) struct Line<'a> {
    pub(super) whose: Whose,
    pub(super) name: String,
    pub(super) done: &'a Done,
    pub(super) active: People,
    /// Covers too few people for whoever asks.
    pub(super) withheld: bool,
}

/// Every line, teams with the most active members first.
pub(super) fn all<'a>(question: &Question, material: &'a Material<'_>) -> Vec<Line<'a>> {
    let line = |(whose, done): (Whose, &'a Done)| {
        let name = match whose {
            Whose::Team(team) => material.names.get(&team).cloned().unwrap_or_else(|| format!("Team {team}")),
            Whose::NoTeam => "No team".to_owned(),
            Whose::Unmatched => "Identities without a member".to_owned(),
            Whose::Nobody => "Whole organization (nobody named)".to_owned(),
        };
        Line { whose, name, done, active: done.active(), withheld: false }
    };
    let mut lines: Vec<Line<'a>> = material.tally.groups().map(line).collect();
    let rank = |whose: Whose| if matches!(whose, Whose::Team(_)) { None } else { Some(whose) };
    lines.sort_by_cached_key(|line| (rank(line.whose), Reverse(line.active.count()), line.name.to_lowercase(), line.whose));
    withhold(&question.audience, material.directory, &mut lines);
    lines
}

fn withhold(audience: &Audience, directory: &Directory, lines: &mut [Line<'_>]) {
    let groups: Vec<&People> = lines.iter().map(|line| &line.active).collect();
    let hidden = withheld_groups(audience, directory, &groups);
    lines.iter_mut().zip(hidden).for_each(|(line, hidden)| line.withheld = hidden);
}

pub(super) fn section(question: &Question, material: &Material<'_>, lines: &[Line<'_>]) -> Section {
    let everyone = &material.tally.everyone;
    let says = |(profile, rule): &Rule<'_>| {
        everyone.tools.iter().any(|(tool, done)| tool.as_str() == profile.id && done.sums.sum(rule.offered).is_some())
    };
    let rules: Vec<Rule<'_>> = material
        .profiles
        .iter()
        .flat_map(|profile| profile.acceptance.iter().map(move |rule| (profile, rule)))
        .filter(says)
        .collect();
    let rows = lines.iter().map(|line| row(question, material, &rules, line)).collect();
    let mut total = vec![Cell::text("Everyone"), Cell::Nothing];
    total.extend(numbers(question, material, &rules, everyone, &everyone.active()));
    let table = Table::new(columns(&rules), rows).with_total(total);
    Section::listed(
        "teams",
        "Teams",
        "What each person did counts for the teams they were in on that day. Everyone: each person once.",
        table,
    )
    .widened()
    .or_else_saying("No usage in this window.")
}

fn columns(rules: &[Rule<'_>]) -> Vec<Column> {
    let mut columns = vec![
        Column::text("name", "Team"),
        Column::number("members", "Members").explained("In the team on the last day of the window."),
        Column::number("active_members", "Active members")
            .explained("Distinct people active with any tool on a day they were in the team. Identities without a member are counted in their own line."),
        Column::number("in_several", "Also in other teams").explained("Active members who were in another team too on the same day."),
        Column::number("interactions", "Interactions").explained("Explicit use of all tools added up, although their units differ."),
    ];
    columns.extend(output_columns(rules));
    columns.push(Column::text("trend", "Active members over time"));
    columns
}

fn row(question: &Question, material: &Material<'_>, rules: &[Rule<'_>], line: &Line<'_>) -> Vec<Cell> {
    let mut cells = match line.whose {
        Whose::Team(team) => {
            let members = material.tally.members_on(team, question.window.to);
            vec![Cell::link(&line.name, ReportName::Team(team).page()), Cell::Count(members)]
        }
        _ => vec![Cell::text(&line.name), Cell::Nothing],
    };
    if line.withheld {
        cells.extend(std::iter::repeat_n(Cell::Nothing, 7 + rules.len()));
    } else {
        cells.extend(numbers(question, material, rules, line.done, &line.active));
    }
    cells
}

#[expect(clippy::cast_precision_loss, reason = "a spark line to look at")]
fn numbers(question: &Question, material: &Material<'_>, rules: &[Rule<'_>], done: &Done, active: &People) -> Vec<Cell> {
    let knows = material.tally.knows_activity();
    let mut cells = vec![
        if knows { Cell::Count(active.count()) } else { Cell::Nothing },
        if knows { Cell::Count(active.count_within(material.tally.in_several())) } else { Cell::Nothing },
        Cell::count(done.total(Measure::Interactions)),
    ];
    cells.extend(rules.iter().map(|(profile, rule)| {
        let tool = done.tools.iter().find(|(tool, _)| tool.as_str() == profile.id).map(|(_, tool)| tool);
        let given = tool.filter(|tool| !few(&question.audience, material.directory, &tool.active));
        Cell::share(given.and_then(|tool| acceptance(rule, &tool.sums)))
    }));
    cells.extend([
        Cell::count(done.total(Measure::LinesAdded)),
        Cell::count(done.total(Measure::LinesRemoved)),
        Cell::money(done.tools.values().fold(None, |value, tool| plus(value, metered(&tool.sums)))),
        Cell::Spark(done.steps.iter().map(|step| knows.then(|| step.active.count() as f64)).collect()),
    ]);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IdentityId, SubjectId};

    fn line(done: &Done, whose: Whose, ids: std::ops::Range<u32>) -> Line<'_> {
        let mut active = People::default();
        ids.for_each(|id| active.insert(SubjectId(id)));
        Line { whose, name: String::new(), done, active, withheld: false }
    }

    #[test]
    fn a_small_line_takes_the_next_smallest_with_it_so_that_subtraction_tells_nothing() {
        let directory = Directory::new((1..60).map(|id| (IdentityId(id + 100), Some(SubjectId(id)))));
        let done = Done::default();
        let lines = || {
            vec![
                line(&done, Whose::Team(1), 1..30),
                line(&done, Whose::Team(2), 30..38),
                line(&done, Whose::Team(3), 38..40),
                line(&done, Whose::Team(4), 40..40),
            ]
        };
        let withheld = |audience: &Audience, mut lines: Vec<Line<'_>>| {
            withhold(audience, &directory, &mut lines);
            lines.iter().map(|line| line.withheld).collect::<Vec<_>>()
        };
        assert_eq!(withheld(&Audience::Nobody, lines()), [false, true, true, false]);
        assert_eq!(withheld(&Audience::Everyone, lines()), [false; 4]);
        let enough =
            vec![line(&done, Whose::Team(1), 1..4), line(&done, Whose::Team(2), 4..8), line(&done, Whose::Team(3), 8..20)];
        assert_eq!(withheld(&Audience::Nobody, enough), [true, true, false], "seven together tell nothing of one");
    }
}
