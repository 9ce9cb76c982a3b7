//! What the audit log remembers: who did what to whom. Nothing in it is ever changed or taken away.

use crate::UserId;
use serde::{Deserialize, Serialize};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// Somebody signed in.
    User {
        /// Who.
        id: UserId,
        /// Their address at that time.
        email: String,
    },
    /// An API token that belongs to nobody in particular.
    Token {
        /// Its name.
        name: String,
    },
    /// Whoever runs the server, on its command line.
    Operator,
    /// Somebody who is not signed in: a sign-in that failed.
    Visitor,
}

/// What was done. The names are stored and are part of the API.
macro_rules! actions {
    ($($variant:ident $name:literal $words:literal)+) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $(#[doc = $words] $variant),+ }

        impl Action {
            /// All actions.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stored name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What a person reads.
            #[must_use]
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$variant => $words),+ }
            }
        }
    };
}

actions! {
    SignedIn "signed_in" "signed in"
    SignInFailed "sign_in_failed" "failed to sign in"
    SignedOut "signed_out" "signed out"
    SessionRevoked "session_revoked" "revoked a session"
    SignOnLinked "sign_on_linked" "linked a way to sign in"
    SignOnUnlinked "sign_on_unlinked" "unlinked a way to sign in"
    PasswordChanged "password_changed" "changed a password"
    SecondFactorChanged "second_factor_changed" "changed the second factor"
    LinkMade "link_made" "made a one-time link"
    UserAdded "user_added" "added a user"
    UserLocked "user_locked" "locked a user out or let them in again"
    UserRemoved "user_removed" "removed a user"
    RoleChanged "role_changed" "changed a role"
    UserLinked "user_linked" "linked a user to a member"
    TokenMade "token_made" "made an API token"
    TokenRevoked "token_revoked" "revoked an API token"
    DeviceApproved "device_approved" "approved a device"
    IntegrationConnected "integration_connected" "connected an integration"
    IntegrationChanged "integration_changed" "changed an integration"
    CredentialChanged "credential_changed" "changed a credential"
    WebhookChanged "webhook_changed" "changed the secret of a webhook"
    IntegrationRemoved "integration_removed" "disconnected an integration"
    SyncAsked "sync_asked" "asked for a sync"
    IndividualViewed "individual_viewed" "viewed individual data"
    IndividualExported "individual_exported" "exported individual data"
    MemberChanged "member_changed" "changed a member"
    IdentityMatched "identity_matched" "decided whose an identity is"
    PeopleUndone "people_undone" "took back a change of people"
    PeopleImported "people_imported" "imported people"
    TeamChanged "team_changed" "changed a team"
    BudgetChanged "budget_changed" "changed a budget"
    SeatExclusionChanged "seat_exclusion_changed" "said whose seats stay"
    MemberErased "member_erased" "pseudonymised a member for good"
    OrganizationChanged "organization_changed" "changed the organization's settings"
    AuditExported "audit_exported" "exported the audit log"
    BackupMade "backup_made" "made a backup"
    KeysRotated "keys_rotated" "rotated the keys"
    ShareCreated "share_created" "made a public link to a share card"
    ShareRevoked "share_revoked" "revoked a public link to a share card"
}

impl Action {
    /// The action of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::Action;

    #[test]
    fn every_name_reads_back() {
        assert!(Action::ALL.iter().all(|action| Action::parse(action.as_str()) == Some(*action)));
    }
}
