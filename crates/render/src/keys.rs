//! The marks of a legend as pictures of their own, for faces that have no stylesheet.

use crate::palette::Theme;
use crate::standalone;

/// A mark's width and height.
pub(crate) const WIDTH: f64 = 20.0;
pub(crate) const HEIGHT: f64 = 12.0;

/// The mark of a legend's entry of that class.
pub(crate) fn mark(class: &str, theme: Theme) -> String {
    standalone(
        &format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">{}</svg>"#,
            shape(class)
        ),
        theme,
    )
}

/// What the mark is drawn with, in the classes that charts are drawn with.
pub(crate) fn shape(class: &str) -> String {
    let line = |class: &str| format!(r#"<line class="{class}" x1="1" y1="6" x2="19" y2="6"/>"#);
    let area = |class: &str| format!(r#"<rect class="{class}" x="2" y="1" width="16" height="10" rx="2"/>"#);
    let stripes = r#"<path class="stripe" d="M4 11L14 1M9 11L18 2M2 8L9 1" fill="none"/>"#;
    match class {
        "key-provisional" => format!("{}{stripes}", area("track")),
        "key-none" => format!("{}{stripes}", area("heat-0 heat-none")),
        "key-void" => area("void"),
        "key-annotation" => r#"<line class="annotation" x1="10" y1="0" x2="10" y2="12"/>"#.to_owned(),
        "key-trend" => line("trend"),
        "key-interval" => area("interval"),
        _ => match class.strip_prefix("key-line ") {
            Some(classes) => format!(r#"<g class="{classes}">{}</g>"#, line("line")),
            None if class.starts_with("series-") => area(&format!("bar {class}")),
            None if class.starts_with("state-") => area(&format!("state {class}")),
            None => area(class),
        },
    }
}
