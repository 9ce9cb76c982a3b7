//! Who belonged to a team when: runs of days, asked as of a day.

use crate::Day;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

/// The days of a membership: from the first to the last one, both included; without a last day it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First day.
    pub from: Day,
    /// Last day; `None`: it lasts.
    pub to: Option<Day>,
}

impl Span {
    /// Days from `from` to `to`; `None` where it would end before it begins.
    #[must_use]
    pub fn new(from: Day, to: Option<Day>) -> Option<Self> {
        to.is_none_or(|to| to >= from).then_some(Self { from, to })
    }

    /// Whether the day is in it.
    ///
    /// ```
    /// use tacho_domain::{Day, teams::Span};
    /// let march = Span::new(Day(100), Some(Day(130))).unwrap();
    /// assert!(march.contains(Day(100)) && march.contains(Day(130)) && !march.contains(Day(131)));
    /// ```
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Whether the two share a day, or one begins on the day after the other ends.
    fn touches(&self, other: &Self) -> bool {
        let reaches = |one: &Self, two: &Self| one.to.is_none_or(|to| to.plus(1) >= two.from);
        reaches(self, other) && reaches(other, self)
    }
}

/// Puts a membership among those of the same person in the same team: whatever it overlaps or touches becomes one with it,
/// so that memberships never overlap. Gives them in the order of their days.
#[must_use]
pub fn join(spans: &[Span], new: Span) -> Vec<Span> {
    let mut all: Vec<Span> = spans.to_vec();
    all.push(new);
    all.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(all.len());
    for span in all {
        match joined.last_mut() {
            Some(last) if last.touches(&span) => {
                last.to = last.to.and_then(|to| span.to.map(|other| to.max(other)));
            }
            _ => joined.push(span),
        }
    }
    joined
}

/// Ends what lasts beyond `last`: memberships that begin later are gone, the one that contains it is cut.
#[must_use]
pub fn end(spans: &[Span], last: Day) -> Vec<Span> {
    let kept = spans.iter().filter(|span| span.from <= last);
    kept.map(|span| Span { from: span.from, to: Some(span.to.map_or(last, |to| to.min(last))) }).collect()
}

/// Memberships from snapshots, each of which holds from its day to the day before the next one; the newest one lasts.
#[must_use]
pub fn spans<T: Ord + Copy + Hash>(snapshots: &BTreeMap<Day, BTreeSet<T>>) -> BTreeMap<T, Vec<Span>> {
    let mut spans: BTreeMap<T, Vec<Span>> = BTreeMap::new();
    let mut present: BTreeMap<T, Day> = BTreeMap::new();
    for (&day, members) in snapshots {
        present.retain(|who, from| {
            let stays = members.contains(who);
            if !stays {
                spans.entry(*who).or_default().push(Span { from: *from, to: Some(day.minus(1)) });
            }
            stays
        });
        for &who in members {
            present.entry(who).or_insert(day);
        }
    }
    for (who, from) in present {
        spans.entry(who).or_default().push(Span { from, to: None });
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_span() -> impl Strategy<Value = Span> {
        (0i32..40, prop::option::of(0i32..20))
            .prop_map(|(from, days)| Span { from: Day(from), to: days.map(|days| Day(from + days)) })
    }

    fn days(spans: &[Span]) -> Vec<bool> {
        (0..80).map(|day| spans.iter().any(|span| span.contains(Day(day)))).collect()
    }

    proptest! {
        #[test]
        fn joined_memberships_never_overlap_and_cover_the_same_days(given in prop::collection::vec(any_span(), 0..8)) {
            let joined = given.iter().fold(Vec::new(), |spans, span| join(&spans, *span));
            prop_assert_eq!(days(&given), days(&joined));
            for pair in joined.windows(2) {
                prop_assert!(pair[0].to.is_some_and(|to| to.plus(1) < pair[1].from), "{:?}", joined);
            }
        }

        #[test]
        fn after_the_end_there_is_nobody_and_before_it_nothing_changed(
            given in prop::collection::vec(any_span(), 0..8), last in 0i32..60,
        ) {
            let (before, after) = (days(&given), days(&end(&given, Day(last))));
            for (day, (before, after)) in (0..).zip(before.into_iter().zip(after)) {
                prop_assert_eq!(after, before && day <= last);
            }
        }

        #[test]
        fn snapshots_read_back_as_of_each_of_their_days(
            shots in prop::collection::btree_map(0i32..30, prop::collection::btree_set(0u32..6, 0..5), 0..8),
        ) {
            let shots: BTreeMap<Day, BTreeSet<u32>> = shots.into_iter().map(|(day, set)| (Day(day), set)).collect();
            let spans = spans(&shots);
            for day in (0..40).map(Day) {
                let newest = shots.range(..=day).next_back().map(|(_, set)| set.clone()).unwrap_or_default();
                let read: BTreeSet<u32> =
                    spans.iter().filter(|(_, spans)| spans.iter().any(|span| span.contains(day))).map(|(who, _)| *who).collect();
                prop_assert_eq!(read, newest);
            }
        }
    }
}
