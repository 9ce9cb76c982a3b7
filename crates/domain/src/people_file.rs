//! The CSV file of people: `email,name,github_login,teams,left_on`, its columns in any order, only `email` needed.

use crate::Day;
use crate::person::normal_email;
use std::collections::HashMap;

/// A person as a line of the file gives them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonLine {
    /// The line of the file the record begins on, from 1.
    pub line: u32,
    /// Their address, normalised.
    pub email: String,
    /// Their name.
    pub name: Option<String>,
    /// Their GitHub login, in lower case.
    pub github_login: Option<String>,
    /// The teams they are in; none said leaves what is known alone.
    pub teams: Vec<String>,
    /// Their last day with the organization.
    pub left_on: Option<Day>,
}

/// What is wrong with the file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, `{field}`: {what}")]
pub struct PeopleFileError {
    /// The line, from 1.
    pub line: u32,
    /// The column's name, or `header`.
    pub field: String,
    /// What is wrong with it and what to do.
    pub what: String,
}

/// The columns that are read.
const COLUMNS: [&str; 5] = ["email", "name", "github_login", "teams", "left_on"];
/// A text longer than this is a mistake.
const LONGEST: usize = 200;

/// Reads the file. Either all its lines are good or all that is wrong is told, so that a file is never imported by half.
///
/// # Errors
/// Every line and field that cannot be used, in the order of the lines.
pub fn read(text: &str) -> Result<Vec<PersonLine>, Vec<PeopleFileError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (records, torn) = records(text);
    let mut records = records.into_iter().filter(|(_, fields)| !(fields.len() == 1 && fields[0].trim().is_empty()));
    let Some((line, header)) = records.next() else {
        return Err(vec![wrong(1, "header", "the file is empty: its first line must name the columns, `email` at least")]);
    };
    let columns = columns(line, &header)?;
    let (mut people, mut errors) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, u32> = HashMap::new();
    for (line, fields) in records {
        match person(line, &fields, &columns) {
            Ok(person) => {
                if let Some(first) = seen.get(&person.email) {
                    let what = format!("`{}` is on line {first} already: leave one of the two", person.email);
                    errors.push(wrong(line, "email", &what));
                } else {
                    seen.insert(person.email.clone(), line);
                    people.push(person);
                }
            }
            Err(mut wrong) => errors.append(&mut wrong),
        }
    }
    if let Some(line) = torn {
        errors.push(wrong(line, "quotes", "a quote is opened and never closed: close it, or write it twice to mean itself"));
    }
    if errors.is_empty() { Ok(people) } else { Err(errors) }
}

fn wrong(line: u32, field: &str, what: &str) -> PeopleFileError {
    PeopleFileError { line, field: field.to_owned(), what: what.to_owned() }
}

/// The place of each known column. A column that is not known is refused: a misspelt name would be lost without a word.
fn columns(line: u32, header: &[String]) -> Result<HashMap<&'static str, usize>, Vec<PeopleFileError>> {
    let mut columns = HashMap::new();
    let mut errors = Vec::new();
    for (place, name) in header.iter().enumerate() {
        let name = name.trim().to_lowercase();
        match COLUMNS.into_iter().find(|known| **known == name) {
            Some(known) if columns.insert(known, place).is_some() => {
                errors.push(wrong(line, "header", &format!("`{known}` is named twice")));
            }
            Some(_) => {}
            None => {
                let known = COLUMNS.join("`, `");
                errors.push(wrong(line, "header", &format!("`{}` is not a column: known are `{known}`", short(&name))));
            }
        }
    }
    if !columns.contains_key("email") {
        errors.push(wrong(line, "header", "there is no column `email`"));
    }
    if errors.is_empty() { Ok(columns) } else { Err(errors) }
}

fn person(line: u32, fields: &[String], columns: &HashMap<&'static str, usize>) -> Result<PersonLine, Vec<PeopleFileError>> {
    if fields.len() != columns.len() {
        let what = format!("{} fields, but the header names {}", fields.len(), columns.len());
        return Err(vec![wrong(line, "line", &what)]);
    }
    let mut errors = Vec::new();
    let field = |name: &str| columns.get(name).map(|place| fields[*place].trim()).filter(|text| !text.is_empty());
    for (&name, &place) in columns {
        let text = fields[place].trim();
        if text.chars().count() > LONGEST {
            errors.push(wrong(line, name, &format!("is longer than {LONGEST} characters")));
        } else if text.chars().any(char::is_control) {
            errors.push(wrong(line, name, "holds a line break or another control character"));
        }
    }
    let email = normal_email(field("email").unwrap_or_default());
    if let Err(what) = check_email(&email) {
        errors.push(wrong(line, "email", &what));
    }
    let github_login = field("github_login").map(|login| login.trim_start_matches('@').to_lowercase());
    if let Some(login) = github_login.as_deref().filter(|login| !is_login(login)) {
        errors.push(wrong(line, "github_login", &format!("`{}` is not a GitHub login", short(login))));
    }
    let left_on = match field("left_on").map(str::parse::<Day>) {
        Some(Err(error)) => {
            errors.push(wrong(line, "left_on", &error.to_string()));
            None
        }
        Some(Ok(day)) => Some(day),
        None => None,
    };
    let mut teams: Vec<String> = Vec::new();
    for team in field("teams").unwrap_or_default().split(';').map(str::trim).filter(|team| !team.is_empty()) {
        if !teams.iter().any(|known| known.to_lowercase() == team.to_lowercase()) {
            teams.push(team.to_owned());
        }
    }
    let name = field("name").map(str::to_owned);
    errors.sort_by(|a, b| a.field.cmp(&b.field));
    if errors.is_empty() { Ok(PersonLine { line, email, name, github_login, teams, left_on }) } else { Err(errors) }
}

/// Whether a normalised address can be one: something before and after one `@`, no blanks.
///
/// # Errors
/// What is wrong with it, in words.
pub fn check_email(email: &str) -> Result<(), String> {
    if email.is_empty() {
        return Err("is empty: every person needs an address".to_owned());
    }
    let parts: Vec<&str> = email.split('@').collect();
    let whole = parts.len() == 2 && parts.iter().all(|part| !part.is_empty());
    if whole && email.len() <= 254 && !email.chars().any(|c| c.is_whitespace() || c.is_control() || ",;<>\"".contains(c)) {
        Ok(())
    } else {
        Err(format!("`{}` is not an e-mail address", short(email)))
    }
}

/// Whether a text in lower case can be a GitHub login. Those of managed users hold an underscore before the short code.
#[must_use]
pub fn is_login(login: &str) -> bool {
    (1..=100).contains(&login.len()) && login.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '[' | ']'))
}

/// At most forty characters of a wrong value.
fn short(text: &str) -> String {
    if text.chars().count() <= 40 { text.to_owned() } else { text.chars().take(39).chain(['…']).collect() }
}

/// The records with the line each begins on, and the line of a quote that is never closed. Fields between quotes may hold
/// commas, line ends and doubled quotes, as RFC 4180 says.
fn records(text: &str) -> (Vec<(u32, Vec<String>)>, Option<u32>) {
    let mut records = Vec::new();
    let (mut fields, mut field) = (Vec::new(), String::new());
    let (mut line, mut begins, mut opened) = (1u32, 1u32, None);
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' if quoted => quoted = false,
            '"' if field.trim().is_empty() => {
                field.clear();
                (quoted, opened) = (true, Some(line));
            }
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' | '\r' if !quoted => {
                fields.push(std::mem::take(&mut field));
                records.push((begins, std::mem::take(&mut fields)));
                line = line.saturating_add(1);
                begins = line;
            }
            c => {
                line = line.saturating_add(u32::from(c == '\n'));
                field.push(c);
            }
        }
    }
    if !field.is_empty() || !fields.is_empty() {
        fields.push(field);
        records.push((begins, fields));
    }
    (records, opened.filter(|_| quoted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_come_in_any_order_and_quotes_hold_commas() {
        let text = "\u{feff}Name,EMAIL,teams,left_on,github_login\r\n\"Lovelace, \"\"Ada\"\"\", Ada@Acme.example ,Core; Web;core,2026-03-01,@Ada-L\r\n\r\n,bob@acme.example,,,\n";
        let people = read(text).unwrap();
        assert_eq!(people.len(), 2);
        assert_eq!(people[0].name.as_deref(), Some("Lovelace, \"Ada\""));
        assert_eq!((people[0].email.as_str(), people[0].line), ("ada@acme.example", 2));
        assert_eq!(people[0].teams, ["Core", "Web"]);
        assert_eq!(people[0].github_login.as_deref(), Some("ada-l"));
        assert_eq!(people[0].left_on, "2026-03-01".parse().ok());
        let bob = PersonLine { line: 4, email: "bob@acme.example".into(), ..PersonLine::default() };
        assert_eq!(people[1], bob);
    }

    #[test]
    fn every_error_names_line_and_field() {
        let text = "email,left_on,github_login\nada,2026-13-01,a b\nbob@x,,\nbob@x,,\n,,\none\n";
        let errors: Vec<String> = read(text).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(
            errors,
            [
                "line 2, `email`: `ada` is not an e-mail address",
                "line 2, `github_login`: `a b` is not a GitHub login",
                "line 2, `left_on`: `2026-13-01` is not a day: expected YYYY-MM-DD",
                "line 4, `email`: `bob@x` is on line 3 already: leave one of the two",
                "line 5, `email`: is empty: every person needs an address",
                "line 6, `line`: 1 fields, but the header names 3",
            ]
        );
        assert_eq!(read("").unwrap_err()[0].field, "header");
        let misspelt = read("mail,nmae\n").unwrap_err();
        assert_eq!(misspelt.len(), 3, "{misspelt:?}");
        assert_eq!(read("email\n\"ada@x.example\nbob@x.example").unwrap_err().last().unwrap().field, "quotes");
    }

    fn quoted(text: &str) -> String {
        format!("\"{}\"", text.replace('"', "\"\""))
    }

    proptest! {
        #[test]
        fn nothing_that_is_given_makes_it_panic(text in "(?s).{0,200}") {
            drop(read(&text));
            drop(read(&format!("email,name,teams\n{text}")));
        }

        #[test]
        fn what_is_written_reads_back(people in prop::collection::vec(("[a-z]{1,8}", "[ -~]{0,20}", prop::collection::vec("[a-z]{1,5}", 0..3)), 0..6)) {
            let mut text = "email,name,teams\n".to_owned();
            let mut expected = Vec::new();
            for (place, (local, name, teams)) in people.into_iter().enumerate() {
                let email = format!("{local}{place}@acme.example");
                text.extend([email.as_str(), ",", &quoted(&name), ",", &quoted(&teams.join(";")), "\n"]);
                let mut distinct: Vec<String> = Vec::new();
                for team in teams {
                    if !distinct.contains(&team) {
                        distinct.push(team);
                    }
                }
                let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
                let line = u32::try_from(place).unwrap() + 2;
                expected.push(PersonLine { line, email, name, teams: distinct, ..PersonLine::default() });
            }
            prop_assert_eq!(read(&text), Ok(expected));
        }
    }
}
