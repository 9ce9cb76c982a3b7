//! A counted slice laid out, and opened: its people with the measures that are asked for.

use super::{LaidPeople, LaidValues, PersonDay};
use crate::{Day, IdentityId, IntegrationId, Measure, Measures, ToolId};
use std::sync::Arc;

/// A counted slice with its people and columns, which other questions may hold as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedSlice {
    /// From which connection.
    pub integration: IntegrationId,
    /// Of which tool.
    pub tool: ToolId,
    /// The day.
    pub day: Day,
    /// Whether it may still be restated.
    pub provisional: bool,
    /// Whether it knows who was active: only then is nobody in it a zero, and not "no data".
    pub knows_activity: bool,
    /// Its people.
    pub people: Arc<LaidPeople>,
    /// Measures of these people; one that nobody has is left out.
    pub columns: Vec<(Measure, Arc<LaidValues>)>,
}

/// The people of a slice who count, side by side with their values. One is filled again and again, so that a window costs no
/// more memory than a day.
#[derive(Debug, Default)]
pub struct OpenSlice {
    /// The people, ascending by identity.
    pub people: Vec<PersonDay>,
    /// The measures that the slice has, each with a value for each of the people.
    pub values: Vec<(Measure, Vec<Option<i64>>)>,
    spare: Vec<Vec<Option<i64>>>,
    /// The places, among all of the slice's people, of those who count.
    places: Vec<usize>,
}

impl OpenSlice {
    /// Opens these measures of a slice in place of what was there.
    pub fn open(&mut self, slice: &CountedSlice, measures: &[Measure]) {
        self.people.clear();
        self.people.extend(slice.people.iter());
        self.fill(slice, measures, |laid, values| laid.all(slice.people.len(), values));
    }

    /// The same with those people only who count, given ascending: nobody else is looked at.
    pub fn open_for(&mut self, slice: &CountedSlice, measures: &[Measure], who: &[IdentityId]) {
        let mut places = std::mem::take(&mut self.places);
        places.clear();
        slice.people.places_of(who, &mut places);
        self.people.clear();
        self.people.extend(places.iter().map(|place| slice.people.at(*place)));
        self.fill(slice, measures, |laid, values| values.extend(places.iter().map(|place| laid.at(*place))));
        self.places = places;
    }

    fn fill(&mut self, slice: &CountedSlice, measures: &[Measure], add: impl Fn(&LaidValues, &mut Vec<Option<i64>>)) {
        self.spare.extend(self.values.drain(..).map(|(_, values)| values));
        let interactions = self.people.iter().any(|person| person.interactions.is_some());
        let interactions = interactions.then(|| (Measure::Interactions, slice.people.interactions()));
        let columns = slice.columns.iter().map(|(measure, laid)| (*measure, laid.as_ref()));
        for (measure, laid) in interactions.into_iter().chain(columns).filter(|(measure, _)| measures.contains(measure)) {
            let mut values = self.spare.pop().unwrap_or_default();
            values.clear();
            add(laid, &mut values);
            self.values.push((measure, values));
        }
    }

    /// All people's measures added up; a measure that nobody has stays unsaid.
    #[must_use]
    pub fn sums(&self) -> Measures {
        let mut sums = Measures::default();
        for (measure, values) in &self.values {
            sums[*measure] = values.iter().fold(None, |sum, value| crate::measure::plus(sum, *value));
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice() -> CountedSlice {
        let person =
            |id| PersonDay { identity: IdentityId(id), active: Some(id != 7), agent: None, interactions: Some(i64::from(id)) };
        CountedSlice {
            integration: IntegrationId(1),
            tool: ToolId::new("tool"),
            day: Day(1),
            provisional: false,
            knows_activity: true,
            people: Arc::new(LaidPeople::of(&[person(3), person(7), person(9)], None)),
            columns: vec![
                (Measure::LinesAdded, Arc::new(LaidValues::of(vec![Some(10), None, Some(30)]))),
                (Measure::Commits, Arc::new(LaidValues::of(vec![None, Some(1), None]))),
            ],
        }
    }

    #[test]
    fn only_what_is_asked_for_is_opened_and_those_who_do_not_count_leave_every_column() {
        let mut open = OpenSlice::default();
        open.open(&slice(), &[Measure::Interactions, Measure::LinesAdded]);
        assert_eq!(open.sums(), Measures::default().with(Measure::Interactions, 19).with(Measure::LinesAdded, 40));
        let but_3 = [IdentityId(1), IdentityId(7), IdentityId(8), IdentityId(9)];
        open.open_for(&slice(), &[Measure::Interactions, Measure::LinesAdded], &but_3);
        assert_eq!(open.sums(), Measures::default().with(Measure::Interactions, 16).with(Measure::LinesAdded, 30));
        open.open_for(&slice(), &[Measure::Commits], &[IdentityId(9)]);
        assert!(open.sums().is_silent(), "nobody left says anything");
    }
}
