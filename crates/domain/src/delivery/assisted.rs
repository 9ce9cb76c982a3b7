//! How sure it is that an AI tool had a part in a pull request (METRICS: "AI-assisted PRs").

use super::{AuthorKind, PullRow, Tier, UseDays};
use crate::{Day, SubjectId};

/// Why a pull request is counted as AI-assisted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assisted {
    /// Something in it names an agent.
    Signal(Tier),
    /// Its author used a tool on a day between its first and its last commit.
    WithinCommits,
    /// Its author used a tool on the day before its first commit.
    DayBefore,
}

impl Assisted {
    /// How much it says.
    #[must_use]
    pub const fn tier(self) -> Tier {
        match self {
            Self::Signal(tier) => tier,
            Self::WithinCommits => Tier::Strong,
            Self::DayBefore => Tier::Weak,
        }
    }

    /// The surest evidence of a pull request; `None`: there is none. Use is known by the day, so that the 24 hours before
    /// the first commit are the UTC day before its.
    #[must_use]
    pub fn of(pull: &PullRow, author: Option<SubjectId>, use_days: &UseDays) -> Option<Self> {
        if pull.author_kind == AuthorKind::Agent {
            return Some(Self::Signal(Tier::Exact));
        }
        if let Some(tier) = pull.signals.tier() {
            return Some(Self::Signal(tier));
        }
        let author = author?;
        let (first, last) = commit_days(pull);
        if use_days.used(author, first, last) {
            return Some(Self::WithinCommits);
        }
        use_days.used(author, first.minus(1), first.minus(1)).then_some(Self::DayBefore)
    }
}

/// The days of the first and the last commit; of opening and merging where they are not known.
fn commit_days(pull: &PullRow) -> (Day, Day) {
    let first = pull.first_commit_at.unwrap_or(pull.created_at).day();
    let last = pull.last_commit_day.unwrap_or_else(|| pull.merged_at.day());
    (first, last.max(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::encode_identities;
    use crate::delivery::{Second, SignalKind, SignalSet};
    use crate::{Directory, IdentityId, Window};

    /// First commit on day 10, last on day 12, merged on day 14.
    fn pull() -> PullRow {
        let at = |day: i64| Second::from_number(day * 86_400 + 3_600);
        PullRow {
            author: Some(IdentityId(3)),
            created_at: at(11),
            first_commit_at: Some(at(10)),
            last_commit_day: Some(Day(12)),
            ..PullRow::merged(1, 1, at(14))
        }
    }

    fn of(pull: &PullRow, author: Option<u32>, used_on: &[i32]) -> Option<Assisted> {
        let directory = Directory::new([(IdentityId(3), Some(SubjectId(7))), (IdentityId(4), None)]);
        let mut days = UseDays::over(Window { from: Day(0), to: Day(30) });
        for day in used_on {
            days.add(Day(*day), &directory, &encode_identities([IdentityId(3)]));
        }
        Assisted::of(pull, author.map(SubjectId), &days)
    }

    #[test]
    fn use_is_strong_from_the_first_to_the_last_commit_and_weak_on_the_day_before() {
        let told = |day: i32| of(&pull(), Some(7), &[day]);
        assert_eq!([8, 9, 10, 12, 13, 14].map(told), {
            let within = Some(Assisted::WithinCommits);
            [None, Some(Assisted::DayBefore), within, within, None, None]
        });
        let unknown = PullRow { last_commit_day: None, ..pull() };
        assert_eq!(of(&unknown, Some(7), &[14]), Some(Assisted::WithinCommits), "up to the merge where commits are not told");
    }

    #[test]
    fn somebody_elses_use_says_nothing() {
        assert_eq!(of(&pull(), Some(4), &[10, 11]), None);
        assert_eq!(of(&pull(), None, &[10, 11]), None);
    }

    #[test]
    fn a_signal_goes_before_use_and_an_agent_before_any() {
        let signal = |kind| PullRow { signals: SignalSet::of([kind]), ..pull() };
        assert_eq!(of(&signal(SignalKind::Trailer), Some(7), &[10]), Some(Assisted::Signal(Tier::Exact)));
        assert_eq!(of(&signal(SignalKind::Branch), Some(7), &[]), Some(Assisted::Signal(Tier::Strong)));
        let agent = PullRow { author_kind: AuthorKind::Agent, ..pull() };
        assert_eq!(of(&agent, None, &[]).map(Assisted::tier), Some(Tier::Exact));
    }
}
