//! Foreign text (a vendor's label, an account's name, an error) as each bar has to be told it, so that it is text there and
//! nothing else. Line ends and control characters become blanks everywhere: a bar takes a line.

/// One line: no control character stays.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Pango markup, which waybar reads `text` and `tooltip` as.
/// <https://docs.gtk.org/Pango/pango_markup.html>, read 2026-11-21.
pub(super) fn pango(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

/// tmux, which expands what a command printed once more: `#` begins a style or a command.
pub(super) fn tmux(text: &str) -> String {
    text.replace('#', "##")
}

/// polybar, where `%{` begins a tag. Nothing escapes it, so the two are parted.
/// <https://github.com/polybar/polybar/wiki/Formatting>, read 2026-11-21.
pub(super) fn polybar(text: &str) -> String {
    text.replace("%{", "% {")
}

/// xbar and `SwiftBar`, where `|` begins the parameters of a line.
/// <https://github.com/matryer/xbar-plugins/blob/main/CONTRIBUTING.md>, read 2026-11-21.
pub(super) fn xbar(text: &str) -> String {
    text.replace('|', "/")
}

/// A line of their menu, where dashes at the beginning make a submenu or a separator.
pub(super) fn xbar_row(text: &str) -> String {
    xbar(text).trim_start_matches(['-', ' ']).to_owned()
}

/// Markdown in an editor whose theme icons are on: what `MarkdownString.appendText` of VS Code does, so that `$(name)` is no
/// icon, and no character begins a link, a list or a tag.
/// <https://github.com/microsoft/vscode/blob/main/src/vs/base/common/htmlContent.ts>, read 2026-11-21.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // The icon's own escape is a backslash, which Markdown then has to be told as a character.
            '$' if letters.peek() == Some(&'(') => out.push_str("\\\\$"),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '-' | '!' | '~' | '|' | '>' => {
                out.push('\\');
                out.push(letter);
            }
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_foreign_is_markup() {
        assert_eq!(pango("a<b> & 'c'"), "a&lt;b&gt; &amp; &#39;c&#39;");
        assert_eq!(tmux("#[fg=red]#(rm)"), "##[fg=red]##(rm)");
        assert_eq!(polybar("%{A1:rm:}"), "% {A1:rm:}");
        assert_eq!(xbar("a | shell=rm"), "a / shell=rm");
        assert_eq!(markdown("[x](command:y) $(bug)"), "\\[x\\]\\(command:y\\) \\\\$\\(bug\\)");
        assert_eq!(one_line("a\nb\u{1b}[31m"), "a b [31m");
    }

    proptest! {
        #[test]
        fn no_bar_sees_its_own_marks(text in "\\PC{0,40}") {
            prop_assert!(!pango(&text).contains(['<', '>', '"', '\'']));
            prop_assert!(!tmux(&text).replace("##", "").contains('#'));
            let tag = "%{";
            prop_assert!(!polybar(&text).contains(tag));
            prop_assert!(!xbar(&text).contains('|'));
            prop_assert!(!markdown(&text).contains('<'));
        }
    }
}
