//! `tacho users`: who may sign in to an organization, and as what.

use crate::command::sign_in::{below, print_link, public_url};
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::wiring::{Installation, refused};
use clap::{Args, Subcommand};
use comfy_table::Table;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use serde_json::json;
use tacho_domain::Role;
use tacho_domain::audit::Action;
use tacho_store::{LinkKind, Membership};

/// Manage who may sign in to an organization
#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// List the users and open invitations, by e-mail address
    List,
    Invite(Invite),
    /// Print a link with which a user chooses a new password
    Reset(Who),
    Role(ChangeRole),
    /// Lock a user out: their sessions and API tokens end
    Lock(Who),
    /// Let a user in again who was locked out
    Unlock(Who),
    /// Take a user out of the organization: their sessions and API tokens end
    Remove(Who),
}

/// Print a link with which somebody joins the organization
#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// Their e-mail address
    email: String,
    /// As what: owner, admin, manager, lead, member or viewer
    #[arg(long, value_name = "ROLE", default_value = "member", value_parser = role)]
    role: Role,
}

/// Give a user another role
#[derive(Debug, Args)]
pub(crate) struct ChangeRole {
    /// Their e-mail address
    email: String,
    /// The new role: owner, admin, manager, lead, member or viewer
    #[arg(value_parser = role)]
    role: Role,
}

/// A user.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// Their e-mail address
    email: String,
}

/// Reads a role.
pub(crate) fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| {
        let known = Role::ALL.map(Role::as_str).join(", ");
        format!("expected one of {known}")
    })
}

impl Users {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        match self {
            Self::List => list(installation).await,
            Self::Invite(invite) => invite.run(installation).await,
            Self::Reset(who) => reset(installation, &who.email).await,
            Self::Role(change) => change.run(installation).await,
            Self::Lock(who) => lock(installation, &who.email, true).await,
            Self::Unlock(who) => lock(installation, &who.email, false).await,
            Self::Remove(who) => remove(installation, &who.email).await,
        }
    }
}

async fn list(installation: &Installation) -> Outcome {
    let (store, organization) = (&installation.store, installation.organization);
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(["e-mail", "name", "role", "state", "second factor", "last seen"]);
    let memberships = store.list_memberships(organization).await?;
    let links = store.list_links(organization, installation.now()).await?;
    let invited: Vec<_> = links.iter().filter(|link| link.kind == LinkKind::Invitation).collect();
    if memberships.is_empty() && invited.is_empty() {
        output::note("There are no users. `tacho users invite <email> --role owner` lets somebody in.");
        return Ok(());
    }
    for Membership { user, role, locked, .. } in memberships {
        let seen = user.last_seen_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let state = if locked { "locked out" } else { "active" };
        let factor = if user.has_second_factor { "on" } else { "off" };
        table.add_row([user.email, user.name, role.to_string(), state.to_owned(), factor.to_owned(), seen]);
    }
    for link in invited {
        let role = link.role.map_or_else(String::new, |role| role.to_string());
        let state = format!("invited until {}", link.expires_at);
        table.add_row([link.email.clone().unwrap_or_default(), String::new(), role, state, String::new(), String::new()]);
    }
    output::line(&table.to_string())
}

impl Invite {
    async fn run(&self, installation: &Installation) -> Outcome {
        let base = public_url(&installation.configuration)?;
        let (store, organization, now) = (&installation.store, installation.organization, installation.now());
        let path =
            tacho_web::new_invitation_link(store, organization, &self.email, self.role, None, now).await.map_err(refused)?;
        let detail = json!({"kind": LinkKind::Invitation.as_str(), "role": self.role.as_str()});
        installation.note(Action::LinkMade, &self.email, detail).await?;
        print_link(&below(&base, &path), &format!("The link lets {} in as {}, once, within 7 days.", self.email, self.role))
    }
}

async fn reset(installation: &Installation, email: &str) -> Outcome {
    let base = public_url(&installation.configuration)?;
    let found = find(installation, email).await?;
    not_locked(&found)?;
    let (store, organization, now) = (&installation.store, installation.organization, installation.now());
    let path = tacho_web::new_operator_reset_link(store, organization, found.user.id, now).await.map_err(refused)?;
    let detail = json!({"kind": LinkKind::PasswordReset.as_str()});
    installation.note(Action::LinkMade, &found.user.email, detail).await?;
    print_link(&below(&base, &path), "The link works once, for a day. A new password ends the user's sessions.")
}

impl ChangeRole {
    async fn run(&self, installation: &Installation) -> Outcome {
        let found = find(installation, &self.email).await?;
        let (store, organization, now) = (&installation.store, installation.organization, installation.now());
        store.put_membership(organization, found.user.id, self.role, now).await.map_err(refused)?;
        let detail = json!({"before": found.role.as_str(), "after": self.role.as_str()});
        installation.note(Action::RoleChanged, &found.user.email, detail).await?;
        output::line(&format!("`{}` is {} now; was {}.", found.user.email, self.role, found.role))
    }
}

async fn lock(installation: &Installation, email: &str, locked: bool) -> Outcome {
    let found = find(installation, email).await?;
    installation.store.lock_user(installation.organization, found.user.id, locked).await.map_err(refused)?;
    installation.note(Action::UserLocked, &found.user.email, json!({"locked": locked})).await?;
    let now = if locked { "is locked out: sessions and API tokens have ended" } else { "may sign in" };
    output::line(&format!("`{}` {now}.", found.user.email))
}

async fn remove(installation: &Installation, email: &str) -> Outcome {
    let (store, organization) = (&installation.store, installation.organization);
    if store.remove_link(organization, LinkKind::Invitation, email).await? {
        installation.note(Action::UserRemoved, email, json!({"invitation": true})).await?;
        return output::line(&format!("The invitation of `{email}` is taken back."));
    }
    let found = find(installation, email).await?;
    store.remove_membership(organization, found.user.id).await.map_err(refused)?;
    installation.note(Action::UserRemoved, &found.user.email, json!({"role": found.role.as_str()})).await?;
    output::line(&format!("`{}` is out of the organization: sessions and API tokens have ended.", found.user.email))
}

/// The user of that address in the organization.
pub(crate) async fn find(installation: &Installation, email: &str) -> Outcome<Membership> {
    let user = installation.store.find_user_by_email(email).await?;
    let membership = match user {
        Some(user) => installation.store.find_membership(installation.organization, user.id).await?,
        None => None,
    };
    membership
        .ok_or_else(|| Failure::failed(format!("the organization has no user `{email}`")).hint("`tacho users list` names them"))
}

/// Refuses to make a link that would not let its reader in.
pub(crate) fn not_locked(found: &Membership) -> Outcome {
    if !found.locked {
        return Ok(());
    }
    let email = &found.user.email;
    Err(Failure::failed(format!("`{email}` is locked out of the organization"))
        .hint(format!("`tacho users unlock {email}` lets them in again")))
}
