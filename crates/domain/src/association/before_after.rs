//! Within a person: the weeks before the first sustained use beside those after it.

use super::interval::{median_interval, median_of};
use crate::delivery::percentile;

/// Somebody's values before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairedPerson {
    /// Values of the weeks before.
    pub before: Vec<i64>,
    /// Values of the weeks after.
    pub after: Vec<i64>,
}

/// Who has fewer values before or after is left out.
const LEAST_EACH: usize = 3;

/// A relative change with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The middle person's: -0.2 is a fifth less after than before.
    pub median: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What came of the pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// People with enough values on both sides.
    pub people: usize,
    /// Their values before.
    pub before: usize,
    /// Their values after.
    pub after: usize,
    /// The change; `None`: fewer than six people.
    pub change: Option<Change>,
}

/// The middle one of the people's relative changes of their own medians.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "seconds far below 2^52")]
pub fn paired(people: &[PairedPerson]) -> Paired {
    let is_enough = |person: &&PairedPerson| person.before.len() >= LEAST_EACH && person.after.len() >= LEAST_EACH;
    let (mut many, mut before, mut after) = (0, 0, 0);
    let mut changes: Vec<f64> = Vec::new();
    for person in people.iter().filter(is_enough) {
        let (first, second) = (percentile(&mut person.before.clone(), 50), percentile(&mut person.after.clone(), 50));
        let (Some(first), Some(second)) = (first.filter(|first| *first > 0), second) else { continue };
        many += 1;
        before += person.before.len();
        after += person.after.len();
        changes.push(second as f64 / first as f64 - 1.0);
    }
    let change = median_of(&changes).zip(median_interval(&changes));
    let change = change.map(|(median, (low, high))| Change { median, low, high });
    Paired { people: many, before, after, change }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_person() -> impl Strategy<Value = PairedPerson> {
        let values = || prop::collection::vec(1i64..100_000, 0..9);
        (values(), values()).prop_map(|(before, after)| PairedPerson { before, after })
    }

    proptest! {
        #[test]
        fn a_change_is_relative_and_needs_six_people(people in prop::collection::vec(any_person(), 0..20), times in 1i64..50) {
            let plain = paired(&people);
            prop_assert_eq!(plain.change.is_some(), plain.people >= 6);
            let scale = |values: &[i64]| values.iter().map(|value| value * times).collect();
            let scaled: Vec<_> =
                people.iter().map(|person| PairedPerson { before: scale(&person.before), after: scale(&person.after) }).collect();
            prop_assert_eq!(paired(&scaled).people, plain.people);
            if let (Some(one), Some(two)) = (plain.change, paired(&scaled).change) {
                prop_assert!((one.median - two.median).abs() < 1e-9 && one.low <= one.median && one.median <= one.high);
            }
        }

        #[test]
        fn whoever_changes_nothing_has_no_change(people in prop::collection::vec(any_person(), 0..20)) {
            let same: Vec<_> = people.iter().map(|person| PairedPerson { after: person.before.clone(), ..person.clone() }).collect();
            if let Some(change) = paired(&same).change {
                prop_assert_eq!(change, Change { median: 0.0, low: 0.0, high: 0.0 });
            }
        }
    }
}
