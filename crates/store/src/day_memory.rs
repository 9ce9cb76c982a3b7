//! Days that were read before, laid out: questions come again and again for the same days, of which a sync changes the last few.
//! Each is held against the stamp that the database has for it at the moment of the question, so that whatever process wrote
//! the day anew, nobody is told of the old one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tacho_domain::columns::{LaidPeople, LaidValues};
use tacho_domain::{Day, IntegrationId, Measure, OrganizationId};

/// Bytes that remembered days may take: a quarter of a year with the one before it, of 5,000 people with three tools. What was
/// not asked for longest goes first.
const MOST: usize = 96 << 20;

/// A slice: whose, from which connection and stream, of which day.
pub(crate) type SliceKey = (OrganizationId, IntegrationId, Arc<str>, Day);

/// What is known of a slice.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    /// What it was when it was read.
    pub(crate) stamp: Option<i64>,
    pub(crate) people: Arc<LaidPeople>,
    /// Each measure that was asked for; `None`: the slice has no such column.
    pub(crate) columns: HashMap<Measure, Option<Arc<LaidValues>>>,
}

impl Remembered {
    fn weight(&self) -> usize {
        let columns: usize = self.columns.values().flatten().map(|values| values.weight() + size_of::<LaidValues>()).sum();
        size_of::<(SliceKey, Kept)>()
            + self.columns.len() * size_of::<(Measure, Option<Arc<LaidValues>>)>()
            + self.people.weight()
            + columns
    }
}

#[derive(Debug)]
struct Kept {
    slice: Remembered,
    weight: usize,
    /// At which question it was last asked for.
    asked: u64,
}

/// The remembered days of all organizations.
#[derive(Debug, Default)]
pub(crate) struct DayMemory(Mutex<Days>);

#[derive(Debug, Default)]
struct Days {
    kept: HashMap<SliceKey, Kept>,
    weight: usize,
    questions: u64,
}

impl DayMemory {
    /// What is known of these slices, as far as the stamp is still the same, in their order.
    pub(crate) fn recall<'k>(&self, slices: impl Iterator<Item = (&'k SliceKey, Option<i64>)>) -> Vec<Option<Remembered>> {
        let mut days = self.lock();
        days.questions += 1;
        let questions = days.questions;
        let mut recall = |(key, stamp): (&SliceKey, Option<i64>)| {
            let kept = days.kept.get_mut(key).filter(|kept| kept.slice.stamp == stamp)?;
            kept.asked = questions;
            Some(kept.slice.clone())
        };
        slices.map(&mut recall).collect()
    }

    /// Keeps slices, and forgets others where there is no room.
    pub(crate) fn keep(&self, slices: Vec<(SliceKey, Remembered)>) {
        let mut days = self.lock();
        let asked = days.questions;
        for (key, slice) in slices {
            let weight = slice.weight();
            days.weight += weight;
            if let Some(old) = days.kept.insert(key, Kept { slice, weight, asked }) {
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
        let mut ages: Vec<(u64, usize)> = self.kept.values().map(|kept| (kept.asked, kept.weight)).collect();
        ages.sort_unstable();
        let (mut rest, mut until) = (self.weight, 0);
        for (asked, weight) in ages {
            if rest <= most && asked > until {
                break;
            }
            (rest, until) = (rest - weight, asked);
        }
        self.kept.retain(|_, kept| kept.asked > until);
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

    fn slice(stamp: i64) -> Remembered {
        let person = PersonDay { identity: IdentityId(7), active: Some(true), agent: None, interactions: Some(stamp) };
        Remembered { stamp: Some(stamp), people: Arc::new(LaidPeople::of(&[person], None)), columns: HashMap::new() }
    }

    fn known(memory: &DayMemory, day: i32, stamp: i64) -> bool {
        memory.recall([(&key(day), Some(stamp))].into_iter())[0].is_some()
    }

    #[test]
    fn a_day_with_another_stamp_is_not_recalled() {
        let memory = DayMemory::default();
        memory.keep(vec![(key(1), slice(5))]);
        assert!(known(&memory, 1, 5));
        assert!(!known(&memory, 1, 6), "it was written anew");
        assert!(!known(&memory, 2, 5), "another day");
        memory.keep(vec![(key(1), slice(6))]);
        assert!(known(&memory, 1, 6) && !known(&memory, 1, 5));
        let days = memory.lock();
        assert_eq!(days.weight, days.kept.values().map(|kept| kept.weight).sum::<usize>(), "nothing is weighed twice");
    }

    #[test]
    fn what_was_not_asked_for_longest_is_forgotten_first() {
        let memory = DayMemory::default();
        for day in 1..=3 {
            memory.recall(std::iter::empty());
            memory.keep(vec![(key(day), slice(5))]);
        }
        assert!(known(&memory, 1, 5));
        let one = memory.lock().weight / 3;
        memory.lock().make_room(2 * one);
        assert!(known(&memory, 1, 5) && !known(&memory, 2, 5) && known(&memory, 3, 5));
        memory.lock().make_room(0);
        assert_eq!(memory.lock().weight, 0);
    }
}
