//! The hours of a day, by the clock of UTC: when events happened, counted and packed. Only sources that give instants have
//! them; a vendor that gives days only says nothing about hours.

use crate::columns::Damaged;
use crate::{Day, IdentityId, Instant};

/// Hours of a day.
pub const HOURS: usize = 24;

const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// Events in each hour of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct DayHours(pub [u32; HOURS]);

impl DayHours {
    /// Counts an event.
    pub fn note(&mut self, at: Instant) {
        let hour = at.0.rem_euclid(MICROS_PER_HOUR * 24) / MICROS_PER_HOUR;
        let count = &mut self.0[usize::try_from(hour).unwrap_or_default()];
        *count = count.saturating_add(1);
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum = sum.saturating_add(more);
        }
    }

    /// The hours with an event, a bit each, from midnight on.
    #[must_use]
    pub fn mask(&self) -> u32 {
        self.0.iter().enumerate().filter(|(_, count)| **count > 0).fold(0, |mask, (hour, _)| mask | 1 << hour)
    }

    /// Packs the counts: which hours have events, then how many each.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        let mut bytes = self.mask().to_le_bytes()[..MASK_BYTES].to_vec();
        self.0.iter().filter(|count| **count > 0).for_each(|count| bytes.extend_from_slice(&count.to_le_bytes()));
        bytes
    }

    /// The counts that [`DayHours::pack`] packed.
    ///
    /// # Errors
    /// When the bytes are not what that writes.
    pub fn unpack(bytes: &[u8]) -> Result<Self, Damaged> {
        let (mask, mut rest) = bytes.split_first_chunk::<MASK_BYTES>().ok_or(Damaged { at: bytes.len() })?;
        let mask = mask_of(*mask);
        let mut hours = Self::default();
        for (hour, count) in hours.0.iter_mut().enumerate().filter(|(hour, _)| mask & 1 << hour != 0) {
            let at = bytes.len() - rest.len();
            let (packed, more) = rest.split_first_chunk().ok_or(Damaged { at })?;
            *count = u32::from_le_bytes(*packed);
            if *count == 0 {
                return Err(Damaged { at: MASK_BYTES + hour });
            }
            rest = more;
        }
        if rest.is_empty() { Ok(hours) } else { Err(Damaged { at: bytes.len() - rest.len() }) }
    }
}

const VERSION: u8 = 1;
const MASK_BYTES: usize = 3;
const PERSON_BYTES: usize = 4 + MASK_BYTES;

fn mask_of(bytes: [u8; MASK_BYTES]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0])
}

/// Packs in which hours each person had an event, as [`DayHours::mask`] tells it: all that active hours are made from.
#[must_use]
pub fn encode_hours(people: &[(IdentityId, u32)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + people.len() * PERSON_BYTES);
    bytes.push(VERSION);
    for (identity, mask) in people {
        bytes.extend_from_slice(&identity.0.to_le_bytes());
        bytes.extend_from_slice(&mask.to_le_bytes()[..MASK_BYTES]);
    }
    bytes
}

/// Calls `each` for everyone in what [`encode_hours`] packed, in its order.
///
/// # Errors
/// When the bytes are not what that writes.
pub fn decode_hours(bytes: &[u8], mut each: impl FnMut(IdentityId, u32)) -> Result<(), Damaged> {
    let Some((&VERSION, people)) = bytes.split_first() else { return Err(Damaged { at: 0 }) };
    let (people, rest) = people.as_chunks::<PERSON_BYTES>();
    if !rest.is_empty() {
        return Err(Damaged { at: bytes.len() - rest.len() });
    }
    for [a, b, c, d, mask @ ..] in people {
        each(IdentityId(u32::from_le_bytes([*a, *b, *c, *d])), mask_of(*mask));
    }
    Ok(())
}

/// The place of a day in its week, Monday first.
#[must_use]
pub fn weekday(day: Day) -> usize {
    usize::try_from(day.since(day.week())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_hours() -> impl Strategy<Value = DayHours> {
        prop::array::uniform24(prop_oneof![3 => Just(0), 1 => any::<u32>()]).prop_map(DayHours)
    }

    #[test]
    fn an_event_counts_in_the_hour_that_its_clock_shows() {
        let mut hours = DayHours::default();
        for at in ["2026-09-01T00:00:00Z", "2026-09-01T08:59:59.999999Z", "2026-09-01T09:00:00Z", "2026-09-01T23:59:59Z"] {
            hours.note(Instant::parse(at).unwrap());
        }
        hours.note(Instant::parse("1969-12-31T09:30:00Z").unwrap());
        let told: Vec<(usize, u32)> = hours.0.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
        assert_eq!(told, [(0, 1), (8, 1), (9, 2), (23, 1)]);
        assert_eq!(hours.mask(), 1 | 1 << 8 | 1 << 9 | 1 << 23);
    }

    #[test]
    fn weeks_begin_on_monday() {
        let monday: Day = "2026-08-31".parse().unwrap();
        assert_eq!([0, 1, 6, 7].map(|days| weekday(monday.plus(days))), [0, 1, 6, 0]);
    }

    proptest! {
        #[test]
        fn packing_loses_nothing(hours in any_hours()) {
            prop_assert_eq!(DayHours::unpack(&hours.pack()), Ok(hours));
        }

        #[test]
        fn every_truncation_of_counts_is_noticed(hours in any_hours(), cut in any::<prop::sample::Index>()) {
            let bytes = hours.pack();
            prop_assert!(DayHours::unpack(&bytes[..cut.index(bytes.len())]).is_err());
        }

        #[test]
        fn people_come_back_as_they_went(people in prop::collection::vec((any::<u32>().prop_map(IdentityId), 0u32..1 << 24), 0..60)) {
            let mut read = Vec::new();
            decode_hours(&encode_hours(&people), |identity, mask| read.push((identity, mask))).unwrap();
            prop_assert_eq!(read, people);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = DayHours::unpack(&bytes);
            let _ = decode_hours(&bytes, |_, _| ());
        }

        #[test]
        fn sums_of_parts_are_the_sum_of_all(times in prop::collection::vec(0i64..86_400_000_000, 0..50), cut in any::<prop::sample::Index>()) {
            let count = |times: &[i64]| {
                let mut hours = DayHours::default();
                for at in times {
                    hours.note(Instant(*at));
                }
                hours
            };
            let at = if times.is_empty() { 0 } else { cut.index(times.len()) };
            let mut sum = count(&times[..at]);
            sum.add(&count(&times[at..]));
            prop_assert_eq!(sum, count(&times));
        }
    }
}
