//! One table as one sheet: heads that stay in sight and filter, typed cells, sums under them.

use super::look::Look;
use rust_xlsxwriter::{ColNum, Format, RowNum, Url, Worksheet, XlsxError};
use tacho_domain::report::{Cell, Column, Table};
use tacho_domain::{Day, Instant};

/// More characters than this make no column wider.
const WIDEST: usize = 48;
/// Rows that a column's width is measured by; the rest wraps or is cut by the reader's program.
const MEASURED: usize = 1000;
/// A cell holds no longer text.
const LONGEST_TEXT: usize = 32_767;
/// A sheet holds no more links than this, and no longer ones; what is beyond stays words.
const MOST_LINKS: usize = 65_000;
const LONGEST_LINK: usize = 2_000;
/// A spreadsheet's day 0 is 30 December 1899; its calendar is right from 1 March 1900 on.
const EPOCH: i32 = 25_569;
const FIRST_DAY: i32 = 61 - EPOCH;

/// Writes the table; `to` gives the whole address of a page.
pub(super) fn write(
    sheet: &mut Worksheet,
    table: &Table,
    to: &dyn Fn(&str) -> Option<String>,
    look: &Look,
) -> Result<(), XlsxError> {
    let table = table.clone().without_sparks();
    for (column, place) in table.columns.iter().zip(0..) {
        let head = if column.numeric { &look.numeric_head } else { &look.head };
        text(sheet, (0, place), &column.label, head)?;
        sheet.set_column_width(place, width(&table, usize::from(place), column))?;
    }
    let mut links = 0;
    for (line, row) in table.rows.iter().zip(1..) {
        for (value, column) in line.iter().zip(0..) {
            links += usize::from(matches!(value, Cell::Link { .. }));
            let reachable = |page: &str| if links <= MOST_LINKS { to(page) } else { None };
            cell(sheet, (row, column), value, look.of(value), &reachable)?;
        }
    }
    finish(sheet, &table, look)
}

/// What stands around the rows: sums, a head that stays, filters, and a page that prints.
fn finish(sheet: &mut Worksheet, table: &Table, look: &Look) -> Result<(), XlsxError> {
    let last = RowNum::try_from(table.rows.len()).map_err(|_| XlsxError::RowColumnLimitError)?;
    for (value, column) in table.total.iter().flatten().zip(0..) {
        cell(sheet, (last + 1, column), value, &look.sum(value), &|_| None)?;
    }
    sheet.set_freeze_panes(1, 0)?.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    if let Some(right) = ColNum::try_from(table.columns.len()).ok().and_then(|columns| columns.checked_sub(1)) {
        sheet.autofilter(0, 0, last, right)?;
    }
    Ok(())
}

/// Writes a value as what it is.
pub(super) fn cell(
    sheet: &mut Worksheet,
    place: (RowNum, ColNum),
    value: &Cell,
    format: &Format,
    to: &dyn Fn(&str) -> Option<String>,
) -> Result<(), XlsxError> {
    match value {
        Cell::Nothing | Cell::Spark(_) => blank(sheet, place, format),
        Cell::Text(words) => text(sheet, place, words, format),
        Cell::Link { text: words, to: page } => link(sheet, place, words, to(page), format),
        #[expect(clippy::cast_precision_loss, reason = "spreadsheets know no other numbers")]
        Cell::Count(value) => number(sheet, place, *value as f64, format),
        Cell::Number(value) | Cell::Share(value) => number(sheet, place, *value, format),
        #[expect(clippy::cast_precision_loss, reason = "lengths of time far below 2^52 seconds")]
        Cell::Duration(seconds) => number(sheet, place, *seconds as f64 / 3_600.0, format),
        Cell::Money(money) => number(sheet, place, money.dollars(), format),
        Cell::Day(day) => match serial(*day) {
            Some(days) => number(sheet, place, days, format),
            None => text(sheet, place, &day.to_string(), format),
        },
        Cell::Instant(at) => match moment(*at) {
            Some(days) => number(sheet, place, days, format),
            None => text(sheet, place, &at.to_string(), format),
        },
    }
}

/// Writes words: always as words, cut where a cell ends.
pub(super) fn text(
    sheet: &mut Worksheet,
    (row, column): (RowNum, ColNum),
    words: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    // A character outside the basic plane counts twice.
    let words: String = if words.len() > LONGEST_TEXT { words.chars().take(LONGEST_TEXT / 2).collect() } else { words.into() };
    sheet.write_string_with_format(row, column, words, format).map(|_| ())
}

fn link(
    sheet: &mut Worksheet,
    place: (RowNum, ColNum),
    words: &str,
    address: Option<String>,
    format: &Format,
) -> Result<(), XlsxError> {
    match address.filter(|address| address.len() <= LONGEST_LINK && !words.trim().is_empty() && words.len() <= LONGEST_TEXT / 2) {
        Some(address) => {
            sheet.write_url_with_options(place.0, place.1, Url::new(address), words, "", Some(format))?;
            Ok(())
        }
        None => text(sheet, place, words, &Format::new()),
    }
}

fn number(sheet: &mut Worksheet, place: (RowNum, ColNum), value: f64, format: &Format) -> Result<(), XlsxError> {
    if value.is_finite() {
        sheet.write_number_with_format(place.0, place.1, value, format).map(|_| ())
    } else {
        blank(sheet, place, format)
    }
}

fn blank(sheet: &mut Worksheet, place: (RowNum, ColNum), format: &Format) -> Result<(), XlsxError> {
    sheet.write_blank(place.0, place.1, format).map(|_| ())
}

/// A day as spreadsheets count; `None` before they can.
fn serial(day: Day) -> Option<f64> {
    (day.0 >= FIRST_DAY).then(|| f64::from(day.0) + f64::from(EPOCH))
}

fn moment(at: Instant) -> Option<f64> {
    let seconds = at.millis().rem_euclid(86_400_000) / 1000;
    #[expect(clippy::cast_precision_loss, reason = "less than a day")]
    serial(at.day()).map(|days| days + seconds as f64 / 86_400.0)
}

/// Wide enough for most of what stands in it.
fn width(table: &Table, place: usize, column: &Column) -> f64 {
    use crate::table::Written;
    let cells = table.rows.iter().take(MEASURED).chain(&table.total).filter_map(|row| row.get(place));
    let widest = cells.map(|cell| cell.shown().chars().count()).max().unwrap_or(0);
    // A head breaks over lines, so its longest word counts; the filter's button takes room of its own.
    let head = column.label.split_whitespace().map(|word| word.chars().count() + 4).max().unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "at most 48")]
    let wide = widest.max(head).clamp(8, WIDEST) as f64;
    wide + 2.0
}
