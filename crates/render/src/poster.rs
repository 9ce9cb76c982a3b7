//! A chart that leaves the page as a picture for slides: with its title above and its legend below, in its own colours.

use crate::keys;
use crate::measure::{fitted, width};
use crate::palette::Theme;
use crate::svg::{at, escape};
use crate::{Key, chart, legend, standalone};
use std::fmt::Write;
use tacho_domain::report::Section;

const MARGIN: f64 = 16.0;
/// The title's line, and a line of the legend.
const HEAD: f64 = 34.0;
const LINE: f64 = 20.0;
/// The size of a legend's words, as the charts' stylesheet has it.
const SMALL: f64 = 12.0;
/// Between an entry's mark and words, and between entries.
const GAP: f64 = 6.0;
const APART: f64 = 18.0;

/// The section's chart with title and legend, as a picture for itself; empty where there is nothing to draw.
#[must_use]
pub fn poster(section: &Section, theme: Theme) -> String {
    let Some(drawn) = &section.chart else { return String::new() };
    let picture = chart(&section.id, &section.title, drawn);
    let Some((wide, high)) = size(&picture) else { return String::new() };
    let (keys, lines) = placed(&legend(drawn), wide);
    let (width, height) = (wide + 2.0 * MARGIN, MARGIN + HEAD + high + GAP + lines * LINE + MARGIN);
    let mut text = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img">"#,
        w = at(width),
        h = at(height)
    );
    let (title, _) = fitted(&section.title, wide, 14.0, true);
    let _ = write!(text, r#"<text class="value strong" x="{}" y="{}">{}</text>"#, at(MARGIN), at(MARGIN + 14.0), escape(&title));
    let inner = picture.replacen("<svg ", &format!(r#"<svg x="{}" y="{}" "#, at(MARGIN), at(MARGIN + HEAD)), 1);
    let _ =
        write!(text, r#"{inner}<g transform="translate({} {})">{keys}</g></svg>"#, at(MARGIN), at(MARGIN + HEAD + high + GAP));
    standalone(&text, theme)
}

/// A picture's width and height.
fn size(svg: &str) -> Option<(f64, f64)> {
    let numbers = svg.split_once("viewBox=\"0 0 ")?.1.split_once('"')?.0;
    let (wide, high) = numbers.split_once(' ')?;
    Some((wide.parse().ok()?, high.parse().ok()?))
}

/// The legend's entries in lines no longer than that, and how many lines.
fn placed(legend: &[Key], room: f64) -> (String, f64) {
    let (mut text, mut x, mut y) = (String::new(), 0.0, 0.0);
    for key in legend {
        let words = fitted(&key.label, room - keys::WIDTH - GAP, SMALL, false).0;
        let long = keys::WIDTH + GAP + width(&words, SMALL, false);
        if x > 0.0 && x + long > room {
            (x, y) = (0.0, y + LINE);
        }
        let _ = write!(
            text,
            r#"<g transform="translate({} {})">{}<text class="tick" x="{}" y="10.5">{}</text></g>"#,
            at(x),
            at(y),
            keys::shape(&key.class),
            at(keys::WIDTH + GAP),
            escape(&words)
        );
        x += long + APART;
    }
    (text, if legend.is_empty() { 0.0 } else { y / LINE + 1.0 })
}
