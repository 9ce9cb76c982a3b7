//! Signing in with a provider, and linking one to an account. Somebody unknown whose address an account has is not let into it:
//! an address may change hands, so its owner signs in first and links the provider from there.

use super::said;
use crate::app::Site;
use crate::asking::Asking;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::round_trip::{self, Returned, Trip};
use crate::routing::{Gate, Route};
use crate::signon::{External, Newcomer, SIGN_IN_CALLBACK};
use crate::{access, audit, guard, session};
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, Method, StatusCode};
use serde_json::json;
use tacho_domain::audit::{Action, Actor};
use tacho_domain::{OrganizationId, Permission, Role};
use tacho_store::{LinkKind, NewLink, NewUser, User};
use url::form_urlencoded;

const PURPOSE: &str = "sign_on";
/// An invitation that is accepted the moment it is made.
const AT_ONCE_SECONDS: i64 = 60;

pub(crate) fn routes() -> Vec<Route> {
    let own = Gate::Needs(Permission::ManageOwnAccount);
    vec![
        Route::page(Method::GET, "/sign-in/with/{provider}", Gate::Open, get(leave)),
        Route::page(Method::GET, SIGN_IN_CALLBACK, Gate::Open, get(come_back)),
        Route::page(Method::GET, "/settings/account/link/{provider}", own, get(leave_to_link)),
        Route::page(Method::POST, "/settings/account/unlink/{provider}", own, post(unlink)),
    ]
}

/// `GET /sign-in/with/{provider}`.
async fn leave(State(site): State<Site>, Path(provider): Path<String>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let next = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "next").map(|(_, value)| value.into_owned());
    let next = next.and_then(|next| session::local(&next)).unwrap_or_else(|| "/".to_owned());
    let begun = site.sign_on().begin(&provider).await.map_err(round_trip::refused)?;
    let trip = Trip { provider: &provider, purpose: PURPOSE, session: None, more: json!({ "next": next }) };
    round_trip::leave(&site, &begun, trip).await
}

/// `GET /settings/account/link/{provider}`: only the session that leaves may come back.
async fn leave_to_link(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(provider): Path<String>,
) -> Result<Response, Problem> {
    let session = own_session(&caller)?;
    let begun = site.sign_on().begin(&provider).await.map_err(round_trip::refused)?;
    let trip = Trip { provider: &provider, purpose: PURPOSE, session: Some(session), more: json!({ "link": true }) };
    round_trip::leave(&site, &begun, trip).await
}

fn own_session(caller: &Caller) -> Result<&[u8], Problem> {
    caller.session.as_deref().ok_or_else(|| {
        let detail = "A way to sign in is linked in a browser where its owner is signed in, not with an API token.";
        Problem::new(StatusCode::FORBIDDEN, "not-permitted", detail)
    })
}

/// `GET /sign-in/callback/{provider}`.
async fn come_back(
    State(site): State<Site>,
    Extension(asking): Extension<Asking>,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let caller = guard::visitor(&site, &headers, &asking).await?;
    let session = caller.as_ref().and_then(|caller| caller.session.as_deref());
    let returned = round_trip::come_back(&site, &headers, &query, &provider, PURPOSE, session).await?;
    let external = finish(&site, &provider, &returned).await?;
    let mut response = if let Some(caller) = caller.filter(|_| returned.more["link"] == true) {
        link(&site, &caller, &external).await?
    } else {
        let next = returned.more["next"].as_str().unwrap_or("/");
        sign_in(&site, &headers, &asking, &external, next).await?
    };
    round_trip::arrived(&site, &mut response);
    Ok(response)
}

async fn finish(site: &Site, provider: &str, returned: &Returned) -> Result<External, Problem> {
    site.sign_on().finish(provider, &returned.kept, &returned.code).await.map_err(round_trip::refused)
}

/// Lets somebody in whom a provider vouches for.
async fn sign_in(
    site: &Site,
    headers: &HeaderMap,
    asking: &Asking,
    external: &External,
    next: &str,
) -> Result<Response, Problem> {
    let known = site.store().find_user_by_sign_on(&external.provider, &external.subject).await?;
    let (user, organization) = match known {
        Some(user) => {
            let organization = place(site, asking, external, &user).await?;
            (user, organization)
        }
        None => welcome(site, asking, external).await?,
    };
    site.store().link_sign_on(user.id, &external.provider, &external.subject, label(external), site.now()).await?;
    if let Some(role) = external.role {
        follow_role(site, asking, external, &user, role).await?;
    }
    session::begin(site, headers, asking, organization, &user, &external.provider, next).await
}

/// Where somebody known is let in.
async fn place(site: &Site, asking: &Asking, external: &External, user: &User) -> Result<OrganizationId, Problem> {
    if let Some(organization) = super::sign_in::first_place(site, user.id).await? {
        return Ok(organization);
    }
    let memberships = site.store().list_memberships_of(user.id).await?;
    if let Some(membership) = memberships.first() {
        note_failure(site, membership.organization, asking, external, &user.email).await?;
    }
    let detail =
        format!("The account of `{}` is locked or in no organization. An administrator can let it in again.", user.email);
    Err(refusal(detail))
}

/// An account for somebody unknown, where an invitation or the configuration lets them in.
async fn welcome(site: &Site, asking: &Asking, external: &External) -> Result<(User, OrganizationId), Problem> {
    let store = site.store();
    if store.count_users().await? == 0 {
        return Err(refusal(
            "Nobody has an account yet. The first owner opens the set-up link that the server printed when it started.",
        ));
    }
    if let Some(user) = store.find_user_by_email(&external.email).await? {
        if let Some(organization) = super::sign_in::first_place(site, user.id).await? {
            note_failure(site, organization, asking, external, &user.email).await?;
        }
        let provider = round_trip::label(site, &external.provider);
        return Err(refusal(format!(
            "`{}` has an account here that is not linked with {provider}. Sign in first as you did so far, then link {provider} under \
             My account.",
            external.email
        )));
    }
    let (organization, role, how) = match invitation(site, &external.email).await? {
        Some((organization, role)) => (organization, role, "invitation"),
        None => match &external.newcomer {
            Newcomer::Admitted(role) => (external.organization, *role, "configuration"),
            Newcomer::Refused(why) => return Err(refusal(why.clone())),
        },
    };
    let user = add(site, external, organization, role).await?;
    let actor = Actor::User { id: user.id, email: user.email.clone() };
    let detail = json!({ "role": role, "provider": external.provider, "by": how });
    audit::note_as(site, organization, &actor, asking, Action::UserAdded, &user.email, detail).await?;
    Ok((user, organization))
}

/// The organization that has invited an address, and as what.
async fn invitation(site: &Site, email: &str) -> Result<Option<(OrganizationId, Role)>, Problem> {
    let (store, email) = (site.store(), tacho_domain::person::normal_email(email));
    for organization in store.list_organizations().await? {
        let links = store.list_links(organization.id, site.now()).await?;
        let found = links.iter().find(|link| link.kind == LinkKind::Invitation && link.email.as_deref() == Some(&email));
        if let Some(role) = found.and_then(|link| link.role) {
            return Ok(Some((organization.id, role)));
        }
    }
    Ok(None)
}

/// User and membership in one step: an invitation that takes the place of the one before and is accepted at once.
async fn add(site: &Site, external: &External, organization: OrganizationId, role: Role) -> Result<User, Problem> {
    let (store, now, secret) = (site.store(), site.now(), access::fresh());
    let hash = access::hash(&secret);
    let link = NewLink {
        kind: LinkKind::Invitation,
        hash: &hash,
        user: None,
        email: Some(&external.email),
        role: Some(role),
        made_by: None,
        by_operator: false,
        expires_at: now.plus_seconds(AT_ONCE_SECONDS),
    };
    store.add_link(organization, &link, now).await.map_err(unfit)?;
    let name = external.name.as_deref().or(external.login.as_deref()).unwrap_or_default();
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(100).collect();
    let new = NewUser { email: &external.email, name: &name, password_hash: None };
    let accepted = store.accept_link(&hash, LinkKind::Invitation, &new, now).await.map_err(unfit)?;
    let user = match accepted {
        Some((_, user)) => store.find_user(user).await?,
        None => None,
    };
    user.ok_or_else(|| refusal("Somebody else used this invitation at the same moment. Sign in again."))
}

/// What the store refuses of a person's data is told; the rest is ours.
fn unfit(error: tacho_store::StoreError) -> Problem {
    if error.is_invalid() { refusal(format!("{error}.")) } else { error.into() }
}

/// Where a provider decides about roles it does so at every sign-in; owners are made and unmade by owners only.
async fn follow_role(site: &Site, asking: &Asking, external: &External, user: &User, role: Role) -> Result<(), Problem> {
    let organization = external.organization;
    let membership = site.store().find_membership(organization, user.id).await?;
    let Some(before) = membership.map(|membership| membership.role).filter(|before| *before != role && *before != Role::Owner)
    else {
        return Ok(());
    };
    site.store().put_membership(organization, user.id, role, site.now()).await?;
    let actor = Actor::User { id: user.id, email: user.email.clone() };
    let detail = json!({ "from": before, "to": role, "by": external.provider });
    audit::note_as(site, organization, &actor, asking, Action::RoleChanged, &user.email, detail).await
}

/// Links who somebody is to a provider to the account they are signed in with.
async fn link(site: &Site, caller: &Caller, external: &External) -> Result<Response, Problem> {
    let user = caller.user()?;
    let label = label(external);
    let linked = site.store().link_sign_on(user, &external.provider, &external.subject, label, site.now()).await;
    linked.map_err(|error| if error.is_invalid() { refusal(format!("{error}.")) } else { error.into() })?;
    audit::note(site, caller, Action::SignOnLinked, label, json!({ "provider": external.provider })).await?;
    Ok(said::back("/settings/account", "linked"))
}

/// `POST /settings/account/unlink/{provider}`: the last way to sign in stays.
async fn unlink(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(provider): Path<String>,
) -> Result<Response, Problem> {
    own_session(&caller)?;
    let user = caller.user()?;
    let found = site.store().find_user(user).await?.ok_or_else(|| Problem::of_status(StatusCode::NOT_FOUND))?;
    let linked = site.store().list_sign_ons(user).await?;
    let Some(sign_on) = linked.iter().find(|sign_on| sign_on.provider == provider) else {
        return Err(Problem::not_found("Your account is not linked with a provider of that name."));
    };
    // One that is not configured any more is no way in.
    let providers = site.sign_on().providers();
    let others = linked.iter().any(|other| other.provider != provider && providers.iter().any(|card| card.id == other.provider));
    if !found.has_password && !others {
        let detail = "This is your only way to sign in. Set a password under My account first, then unlink it.";
        return Err(Problem::new(StatusCode::CONFLICT, "last-way-in", detail));
    }
    site.store().unlink_sign_on(user, &provider).await?;
    audit::note(&site, &caller, Action::SignOnUnlinked, &sign_on.label, json!({ "provider": provider })).await?;
    Ok(said::back("/settings/account", "unlinked"))
}

fn label(external: &External) -> &str {
    external.login.as_deref().unwrap_or(&external.email)
}

async fn note_failure(
    site: &Site,
    organization: OrganizationId,
    asking: &Asking,
    external: &External,
    email: &str,
) -> Result<(), Problem> {
    let detail = json!({ "method": external.provider });
    audit::note_visitor(site, organization, asking, Action::SignInFailed, email, detail).await
}

fn refusal(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "sign-on-refused", detail)
}
