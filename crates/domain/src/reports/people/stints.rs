//! What each person did while their teams stayed the same: added up day by day, and told when their teams change.
//!
//! Most people's teams do not change for months, and of those of a large organization some change every day. To look up
//! everybody's teams for each of their days would be most of the work.

use super::{Sums, TeamsOf, ToolSums};
use crate::columns::CountedSlice;
use crate::memberships::Memberships;
use crate::metrics::People;
use crate::{Directory, IdentityId, Measure, SubjectId};

/// Adds up slices in the order of their days.
#[derive(Debug)]
pub(crate) struct Stints<'a> {
    directory: &'a Directory,
    memberships: &'a Memberships,
    measures: &'a [Measure],
    sums: Sums,
    /// The run of days at hand.
    run: Option<usize>,
}

/// What some people did with one tool while their teams stayed the same.
#[derive(Debug)]
pub(crate) struct Stint<'s> {
    pub(crate) tool: &'s ToolSums,
    pub(crate) people: &'s [Stayed],
    pub(crate) teams: &'s TeamsOf,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stayed {
    /// Where their sums are.
    pub(crate) place: usize,
    pub(crate) identity: IdentityId,
    pub(crate) subject: SubjectId,
    pub(crate) is_active: bool,
}

impl<'a> Stints<'a> {
    pub(crate) fn of(directory: &'a Directory, memberships: &'a Memberships, measures: &'a [Measure]) -> Self {
        Self { directory, memberships, measures, sums: Sums::default(), run: None }
    }

    /// Adds a slice. Those whose teams changed since the one before are told of first.
    pub(crate) fn add(&mut self, slice: &CountedSlice, these: Option<&[usize]>, tell: impl FnMut(&Stint<'_>)) {
        let run = self.memberships.run(slice.day);
        if self.run != run {
            self.tell(Some(&self.memberships.changes(self.run, run)), tell);
            self.run = run;
        }
        self.sums.add(slice, self.measures, these);
    }

    /// Tells of everybody, and begins anew.
    pub(crate) fn end(&mut self, tell: impl FnMut(&Stint<'_>)) {
        self.tell(None, tell);
    }

    fn tell(&mut self, only: Option<&People>, mut tell: impl FnMut(&Stint<'_>)) {
        let teams = TeamsOf::of(self.memberships.of_run(self.run), only);
        for tool in self.sums.tools_mut() {
            let stayed = tool.people().enumerate().map(|(place, (identity, is_active))| Stayed {
                place,
                identity,
                subject: self.directory.subject(identity),
                is_active,
            });
            let people: Vec<Stayed> = stayed.filter(|one| only.is_none_or(|only| only.contains(one.subject))).collect();
            tell(&Stint { tool, people: &people, teams: &teams });
            for one in people {
                tool.forget(one.place);
            }
        }
    }
}
