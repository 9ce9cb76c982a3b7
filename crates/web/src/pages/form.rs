//! A form that was sent: `application/x-www-form-urlencoded`, every field a text. What was wrong with it is kept by field, so
//! that the page shows the form again with each message at its field and nothing typed lost.

use crate::problem::Problem;
use axum::body::Bytes;
use http::{HeaderMap, StatusCode, header};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::fmt;
use url::form_urlencoded;

/// The fields of a form that was sent. Some are secrets, so it does not print.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a form.
    pub(crate) fn read(headers: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let form =
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
        // A form without fields has no body, and then no type either.
        if !form && !body.is_empty() {
            let detail = "Send the form as `application/x-www-form-urlencoded`, as a browser does.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail));
        }
        Ok(Self(form_urlencoded::parse(body).into_owned().collect()))
    }

    /// The query of an address, read like a form.
    pub(crate) fn of_query(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// Fields that are known already.
    pub(crate) fn of_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// A field without the blanks around it; empty where it is missing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field as it was typed: blanks may be part of a password.
    pub(crate) fn secret(&self, name: &str) -> SecretString {
        SecretString::from(self.raw(name).to_owned())
    }

    /// Every value of a field that may be there several times.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(key, _)| key)).finish()
    }
}

/// What was wrong, by field.
#[derive(Debug, Default)]
pub(crate) struct Errors(BTreeMap<&'static str, String>);

impl Errors {
    /// Notes what is wrong with a field; the first word about a field stays.
    pub(crate) fn add(&mut self, field: &'static str, why: impl Into<String>) {
        self.0.entry(field).or_insert_with(|| why.into());
    }

    /// Notes an outcome: its error, or nothing.
    pub(crate) fn take<T>(&mut self, field: &'static str, outcome: Result<T, String>) -> Option<T> {
        outcome.map_err(|why| self.add(field, why)).ok()
    }

    /// What a refused change is to the form that asked for it; everything else stays a problem.
    pub(crate) fn of_problem(problem: Problem, field: &'static str) -> Result<Self, Problem> {
        if !matches!(problem.status, StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY) {
            return Err(problem);
        }
        let mut errors = Self::default();
        errors.add(field, problem.detail);
        Ok(errors)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field, for its template.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }
}

/// A field as `field.html` shows it: label, help, what was typed before, and what was wrong with it.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// Unique on its page.
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// The `type` of the input.
    pub(crate) kind: &'static str,
    pub(crate) value: String,
    pub(crate) autocomplete: &'static str,
    pub(crate) help: String,
    pub(crate) error: Option<String>,
    pub(crate) required: bool,
}

impl Field {
    pub(crate) fn new(name: &'static str, label: &'static str) -> Self {
        Self {
            id: name.to_owned(),
            name,
            label,
            kind: "text",
            value: String::new(),
            autocomplete: "off",
            help: String::new(),
            error: None,
            required: true,
        }
    }

    /// A password, which is never shown again. `autocomplete` is `current-password` or `new-password`.
    pub(crate) fn password(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self { kind: "password", autocomplete, ..Self::new(name, label) }
    }

    pub(crate) fn kind(self, kind: &'static str, autocomplete: &'static str) -> Self {
        Self { kind, autocomplete, ..self }
    }

    /// For a page that has several forms with this field.
    pub(crate) fn id(self, id: impl Into<String>) -> Self {
        Self { id: id.into(), ..self }
    }

    pub(crate) fn value(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    pub(crate) fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    /// With what is wrong with it.
    pub(crate) fn checked(self, errors: &Errors) -> Self {
        let error = errors.of(self.name).map(str::to_owned);
        Self { error, ..self }
    }

    /// The ids of the texts that describe it.
    pub(crate) fn described_by(&self) -> String {
        let help = (!self.help.is_empty()).then(|| format!("{}-help", self.id));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        help.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }
}

/// A text of people: not empty, not longer than a line, nothing that cannot be printed.
pub(crate) fn line(text: &str, what: &str, most: usize) -> Result<String, String> {
    if text.is_empty() {
        return Err(format!("Enter {what}."));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("Write {what} on one line, without control characters."));
    }
    if text.chars().count() > most {
        return Err(format!("Write {what} with at most {most} characters."));
    }
    Ok(text.to_owned())
}

/// An e-mail address as far as a form can tell: one `@` with something on both sides, no blanks.
pub(crate) fn email(text: &str) -> Result<String, String> {
    let address = line(text, "an e-mail address", 254)?;
    let looks = address.split_once('@').is_some_and(|(local, domain)| {
        let plain = |part: &str| !part.is_empty() && !part.contains(['@', ' ', '<', '>', '"', ',', ';']);
        plain(local) && plain(domain) && !domain.starts_with('.') && !domain.ends_with('.')
    });
    if looks {
        Ok(tacho_domain::person::normal_email(&address))
    } else {
        Err(format!("`{address}` is not an e-mail address: expected name@company.example."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_gives_its_fields_and_prints_no_value() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8".parse().unwrap());
        let form = Form::read(&headers, &Bytes::from_static(b"name=+Ada+&scope=a&scope=b&password=secret+word")).unwrap();
        assert_eq!(form.text("name"), "Ada");
        assert_eq!(form.text("missing"), "");
        assert_eq!(form.all("scope").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(format!("{form:?}"), r#"["name", "scope", "scope", "password"]"#);
        assert!(Form::read(&HeaderMap::new(), &Bytes::from_static(b"{}")).is_err());
    }

    #[test]
    fn an_address_is_told_from_what_is_none() {
        assert_eq!(email(" Ada@Example.com ".trim()), Ok("ada@example.com".to_owned()));
        for wrong in ["", "ada", "@example.com", "ada@", "a@b@c", "a b@example.com", "ada@.com"] {
            assert!(email(wrong).is_err(), "{wrong}");
        }
    }
}
