//! Each subject's days: on how many they were active, the last one, and their interactions over time, all tools together.

use crate::columns::{CountedSlice, OpenSlice};
use crate::{Day, Directory, SubjectId, WHOLE_ORGANIZATION, Window};

/// Windows longer than this are drawn week by week: more points would not be seen.
const DAYS_DRAWN: u32 = 92;

/// One subject's days.
#[derive(Debug, Clone, PartialEq)]
pub struct Present<'p> {
    /// Who.
    pub subject: SubjectId,
    /// Distinct days on which they were active with any tool.
    pub active_days: u32,
    /// The last of those days.
    pub last_active: Option<Day>,
    /// Interactions per day of the window, or per seven days of a long one; `None`: no data.
    pub spark: &'p [Option<f64>],
}

/// Adds slices up; they are given in the order of their days.
#[derive(Debug)]
pub struct Presence {
    window: Window,
    step: usize,
    points: usize,
    /// By the subject's number.
    places: Vec<u32>,
    subjects: Vec<SubjectId>,
    active_days: Vec<u32>,
    last_active: Vec<Option<Day>>,
    /// All subjects' points, one subject after the other.
    sparks: Vec<Option<f64>>,
    blank: Vec<Option<f64>>,
    /// Whether a slice of the day knows who was active, and how many members were, for each day of the window.
    days: Vec<(bool, u32)>,
}

const NOWHERE: u32 = u32::MAX;

impl Presence {
    /// Nobody yet.
    #[must_use]
    pub fn over(window: Window) -> Self {
        let step = if window.len() > DAYS_DRAWN { 7 } else { 1 };
        Self {
            window,
            step,
            points: (window.len() as usize).div_ceil(step),
            places: Vec::new(),
            subjects: Vec::new(),
            active_days: Vec::new(),
            last_active: Vec::new(),
            sparks: Vec::new(),
            blank: vec![None; (window.len() as usize).div_ceil(step)],
            days: vec![(false, 0); window.len() as usize],
        }
    }

    /// Adds a slice.
    #[expect(clippy::cast_precision_loss, reason = "a spark line to look at")]
    pub fn add(&mut self, directory: &Directory, slice: &CountedSlice, open: &OpenSlice) {
        let day = usize::try_from(slice.day.since(self.window.from)).unwrap_or(usize::MAX);
        let point = day / self.step;
        if let Some((knows, _)) = self.days.get_mut(day) {
            *knows |= slice.knows_activity;
        }
        for person in open.people.iter().filter(|person| person.identity != WHOLE_ORGANIZATION) {
            let subject = directory.subject(person.identity);
            let place = self.place(subject);
            if person.active == Some(true) && self.last_active[place] != Some(slice.day) {
                self.active_days[place] += 1;
                self.last_active[place] = Some(slice.day);
                if let Some((_, members)) = self.days.get_mut(day) {
                    *members += u32::from(!directory.unmatched().contains(subject));
                }
            }
            if let (Some(value), true) = (person.interactions, point < self.points) {
                let spark = &mut self.sparks[place * self.points + point];
                *spark = Some(spark.unwrap_or(0.0) + value as f64);
            }
        }
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

    /// What one point of the spark lines is.
    #[must_use]
    pub fn step_words(&self) -> &'static str {
        if self.step == 1 { "per day" } else { "per week" }
    }

    /// A spark line of somebody who is in no slice.
    #[must_use]
    pub fn blank(&self) -> &[Option<f64>] {
        &self.blank
    }

    /// Whoever is in a slice.
    pub fn subjects(&self) -> impl Iterator<Item = SubjectId> + '_ {
        self.subjects.iter().copied()
    }

    /// Everybody who is in a slice, with their days.
    #[must_use]
    pub fn people(&self) -> Vec<Present<'_>> {
        let present = |(place, subject): (usize, &SubjectId)| Present {
            subject: *subject,
            active_days: self.active_days[place],
            last_active: self.last_active[place],
            spark: &self.sparks[place * self.points..(place + 1) * self.points],
        };
        self.subjects.iter().enumerate().map(present).collect()
    }

    fn place(&mut self, subject: SubjectId) -> usize {
        let index = subject.0 as usize;
        if self.places.len() <= index {
            self.places.resize((index + 1).next_power_of_two(), NOWHERE);
        }
        if self.places[index] == NOWHERE {
            self.places[index] = u32::try_from(self.subjects.len()).unwrap_or(NOWHERE);
            self.subjects.push(subject);
            self.active_days.push(0);
            self.last_active.push(None);
            self.sparks.resize(self.sparks.len() + self.points, None);
        }
        self.places[index] as usize
    }
}
