//! Suggested matches: names that are alike, shown to a person and never applied without their yes.

use super::identities::read_identities;
use super::members::read_members;
use super::{IdentityRow, MatchKind, Member};
use crate::sql::bind;
use crate::{Store, StoreError};
use std::collections::{BTreeSet, HashMap, HashSet};
use tacho_domain::matching::{self, Candidate, Person};
use tacho_domain::{IdentityId, OrganizationId, SubjectId};

/// That an identity may be a member's.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Whose.
    pub identity: IdentityRow,
    /// Who.
    pub member: Member,
    /// How alike the names are, from 0 to 1.
    pub likeness: f64,
    /// Why, in words.
    pub why: String,
}

impl Store {
    /// For each identity without a member that nobody set aside, the members whose names are like its own: the likest
    /// first, identity by identity. Pairs that somebody refused or split are left out.
    pub async fn list_suggestions(&self, organization: OrganizationId) -> Result<Vec<Suggestion>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let mut identities = read_identities(&mut tx, organization, None).await?;
        let mut members = read_members(&mut tx, organization).await?;
        let sql = "select identity_id, member_id from refused_matches where organization_id = $1";
        let mut refused = BTreeSet::new();
        for row in tx.fetch(sql, bind![organization]).await? {
            refused.insert((IdentityId(row.number(0)?), SubjectId(row.number(1)?)));
        }
        let name = tx.find("select name from organizations where id = $1", bind![organization]).await?;
        let name = name.map(|row| row.text(0)).transpose()?.unwrap_or_default();
        tx.commit().await?;
        identities.retain(|identity| identity.how == MatchKind::Unmatched);
        members.retain(|member| !member.erased);
        // Thousands of names take a moment; others' requests do not wait for it.
        let guess = move || suggestions(identities, members, &refused, &name);
        tokio::task::spawn_blocking(guess).await.map_err(|error| std::io::Error::other(error).into())
    }
}

fn suggestions(
    identities: Vec<IdentityRow>,
    members: Vec<Member>,
    refused: &BTreeSet<(IdentityId, SubjectId)>,
    name: &str,
) -> Vec<Suggestion> {
    let domains: HashSet<&str> = members.iter().filter_map(|member| Some(member.email.as_deref()?.rsplit_once('@')?.1)).collect();
    let company = matching::company_words(name, domains.into_iter());
    let candidate = |row: &IdentityRow| Candidate { id: row.id, kind: row.kind, label: row.label.clone() };
    let candidates: Vec<Candidate> = identities.iter().map(candidate).collect();
    let person = |member: &Member| Person { id: member.id, name: member.name.clone(), email: member.email.clone() };
    let people: Vec<Person> = members.iter().map(person).collect();
    let guesses = matching::suggest(&candidates, &people, refused, &company);
    let identities: HashMap<IdentityId, IdentityRow> = identities.into_iter().map(|row| (row.id, row)).collect();
    let members: HashMap<SubjectId, Member> = members.into_iter().map(|member| (member.id, member)).collect();
    let suggestion = |guess: matching::Guess| {
        let (identity, member) = (identities.get(&guess.identity)?.clone(), members.get(&guess.member)?.clone());
        Some(Suggestion { identity, member, likeness: guess.likeness, why: guess.why })
    };
    guesses.into_iter().filter_map(suggestion).collect()
}
