//! Who may do what: roles, the permissions each one grants, and whose individual numbers it lets someone see.
//! This table is the only one; pages, REST, tokens and `docs/permissions.md` all read it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Someone who signs in. Users belong to the installation; a membership lets them into an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub i64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What someone is to an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, and the only one who makes owners.
    Owner,
    /// Settings, integrations, people, users; not what single members did.
    Admin,
    /// Every member's numbers; no settings.
    Manager,
    /// The numbers of the members of their own teams.
    Lead,
    /// Their own numbers, and aggregates.
    Member,
    /// Aggregates only.
    Viewer,
}

impl Role {
    /// All roles, from the widest to the narrowest.
    pub const ALL: [Self; 6] = [Self::Owner, Self::Admin, Self::Manager, Self::Lead, Self::Member, Self::Viewer];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Lead => "lead",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }

    /// The role of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// One sentence for forms and documents.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Owner => "Everything, and the only one who makes and unmakes owners.",
            Self::Admin => "Settings, integrations, people and users; not what single members did.",
            Self::Manager => "Every member's numbers; no settings.",
            Self::Lead => "The numbers of the members of their own teams.",
            Self::Member => "Their own numbers, and aggregates.",
            Self::Viewer => "Aggregates only.",
        }
    }

    /// Whether the role grants a permission.
    #[must_use]
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        use Role as R;
        match permission {
            P::ViewAggregates | P::ManageOwnAccount | P::ManageOwnTokens => true,
            P::ViewOwnData | P::ConnectOwnTools => !matches!(self, R::Viewer),
            P::ViewTeamData => matches!(self, R::Owner | R::Manager | R::Lead),
            P::ViewAllData => matches!(self, R::Owner | R::Manager),
            P::ViewIntegrations => matches!(self, R::Owner | R::Admin | R::Manager),
            P::ManageIntegrations
            | P::SyncIntegrations
            | P::ManagePeople
            | P::ErasePeople
            | P::ManageUsers
            | P::ManageTokens
            | P::ViewAudit => {
                matches!(self, R::Owner | R::Admin)
            }
            P::GrantOwner | P::ManageOrganization => matches!(self, R::Owner),
        }
    }

    /// The permissions the role grants.
    #[must_use]
    pub fn permissions(self) -> BTreeSet<Permission> {
        Permission::ALL.into_iter().filter(|permission| self.may(*permission)).collect()
    }

    /// Whether somebody of this role may give or take away the other role.
    #[must_use]
    pub const fn may_grant(self, other: Self) -> bool {
        match other {
            Self::Owner => self.may(Permission::GrantOwner),
            _ => self.may(Permission::ManageUsers),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that may be done. An API token names these as its scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See totals of the organization and of teams.
    ViewAggregates,
    /// See one's own numbers.
    ViewOwnData,
    /// See the numbers of each member of one's own teams.
    ViewTeamData,
    /// See the numbers of each member.
    ViewAllData,
    /// See integrations, their state and failures.
    ViewIntegrations,
    /// Ask for a sync.
    SyncIntegrations,
    /// Connect, edit, pause and disconnect integrations of the organization.
    ManageIntegrations,
    /// Connect tools of one's own.
    ConnectOwnTools,
    /// Match identities, edit members and teams.
    ManagePeople,
    /// Pseudonymise a member for good.
    ErasePeople,
    /// Invite users, change their roles, lock them out.
    ManageUsers,
    /// Make somebody an owner, or no longer one.
    GrantOwner,
    /// See and revoke every API token of the organization.
    ManageTokens,
    /// Make and revoke API tokens of one's own.
    ManageOwnTokens,
    /// Change one's own password, second factor, sessions.
    ManageOwnAccount,
    /// Read the audit log.
    ViewAudit,
    /// Rename the organization, change its privacy.
    ManageOrganization,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 17] = [
        Self::ViewAggregates,
        Self::ViewOwnData,
        Self::ViewTeamData,
        Self::ViewAllData,
        Self::ViewIntegrations,
        Self::SyncIntegrations,
        Self::ManageIntegrations,
        Self::ConnectOwnTools,
        Self::ManagePeople,
        Self::ErasePeople,
        Self::ManageUsers,
        Self::GrantOwner,
        Self::ManageTokens,
        Self::ManageOwnTokens,
        Self::ManageOwnAccount,
        Self::ViewAudit,
        Self::ManageOrganization,
    ];

    /// The stored name, and the scope of an API token.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ViewAggregates => "view_aggregates",
            Self::ViewOwnData => "view_own_data",
            Self::ViewTeamData => "view_team_data",
            Self::ViewAllData => "view_all_data",
            Self::ViewIntegrations => "view_integrations",
            Self::SyncIntegrations => "sync_integrations",
            Self::ManageIntegrations => "manage_integrations",
            Self::ConnectOwnTools => "connect_own_tools",
            Self::ManagePeople => "manage_people",
            Self::ErasePeople => "erase_people",
            Self::ManageUsers => "manage_users",
            Self::GrantOwner => "grant_owner",
            Self::ManageTokens => "manage_tokens",
            Self::ManageOwnTokens => "manage_own_tokens",
            Self::ManageOwnAccount => "manage_own_account",
            Self::ViewAudit => "view_audit",
            Self::ManageOrganization => "manage_organization",
        }
    }

    /// The permission of that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == name)
    }

    /// What it allows, after "You may not" or "may".
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::ViewAggregates => "see totals of the organization and of teams",
            Self::ViewOwnData => "see one's own numbers",
            Self::ViewTeamData => "see the numbers of each member of one's own teams",
            Self::ViewAllData => "see the numbers of each member",
            Self::ViewIntegrations => "see integrations, their state and failures",
            Self::SyncIntegrations => "ask for a sync",
            Self::ManageIntegrations => "connect, edit, pause and disconnect the organization's integrations",
            Self::ConnectOwnTools => "connect tools of one's own",
            Self::ManagePeople => "match identities, edit members and teams",
            Self::ErasePeople => "pseudonymise a member for good",
            Self::ManageUsers => "invite users, change their roles, lock them out",
            Self::GrantOwner => "make somebody an owner, or no longer one",
            Self::ManageTokens => "see and revoke every API token of the organization",
            Self::ManageOwnTokens => "make and revoke API tokens of one's own",
            Self::ManageOwnAccount => "change one's own password, second factor and sessions",
            Self::ViewAudit => "read the audit log",
            Self::ManageOrganization => "rename the organization and change its privacy",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a caller may do: what the role grants, and of that only what the token's scopes name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    role: Role,
    scopes: Option<Scopes>,
}

impl Rights {
    /// All that a role grants.
    #[must_use]
    pub const fn of(role: Role) -> Self {
        Self { role, scopes: None }
    }

    /// What a role grants and a token's scopes name. A token without scopes may nothing.
    #[must_use]
    pub const fn scoped(role: Role, scopes: Scopes) -> Self {
        Self { role, scopes: Some(scopes) }
    }

    /// Whether the caller may.
    #[must_use]
    pub const fn may(&self, permission: Permission) -> bool {
        let scoped = match self.scopes {
            Some(scopes) => scopes.holds(permission),
            None => true,
        };
        scoped && self.role.may(permission)
    }

    /// The caller's role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Whose individual numbers the caller sees.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        if self.may(Permission::ViewAllData) {
            Reach::Everyone
        } else if self.may(Permission::ViewTeamData) {
            Reach::OwnTeams
        } else if self.may(Permission::ViewOwnData) {
            Reach::Own
        } else {
            Reach::Nobody
        }
    }
}

/// Whose individual numbers someone sees. Aggregates are computed before rows are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Every member's.
    Everyone,
    /// One's own, and those of today's members of one's own teams.
    OwnTeams,
    /// One's own.
    Own,
    /// No one's.
    Nobody,
}

/// The permissions an API token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u32);

impl Scopes {
    /// Whether it is named.
    #[must_use]
    pub const fn holds(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u32) != 0
    }

    /// The permissions, in their order.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.holds(*permission))
    }

    /// Reads names between commas or blanks.
    ///
    /// # Errors
    /// The first name that is not known.
    pub fn parse(names: &str) -> Result<Self, String> {
        let names = names.split([',', ' ']).filter(|name| !name.is_empty());
        names.map(|name| Permission::parse(name).ok_or_else(|| name.to_owned())).collect()
    }
}

impl FromIterator<Permission> for Scopes {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | 1 << permission as u32))
    }
}

impl fmt::Display for Scopes {
    /// The names between blanks: how they are stored.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Permission::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        assert!(Role::ALL.into_iter().all(|role| Role::parse(role.as_str()) == Some(role)));
        assert!(Permission::ALL.into_iter().all(|known| Permission::parse(known.as_str()) == Some(known)));
        let places: Vec<u32> = Permission::ALL.into_iter().map(|permission| permission as u32).collect();
        assert_eq!(places, (0..17).collect::<Vec<u32>>(), "`ALL` holds each once, in order");
    }

    #[test]
    fn the_owner_may_everything_and_a_viewer_sees_aggregates_only() {
        assert!(Permission::ALL.into_iter().all(|permission| Role::Owner.may(permission)));
        assert_eq!(Rights::of(Role::Viewer).reach(), Reach::Nobody);
        assert!(!Role::Admin.may(Permission::ViewAllData), "settings are no licence to watch people");
        assert!(!Role::Manager.may(Permission::ManageIntegrations));
        assert!(!Role::Admin.may_grant(Role::Owner) && Role::Admin.may_grant(Role::Manager));
    }

    #[test]
    fn a_token_may_only_what_both_its_owner_and_its_scopes_allow() {
        let scopes = Scopes::parse("view_all_data, manage_users").unwrap();
        let rights = Rights::scoped(Role::Manager, scopes);
        assert!(rights.may(Permission::ViewAllData));
        assert!(!rights.may(Permission::ManageUsers) && !rights.may(Permission::ViewAggregates));
        assert_eq!(Rights::scoped(Role::Owner, Scopes::default()).reach(), Reach::Nobody, "empty grants nothing");
        assert_eq!(Scopes::parse(&scopes.to_string()), Ok(scopes));
        assert_eq!(Scopes::parse("view_all_data,rule"), Err("rule".to_owned()));
    }
}
