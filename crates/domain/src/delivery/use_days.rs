//! On which days people used a tool, a bit each: what evidence by use and cohorts are made of.

use crate::{Day, Directory, SubjectId, Window, decode_active};

/// The days on which each subject used any tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseDays {
    window: Window,
    /// Words of 64 days for each subject.
    stride: usize,
    words: Vec<u64>,
    /// The days of which a tool told who was active.
    known: Vec<bool>,
}

impl UseDays {
    /// Nobody yet.
    #[must_use]
    pub fn over(window: Window) -> Self {
        let days = window.len() as usize;
        Self { window, stride: days.div_ceil(64), words: Vec::new(), known: vec![false; days] }
    }

    /// The days it covers.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// Adds who was active on a day, as [`crate::encode_active`] packed them; days outside are left out. To be called for
    /// every slice that knows who was active, also where nobody was.
    pub fn add(&mut self, day: Day, directory: &Directory, active: &[u8]) {
        let Some(place) = self.place(day) else { return };
        self.known[place] = true;
        if self.words.is_empty() {
            self.words.reserve(directory.len() * self.stride);
        }
        let (word, bit) = (place / 64, 1u64 << (place % 64));
        decode_active(active, |identity| {
            let at = directory.subject(identity).0 as usize * self.stride + word;
            if self.words.len() <= at {
                self.words.resize((at / self.stride + 1) * self.stride, 0);
            }
            self.words[at] |= bit;
        });
    }

    /// Whether any day is known: only then is nobody's use a zero.
    #[must_use]
    pub fn knows(&self) -> bool {
        self.known.iter().any(|known| *known)
    }

    /// Whether a tool told who was active on the day.
    #[must_use]
    pub fn knows_day(&self, day: Day) -> bool {
        self.place(day).is_some_and(|place| self.known[place])
    }

    /// Whether somebody used a tool on any of these days, both ends included.
    #[must_use]
    pub fn used(&self, subject: SubjectId, from: Day, to: Day) -> bool {
        self.each_word(subject, from, to).any(|word| word != 0)
    }

    /// On how many days of the window somebody used a tool.
    #[must_use]
    pub fn count(&self, subject: SubjectId, window: Window) -> u32 {
        self.each_word(subject, window.from, window.to).map(u64::count_ones).sum()
    }

    /// The days on which somebody used a tool, ascending.
    pub fn days(&self, subject: SubjectId) -> impl Iterator<Item = Day> + '_ {
        let from = self.window.from;
        (0..).zip(self.own(subject)).flat_map(move |(word, bits)| {
            let set = (0..64).filter(move |bit| bits >> bit & 1 == 1);
            set.map(move |bit| from.plus(word * 64 + bit))
        })
    }

    fn own(&self, subject: SubjectId) -> &[u64] {
        let from = subject.0 as usize * self.stride;
        self.words.get(from..from + self.stride).unwrap_or_default()
    }

    fn place(&self, day: Day) -> Option<usize> {
        if self.window.contains(day) { usize::try_from(day.since(self.window.from)).ok() } else { None }
    }

    /// The words of a subject with the days outside left out.
    fn each_word(&self, subject: SubjectId, from: Day, to: Day) -> impl Iterator<Item = u64> + '_ {
        let first = self.place(from.max(self.window.from)).unwrap_or(usize::MAX);
        let last = self.place(to.min(self.window.to));
        let end = last.map_or(0, |last| last + 1);
        self.own(subject).iter().enumerate().map(move |(word, bits)| {
            let (low, high) = (first.saturating_sub(word * 64).min(64), end.saturating_sub(word * 64).min(64));
            if low >= high { 0 } else { bits & (u64::MAX >> (64 - (high - low))) << low }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IdentityId;
    use crate::columns::encode_identities;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn use_is_found_on_exactly_its_days(
            uses in prop::collection::btree_set((90i32..300, 1u32..6), 0..60), from in 80i32..310, length in 0i32..200,
        ) {
            let window = Window { from: Day(100), to: Day(290) };
            let directory = Directory::new((1..6).map(|id| (IdentityId(id), (id < 5).then_some(SubjectId(id + 10)))));
            let mut days = UseDays::over(window);
            for (day, id) in &uses {
                days.add(Day(*day), &directory, &encode_identities([IdentityId(*id)]));
            }
            let to = from + length;
            for id in 1..6u32 {
                let subject = directory.subject(IdentityId(id));
                let own = uses.iter().filter(|(day, who)| *who == id && window.contains(Day(*day))).map(|(day, _)| *day);
                let own: Vec<i32> = own.collect();
                let within = own.iter().filter(|day| (from..=to).contains(*day)).count();
                prop_assert_eq!(days.used(subject, Day(from), Day(to)), within > 0);
                prop_assert_eq!(days.count(subject, Window { from: Day(from), to: Day(to) }) as usize, within);
                prop_assert_eq!(days.days(subject).map(|day| day.0).collect::<Vec<_>>(), own);
            }
            prop_assert_eq!(days.knows(), uses.iter().any(|(day, _)| window.contains(Day(*day))));
        }
    }
}
