//! Where to click, as a list: the numbered steps of a connector's Markdown. What is understood is what profiles use: numbered
//! lines, `code`, *emphasis*, [links](https://...); everything else is shown as it is written.

/// A line of the steps.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Whether it is numbered, or a remark after the list.
    pub(crate) numbered: bool,
    pub(crate) parts: Vec<Part>,
}

/// A part of a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    kind: &'static str,
    pub(crate) text: String,
    pub(crate) href: String,
}

impl Part {
    fn new(kind: &'static str, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), href: String::new() }
    }

    /// Whether it is `text`, `code`, `emphasis` or `link`.
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }
}

/// Reads the steps.
pub(crate) fn steps(markdown: &str) -> Vec<Step> {
    let lines = markdown.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let rest = line.split_once(". ").filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()));
            Step { numbered: rest.is_some(), parts: parts(rest.map_or(line, |(_, rest)| rest)) }
        })
        .collect()
}

fn parts(line: &str) -> Vec<Part> {
    let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), line);
    while let Some(first) = rest.chars().next() {
        let Some((part, length)) = special(rest) else {
            plain.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        if !plain.is_empty() {
            parts.push(Part::new("text", std::mem::take(&mut plain)));
        }
        parts.push(part);
        rest = &rest[length..];
    }
    if !plain.is_empty() {
        parts.push(Part::new("text", plain));
    }
    parts
}

/// The part that begins here, and how long its text is.
fn special(text: &str) -> Option<(Part, usize)> {
    let between = |mark: char| {
        let inner = text.strip_prefix(mark)?.split_once(mark)?.0;
        (!inner.is_empty() && !inner.starts_with(' ')).then(|| (inner.to_owned(), inner.len() + 2))
    };
    if let Some((code, length)) = between('`') {
        return Some((Part::new("code", code), length));
    }
    if let Some((words, length)) = between('*') {
        return Some((Part::new("emphasis", words), length));
    }
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let href = rest.split_once(')')?.0;
    let length = label.len() + href.len() + 4;
    href.starts_with("https://").then(|| (Part { href: href.to_owned(), ..Part::new("link", label) }, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_with_their_code_emphasis_and_links() {
        let read =
            steps("1. Open [the *page*](https://a.example/b) and *press me → now*.\n2. Take `read:org`, 2 * 3.\n\nA remark.");
        assert_eq!((read.len(), read[0].numbered, read[2].numbered), (3, true, false));
        let text = |text: &str| Part::new("text", text);
        let link = Part { href: "https://a.example/b".into(), ..Part::new("link", "the *page*") };
        assert_eq!(read[0].parts, [text("Open "), link, text(" and "), Part::new("emphasis", "press me → now"), text(".")]);
        assert_eq!(read[1].parts, [text("Take "), Part::new("code", "read:org"), text(", 2 * 3.")]);
        assert_eq!(steps("[bad](javascript:alert(1))")[0].parts, [text("[bad](javascript:alert(1))")]);
    }
}
