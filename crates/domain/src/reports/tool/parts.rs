//! A tool by feature, model, language and editor. Parts and what the vendor attributes to none of them add up to the tool's
//! total, in every column that is shown.

use super::{PartSum, ToolMaterial};
use crate::metrics::{acceptance, ratio};
use crate::report::{Amount, Bar, Bars, Cell, Chart, Column, Section, Table};
use crate::{AcceptanceRule, Dimension, Measure, Measures, Money, ToolProfile};

/// The dimensions with their words, in the order of the page.
const DIMENSIONS: [(Dimension, &str, &str, &str); 4] = [
    (Dimension::Feature, "features", "By feature", "Feature"),
    (Dimension::Model, "models", "By model", "Model"),
    (Dimension::Language, "languages", "By language", "Language"),
    (Dimension::Editor, "editors", "By editor", "Editor"),
];

/// What a column may hold, in the order of the table.
const COLUMNS: &[(Measure, &str)] = &[
    (Measure::Interactions, "Interactions"),
    (Measure::Prompts, "Prompts"),
    (Measure::Sessions, "Sessions"),
    (Measure::Requests, "Requests"),
    (Measure::Suggestions, "Completions shown"),
    (Measure::Generations, "Outputs"),
    (Measure::EditsAccepted, "Edits accepted"),
    (Measure::LinesAdded, "Lines added"),
    (Measure::LinesRemoved, "Lines removed"),
    (Measure::Commits, "Commits"),
    (Measure::PullRequests, "Pull requests"),
    (Measure::TokensInput, "Input tokens"),
    (Measure::TokensOutput, "Output tokens"),
    (Measure::TokensCacheRead, "Cache-read tokens"),
    (Measure::TokensCacheWrite, "Cache-write tokens"),
    (Measure::Cost, "Metered value (USD)"),
];

/// What bars are as long as: the first of these that the dimension tells.
const LEADS: [Measure; 6] =
    [Measure::Interactions, Measure::Requests, Measure::LinesAdded, Measure::EditsAccepted, Measure::Generations, Measure::Cost];

/// Bars that stand by themselves; the rest are one bar together.
const BARS: usize = 10;

const NOT_ATTRIBUTED: &str = "Not attributed";

/// A section for each dimension that the vendor tells. `whole` is the tool's total.
pub(super) fn sections(material: &ToolMaterial<'_>, whole: &Measures) -> Vec<Section> {
    let parts = &material.parts;
    DIMENSIONS
        .into_iter()
        .filter_map(|(dimension, id, title, of)| {
            let split = Split::of(material.profile, dimension, parts, whole)?;
            Some(split.section(id, title, of))
        })
        .collect()
}

/// One dimension.
struct Split<'a> {
    profile: &'a ToolProfile,
    /// What the parts say.
    columns: Vec<(Measure, &'static str)>,
    rules: Vec<&'a AcceptanceRule>,
    lead: (Measure, &'static str),
    /// Largest first.
    rows: Vec<Row>,
    rest: Measures,
    total: Measures,
}

struct Row {
    name: String,
    measures: Measures,
    /// Beside the total, not in it.
    apart: bool,
}

impl<'a> Split<'a> {
    fn of(profile: &'a ToolProfile, dimension: Dimension, parts: &[PartSum], whole: &Measures) -> Option<Self> {
        let mut rows: Vec<Row> = parts.iter().filter(|part| part.dimension == dimension).map(|part| row(profile, part)).collect();
        let mut sums = Measures::default();
        rows.iter().filter(|row| !row.apart).for_each(|row| sums.add(&row.measures));
        let is_told = |measure| sums[measure].is_some() && !profile.partly_told.contains(&(dimension, measure));
        let columns: Vec<(Measure, &str)> = COLUMNS.iter().copied().filter(|(measure, _)| is_told(*measure)).collect();
        let lead = LEADS.iter().find(|lead| sums[**lead].is_some_and(|sum| sum != 0));
        let lead = lead.and_then(|lead| columns.iter().find(|(measure, _)| measure == lead)).or(columns.first()).copied()?;
        rows.sort_by(|one, two| two.measures[lead.0].cmp(&one.measures[lead.0]).then_with(|| one.name.cmp(&two.name)));
        let (mut rest, mut total) = (Measures::default(), Measures::default());
        for (measure, sum) in sums.said() {
            // Where the whole does not say it, the parts are all there is.
            total[measure] = whole[measure].or(Some(sum));
            rest[measure] = whole[measure].map(|whole| whole - sum);
        }
        let rules =
            profile.acceptance.iter().filter(|rule| rule.offered.iter().all(|measure| sums[*measure].is_some())).collect();
        Some(Self { profile, columns, rules, lead, rows, rest, total })
    }

    fn section(self, id: &str, title: &str, of: &str) -> Section {
        let subtitle = format!(
            "{}, in the vendor's words. Parts and what it attributes to none of them add up to the tool's total.",
            self.lead.1
        );
        let table = self.table(of);
        let bars = Chart::Bars(Bars { of: of.to_owned(), measure: self.lead.1.to_owned(), bars: self.bars() });
        Section { table, ..Section::drawn(id, title, &subtitle, bars) }.widened()
    }

    fn table(&self, of: &str) -> Table {
        let mut columns = vec![Column::text("part", of)];
        columns.extend(self.columns.iter().map(|(measure, label)| Column::number(measure.name(), *label)));
        columns.push(Column::number("share", format!("Share of {}", self.lead.1.to_lowercase().replace("(usd)", "(USD)"))));
        columns.extend(self.rules.iter().map(|rule| {
            let column = Column::number(format!("acceptance_{}", rule.id), format!("Acceptance: {}", rule.label));
            column.explained(rule.formula)
        }));
        let mut rows: Vec<Vec<Cell>> = self.rows.iter().map(|row| self.cells(&row.name, &row.measures, row.apart)).collect();
        if self.columns.iter().any(|(measure, _)| self.rest[*measure].is_some_and(|rest| rest != 0)) {
            rows.push(self.cells(NOT_ATTRIBUTED, &self.rest, false));
        }
        Table::new(columns, rows).with_total(self.cells("Total", &self.total, false))
    }

    fn cells(&self, name: &str, measures: &Measures, apart: bool) -> Vec<Cell> {
        let mut cells = vec![Cell::text(name)];
        cells.extend(self.columns.iter().map(|(measure, _)| match (*measure, measures[*measure]) {
            (Measure::Cost, value) => Cell::money(value),
            (_, value) => Cell::count(value),
        }));
        let share = ratio(measures[self.lead.0], self.total[self.lead.0]).filter(|_| !apart);
        cells.push(Cell::share(share));
        // What is left over may be less than nothing where a vendor counts something in two parts: that is no rate.
        let rate = |rule: &&AcceptanceRule| acceptance(rule, measures).filter(|rate| (0.0..=1.0).contains(rate));
        cells.extend(self.rules.iter().map(|rule| Cell::share(rate(rule))));
        cells
    }

    fn bars(&self) -> Vec<Bar> {
        let lead = self.lead.0;
        let counted = || self.rows.iter().filter(|row| !row.apart && row.measures[lead].is_some_and(|value| value > 0));
        let mut bars: Vec<Bar> = counted().take(BARS).map(|row| self.bar(&row.name, row.measures[lead])).collect();
        let others: Vec<i64> = counted().skip(BARS).filter_map(|row| row.measures[lead]).collect();
        if !others.is_empty() {
            bars.push(self.bar(&format!("{} others", others.len()), Some(others.iter().sum())));
        }
        if let Some(rest) = self.rest[lead].filter(|rest| *rest > 0) {
            bars.push(self.bar(NOT_ATTRIBUTED, Some(rest)));
        }
        bars
    }

    fn bar(&self, label: &str, value: Option<i64>) -> Bar {
        let amount = if self.lead.0 == Measure::Cost {
            value.map_or(Amount::Unknown, |value| Amount::Money(Money(value)))
        } else {
            Amount::count(value)
        };
        let share = ratio(value, self.total[self.lead.0]);
        Bar { label: label.to_owned(), colour: self.profile.colour, value: amount, share, context: String::new() }
    }
}

fn row(profile: &ToolProfile, part: &PartSum) -> Row {
    let is_feature = part.dimension == Dimension::Feature;
    let name = if is_feature { profile.feature_name(&part.value) } else { &part.value };
    let apart = is_feature && profile.features_apart.contains(&&*part.value);
    Row { name: name.to_owned(), measures: part.measures, apart }
}
