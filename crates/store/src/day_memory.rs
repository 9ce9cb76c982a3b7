//! Days that were read before, laid out: questions come again and again for the same days, of which a sync changes the last few.
//! Each is held against the stamp that the database has for it at the moment of the question, so that whatever process wrote
//! the day anew, nobody is told of the old one.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tacho_domain::columns::{LaidPeople, LaidValues};
use tacho_domain::{Day, IntegrationId, Measure, OrganizationId};

/// Bytes that remembered days may take: a quarter of a year with the one before it, of 5,000 people with three tools. What was
/// not asked for longest goes first.
const MOST: usize = 96 << 20;

/// A slice: whose, from which connection and stream, of which day.
pub(crate) type SliceKey = (OrganizationId, IntegrationId, Arc<str>, Day);

/// A slice as a question reads it: its key and the stamp that the database has for it.
pub(crate) type Stamped = (SliceKey, Option<i64>);

/// Something that is made of a slice and remembered. Of each slice one value of each such type is kept, so that a type stands
/// for what was read. Cloning it must be cheap: it is shared with whoever asks.
pub(crate) trait Remember: Clone + Send + Sync + 'static {
    /// Bytes in memory.
    fn weight(&self) -> usize;
}

/// Who did how much in a slice.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    pub(crate) people: Arc<LaidPeople>,
    /// Each measure that was asked for; `None`: the slice has no such column.
    pub(crate) columns: HashMap<Measure, Option<Arc<LaidValues>>>,
}

impl Remember for Remembered {
    fn weight(&self) -> usize {
        let columns: usize = self.columns.values().flatten().map(|values| values.weight() + size_of::<LaidValues>()).sum();
        size_of::<Self>() + self.columns.len() * size_of::<(Measure, Option<Arc<LaidValues>>)>() + self.people.weight() + columns
    }
}

/// Rows of a slice, each of fixed size.
impl<T: Send + Sync + 'static> Remember for Arc<[T]> {
    fn weight(&self) -> usize {
        size_of::<Self>() + size_of_val(&**self)
    }
}

#[derive(Debug)]
struct Kept {
    /// What the slice was when it was read.
    stamp: Option<i64>,
    value: Box<dyn Any + Send + Sync>,
    weight: usize,
    /// At which question it was last asked for.
    asked: u64,
}

/// The remembered days of all organizations.
#[derive(Debug, Default)]
pub(crate) struct DayMemory(Mutex<Days>);

#[derive(Debug, Default)]
struct Days {
    /// By the type of what is kept.
    kept: HashMap<TypeId, HashMap<SliceKey, Kept>>,
    weight: usize,
    questions: u64,
}

impl DayMemory {
    /// What is known of these slices, as far as the stamp is still the same, in their order.
    pub(crate) fn recall<'k, T: Remember>(&self, slices: impl Iterator<Item = (&'k SliceKey, Option<i64>)>) -> Vec<Option<T>> {
        let mut days = self.lock();
        days.questions += 1;
        let questions = days.questions;
        let kept = days.kept.entry(TypeId::of::<T>()).or_default();
        let mut recall = |(key, stamp): (&SliceKey, Option<i64>)| {
            let kept = kept.get_mut(key).filter(|kept| kept.stamp == stamp)?;
            kept.asked = questions;
            kept.value.downcast_ref::<T>().cloned()
        };
        slices.map(&mut recall).collect()
    }

    /// Keeps slices as they were at these stamps, and forgets others where there is no room.
    pub(crate) fn keep<T: Remember>(&self, slices: impl IntoIterator<Item = (SliceKey, Option<i64>, T)>) {
        let mut days = self.lock();
        let days = &mut *days;
        let kept = days.kept.entry(TypeId::of::<T>()).or_default();
        for (key, stamp, value) in slices {
            let weight = size_of::<(SliceKey, Kept)>() + value.weight();
            days.weight += weight;
            let new = Kept { stamp, value: Box::new(value), weight, asked: days.questions };
            if let Some(old) = kept.insert(key, new) {
                days.weight -= old.weight;
            }
        }
        days.make_room(MOST);
    }

    fn lock(&self) -> MutexGuard<'_, Days> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Days {
    /// Forgets whole questions' days, the oldest first, down to so many bytes.
    fn make_room(&mut self, most: usize) {
        if self.weight <= most {
            return;
        }
        let all = self.kept.values().flat_map(HashMap::values);
        let mut ages: Vec<(u64, usize)> = all.map(|kept| (kept.asked, kept.weight)).collect();
        ages.sort_unstable();
        let (mut rest, mut until) = (self.weight, 0);
        for (asked, weight) in ages {
            if rest <= most && asked > until {
                break;
            }
            (rest, until) = (rest - weight, asked);
        }
        self.kept.values_mut().for_each(|kept| kept.retain(|_, kept| kept.asked > until));
        self.weight = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_domain::{IdentityId, PersonDay};

    fn key(day: i32) -> SliceKey {
        (OrganizationId(1), IntegrationId(2), "users".into(), Day(day))
    }

    fn slice(day: i32, stamp: i64) -> (SliceKey, Option<i64>, Remembered) {
        let person = PersonDay { identity: IdentityId(7), active: Some(true), agent: None, interactions: Some(stamp) };
        let people = Arc::new(LaidPeople::of(&[person], None));
        (key(day), Some(stamp), Remembered { people, columns: HashMap::new() })
    }

    fn known(memory: &DayMemory, day: i32, stamp: i64) -> bool {
        memory.recall::<Remembered>([(&key(day), Some(stamp))].into_iter())[0].is_some()
    }

    /// What is written down as the weight of all, and what the slices weigh together.
    fn weights(memory: &DayMemory) -> (usize, usize) {
        let days = memory.lock();
        (days.weight, days.kept.values().flat_map(HashMap::values).map(|kept| kept.weight).sum())
    }

    #[test]
    fn a_day_with_another_stamp_is_not_recalled() {
        let memory = DayMemory::default();
        memory.keep([slice(1, 5)]);
        assert!(known(&memory, 1, 5));
        assert!(!known(&memory, 1, 6), "it was written anew");
        assert!(!known(&memory, 2, 5), "another day");
        memory.keep([slice(1, 6)]);
        assert!(known(&memory, 1, 6) && !known(&memory, 1, 5));
        let (written, together) = weights(&memory);
        assert_eq!(written, together, "nothing is weighed twice");
    }

    #[test]
    fn each_kind_of_value_is_kept_by_itself() {
        let memory = DayMemory::default();
        let numbers: Arc<[u32]> = Arc::from([1, 2, 3]);
        memory.keep([slice(1, 5)]);
        memory.keep([(key(1), Some(9), numbers.clone())]);
        let of = |stamp| memory.recall::<Arc<[u32]>>([(&key(1), Some(stamp))].into_iter()).remove(0);
        assert_eq!((of(9), of(5)), (Some(numbers), None), "with its own stamp");
        assert!(known(&memory, 1, 5) && !known(&memory, 1, 9));
        let (written, together) = weights(&memory);
        assert_eq!(written, together);
    }

    #[test]
    fn what_was_not_asked_for_longest_is_forgotten_first() {
        let memory = DayMemory::default();
        for day in 1..=3 {
            memory.recall::<Remembered>(std::iter::empty());
            memory.keep([slice(day, 5)]);
        }
        assert!(known(&memory, 1, 5));
        let one = memory.lock().weight / 3;
        memory.lock().make_room(2 * one);
        assert!(known(&memory, 1, 5) && !known(&memory, 2, 5) && known(&memory, 3, 5));
        memory.lock().make_room(0);
        assert_eq!(memory.lock().weight, 0);
    }
}
