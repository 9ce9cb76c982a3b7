//! What a seat is used for (METRICS: "Seats"), and who is not to be called idle.

use crate::{Day, SubjectId, ToolId};
use serde::{Deserialize, Serialize};

/// A seat must be held this long before it can be idle.
pub const HELD_DAYS: i32 = 30;

/// How far back use is looked for. Vendors keep a year at most, and a page must not grow with history.
pub const LOOK_BACK_DAYS: u32 = 365;

/// Why somebody is not to be called idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExclusionReason {
    /// They are away: parental leave, sabbatical, illness.
    Leave,
    /// They have just begun.
    NewStarter,
    /// They keep the seat whatever happens.
    AllowList,
}

impl ExclusionReason {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::Leave, Self::NewStarter, Self::AllowList];

    /// The stored name, which is also REST's.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::NewStarter => "new_starter",
            Self::AllowList => "allow_list",
        }
    }

    /// What a person reads.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Leave => "On leave",
            Self::NewStarter => "New starter",
            Self::AllowList => "Allow-list",
        }
    }

    /// The reason of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// Somebody whose seats are not idle, whatever their use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatExclusion {
    /// Its number.
    pub id: i64,
    /// Who.
    pub member: SubjectId,
    /// Their seat of this tool; `None`: every seat of theirs.
    pub tool: Option<ToolId>,
    /// Why.
    pub reason: ExclusionReason,
    /// The last day it holds; `None`: until somebody takes it away.
    pub until: Option<Day>,
}

impl SeatExclusion {
    /// Whether it holds for a seat on a day.
    #[must_use]
    pub fn covers(&self, member: SubjectId, tool: &ToolId, on: Day) -> bool {
        let lasts = self.until.is_none_or(|until| on <= until);
        self.member == member && self.tool.as_ref().is_none_or(|own| own == tool) && lasts
    }

    /// The reason with its last day: `On leave until 2026-12-31`.
    #[must_use]
    pub fn words(&self) -> String {
        let reason = self.reason.describe();
        self.until.map_or_else(|| reason.to_owned(), |until| format!("{reason} until {until}"))
    }
}

/// What a seat is used for. Every seat is in one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatClass {
    /// Held long enough, and nobody knows of any use.
    NeverUsed,
    /// Unused for 90 days and more.
    Idle90,
    /// Unused for 60 to 89 days.
    Idle60,
    /// Unused for 30 to 59 days.
    Idle30,
    /// Would be idle or never used, but somebody said why it stays.
    Excluded,
    /// Unused, but held for less than 30 days or nobody knows for how long.
    New,
    /// Cancelled already.
    Pending,
    /// Used within 30 days.
    InUse,
}

impl SeatClass {
    /// All classes, those that could be released first.
    pub const ALL: [Self; 8] =
        [Self::NeverUsed, Self::Idle90, Self::Idle60, Self::Idle30, Self::Excluded, Self::New, Self::Pending, Self::InUse];

    /// What a person reads.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::NeverUsed => "Never used",
            Self::Idle90 => "Idle 90 days or more",
            Self::Idle60 => "Idle 60 to 89 days",
            Self::Idle30 => "Idle 30 to 59 days",
            Self::Excluded => "Excluded",
            Self::New => "New",
            Self::Pending => "Cancellation pending",
            Self::InUse => "In use",
        }
    }

    /// Whether its price is wasted.
    #[must_use]
    pub const fn is_waste(self) -> bool {
        matches!(self, Self::NeverUsed | Self::Idle90 | Self::Idle60 | Self::Idle30)
    }

    /// Idle for at least so many days.
    #[must_use]
    pub const fn is_idle_for(self, days: i32) -> bool {
        match self {
            Self::Idle90 => days <= 90,
            Self::Idle60 => days <= 60,
            Self::Idle30 => days <= 30,
            _ => false,
        }
    }
}

/// What a seat is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatEvidence {
    /// The newest day of use that anybody knows: the vendor or our own counts.
    pub last_activity: Option<Day>,
    /// A day on which it was held for certain, the earliest known.
    pub held_since: Option<Day>,
    /// Whether it is cancelled.
    pub is_cancelled: bool,
    /// Whether somebody said that it stays.
    pub is_excluded: bool,
}

/// The class of a seat as of a day.
#[must_use]
pub fn classify(on: Day, evidence: SeatEvidence) -> SeatClass {
    let idle_days = evidence.last_activity.map(|last| on.since(last));
    if evidence.is_cancelled {
        return SeatClass::Pending;
    }
    if idle_days.is_some_and(|days| days < 30) {
        return SeatClass::InUse;
    }
    if evidence.held_since.is_none_or(|since| on.since(since) < HELD_DAYS) {
        return SeatClass::New;
    }
    match idle_days {
        _ if evidence.is_excluded => SeatClass::Excluded,
        None => SeatClass::NeverUsed,
        Some(90..) => SeatClass::Idle90,
        Some(60..) => SeatClass::Idle60,
        Some(_) => SeatClass::Idle30,
    }
}

#[cfg(test)]
mod tests {
    use super::SeatClass::{Idle30, Idle60, Idle90, InUse};
    use super::*;
    use proptest::prelude::*;

    const ON: Day = Day(20_000);
    const LONG_HELD: SeatEvidence =
        SeatEvidence { last_activity: None, held_since: Some(Day(19_000)), is_cancelled: false, is_excluded: false };

    fn unused_for(days: i32) -> SeatClass {
        classify(ON, SeatEvidence { last_activity: Some(ON.minus(days)), ..LONG_HELD })
    }

    #[test]
    fn idleness_has_its_borders_where_the_definition_puts_them() {
        let found: Vec<SeatClass> = [0, 29, 30, 59, 60, 89, 90, 400].map(unused_for).to_vec();
        assert_eq!(found, [InUse, InUse, Idle30, Idle30, Idle60, Idle60, Idle90, Idle90]);
        assert_eq!(classify(ON, LONG_HELD), SeatClass::NeverUsed);
    }

    #[test]
    fn a_young_seat_a_cancelled_one_and_an_excluded_one_are_not_idle() {
        let held = |since| classify(ON, SeatEvidence { held_since: since, ..LONG_HELD });
        assert_eq!(held(Some(ON.minus(29))), SeatClass::New);
        assert_eq!(held(Some(ON.minus(30))), SeatClass::NeverUsed);
        assert_eq!(held(None), SeatClass::New, "nobody knows since when");
        assert_eq!(classify(ON, SeatEvidence { is_cancelled: true, ..LONG_HELD }), SeatClass::Pending);
        assert_eq!(classify(ON, SeatEvidence { is_excluded: true, ..LONG_HELD }), SeatClass::Excluded);
        let used = SeatEvidence { is_excluded: true, last_activity: Some(ON), ..LONG_HELD };
        assert_eq!(classify(ON, used), SeatClass::InUse, "an exclusion hides no use");
    }

    #[test]
    fn an_exclusion_is_for_its_member_its_tool_and_its_days() {
        let (copilot, cursor) = (ToolId::new("github_copilot"), ToolId::new("cursor"));
        let one = SeatExclusion {
            id: 1,
            member: SubjectId(7),
            tool: Some(copilot.clone()),
            reason: ExclusionReason::Leave,
            until: Some(ON),
        };
        assert!(one.covers(SubjectId(7), &copilot, ON));
        assert!(!one.covers(SubjectId(7), &copilot, ON.plus(1)));
        assert!(!one.covers(SubjectId(7), &cursor, ON));
        assert!(!one.covers(SubjectId(8), &copilot, ON));
        let all = SeatExclusion { tool: None, until: None, ..one.clone() };
        assert!(all.covers(SubjectId(7), &cursor, ON.plus(10_000)));
        assert_eq!((one.words(), all.words()), (format!("On leave until {ON}"), "On leave".to_owned()));
    }

    proptest! {
        #[test]
        fn idle_for_longer_is_idle_for_less_and_is_waste(days in 0i32..1000) {
            let class = unused_for(days);
            for (longer, shorter) in [(90, 60), (60, 30)] {
                prop_assert!(!class.is_idle_for(longer) || class.is_idle_for(shorter));
            }
            prop_assert_eq!(class.is_idle_for(30), days >= 30);
            prop_assert_eq!(class.is_waste(), days >= 30);
        }
    }
}
