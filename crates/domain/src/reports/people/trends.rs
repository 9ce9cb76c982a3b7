//! Interactions of single people over time, all tools together: of those only whose trend is looked at.

use crate::columns::CountedSlice;
use crate::{Directory, IdentityId, SubjectId, Window};

/// Windows longer than this are drawn week by week: more points would not be seen.
const DAYS_DRAWN: u32 = 92;

/// Days of a window with those whose use of them counts.
#[derive(Debug)]
pub struct Trends {
    window: Window,
    /// `None`: everybody's counts.
    slices: Vec<(CountedSlice, Option<Vec<usize>>)>,
}

/// Interactions per day of the window, or per seven days of a long one; `None`: no data.
pub type Trend = Vec<Option<f64>>;

const NOWHERE: usize = usize::MAX;

impl Trends {
    /// From slices, each with the places of those who count on its day, ascending.
    #[must_use]
    pub fn of(window: Window, slices: Vec<(CountedSlice, Option<Vec<usize>>)>) -> Self {
        Self { window, slices }
    }

    fn step(&self) -> usize {
        if self.window.len() > DAYS_DRAWN { 7 } else { 1 }
    }

    /// What one point is.
    #[must_use]
    pub fn step_words(&self) -> &'static str {
        if self.step() == 1 { "per day" } else { "per week" }
    }

    /// The trends of these subjects, in their order.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a line to look at")]
    pub fn draw(&self, directory: &Directory, subjects: &[SubjectId]) -> Vec<Trend> {
        let step = self.step();
        let points = (self.window.len() as usize).div_ceil(step);
        let mut trends = vec![vec![None; points]; subjects.len()];
        let mut places = Vec::new();
        for (place, subject) in subjects.iter().enumerate() {
            places.resize(places.len().max(subject.0 as usize + 1), NOWHERE);
            places[subject.0 as usize] = place;
        }
        let place = |identity: IdentityId| places.get(directory.subject(identity).0 as usize).copied().unwrap_or(NOWHERE);
        let wanted: Vec<IdentityId> = directory.all().filter(|identity| place(*identity) != NOWHERE).collect();
        for (slice, these) in &self.slices {
            let point = usize::try_from(slice.day.since(self.window.from)).unwrap_or(usize::MAX) / step;
            let counts = |place: &usize| these.as_ref().is_none_or(|these| these.binary_search(place).is_ok());
            for person in slice.people.places(&wanted).into_iter().filter(counts).map(|place| slice.people.at(place)) {
                let of_person = trends.get_mut(place(person.identity)).and_then(|trend| trend.get_mut(point));
                if let (Some(value), Some(of_person)) = (person.interactions, of_person) {
                    *of_person = Some(of_person.unwrap_or(0.0) + value as f64);
                }
            }
        }
        trends
    }
}
