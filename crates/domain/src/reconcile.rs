//! Which of a vendor's own totals can be held against ours, and what it means when the two differ.

use crate::Measure;

/// A total of the vendor's own with the number of ours that should be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorTotal {
    /// The stream that brings it: `totals_daily`.
    pub stream: &'static str,
    /// Its name, as facts have it: `daily_active_users`.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it is held against.
    pub ours: Ours,
    /// Why ours may be the smaller number, in a sentence; empty: nothing known explains it.
    pub when_less: &'static str,
    /// Why ours may be the larger one.
    pub when_more: &'static str,
    /// Why the vendor may have no total of a day.
    pub when_absent: &'static str,
}

/// What of ours a vendor's total is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ours {
    /// Distinct identities that were active on the day.
    ActivePeople,
    /// A measure, added up over everybody's day.
    Sum(Measure),
    /// The seats of the day's snapshot.
    Seats,
    /// A measure of people, service accounts left out, added up from the first day of the billing cycle. The vendor tells
    /// the cycle so far at the moment it is asked, so that the number lies between ours up to the evening before and ours
    /// with that day.
    SinceCycleBegan {
        /// The total that tells the cycle's first day, as an epoch day.
        first_day: &'static str,
        /// The measure.
        measure: Measure,
    },
}

impl VendorTotal {
    /// Whether it is an amount of money.
    #[must_use]
    pub const fn is_money(&self) -> bool {
        let measure = match self.ours {
            Ours::Sum(measure) | Ours::SinceCycleBegan { measure, .. } => measure,
            Ours::ActivePeople | Ours::Seats => return false,
        };
        matches!(measure, Measure::Cost | Measure::Billed)
    }
}

/// A total of one day on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pair {
    /// Ours: the least and the most that it can be; the same but for a cycle so far.
    pub ours: Option<(i64, i64)>,
    /// The vendor's.
    pub theirs: Option<i64>,
    /// Whether either may still be restated.
    pub provisional: bool,
    /// Whether the two were read on different days, so that a restatement may lie between them.
    pub read_apart: bool,
}

/// What comes of holding the two against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Neither is there.
    Nothing,
    /// Only we have a number.
    OnlyOurs,
    /// They are the same, or the vendor's lies where it must.
    Agrees,
    /// They differ, and may still be restated.
    Waits,
    /// Only the vendor has a number.
    OnlyTheirs,
    /// Settled, and ours is less.
    Less,
    /// Settled, and ours is more.
    More,
}

impl Pair {
    /// What comes of it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match (self.ours, self.theirs) {
            (None, None) => Verdict::Nothing,
            (Some(_), None) => Verdict::OnlyOurs,
            (None, Some(_)) if self.provisional => Verdict::Waits,
            (None, Some(_)) => Verdict::OnlyTheirs,
            (Some((least, most)), Some(theirs)) if (least..=most).contains(&theirs) => Verdict::Agrees,
            (Some(_), Some(_)) if self.provisional => Verdict::Waits,
            (Some((least, _)), Some(theirs)) if least > theirs => Verdict::More,
            (Some(_), Some(_)) => Verdict::Less,
        }
    }

    /// Ours less the vendor's, as far as it lies outside of what ours can be.
    #[must_use]
    pub fn difference(&self) -> Option<i64> {
        let ((least, most), theirs) = (self.ours?, self.theirs?);
        Some(if theirs < least { least.saturating_sub(theirs) } else { most.saturating_sub(theirs).min(0) })
    }
}

impl Verdict {
    /// Whether both sides are there and settled: what the share of agreement is made of.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Agrees | Self::Less | Self::More)
    }

    /// Whether somebody should look at it.
    #[must_use]
    pub const fn differs(self) -> bool {
        matches!(self, Self::Less | Self::More | Self::OnlyTheirs)
    }

    /// In a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "no data",
            Self::OnlyOurs => "no total of the vendor's",
            Self::Agrees => "agrees",
            Self::Waits => "not settled",
            Self::OnlyTheirs => "no data of ours",
            Self::Less => "ours is less",
            Self::More => "ours is more",
        }
    }
}

impl VendorTotal {
    /// Why a day is as it is, as far as it is known.
    #[must_use]
    pub fn reason(&self, pair: &Pair) -> String {
        let settled = |why: &str| {
            let apart = "The two were read on different days: the vendor may have restated the day in between.";
            let known = if why.is_empty() { "No known reason explains it." } else { why };
            if pair.read_apart { format!("{apart} {known}") } else { known.to_owned() }
        };
        match pair.verdict() {
            Verdict::Agrees if pair.ours.is_some_and(|(least, most)| least != most) => {
                "The cycle so far at the moment the vendor was asked: between ours up to the evening before and ours with that day."
                    .into()
            }
            Verdict::Nothing | Verdict::Agrees => String::new(),
            Verdict::OnlyOurs => self.when_absent.into(),
            Verdict::Waits => "The vendor may still restate the day.".into(),
            Verdict::OnlyTheirs => "No usage of this day was read from the vendor.".into(),
            Verdict::Less => settled(self.when_less),
            Verdict::More => settled(self.when_more),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair(ours: Option<(i64, i64)>, theirs: Option<i64>) -> Pair {
        Pair { ours, theirs, ..Pair::default() }
    }

    #[test]
    fn each_case_has_its_verdict() {
        for (ours, theirs, verdict, difference) in [
            (None, None, Verdict::Nothing, None),
            (Some((3, 3)), None, Verdict::OnlyOurs, None),
            (None, Some(3), Verdict::OnlyTheirs, None),
            (Some((3, 3)), Some(3), Verdict::Agrees, Some(0)),
            (Some((0, 0)), Some(0), Verdict::Agrees, Some(0)),
            (Some((3, 3)), Some(5), Verdict::Less, Some(-2)),
            (Some((5, 5)), Some(3), Verdict::More, Some(2)),
            (Some((3, 9)), Some(5), Verdict::Agrees, Some(0)),
            (Some((3, 9)), Some(10), Verdict::Less, Some(-1)),
            (Some((3, 9)), Some(1), Verdict::More, Some(2)),
        ] {
            let pair = pair(ours, theirs);
            assert_eq!((pair.verdict(), pair.difference()), (verdict, difference), "{pair:?}");
            let young = Pair { provisional: true, ..pair }.verdict();
            assert!(young == verdict || young == Verdict::Waits && verdict.differs(), "{pair:?}: {young:?}");
        }
    }

    #[test]
    fn a_difference_without_a_known_reason_says_so_and_one_that_may_be_restated_says_that() {
        let total = VendorTotal {
            stream: "totals",
            name: "people",
            label: "People",
            ours: Ours::ActivePeople,
            when_less: "The vendor knows more people.",
            when_more: "",
            when_absent: "Too few people.",
        };
        assert_eq!(total.reason(&pair(Some((1, 1)), Some(2))), "The vendor knows more people.");
        assert_eq!(total.reason(&pair(Some((2, 2)), Some(1))), "No known reason explains it.");
        assert_eq!(total.reason(&pair(Some((2, 2)), None)), "Too few people.");
        let apart = total.reason(&Pair { read_apart: true, ..pair(Some((1, 1)), Some(2)) });
        assert!(apart.contains("read on different days") && apart.ends_with("The vendor knows more people."), "{apart}");
    }

    proptest! {
        #[test]
        fn the_difference_is_nought_exactly_where_they_agree(least in -9i64..9, more in 0i64..5, theirs in -20i64..20) {
            let pair = pair(Some((least, least + more)), Some(theirs));
            prop_assert_eq!(pair.difference() == Some(0), pair.verdict() == Verdict::Agrees);
            prop_assert_eq!(pair.difference().unwrap() > 0, pair.verdict() == Verdict::More);
        }
    }
}
