//! Totals over very few people stand for one of them: who may not see each of these people is not given the total.

use crate::Directory;
use crate::metrics::People;
use crate::report::{Audience, Note, Provenance, Question, Report, ReportName, Weight};

/// A total over fewer people than this is given only to whoever may see each of them.
pub const FEW: i64 = 5;

/// Whether a total over what these people did must not be given to whoever asks: there are some, they are fewer than
/// [`FEW`], and not each of them may be seen. What nobody did gives nobody away.
#[must_use]
pub fn few(audience: &Audience, directory: &Directory, active: &People) -> bool {
    let many = active.count();
    let sees = |subject| audience.sees(subject, directory.unmatched().contains(subject));
    many > 0 && many < FEW && !active.iter().all(sees)
}

/// Which of several groups are withheld: those of too few people, and then as many of the smallest ones as it takes that
/// those withheld together are enough: else what is shown, taken from the sum of everyone, would tell.
#[must_use]
pub fn withheld_groups(audience: &Audience, directory: &Directory, groups: &[&People]) -> Vec<bool> {
    let mut hidden: Vec<bool> = groups.iter().map(|people| few(audience, directory, people)).collect();
    loop {
        let mut together = People::default();
        groups.iter().zip(&hidden).filter(|(_, hidden)| **hidden).for_each(|(people, _)| together.extend(people));
        if !few(audience, directory, &together) {
            return hidden;
        }
        let shown = (0..groups.len()).filter(|place| !hidden[*place] && groups[*place].count() > 0);
        match shown.min_by_key(|place| groups[*place].count()) {
            Some(next) => hidden[next] = true,
            None => return hidden,
        }
    }
}

/// What stands in the place of totals that are not given.
#[must_use]
pub fn withheld(what: &str) -> Note {
    Note {
        weight: Weight::Info,
        title: "Too few people".into(),
        text: format!(
            "{what} fewer than {FEW} active people, or all but as few, and you may not see each of them: a total would tell what one of them did."
        ),
        way: None,
    }
}

/// A report in which nothing stands but the reason.
#[must_use]
pub fn instead(name: &ReportName, title: String, question: &Question, reason: Note) -> Report {
    Report {
        name: name.clone(),
        title,
        question: String::new(),
        window: question.window,
        scope: Vec::new(),
        notes: vec![reason],
        groups: Vec::new(),
        sections: Vec::new(),
        provenance: Provenance { last_synced: None, coverage: None, provisional_days: 0, missing_days: 0 },
        is_empty: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IdentityId, SubjectId};
    use std::collections::BTreeSet;

    fn people(ids: std::ops::Range<u32>) -> People {
        let mut people = People::default();
        ids.for_each(|id| people.insert(SubjectId(id)));
        people
    }

    #[test]
    fn few_are_withheld_from_whoever_may_not_see_each_of_them() {
        let directory = Directory::new((1..20).map(|id| (IdentityId(id + 100), Some(SubjectId(id)))));
        let mine = Audience::Only(BTreeSet::from([SubjectId(1), SubjectId(2)]));
        for (audience, ids, expected) in [
            (&Audience::Everyone, 1..2, false),
            (&Audience::Nobody, 1..1, false),
            (&Audience::Nobody, 1..2, true),
            (&Audience::Nobody, 1..5, true),
            (&Audience::Nobody, 1..6, false),
            (&mine, 1..3, false),
            (&mine, 1..4, true),
            (&mine, 3..4, true),
        ] {
            assert_eq!(few(audience, &directory, &people(ids.clone())), expected, "{audience:?} {ids:?}");
        }
    }
}
