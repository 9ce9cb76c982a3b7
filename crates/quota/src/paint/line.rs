//! The bars that take a line of text, with colour in their own notation.

use super::Look;
use super::escape;
use super::text::{Piece, joined, pieces};
use crate::Freshness;
use crate::view::{Level, View};

/// A terminal: ANSI colours, where they are welcome.
pub(super) fn line(view: &View, look: &Look) -> String {
    let painted = |piece: &Piece<'_>| ansi(piece.tool.level, is_faded(piece), &escape::one_line(&piece.text), look);
    ended(joined(&pieces(view, look), look, painted))
}

/// tmux: `#[fg=…]`, and `#` doubled in text, since tmux expands the line once more.
/// <https://man.openbsd.org/tmux.1#STYLES>, read 2026-11-21.
pub(super) fn tmux(view: &View, look: &Look) -> String {
    let painted = |piece: &Piece<'_>| {
        let text = escape::tmux(&escape::one_line(&piece.text));
        match tmux_colour(piece.tool.level).filter(|_| look.colour) {
            Some(colour) => format!("#[fg={colour}]{text}#[default]"),
            None => text,
        }
    };
    ended(joined(&pieces(view, look), look, painted))
}

/// starship escapes the output and has the style in its own settings: plain text.
/// <https://starship.rs/config/#custom-commands>, read 2026-11-21.
pub(super) fn starship(view: &View, look: &Look) -> String {
    ended(joined(&pieces(view, look), look, |piece| escape::one_line(&piece.text)))
}

/// polybar: `%{F#…}`.
pub(super) fn polybar(view: &View, look: &Look) -> String {
    let painted = |piece: &Piece<'_>| {
        let text = escape::polybar(&escape::one_line(&piece.text));
        match hex(piece.tool.level).filter(|_| look.colour) {
            Some(colour) => format!("%{{F{colour}}}{text}%{{F-}}"),
            None => text,
        }
    };
    ended(joined(&pieces(view, look), look, painted))
}

/// With the one line end that every format has.
pub(super) fn ended(mut text: String) -> String {
    text.push('\n');
    text
}

fn is_faded(piece: &Piece<'_>) -> bool {
    piece.tool.freshness == Some(Freshness::VeryStale)
}

/// A text for a terminal. Numbers of yesterday are dim, however near their end they were.
pub(super) fn ansi(level: Level, faded: bool, text: &str, look: &Look) -> String {
    let code = match level {
        _ if faded => "2",
        Level::Ok => return text.to_owned(),
        Level::Warn => "33",
        Level::Critical => "31",
        Level::Over => "1;31",
    };
    if look.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

const fn tmux_colour(level: Level) -> Option<&'static str> {
    match level {
        Level::Ok => None,
        Level::Warn => Some("yellow"),
        Level::Critical | Level::Over => Some("red"),
    }
}

/// A colour that is readable on dark and on light bars.
pub(super) const fn hex(level: Level) -> Option<&'static str> {
    match level {
        Level::Ok => None,
        Level::Warn => Some("#d08700"),
        Level::Critical | Level::Over => Some("#e5484d"),
    }
}
