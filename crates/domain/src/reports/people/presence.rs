//! Each subject's days, all tools together: on how many they were active, and the last one.

use crate::columns::{CountedSlice, LaidPeople};
use crate::{Day, Directory, IdentityId, SubjectId, WHOLE_ORGANIZATION, Window};

/// One subject's days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Present {
    /// Who.
    pub subject: SubjectId,
    /// Distinct days on which they were active with any tool.
    pub active_days: u32,
    /// The last of those days.
    pub last_active: Option<Day>,
}

/// Adds slices up; they are given in the order of their days.
#[derive(Debug)]
pub struct Presence {
    window: Window,
    /// By the subject's number.
    places: Vec<u32>,
    people: Vec<Present>,
    /// Whether a slice of the day knows who was active, and how many members were, for each day of the window.
    days: Vec<(bool, u32)>,
}

const NOWHERE: u32 = u32::MAX;

impl Presence {
    /// Nobody yet.
    #[must_use]
    pub fn over(window: Window) -> Self {
        Self { window, places: Vec::new(), people: Vec::new(), days: vec![(false, 0); window.len() as usize] }
    }

    /// Adds a slice: everybody in it, or those only who count, given ascending.
    pub fn add(&mut self, directory: &Directory, slice: &CountedSlice, who: Option<&[IdentityId]>) {
        let place = usize::try_from(slice.day.since(self.window.from)).unwrap_or(usize::MAX);
        let members = match who {
            None => self.enter(directory, slice.day, &slice.people, 0..slice.people.len()),
            Some(who) => self.enter(directory, slice.day, &slice.people, slice.people.places(who).into_iter()),
        };
        if let Some((knows, active)) = self.days.get_mut(place) {
            *knows |= slice.knows_activity;
            *active += members;
        }
    }

    /// Counts the day for the active, and gives how many of them are members that it was not counted for yet.
    fn enter(&mut self, directory: &Directory, day: Day, people: &LaidPeople, these: impl Iterator<Item = usize>) -> u32 {
        let mut members = 0;
        for (identity, active) in these.map(|place| people.active(place)).filter(|(one, _)| *one != WHOLE_ORGANIZATION) {
            let subject = directory.subject(identity);
            let person = self.person(subject);
            if active == Some(true) && person.last_active != Some(day) {
                person.active_days += 1;
                person.last_active = Some(day);
                members += u32::from(!directory.unmatched().contains(subject));
            }
        }
        members
    }

    /// Whether any slice knew who was active: only then are no active days a zero.
    #[must_use]
    pub fn knows_activity(&self) -> bool {
        self.days.iter().any(|(knows, _)| *knows)
    }

    /// Active members on each day of the window; `None`: nobody knows.
    #[must_use]
    pub fn daily(&self) -> Vec<Option<f64>> {
        self.days.iter().map(|(knows, members)| knows.then(|| f64::from(*members))).collect()
    }

    /// Everybody who is in a slice, with their days.
    #[must_use]
    pub fn people(&self) -> &[Present] {
        &self.people
    }

    #[inline]
    fn person(&mut self, subject: SubjectId) -> &mut Present {
        let index = subject.0 as usize;
        if self.places.len() <= index {
            self.places.resize((index + 1).next_power_of_two(), NOWHERE);
        }
        if self.places[index] == NOWHERE {
            self.places[index] = u32::try_from(self.people.len()).unwrap_or(NOWHERE);
            self.people.push(Present { subject, active_days: 0, last_active: None });
        }
        &mut self.people[self.places[index] as usize]
    }
}
