//! A counted slice laid out: its people, and a column for each measure.

use super::{LaidPeople, LaidValues};
use crate::{Day, IntegrationId, Measure, Measures, ToolId};
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

impl CountedSlice {
    /// Its measures by name; interactions stand with its people.
    pub(crate) fn measures(&self) -> impl Iterator<Item = (Measure, &LaidValues)> {
        let columns = self.columns.iter().map(|(measure, laid)| (*measure, laid.as_ref()));
        columns.chain([(Measure::Interactions, self.people.interactions())])
    }

    /// These measures added up: of everybody, or of the people at these places only. One that nobody has stays unsaid.
    #[must_use]
    pub fn sums(&self, measures: &[Measure], places: Option<&[usize]>) -> Measures {
        let wanted = self.measures().filter(|(measure, _)| measures.contains(measure));
        wanted.fold(Measures::default(), |sums, (measure, laid)| sums.with(measure, laid.total(places)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IdentityId, PersonDay};

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
    fn only_what_is_asked_for_is_added_up_and_of_those_only_who_count() {
        let (slice, wanted) = (slice(), [Measure::Interactions, Measure::LinesAdded]);
        assert_eq!(slice.sums(&wanted, None), Measures::default().with(Measure::Interactions, 19).with(Measure::LinesAdded, 40));
        let but_3 = slice.people.places(&[1, 7, 8, 9].map(IdentityId));
        assert_eq!(
            slice.sums(&wanted, Some(&but_3)),
            Measures::default().with(Measure::Interactions, 16).with(Measure::LinesAdded, 30)
        );
        let only_9 = slice.people.places(&[IdentityId(9)]);
        assert!(slice.sums(&[Measure::Commits], Some(&only_9)).is_silent(), "nobody left says anything");
    }
}
