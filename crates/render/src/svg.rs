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
}

impl Picture {
    /// Opens a picture that screen readers announce by its title and description. `id` is unique on the page.
    pub(crate) fn open(id: &str, width: f64, height: f64, title: &str, description: &str) -> Self {
        let mut text = String::with_capacity(4096);
        let _ = write!(
            text,
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="chart chart-{id}" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-labelledby="{id}-title {id}-desc"><title id="{id}-title">{title}</title><desc id="{id}-desc">{description}</desc>"#,
            w = at(width),
            h = at(height),
            title = escape(title),
            description = escape(description),
        );
        Self { text }
    }

    /// Opens a picture that only repeats what is written beside it.
    pub(crate) fn decoration(class: &str, width: f64, height: f64) -> Self {
        let text = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="{class}" viewBox="0 0 {} {}" aria-hidden="true" focusable="false" preserveAspectRatio="none">"#,
            at(width),
            at(height),
        );
        Self { text }
    }

    /// Adds a class to the picture as a whole.
    pub(crate) fn class(&mut self, class: &str) {
        self.text = self.text.replacen("class=\"chart ", &format!("class=\"chart {class} "), 1);
    }

    /// Defines the stripes that mark what is provisional or unknown; use it as `url(#<id>)`.
    pub(crate) fn stripes(&mut self, id: &str) {
        self.raw(&format!(
            r#"<defs><pattern id="{id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="stripe" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>"#
        ));
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

    /// Adds a path through points; `close` joins the last to the first.
    pub(crate) fn path(&mut self, class: &str, points: &[(f64, f64)], close: bool) {
        let _ = write!(self.text, r#"<path class="{class}" d=""#);
        for (index, point) in points.iter().enumerate() {
            let _ = write!(self.text, "{}{} {}", if index == 0 { 'M' } else { 'L' }, at(point.0), at(point.1));
        }
        self.raw(if close { r#"Z"/>"# } else { r#""/>"# });
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

    /// Adds a data point: what the page's script reads for its tooltip.
    pub(crate) fn point(&mut self, class: &str, centre: (f64, f64), radius: f64, data: &Datum<'_>) {
        let _ = write!(
            self.text,
            r#"<circle class="{class}" cx="{}" cy="{}" r="{}"{}/>"#,
            at(centre.0),
            at(centre.1),
            at(radius),
            data.attributes()
        );
    }

    /// The finished picture.
    pub(crate) fn close(mut self) -> String {
        self.raw("</svg>");
        self.text
    }
}

/// What a point stands for.
pub(crate) struct Datum<'a> {
    pub(crate) day: String,
    pub(crate) series: &'a str,
    pub(crate) value: f64,
    /// The value as a person reads it.
    pub(crate) text: String,
    pub(crate) provisional: bool,
}

impl Datum<'_> {
    /// The attributes, with a blank before each.
    pub(crate) fn attributes(&self) -> String {
        format!(
            r#" data-day="{}" data-series="{}" data-value="{}" data-text="{}"{}"#,
            escape(&self.day),
            escape(self.series),
            self.value,
            escape(&self.text),
            if self.provisional { r#" data-provisional="""# } else { "" }
        )
    }
}
