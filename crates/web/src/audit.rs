//! Writes down who did what. Called where something was done, after it was done; the detail never holds a secret.

use crate::app::Site;
use crate::asking::Asking;
use crate::caller::Caller;
use crate::problem::Problem;
use serde_json::Value;
use tacho_domain::OrganizationId;
use tacho_domain::audit::{Action, Actor};
use tacho_store::NewAudit;

/// Notes what a caller did. `target` is what people read: an e-mail address, a token's name.
pub(crate) async fn note(site: &Site, caller: &Caller, action: Action, target: &str, detail: Value) -> Result<(), Problem> {
    note_as(site, caller.organization, &caller.actor(), &caller.asking, action, target, detail).await
}

/// The same, unless the caller did the same to the same target in the last `seconds`.
pub(crate) async fn note_once(
    site: &Site,
    caller: &Caller,
    action: Action,
    target: &str,
    detail: Value,
    seconds: i64,
) -> Result<(), Problem> {
    let (actor, asking, now) = (caller.actor(), &caller.asking, site.now());
    let (address, request_id) = (asking.address.as_str(), asking.request_id.as_str());
    let new = NewAudit { at: now, actor: &actor, action, target, detail: &detail, address, request_id };
    Ok(site.store().add_audit_once(caller.organization, &new, now.plus_seconds(-seconds)).await.map(drop)?)
}

/// The same for somebody who is not signed in, in the organization that it concerns.
pub(crate) async fn note_visitor(
    site: &Site,
    organization: OrganizationId,
    asking: &Asking,
    action: Action,
    target: &str,
    detail: Value,
) -> Result<(), Problem> {
    note_as(site, organization, &Actor::Visitor, asking, action, target, detail).await
}

/// The same where the actor is known before there is a caller: somebody who signs in right now.
pub(crate) async fn note_as(
    site: &Site,
    organization: OrganizationId,
    actor: &Actor,
    asking: &Asking,
    action: Action,
    target: &str,
    detail: Value,
) -> Result<(), Problem> {
    let (address, request_id) = (asking.address.as_str(), asking.request_id.as_str());
    let new = NewAudit { at: site.now(), actor, action, target, detail: &detail, address, request_id };
    Ok(site.store().add_audit(organization, &new).await.map(drop)?)
}
