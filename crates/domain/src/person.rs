//! Vendor logins, e-mail addresses and key names, and how they are written so that the same person is found again.

use crate::metrics::People;
use crate::{IdentityId, SubjectId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of name a vendor uses for someone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// An e-mail address, trimmed and in lower case.
    Email,
    /// A GitHub user id (numeric): logins change, ids do not.
    GithubId,
    /// A GitHub login, where an old file gives no id; in lower case.
    GithubLogin,
    /// The name of an API key; shared keys hide people.
    ApiKey,
    /// A vendor's service account.
    ServiceAccount,
    /// Nobody in particular: facts about an organization as a whole.
    Organization,
}

impl IdentityKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Email, Self::GithubId, Self::GithubLogin, Self::ApiKey, Self::ServiceAccount, Self::Organization];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::GithubId => "github_id",
            Self::GithubLogin => "github_login",
            Self::ApiKey => "api_key",
            Self::ServiceAccount => "service_account",
            Self::Organization => "organization",
        }
    }

    /// The kind of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Someone as a vendor names them. Two references are the same identity when kind and key agree; the label is only shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IdentityRef {
    /// What the key is.
    pub kind: IdentityKind,
    /// The key, already normalised.
    pub key: String,
    /// What a person reads: the login, the address, the key's name.
    pub label: String,
}

impl IdentityRef {
    /// By e-mail address, whatever its case and the blanks around it.
    #[must_use]
    pub fn email(address: &str) -> Self {
        let key = normal_email(address);
        Self { kind: IdentityKind::Email, label: key.clone(), key }
    }

    /// By GitHub user id, shown as the login.
    #[must_use]
    pub fn github(id: i64, login: &str) -> Self {
        Self { kind: IdentityKind::GithubId, key: id.to_string(), label: login.to_owned() }
    }

    /// By GitHub login alone.
    #[must_use]
    pub fn github_login(login: &str) -> Self {
        Self { kind: IdentityKind::GithubLogin, key: login.trim().to_lowercase(), label: login.trim().to_owned() }
    }

    /// By the name of an API key.
    #[must_use]
    pub fn api_key(name: &str) -> Self {
        Self { kind: IdentityKind::ApiKey, key: name.trim().to_owned(), label: name.trim().to_owned() }
    }

    /// A vendor's service account.
    #[must_use]
    pub fn service_account(id: &str, name: &str) -> Self {
        Self { kind: IdentityKind::ServiceAccount, key: id.to_owned(), label: name.to_owned() }
    }

    /// The organization as a whole.
    #[must_use]
    pub fn organization() -> Self {
        Self { kind: IdentityKind::Organization, key: String::new(), label: "whole organization".to_owned() }
    }
}

impl fmt::Display for IdentityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

/// What a vendor's roster says of a person; e-mail is what identities of different vendors are joined by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonFact {
    /// Who, in the vendor's terms.
    pub identity: IdentityRef,
    /// Their name, where the vendor gives one.
    pub name: Option<String>,
    /// Their e-mail address (normalised), where the vendor gives one.
    pub email: Option<String>,
    /// Whether the vendor says that they left.
    pub removed: bool,
}

/// Who is who today. Packed slices name identities, so that matching, merging and splitting people rewrites no history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    members: Vec<Option<SubjectId>>,
    unmatched: People,
}

impl Directory {
    /// From every identity with its member, if it has one.
    pub fn new(identities: impl IntoIterator<Item = (IdentityId, Option<SubjectId>)>) -> Self {
        let mut directory = Self::default();
        for (identity, member) in identities {
            let index = identity.0 as usize;
            if directory.members.len() <= index {
                directory.members.resize(index + 1, None);
            }
            directory.members[index] = member;
            if member.is_none() {
                directory.unmatched.insert(SubjectId(identity.0));
            }
        }
        directory
    }

    /// Whom the identity stands for: its member, or itself where it matches none.
    #[must_use]
    #[inline]
    pub fn subject(&self, identity: IdentityId) -> SubjectId {
        self.members.get(identity.0 as usize).copied().flatten().unwrap_or(SubjectId(identity.0))
    }

    /// One more than the highest number of an identity.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether it knows nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The identities that match no member, as subjects.
    #[must_use]
    pub fn unmatched(&self) -> &People {
        &self.unmatched
    }

    /// Every identity there is, ascending.
    pub fn all(&self) -> impl Iterator<Item = IdentityId> + '_ {
        let known = |index: &usize| self.members[*index].is_some() || self.unmatched.contains(SubjectId(place(*index)));
        (0..self.members.len()).filter(known).map(|index| IdentityId(place(index)))
    }

    /// Every member who has an identity.
    #[must_use]
    pub fn members(&self) -> People {
        let mut members = People::default();
        self.members.iter().flatten().for_each(|member| members.insert(*member));
        members
    }

    /// The identities of a subject, ascending.
    pub fn identities(&self, subject: SubjectId) -> impl Iterator<Item = IdentityId> + '_ {
        let own = self.unmatched.contains(subject).then_some(IdentityId(subject.0));
        let of_member = self.members.iter().enumerate().filter(move |(_, member)| **member == Some(subject));
        own.into_iter().chain(of_member.map(|(index, _)| IdentityId(place(index))))
    }
}

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// An e-mail address as it is compared: trimmed, lower case.
///
/// ```
/// assert_eq!(tacho_domain::person::normal_email(" Ada@Example.COM "), "ada@example.com");
/// ```
#[must_use]
pub fn normal_email(address: &str) -> String {
    address.trim().to_lowercase()
}
