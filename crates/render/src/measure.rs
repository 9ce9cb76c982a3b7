//! About how much room words take in the embedded font, for pictures that have to place them without a typesetter.

/// A size is lowered to this part of itself before words are cut.
const SMALLEST: f64 = 0.6;

/// The words and the size at which they have room: smaller, then cut.
pub(crate) fn fitted(words: &str, room: f64, size: f64, bold: bool) -> (String, f64) {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let smaller = (size * room / width(&words, size, bold).max(1.0)).clamp(size * SMALLEST, size);
    if width(&words, smaller, bold) <= room {
        return (words, smaller);
    }
    let mut used = smaller;
    let fits = |letter: &char| {
        used += advance(*letter, bold) * smaller;
        used <= room
    };
    let kept: String = words.chars().take_while(fits).collect();
    (format!("{}…", kept.trim_end()), smaller)
}

/// About how far words reach.
pub(crate) fn width(words: &str, size: f64, bold: bool) -> f64 {
    words.chars().map(|letter| advance(letter, bold)).sum::<f64>() * size
}

/// About how far a letter reaches, in parts of its size; rather too far than not far enough.
fn advance(letter: char, bold: bool) -> f64 {
    let wide = match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '(' | ')' | '[' | ']' => 0.32,
        'f' | 'r' | 't' | '-' | '1' => 0.44,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.98,
        'A'..='Z' => 0.74,
        '\0'..='\u{7f}' => 0.62,
        '\u{80}'..='\u{52f}' | '\u{1e00}'..='\u{1fff}' => 0.78,
        _ => 1.05,
    };
    if bold { wide * 1.05 } else { wide }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_too_long_is_smaller_and_then_cut() {
        assert_eq!(fitted("Ada", 500.0, 56.0, true), ("Ada".to_owned(), 56.0));
        let (words, size) = fitted("A name that is a little long", 700.0, 56.0, true);
        assert!(words.ends_with("long") && size < 56.0, "{words} {size}");
        let (words, size) = fitted(&"Wolfeschlegelsteinhausenbergerdorff ".repeat(9), 700.0, 56.0, true);
        assert!(words.ends_with('…') && (size - 33.6).abs() < 0.01, "{words} {size}");
    }

    proptest! {
        #[test]
        fn words_never_need_more_room_than_there_is(words in "\\PC{0,120}", room in 60.0f64..1100.0) {
            let (words, size) = fitted(&words, room, 56.0, true);
            prop_assert!(width(&words, size, true) <= room + size);
        }
    }
}
