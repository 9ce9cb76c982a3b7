//! When a source may be asked: the vendors' peace comes before anybody's wish.
//!
//! At most one question in five minutes per source and account, whatever triggers it; a person may ask for one more after a
//! minute. Failures move the next question further away. Sources on this machine are looked at once a minute.

use crate::{Entry, Options, Source, State};
use sha2::{Digest, Sha256};
use tacho_connectors::FailureKind;
use tacho_domain::Instant;

/// Who wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The clock.
    Tick,
    /// A person, who may have one question more.
    Person,
    /// Somebody signed in or out, or changed the settings.
    SessionChanged,
}

/// Whether a question may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is due.
    Due,
    /// It is not, but a person may have one more.
    OneMore,
    /// Not yet.
    NotYet,
}

/// Under this account it is noted when somebody was last looked for and nobody was found.
pub(crate) const NOBODY: &str = "";

const VENDOR_SECONDS: i64 = 300;
const LOCAL_SECONDS: i64 = 60;
const PERSON_SECONDS: i64 = 60;
const MOST_SECONDS: i64 = 3_600;
/// No vendor's wait is longer; a longer one is a clock that has stepped back.
pub(crate) const LONGEST_WAIT_SECONDS: i64 = 86_400;

/// What the turn depends on, be it measured by the wall clock or by one that never steps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since {
    /// Seconds since the last question; negative after the wall clock stepped back.
    pub(crate) seconds: i64,
    /// Whether that one was one more.
    pub(crate) hurried: bool,
    /// Whether the vendor has asked to wait and that time is not over.
    pub(crate) told_to_wait: bool,
    /// How long it is left alone.
    pub(crate) gap: i64,
}

/// Whether an account may be asked about by what is written down.
pub(crate) fn turn(entry: Option<&Entry>, trigger: Trigger, now: Instant) -> Turn {
    let Some((entry, asked_at)) = entry.and_then(|entry| Some((entry, entry.asked_at?))) else { return Turn::Due };
    let told_to_wait =
        entry.not_before.is_some_and(|until| until > now && until <= now.plus_seconds(LONGEST_WAIT_SECONDS) && asked_at <= now);
    let seconds = (now.0 - asked_at.0).div_euclid(1_000_000);
    Since { seconds, hurried: entry.hurried, told_to_wait, gap: gap(entry) }.turn(entry.source, trigger)
}

impl Since {
    pub(crate) fn turn(self, source: Source, trigger: Trigger) -> Turn {
        let is_over = self.seconds < 0 || self.seconds >= self.gap;
        let may_hurry =
            trigger == Trigger::Person && (self.seconds >= least(source) || (self.seconds >= PERSON_SECONDS && !self.hurried));
        match () {
            () if self.told_to_wait => Turn::NotYet,
            () if is_over => Turn::Due,
            // Beyond the usual distance a person only cuts a backoff short; that is no question more than usual.
            () if may_hurry && self.seconds >= least(source) => Turn::Due,
            () if may_hurry => Turn::OneMore,
            () => Turn::NotYet,
        }
    }
}

const fn is_local(source: Source) -> bool {
    matches!(source, Source::CodexLogs | Source::ClaudeStatusLine)
}

const fn least(source: Source) -> i64 {
    if is_local(source) { LOCAL_SECONDS } else { VENDOR_SECONDS }
}

/// Seconds between the last question about an account and the next.
pub(crate) fn gap(entry: &Entry) -> i64 {
    if entry.account == NOBODY {
        return LOCAL_SECONDS;
    }
    let least = least(entry.source);
    if entry.failures == 0 {
        return least;
    }
    // A vendor that was not reached was not bothered: who was offline does not wait an hour for the first number.
    let is_offline = entry.error.as_ref().is_some_and(|note| note.kind == FailureKind::Network);
    let doublings = if is_offline { 0 } else { entry.failures - 1 };
    let whole = least.checked_shl(doublings.min(16)).unwrap_or(MOST_SECONDS).min(MOST_SECONDS);
    whole + whole * spread(entry) / 8 / 256
}

/// A number below 256 that differs between accounts and failures, so that not all machines come back at the same second. No
/// dice are needed for that, and a process that starts anew comes to the same.
fn spread(entry: &Entry) -> i64 {
    let hash = Sha256::new().chain_update(&entry.account).chain_update(entry.failures.to_le_bytes()).finalize();
    i64::from(hash[0])
}

/// Whether asking may be worth a process: something that is wanted is due. Cheap, for the bars.
#[must_use]
pub fn is_due(state: &State, options: &Options, now: Instant) -> bool {
    let mut sources = options.sources.iter().copied().filter(|&source| source != Source::ClaudeStatusLine);
    sources.any(|source| {
        let known = state.present(source).or_else(|| state.find(source, NOBODY));
        !is_spared(source, state, now) && turn(known, Trigger::Tick, now) == Turn::Due
    })
}

/// Whether what Claude Code tells by itself is fresh enough to leave its vendor alone.
pub(crate) fn is_spared(source: Source, state: &State, now: Instant) -> bool {
    let told = state.present(Source::ClaudeStatusLine).and_then(|entry| entry.usage.as_ref());
    source == Source::ClaudeUsage
        && told.is_some_and(|usage| usage.as_of <= now && now < usage.as_of.plus_seconds(VENDOR_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Note;
    use proptest::prelude::*;

    const NOW: Instant = Instant(1_795_300_000_000_000);

    fn asked(seconds_ago: i64) -> Entry {
        Entry { asked_at: Some(NOW.plus_seconds(-seconds_ago)), ..Entry::new(Source::Copilot, "a") }
    }

    fn failed(kind: FailureKind, failures: u32, seconds_ago: i64) -> Entry {
        let error = Some(Note { kind, status: None, message: String::new(), at: NOW });
        Entry { error, failures, ..asked(seconds_ago) }
    }

    fn of(entry: &Entry, trigger: Trigger) -> Turn {
        turn(Some(entry), trigger, NOW)
    }

    #[test]
    fn a_vendor_is_asked_once_in_five_minutes_and_a_person_may_have_one_more_after_a_minute() {
        for trigger in [Trigger::Tick, Trigger::SessionChanged] {
            assert_eq!(
                [0, 60, 299, 300].map(|ago| of(&asked(ago), trigger)),
                [Turn::NotYet, Turn::NotYet, Turn::NotYet, Turn::Due]
            );
        }
        let person = |ago, hurried| of(&Entry { hurried, ..asked(ago) }, Trigger::Person);
        assert_eq!([59, 60, 299, 300].map(|ago| person(ago, false)), [Turn::NotYet, Turn::OneMore, Turn::OneMore, Turn::Due]);
        assert_eq!([60, 299, 300].map(|ago| person(ago, true)), [Turn::NotYet, Turn::NotYet, Turn::Due]);
        assert_eq!(turn(None, Trigger::Tick, NOW), Turn::Due);
    }

    #[test]
    fn a_vendor_that_asked_to_wait_is_left_alone_by_everybody() {
        let entry = Entry { not_before: Some(NOW.plus_seconds(1)), ..asked(1_000) };
        assert_eq!(of(&entry, Trigger::Person), Turn::NotYet);
        let over = Entry { not_before: Some(NOW), ..asked(1_000) };
        assert_eq!(of(&over, Trigger::Tick), Turn::Due);
    }

    #[test]
    fn a_clock_that_stepped_back_does_not_silence_a_source_for_years() {
        let entry = Entry { not_before: Some(NOW.plus_seconds(9_000)), ..asked(-8_700) };
        assert_eq!(of(&entry, Trigger::Tick), Turn::Due);
        let far = Entry { not_before: Some(NOW.plus_seconds(100_000_000)), ..asked(1_000) };
        assert_eq!(of(&far, Trigger::Tick), Turn::Due);
    }

    #[test]
    fn failures_double_the_distance_up_to_an_hour_and_being_offline_does_not() {
        let gaps = [1, 2, 3, 4, 5, 90].map(|failures| gap(&failed(FailureKind::Server, failures, 0)));
        for (gap, whole) in gaps.into_iter().zip([300, 600, 1_200, 2_400, 3_600, 3_600]) {
            assert!((whole..=whole + whole / 8).contains(&gap), "{gaps:?}");
        }
        assert!(gap(&failed(FailureKind::Network, 90, 0)) < 340);
        assert_eq!(of(&failed(FailureKind::Server, 9, 400), Trigger::Person), Turn::Due, "a person cuts a backoff short");
    }

    #[test]
    fn nobody_is_looked_for_once_a_minute_and_a_told_claude_is_not_asked() {
        let mut state = State::default();
        let mut options = Options { sources: [Source::Copilot].into(), ..Options::default() };
        assert!(is_due(&state, &options, NOW));
        state.entry(Source::Copilot, NOBODY).asked_at = Some(NOW.plus_seconds(-59));
        assert!(!is_due(&state, &options, NOW));
        assert!(is_due(&state, &options, NOW.plus_seconds(1)));
        options.sources = [Source::ClaudeUsage, Source::ClaudeStatusLine].into();
        assert!(is_due(&state, &options, NOW));
        let told = crate::UsageData { account: None, plan: None, meters: vec![], remarks: vec![], as_of: NOW };
        state.entry(Source::ClaudeStatusLine, "c").learn(told, NOW);
        state.turn_to(Source::ClaudeStatusLine, Some("c"));
        assert!(!is_due(&state, &options, NOW.plus_seconds(299)));
        assert!(is_due(&state, &options, NOW.plus_seconds(300)));
    }

    proptest! {
        #[test]
        fn no_wish_brings_more_than_two_questions_into_five_minutes(
            wishes in proptest::collection::vec((0i64..200, any::<bool>()), 1..200),
        ) {
            let (mut entry, mut now, mut questions) = (Entry::new(Source::Copilot, "a"), NOW, Vec::new());
            for (pause, is_person) in wishes {
                now = now.plus_seconds(pause);
                let trigger = if is_person { Trigger::Person } else { Trigger::Tick };
                match turn(Some(&entry), trigger, now) {
                    Turn::NotYet => continue,
                    turn => entry.hurried = turn == Turn::OneMore,
                }
                entry.asked_at = Some(now);
                questions.push((now, entry.hurried));
            }
            for pair in questions.windows(2) {
                let gap = (pair[1].0.0 - pair[0].0.0) / 1_000_000;
                prop_assert!(gap >= if pair[1].1 { 60 } else { 300 }, "{:?}", pair);
            }
            for three in questions.windows(3) {
                prop_assert!(three[2].0.0 - three[0].0.0 >= 300_000_000, "{:?}", three);
            }
        }
    }
}
