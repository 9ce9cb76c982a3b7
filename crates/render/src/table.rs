//! A table as a person reads it and as CSV.

use crate::words;
use tacho_domain::day::length;
use tacho_domain::report::{Cell, Table};

/// A cell as people and files read it.
pub trait Written {
    /// What a person reads.
    fn shown(&self) -> String;
    /// What a spreadsheet reads: plain numbers, dollars with six decimals, hours with four, empty for no data. Words that a spreadsheet
    /// would take for a formula are led by an apostrophe.
    fn plain(&self) -> String;
}

impl Written for Cell {
    fn shown(&self) -> String {
        match self {
            Self::Nothing => words::NO_DATA.to_owned(),
            Self::Text(text) | Self::Link { text, .. } => text.clone(),
            Self::Count(number) => words::count(*number),
            Self::Number(number) => words::number(*number),
            Self::Share(part) => words::share(*part),
            Self::Money(money) => money.to_string(),
            Self::Duration(seconds) => length(*seconds),
            Self::Day(day) => day.to_string(),
            Self::Instant(instant) => words::instant(*instant),
            Self::Spark(_) => String::new(),
        }
    }

    fn plain(&self) -> String {
        match self {
            Self::Nothing | Self::Spark(_) => String::new(),
            Self::Text(text) | Self::Link { text, .. } => neutral(text),
            Self::Instant(instant) => instant.to_string(),
            Self::Count(number) => number.to_string(),
            Self::Number(number) | Self::Share(number) => number.to_string(),
            Self::Money(money) => {
                let sign = if money.0 < 0 { "-" } else { "" };
                let micros = money.0.unsigned_abs();
                format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
            }
            Self::Duration(seconds) => words::hours(*seconds),
            Self::Day(day) => day.to_string(),
        }
    }
}

/// A text that no spreadsheet runs as a formula (OWASP, "CSV Injection"): one that begins like a formula gets an apostrophe.
#[must_use]
pub fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

/// A table as CSV (RFC 4180) with a head line. Sums stay out: a spreadsheet makes its own.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "memory takes every byte and each row is as long as the head")]
pub fn csv(table: &Table) -> Vec<u8> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).flexible(true).from_writer(Vec::new());
    let head: Vec<String> = table.columns.iter().map(|column| neutral(&column.label)).collect();
    writer.write_record(&head).expect("memory takes every byte");
    for row in &table.rows {
        writer.write_record(row.iter().map(Written::plain)).expect("memory takes every byte");
    }
    writer.into_inner().expect("memory takes every byte")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tacho_domain::Money;
    use tacho_domain::report::Column;

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay_numbers() {
        let hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "fine"];
        let columns = vec![Column::text("name", "Name"), Column::number("cost", "Cost (USD)")];
        let rows = hostile.iter().map(|text| vec![Cell::Text((*text).into()), Cell::Money(Money(-1_500_000))]);
        let csv = String::from_utf8(csv(&Table::new(columns, rows.collect()))).unwrap();
        let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
        let cells: Vec<&str> = lines[1..].iter().map(|line| line.strip_suffix(",-1.500000").unwrap()).collect();
        assert_eq!(lines[0], "Name,Cost (USD)");
        assert_eq!(cells, ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "\"'\r=1\"", "fine"]);
    }

    proptest! {
        #[test]
        fn a_text_survives_the_file(text in "\\PC{0,30}") {
            let columns = vec![Column::text("a", "a"), Column::text("b", "b")];
            let bytes = csv(&Table::new(columns, vec![vec![Cell::Text(text.clone()), Cell::Nothing]]));
            let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
            let row = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(row[0].to_owned(), neutral(&text));
            prop_assert_eq!(&row[1], "");
        }
    }
}
