//! A vendor's list of seats as one value: what judges a seat, for everybody in the list. Five thousand rows of a table take
//! a database longer than a page may take.

use super::bytes::{Reader, put, unzigzag, zigzag};
use super::{Damaged, IdentityId};
use crate::{Day, Money};

const VERSION: u8 = 1;

/// One seat of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedSeat<'a> {
    /// Who holds it.
    pub identity: IdentityId,
    /// Since when, as the vendor says.
    pub since: Option<Day>,
    /// Last activity that the vendor knows.
    pub last_activity: Option<Day>,
    /// From when on it is cancelled.
    pub cancels_on: Option<Day>,
    /// List price per month.
    pub price: Option<Money>,
    /// The plan, as the vendor calls it.
    pub plan: Option<&'a str>,
}

/// Packs a list; the order given does not matter. A list names few plans, so each is written once.
#[must_use]
pub fn encode_seats(seats: &[ListedSeat<'_>]) -> Vec<u8> {
    let mut sorted: Vec<&ListedSeat<'_>> = seats.iter().collect();
    sorted.sort_unstable_by_key(|seat| seat.identity);
    let mut plans: Vec<&str> = sorted.iter().filter_map(|seat| seat.plan).collect();
    plans.sort_unstable();
    plans.dedup();
    let mut bytes = vec![VERSION];
    put(&mut bytes, plans.len() as u64);
    for plan in &plans {
        put(&mut bytes, plan.len() as u64);
        bytes.extend_from_slice(plan.as_bytes());
    }
    put(&mut bytes, sorted.len() as u64);
    let mut last = 0;
    for seat in sorted {
        put(&mut bytes, u64::from(seat.identity.0 - last));
        last = seat.identity.0;
        let plan = seat.plan.and_then(|plan| plans.binary_search(&plan).ok());
        let numbers = numbers(seat);
        let said = numbers.iter().enumerate().fold(0, |said, (place, number)| said | u8::from(number.is_some()) << place);
        bytes.push(said | u8::from(plan.is_some()) << PLAN);
        numbers.iter().flatten().for_each(|number| put(&mut bytes, zigzag(*number)));
        if let Some(plan) = plan {
            put(&mut bytes, plan as u64);
        }
    }
    bytes
}

/// The place of the price among a seat's numbers; the others are days.
const PRICE: usize = 3;

/// The bit that tells whether a seat has a plan, after those of its numbers.
const PLAN: u8 = 4;

fn numbers(seat: &ListedSeat<'_>) -> [Option<i64>; PLAN as usize] {
    let day = |day: Option<Day>| day.map(|day| i64::from(day.0));
    [day(seat.since), day(seat.last_activity), day(seat.cancels_on), seat.price.map(|price| price.0)]
}

/// Calls `each` for every seat, in the order of their holders.
///
/// # Errors
/// When the bytes are not what [`encode_seats`] writes.
pub fn decode_seats<'b>(bytes: &'b [u8], mut each: impl FnMut(ListedSeat<'b>)) -> Result<(), Damaged> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.byte()? != VERSION {
        return Err(Damaged { at: 0 });
    }
    let mut plans: Vec<&'b str> = Vec::new();
    for _ in 0..reader.number()? {
        let (length, from) = (size(&mut reader)?, reader.at);
        let text = from.checked_add(length).and_then(|to| bytes.get(from..to)).ok_or(Damaged { at: from })?;
        plans.push(std::str::from_utf8(text).map_err(|_| Damaged { at: from })?);
        reader.at += length;
    }
    let mut identity = 0u32;
    for _ in 0..reader.number()? {
        let step = u32::try_from(reader.number()?).map_err(|_| Damaged { at: reader.at })?;
        identity = identity.checked_add(step).ok_or(Damaged { at: reader.at })?;
        let said = reader.byte()?;
        let mut numbers = [None; PLAN as usize];
        for (place, number) in numbers.iter_mut().enumerate().filter(|(place, _)| said >> place & 1 == 1) {
            let value = unzigzag(reader.number()?);
            if place != PRICE && i32::try_from(value).is_err() {
                return Err(Damaged { at: reader.at });
            }
            *number = Some(value);
        }
        let plan = match said >> PLAN & 1 {
            0 => None,
            _ => Some(*plans.get(size(&mut reader)?).ok_or(Damaged { at: reader.at })?),
        };
        let day = |number: Option<i64>| number.and_then(|number| i32::try_from(number).ok()).map(Day);
        let [since, last_activity, cancels_on, price] = numbers;
        let (since, last_activity, cancels_on) = (day(since), day(last_activity), day(cancels_on));
        each(ListedSeat { identity: IdentityId(identity), since, last_activity, cancels_on, price: price.map(Money), plan });
    }
    if reader.at == bytes.len() { Ok(()) } else { Err(Damaged { at: reader.at }) }
}

fn size(reader: &mut Reader<'_>) -> Result<usize, Damaged> {
    usize::try_from(reader.number()?).map_err(|_| Damaged { at: reader.at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Parts = (u32, Option<i32>, Option<i32>, Option<i32>, Option<i64>, Option<String>);

    fn any_seats() -> impl Strategy<Value = Vec<Parts>> {
        let plan = prop::option::of("[a-zé]{0,3}");
        prop::collection::vec(
            (any::<u32>(), any::<Option<i32>>(), any::<Option<i32>>(), any::<Option<i32>>(), any::<Option<i64>>(), plan),
            0..60,
        )
    }

    fn listed(parts: &[Parts]) -> Vec<ListedSeat<'_>> {
        let mut seats: Vec<ListedSeat<'_>> = parts
            .iter()
            .map(|(identity, since, last, cancels, price, plan)| ListedSeat {
                identity: IdentityId(*identity),
                since: since.map(Day),
                last_activity: last.map(Day),
                cancels_on: cancels.map(Day),
                price: price.map(Money),
                plan: plan.as_deref(),
            })
            .collect();
        seats.sort_by_key(|seat| seat.identity);
        seats.dedup_by_key(|seat| seat.identity);
        seats
    }

    proptest! {
        #[test]
        fn packing_loses_nothing(parts in any_seats()) {
            let (seats, mut found) = (listed(&parts), Vec::new());
            let bytes = encode_seats(&seats);
            decode_seats(&bytes, |seat| found.push(seat)).unwrap();
            prop_assert_eq!(found, seats);
        }

        #[test]
        fn every_truncation_is_noticed(parts in any_seats(), cut in any::<prop::sample::Index>()) {
            let bytes = encode_seats(&listed(&parts));
            prop_assert!(decode_seats(&bytes[..cut.index(bytes.len())], |_| ()).is_err());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode_seats(&bytes, |_| ());
        }
    }
}
