//! One function per kind of chart, from a part of a report to SVG text. Classes carry the colours (`series-0` to `series-7`,
//! `heat-0` to `heat-4`), so the page's stylesheet decides them for light and dark; each picture has a title, a description
//! in words, and points with `data-day`, `data-series` and `data-value` for the page's script.

mod adoption;
mod bars;
mod calendar;
mod frame;
mod lines;
mod spark;

pub use adoption::adoption;
pub use bars::usage_bars;
pub use calendar::calendar;
pub use lines::{acceptance, dashes};
pub use spark::{spark, spark_bars};

/// The class of a palette place.
fn series_class(colour: u8) -> String {
    format!("series-{}", colour % 8)
}

#[cfg(test)]
mod tests;
