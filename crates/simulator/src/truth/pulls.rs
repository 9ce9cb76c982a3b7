//! Pull requests without any server: what statistics are judged by.

use super::Truth;
use crate::activity::Tool;
use crate::delivery::{Planted, PullTruth, merged, planted};
use crate::organization::Kind;
use tacho_domain::{Day, Window};

impl Truth {
    /// Pull requests merged in the window, day by day, in the order of the merges; bots' included.
    pub fn pull_requests(&self, window: Window) -> impl Iterator<Item = PullTruth> + use<'_> {
        window.days().flat_map(|day| {
            let day = merged(&self.0, day);
            (0..day.len()).map(move |place| day[place].clone())
        })
    }

    /// What was planted in them.
    #[must_use]
    pub fn planted(&self) -> Planted {
        planted(&self.0.config)
    }

    /// Days of the window on which each member worked with any tool, by the person's index: cheap, since nothing is counted.
    /// A vendor may have such a day as one without activity, or not yet have it.
    #[must_use]
    pub fn use_days(&self, window: Window) -> Vec<(usize, Vec<Day>)> {
        let members = self.0.people.iter().filter(|person| person.kind == Kind::Member);
        let days = |person| {
            let came = |day: &Day| Tool::ALL.into_iter().any(|tool| self.0.came_with(person, tool, *day));
            (person.index, window.days().filter(came).collect())
        };
        members.map(days).collect()
    }
}
