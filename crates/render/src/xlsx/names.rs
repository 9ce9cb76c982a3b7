//! Names of sheets: at most 31 characters, without `[]:*?/\`, no apostrophe at either end, and no two alike.

/// What the first sheet is called; no other is.
pub(super) const ABOUT: &str = "About";

const LONGEST: usize = 31;

/// The names as a spreadsheet takes them, each once.
pub(super) fn unique<'a>(wanted: impl Iterator<Item = &'a str>) -> Vec<String> {
    // `History` is a name that Excel keeps for itself.
    let mut taken = vec![ABOUT.to_lowercase(), "history".to_owned()];
    wanted
        .map(|name| {
            let plain = plain(name);
            let free =
                (1..=taken.len() + 1).map(|place| numbered(&plain, place)).find(|name| !taken.contains(&name.to_lowercase()));
            let name = free.unwrap_or_default();
            taken.push(name.to_lowercase());
            name
        })
        .collect()
}

fn plain(name: &str) -> String {
    let allowed = |character: char| !character.is_control() && !"[]:*?/\\".contains(character);
    let kept: String = name.chars().map(|character| if allowed(character) { character } else { ' ' }).collect();
    let words = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let trimmed = words.trim_matches(['\'', ' ']);
    if trimmed.is_empty() { "Table".to_owned() } else { trimmed.to_owned() }
}

fn numbered(name: &str, place: usize) -> String {
    let number = if place == 1 { String::new() } else { format!(" {place}") };
    format!("{}{number}", cut(name, LONGEST - number.len()))
}

/// The longest beginning of at most that many UTF-16 units, which is how spreadsheets count.
fn cut(name: &str, units: usize) -> &str {
    let mut used = 0;
    let end = name.char_indices().find(|(_, character)| {
        used += character.len_utf16();
        used > units
    });
    name[..end.map_or(name.len(), |(at, _)| at)].trim_end_matches(['\'', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_cut_cleaned_and_told_apart() {
        let wanted =
            ["Use by tool", "use by tool", "About", "a/b: [c]*?", "'", "", "A heading of more than thirty-one characters"];
        let expected =
            ["Use by tool", "use by tool 2", "About 2", "a b c", "Table", "Table 2", "A heading of more than thirty-o"];
        assert_eq!(unique(wanted.into_iter()), expected);
    }

    proptest! {
        #[test]
        fn every_name_is_one_that_a_spreadsheet_takes(wanted in prop::collection::vec("\\PC{0,40}|[a'/ ]{0,3}|😀{14,18}", 0..12)) {
            let names = unique(wanted.iter().map(String::as_str));
            prop_assert_eq!(names.len(), wanted.len());
            for (place, name) in names.iter().enumerate() {
                prop_assert!(rust_xlsxwriter::Worksheet::new().set_name(name).is_ok(), "{}", name);
                prop_assert!(!names[..place].iter().any(|other| other.to_lowercase() == name.to_lowercase()));
            }
        }
    }
}
