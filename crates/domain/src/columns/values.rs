//! One measure of a slice's people: a value for each of them, in the order in which the people are packed.

use super::Damaged;
use super::bytes::{Reader, put, unzigzag, zigzag};

const VERSION: u8 = 1;
/// Everybody has a value.
const ALL: u8 = 0;
/// A bit for each of the people, lowest first, tells whether they have one.
const SOME: u8 = 1;

/// Packs a measure's values, one for each person of the slice in the order of their identities.
#[must_use]
pub fn encode_values(values: &[Option<i64>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4 + values.len() * 2);
    bytes.push(VERSION);
    put(&mut bytes, values.len() as u64);
    if values.iter().all(Option::is_some) {
        bytes.push(ALL);
    } else {
        bytes.push(SOME);
        bytes.extend(
            values.chunks(8).map(|eight| {
                eight.iter().enumerate().fold(0u8, |bits, (place, value)| bits | u8::from(value.is_some()) << place)
            }),
        );
    }
    for value in values.iter().flatten() {
        put(&mut bytes, zigzag(*value));
    }
    bytes
}

/// Calls `each` with the place and the value of everybody who has one, ascending; `people` is how many the slice has.
///
/// # Errors
/// When the bytes are not what [`encode_values`] writes for as many people.
pub fn decode_values(bytes: &[u8], people: usize, mut each: impl FnMut(usize, i64)) -> Result<(), Damaged> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.byte()? != VERSION {
        return Err(Damaged { at: 0 });
    }
    if reader.number()? != people as u64 {
        return Err(Damaged { at: 1 });
    }
    match reader.byte()? {
        ALL => {
            for place in 0..people {
                each(place, unzigzag(reader.any_number()?));
            }
        }
        SOME => {
            let from = reader.at;
            reader.at += people.div_ceil(8);
            let said = bytes.get(from..reader.at).ok_or(Damaged { at: from })?;
            for place in 0..people {
                if said[place / 8] >> (place % 8) & 1 == 1 {
                    each(place, unzigzag(reader.any_number()?));
                }
            }
        }
        _ => return Err(Damaged { at: reader.at - 1 }),
    }
    if reader.at == bytes.len() { Ok(()) } else { Err(Damaged { at: reader.at }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unpack(bytes: &[u8], people: usize) -> Result<Vec<Option<i64>>, Damaged> {
        let mut values = vec![None; people];
        decode_values(bytes, people, |place, value| values[place] = Some(value)).map(|()| values)
    }

    #[test]
    fn small_numbers_of_everybody_take_a_byte_each() {
        assert_eq!(encode_values(&[Some(0); 100]).len(), 103);
        assert!(encode_values(&[None; 100]).len() < 20);
    }

    proptest! {
        #[test]
        fn packing_loses_nothing(values in prop::collection::vec(any::<Option<i64>>(), 0..200)) {
            prop_assert_eq!(unpack(&encode_values(&values), values.len()).unwrap(), values);
        }

        #[test]
        fn what_everybody_says_is_kept_too(values in prop::collection::vec(any::<i64>(), 0..200)) {
            let values: Vec<Option<i64>> = values.into_iter().map(Some).collect();
            prop_assert_eq!(unpack(&encode_values(&values), values.len()).unwrap(), values);
        }

        #[test]
        fn every_truncation_and_another_number_of_people_is_noticed(
            values in prop::collection::vec(any::<Option<i64>>(), 1..40), cut in any::<prop::sample::Index>(), other in 0usize..80,
        ) {
            let bytes = encode_values(&values);
            prop_assert!(unpack(&bytes[..cut.index(bytes.len())], values.len()).is_err());
            prop_assume!(other != values.len());
            prop_assert!(unpack(&bytes, other).is_err());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), people in 0usize..300) {
            let _ = unpack(&bytes, people);
        }
    }
}
