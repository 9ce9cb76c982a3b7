//! Everybody's hours of one slice, packed behind an index: whoever asks for a team unpacks those of the team.

use super::Damaged;
use super::bytes::{Reader, put};
use crate::{DayHours, IdentityId};

const VERSION: u8 = 1;

/// Packs people's hours, given ascending by identity.
#[must_use]
pub fn encode_people_hours<'h>(people: impl IntoIterator<Item = (IdentityId, &'h DayHours)>) -> Vec<u8> {
    let (mut index, mut payload, mut count, mut last) = (Vec::new(), Vec::new(), 0u64, 0);
    for (identity, hours) in people {
        let from = payload.len();
        put(&mut payload, u64::from(hours.mask()));
        hours.0.iter().filter(|events| **events > 0).for_each(|events| put(&mut payload, u64::from(*events)));
        put(&mut index, u64::from(identity.0 - last));
        put(&mut index, (payload.len() - from) as u64);
        (count, last) = (count + 1, identity.0);
    }
    let mut bytes = vec![VERSION];
    put(&mut bytes, count);
    bytes.append(&mut index);
    bytes.append(&mut payload);
    bytes
}

/// The hours of those of `who`, who are ascending, added up; `None`: none of them is there.
///
/// # Errors
/// When the bytes are not what [`encode_people_hours`] writes.
pub fn hours_of(bytes: &[u8], who: &[IdentityId]) -> Result<Option<DayHours>, Damaged> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.byte()? != VERSION {
        return Err(Damaged { at: 0 });
    }
    let (mut places, mut who) = (Vec::new(), who.iter().peekable());
    let (mut identity, mut end) = (0u32, 0usize);
    for _ in 0..reader.number()? {
        let at = reader.at;
        let step = u32::try_from(reader.number()?).map_err(|_| Damaged { at })?;
        identity = identity.checked_add(step).ok_or(Damaged { at })?;
        let from = end;
        let length = usize::try_from(reader.number()?).map_err(|_| Damaged { at })?;
        end = from.checked_add(length).ok_or(Damaged { at })?;
        while who.next_if(|wanted| wanted.0 < identity).is_some() {}
        if who.next_if(|wanted| wanted.0 == identity).is_some() {
            places.push(from..end);
        }
    }
    let from = reader.at;
    if from.checked_add(end) != Some(bytes.len()) {
        return Err(Damaged { at: bytes.len() });
    }
    let mut sum: Option<DayHours> = None;
    for place in places {
        sum.get_or_insert_default().add(&unpack(&mut Reader { bytes: &bytes[..from + place.end], at: from + place.start })?);
    }
    Ok(sum)
}

fn unpack(reader: &mut Reader<'_>) -> Result<DayHours, Damaged> {
    let mask = reader.number()?;
    let mut hours = DayHours::default();
    for (hour, events) in hours.0.iter_mut().enumerate().filter(|(hour, _)| mask >> hour & 1 == 1) {
        *events = u32::try_from(reader.number()?).map_err(|_| Damaged { at: hour })?;
    }
    if reader.at == reader.bytes.len() { Ok(hours) } else { Err(Damaged { at: reader.at }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn any_people() -> impl Strategy<Value = BTreeMap<u32, DayHours>> {
        let hours = prop::array::uniform24(prop_oneof![3 => Just(0), 1 => any::<u32>()]).prop_map(DayHours);
        prop::collection::btree_map(0u32..300, hours, 0..20)
    }

    fn packed(people: &BTreeMap<u32, DayHours>) -> Vec<u8> {
        encode_people_hours(people.iter().map(|(id, hours)| (IdentityId(*id), hours)))
    }

    proptest! {
        #[test]
        fn the_hours_are_those_of_whoever_is_asked_for(people in any_people(), who in prop::collection::btree_set(0u32..300, 0..99)) {
            let mut expected: Option<DayHours> = None;
            people.iter().filter(|(id, _)| who.contains(id)).for_each(|(_, hours)| expected.get_or_insert_default().add(hours));
            let who: Vec<IdentityId> = BTreeSet::into_iter(who).map(IdentityId).collect();
            prop_assert_eq!(hours_of(&packed(&people), &who), Ok(expected));
        }

        #[test]
        fn every_truncation_is_noticed(people in any_people(), cut in any::<prop::sample::Index>()) {
            let bytes = packed(&people);
            prop_assert!(hours_of(&bytes[..cut.index(bytes.len())], &[]).is_err());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = hours_of(&bytes, &(0..200).map(IdentityId).collect::<Vec<_>>());
        }
    }
}
