//! A table on a page: heads that sort, words that search, pages to turn, sums under the rows.

use crate::view::View;
use tacho_domain::report::{Cell, Column, Section};
use tacho_render::Written;
use tacho_render::charts::spark_bars;
use tacho_render::words::{count, plural};

/// A table and where in it we are.
pub(super) struct TableView {
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Vec<CellView>>,
    pub(super) total: Vec<CellView>,
    /// What columns mean that do not say it themselves.
    pub(super) meanings: Vec<(String, String)>,
    /// Which rows are shown of how many: `1 to 20 of 343`; empty where all are.
    pub(super) range: String,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    pub(super) search: Option<SearchForm>,
    /// What is said of rows that are left out; empty where none is.
    pub(super) sight: String,
}

/// A column's head.
pub(super) struct Head {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) numeric: bool,
    /// Where it leads to be sorted by this column; `None`: it cannot be.
    pub(super) sort: Option<String>,
    /// `ascending` or `descending`, where the table is sorted by it.
    pub(super) sorted: Option<&'static str>,
}

/// A cell.
pub(super) struct CellView {
    pub(super) text: String,
    pub(super) to: Option<String>,
    pub(super) picture: String,
    pub(super) numeric: bool,
    pub(super) unknown: bool,
    /// Whether it is a sentence, which takes several lines.
    pub(super) is_long: bool,
}

/// Letters from which on a cell is a sentence.
const LONG: usize = 36;

/// The form that searches a table.
pub(super) struct SearchForm {
    /// The page's own address.
    pub(super) path: String,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) typed: String,
    /// The address of all rows, while some are searched for.
    pub(super) all: Option<String>,
}

/// The table of a section on the page at `path`. `meant`: the section that the address is about while it names none.
pub(super) fn of(section: &Section, path: &str, view: &View, meant: Option<&str>, sight: Option<&str>) -> TableView {
    let table = &section.table;
    let main = meant == Some(section.id.as_str());
    let own = view.on(if main && view.section.is_none() { None } else { Some(&section.id) });
    let at = |view: &View| format!("{}#{}", view.href(path), section.id);
    let plain = section.chart.is_none();
    let last = table.offset + table.rows.len();
    let numeric: Vec<bool> = table.columns.iter().map(|column| column.numeric).collect();
    let cells = |row: &Vec<Cell>| row.iter().zip(&numeric).map(|(one, numeric)| cell(one, *numeric, view)).collect();
    let is_cut = table.rows.len() < table.total_rows || table.offset > 0;
    TableView {
        heads: table.columns.iter().enumerate().map(|(place, column)| head(section, place, column, plain, &own, &at)).collect(),
        rows: table.rows.iter().map(cells).collect(),
        total: table.total.iter().flat_map(|total| -> Vec<CellView> { cells(total) }).collect(),
        meanings: meanings(&table.columns),
        range: if is_cut { range(table.offset, last, table.total_rows) } else { String::new() },
        previous: (table.offset > 0 && own.page > 1).then(|| at(&own.at_page(own.page - 1))),
        next: (last < table.total_rows && !table.rows.is_empty()).then(|| at(&own.at_page(own.page + 1))),
        search: (plain && (is_cut || !own.search.is_empty())).then(|| SearchForm {
            path: path.to_owned(),
            hidden: own.searching("").fields(),
            typed: own.search.clone(),
            all: (!own.search.is_empty()).then(|| at(&own.searching(""))),
        }),
        sight: hidden(table.hidden_rows, sight, plain && section_names_people(section)),
    }
}

fn head(section: &Section, place: usize, column: &Column, plain: bool, own: &View, at: &dyn Fn(&View) -> String) -> Head {
    let sorted = section.table.sorted.as_ref().filter(|by| by.column == column.id).map(|by| by.descending);
    // Numbers are looked at from the largest down, words from A on; pressed again it turns round.
    let largest_first = sorted.map_or(column.numeric, |largest_first| !largest_first);
    let is_picture = section.table.rows.iter().any(|row| matches!(row.get(place), Some(Cell::Spark(_))));
    let sorts = plain && !is_picture && section.table.total_rows > 1;
    Head {
        id: column.id.clone(),
        label: column.label.clone(),
        numeric: column.numeric,
        sort: sorts.then(|| at(&own.sorted(&column.id, largest_first))),
        sorted: sorted.map(|largest_first| if largest_first { "descending" } else { "ascending" }),
    }
}

fn cell(cell: &Cell, numeric: bool, view: &View) -> CellView {
    CellView {
        text: cell.shown(),
        to: match cell {
            Cell::Link { to, .. } => Some(view.carried(to)),
            _ => None,
        },
        picture: match cell {
            Cell::Spark(values) => spark_bars(values),
            _ => String::new(),
        },
        numeric,
        unknown: *cell == Cell::Nothing,
        is_long: cell.words().is_some_and(|words| words.chars().count() >= LONG),
    }
}

fn meanings(columns: &[Column]) -> Vec<(String, String)> {
    let told = columns.iter().filter(|column| !column.formula.is_empty());
    told.map(|column| (column.label.clone(), column.formula.clone())).collect()
}

fn range(first: usize, last: usize, total: usize) -> String {
    let number = |value: usize| count(i64::try_from(value).unwrap_or(i64::MAX));
    if first >= last {
        return format!("none of {}", number(total));
    }
    format!("{} to {} of {}", number(first + 1), number(last), number(total))
}

/// Whether rows are left out here for some.
fn section_names_people(section: &Section) -> bool {
    let people = |cell: &Cell| matches!(cell, Cell::Link { to, .. } if to.starts_with("/members/"));
    section.table.hidden_rows > 0 || section.table.rows.iter().flatten().any(people)
}

fn hidden(rows: usize, sight: Option<&str>, people: bool) -> String {
    let Some(sight) = sight.filter(|_| people) else { return String::new() };
    match rows {
        0 => sight.to_owned(),
        rows => {
            let rows = plural(u64::try_from(rows).unwrap_or(u64::MAX), "row is", "rows are");
            format!("{sight} {rows} not shown here.")
        }
    }
}
