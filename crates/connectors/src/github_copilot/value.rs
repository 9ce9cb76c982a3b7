//! Single values as GitHub writes them, tolerantly: its reports give the same field as number, as text or as `null`, and
//! whole numbers sometimes as `3.0`. Text is borrowed from the line wherever it has no escapes.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A whole number; `null` and absence are "the vendor does not say".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) Option<i64>);

/// A number with a fraction.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Amount(pub(crate) Option<f64>);

/// Text, or a number where an id is meant; `null` and absence are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, unless it is blank.
    pub(crate) fn given(&self) -> Option<&str> {
        Some(self.0.trim()).filter(|text| !text.is_empty())
    }

    /// The text as an id of GitHub's, which are whole numbers above zero.
    pub(crate) fn id(&self) -> Option<i64> {
        self.0.trim().parse().ok().filter(|id| *id > 0)
    }
}

/// A float that stands for a whole number of at most 2^53, beyond which floats skip whole numbers.
fn whole(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and the range was just checked")]
    (value.fract() == 0.0 && value.abs() <= LIMIT).then_some(value as i64)
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Count, E> {
        Ok(Count(Some(value)))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Count, E> {
        i64::try_from(value).map(|value| Count(Some(value))).map_err(|_| E::custom("a number beyond 64 bits"))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Count, E> {
        whole(value).map(|value| Count(Some(value))).ok_or_else(|| E::custom("a number that is not whole"))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Count, E> {
        text.trim().parse().map(|value| Count(Some(value))).map_err(|_| E::custom("text that is not a whole number"))
    }
    fn visit_unit<E: Error>(self) -> Result<Count, E> {
        Ok(Count(None))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }
    #[expect(clippy::cast_precision_loss, reason = "amounts of credits and dollars stay far below 2^53")]
    fn visit_i64<E: Error>(self, value: i64) -> Result<Amount, E> {
        Ok(Amount(Some(value as f64)))
    }
    #[expect(clippy::cast_precision_loss, reason = "amounts of credits and dollars stay far below 2^53")]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Amount, E> {
        Ok(Amount(Some(value as f64)))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Amount, E> {
        Ok(Amount(Some(value)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Amount, E> {
        text.trim().parse().map(|value| Amount(Some(value))).map_err(|_| E::custom("text that is not a number"))
    }
    fn visit_unit<E: Error>(self) -> Result<Amount, E> {
        Ok(Amount(None))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct TextVisitor<'a>(PhantomData<&'a str>);

impl<'de: 'a, 'a> Visitor<'de> for TextVisitor<'a> {
    type Value = Text<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or a number")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'a>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Text<'a>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Text<'a>, E> {
        Ok(Text(Cow::Owned(value.to_string())))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Text<'a>, E> {
        Ok(Text(Cow::Owned(value.to_string())))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Text<'a>, E> {
        whole(value).map(|value| Text(Cow::Owned(value.to_string()))).ok_or_else(|| E::custom("a number that is not whole"))
    }
    fn visit_unit<E: Error>(self) -> Result<Text<'a>, E> {
        Ok(Text::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_may_be_written_in_any_of_githubs_ways() {
        let read = |text: &str| serde_json::from_str::<Count>(text).ok().map(|count| count.0);
        assert_eq!(read("3"), Some(Some(3)));
        assert_eq!(read("3.0"), Some(Some(3)));
        assert_eq!(read("\"3\""), Some(Some(3)));
        assert_eq!(read("null"), Some(None));
        for wrong in ["3.5", "1e300", "\"three\"", "18446744073709551615", "[]", "true"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_id_may_be_text_or_number_and_is_borrowed_where_it_can() {
        let read = |text: &'static str| serde_json::from_str::<Text<'_>>(text).unwrap();
        assert_eq!(read("1001").id(), Some(1001));
        assert_eq!(read("\"1001\"").id(), Some(1001));
        assert_eq!(read("\"login\"").id(), None);
        assert!(matches!(read("\"plain\"").0, Cow::Borrowed("plain")));
        assert!(matches!(read("\"tab\\t\"").0, Cow::Owned(_)));
        assert_eq!(read("null").given(), None);
    }
}
