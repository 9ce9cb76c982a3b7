//! What may be done to API tokens, by page and by REST alike. A token never may more than whoever makes it.

use crate::access::{self, TokenWanted};
use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::memberships::refused;
use crate::problem::Problem;
use secrecy::SecretString;
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_domain::{Permission, Role, Scopes};
use tacho_store::ApiToken;

/// How long a token works where nobody says.
pub(crate) const USUAL_DAYS: u32 = 90;
/// The longest that one may work which is made over the network.
pub(crate) const MOST_DAYS: u32 = 366;
const DAY_SECONDS: i64 = 86_400;

/// A token that somebody asks for.
pub(crate) struct Wanted<'a> {
    pub(crate) name: &'a str,
    pub(crate) scopes: Scopes,
    /// Nothing for one without an end, which only a page offers.
    pub(crate) days: Option<u32>,
    /// The role of a token that belongs to nobody in particular; nothing for one of the caller's own.
    pub(crate) shared: Option<Role>,
}

/// The tokens that the caller may see: their own, or all where they manage tokens.
pub(crate) async fn list(site: &Site, caller: &Caller) -> Result<Vec<ApiToken>, Problem> {
    let owner = if caller.may(Permission::ManageTokens) { None } else { Some(caller.user()?) };
    Ok(site.store().list_api_tokens(caller.organization, owner).await?)
}

/// Makes a token and gives its secret, to be shown once.
pub(crate) async fn make(site: &Site, caller: &Caller, wanted: &Wanted<'_>) -> Result<SecretString, Problem> {
    let user = match wanted.shared {
        None => {
            caller.need(Permission::ManageOwnTokens)?;
            Some(caller.user()?)
        }
        Some(role) => {
            caller.need(Permission::ManageTokens)?;
            caller.need(if role == Role::Owner { Permission::GrantOwner } else { Permission::ManageUsers })?;
            None
        }
    };
    if wanted.scopes == Scopes::default() {
        return Err(Problem::field("scopes", "is empty: name at least one permission, since a token without any may nothing"));
    }
    if let Some(beyond) = wanted.scopes.iter().find(|permission| !caller.may(*permission)) {
        return Err(Problem::field(
            "scopes",
            format!("`{beyond}` is more than you may: a token never may more than who makes it"),
        ));
    }
    if wanted.days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
        return Err(Problem::field("expires_in_days", format!("is not a whole number from 1 to {MOST_DAYS}")));
    }
    let expires_at = wanted.days.map(|days| site.now().plus_seconds(i64::from(days) * DAY_SECONDS));
    let new = TokenWanted {
        name: wanted.name,
        user,
        role: wanted.shared.unwrap_or(caller.rights.role()),
        scopes: wanted.scopes,
        expires_at,
        made_by: caller.user().ok(),
    };
    let secret = access::new_api_token(site.store(), caller.organization, &new, site.now()).await;
    let secret = secret.map_err(|error| refused(error, "name"))?;
    let scopes: Vec<&str> = wanted.scopes.iter().map(Permission::as_str).collect();
    let detail = json!({ "scopes": scopes, "expires_at": expires_at.map(|end| end.to_string()), "shared": wanted.shared });
    audit::note(site, caller, Action::TokenMade, wanted.name.trim(), detail).await?;
    Ok(secret)
}

/// Revokes a token of the caller's, or any where they manage tokens.
pub(crate) async fn revoke(site: &Site, caller: &Caller, id: i64) -> Result<(), Problem> {
    let unknown = || Problem::not_found(format!("There is no API token `{id}`."));
    let token = list(site, caller).await?.into_iter().find(|token| token.id == id).ok_or_else(unknown)?;
    if !site.store().remove_api_token(caller.organization, id, token.user.as_ref().map(|(user, _)| *user)).await? {
        return Err(unknown());
    }
    let owner = token.user.map(|(_, email)| email);
    audit::note(site, caller, Action::TokenRevoked, &token.name, json!({ "owner": owner })).await
}
