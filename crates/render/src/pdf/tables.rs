//! Tables as the template sets them.

use super::columns::{self, Setting};
use super::safe::breakable;
use crate::table::Written;
use crate::words::plural;
use serde::Serialize;
use tacho_domain::money::group;
use tacho_domain::report::{Cell, Column, Table};

/// A document holds no more rows of one table; the spreadsheet and CSV hold all.
const MOST_ROWS: usize = 500;
/// A longer table of few columns runs down the page more than once.
const LONG: usize = 45;

/// A table, ready to be set.
#[derive(Debug, Serialize)]
pub(super) struct Sheet {
    #[serde(flatten)]
    setting: Setting,
    /// How many times it runs down a page.
    flow: usize,
    heads: Vec<Head>,
    rows: Vec<Vec<Entry>>,
    total: Option<Vec<Entry>>,
    /// What it does not hold.
    remarks: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Head {
    text: String,
    numeric: bool,
}

/// What stands in a cell.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Entry {
    Words(String),
    Link { text: String, to: String },
}

/// Sets a table; `None` where it has no rows.
pub(super) fn sheet(table: &Table, to: &dyn Fn(&str) -> Option<String>) -> Option<Sheet> {
    let table = without_idle(table.clone().without_sparks());
    if table.rows.is_empty() || table.columns.is_empty() {
        return None;
    }
    let rows = &table.rows[..table.rows.len().min(MOST_ROWS)];
    let setting = columns::setting(&table.columns, rows, table.total.as_deref());
    let entries = |cells: &[Cell]| cells.iter().map(|cell| entry(cell, to)).collect::<Vec<_>>();
    Some(Sheet {
        flow: flow(&setting, rows.len()),
        setting,
        heads: table.columns.iter().map(|column| Head { text: breakable(&column.label), numeric: column.numeric }).collect(),
        rows: rows.iter().map(|row| entries(row)).collect(),
        total: table.total.as_deref().map(|cells| sums(&table.columns, cells, to)),
        remarks: remarks(&table, rows.len()),
    })
}

/// Without columns of words that say nothing in any row.
fn without_idle(mut table: Table) -> Table {
    let says = |cells: &[Cell], place: usize| cells.get(place).is_some_and(|cell| *cell != Cell::text(""));
    for place in (1..table.columns.len()).rev() {
        let is_idle = !table.columns[place].numeric && !table.rows.iter().any(|row| says(row, place));
        if is_idle {
            table.columns.remove(place);
            table
                .rows
                .iter_mut()
                .chain(table.total.as_mut())
                .filter(|row| place < row.len())
                .for_each(|row| drop(row.remove(place)));
        }
    }
    table
}

/// Sums: under words there is nothing to add up.
fn sums(columns: &[Column], cells: &[Cell], to: &dyn Fn(&str) -> Option<String>) -> Vec<Entry> {
    let blank = |cell: &Cell, column: &Column| *cell == Cell::Nothing && !column.numeric;
    cells
        .iter()
        .zip(columns)
        .map(|(cell, column)| if blank(cell, column) { Entry::Words(String::new()) } else { entry(cell, to) })
        .collect()
}

fn entry(cell: &Cell, to: &dyn Fn(&str) -> Option<String>) -> Entry {
    let text = breakable(&cell.shown());
    match cell {
        Cell::Link { to: page, .. } => match to(page) {
            Some(to) => Entry::Link { text, to },
            None => Entry::Words(text),
        },
        _ => Entry::Words(text),
    }
}

/// How many times a table runs down the page: as often as it has room, where it is long.
fn flow(setting: &Setting, rows: usize) -> usize {
    if setting.across || rows <= LONG {
        return 1;
    }
    let wide: f64 = setting.widths.iter().sum();
    let times = (1..=4).rev().find(|times| f64::from(*times) * (wide + columns::GUTTER) <= columns::UPRIGHT + columns::GUTTER);
    usize::from(times.unwrap_or(1u8))
}

fn remarks(table: &Table, shown: usize) -> Vec<String> {
    let mut remarks = Vec::new();
    let all = table.total_rows.max(table.rows.len());
    if shown < all {
        let (shown, all) = (group(shown), plural(all as u64, "row", "rows"));
        remarks.push(format!("The document holds {shown} of {all}; the spreadsheet and the CSV file hold all of them."));
    }
    if table.hidden_rows > 0 {
        let (rows, are) =
            (plural(table.hidden_rows as u64, "more row", "more rows"), if table.hidden_rows == 1 { "is" } else { "are" });
        remarks.push(format!("{rows} {are} not visible to you; the totals hold them all the same."));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: usize) -> Table {
        let columns = vec![Column::text("name", "Name"), Column::number("value", "Value"), Column::text("state", "State")];
        let row = |place: usize| vec![Cell::link(format!("Row {place}"), "/members/7"), Cell::Count(1), Cell::text("")];
        Table::new(columns, (0..rows).map(row).collect()).with_total(vec![Cell::text("All"), Cell::Nothing, Cell::Nothing])
    }

    fn set(table: &Table) -> Sheet {
        sheet(table, &|page| Some(format!("https://tacho.example{page}"))).unwrap()
    }

    #[test]
    fn a_document_holds_two_thousand_rows_and_says_what_it_leaves_out() {
        let sheet = set(&Table { hidden_rows: 1, ..table(2_345) });
        assert_eq!(sheet.rows.len(), 500);
        let said = [
            "The document holds 500 of 2,345 rows; the spreadsheet and the CSV file hold all of them.",
            "1 more row is not visible to you; the totals hold them all the same.",
        ];
        assert_eq!(sheet.remarks, said);
        assert!(set(&table(500)).remarks.is_empty());
        let page = Table { total_rows: 300, ..table(20) };
        assert!(set(&page).remarks[0].starts_with("The document holds 20 of 300 rows"));
    }

    #[test]
    fn a_column_that_says_nothing_is_left_out_and_words_have_no_sum() {
        let sheet = set(&table(3));
        let heads: Vec<&str> = sheet.heads.iter().map(|head| head.text.as_str()).collect();
        assert_eq!(heads, ["Name", "Value"]);
        let json = serde_json::to_string(&(&sheet.rows[0], &sheet.total)).unwrap();
        assert_eq!(json, r#"[[{"text":"Row 0","to":"https://tacho.example/members/7"},"1"],["All","-"]]"#);
    }

    #[test]
    fn a_long_narrow_table_runs_down_the_page_more_than_once() {
        assert_eq!(set(&table(20)).flow, 1);
        assert!(set(&table(200)).flow > 1);
    }
}
