//! A counted slice as it is packed, and opened: its people with the measures that are asked for.

use super::{Damaged, PersonDay, decode_people_of, decode_values, decode_values_at};
use crate::{Day, IdentityId, IntegrationId, Measure, Measures, ToolId};

/// A counted slice with its people and columns, packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedSlice {
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
    /// Its people, by [`super::encode_people`].
    pub people: Vec<u8>,
    /// Measures, each by [`super::encode_values`] for the same people.
    pub columns: Vec<(Measure, Vec<u8>)>,
}

/// The same unpacked. One is filled again and again, so that a window costs no more memory than a day.
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
    /// Unpacks these measures of a slice in place of what was there.
    ///
    /// # Errors
    /// When a packed value is damaged.
    pub fn open(&mut self, slice: &PackedSlice, measures: &[Measure]) -> Result<(), Damaged> {
        self.open_for(slice, measures, |_| true)
    }

    /// The same with those people only who count: of the others nothing is unpacked.
    ///
    /// # Errors
    /// When a packed value is damaged.
    pub fn open_for(
        &mut self,
        slice: &PackedSlice,
        measures: &[Measure],
        counts: impl Fn(IdentityId) -> bool,
    ) -> Result<(), Damaged> {
        self.people.clear();
        self.places.clear();
        self.spare.extend(self.values.drain(..).map(|(_, values)| values));
        let (people, places) = (&mut self.people, &mut self.places);
        let all = decode_people_of(&slice.people, counts, |place, person| {
            people.push(person);
            places.push(place);
        })?;
        if measures.contains(&Measure::Interactions) && self.people.iter().any(|person| person.interactions.is_some()) {
            let mut values = self.spare.pop().unwrap_or_default();
            values.clear();
            values.extend(self.people.iter().map(|person| person.interactions));
            self.values.push((Measure::Interactions, values));
        }
        for (measure, packed) in slice.columns.iter().filter(|(measure, _)| measures.contains(measure)) {
            let mut values = self.spare.pop().unwrap_or_default();
            values.clear();
            values.resize(self.people.len(), None);
            if self.people.len() == all {
                decode_values(packed, all, |place, value| values[place] = Some(value))?;
            } else {
                let (mut next, places) = (0, &self.places);
                decode_values_at(packed, all, places, |place, value| {
                    next += places[next..].iter().take_while(|at| **at < place).count();
                    values[next] = Some(value);
                })?;
            }
            self.values.push((*measure, values));
        }
        Ok(())
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
    use crate::columns::{encode_people, encode_values};

    fn slice() -> PackedSlice {
        let person =
            |id| PersonDay { identity: IdentityId(id), active: Some(id != 7), agent: None, interactions: Some(i64::from(id)) };
        PackedSlice {
            integration: IntegrationId(1),
            tool: ToolId::new("tool"),
            day: Day(1),
            provisional: false,
            knows_activity: true,
            people: encode_people(&[person(3), person(7), person(9)]),
            columns: vec![
                (Measure::LinesAdded, encode_values(&[Some(10), None, Some(30)])),
                (Measure::Commits, encode_values(&[None, Some(1), None])),
            ],
        }
    }

    #[test]
    fn only_what_is_asked_for_is_opened_and_those_who_do_not_count_leave_every_column() {
        let mut open = OpenSlice::default();
        open.open(&slice(), &[Measure::Interactions, Measure::LinesAdded]).unwrap();
        assert_eq!(open.sums(), Measures::default().with(Measure::Interactions, 19).with(Measure::LinesAdded, 40));
        open.open_for(&slice(), &[Measure::Interactions, Measure::LinesAdded], |identity| identity != IdentityId(3)).unwrap();
        assert_eq!(open.sums(), Measures::default().with(Measure::Interactions, 16).with(Measure::LinesAdded, 30));
        open.open_for(&slice(), &[Measure::Commits], |identity| identity == IdentityId(9)).unwrap();
        assert!(open.sums().is_silent(), "nobody left says anything");
    }

    #[test]
    fn a_column_of_other_people_is_damage() {
        let mut wrong = slice();
        wrong.columns[0].1 = encode_values(&[Some(1)]);
        assert!(OpenSlice::default().open(&wrong, &[Measure::LinesAdded]).is_err());
    }
}
