//! Lists of people that most days of a stream share, each with where its people are: who is looked up once is where they were.

use crate::IdentityId;
use std::sync::Arc;

/// A list of people, and the place of each of them.
type Listed = (Arc<Vec<IdentityId>>, Vec<u32>);

/// The lists seen last.
#[derive(Debug, Default)]
pub(super) struct Lists(Vec<Listed>);

/// More than an organization has streams that change by turns.
const KEPT: usize = 8;

impl Lists {
    /// The places of a list's people, which are looked up where the list is new. It has to be given back.
    pub(super) fn take(&mut self, list: &Arc<Vec<IdentityId>>, look_up: impl FnMut(&IdentityId) -> u32) -> Listed {
        match self.0.iter().position(|(known, _)| Arc::ptr_eq(known, list)) {
            Some(at) => self.0.remove(at),
            None => (list.clone(), list.iter().map(look_up).collect()),
        }
    }

    /// Keeps a list that was taken, in place of the one not seen for longest.
    pub(super) fn give_back(&mut self, listed: Listed) {
        self.0.truncate(KEPT - 1);
        self.0.insert(0, listed);
    }
}
