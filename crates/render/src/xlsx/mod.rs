//! Tables as a spreadsheet: first what they are of, then a sheet for each. Numbers are numbers, days are days, words are words:
//! nothing in a file is a formula, whatever a name begins with.

mod about;
mod look;
mod names;
mod sheet;

use crate::press::{Made, PressError};
use look::Look;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};
use tacho_domain::report::{Report, Table};

/// The report's tables as sheets of these names, after a sheet `About` with what the report is, its figures and what they
/// mean. Names are cut to what spreadsheets take.
///
/// # Errors
/// When a table has more rows than a sheet can hold.
pub fn xlsx(report: &Report, tables: &[(String, &Table)], made: &Made) -> Result<Vec<u8>, PressError> {
    written(report, tables, made).map_err(|error| PressError::Sheet(error.to_string()))
}

fn written(report: &Report, tables: &[(String, &Table)], made: &Made) -> Result<Vec<u8>, XlsxError> {
    let look = Look::new();
    let mut book = Workbook::new();
    book.set_properties(&properties(report, made)?);
    let names = names::unique(tables.iter().map(|(name, _)| name.as_str()));
    about::write(book.add_worksheet(), report, &names, tables, made, &look)?;
    for ((_, table), name) in tables.iter().zip(&names) {
        let to = |page: &str| made.address(&report.name.page(), page);
        sheet::write(book.add_worksheet().set_name(name)?, table, &to, &look)?;
    }
    book.save_to_buffer()
}

fn properties(report: &Report, made: &Made) -> Result<DocProperties, XlsxError> {
    // Without a time of its own the file would carry the clock's.
    let made_at = ExcelDateTime::from_timestamp(made.at.millis().max(0) / 1000)?;
    let title = format!("{}, {}", report.title, crate::words::window(report.window));
    Ok(DocProperties::new().set_title(title).set_author("Tacho").set_company(&made.organization).set_creation_datetime(&made_at))
}
