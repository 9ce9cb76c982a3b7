//! Telling when a vendor sends a page, or the end of a page, once more. Rows are added up, so a repeated one would count
//! twice; to leave it out would be a guess about which of the two pages is right.

use crate::fingerprint::fingerprint;
use std::collections::HashSet;
use tacho_domain::Fact;

/// The pages of one slice so far.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    seen: HashSet<[u8; 32]>,
    last_row: Option<[u8; 32]>,
}

impl Pages {
    /// Takes the facts of the next page. True when they were there before: the whole page, or its first row as the last
    /// one of the page before it.
    ///
    /// A page may well have no facts, again and again. Rows of people and seats are not looked at: the same person twice
    /// is one person.
    pub(crate) fn repeat(&mut self, facts: &[Fact]) -> bool {
        let rows: Vec<&Fact> = facts.iter().filter(|fact| matches!(fact, Fact::Usage(_) | Fact::Split(_))).collect();
        let begins = |fact: &&Fact| matches!(fact, Fact::Usage(_));
        let Some(last) = rows.iter().rposition(begins) else { return false };
        let first_end = rows.iter().skip(1).position(begins).map_or(rows.len(), |place| place + 1);
        let first_row = fingerprint(rows[..first_end].iter().copied());
        let last_row = self.last_row.replace(fingerprint(rows[last..].iter().copied()));
        last_row == Some(first_row) || !self.seen.insert(fingerprint(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_domain::{Day, Dimension, IdentityRef, Measure, Measures, SplitFact, UsageFact};

    /// A row: what somebody did, and its split by editor.
    fn row(who: &str, editor: &str) -> [Fact; 2] {
        let (day, identity, measures) = (Day(1), IdentityRef::email(who), Measures::default().with(Measure::Sessions, 1));
        let split =
            SplitFact { day, identity: identity.clone(), dimension: Dimension::Editor, value: editor.to_owned(), measures };
        [Fact::Usage(UsageFact { day, identity, active: Some(true), agent: None, measures }), Fact::Split(split)]
    }

    fn repeats(pages: &[Vec<[Fact; 2]>]) -> Vec<bool> {
        let mut seen = Pages::default();
        pages.iter().map(|rows| seen.repeat(&rows.concat())).collect()
    }

    #[test]
    fn a_page_that_comes_again_is_noticed() {
        let page = vec![row("ada", "vim"), row("bo", "vim")];
        assert_eq!(repeats(&[page.clone(), vec![row("cy", "vim")], page]), [false, false, true]);
    }

    #[test]
    fn a_page_that_begins_where_the_last_one_ended_is_noticed() {
        let second = vec![row("bo", "vim"), row("cy", "vim")];
        assert_eq!(repeats(&[vec![row("ada", "vim"), row("bo", "vim")], second]), [false, true]);
    }

    #[test]
    fn another_row_of_the_same_person_is_no_repetition_and_neither_is_an_empty_page() {
        let second = vec![row("bo", "emacs"), row("cy", "vim")];
        assert_eq!(repeats(&[vec![row("ada", "vim"), row("bo", "vim")], second, vec![], vec![]]), [false; 4]);
    }
}
