//! A chart that leaves the page: the same picture with its colours resolved, for files, PDF and pixels.

use crate::palette::Theme;

/// The rules by which marks are drawn, as a stylesheet with variables for the colours; part of the page's own.
pub const MARKS: &str = include_str!("marks.css");

/// The family of the built-in font.
const FAMILY: &str = "Inter";

/// The picture with its own style and its own ground. What only a page's script reads is left out.
#[must_use]
pub fn standalone(svg: &str, theme: Theme) -> String {
    let Some(end) = svg.find('>').filter(|_| svg.starts_with("<svg")) else { return String::new() };
    let (open, rest) = svg.split_at(end + 1);
    let style = format!("text{{font-family:{FAMILY},sans-serif}}\n{}", resolved(theme));
    let ground = theme.colour("box").unwrap_or("#ffffff");
    format!(r#"{open}<style>{style}</style><rect width="100%" height="100%" fill="{ground}"/>{}"#, without_places(rest))
}

/// The rules with the theme's colours in place of the variables.
fn resolved(theme: Theme) -> String {
    let is_rule = |line: &&str| line.starts_with('.') || line.starts_with("svg ");
    let rules = MARKS.lines().filter(is_rule).collect::<Vec<_>>().join("\n");
    theme.colours().iter().fold(rules, |rules, (name, colour)| rules.replace(&format!("var(--{name})"), colour))
}

/// Without the invisible columns that only catch the pointer.
fn without_places(svg: &str) -> String {
    let mut parts = svg.split(r#"<rect class="column""#);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once("/>").map_or("", |(_, after)| after));
    }
    kept
}
