//! The people of one slice, packed: who was active and how much, and each measure as a column beside them. Dashboards read
//! a window's packed days instead of its member rows, so that distinct people and sums per person over 28 days at 5,000
//! members cost a few milliseconds.

pub(crate) mod bytes;
mod hours;
mod laid;
mod months;
mod parts;
mod seats;
mod slice;
mod teams;
mod values;

pub use hours::{encode_people_hours, hours_of};
pub use laid::{LaidPeople, LaidValues};
pub use months::{MonthOfPeople, PersonMonth, bit_of, bucket_of, decode_months};
pub use parts::{LaidParts, PartSums, PersonPart, encode_parts};
pub use seats::{ListedSeat, decode_seats, encode_seats};
pub use slice::CountedSlice;
pub use teams::{decode_teams, encode_teams};
pub use values::{decode_values, encode_values};

use crate::IdentityId;
use bytes::{Reader, put, unzigzag, zigzag};

/// One person in one slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonDay {
    /// Who, in the vendor's terms; whom that is today, the directory knows.
    pub identity: IdentityId,
    /// Active by the tool's rule; `None` where the stream cannot tell.
    pub active: Option<bool>,
    /// Used an agent; `None` where the vendor does not say.
    pub agent: Option<bool>,
    /// Interactions in the tool's own unit.
    pub interactions: Option<i64>,
}

/// Packed people that cannot be unpacked: the row is damaged, or a newer Tacho wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a packed day is damaged or of an unknown version at byte {at}")]
pub struct Damaged {
    /// Where reading stopped.
    pub at: usize,
}

const VERSION: u8 = 1;

/// Packs people; the order given does not matter.
#[must_use]
pub fn encode_people(people: &[PersonDay]) -> Vec<u8> {
    let mut sorted: Vec<&PersonDay> = people.iter().collect();
    sorted.sort_unstable_by_key(|person| person.identity);
    let mut bytes = Vec::with_capacity(3 + people.len() * 4);
    bytes.push(VERSION);
    put(&mut bytes, sorted.len() as u64);
    let mut last = 0;
    for person in sorted {
        put(&mut bytes, u64::from(person.identity.0 - last));
        last = person.identity.0;
        let said = u8::from(person.interactions.is_some());
        bytes.push(flag(person.active) | flag(person.agent) << 2 | said << 4);
        if let Some(interactions) = person.interactions {
            put(&mut bytes, zigzag(interactions));
        }
    }
    bytes
}

/// Calls `each` for every packed person, in the order of their identities.
///
/// # Errors
/// When the bytes are not what [`encode_people`] writes.
pub fn decode_people(bytes: &[u8], mut each: impl FnMut(PersonDay)) -> Result<(), Damaged> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.byte()? != VERSION {
        return Err(Damaged { at: 0 });
    }
    let count = reader.number()?;
    let mut identity = 0u32;
    for _ in 0..count {
        let step = u32::try_from(reader.number()?).map_err(|_| Damaged { at: reader.at })?;
        identity = identity.checked_add(step).ok_or(Damaged { at: reader.at })?;
        let flags = reader.byte()?;
        let interactions = if flags & 16 == 0 { None } else { Some(unzigzag(reader.number()?)) };
        let (active, agent) = (unflag(flags), unflag(flags >> 2));
        each(PersonDay { identity: IdentityId(identity), active, agent, interactions });
    }
    if reader.at == bytes.len() { Ok(()) } else { Err(Damaged { at: reader.at }) }
}

/// Packs only who was active: a fifteenth of the size, and all that a period of comparison needs.
#[must_use]
pub fn encode_active(people: &[PersonDay]) -> Vec<u8> {
    encode_identities(people.iter().filter(|person| person.active == Some(true)).map(|person| person.identity))
}

/// Packs identities, a bit each; the order given does not matter.
#[must_use]
pub fn encode_identities(identities: impl IntoIterator<Item = IdentityId>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for identity in identities {
        let (byte, bit) = (identity.0 as usize / 8, identity.0 % 8);
        if bytes.len() <= byte {
            bytes.resize(byte + 1, 0);
        }
        bytes[byte] |= 1 << bit;
    }
    bytes
}

/// Whether an identity is in what [`encode_active`] or [`encode_identities`] packed.
#[must_use]
pub fn is_among(bytes: &[u8], identity: IdentityId) -> bool {
    bytes.get(identity.0 as usize / 8).is_some_and(|byte| byte >> (identity.0 % 8) & 1 == 1)
}

/// Calls `each` for everyone in what [`encode_active`] or [`encode_identities`] packed, ascending.
pub fn decode_active(bytes: &[u8], mut each: impl FnMut(IdentityId)) {
    for (first, &byte) in (0u32..).step_by(8).zip(bytes) {
        let mut rest = byte;
        while rest != 0 {
            each(IdentityId(first + rest.trailing_zeros()));
            rest &= rest - 1;
        }
    }
}

fn flag(value: Option<bool>) -> u8 {
    match value {
        None => 0,
        Some(false) => 1,
        Some(true) => 2,
    }
}

#[inline]
fn unflag(bits: u8) -> Option<bool> {
    match bits & 3 {
        1 => Some(false),
        2 => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_person() -> impl Strategy<Value = PersonDay> {
        (any::<u32>(), any::<Option<bool>>(), any::<Option<bool>>(), any::<Option<i64>>()).prop_map(
            |(identity, active, agent, interactions)| PersonDay { identity: IdentityId(identity), active, agent, interactions },
        )
    }

    fn unpack(bytes: &[u8]) -> Result<Vec<PersonDay>, Damaged> {
        let mut people = Vec::new();
        decode_people(bytes, |person| people.push(person)).map(|()| people)
    }

    proptest! {
        #[test]
        fn packing_loses_nothing(mut people in prop::collection::vec(any_person(), 0..200)) {
            people.sort_by_key(|p| p.identity);
            people.dedup_by_key(|p| p.identity);
            prop_assert_eq!(unpack(&encode_people(&people)).unwrap(), people);
        }

        #[test]
        fn the_active_are_those_that_the_whole_pack_calls_active(
            people in prop::collection::btree_map(0u32..5_000, any::<Option<bool>>(), 0..200)
        ) {
            let day = |(&id, &active): (&u32, &Option<bool>)| PersonDay {
                identity: IdentityId(id), active, agent: None, interactions: None,
            };
            let people: Vec<PersonDay> = people.iter().map(day).collect();
            let mut active = Vec::new();
            decode_active(&encode_active(&people), |identity| active.push(identity));
            let expected: Vec<IdentityId> =
                people.iter().filter(|p| p.active == Some(true)).map(|p| p.identity).collect();
            let packed = encode_active(&people);
            let among: Vec<IdentityId> = (0..6_000).map(IdentityId).filter(|identity| is_among(&packed, *identity)).collect();
            prop_assert_eq!(&among, &expected);
            prop_assert_eq!(active, expected);
        }

        #[test]
        fn every_truncation_is_noticed(people in prop::collection::vec(any_person(), 1..20), cut in any::<prop::sample::Index>()) {
            let bytes = encode_people(&people);
            prop_assert!(unpack(&bytes[..cut.index(bytes.len())]).is_err());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes);
        }
    }
}
