//! A report becomes SVG, PNG, PDF, CSV and XLSX bytes: pure. One picture and one table per part of a report, the same for page and export.

mod captions;
mod card;
pub mod charts;
mod heat;
mod legend;
mod palette;
mod pdf;
mod png;
mod poster;
mod press;
mod standalone;
pub mod table;
pub mod tables;
pub mod words;
mod xlsx;

mod font;
mod keys;
mod measure;
mod scale;
mod svg;

pub use captions::caption;
pub use card::share_card;
pub use charts::chart;
pub use legend::{Key, legend};
pub use palette::Theme;
pub use pdf::pdf;
pub use png::png;
pub use poster::poster;
pub use press::{Made, PressError, ShareCard};
pub use standalone::{MARKS, standalone};
pub use table::{Written, csv};
pub use xlsx::xlsx;
