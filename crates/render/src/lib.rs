//! A report becomes SVG and CSV bytes: pure. One picture and one table per part of a report, the same for page and export.

pub mod captions;
pub mod charts;
pub mod heat;
pub mod table;
pub mod tables;
pub mod words;

mod scale;
mod svg;

pub use heat::HeatScale;
pub use table::{Written, csv};
