//! The fields of a vendor's object, each of them optional: missing and `null` are the same, numbers may be written as text,
//! what nobody asks for is not looked at. Only another kind of value in a place we know is an error.

use super::misread::{Misread, kind};
use crate::Milli;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tacho_domain::Instant;

/// No list of a vendor's is followed further: the state file holds at most 64 KB, and a bar shows a few.
const LONGEST_LIST: usize = 16;

/// No text is kept longer: names of plans, models and people.
const LONGEST_TEXT: usize = 80;

/// Seconds beyond this are milliseconds: as seconds they would lie in the year 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// One object of an answer, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    /// The answer itself. It has to be an object with at least one of the `known` fields: anything else is not this
    /// source's answer (an error page of somebody in between), and must not pass for an account without quotas.
    ///
    /// # Errors
    /// When it is anything else.
    pub(super) fn whole(value: &'a Value, known: &[&str]) -> Result<Self, Misread> {
        let fields = Self::of(value, "$".to_owned())?;
        if known.iter().any(|key| fields.map.contains_key(*key)) {
            return Ok(fields);
        }
        let expected = "an object with at least one field that this source is known to tell";
        Err(Misread::Wrong { path: fields.path, expected, found: "none of them" })
    }

    fn of(value: &'a Value, path: String) -> Result<Self, Misread> {
        match value {
            Value::Object(map) => Ok(Self { map, path }),
            other => Err(Misread::Wrong { path, expected: "an object", found: kind(other) }),
        }
    }

    /// Whether there is anything.
    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Whether any field stands here that is not one of `known`.
    pub(super) fn has_others_than(&self, known: &[&str]) -> bool {
        self.map.keys().any(|key| !known.contains(&key.as_str()))
    }

    /// An object in a field.
    pub(super) fn object(&self, key: &str) -> Result<Option<Self>, Misread> {
        self.value(key).map(|value| Self::of(value, self.place(key))).transpose()
    }

    /// The objects of a list; sixteen at most, `null` left out.
    pub(super) fn objects(&self, key: &str) -> Result<Vec<Self>, Misread> {
        let items = self.list(key)?;
        items.into_iter().map(|(index, item)| Self::of(item, format!("{}[{index}]", self.place(key)))).collect()
    }

    fn list(&self, key: &str) -> Result<Vec<(usize, &'a Value)>, Misread> {
        match self.value(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                Ok(items.iter().enumerate().filter(|(_, item)| !item.is_null()).take(LONGEST_LIST).collect())
            }
            Some(other) => Err(self.wrong(key, "a list", kind(other))),
        }
    }

    /// The texts of a list; sixteen at most, `null` and empty ones left out.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>, Misread> {
        let mut texts = Vec::new();
        for (index, item) in self.list(key)? {
            match item {
                Value::String(text) => texts.extend(shown(text)),
                other => return Err(self.wrong(&format!("{key}[{index}]"), "text", kind(other))),
            }
        }
        Ok(texts)
    }

    /// A text, fit to be shown: without control characters, eighty characters at most. Empty is the same as missing.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, Misread> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(shown(text)),
            Some(other) => Err(self.wrong(key, "text", kind(other))),
        }
    }

    /// A yes or no.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Misread> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(self.wrong(key, "true or false", kind(other))),
        }
    }

    /// A number, or a text that is one; may be negative.
    pub(super) fn number(&self, key: &str) -> Result<Option<Milli>, Misread> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let told = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse::<f64>().ok().filter(|number| number.is_finite()),
            _ => None,
        };
        let found = if value.is_string() { "text that is none" } else { kind(value) };
        let number = told.ok_or_else(|| self.wrong(key, "a number", found))?;
        let amount = Milli::of(number).ok_or_else(|| self.wrong(key, "a number", "one beyond all measure"))?;
        Ok(Some(amount))
    }

    /// A number that is not negative.
    pub(super) fn amount(&self, key: &str) -> Result<Option<Milli>, Misread> {
        match self.number(key)? {
            Some(number) if number.0 < 0 => Err(self.wrong(key, "a number that is not negative", "a negative one")),
            number => Ok(number),
        }
    }

    /// A whole number of millionths, as our own server writes money; may be negative.
    pub(super) fn micros(&self, key: &str) -> Result<Option<i64>, Misread> {
        match self.value(key) {
            None => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or_else(|| self.wrong(key, "a whole number", kind(value))),
        }
    }

    /// A moment: seconds or milliseconds since 1970, RFC 3339, or a day (its beginning, UTC). 0 and an empty text are
    /// vendors' ways to say that there is none.
    pub(super) fn instant(&self, key: &str) -> Result<Option<Instant>, Misread> {
        let Some(value) = self.value(key) else { return Ok(None) };
        match value {
            Value::Number(number) => match number.as_f64().and_then(from_epoch) {
                Some(at) => Ok((at.0 > 0).then_some(at)),
                None => Err(self.wrong(key, "a moment", "a number beyond all time")),
            },
            Value::String(text) if text.trim().is_empty() => Ok(None),
            Value::String(text) => match from_text(text.trim()) {
                Some(at) => Ok(Some(at)),
                None => Err(self.wrong(key, "a moment", "text that is none")),
            },
            other => Err(self.wrong(key, "a moment", kind(other))),
        }
    }

    fn value(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    fn place(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    fn wrong(&self, key: &str, expected: &'static str, found: &'static str) -> Misread {
        Misread::Wrong { path: self.place(key), expected, found }
    }
}

/// What of a vendor's text may be shown in a bar: no control characters, no line breaks; `None` where nothing is left.
fn shown(text: &str) -> Option<String> {
    let plain = text.chars().filter(|c| !c.is_control()).take(LONGEST_TEXT).collect::<String>();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

fn from_epoch(number: f64) -> Option<Instant> {
    let thousandths = Milli::of(number)?.0;
    let micros =
        if thousandths >= FIRST_MILLISECONDS.saturating_mul(1_000) { thousandths } else { thousandths.checked_mul(1_000)? };
    Timestamp::from_microsecond(micros).ok().map(|at| Instant(at.as_microsecond()))
}

fn from_text(text: &str) -> Option<Instant> {
    let moment = text.parse::<Timestamp>().ok();
    let moment = moment.or_else(|| Some(text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp()))?;
    Some(Instant(moment.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(result: Result<impl std::fmt::Debug, Misread>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn numbers_may_be_text_and_anything_may_be_missing() {
        let value = json!({"a": 1.5, "b": " 12 ", "c": null, "d": -3});
        let fields = Fields::whole(&value, &["a"]).unwrap();
        let read = ["a", "b", "c", "d", "e"].map(|key| fields.number(key).unwrap());
        assert_eq!(read, [Some(Milli(1_500)), Some(Milli(12_000)), None, Some(Milli(-3_000)), None]);
        assert_eq!(message(fields.amount("d")), "at `$.d` expected a number that is not negative, found a negative one");
    }

    #[test]
    fn another_kind_is_named_without_its_content() {
        let value = json!({"a": "inf", "b": ["secret"], "c": [{"x": true}, "secret"], "d": 1e300, "e": "soon"});
        let fields = Fields::whole(&value, &["a"]).unwrap();
        assert_eq!(message(fields.number("a")), "at `$.a` expected a number, found text that is none");
        assert_eq!(message(fields.text("b")), "at `$.b` expected text, found a list");
        assert_eq!(message(fields.objects("c")), "at `$.c[1]` expected an object, found text");
        assert_eq!(message(fields.number("d")), "at `$.d` expected a number, found one beyond all measure");
        assert_eq!(message(fields.instant("e")), "at `$.e` expected a moment, found text that is none");
        assert_eq!(message(Fields::whole(&json!([]), &[])), "at `$` expected an object, found a list");
        assert!(Fields::whole(&json!({"message": "Bad gateway"}), &["a"]).is_err());
    }

    #[test]
    fn moments_come_in_every_dress() {
        let value = json!({
            "a": 1_796_083_200, "b": 1_796_083_200_000_i64, "c": "2026-12-01", "d": "2026-12-01T01:00:00.000+01:00",
            "e": 0, "f": "", "g": "2026-12-01T00:00:00Z",
        });
        let fields = Fields::whole(&value, &["a"]).unwrap();
        let december = Some(Instant(1_796_083_200_000_000));
        for key in ["a", "b", "c", "d", "g"] {
            assert_eq!(fields.instant(key).unwrap(), december, "{key}");
        }
        assert_eq!([fields.instant("e").unwrap(), fields.instant("f").unwrap()], [None; 2]);
    }

    #[test]
    fn a_text_cannot_move_the_cursor_or_fill_the_bar() {
        let value = json!({"a": "\u{1b}[31mred\n", "b": "x".repeat(500), "c": " \n"});
        let fields = Fields::whole(&value, &["a"]).unwrap();
        assert_eq!(fields.text("a").unwrap().as_deref(), Some("[31mred"));
        assert_eq!(fields.text("b").unwrap().map(|text| text.len()), Some(LONGEST_TEXT));
        assert_eq!(fields.text("c").unwrap(), None);
    }
}
