//! The table of everybody, with the sums of everyone under it.

use super::Material;
use super::figures::cohort_name;
use crate::measure::plus;
use crate::metrics::{Cohort, acceptance, cohort};
use crate::report::{Cell, Column, Question, ReportName, Section, Table};
use crate::reports::people::{PersonSum, Rule, metered, output_columns};
use crate::{Day, Measure, Measures, SubjectId, ToolProfile};
use std::cmp::Reverse;
use std::collections::HashMap;

/// One row, before it is written.
pub(crate) struct Person<'a> {
    subject: SubjectId,
    pub(super) unmatched: bool,
    pub(super) active_days: u32,
    last_active: Option<Day>,
    spark: &'a [Option<f64>],
    sums: Vec<&'a PersonSum>,
}

impl Person<'_> {
    pub(super) fn cohort(&self, question: &Question) -> Cohort {
        cohort(self.active_days, question.window.workdays())
    }

    fn total(&self, measure: Measure) -> Option<i64> {
        self.sums.iter().fold(None, |sum, of_tool| plus(sum, of_tool.measures[measure]))
    }
}

/// Everybody with usage and every other member, the most active first.
pub(super) fn everyone<'a>(material: &'a Material<'_>) -> Vec<Person<'a>> {
    let directory = material.directory;
    let mut sums: HashMap<SubjectId, Vec<&PersonSum>> = HashMap::with_capacity(material.members.len());
    for sum in &material.sums {
        sums.entry(directory.subject(sum.identity)).or_default().push(sum);
    }
    let mut people: Vec<Person<'a>> = Vec::with_capacity(material.members.len());
    for present in material.presence.people() {
        let (subject, active_days, last_active) = (present.subject, present.active_days, present.last_active);
        let (unmatched, sums) = (directory.unmatched().contains(subject), sums.remove(&subject).unwrap_or_default());
        people.push(Person { subject, unmatched, active_days, last_active, spark: present.spark, sums });
    }
    let mut seen = crate::metrics::People::default();
    for person in &people {
        seen.insert(person.subject);
    }
    let absent = material.members.iter().filter(|member| !seen.contains(**member));
    people.extend(absent.map(|&subject| Person {
        subject,
        unmatched: false,
        active_days: 0,
        last_active: None,
        spark: material.presence.blank(),
        sums: Vec::new(),
    }));
    people.sort_by_cached_key(|person| (Reverse((person.total(Measure::Interactions), person.active_days)), person.subject));
    people
}

pub(super) fn section(question: &Question, material: &Material<'_>, everyone: &[Person<'_>]) -> Section {
    let all = totals(material);
    let rules: Vec<Rule<'_>> = material
        .profiles
        .iter()
        .flat_map(|profile| profile.acceptance.iter().map(move |rule| (profile, rule)))
        .filter(|(profile, rule)| all.iter().any(|(tool, sums)| *tool == profile.id && sums.sum(rule.offered).is_some()))
        .collect();
    let shown = everyone.iter().filter(|person| question.audience.sees(person.subject, person.unmatched));
    let mut rows: Vec<Vec<Cell>> = shown.map(|person| row(question, material, &rules, person)).collect();
    let hidden_rows = everyone.len() - rows.len();
    rows.extend(of_nobody(material, &rules));
    let table = Table { hidden_rows, ..Table::new(columns(material, &rules), rows) };
    Section::listed(
        "members",
        "Members",
        "Everyone with usage in the window and every other member; identities that match no member are rows of their own.",
        table.with_total(sums_row("Everyone", &all, &rules)),
    )
    .widened()
    .or_else_saying("There are no members yet: they come with the first sync, or from a file.")
}

fn columns(material: &Material<'_>, rules: &[Rule<'_>]) -> Vec<Column> {
    let mut columns = vec![
        Column::text("name", "Name"),
        Column::text("tools", "Tools"),
        Column::text("teams", "Teams").explained("Teams they were in on any day of the window."),
        Column::text("cohort", "Use").explained("Active days by working days of the window: light up to 25 %, moderate up to 60 %, heavy above."),
        Column::text("last_active", "Last active"),
        Column::number("active_days", "Active days").explained("Distinct days with activity in at least one tool, by each tool's own rule."),
        Column::number("active_hours", "Active hours").explained("Distinct clock hours with an event, added up over the days, from sources that give the time of day. Nothing where a vendor gives days only."),
        Column::number("interactions", "Interactions").explained("Explicit use of all tools added up, although their units differ."),
    ];
    columns.extend(output_columns(rules));
    columns.push(Column::text("trend", format!("Interactions {}", material.presence.step_words())));
    columns
}

fn row(question: &Question, material: &Material<'_>, rules: &[Rule<'_>], person: &Person<'_>) -> Vec<Cell> {
    let name = material.names.get(&person.subject).map_or("", String::as_str);
    let used = |profile: &&ToolProfile| person.sums.iter().any(|sum| sum.tool.as_str() == profile.id && sum.active_days > 0);
    let tools: Vec<&str> = material.profiles.iter().filter(used).map(|profile| profile.name).collect();
    let knows = material.presence.knows_activity();
    let mut cells = vec![
        match (person.unmatched, name) {
            (true, _) => Cell::text(format!("{name} (no member)")),
            (false, "") => Cell::link(format!("Member {}", person.subject.0), ReportName::Member(person.subject).page()),
            (false, _) => Cell::link(name, ReportName::Member(person.subject).page()),
        },
        Cell::text(tools.join(", ")),
        material.teams.get(&person.subject).map_or(Cell::Nothing, |teams| Cell::text(teams.join(", "))),
        if knows { Cell::text(cohort_name(person.cohort(question))) } else { Cell::Nothing },
        Cell::day(person.last_active),
        if knows { Cell::Count(person.active_days.into()) } else { Cell::Nothing },
        Cell::count(material.hours.get(&person.subject).map(|hours| i64::from(*hours))),
        Cell::count(person.total(Measure::Interactions)),
    ];
    cells.extend(rules.iter().map(|(profile, rule)| {
        let mut sums = Measures::default();
        person.sums.iter().filter(|sum| sum.tool.as_str() == profile.id).for_each(|sum| sums.add(&sum.measures));
        Cell::share(acceptance(rule, &sums))
    }));
    let value = person.sums.iter().fold(None, |value, sum| plus(value, metered(&sum.measures)));
    cells.extend([
        Cell::count(person.total(Measure::LinesAdded)),
        Cell::count(person.total(Measure::LinesRemoved)),
        Cell::money(value),
        Cell::Spark(person.spark.to_vec()),
    ]);
    cells
}

/// Sums by tool, in the order of the profiles.
type Totals = Vec<(&'static str, Measures)>;

fn by_tool<'s>(profiles: &[ToolProfile], sums: impl Iterator<Item = &'s PersonSum>) -> Totals {
    let mut totals: Totals = profiles.iter().map(|profile| (profile.id, Measures::default())).collect();
    for sum in sums {
        if let Some((_, total)) = totals.iter_mut().find(|(tool, _)| *tool == sum.tool.as_str()) {
            total.add(&sum.measures);
        }
    }
    totals
}

fn totals(material: &Material<'_>) -> Totals {
    by_tool(material.profiles, material.sums.iter().chain(&material.of_nobody))
}

/// What vendors count without naming anybody: without this line the rows would not add up to the total.
fn of_nobody(material: &Material<'_>, rules: &[Rule<'_>]) -> Option<Vec<Cell>> {
    let sums = by_tool(material.profiles, material.of_nobody.iter());
    let says = sums.iter().any(|(_, sums)| !sums.is_silent());
    says.then(|| sums_row("Whole organization (nobody named)", &sums, rules))
}

fn sums_row(name: &str, totals: &Totals, rules: &[Rule<'_>]) -> Vec<Cell> {
    let total = |measure| totals.iter().fold(None, |sum, (_, sums)| plus(sum, sums[measure]));
    let mut cells = vec![Cell::text(name)];
    cells.extend(std::iter::repeat_n(Cell::Nothing, 6));
    cells.push(Cell::count(total(Measure::Interactions)));
    cells.extend(rules.iter().map(|(profile, rule)| {
        let sums = totals.iter().find(|(tool, _)| *tool == profile.id);
        Cell::share(sums.and_then(|(_, sums)| acceptance(rule, sums)))
    }));
    cells.extend([
        Cell::count(total(Measure::LinesAdded)),
        Cell::count(total(Measure::LinesRemoved)),
        Cell::money(totals.iter().fold(None, |value, (_, sums)| plus(value, metered(sums)))),
        Cell::Nothing,
    ]);
    cells
}
