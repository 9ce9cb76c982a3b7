//! Writing SVG as text. Colours come from classes, so that one picture serves light and dark and a strict CSP lets it in.

use std::fmt::Write;

/// Text made safe between tags and inside double quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // XML 1.0 has no place for other control characters, not even escaped.
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => {}
            c => safe.push(c),
        }
    }
    safe
}

/// A coordinate with one decimal, without a trailing `.0`.
pub(crate) fn at(number: f64) -> String {
    let rounded = (number * 10.0).round() / 10.0;
    // Adding zero turns -0 into 0.
    format!("{}", rounded + 0.0)
}

/// A picture under way.
pub(crate) struct Picture {
    text: String,
    /// The id of the pattern of stripes.
    stripes: String,
}

impl Picture {
    /// Opens a picture that screen readers announce by its title and description. `kind` is its class, `id` is unique on the
    /// page and names the picture's parts.
    pub(crate) fn open(kind: &str, id: &str, size: (f64, f64), title: &str, description: &str) -> Self {
        let mut text = String::with_capacity(4096);
        let _ = write!(
            text,
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="chart chart-{kind}" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-labelledby="{id}-chart-title {id}-chart-desc"><title id="{id}-chart-title">{title}</title><desc id="{id}-chart-desc">{description}</desc>"#,
            w = at(size.0),
            h = at(size.1),
            id = escape(id),
            title = escape(title),
            description = escape(description),
        );
        Self { text, stripes: format!("{}-stripes", escape(id)) }
    }

    /// Opens a picture that only repeats what is written beside it.
    pub(crate) fn decoration(class: &str, width: f64, height: f64) -> Self {
        let text = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="{class}" viewBox="0 0 {} {}" aria-hidden="true" focusable="false" preserveAspectRatio="none">"#,
            at(width),
            at(height),
        );
        Self { text, stripes: String::new() }
    }

    /// Adds a class to the picture as a whole.
    pub(crate) fn class(&mut self, class: &str) {
        self.text = self.text.replacen("class=\"chart ", &format!("class=\"chart {class} "), 1);
    }

    /// Defines the stripes that mark what is provisional or unknown; [`Picture::striped`] uses them.
    pub(crate) fn stripes(&mut self) {
        let pattern = format!(
            r#"<defs><pattern id="{}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="stripe" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>"#,
            self.stripes
        );
        self.raw(&pattern);
    }

    /// The attribute that fills a shape with the stripes, with a blank before it.
    pub(crate) fn striped(&self) -> String {
        format!(r#" fill="url(#{})""#, self.stripes)
    }

    /// Opens a group with further attributes, already escaped; [`Picture::end_group`] ends it.
    pub(crate) fn group(&mut self, class: &str, more: &str) {
        let _ = write!(self.text, r#"<g class="{class}"{more}>"#);
    }

    /// Opens the group of a series: what a legend's entry shows and hides.
    pub(crate) fn series(&mut self, place: usize, colour: u8, label: &str) {
        let more = format!(r#" data-series="{place}" data-label="{}""#, escape(label));
        self.group(&format!("series {}", crate::palette::series_class(colour)), &more);
    }

    /// Ends the group that was opened last.
    pub(crate) fn end_group(&mut self) {
        self.raw("</g>");
    }

    /// Adds finished markup.
    pub(crate) fn raw(&mut self, markup: &str) {
        self.text.push_str(markup);
    }

    /// Adds a straight line.
    pub(crate) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let _ = write!(
            self.text,
            r#"<line class="{class}" x1="{}" y1="{}" x2="{}" y2="{}"/>"#,
            at(from.0),
            at(from.1),
            at(to.0),
            at(to.1)
        );
    }

    /// Adds a rectangle with further attributes, already escaped.
    pub(crate) fn rect(&mut self, class: &str, corner: (f64, f64), size: (f64, f64), more: &str) {
        let (x, y) = corner;
        let (w, h) = (size.0.max(0.0), size.1.max(0.0));
        let _ = write!(
            self.text,
            r#"<rect class="{class}" x="{}" y="{}" width="{}" height="{}"{more}/>"#,
            at(x),
            at(y),
            at(w),
            at(h)
        );
    }

    /// Adds a path through points.
    pub(crate) fn path(&mut self, class: &str, points: &[(f64, f64)]) {
        self.shape(class, &trace(points));
    }

    /// Adds a path of this course; nothing where it is empty.
    pub(crate) fn shape(&mut self, class: &str, course: &str) {
        if !course.is_empty() {
            let _ = write!(self.text, r#"<path class="{class}" d="{course}"/>"#);
        }
    }

    /// Adds a disc with further attributes, already escaped.
    pub(crate) fn disc(&mut self, class: &str, centre: (f64, f64), radius: f64, more: &str) {
        let (x, y) = (at(centre.0), at(centre.1));
        let _ = write!(self.text, r#"<circle class="{class}" cx="{x}" cy="{y}" r="{}"{more}/>"#, at(radius));
    }

    /// Adds a line of text; `anchor` is `start`, `middle` or `end`.
    pub(crate) fn label(&mut self, class: &str, place: (f64, f64), anchor: &str, text: &str) {
        let _ = write!(
            self.text,
            r#"<text class="{class}" x="{}" y="{}" text-anchor="{anchor}">{}</text>"#,
            at(place.0),
            at(place.1),
            escape(text)
        );
    }

    /// The finished picture.
    pub(crate) fn close(mut self) -> String {
        self.raw("</svg>");
        self.text
    }
}

/// The course of a line through points.
pub(crate) fn trace(points: &[(f64, f64)]) -> String {
    let mut course = String::new();
    for (index, point) in points.iter().enumerate() {
        let _ = write!(course, "{}{} {}", if index == 0 { 'M' } else { 'L' }, at(point.0), at(point.1));
    }
    course
}

/// The course of a rectangle.
pub(crate) fn block(corner: (f64, f64), size: (f64, f64)) -> String {
    let (width, height) = (at(size.0.max(0.0)), at(size.1.max(0.0)));
    format!("M{} {}h{width}v{height}h-{width}Z", at(corner.0), at(corner.1))
}

/// About how wide a text of that size is drawn; an average, for deciding what fits.
pub(crate) fn width_of(text: &str, size: f64) -> f64 {
    f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX)) * size * 0.56
}

/// The text cut to a width, with an ellipsis where something was cut.
pub(crate) fn cut(text: &str, size: f64, width: f64) -> String {
    if width_of(text, size) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for character in text.chars() {
        short.push(character);
        if width_of(&short, size) + size > width {
            break;
        }
    }
    format!("{}\u{2026}", short.trim_end())
}

/// What a mark tells when it is pointed at.
pub(crate) struct Mark<'a> {
    /// The day, or another heading.
    pub(crate) head: Head<'a>,
    /// What the value is of.
    pub(crate) label: &'a str,
    /// The value as a person reads it.
    pub(crate) text: String,
}

/// What stands over a mark's value.
pub(crate) enum Head<'a> {
    /// A day.
    Day(tacho_domain::Day),
    /// Words.
    Words(&'a str),
    /// Nothing.
    None,
}

impl Mark<'_> {
    /// The attributes, with a blank before each.
    pub(crate) fn attributes(&self) -> String {
        let head = match self.head {
            Head::Day(day) => format!(r#" data-day="{day}""#),
            Head::Words(words) => format!(r#" data-x="{}""#, escape(words)),
            Head::None => String::new(),
        };
        format!(r#" data-place=""{head} data-label="{}" data-text="{}""#, escape(self.label), escape(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_only_where_it_does_not_fit() {
        assert_eq!(cut("Cursor", 10.0, 60.0), "Cursor");
        let short = cut("a very long name of a model", 10.0, 60.0);
        assert!(short.ends_with('\u{2026}') && width_of(&short, 10.0) <= 60.0, "{short}");
    }

    #[test]
    fn a_control_character_has_no_place_in_a_picture() {
        assert_eq!(escape("a\u{0}b\u{1b}<\">"), "ab&lt;&quot;&gt;");
    }
}
