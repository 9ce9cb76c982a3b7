//! The first sheet: what the file is of, how fresh it is, the figures, and what everything means.

use super::look::Look;
use super::names::ABOUT;
use super::sheet::{cell, text};
use crate::press::Made;
use crate::words;
use rust_xlsxwriter::{RowNum, Url, Worksheet, XlsxError};
use tacho_domain::report::{Cell, Report, Table};

/// The sheet under way.
struct About<'a> {
    sheet: &'a mut Worksheet,
    look: &'a Look,
    row: RowNum,
}

/// Writes the sheet.
pub(super) fn write(
    sheet: &mut Worksheet,
    report: &Report,
    names: &[String],
    tables: &[(String, &Table)],
    made: &Made,
    look: &Look,
) -> Result<(), XlsxError> {
    sheet.set_name(ABOUT)?;
    for (column, wide) in [(0, 30.0), (1, 26.0), (2, 22.0), (3, 40.0), (4, 90.0)] {
        sheet.set_column_width(column, wide)?;
    }
    let mut about = About { sheet, look, row: 0 };
    about.heading(report, made)?;
    about.notes(report)?;
    about.figures(report)?;
    about.sheets(report, names, tables)?;
    about.columns(names, tables)
}

impl About<'_> {
    fn heading(&mut self, report: &Report, made: &Made) -> Result<(), XlsxError> {
        text(self.sheet, (0, 0), &report.title, &self.look.title)?;
        text(self.sheet, (1, 0), &report.question, &rust_xlsxwriter::Format::new())?;
        self.row = 3;
        let from = &report.provenance;
        self.line("Organization", &Cell::text(&made.organization))?;
        self.line("Window", &Cell::text(words::window(report.window)))?;
        for scope in &report.scope {
            self.line("Only", &Cell::text(scope))?;
        }
        self.line("Made (UTC)", &Cell::Instant(made.at))?;
        self.line("Data last read (UTC)", &from.last_synced.map_or(Cell::text("never"), Cell::Instant))?;
        self.line("Share of matched members", &Cell::share(from.coverage))?;
        self.line("Provisional days", &Cell::Count(from.provisional_days.into()))?;
        self.line("Days without data", &Cell::Count(from.missing_days.into()))?;
        self.page(made)
    }

    /// The page the file was made from.
    fn page(&mut self, made: &Made) -> Result<(), XlsxError> {
        if made.address("", "/").is_none() || made.link.len() > 2_000 {
            return Ok(());
        }
        text(self.sheet, (self.row, 0), "Page", &self.look.label)?;
        let look = self.look.of(&Cell::link("", ""));
        self.sheet.write_url_with_options(self.row, 1, Url::new(&made.link), &made.link, "", Some(look))?;
        self.row += 1;
        Ok(())
    }

    fn notes(&mut self, report: &Report) -> Result<(), XlsxError> {
        self.table(if report.notes.is_empty() { &[] } else { &["Note", "What it says"] })?;
        for note in &report.notes {
            self.line(&note.title, &Cell::text(note.text.replace('`', "")))?;
        }
        Ok(())
    }

    fn figures(&mut self, report: &Report) -> Result<(), XlsxError> {
        let figures: Vec<_> = report.groups.iter().flat_map(|group| &group.figures).collect();
        self.table(if figures.is_empty() {
            &[]
        } else {
            &["Figure", "Value", "Window before", "Remarks", "How it is calculated"]
        })?;
        for figure in figures {
            let (value, before) = (Cell::from(figure.value), Cell::from(figure.before));
            let remarks = if figure.provisional { format!("{} (provisional)", figure.context) } else { figure.context.clone() };
            cell(self.sheet, (self.row, 1), &value, self.look.of(&value), &|_| None)?;
            cell(self.sheet, (self.row, 2), &before, self.look.of(&before), &|_| None)?;
            text(self.sheet, (self.row, 3), remarks.trim(), &self.look.prose)?;
            text(self.sheet, (self.row, 4), &figure.formula, &self.look.prose)?;
            self.label(&figure.label)?;
        }
        Ok(())
    }

    fn sheets(&mut self, report: &Report, names: &[String], tables: &[(String, &Table)]) -> Result<(), XlsxError> {
        self.table(if names.is_empty() { &[] } else { &["Sheet", "Rows", "Left out", "", "What it shows"] })?;
        for (name, (wanted, table)) in names.iter().zip(tables) {
            let section = report.sections.iter().find(|section| section.title == *wanted || section.id == *wanted);
            let rows = Cell::count(i64::try_from(table.rows.len()).ok());
            cell(self.sheet, (self.row, 1), &rows, self.look.of(&rows), &|_| None)?;
            text(self.sheet, (self.row, 2), &left_out(table), &self.look.prose)?;
            text(self.sheet, (self.row, 4), section.map_or("", |section| &section.subtitle), &self.look.prose)?;
            self.label(name)?;
        }
        Ok(())
    }

    /// What the columns mean that say so.
    fn columns(&mut self, names: &[String], tables: &[(String, &Table)]) -> Result<(), XlsxError> {
        let every =
            names.iter().zip(tables).flat_map(|(name, (_, table))| table.columns.iter().map(move |column| (name, column)));
        let explained: Vec<_> = every.filter(|(_, column)| !column.formula.is_empty()).collect();
        self.table(if explained.is_empty() { &[] } else { &["Column", "Sheet", "", "", "How it is calculated"] })?;
        for (name, column) in explained {
            text(self.sheet, (self.row, 1), name, &self.look.prose)?;
            text(self.sheet, (self.row, 4), &column.formula, &self.look.prose)?;
            self.label(&column.label)?;
        }
        Ok(())
    }

    /// Heads after an empty line; nothing where there are none.
    fn table(&mut self, heads: &[&str]) -> Result<(), XlsxError> {
        if heads.is_empty() {
            return Ok(());
        }
        self.row += 1;
        for (head, column) in heads.iter().zip(0..) {
            text(self.sheet, (self.row, column), head, &self.look.head)?;
        }
        self.row += 1;
        Ok(())
    }

    fn line(&mut self, label: &str, value: &Cell) -> Result<(), XlsxError> {
        let look = self.look.of(value).clone().set_align(rust_xlsxwriter::FormatAlign::Left);
        cell(self.sheet, (self.row, 1), value, &look, &|_| None)?;
        self.label(label)
    }

    /// Ends a line with what it is about.
    fn label(&mut self, label: &str) -> Result<(), XlsxError> {
        text(self.sheet, (self.row, 0), label, &self.look.label)?;
        self.row += 1;
        Ok(())
    }
}

/// Which rows the sheet does not hold, in words.
fn left_out(table: &Table) -> String {
    let beyond = table.total_rows.saturating_sub(table.rows.len());
    let hidden = table.hidden_rows;
    match (beyond, hidden) {
        (0, 0) => String::new(),
        (beyond, 0) => format!("{beyond} on other pages"),
        (0, hidden) => format!("{hidden} not visible to you"),
        (beyond, hidden) => format!("{beyond} on other pages, {hidden} not visible to you"),
    }
}
