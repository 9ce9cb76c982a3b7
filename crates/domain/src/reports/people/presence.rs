//! Each subject's days, all tools together: on how many they were active, and the last one.

use super::lists::Lists;
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
    /// Whether each of them is a member.
    members: Vec<bool>,
    lists: Lists,
    /// Whether a slice of the day knows who was active, and how many members were, for each day of the window.
    days: Vec<(bool, u32)>,
}

const NOWHERE: u32 = u32::MAX;

impl Presence {
    /// Nobody yet.
    #[must_use]
    pub fn over(window: Window) -> Self {
        Self {
            window,
            places: Vec::new(),
            people: Vec::new(),
            members: Vec::new(),
            lists: Lists::default(),
            days: vec![(false, 0); window.len() as usize],
        }
    }

    /// Adds a slice: everybody in it, or those only who count, by their places in it.
    pub fn add(&mut self, directory: &Directory, slice: &CountedSlice, these: Option<&[usize]>) {
        let place = usize::try_from(slice.day.since(self.window.from)).unwrap_or(usize::MAX);
        let members = match these {
            None => self.enter_all(directory, slice.day, &slice.people),
            Some(these) => self.enter(directory, slice.day, &slice.people, these),
        };
        if let Some((knows, active)) = self.days.get_mut(place) {
            *knows |= slice.knows_activity;
            *active += members;
        }
    }

    /// Counts the day for the active, and gives how many of them are members that it was not counted for yet.
    fn enter_all(&mut self, directory: &Directory, day: Day, people: &LaidPeople) -> u32 {
        let mut lists = std::mem::take(&mut self.lists);
        let listed = lists.take(people.list(), |identity| self.place(directory, *identity));
        let mut members = 0;
        for (place, is_active) in listed.1.iter().zip(people.actives()) {
            members += u32::from(is_active && *place != NOWHERE && self.note_day(*place, day));
        }
        lists.give_back(listed);
        self.lists = lists;
        members
    }

    /// The same of those at these places of the slice.
    fn enter(&mut self, directory: &Directory, day: Day, people: &LaidPeople, these: &[usize]) -> u32 {
        let mut members = 0;
        for (identity, active) in these.iter().map(|place| people.active(*place)) {
            let place = self.place(directory, identity);
            members += u32::from(active == Some(true) && place != NOWHERE && self.note_day(place, day));
        }
        members
    }

    /// Counts a day for somebody who was active on it, and whether they are a member that it was not counted for yet.
    #[inline]
    fn note_day(&mut self, place: u32, day: Day) -> bool {
        let person = &mut self.people[place as usize];
        if person.last_active == Some(day) {
            return false;
        }
        person.active_days += 1;
        person.last_active = Some(day);
        self.members[place as usize]
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

    /// Where somebody is; nowhere is whoever stands for the whole organization.
    #[inline]
    fn place(&mut self, directory: &Directory, identity: IdentityId) -> u32 {
        if identity == WHOLE_ORGANIZATION {
            return NOWHERE;
        }
        let subject = directory.subject(identity);
        let index = subject.0 as usize;
        if self.places.len() <= index {
            self.places.resize((index + 1).next_power_of_two(), NOWHERE);
        }
        if self.places[index] == NOWHERE {
            self.places[index] = u32::try_from(self.people.len()).unwrap_or(NOWHERE);
            self.people.push(Present { subject, active_days: 0, last_active: None });
            self.members.push(!directory.unmatched().contains(subject));
        }
        self.places[index]
    }
}
