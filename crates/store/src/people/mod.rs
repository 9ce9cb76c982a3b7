//! Members, the identities that belong to them, who said so, and the teams they are in.
//!
//! Whose an identity is changes no fact: packed days name identities, and the directory is looked up when they are read.
//! What a person decided no roster changes.

mod archive_search;
mod changes;
mod directory;
mod erasure;
mod identities;
mod import;
mod members;
mod memberships;
mod merging;
mod rate;
mod state;
mod suggestions;
mod team_members;
mod teams;

pub use changes::{PeopleChange, Undone};
pub(crate) use directory::DirectoryCache;
pub(crate) use erasure::{Salt, pseudonymise};
pub use identities::{IdentityRow, MatchKind};
pub use import::Imported;
pub use members::{Member, MemberFilter, MemberSource, MemberState, NewMember};
pub(crate) use memberships::{memberships, team_names};
pub use rate::MatchRate;
pub use suggestions::Suggestion;
pub use team_members::{TeamMember, TeamSpan};
pub(crate) use teams::note_teams;
pub use teams::{Team, TeamSource};

use crate::StoreError;
use crate::sql::{Tx, bind};
use std::fmt;
use tacho_domain::{OrganizationId, UserId};

/// Who decided something about people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Somebody signed in.
    User(UserId),
    /// An API token that belongs to nobody in particular.
    Token,
    /// Whoever runs the server, on its command line.
    Operator,
}

impl By {
    /// The one of that stored text.
    fn parse(text: &str) -> Option<Self> {
        match text {
            "token" => Some(Self::Token),
            "operator" => Some(Self::Operator),
            _ => text.strip_prefix("user ")?.parse().ok().map(|id| Self::User(UserId(id))),
        }
    }

    pub(crate) fn read(table: &'static str, text: &str) -> Result<Self, StoreError> {
        Self::parse(text).ok_or_else(|| StoreError::damaged(table, "by_whom", format!("`{text}`"), "names nobody"))
    }
}

impl fmt::Display for By {
    /// As it is stored.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user {id}"),
            Self::Token => f.write_str("token"),
            Self::Operator => f.write_str("operator"),
        }
    }
}

/// Counts a change of people, so that every replica reads the directory anew, and makes others who want to change people
/// wait: what is read after it stays true until the commit.
pub(crate) async fn hold(tx: &mut Tx, organization: OrganizationId) -> Result<(), StoreError> {
    let sql = "update organizations set people_version = people_version + 1 where id = $1";
    if tx.execute(sql, bind![organization]).await? == 0 {
        return Err(StoreError::invalid(format!("there is no organization {}", organization.0)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_decided_reads_back() {
        for by in [By::User(UserId(7)), By::Token, By::Operator] {
            assert_eq!(By::parse(&by.to_string()), Some(by));
        }
        assert_eq!(By::parse("user x"), None);
    }
}
