//! What may be done to users, by page and by REST alike: who may give which role, and what is written down of it.

use crate::access;
use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::problem::Problem;
use http::StatusCode;
use secrecy::SecretString;
use serde_json::{Value, json};
use tacho_domain::audit::Action;
use tacho_domain::{Permission, Role, SubjectId, UserId};
use tacho_store::{LinkKind, Membership, StoreError};

/// Whether the caller may give a role, or take it away.
pub(crate) fn may_grant(caller: &Caller, role: Role) -> bool {
    caller.may(granting(role))
}

fn granting(role: Role) -> Permission {
    if role == Role::Owner { Permission::GrantOwner } else { Permission::ManageUsers }
}

/// A user of the caller's organization.
pub(crate) async fn find(site: &Site, caller: &Caller, user: UserId) -> Result<Membership, Problem> {
    let found = site.store().find_membership(caller.organization, user).await?;
    found.ok_or_else(|| Problem::not_found(format!("There is no user `{user}`.")))
}

/// A user whom the caller may change: only who may make owners changes one.
async fn changeable(site: &Site, caller: &Caller, user: UserId) -> Result<Membership, Problem> {
    let membership = find(site, caller, user).await?;
    caller.need(granting(membership.role))?;
    Ok(membership)
}

/// The same, of somebody else: of one's own account another administrator decides.
async fn changeable_other(site: &Site, caller: &Caller, user: UserId) -> Result<Membership, Problem> {
    let membership = changeable(site, caller, user).await?;
    if caller.user().is_ok_and(|own| own == user) {
        let detail = "This is your own account. Ask another administrator, or use the page of your account.";
        return Err(Problem::new(StatusCode::CONFLICT, "own-account", detail));
    }
    Ok(membership)
}

/// Makes an invitation and gives its path, to be shown once. One before for the same address ends.
pub(crate) async fn invite(site: &Site, caller: &Caller, email: &str, role: Role) -> Result<SecretString, Problem> {
    caller.need(granting(role))?;
    let made_by = caller.user().ok();
    let link = access::new_invitation_link(site.store(), caller.organization, email, role, made_by, site.now()).await;
    let link = link.map_err(|error| refused(error, "email"))?;
    audit::note(site, caller, Action::LinkMade, email, json!({ "kind": "invitation", "role": role })).await?;
    Ok(link)
}

/// Takes an invitation back.
pub(crate) async fn withdraw(site: &Site, caller: &Caller, email: &str) -> Result<(), Problem> {
    let unknown = || Problem::not_found("There is no such invitation; it may have been accepted, or have ended.");
    let links = site.store().list_links(caller.organization, site.now()).await?;
    let wanted = tacho_domain::person::normal_email(email);
    let link = links.into_iter().find(|link| link.kind == LinkKind::Invitation && link.email.as_deref() == Some(&wanted));
    let link = link.ok_or_else(unknown)?;
    caller.need(granting(link.role.unwrap_or(Role::Viewer)))?;
    if !site.store().remove_link(caller.organization, LinkKind::Invitation, &wanted).await? {
        return Err(unknown());
    }
    audit::note(site, caller, Action::LinkMade, &wanted, json!({ "kind": "invitation", "withdrawn": true })).await
}

/// Makes a link with which a user chooses another password, and gives its path, to be shown once.
pub(crate) async fn new_reset_link(site: &Site, caller: &Caller, user: UserId) -> Result<SecretString, Problem> {
    let membership = changeable_other(site, caller, user).await?;
    let made_by = caller.user().ok();
    let link = access::new_reset_link(site.store(), caller.organization, user, made_by, site.now()).await;
    let link = link.map_err(|error| refused(error, "user"))?;
    audit::note(site, caller, Action::LinkMade, &membership.user.email, json!({ "kind": "password_reset" })).await?;
    Ok(link)
}

/// Gives a user another role.
pub(crate) async fn change_role(site: &Site, caller: &Caller, user: UserId, role: Role) -> Result<(), Problem> {
    let membership = changeable(site, caller, user).await?;
    caller.need(granting(role))?;
    if membership.role == role {
        return Ok(());
    }
    let changed = site.store().put_membership(caller.organization, user, role, site.now()).await;
    changed.map_err(|error| refused(error, "role"))?;
    let detail = json!({ "from": membership.role, "to": role });
    audit::note(site, caller, Action::RoleChanged, &membership.user.email, detail).await
}

/// Locks a user out, or lets them in again.
pub(crate) async fn lock(site: &Site, caller: &Caller, user: UserId, locked: bool) -> Result<(), Problem> {
    let membership = changeable_other(site, caller, user).await?;
    if membership.locked == locked {
        return Ok(());
    }
    let changed = site.store().lock_user(caller.organization, user, locked).await;
    changed.map_err(|error| refused(error, "locked"))?;
    audit::note(site, caller, Action::UserLocked, &membership.user.email, json!({ "locked": locked })).await
}

/// Says who a user is among the members; nothing leaves it to their e-mail address. It decides whose rows they see, so it
/// takes the permission to manage people as well.
pub(crate) async fn link(site: &Site, caller: &Caller, user: UserId, member: Option<SubjectId>) -> Result<(), Problem> {
    let membership = changeable(site, caller, user).await?;
    caller.need(Permission::ManagePeople)?;
    let changed = site.store().link_user(caller.organization, user, member).await;
    changed.map_err(|error| Problem::field("member_id", error.to_string()))?;
    let detail = json!({ "from": membership.member, "to": member });
    audit::note(site, caller, Action::UserLinked, &membership.user.email, detail).await
}

/// Takes a user out of the organization.
pub(crate) async fn remove(site: &Site, caller: &Caller, user: UserId) -> Result<(), Problem> {
    let membership = changeable_other(site, caller, user).await?;
    let removed = site.store().remove_membership(caller.organization, user).await;
    if !removed.map_err(|error| refused(error, "user"))? {
        return Err(Problem::not_found(format!("There is no user `{user}`.")));
    }
    let detail: Value = json!({ "role": membership.role });
    audit::note(site, caller, Action::UserRemoved, &membership.user.email, detail).await
}

/// What the store refuses contradicts what is there; the rest is our own failure.
pub(crate) fn refused(error: StoreError, field: &str) -> Problem {
    if !error.is_invalid() {
        return error.into();
    }
    let why = error.to_string();
    let mut letters = why.chars();
    let sentence = letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()));
    Problem::new(StatusCode::CONFLICT, "conflict", sentence).with("field", field)
}
