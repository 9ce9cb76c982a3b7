//! A table with typed cells: the twin of every chart, shown under it and written as CSV.

use crate::words;
use tacho_domain::report::Amount;
use tacho_domain::{Day, Money};

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No data.
    Nothing,
    /// Words.
    Text(String),
    /// A whole number.
    Count(i64),
    /// A number with decimals.
    Number(f64),
    /// A part of a whole.
    Share(f64),
    /// An amount of money.
    Money(Money),
    /// A day.
    Day(Day),
}

/// A column's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What it holds, with the unit.
    pub label: String,
    /// Whether its cells stand at the right edge.
    pub numeric: bool,
}

/// Rows under heads.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The heads.
    pub columns: Vec<Column>,
    /// The rows, each as long as the heads.
    pub rows: Vec<Vec<Cell>>,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), numeric: false }
    }

    /// A column of numbers.
    #[must_use]
    pub fn number(label: impl Into<String>) -> Self {
        Self { label: label.into(), numeric: true }
    }
}

impl Cell {
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

    /// What a person reads.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Nothing => words::NO_DATA.to_owned(),
            Self::Text(text) => text.clone(),
            Self::Count(number) => words::count(*number),
            Self::Number(number) => words::number(*number),
            Self::Share(part) => words::share(*part),
            Self::Money(money) => money.to_string(),
            Self::Day(day) => day.to_string(),
        }
    }

    /// What a spreadsheet reads: plain numbers, dollars with six decimals, empty for no data. Words that a spreadsheet
    /// would take for a formula are led by an apostrophe.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => neutral(text),
            Self::Count(number) => number.to_string(),
            Self::Number(number) | Self::Share(number) => number.to_string(),
            Self::Money(money) => {
                let sign = if money.0 < 0 { "-" } else { "" };
                let micros = money.0.unsigned_abs();
                format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
            }
            Self::Day(day) => day.to_string(),
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
        }
    }
}

/// A text that no spreadsheet runs as a formula (OWASP, "CSV Injection"): one that begins like a formula gets an apostrophe.
#[must_use]
pub fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

impl Table {
    /// The table as CSV (RFC 4180) with a head line.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "memory takes every byte and each row is as long as the head")]
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(Vec::new());
        let head: Vec<String> = self.columns.iter().map(|column| neutral(&column.label)).collect();
        writer.write_record(&head).expect("memory takes every byte");
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::plain)).expect("memory takes every byte");
        }
        writer.into_inner().expect("memory takes every byte")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay_numbers() {
        let hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "fine"];
        let table = Table {
            columns: vec![Column::text("Name"), Column::number("Cost (USD)")],
            rows: hostile.iter().map(|text| vec![Cell::Text((*text).into()), Cell::Money(Money(-1_500_000))]).collect(),
        };
        let csv = String::from_utf8(table.csv()).unwrap();
        let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
        let cells: Vec<&str> = lines[1..].iter().map(|line| line.strip_suffix(",-1.500000").unwrap()).collect();
        assert_eq!(lines[0], "Name,Cost (USD)");
        assert_eq!(cells, ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "\"'\r=1\"", "fine"]);
    }

    proptest! {
        #[test]
        fn a_text_survives_the_file(text in "\\PC{0,30}") {
            let table = Table { columns: vec![Column::text("a"), Column::text("b")], rows: vec![vec![Cell::Text(text.clone()), Cell::Nothing]] };
            let bytes = table.csv();
            let mut reader = csv::Reader::from_reader(bytes.as_slice());
            let row = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(row[0].to_owned(), neutral(&text));
            prop_assert_eq!(&row[1], "");
        }
    }
}
