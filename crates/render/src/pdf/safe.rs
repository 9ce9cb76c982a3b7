//! Words as they can be set: without what turns lines around or breaks them, and with places to break where a word is too long.

/// A word longer than this may be broken inside.
const LONG: usize = 18;
/// After this many characters at the latest.
const PIECE: usize = 12;
/// A place to break a line, not seen and without width.
const BREAK: char = '\u{200b}';

/// Words on one line: control characters become blanks, and marks that reverse the direction of what follows go.
pub(super) fn line(text: &str) -> String {
    let shown = |character: &char| !matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let kept = text.chars().filter(shown).map(|character| if character.is_control() { ' ' } else { character });
    kept.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same with places to break: in a narrow column a long address or login must not run into its neighbour.
pub(super) fn breakable(text: &str) -> String {
    let text = line(text);
    if text.len() <= LONG {
        return text;
    }
    text.split(' ').map(broken).collect::<Vec<_>>().join(" ")
}

fn broken(word: &str) -> String {
    if word.chars().count() <= LONG {
        return word.to_owned();
    }
    let mut pieces = String::with_capacity(word.len() + 12);
    let mut since = 0;
    for character in word.chars() {
        // A mark that sits on the letter before it stays with it.
        if since >= PIECE && character.is_alphanumeric() {
            pieces.push(BREAK);
            since = 0;
        }
        pieces.push(character);
        since += 1;
        if matches!(character, '.' | '@' | '_' | '/' | '-' | '+') && since > 2 {
            pieces.push(BREAK);
            since = 0;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_stay_lines_and_run_one_way() {
        assert_eq!(line(" a\n\tb\u{0}c \u{202e}d\u{2066} "), "a b c d");
        assert_eq!(line("שלום, Zoë"), "שלום, Zoë");
    }

    #[test]
    fn long_words_break_at_their_joints() {
        assert_eq!(breakable("short words stay as they are"), "short words stay as they are");
        let broken = breakable("maximiliane.von-und-zu@subsidiary.example.com");
        assert_eq!(broken.replace(BREAK, "|"), "maximiliane.|von-|und-|zu@|subsidiary.|example.|com");
    }

    proptest! {
        #[test]
        fn no_word_of_a_line_is_too_long_to_break(text in "[a-z@._]{0,200}") {
            let pieces = breakable(&text);
            prop_assert_eq!(pieces.replace(BREAK, ""), text);
            prop_assert!(pieces.split([BREAK, '.', '@', '_']).all(|piece| piece.len() <= LONG));
        }
    }
}
