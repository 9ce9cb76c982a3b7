//! Tables with typed cells: what a page shows, a file holds and REST answers, and how rows are sorted, searched and cut.

use super::Amount;
use crate::delivery::SignalSet;
use crate::{Day, Instant, Money};
use serde::Serialize;
use std::cmp::Ordering;

/// One cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "unit", content = "value", rename_all = "snake_case")]
pub enum Cell {
    /// No data.
    Nothing,
    /// Words.
    Text(String),
    /// Words that lead to another page of Tacho.
    Link {
        /// The words.
        text: String,
        /// The page's address below the root, without a query: `/members/7`.
        to: String,
    },
    /// A whole number.
    Count(i64),
    /// A number with decimals.
    Number(f64),
    /// A part of a whole, between 0 and 1.
    Share(f64),
    /// An amount of money.
    Money(Money),
    /// A length of time in seconds.
    Duration(i64),
    /// A day.
    Day(Day),
    /// A moment.
    Instant(#[serde(serialize_with = "crate::day::as_text::one")] Instant),
    /// One value per day of the window: a small picture on pages; files and sheets leave its column out.
    Spark(Vec<Option<f64>>),
}

/// A column's head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Stable id, unique in its table: `active_days`. The address sorts by it, REST names it.
    pub id: String,
    /// What it holds, with the unit.
    pub label: String,
    /// Whether its cells stand at the right edge.
    pub numeric: bool,
    /// The formula behind it in words, shown where somebody asks; empty where the label says all.
    pub formula: String,
}

/// Rows under heads.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Table {
    /// The heads.
    pub columns: Vec<Column>,
    /// The rows, each as long as the heads: those of the page that was asked for.
    pub rows: Vec<Vec<Cell>>,
    /// The sums under the rows, as long as the heads: of all rows, of those left out too.
    pub total: Option<Vec<Cell>>,
    /// How many rows there are to page through, once searched.
    pub total_rows: usize,
    /// How many more there are that the asker may not see; totals hold them all the same.
    pub hidden_rows: usize,
    /// First row of the page, counted from 0.
    pub offset: usize,
    /// What it is sorted by; `None`: as it was made.
    pub sorted: Option<Sorted>,
    /// How its rows were arranged when they were made, if it holds those only.
    #[serde(skip)]
    pub arranged: Option<Arrangement>,
    /// The pull requests that the rows are about, one a row, where more is to be looked up about those that are shown; else
    /// empty. No face shows them.
    #[serde(skip)]
    pub pulls: Vec<ListedPull>,
}

/// The pull request that a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedPull {
    /// The repository's numeric id.
    pub repository: i64,
    /// Its number there.
    pub number: u32,
    /// What names an agent.
    pub signals: SignalSet,
}

/// What a table is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sorted {
    /// The id of the column.
    pub column: String,
    /// Whether the largest come first.
    pub descending: bool,
}

/// Which rows of a table are wanted, and in what order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arrangement {
    /// The id of the section whose table this is about; `None`: the report's main one.
    pub section: Option<String>,
    /// The id of a column, and whether the largest come first.
    pub sort: Option<(String, bool)>,
    /// Rows with this in any of their words; empty: all.
    pub search: String,
    /// First row, counted from 0.
    pub offset: usize,
    /// Rows of the page.
    pub limit: usize,
}

/// A column that a table does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{asked}` is not a column of this table: use {}", known.join(", "))]
pub struct UnknownColumn {
    /// What was asked for.
    pub asked: String,
    /// What there is.
    pub known: Vec<String>,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub fn text(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self { id: id.into(), label: label.into(), numeric: false, formula: String::new() }
    }

    /// A column of numbers.
    #[must_use]
    pub fn number(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self { numeric: true, ..Self::text(id, label) }
    }

    /// The same with a formula.
    #[must_use]
    pub fn explained(self, formula: impl Into<String>) -> Self {
        Self { formula: formula.into(), ..self }
    }
}

impl Cell {
    /// Words.
    #[must_use]
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    /// Words that lead to a page.
    #[must_use]
    pub fn link(text: impl Into<String>, to: impl Into<String>) -> Self {
        Self::Link { text: text.into(), to: to.into() }
    }

    /// A count, or nothing.
    #[must_use]
    pub fn count(value: Option<i64>) -> Self {
        value.map_or(Self::Nothing, Self::Count)
    }

    /// A share, or nothing.
    #[must_use]
    pub fn share(value: Option<f64>) -> Self {
        value.map_or(Self::Nothing, Self::Share)
    }

    /// Micro-dollars, or nothing.
    #[must_use]
    pub fn money(micros: Option<i64>) -> Self {
        micros.map_or(Self::Nothing, |value| Self::Money(Money(value)))
    }

    /// Seconds, or nothing.
    #[must_use]
    pub fn duration(seconds: Option<i64>) -> Self {
        seconds.map_or(Self::Nothing, Self::Duration)
    }

    /// A day, or nothing.
    #[must_use]
    pub fn day(value: Option<Day>) -> Self {
        value.map_or(Self::Nothing, Self::Day)
    }

    /// Its words, where it is made of words.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Link { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether these words, in lower case, are among its own.
    pub(super) fn holds(&self, words: &str) -> bool {
        self.words().is_some_and(|own| own.to_lowercase().contains(words))
    }

    /// The order of cells of one column in a table that is sorted by it: nothing comes last in either direction.
    pub(super) fn order(&self, other: &Self, descending: bool) -> Ordering {
        let order = self.compare(other);
        match (self == &Self::Nothing, other == &Self::Nothing) {
            (false, false) if descending => order.reverse(),
            (false, false) => order,
            (one, two) => one.cmp(&two),
        }
    }

    /// The order of cells of one column; nothing is the least.
    fn compare(&self, other: &Self) -> Ordering {
        let number = |cell: &Self| match cell {
            #[expect(clippy::cast_precision_loss, reason = "an order of figures far below 2^52")]
            Self::Count(value) | Self::Money(Money(value)) | Self::Duration(value) | Self::Instant(Instant(value)) => {
                Some(*value as f64)
            }
            Self::Number(value) | Self::Share(value) => Some(*value),
            Self::Day(day) => Some(f64::from(day.0)),
            Self::Spark(values) => Some(values.iter().flatten().sum()),
            Self::Nothing | Self::Text(_) | Self::Link { .. } => None,
        };
        match (self.words(), other.words()) {
            (Some(one), Some(two)) => one.to_lowercase().cmp(&two.to_lowercase()),
            (Some(_), None) => Ordering::Greater,
            (None, Some(_)) => Ordering::Less,
            (None, None) => match (number(self), number(other)) {
                (Some(one), Some(two)) => one.total_cmp(&two),
                (one, two) => one.is_some().cmp(&two.is_some()),
            },
        }
    }
}

impl From<Amount> for Cell {
    fn from(amount: Amount) -> Self {
        match amount {
            Amount::Unknown => Self::Nothing,
            Amount::Count(number) => Self::Count(number),
            Amount::Share(part) => Self::Share(part),
            Amount::Money(money) => Self::Money(money),
            Amount::Duration(seconds) => Self::Duration(seconds),
            Amount::Number(number) => Self::Number(number),
        }
    }
}

impl Table {
    /// All these rows.
    #[must_use]
    pub fn new(columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Self {
        let total_rows = rows.len();
        Self { columns, rows, total_rows, ..Self::default() }
    }

    /// The same with sums under the rows.
    #[must_use]
    pub fn with_total(self, total: Vec<Cell>) -> Self {
        Self { total: Some(total), ..self }
    }

    /// The place of the column of that id.
    #[must_use]
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.id == id)
    }

    /// The same without the columns of small pictures, for files.
    #[must_use]
    pub fn without_sparks(mut self) -> Self {
        let is_spark = |place: usize| self.rows.iter().any(|row| matches!(row.get(place), Some(Cell::Spark(_))));
        let kept: Vec<bool> = (0..self.columns.len()).map(|place| !is_spark(place)).collect();
        let keep = |cells: Vec<Cell>| cells.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(cell, _)| cell).collect();
        self.rows = self.rows.into_iter().map(keep).collect();
        self.total = self.total.map(keep);
        self.columns = self.columns.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(column, _)| column).collect();
        self
    }

    /// Sorts, searches and cuts. Nothing comes last in either direction; equals keep the order they were made in. A table
    /// that was made so already stays as it is.
    ///
    /// # Errors
    /// When it is to be sorted by a column it does not have.
    pub fn arrange(&mut self, wanted: &Arrangement) -> Result<(), UnknownColumn> {
        if self.arranged.as_ref() == Some(wanted) {
            return Ok(());
        }
        let pulls = self.pulls.iter().copied().map(Some).chain(std::iter::repeat(None));
        let mut rows: Vec<(Vec<Cell>, Option<ListedPull>)> = std::mem::take(&mut self.rows).into_iter().zip(pulls).collect();
        if let Some((asked, descending)) = &wanted.sort {
            let known = || self.columns.iter().map(|column| column.id.clone()).collect();
            let place = self.column(asked).ok_or_else(|| UnknownColumn { asked: asked.clone(), known: known() })?;
            rows.sort_by(|(one, _), (two, _)| one[place].order(&two[place], *descending));
            self.sorted = Some(Sorted { column: asked.clone(), descending: *descending });
        }
        let search = wanted.search.trim().to_lowercase();
        if !search.is_empty() {
            rows.retain(|(row, _)| row.iter().any(|cell| cell.holds(&search)));
        }
        self.total_rows = rows.len();
        self.offset = wanted.offset.min(self.total_rows);
        let pulls: Vec<Option<ListedPull>>;
        (self.rows, pulls) = rows.into_iter().skip(self.offset).take(wanted.limit).unzip();
        self.pulls = pulls.into_iter().flatten().collect();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(values: &[Option<i64>]) -> Table {
        let rows = values.iter().enumerate().map(|(place, value)| vec![Cell::Text(format!("Row {place}")), Cell::count(*value)]);
        Table::new(vec![Column::text("name", "Name"), Column::number("value", "Value")], rows.collect())
    }

    fn wanted(sort: Option<(&str, bool)>, search: &str, offset: usize, limit: usize) -> Arrangement {
        let sort = sort.map(|(column, descending)| (column.to_owned(), descending));
        Arrangement { section: None, sort, search: search.into(), offset, limit }
    }

    #[test]
    fn what_is_unknown_stands_last_in_both_directions() {
        for (descending, expected) in [(false, ["Row 2", "Row 0", "Row 1"]), (true, ["Row 0", "Row 2", "Row 1"])] {
            let mut table = table(&[Some(7), None, Some(-3)]);
            table.arrange(&wanted(Some(("value", descending)), "", 0, 10)).unwrap();
            let names: Vec<&str> = table.rows.iter().filter_map(|row| row[0].words()).collect();
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn a_column_that_is_not_there_is_named_with_those_that_are() {
        let error = table(&[]).arrange(&wanted(Some(("colour", false)), "", 0, 10)).unwrap_err();
        assert_eq!(error.to_string(), "`colour` is not a column of this table: use name, value");
    }

    proptest! {
        #[test]
        fn pages_together_are_all_rows_once(values in prop::collection::vec(any::<Option<i64>>(), 0..60), limit in 1usize..20) {
            let mut seen = Vec::new();
            for page in 0..=values.len() / limit {
                let mut table = table(&values);
                let pull = |number| ListedPull { repository: 1, number, signals: SignalSet::default() };
                table.pulls = (0..).take(values.len()).map(pull).collect();
                table.arrange(&wanted(Some(("value", true)), "row", page * limit, limit)).unwrap();
                prop_assert_eq!(table.total_rows, values.len());
                for (row, pull) in table.rows.iter().zip(&table.pulls) {
                    prop_assert_eq!(row[0].words().map(str::to_owned), Some(format!("Row {}", pull.number)));
                }
                prop_assert_eq!(table.rows.len(), table.pulls.len());
                seen.extend(table.rows.into_iter().map(|row| row[0].words().unwrap().to_owned()));
            }
            seen.sort();
            let mut all: Vec<String> = (0..values.len()).map(|place| format!("Row {place}")).collect();
            all.sort();
            prop_assert_eq!(seen, all);
        }
    }
}
