//! Who may come in: every statement on both engines, and what is promised of accounts, links, sessions, tokens, devices.

use crate::Told;
use crate::organization::NOW;
use secrecy::{ExposeSecret, SecretString};
use std::fmt::Debug;
use tacho_domain::{Instant, OrganizationId, Permission, Role, Scopes, UserId};
use tacho_store::{LinkKind, MasterKey, NewDeviceGrant, NewLink, NewSession, NewToken, NewUser, Store, StoreError, Vault};

pub(crate) fn after(seconds: i64) -> Instant {
    NOW.plus_seconds(seconds)
}

pub(crate) fn vault() -> Vault {
    Vault::new(MasterKey::generate(&mut rand::rng()))
}

#[expect(clippy::disallowed_methods, reason = "a made-up secret is compared")]
pub(crate) fn open(secret: &SecretString) -> &str {
    secret.expose_secret()
}

pub(crate) fn refusal<T: Debug>(result: Result<T, StoreError>) -> String {
    let error = result.unwrap_err();
    assert!(error.is_invalid(), "{error}");
    error.to_string()
}

pub(crate) async fn user(store: &Store, organization: OrganizationId, email: &str, role: Role) -> UserId {
    let id = store.add_user(&NewUser { email, name: "", password_hash: None }, NOW).await.unwrap();
    store.put_membership(organization, id, role, NOW).await.unwrap();
    id
}

pub(crate) fn session(user: UserId, hash: &[u8]) -> NewSession<'_> {
    let (expires_at, idle_seconds) = (after(10_000), 1_000);
    NewSession { user, hash, method: "password", agent: "Firefox", address: "192.0.2.7", expires_at, idle_seconds }
}

pub(crate) fn token<'a>(name: &'a str, hash: &'a [u8], user: Option<UserId>) -> NewToken<'a> {
    let scopes = Scopes::from_iter([Permission::ViewAggregates, Permission::ViewAllData]);
    NewToken { name, hash, user, role: Role::Viewer, scopes, expires_at: None, made_by: user }
}

pub(crate) fn link(kind: LinkKind, hash: &[u8], user: Option<UserId>) -> NewLink<'_> {
    NewLink { kind, hash, user, email: None, role: None, made_by: None, by_operator: false, expires_at: after(600) }
}

pub(crate) fn invitation<'a>(hash: &'a [u8], email: &'a str, role: Role) -> NewLink<'a> {
    NewLink { email: Some(email), role: Some(role), ..link(LinkKind::Invitation, hash, None) }
}

pub(crate) fn device<'a>(device_hash: &'a [u8], user_code: &'a str) -> NewDeviceGrant<'a> {
    let scopes = Scopes::from_iter([Permission::ViewOwnData]);
    NewDeviceGrant { device_hash, user_code, client_name: "tacho on a laptop", scopes, expires_at: after(900) }
}

pub(crate) async fn tell_access(store: &Store, organization: OrganizationId, told: &mut Told) {
    tell_users(store, organization, told).await;
    let ada = store.find_user_by_email("ADA@acme.example ").await.unwrap().unwrap().id;
    tell_second_factor(store, ada, told).await;
    tell_sign_ons(store, ada, told).await;
    tell_sessions(store, organization, ada, told).await;
    tell_tokens(store, organization, ada, told).await;
    tell_devices(store, organization, ada, told).await;
    tell_idempotency(store, organization, told).await;
    let bob = store.find_user_by_email("bob@acme.example").await.unwrap().unwrap().id;
    told.tell("locked", store.lock_user(organization, bob, true).await.unwrap());
    told.tell("locked out", store.list_memberships(organization).await.unwrap());
    told.tell("removed", store.remove_membership(organization, bob).await.unwrap());
    told.tell("gone", (store.find_user(bob).await.unwrap(), store.remove_membership(organization, bob).await.unwrap()));
}

async fn tell_users(store: &Store, organization: OrganizationId, told: &mut Told) {
    told.tell("nobody", store.count_users().await.unwrap());
    store.add_link(organization, &link(LinkKind::SetUp, b"set up", None), NOW).await.unwrap();
    told.tell("set-up link", store.find_link(b"set up", NOW).await.unwrap());
    let new = NewUser { email: " Ada@Acme.example", name: "Ada", password_hash: Some("$argon2id$1") };
    let (there, ada) = store.accept_link(b"set up", LinkKind::SetUp, &new, NOW).await.unwrap().unwrap();
    assert_eq!(there, organization);
    told.tell("owner", store.find_membership(organization, ada).await.unwrap());
    told.tell("taken", refusal(store.add_user(&new, NOW).await));
    told.tell("no address", refusal(store.add_user(&NewUser { email: "ada at home", ..new }, NOW).await));
    store.add_link(organization, &invitation(b"invite", "bob@acme.example", Role::Member), NOW).await.unwrap();
    told.tell("links", store.list_links(organization, NOW).await.unwrap());
    let claimed = store.claim_link(b"invite", LinkKind::Invitation, NOW).await.unwrap().unwrap();
    let bob = store.add_user(&NewUser { email: "bob@acme.example", name: "Bob", password_hash: None }, NOW).await.unwrap();
    store.put_membership(organization, bob, claimed.role.unwrap(), after(1)).await.unwrap();
    store.add_link(organization, &link(LinkKind::SignIn, b"way in", Some(bob)), NOW).await.unwrap();
    told.tell("taken back", store.remove_link(organization, LinkKind::SignIn, "Bob@acme.example").await.unwrap());
    told.tell("renamed", store.rename_user(bob, "Robert").await.unwrap());
    let members = store.list_members(organization).await.unwrap();
    told.tell("linked", store.link_user(organization, ada, Some(members[1].id)).await.unwrap());
    told.tell("nobody's", refusal(store.link_user(organization, ada, Some(tacho_domain::SubjectId(9_999))).await));
    told.tell("memberships", store.list_memberships(organization).await.unwrap());
    told.tell("by address again", store.link_user(organization, ada, None).await.unwrap());
    told.tell("memberships of Ada", store.list_memberships_of(ada).await.unwrap());
    told.tell("hash", store.find_password_hash(ada).await.unwrap());
    store.put_password_hash(ada, "$argon2id$2", None).await.unwrap();
    told.tell("another", (store.find_password_hash(ada).await.unwrap(), store.find_password_hash(bob).await.unwrap()));
    let renewed = (
        store.renew_password_hash(ada, "$argon2id$1", "x").await,
        store.renew_password_hash(ada, "$argon2id$2", "$argon2id$3").await,
    );
    told.tell("renewed", (renewed.0.unwrap(), renewed.1.unwrap(), store.find_password_hash(ada).await.unwrap()));
    told.tell("nobody's password", refusal(store.put_password_hash(UserId(99), "x", None).await));
    told.tell("users", store.count_users().await.unwrap());
}

async fn tell_second_factor(store: &Store, ada: UserId, told: &mut Told) {
    told.tell("no second factor", store.claim_second_factor_step(ada, 5).await.unwrap());
    store.put_recovery_codes(ada, &[b"one".to_vec(), b"two".to_vec()]).await.unwrap();
    told.tell("codes", store.count_recovery_codes(ada).await.unwrap());
    let claimed = (store.claim_recovery_code(ada, b"one").await.unwrap(), store.claim_recovery_code(ada, b"one").await.unwrap());
    told.tell("once", (claimed, store.count_recovery_codes(ada).await.unwrap()));
}

async fn tell_sign_ons(store: &Store, ada: UserId, told: &mut Told) {
    store.link_sign_on(ada, "github", "4711", "ada-l", NOW).await.unwrap();
    store.link_sign_on(ada, "github", "4711", "ada-lovelace", after(1)).await.unwrap();
    told.tell("another of that provider", refusal(store.link_sign_on(ada, "github", "12", "ada-2", NOW).await));
    told.tell("sign-ons", store.list_sign_ons(ada).await.unwrap());
    told.tell("known by it", store.find_user_by_sign_on("github", "4711").await.unwrap());
    told.tell(
        "unlinked",
        (store.unlink_sign_on(ada, "github").await.unwrap(), store.unlink_sign_on(ada, "github").await.unwrap()),
    );
}

async fn tell_sessions(store: &Store, organization: OrganizationId, ada: UserId, told: &mut Told) {
    for hash in [b"s1".as_slice(), b"s2", b"s3"] {
        store.add_session(organization, &session(ada, hash), NOW).await.unwrap();
    }
    told.tell("session", store.find_session(b"s1", after(400)).await.unwrap());
    told.tell("sessions", store.list_sessions(ada, b"s2", after(400)).await.unwrap());
    told.tell("rotated", store.rotate_session(b"s1", b"s1 anew", after(400)).await.unwrap());
    told.tell("switched", store.switch_session(b"s1 anew", OrganizationId(2)).await.unwrap());
    let third = store.list_sessions(ada, b"s3", NOW).await.unwrap().into_iter().find(|row| row.current).unwrap().id;
    told.tell("revoked", (store.revoke_session(ada, third).await.unwrap(), store.revoke_session(ada, third).await.unwrap()));
    told.tell("ended", store.remove_session(b"s2").await.unwrap());
    told.tell("all but one", store.revoke_sessions(ada, Some(b"s1 anew")).await.unwrap());
    told.tell("all", store.revoke_sessions(ada, None).await.unwrap());
}

async fn tell_tokens(store: &Store, organization: OrganizationId, ada: UserId, told: &mut Told) {
    let own = store.add_api_token(organization, &token("ci", b"own", Some(ada)), NOW).await.unwrap();
    let ending = NewToken { expires_at: Some(after(60)), ..token("ci", b"nobody's", None) };
    let other = store.add_api_token(organization, &ending, NOW).await.unwrap();
    told.tell("taken", refusal(store.add_api_token(organization, &token("ci", b"third", Some(ada)), NOW).await));
    told.tell("own", store.find_api_token(b"own", NOW).await.unwrap());
    told.tell("nobody's", store.find_api_token(b"nobody's", NOW).await.unwrap());
    told.tell("tokens", store.list_api_tokens(organization, None).await.unwrap());
    told.tell("her tokens", store.list_api_tokens(organization, Some(ada)).await.unwrap());
    told.tell("not hers", store.remove_api_token(organization, other, Some(ada)).await.unwrap());
    told.tell("taken away", store.remove_api_token(organization, own, Some(ada)).await.unwrap());
}

async fn tell_devices(store: &Store, organization: OrganizationId, ada: UserId, told: &mut Told) {
    store.add_device_grant(&device(b"d1", "BCDF-GHJK"), NOW).await.unwrap();
    told.tell("waits", store.find_device_grant("BCDF-GHJK", NOW).await.unwrap());
    told.tell("asks", store.poll_device_grant(b"d1", NOW).await.unwrap());
    told.tell("decided", store.decide_device_grant(organization, "BCDF-GHJK", ada, true, NOW).await.unwrap());
    told.tell("approved", store.poll_device_grant(b"d1", after(5)).await.unwrap());
}

async fn tell_idempotency(store: &Store, organization: OrganizationId, told: &mut Told) {
    let claim = |print: &'static [u8]| store.claim_idempotency_key(organization, "token ci", "k", print, NOW);
    told.tell("fresh", (claim(b"a").await.unwrap(), claim(b"a").await.unwrap(), claim(b"b").await.unwrap()));
    store.release_idempotency_key(organization, "token ci", "k").await.unwrap();
    told.tell("fresh again", claim(b"a").await.unwrap());
    store.finish_idempotency_key(organization, "token ci", "k", 201, "application/json", b"{}").await.unwrap();
    store.release_idempotency_key(organization, "token ci", "k").await.unwrap();
    told.tell("answered", claim(b"a").await.unwrap());
}
