//! A slice's people and measures laid out for arithmetic: each value at its person's place, as few bytes as its column needs.
//! Packed bytes have to be read from their beginning; here whoever asks for a team of a hundred touches a hundred places.

use super::{Damaged, PersonDay, decode_people, decode_values, flag, unflag};
use crate::IdentityId;
use crate::measure::plus;
use std::sync::Arc;

/// The people of one slice, ascending by identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaidPeople {
    /// Of most streams the same from day to day: then the days share one list.
    identities: Arc<Vec<IdentityId>>,
    flags: Vec<u8>,
    interactions: LaidValues,
}

/// One measure of a slice: a value, or none, for each of its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LaidValues {
    /// Nobody has one.
    Unsaid,
    /// Values below 255, which means none.
    Byte(Vec<u8>),
    /// Values below 65,535, which means none.
    Short(Vec<u16>),
    /// Values below 2^32 - 1, which means none.
    Word(Vec<u32>),
    /// Any.
    Whole(Vec<Option<i64>>),
}

impl LaidPeople {
    /// Lays out what [`super::encode_people`] packed. `like` are people who may be the same, as those of the day before.
    ///
    /// # Errors
    /// When the bytes are not what was packed.
    pub fn unpack(bytes: &[u8], like: Option<&Self>) -> Result<Self, Damaged> {
        let mut people = Vec::new();
        decode_people(bytes, |person| people.push(person))?;
        Ok(Self::of(&people, like))
    }

    /// Lays out people who are ascending by identity.
    #[must_use]
    pub fn of(people: &[PersonDay], like: Option<&Self>) -> Self {
        let same = |known: &&Self| known.identities.iter().copied().eq(people.iter().map(|person| person.identity));
        let identities = match like.filter(same) {
            Some(known) => known.identities.clone(),
            None => Arc::new(people.iter().map(|person| person.identity).collect()),
        };
        let interactions: Vec<Option<i64>> = people.iter().map(|person| person.interactions).collect();
        Self {
            identities,
            flags: people.iter().map(|person| flag(person.active) | flag(person.agent) << 2).collect(),
            interactions: LaidValues::of(interactions),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.identities.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.identities.is_empty()
    }

    /// Everybody, ascending by identity.
    pub fn iter(&self) -> impl Iterator<Item = PersonDay> + '_ {
        (0..self.len()).map(|place| self.at(place))
    }

    /// Those of `wanted`, who are ascending, that are here.
    pub fn these(&self, wanted: &[IdentityId]) -> impl Iterator<Item = PersonDay> + '_ {
        self.places(wanted).into_iter().map(|place| self.at(place))
    }

    /// The places of those of `wanted`, who are ascending, that are here.
    #[must_use]
    pub fn places(&self, wanted: &[IdentityId]) -> Vec<usize> {
        let (mut places, mut from) = (Vec::with_capacity(wanted.len()), 0);
        if wanted.len() > self.len() / 8 {
            // So many are found sooner one after the other.
            for identity in wanted {
                from += self.identities[from..].iter().take_while(|known| *known < identity).count();
                if self.identities.get(from) == Some(identity) {
                    places.push(from);
                }
            }
            return places;
        }
        for identity in wanted {
            match self.identities[from..].binary_search(identity) {
                Ok(at) => {
                    places.push(from + at);
                    from += at + 1;
                }
                Err(at) => from += at,
            }
        }
        places
    }

    /// Whoever is at a place below [`Self::len`].
    #[must_use]
    #[inline]
    pub fn at(&self, place: usize) -> PersonDay {
        let flags = self.flags[place];
        PersonDay {
            identity: self.identities[place],
            active: unflag(flags),
            agent: unflag(flags >> 2),
            interactions: self.interactions.at(place),
        }
    }

    /// Who is at a place below [`Self::len`], and whether they were active.
    #[inline]
    pub(crate) fn active(&self, place: usize) -> (IdentityId, Option<bool>) {
        (self.identities[place], unflag(self.flags[place]))
    }

    /// Everybody, as a list that may be the same one on other days.
    pub(crate) fn list(&self) -> &Arc<Vec<IdentityId>> {
        &self.identities
    }

    /// Whether each of them was active.
    pub(crate) fn actives(&self) -> impl Iterator<Item = bool> + '_ {
        self.flags.iter().map(|flags| unflag(*flags) == Some(true))
    }

    /// Interactions, as a measure like the others.
    pub(crate) fn interactions(&self) -> &LaidValues {
        &self.interactions
    }

    /// Bytes in memory, without a list that other days share.
    #[must_use]
    pub fn weight(&self) -> usize {
        let list = if Arc::strong_count(&self.identities) > 1 { 0 } else { self.len() * size_of::<IdentityId>() };
        list + self.flags.len() + self.interactions.weight()
    }
}

impl LaidValues {
    /// Lays out what [`super::encode_values`] packed for as many people.
    ///
    /// # Errors
    /// When the bytes are not what was packed for them.
    pub fn unpack(bytes: &[u8], people: usize) -> Result<Self, Damaged> {
        let mut values = vec![None; people];
        decode_values(bytes, people, |place, value| values[place] = Some(value))?;
        Ok(Self::of(values))
    }

    /// Lays out values, as narrow as they allow.
    #[must_use]
    pub fn of(values: Vec<Option<i64>>) -> Self {
        let Some(largest) = values.iter().flatten().max() else { return Self::Unsaid };
        let is_negative = values.iter().flatten().any(|value| *value < 0);
        match largest {
            _ if is_negative => Self::Whole(values),
            ..255 => Self::Byte(narrow(&values, u8::MAX)),
            ..65_535 => Self::Short(narrow(&values, u16::MAX)),
            ..4_294_967_295 => Self::Word(narrow(&values, u32::MAX)),
            _ => Self::Whole(values),
        }
    }

    /// The value at a place.
    #[must_use]
    #[inline]
    pub fn at(&self, place: usize) -> Option<i64> {
        match self {
            Self::Unsaid => None,
            Self::Byte(values) => wide(values[place], u8::MAX),
            Self::Short(values) => wide(values[place], u16::MAX),
            Self::Word(values) => wide(values[place], u32::MAX),
            Self::Whole(values) => values[place],
        }
    }

    /// Everybody's values added up, or those at these places; `None`: none of them has one.
    #[must_use]
    pub(super) fn total(&self, places: Option<&[usize]>) -> Option<i64> {
        if let Some(places) = places {
            return places.iter().fold(None, |sum, place| plus(sum, self.at(*place)));
        }
        match self {
            Self::Unsaid => None,
            Self::Byte(values) => total(values, u8::MAX),
            Self::Short(values) => total(values, u16::MAX),
            Self::Word(values) => total(values, u32::MAX),
            Self::Whole(values) => values.iter().fold(None, |sum, value| plus(sum, *value)),
        }
    }

    /// Bytes in memory.
    #[must_use]
    pub fn weight(&self) -> usize {
        match self {
            Self::Unsaid => 0,
            Self::Byte(values) => size_of_val(values.as_slice()),
            Self::Short(values) => size_of_val(values.as_slice()),
            Self::Word(values) => size_of_val(values.as_slice()),
            Self::Whole(values) => size_of_val(values.as_slice()),
        }
    }
}

/// Each value in a narrower type that holds them all; its largest number stands for none.
fn narrow<T: TryFrom<i64> + Copy>(values: &[Option<i64>], none: T) -> Vec<T> {
    values.iter().map(|value| value.and_then(|value| T::try_from(value).ok()).unwrap_or(none)).collect()
}

#[inline]
fn wide<T: Into<i64> + PartialEq + Copy>(value: T, none: T) -> Option<i64> {
    if value == none { None } else { Some(value.into()) }
}

/// Sums of values that are too narrow to overflow, several at once.
fn total<T: Into<i64> + PartialEq + Copy>(values: &[T], none: T) -> Option<i64> {
    let is_said = values.iter().any(|value| *value != none);
    is_said.then(|| values.iter().map(|value| if *value == none { 0 } else { (*value).into() }).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{encode_people, encode_values};
    use proptest::prelude::*;

    fn any_value() -> impl Strategy<Value = Option<i64>> {
        prop::option::of(prop_oneof![0i64..300, 65_000i64..66_000, 4_294_967_000i64..4_294_967_300, any::<i64>()])
    }

    proptest! {
        #[test]
        fn laying_out_loses_nothing(values in prop::collection::vec(any_value(), 0..60)) {
            let laid = LaidValues::unpack(&encode_values(&values), values.len()).unwrap();
            let each: Vec<Option<i64>> = (0..values.len()).map(|place| laid.at(place)).collect();
            prop_assert_eq!(&each, &values);
            let every: Vec<usize> = (0..values.len()).collect();
            let expected = values.iter().fold(None, |sum, value| plus(sum, *value));
            prop_assert_eq!((laid.total(None), laid.total(Some(&every))), (expected, expected));
        }

        #[test]
        fn narrow_columns_stay_narrow(values in prop::collection::vec(prop::option::of(0i64..255), 1..60)) {
            prop_assert!(LaidValues::of(values.clone()).weight() <= values.len());
        }

        #[test]
        fn people_are_found_by_their_identities(
            people in prop::collection::btree_map(0u32..200, (any::<Option<bool>>(), any::<Option<bool>>(), any_value()), 0..60),
            wanted in prop::collection::btree_set(0u32..200, 0..60),
        ) {
            let day = |(id, (active, agent, interactions))| PersonDay { identity: IdentityId(id), active, agent, interactions };
            let people: Vec<PersonDay> = people.into_iter().map(day).collect();
            let laid = LaidPeople::unpack(&encode_people(&people), None).unwrap();
            prop_assert_eq!(laid.iter().collect::<Vec<_>>(), people.clone());
            let wanted: Vec<IdentityId> = wanted.into_iter().map(IdentityId).collect();
            let found: Vec<PersonDay> = laid.places(&wanted).into_iter().map(|place| laid.at(place)).collect();
            let expected: Vec<PersonDay> = people.iter().copied().filter(|person| wanted.contains(&person.identity)).collect();
            prop_assert_eq!(found, expected);
            let again = LaidPeople::of(&people, Some(&laid));
            prop_assert!(Arc::ptr_eq(&laid.identities, &again.identities), "the same people are one list");
        }
    }
}
