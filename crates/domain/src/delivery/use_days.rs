//! On which days people used a tool, a bit each: what evidence by use and cohorts are made of.

use crate::{Day, Directory, IdentityId, SubjectId, Window, decode_active};

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

    /// From who was active in many slices, as for [`Self::add`], at once: sixty-four people's sixty-four days are turned
    /// from a word for each day into a word for each person.
    #[must_use]
    pub fn of<'b>(window: Window, directory: &Directory, slices: impl IntoIterator<Item = (Day, &'b [u8])>) -> Self {
        let mut days = Self::over(window);
        let mut active: Vec<Vec<u64>> = vec![Vec::new(); days.known.len()];
        for (day, bytes) in slices {
            let Some(place) = days.place(day) else { continue };
            days.known[place] = true;
            unite(&mut active[place], bytes);
        }
        let most = active.iter().map(Vec::len).max().unwrap_or(0);
        for people in 0..most {
            for word in 0..days.stride {
                let mut block = [0u64; 64];
                for (row, day) in block.iter_mut().zip(&active[word * 64..]) {
                    *row = day.get(people).copied().unwrap_or(0);
                }
                if block.iter().any(|row| *row != 0) {
                    turn(&mut block);
                    days.put(directory, people, word, &block);
                }
            }
        }
        days
    }

    /// Puts in the days of sixty-four identities.
    fn put(&mut self, directory: &Directory, people: usize, word: usize, block: &[u64; 64]) {
        for (place, days) in block.iter().enumerate().filter(|(_, days)| **days != 0) {
            let identity = IdentityId(u32::try_from(people * 64 + place).unwrap_or(u32::MAX));
            let at = directory.subject(identity).0 as usize * self.stride + word;
            self.reach(at);
            self.words[at] |= *days;
        }
    }

    /// Makes room for a word.
    fn reach(&mut self, at: usize) {
        if self.words.len() <= at {
            self.words.resize((at / self.stride + 1) * self.stride, 0);
        }
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
            self.reach(at);
            self.words[at] |= bit;
        });
    }

    /// The first of so many days with use, one after the other, of which the last is less than `within` days after the first;
    /// other days may lie between them.
    #[must_use]
    pub fn first_run(&self, subject: SubjectId, many: usize, within: i32) -> Option<Day> {
        let mut last: Vec<Day> = Vec::with_capacity(many + 1);
        for day in self.days(subject) {
            last.push(day);
            if last.len() > many {
                last.remove(0);
            }
            if last.len() == many && day.since(last[0]) < within {
                return last.first().copied();
            }
        }
        None
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
            // Each step takes away the lowest bit that is left.
            let set = std::iter::successors(Some(*bits), |rest| Some(rest & rest.wrapping_sub(1))).take_while(|rest| *rest != 0);
            set.map(move |rest| from.plus(word * 64 + i32::try_from(rest.trailing_zeros()).unwrap_or(0)))
        })
    }

    fn own(&self, subject: SubjectId) -> &[u64] {
        let from = subject.0 as usize * self.stride;
        self.words.get(from..from + self.stride).unwrap_or_default()
    }

    fn place(&self, day: Day) -> Option<usize> {
        if self.window.contains(day) { usize::try_from(day.since(self.window.from)).ok() } else { None }
    }

    /// The words of a subject that hold these days, with the days outside left out.
    fn each_word(&self, subject: SubjectId, from: Day, to: Day) -> impl Iterator<Item = u64> + '_ {
        let first = self.place(from.max(self.window.from)).unwrap_or(usize::MAX);
        let end = self.place(to.min(self.window.to)).map_or(0, |last| last + 1);
        let words = if first < end { first / 64..end.div_ceil(64) } else { 0..0 };
        let own = self.own(subject).get(words.clone()).unwrap_or_default();
        words.zip(own).map(move |(word, bits)| {
            let (low, high) = (first.saturating_sub(word * 64), (end - word * 64).min(64));
            bits & (u64::MAX >> (64 - (high - low))) << low
        })
    }
}

/// Adds packed people to a set of them.
fn unite(all: &mut Vec<u64>, bytes: &[u8]) {
    if all.len() < bytes.len().div_ceil(8) {
        all.resize(bytes.len().div_ceil(8), 0);
    }
    for (word, chunk) in all.iter_mut().zip(bytes.chunks(8)) {
        let mut eight = [0; 8];
        eight[..chunk.len()].copy_from_slice(chunk);
        *word |= u64::from_le_bytes(eight);
    }
}

/// Turns rows into columns: bit `b` of row `r` goes to bit `r` of row `b` (Warren: Hacker's Delight, 2nd edition 2012, 7-3).
fn turn(rows: &mut [u64; 64]) {
    let (mut width, mut mask) = (32, u64::MAX >> 32);
    while width > 0 {
        let mut at = 0;
        while at < 64 {
            let swapped = ((rows[at] >> width) ^ rows[at + width]) & mask;
            rows[at] ^= swapped << width;
            rows[at + width] ^= swapped;
            at = (at + width + 1) & !width;
        }
        width /= 2;
        mask ^= mask << width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            let packed: Vec<(Day, Vec<u8>)> =
                uses.iter().map(|(day, id)| (Day(*day), encode_identities([IdentityId(*id)]))).collect();
            prop_assert_eq!(&UseDays::of(window, &directory, packed.iter().map(|(day, bytes)| (*day, &bytes[..]))), &days);
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

    proptest! {
        #[test]
        fn many_at_once_are_the_same_as_one_after_the_other(
            slices in prop::collection::vec((0i32..200, prop::collection::btree_set(0u32..300, 0..40)), 0..12)
        ) {
            let window = Window { from: Day(10), to: Day(180) };
            let directory = Directory::new((0..300).map(|id| (IdentityId(id), (id % 3 == 0).then_some(SubjectId(400 - id)))));
            let packed: Vec<(Day, Vec<u8>)> =
                slices.iter().map(|(day, ids)| (Day(*day), encode_identities(ids.iter().map(|id| IdentityId(*id))))).collect();
            let mut one_by_one = UseDays::over(window);
            for (day, bytes) in &packed {
                one_by_one.add(*day, &directory, bytes);
            }
            let at_once = UseDays::of(window, &directory, packed.iter().map(|(day, bytes)| (*day, &bytes[..])));
            prop_assert_eq!(at_once, one_by_one);
        }
    }

    #[test]
    fn a_run_of_use_begins_with_its_first_day() {
        let window = Window { from: Day(100), to: Day(290) };
        let directory = Directory::new([(IdentityId(1), Some(SubjectId(1)))]);
        let first = |used: &[i32]| {
            let mut days = UseDays::over(window);
            for day in used {
                days.add(Day(100 + day), &directory, &encode_identities([IdentityId(1)]));
            }
            days.first_run(SubjectId(1), 3, 7).map(|day| day.0 - 100)
        };
        assert_eq!(first(&[1, 3, 9, 11, 15, 20]), Some(9));
        assert_eq!(first(&[1, 4, 8, 20, 30]), None);
        assert_eq!(first(&[62, 64, 68]), Some(62), "over the end of a word");
        assert_eq!(first(&[]), None);
    }
}
