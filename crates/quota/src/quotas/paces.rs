//! The distances between questions by a clock that never steps: what the state file says by the wall clock holds as well, but
//! a wall clock can be set.

use crate::schedule::{Since, Turn, gap};
use crate::{Entry, Source, Trigger};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// No distance is longer than a day.
const KEPT: Duration = Duration::from_hours(25);

/// The last question about each account, as this process asked it.
#[derive(Debug, Default)]
pub(super) struct Paces(BTreeMap<(Source, String), Pace>);

#[derive(Debug)]
struct Pace {
    asked: Instant,
    hurried: bool,
    wait_until: Option<Instant>,
    gap: i64,
}

impl Paces {
    pub(super) fn turn(&self, source: Source, account: &str, trigger: Trigger) -> Turn {
        let Some(pace) = self.0.get(&(source, account.to_owned())) else { return Turn::Due };
        let now = Instant::now();
        let seconds = i64::try_from((now - pace.asked).as_secs()).unwrap_or(i64::MAX);
        let told_to_wait = pace.wait_until.is_some_and(|until| until > now);
        Since { seconds, hurried: pace.hurried, told_to_wait, gap: pace.gap }.turn(source, trigger)
    }

    /// A question is asked now.
    pub(super) fn asks(&mut self, entry: &Entry) {
        let now = Instant::now();
        self.0.retain(|_, pace| pace.asked + KEPT > now);
        let pace = Pace { asked: now, hurried: entry.hurried, wait_until: None, gap: gap(entry) };
        self.0.insert((entry.source, entry.account.clone()), pace);
    }

    /// It has come to something.
    pub(super) fn ends(&mut self, entry: &Entry, wait: Option<Duration>) {
        if let Some(pace) = self.0.get_mut(&(entry.source, entry.account.clone())) {
            (pace.gap, pace.wait_until) = (gap(entry), wait.map(|wait| Instant::now() + wait));
        }
    }
}
