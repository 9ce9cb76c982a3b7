//! Costs of people and teams, and how much of it few people make.

use super::Material;
use super::spenders::TeamSpent;
use crate::metrics::{People, ratio};
use crate::money::group;
use crate::report::{Amount, Bar, Bars, Cell, Chart, Column, Figure, Question, ReportName, Section, Table};
use crate::reports::people::few;
use crate::{SubjectId, ToolId};
use std::cmp::Reverse;

/// A person with what they spent.
struct Spender<'m> {
    subject: SubjectId,
    tools: Vec<(&'m ToolId, i64)>,
    value: i64,
}

/// Everybody who spent anything, who spent most first.
fn spenders<'m>(material: &'m Material<'_>) -> Vec<Spender<'m>> {
    let spender = |(subject, tools): (SubjectId, Vec<(&'m ToolId, i64)>)| {
        let value = tools.iter().fold(0i64, |sum, (_, value)| sum.saturating_add(*value));
        Spender { subject, tools, value }
    };
    let mut all: Vec<Spender<'m>> = material.spenders.people().into_iter().map(spender).collect();
    all.retain(|one| one.value != 0);
    all.sort_by_key(|one| (Reverse(one.value), one.subject));
    all
}

fn total_of(spenders: &[Spender<'_>]) -> i64 {
    spenders.iter().fold(0, |sum, one| sum.saturating_add(one.value))
}

/// The share of cost by the top 10 % of people.
pub(super) fn concentration(question: &Question, material: &Material<'_>) -> Figure {
    let all = spenders(material);
    let top = &all[..all.len().div_ceil(10)];
    let mut people = People::default();
    for one in top {
        people.insert(one.subject);
    }
    let hidden = few(&question.audience, material.directory, &people);
    let share = if all.is_empty() || hidden { None } else { ratio(Some(total_of(top)), Some(total_of(&all))) };
    Figure {
        id: "concentration".into(),
        label: "Share of the top 10 %".into(),
        value: Amount::share(share),
        before: Amount::Unknown,
        parts: Vec::new(),
        context: if hidden {
            format!("too few of {} people to be told without naming them", group(all.len()))
        } else {
            format!("top {} of {} people", group(top.len()), group(all.len()))
        },
        formula: "Metered value of the tenth of people who spent most, rounded up / metered value of everybody it is attributed \
                  to. Unmatched identities count as people."
            .into(),
        provisional: false,
        spark: Vec::new(),
    }
}

/// What no usage row attributes to anybody: bills may know more than reports about people do.
fn unattributed(question: &Question, material: &Material<'_>, attributed: i64) -> Option<i64> {
    material.value_of_all(question.window).map(|all| all.saturating_sub(attributed)).filter(|rest| *rest != 0)
}

/// The table of people by cost.
pub(super) fn people(question: &Question, material: &Material<'_>) -> Section {
    let columns = vec![
        Column::text("name", "Name"),
        Column::text("tools", "Tools"),
        Column::number("value", "Metered value (USD, API list-price equivalent)")
            .explained("Tokens and credits at the vendors' prices, as usage attributes them to people."),
        Column::number("share", "Share").explained("Of the metered value of everyone."),
    ];
    let all = spenders(material);
    let attributed = total_of(&all);
    let whole = material.value_of_all(question.window);
    let is_unmatched = |subject| material.directory.unmatched().contains(subject);
    let seen: Vec<&Spender<'_>> =
        all.iter().filter(|one| question.audience.sees(one.subject, is_unmatched(one.subject))).collect();
    let row = |one: &&Spender<'_>| {
        let name = material.names.get(&one.subject).cloned().unwrap_or_else(|| format!("Person {}", one.subject.0));
        let tools: Vec<String> = one.tools.iter().map(|(tool, _)| material.name_of(tool)).collect();
        vec![
            if is_unmatched(one.subject) { Cell::text(name) } else { Cell::link(name, ReportName::Member(one.subject).page()) },
            Cell::text(tools.join(", ")),
            Cell::money(Some(one.value)),
            Cell::share(ratio(Some(one.value), whole)),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = seen.iter().map(row).collect();
    if let Some(rest) = unattributed(question, material, attributed) {
        let share = Cell::share(ratio(Some(rest), whole));
        rows.push(vec![Cell::text("Attributed to nobody"), Cell::Nothing, Cell::money(Some(rest)), share]);
    }
    let total = vec![Cell::text("Everyone"), Cell::Nothing, Cell::money(whole), Cell::share(ratio(whole, whole))];
    let table = Table { hidden_rows: all.len() - seen.len(), ..Table::new(columns, rows) };
    let table = if whole.is_some() { table.with_total(total) } else { table };
    Section::listed("people", "By person", "Metered value of each person, and what the vendors attribute to nobody.", table)
        .widened()
        .or_else_saying("No cost in this window belongs to anybody you may see.")
}

/// A line of the table of teams.
struct Line {
    names: Vec<String>,
    people: People,
    value: i64,
}

impl Line {
    fn of(name: String, spent: &TeamSpent) -> Option<Self> {
        spent.value.map(|value| Self { names: vec![name], people: spent.people.clone(), value })
    }

    fn join(&mut self, other: Self) {
        self.names.extend(other.names);
        self.people.extend(&other.people);
        self.value = self.value.saturating_add(other.value);
    }
}

/// The teams' lines. Lines of too few people are put together until they give nobody away, by difference neither.
fn lines(question: &Question, material: &Material<'_>) -> Vec<Line> {
    let name = |team: &i64| material.team_names.get(team).cloned().unwrap_or_else(|| format!("Team {team}"));
    let spenders = &material.spenders;
    let teams = spenders.teams.iter().filter_map(|(team, spent)| Line::of(name(team), spent));
    let apart = [("In no team", &spenders.no_team), ("Unmatched identities", &spenders.unmatched)];
    let apart = apart.into_iter().filter_map(|(name, spent)| Line::of(name.to_owned(), spent));
    let is_few = |line: &Line| few(&question.audience, material.directory, &line.people);
    let (mut small, mut large): (Vec<Line>, Vec<Line>) = teams.chain(apart).partition(is_few);
    large.sort_by_key(|line| Reverse(line.people.count()));
    if !small.is_empty() {
        let mut joined = small.remove(0);
        for line in small {
            joined.join(line);
        }
        while is_few(&joined) {
            let Some(next) = large.pop() else { return Vec::new() };
            joined.join(next);
        }
        large.push(joined);
    }
    large.sort_by_key(|line| Reverse(line.value));
    large
}

/// The costs of teams.
pub(super) fn teams(question: &Question, material: &Material<'_>) -> Section {
    let whole = material.value_of_all(question.window);
    let lines = lines(question, material);
    let columns = vec![
        Column::text("team", "Team"),
        Column::number("people", "People").explained("Distinct people with any cost while they were in the team."),
        Column::number("value", "Metered value (USD, API list-price equivalent)"),
        Column::number("share", "Share").explained("Of the metered value of everyone. Who is in two teams is in both."),
        Column::number("each", "Value per person (USD)"),
    ];
    let row = |line: &Line| {
        vec![
            Cell::text(line.names.join(", ")),
            Cell::Count(line.people.count()),
            Cell::money(Some(line.value)),
            Cell::share(ratio(Some(line.value), whole)),
            Cell::money(super::figures::each(Some(line.value), line.people.count())),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = lines.iter().map(row).collect();
    let all = spenders(material);
    if let Some(rest) = unattributed(question, material, total_of(&all)).filter(|_| !lines.is_empty()) {
        let share = Cell::share(ratio(Some(rest), whole));
        rows.push(vec![Cell::text("Attributed to nobody"), Cell::Nothing, Cell::money(Some(rest)), share, Cell::Nothing]);
    }
    let bar = |line: &Line| Bar {
        label: line.names.join(", "),
        colour: 0,
        value: Amount::money(Some(line.value)),
        share: ratio(Some(line.value), whole),
        context: format!("{} people", group(line.people.count())),
    };
    let bars = Bars { of: "Team".into(), measure: "Metered value (USD)".into(), bars: lines.iter().map(bar).collect() };
    let mut table = Table::new(columns, rows);
    if whole.is_some() && !lines.is_empty() {
        let people = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let each = Cell::money(super::figures::each(whole, people));
        table = table.with_total(vec![
            Cell::text("Everyone, once"),
            Cell::Count(people),
            Cell::money(whole),
            Cell::share(ratio(whole, whole)),
            each,
        ]);
    }
    Section {
        chart: Some(Chart::Bars(bars)),
        ..Section::listed(
            "teams",
            "By team",
            "As the teams were on each day. Who is in two teams counts in both, and once in the total.",
            table,
        )
    }
    .or_else_saying("No team has costs in this window that could be told without naming anybody.")
}
