//! People's months with one tool, packed: on which days somebody was named and active, and how much they did. A person's page
//! reads one such value a month, where it would look every older day up.

use super::bytes::{Reader, put, unzigzag, zigzag};
use super::{Damaged, PersonDay};
use crate::measure::plus;
use crate::{Day, IdentityId};
use std::collections::BTreeMap;

/// What one identity did with one tool in one month. Days are bits, the first of the month is the lowest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonMonth {
    /// Who, in the vendor's terms.
    pub identity: IdentityId,
    /// The days that name them.
    pub present: u32,
    /// Those of them on which they were active by the tool's rule.
    pub active: u32,
    /// Interactions in the tool's own unit, added up.
    pub interactions: Option<i64>,
}

/// A day as the bit that stands for it in its month.
#[must_use]
pub fn bit_of(day: Day) -> u32 {
    u32::try_from(day.since(day.month())).map_or(0, |place| 1 << place.min(31))
}

/// The people of one month and one tool, while they are gathered from its days.
#[derive(Debug, Default)]
pub struct MonthOfPeople(BTreeMap<IdentityId, PersonMonth>);

impl MonthOfPeople {
    /// Adds what somebody did on a day; a day may come several times, from several streams.
    pub fn add(&mut self, day: Day, person: PersonDay) {
        let identity = person.identity;
        let known = self.0.entry(identity).or_insert(PersonMonth { identity, present: 0, active: 0, interactions: None });
        known.present |= bit_of(day);
        if person.active == Some(true) {
            known.active |= bit_of(day);
        }
        known.interactions = plus(known.interactions, person.interactions);
    }

    /// Everybody, packed by their buckets.
    #[must_use]
    pub fn pack(&self) -> Vec<(u32, Vec<u8>)> {
        let people: Vec<PersonMonth> = self.0.values().copied().collect();
        let buckets = people.chunk_by(|one, other| bucket_of(one.identity) == bucket_of(other.identity));
        buckets.map(|people| (bucket_of(people[0].identity), encode_months(people))).collect()
    }
}

/// How many identities share one packed value: some hundred bytes, which are read for one of them.
const BUCKET: u32 = 64;

/// The number of the packed value that an identity is in.
#[must_use]
pub fn bucket_of(identity: IdentityId) -> u32 {
    identity.0 / BUCKET
}

const VERSION: u8 = 1;

/// Packs people given ascending by identity.
fn encode_months(people: &[PersonMonth]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2 + people.len() * 10);
    bytes.push(VERSION);
    put(&mut bytes, people.len() as u64);
    let mut last = 0;
    for person in people {
        put(&mut bytes, u64::from(person.identity.0 - last));
        last = person.identity.0;
        put(&mut bytes, u64::from(person.present));
        // Most who are named are active: what differs is nought then, which is one byte.
        put(&mut bytes, u64::from(person.present ^ person.active));
        bytes.push(u8::from(person.interactions.is_some()));
        if let Some(interactions) = person.interactions {
            put(&mut bytes, zigzag(interactions));
        }
    }
    bytes
}

/// Calls `each` for every packed person, in the order of their identities.
///
/// # Errors
/// When the bytes are not what [`MonthOfPeople::pack`] writes.
pub fn decode_months(bytes: &[u8], mut each: impl FnMut(PersonMonth)) -> Result<(), Damaged> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.byte()? != VERSION {
        return Err(Damaged { at: 0 });
    }
    let mut identity = 0u32;
    for _ in 0..reader.number()? {
        let step = days_or_step(&mut reader)?;
        identity = identity.checked_add(step).ok_or(Damaged { at: reader.at })?;
        let present = days_or_step(&mut reader)?;
        let active = present ^ days_or_step(&mut reader)?;
        let interactions = if reader.byte()? == 0 { None } else { Some(unzigzag(reader.number()?)) };
        each(PersonMonth { identity: IdentityId(identity), present, active, interactions });
    }
    if reader.at == bytes.len() { Ok(()) } else { Err(Damaged { at: reader.at }) }
}

fn days_or_step(reader: &mut Reader<'_>) -> Result<u32, Damaged> {
    u32::try_from(reader.number()?).map_err(|_| Damaged { at: reader.at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_person() -> impl Strategy<Value = PersonMonth> {
        (0u32..400, any::<u32>(), any::<u32>(), any::<Option<i64>>()).prop_map(|(identity, present, active, interactions)| {
            PersonMonth { identity: IdentityId(identity), present, active: active & present, interactions }
        })
    }

    fn unpack(bytes: &[u8]) -> Result<Vec<PersonMonth>, Damaged> {
        let mut people = Vec::new();
        decode_months(bytes, |person| people.push(person)).map(|()| people)
    }

    #[test]
    fn days_of_several_streams_are_the_same_days_and_what_was_done_adds_up() {
        let (first, person) = (Day::from_ymd(2026, 1, 31).unwrap(), IdentityId(70));
        let did = |active, interactions| PersonDay { identity: person, active, agent: None, interactions };
        let mut month = MonthOfPeople::default();
        month.add(first, did(Some(true), Some(4)));
        month.add(first, did(None, None));
        month.add(first.minus(30), did(Some(false), Some(0)));
        let packed = month.pack();
        assert_eq!(packed.len(), 1);
        assert_eq!(packed[0].0, 1, "the second bucket");
        let expected = PersonMonth { identity: person, present: 1 << 30 | 1, active: 1 << 30, interactions: Some(4) };
        assert_eq!(unpack(&packed[0].1).unwrap(), [expected]);
    }

    proptest! {
        #[test]
        fn packing_loses_nothing_and_keeps_buckets_apart(people in prop::collection::vec(any_person(), 0..80)) {
            let month = MonthOfPeople(people.iter().map(|person| (person.identity, *person)).collect());
            let mut unpacked = Vec::new();
            for (bucket, bytes) in month.pack() {
                let people = unpack(&bytes).unwrap();
                prop_assert!(people.iter().all(|person| bucket_of(person.identity) == bucket));
                unpacked.extend(people);
            }
            prop_assert_eq!(unpacked, month.0.into_values().collect::<Vec<_>>());
        }

        #[test]
        fn every_truncation_is_noticed(mut people in prop::collection::vec(any_person(), 1..20), cut in any::<prop::sample::Index>()) {
            people.sort_by_key(|person| person.identity);
            let bytes = encode_months(&people);
            prop_assert!(unpack(&bytes[..cut.index(bytes.len())]).is_err());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes);
        }
    }
}
