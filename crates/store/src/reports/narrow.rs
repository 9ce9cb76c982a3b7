//! To whom a question is narrowed: a member, or those who were in a team on each day.

use super::Asked;
use crate::StoreError;
use crate::people::memberships;
use crate::sql::Tx;
use tacho_domain::columns::LaidPeople;
use tacho_domain::memberships::Memberships;
use tacho_domain::metrics::People;
use tacho_domain::report::Question;
use tacho_domain::{Day, Directory, IdentityId, SubjectId, WHOLE_ORGANIZATION, Window};

/// Whose usage counts.
#[derive(Debug)]
pub(super) struct Narrow {
    member: Option<SubjectId>,
    team: Option<(i64, Memberships)>,
    /// The identities of whoever counts on any day of the window, ascending.
    identities: Vec<IdentityId>,
}

impl Narrow {
    /// What the question is narrowed to on the days of the window; `None`: to nobody, everyone counts.
    pub(super) async fn read(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Option<Self>, StoreError> {
        Self::of(tx, asked.question, asked.directory, window).await
    }

    /// The same of a question that is not asked for a report.
    pub(super) async fn of(
        tx: &mut Tx,
        question: &Question,
        directory: &Directory,
        window: Window,
    ) -> Result<Option<Self>, StoreError> {
        if question.team.is_none() && question.member.is_none() {
            return Ok(None);
        }
        let team = match question.team {
            None => None,
            Some(team) => Some((team, memberships(tx, question.organization, directory, window, Some(team)).await?)),
        };
        let identities = identities(question.member, team.as_ref(), directory);
        Ok(Some(Self { member: question.member, team, identities }))
    }

    /// Whether what somebody did on a day counts.
    pub(super) fn includes(&self, day: Day, subject: SubjectId) -> bool {
        self.member.is_none_or(|member| member == subject)
            && self.team.as_ref().is_none_or(|(team, memberships)| memberships.holds(*team, day, subject))
    }

    /// Whether what somebody did on any day of the window counts.
    pub(super) fn ever_includes(&self, subject: SubjectId) -> bool {
        self.member.is_none_or(|member| member == subject)
            && self.team.as_ref().is_none_or(|(team, memberships)| memberships.ever_held(*team, subject))
    }

    /// Whoever counts on any day of the window, and maybe somebody who does not.
    pub(super) fn people(&self) -> Vec<SubjectId> {
        match (self.member, &self.team) {
            (Some(member), _) => vec![member],
            (None, Some((team, memberships))) => memberships.ever(*team).iter().collect(),
            (None, None) => Vec::new(),
        }
    }

    /// The identities of whoever counts on any day of the window, ascending.
    pub(super) fn identities(&self) -> &[IdentityId] {
        &self.identities
    }

    /// Whether what an identity did on a day counts. Nobody in particular is in no team.
    pub(super) fn counts(&self, day: Day, identity: IdentityId, directory: &Directory) -> bool {
        self.on(day).counts(identity, directory)
    }

    /// Whose usage of a day counts: looked up once for a slice's people.
    pub(super) fn on(&self, day: Day) -> NarrowDay<'_> {
        let team = self
            .team
            .as_ref()
            .map_or(InTeam::NotAsked, |(team, memberships)| memberships.on(day).get(team).map_or(InTeam::Nobody, InTeam::These));
        NarrowDay { member: self.member, team, ever: &self.identities }
    }
}

fn identities(member: Option<SubjectId>, team: Option<&(i64, Memberships)>, directory: &Directory) -> Vec<IdentityId> {
    match (member, team) {
        (Some(member), _) => directory.identities(member).collect(),
        (None, Some((team, memberships))) => {
            let people = memberships.ever(*team);
            directory.all().filter(|identity| people.contains(directory.subject(*identity))).collect()
        }
        (None, None) => Vec::new(),
    }
}

/// Who is in the team that is asked for, on one day.
#[derive(Debug, Clone, Copy)]
enum InTeam<'a> {
    NotAsked,
    Nobody,
    These(&'a People),
}

/// Whose usage of one day counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct NarrowDay<'a> {
    member: Option<SubjectId>,
    team: InTeam<'a>,
    ever: &'a [IdentityId],
}

impl NarrowDay<'_> {
    /// The identities of whoever counts, ascending.
    pub(super) fn who(&self, directory: &Directory) -> Vec<IdentityId> {
        self.ever.iter().copied().filter(|identity| self.counts(*identity, directory)).collect()
    }

    /// The places of whoever counts, ascending.
    pub(super) fn places(&self, people: &LaidPeople, directory: &Directory) -> Vec<usize> {
        people.places(&self.who(directory))
    }

    /// Whether what an identity did counts.
    pub(super) fn counts(&self, identity: IdentityId, directory: &Directory) -> bool {
        let subject = directory.subject(identity);
        identity != WHOLE_ORGANIZATION
            && self.member.is_none_or(|member| member == subject)
            && match self.team {
                InTeam::NotAsked => true,
                InTeam::Nobody => false,
                InTeam::These(people) => people.contains(subject),
            }
    }
}
