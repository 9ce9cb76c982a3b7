//! What a provider wrote, made fit to be shown: short, one line, no markup, and nothing that could be a secret.

/// The longest piece that is repeated.
const LONGEST: usize = 60;

/// A word of a protocol: an error code, a claim's name. Anything else is not repeated.
pub(crate) fn code(text: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain) { text } else { "something unreadable" }
}

/// A host, a group, an address: without what could break a line or leave its backticks.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control() && *letter != '`').take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_protocol_words_are_repeated() {
        assert_eq!(code("access_denied"), "access_denied");
        for other in ["", "<b>", "two words", &"x".repeat(61)] {
            assert_eq!(code(other), "something unreadable");
        }
        assert_eq!(plain("a`b\nc"), "abc");
    }
}
