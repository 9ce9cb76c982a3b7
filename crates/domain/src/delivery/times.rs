//! How long a pull request took, in parts, and the middle of many such lengths (METRICS: "cycle time").

use super::PullRow;

/// A part of a pull request's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// From opened to merged.
    Cycle,
    /// From the first commit to opened.
    Coding,
    /// From ready for review to a person's first review.
    Pickup,
    /// From the first review to the last approval.
    Review,
    /// From the last approval to merged.
    Merge,
}

impl Part {
    /// The whole first, then its parts in the order in which they pass.
    pub const ALL: [Self; 5] = [Self::Cycle, Self::Coding, Self::Pickup, Self::Review, Self::Merge];

    /// The id of its figure.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Cycle => "cycle_time",
            Self::Coding => "coding_time",
            Self::Pickup => "pickup_time",
            Self::Review => "review_time",
            Self::Merge => "merge_time",
        }
    }

    /// What a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Cycle => "Cycle time",
            Self::Coding => "Coding time",
            Self::Pickup => "Pickup time",
            Self::Review => "Review time",
            Self::Merge => "Merge time",
        }
    }

    /// From when to when.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Cycle => "from opened to merged",
            Self::Coding => "from the first commit to opened, 0 where it was opened first",
            Self::Pickup => "from ready for review (opened, where it was no draft) to the first review by a person",
            Self::Review => "from the first review by a person to the last approval",
            Self::Merge => "from the last approval to merged",
        }
    }

    /// Its length in seconds; `None`: an end of it is not known. Never negative: what came before its beginning took no
    /// time, such as a review while it was still a draft.
    #[must_use]
    pub fn of(self, pull: &PullRow) -> Option<i64> {
        let (from, to) = match self {
            Self::Cycle => (pull.created_at, pull.merged_at),
            Self::Coding => (pull.first_commit_at?, pull.created_at),
            Self::Pickup => (pull.ready_at.unwrap_or(pull.created_at), pull.first_review_at?),
            Self::Review => (pull.first_review_at?, pull.last_approval_at?),
            Self::Merge => (pull.last_approval_at?, pull.merged_at),
        };
        Some(to.since(from).max(0))
    }
}

/// The value that so many hundredths of the values do not exceed (nearest rank: always one of the values; of an even number
/// of values the median is the lower middle one). Changes the order of the values. `None`: no values.
///
/// ```
/// use tacho_domain::delivery::percentile;
/// assert_eq!(percentile(&mut [4, 1, 3, 2], 50), Some(2));
/// assert_eq!(percentile(&mut [4, 1, 3, 2], 75), Some(3));
/// assert_eq!(percentile(&mut [], 50), None);
/// ```
#[must_use]
pub fn percentile(values: &mut [i64], hundredths: usize) -> Option<i64> {
    let rank = (values.len() * hundredths).div_ceil(100).checked_sub(1)?;
    let (_, value, _) = values.select_nth_unstable(rank.min(values.len() - 1));
    Some(*value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Second;
    use proptest::prelude::*;

    fn pull() -> PullRow {
        let at = |hour: i64| Second::from_number(1_772_000_000 + hour * 3_600);
        PullRow {
            created_at: at(10),
            first_commit_at: Some(at(4)),
            first_review_at: Some(at(15)),
            last_approval_at: Some(at(35)),
            approvals: 1,
            ..PullRow::merged(1, 1, at(40))
        }
    }

    fn hours(pull: &PullRow) -> [Option<i64>; 5] {
        Part::ALL.map(|part| part.of(pull).map(|seconds| seconds / 3_600))
    }

    #[test]
    fn each_part_is_from_its_beginning_to_its_end() {
        assert_eq!(hours(&pull()), [Some(30), Some(6), Some(5), Some(20), Some(5)]);
    }

    #[test]
    fn what_is_not_known_stays_unknown_and_nothing_takes_less_than_no_time() {
        let at = |hour: i64| Some(Second::from_number(1_772_000_000 + hour * 3_600));
        let bare = PullRow { first_commit_at: None, first_review_at: None, last_approval_at: None, ..pull() };
        assert_eq!(hours(&bare), [Some(30), None, None, None, None]);
        let draft = PullRow { ready_at: at(20), first_commit_at: at(12), ..pull() };
        assert_eq!(hours(&draft), [Some(30), Some(0), Some(0), Some(20), Some(5)]);
    }

    proptest! {
        #[test]
        fn a_percentile_is_a_value_that_so_many_do_not_exceed(
            values in prop::collection::vec(0i64..50, 1..40), hundredths in 1usize..=100,
        ) {
            let found = percentile(&mut values.clone(), hundredths).unwrap();
            let at_most = values.iter().filter(|value| **value <= found).count();
            let below = values.iter().filter(|value| **value < found).count();
            prop_assert!(at_most * 100 >= values.len() * hundredths && below * 100 < values.len() * hundredths);
        }
    }
}
