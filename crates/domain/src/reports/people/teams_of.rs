//! The teams of each subject on a day, turned round: to ask every team for every person would take as many questions.

use crate::SubjectId;
use crate::metrics::People;
use std::collections::BTreeMap;

/// The teams of each subject during a run of days on which no membership changes.
#[derive(Debug, Default)]
pub(crate) struct TeamsOf {
    /// The teams, in the order of their numbers.
    teams: Vec<i64>,
    /// By the subject's number: where the places of their teams begin in `flat`.
    starts: Vec<usize>,
    flat: Vec<usize>,
}

impl TeamsOf {
    /// From the people of each team: of everybody, or of these only.
    pub(crate) fn of(teams: &BTreeMap<i64, People>, only: Option<&People>) -> Self {
        let mut members = Vec::new();
        for (place, people) in teams.values().enumerate() {
            match only {
                None => members.extend(people.iter().map(|subject| (place, subject.0 as usize))),
                Some(only) => members.extend(people.within(only).map(|subject| (place, subject.0 as usize))),
            }
        }
        let mut starts = vec![0; members.iter().map(|(_, subject)| subject + 2).max().unwrap_or(1)];
        for (_, subject) in &members {
            starts[subject + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let (mut next, mut flat) = (starts.clone(), vec![0; starts.last().copied().unwrap_or(0)]);
        for (place, subject) in members {
            flat[next[subject]] = place;
            next[subject] += 1;
        }
        Self { teams: teams.keys().copied().collect(), starts, flat }
    }

    /// The teams, each at its place.
    pub(crate) fn teams(&self) -> &[i64] {
        &self.teams
    }

    /// The places of somebody's teams, ascending.
    pub(crate) fn places(&self, subject: SubjectId) -> &[usize] {
        let index = subject.0 as usize;
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(from), Some(to)) => &self.flat[*from..*to],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn everybody_has_the_teams_that_they_are_in(
            teams in prop::collection::btree_map(any::<i64>(), prop::collection::btree_set(0u32..70, 0..9), 0..6),
            only in prop::option::of(prop::collection::btree_set(0u32..70, 0..40)),
        ) {
            let people = |ids: &BTreeSet<u32>| {
                let mut people = People::default();
                for id in ids {
                    people.insert(SubjectId(*id));
                }
                people
            };
            let counts = |id: &u32| only.as_ref().is_none_or(|only| only.contains(id));
            let sets = teams.iter().map(|(team, ids)| (*team, people(ids))).collect();
            let of = TeamsOf::of(&sets, only.as_ref().map(people).as_ref());
            for id in 0..75 {
                let told: Vec<i64> = of.places(SubjectId(id)).iter().map(|place| of.teams()[*place]).collect();
                let expected: Vec<i64> = teams.iter().filter(|(_, ids)| counts(&id) && ids.contains(&id)).map(|(team, _)| *team).collect();
                prop_assert_eq!(told, expected);
            }
        }
    }
}
