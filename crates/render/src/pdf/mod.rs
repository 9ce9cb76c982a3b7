//! A report as PDF: a document to hand on, with figures, charts, tables and what they mean. It is typeset from a fixed template
//! (`report.typ`) that reads the report as data: no word of a report is ever taken for markup.

mod columns;
mod paper;
mod safe;
mod tables;
mod world;

use crate::press::{Made, PressError};
use paper::Paper;
use tacho_domain::report::Report;
use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst_pdf::PdfOptions;
use world::Press;

/// The report as a document to hand on. The same report made at the same moment gives the same bytes.
///
/// # Errors
/// When it cannot be typeset, which is a fault of the program.
pub fn pdf(report: &Report, made: &Made) -> Result<Vec<u8>, PressError> {
    let paper = serde_json::to_vec(&Paper::of(report, made)).map_err(|error| PressError::Document(error.to_string()))?;
    let bytes = printed(&Press::new(paper));
    // What was remembered of this document helps no other.
    typst::comemo::evict(0);
    bytes
}

fn printed(press: &Press) -> Result<Vec<u8>, PressError> {
    let document = typst::compile(press).output.map_err(|problems| refused(&problems))?;
    let options = PdfOptions { creator: Smart::Custom(Some("Tacho".to_owned())), ..PdfOptions::default() };
    typst_pdf::pdf(&document, &options).map_err(|problems| refused(&problems))
}

fn refused(problems: &[SourceDiagnostic]) -> PressError {
    let words: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    PressError::Document(words.join("; "))
}
