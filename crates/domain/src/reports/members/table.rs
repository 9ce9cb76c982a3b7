//! The table of everybody, with the sums of everyone under it.

use super::Material;
use super::figures::cohort_name;
use crate::measure::plus;
use crate::metrics::{Cohort, People, acceptance, cohort};
use crate::report::{Arrangement, Cell, Column, Question, ReportName, Rows, Section, Table};
use crate::reports::people::{PersonSum, Rule, SumPlace, metered, output_columns};
use crate::{Day, Measure, Measures, SubjectId, ToolId, ToolProfile};
use std::cmp::Reverse;
use std::ops::Range;

/// Columns before the rates.
const FIXED: usize = 8;

/// The table's id.
const MEMBERS: &str = "members";

/// One row, before it is written.
pub(crate) struct Person {
    subject: SubjectId,
    pub(super) unmatched: bool,
    pub(super) active_days: u32,
    last_active: Option<Day>,
    /// Which of [`Everyone::places`] are theirs.
    sums: Range<usize>,
}

/// Everybody, the most active first.
pub(super) struct Everyone {
    pub(super) people: Vec<Person>,
    /// Where the sums are, person by person.
    places: Vec<(SubjectId, SumPlace)>,
}

impl Person {
    pub(super) fn cohort(&self, question: &Question) -> Cohort {
        cohort(self.active_days, question.window.workdays())
    }
}

impl Everyone {
    /// Everybody with usage and every other member.
    pub(super) fn of(material: &Material<'_>) -> Self {
        let mut everyone =
            Self { people: Vec::with_capacity(material.members.len()), places: material.sums.by_subject(material.directory) };
        let (mut seen, unmatched) = (People::default(), material.directory.unmatched());
        for present in material.presence.people() {
            let (subject, active_days, last_active) = (present.subject, present.active_days, present.last_active);
            seen.insert(subject);
            let (unmatched, sums) = (unmatched.contains(subject), everyone.sums_of(subject));
            everyone.people.push(Person { subject, unmatched, active_days, last_active, sums });
        }
        let absent = material.members.iter().filter(|member| !seen.contains(**member));
        everyone.people.extend(absent.map(|&subject| Person {
            subject,
            unmatched: false,
            active_days: 0,
            last_active: None,
            sums: 0..0,
        }));
        let Self { people, places } = &mut everyone;
        let interactions = |person: &Person| {
            let values = places[person.sums.clone()].iter().map(|(_, at)| material.sums.value(*at, Measure::Interactions));
            values.fold(None, plus)
        };
        people.sort_by_cached_key(|person| (Reverse((interactions(person), person.active_days)), person.subject));
        everyone
    }

    fn sums_of(&self, subject: SubjectId) -> Range<usize> {
        let from = self.places.partition_point(|(known, _)| *known < subject);
        from..from + self.places[from..].iter().take_while(|(known, _)| *known == subject).count()
    }
}

pub(super) fn section(question: &Question, material: &Material<'_>, everyone: &Everyone) -> Section {
    let all = totals(material);
    let rules: Vec<Rule<'_>> = material
        .profiles
        .iter()
        .flat_map(|profile| profile.acceptance.iter().map(move |rule| (profile, rule)))
        .filter(|(profile, rule)| all.iter().any(|(tool, sums)| *tool == profile.id && sums.sum(rule.offered).is_some()))
        .collect();
    let shown = everyone.people.iter().filter(|person| question.audience.sees(person.subject, person.unmatched));
    let shown: Vec<&Person> = shown.collect();
    let hidden_rows = everyone.people.len() - shown.len();
    let is_meant = |wanted: &&Arrangement| wanted.section.as_deref().is_none_or(|section| section == MEMBERS);
    let columns = columns(material, &rules);
    let total = sums_row("Everyone", &all, &rules);
    let of_nobody = of_nobody(material, &rules);
    let rows = Lines { question, material, everyone, rules, shown, of_nobody };
    let table = Table { hidden_rows, ..Table::made(columns, &rows, question.shown.as_ref().filter(is_meant)) };
    Section::listed(
        MEMBERS,
        "Members",
        "Everyone with usage in the window and every other member; identities that match no member are rows of their own.",
        table.with_total(total),
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
    columns.push(Column::text("trend", format!("Interactions {}", material.trends.step_words())));
    columns
}

/// The rows of those who are shown, and after them what vendors count without naming anybody.
struct Lines<'m, 'd> {
    question: &'m Question,
    material: &'m Material<'d>,
    everyone: &'m Everyone,
    rules: Vec<Rule<'m>>,
    shown: Vec<&'m Person>,
    of_nobody: Option<Vec<Cell>>,
}

impl Rows for Lines<'_, '_> {
    fn count(&self) -> usize {
        self.shown.len() + usize::from(self.of_nobody.is_some())
    }

    fn cells(&self, column: usize, rows: &[usize]) -> Vec<Cell> {
        let people: Vec<&Person> = rows.iter().filter_map(|row| self.shown.get(*row).copied()).collect();
        let mut cells = self.column(column, &people).into_iter();
        let mut of_nobody = self.of_nobody.iter().map(|cells| cells[column].clone());
        let mut cell = |row: usize| if row < self.shown.len() { cells.next() } else { of_nobody.next() };
        rows.iter().map(|row| cell(*row).unwrap_or(Cell::Nothing)).collect()
    }
}

impl Lines<'_, '_> {
    /// The cells of a column, in the order of [`columns`].
    fn column(&self, column: usize, people: &[&Person]) -> Vec<Cell> {
        let (material, knows) = (self.material, self.material.presence.knows_activity());
        let each = |cell: &dyn Fn(&Person) -> Cell| people.iter().map(|person| cell(person)).collect();
        match column {
            0 => each(&|person| self.name(person)),
            1 => each(&|person| self.tools(person)),
            2 => each(&|person| self.teams(person)),
            3 => each(&|person| if knows { Cell::text(cohort_name(person.cohort(self.question))) } else { Cell::Nothing }),
            4 => each(&|person| Cell::day(person.last_active)),
            5 => each(&|person| if knows { Cell::Count(person.active_days.into()) } else { Cell::Nothing }),
            6 => each(&|person| Cell::count(material.hours.get(&person.subject).map(|hours| i64::from(*hours)))),
            7 => each(&|person| Cell::count(self.total(person, Measure::Interactions))),
            _ => match self.rules.get(column - FIXED) {
                Some(rule) => each(&|person| self.rate(person, *rule)),
                None => self.output(column - FIXED - self.rules.len(), people),
            },
        }
    }

    /// The cells of a column after the rates.
    fn output(&self, column: usize, people: &[&Person]) -> Vec<Cell> {
        let each = |cell: &dyn Fn(&Person) -> Cell| people.iter().map(|person| cell(person)).collect();
        let metered = |value, sum: PersonSum| plus(value, metered(&sum.measures));
        match column {
            0 => each(&|person| Cell::count(self.total(person, Measure::LinesAdded))),
            1 => each(&|person| Cell::count(self.total(person, Measure::LinesRemoved))),
            2 => each(&|person| Cell::money(self.sums(person).fold(None, metered))),
            _ => {
                let subjects: Vec<SubjectId> = people.iter().map(|person| person.subject).collect();
                self.material.trends.draw(self.material.directory, &subjects).into_iter().map(Cell::Spark).collect()
            }
        }
    }

    fn sums(&self, person: &Person) -> impl Iterator<Item = PersonSum> + '_ {
        self.everyone.places[person.sums.clone()].iter().map(|(_, at)| self.material.sums.at(*at))
    }

    fn total(&self, person: &Person, measure: Measure) -> Option<i64> {
        let places = self.everyone.places[person.sums.clone()].iter();
        places.map(|(_, at)| self.material.sums.value(*at, measure)).fold(None, plus)
    }

    fn name(&self, person: &Person) -> Cell {
        let name = self.material.names.get(&person.subject).map_or("", String::as_str);
        match (person.unmatched, name) {
            (true, _) => Cell::text(format!("{name} (no member)")),
            (false, "") => Cell::link(format!("Member {}", person.subject.0), ReportName::Member(person.subject).page()),
            (false, _) => Cell::link(name, ReportName::Member(person.subject).page()),
        }
    }

    fn tools(&self, person: &Person) -> Cell {
        let used: Vec<PersonSum> = self.sums(person).filter(|sum| sum.active_days > 0).collect();
        let is_used = |profile: &&ToolProfile| used.iter().any(|sum| sum.tool.as_str() == profile.id);
        let tools: Vec<&str> = self.material.profiles.iter().filter(is_used).map(|profile| profile.name).collect();
        Cell::text(tools.join(", "))
    }

    fn teams(&self, person: &Person) -> Cell {
        let teams = self.material.teams.iter().filter(|(_, people)| people.contains(person.subject));
        let teams: Vec<&str> = teams.map(|(name, _)| name.as_str()).collect();
        if teams.is_empty() { Cell::Nothing } else { Cell::text(teams.join(", ")) }
    }

    fn rate(&self, person: &Person, (profile, rule): Rule<'_>) -> Cell {
        let mut sums = Measures::default();
        self.sums(person).filter(|sum| sum.tool.as_str() == profile.id).for_each(|sum| sums.add(&sum.measures));
        Cell::share(acceptance(rule, &sums))
    }
}

/// Sums by tool, in the order of the profiles.
type Totals = Vec<(&'static str, Measures)>;

fn totals(material: &Material<'_>) -> Totals {
    let sums = material.sums.totals();
    by_tool(material.profiles, sums.iter().map(|(tool, sums)| (tool, sums)))
}

/// What vendors count without naming anybody: without this line the rows would not add up to the total.
fn of_nobody(material: &Material<'_>, rules: &[Rule<'_>]) -> Option<Vec<Cell>> {
    let of_nobody = material.sums.of_nobody();
    let sums = by_tool(material.profiles, of_nobody.iter().map(|sum| (&sum.tool, &sum.measures)));
    let says = sums.iter().any(|(_, sums)| !sums.is_silent());
    says.then(|| sums_row("Whole organization (nobody named)", &sums, rules))
}

fn by_tool<'s>(profiles: &[ToolProfile], sums: impl Iterator<Item = (&'s ToolId, &'s Measures)>) -> Totals {
    let mut totals: Totals = profiles.iter().map(|profile| (profile.id, Measures::default())).collect();
    for (tool, sums) in sums {
        if let Some((_, total)) = totals.iter_mut().find(|(known, _)| *known == tool.as_str()) {
            total.add(sums);
        }
    }
    totals
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
