//! A view as each bar wants it. Every format ends with one line end; every format says `-` for what nobody told; none cuts
//! a number. Colour, width, zone and ASCII are handed over in a [`Look`].

mod claude;
mod desktop;
mod escape;
mod json;
mod line;
mod look;
mod text;
mod vscode;
mod words;

pub use claude::paint_status_line;
pub use look::{About, Format, Look};

use crate::StatusLine;
use crate::view::View;

/// The view in that format.
#[must_use]
pub fn paint(view: &View, format: Format, look: &Look) -> String {
    match format {
        Format::Line => line::line(view, look),
        Format::Json => json::json(view, look),
        Format::Waybar => desktop::waybar(view, look),
        Format::Tmux => line::tmux(view, look),
        Format::Starship => line::starship(view, look),
        Format::I3blocks => desktop::i3blocks(view, look),
        Format::Polybar => line::polybar(view, look),
        Format::Xbar => desktop::xbar(view, look),
        Format::ClaudeStatusline => paint_status_line(view, &StatusLine::default(), look),
        Format::Vscode => vscode::vscode(view, look),
    }
}
