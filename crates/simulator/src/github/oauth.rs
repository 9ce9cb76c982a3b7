//! GitHub as an OAuth app's counterpart: the web flow with PKCE, the device flow, and the tokens both give.
//! <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>, read 2026-11-21.

mod device;
mod pages;
mod web;

use crate::dice::Dice;
use crate::organization::{Kind, Person};
use crate::reply::Reply;
use crate::site::{Asked, Site};
use axum::http::Method;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEXITS: &[u8] = b"0123456789abcdef";

/// The OAuth app's memory.
#[derive(Debug)]
pub(crate) struct OAuth {
    seed: u64,
    started: Instant,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    /// Time that a test let pass, on top of the real one.
    passed: Duration,
    serial: u64,
    approves: bool,
    device_flow: bool,
    /// Whom the browser is signed in as, where a test says so.
    login: Option<String>,
    unverified: BTreeSet<String>,
    /// The scopes people grant at most, where a test says so.
    granted: Option<Vec<String>>,
    codes: HashMap<String, web::Code>,
    devices: HashMap<String, device::Device>,
    tokens: HashMap<String, Issued>,
}

/// A token that the app was given.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) person: usize,
    pub(crate) scopes: Vec<String>,
}

impl OAuth {
    pub(crate) fn new(seed: u64, approves: bool) -> Self {
        let held = Held {
            passed: Duration::ZERO,
            serial: 0,
            approves,
            device_flow: true,
            login: None,
            unverified: BTreeSet::new(),
            granted: None,
            codes: HashMap::new(),
            devices: HashMap::new(),
            tokens: HashMap::new(),
        };
        Self { seed, started: Instant::now(), held: Mutex::new(held) }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The OAuth app's id and secret.
    pub(crate) fn app(seed: u64) -> (String, String) {
        let mut dice = Dice::new(&[seed, 78]);
        let mut text =
            |alphabet: &[u8], length: usize| -> String { (0..length).map(|_| char::from(dice.pick(alphabet))).collect() };
        (format!("Ov23li{}", text(LETTERS, 14)), text(HEXITS, 40))
    }

    /// A text that nobody has seen before.
    fn fresh(&self, held: &mut Held, alphabet: &[u8], length: usize) -> String {
        held.serial += 1;
        let mut dice = Dice::new(&[self.seed, 79, held.serial]);
        (0..length).map(|_| char::from(dice.pick(alphabet))).collect()
    }

    fn now(&self, held: &Held) -> Duration {
        self.started.elapsed() + held.passed
    }

    fn issue(&self, held: &mut Held, issued: Issued) -> String {
        let token = format!("gho_{}", self.fresh(held, LETTERS, 36));
        held.tokens.insert(token.clone(), issued);
        token
    }

    /// The scopes of a token of the app's, while it is valid.
    pub(crate) fn find(&self, token: &str) -> Option<Issued> {
        self.held().tokens.get(token).cloned()
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.held().passed += time;
    }

    pub(crate) fn turn_back(&self, time: Duration) {
        let mut held = self.held();
        held.passed = held.passed.saturating_sub(time);
    }

    pub(crate) fn set_login(&self, login: &str) {
        self.held().login = Some(login.to_owned());
    }

    pub(crate) fn set_approves(&self, approves: bool) {
        self.held().approves = approves;
    }

    pub(crate) fn set_unverified(&self, login: &str) {
        self.held().unverified.insert(login.to_owned());
    }

    pub(crate) fn set_granted(&self, scopes: Option<Vec<String>>) {
        self.held().granted = scopes;
    }

    pub(crate) fn set_device_flow(&self, enabled: bool) {
        self.held().device_flow = enabled;
    }

    pub(crate) fn revoke_all(&self) {
        self.held().tokens.clear();
    }

    /// Decides about a device as its owner would on the page.
    pub(crate) fn decide(&self, user_code: &str, person: Option<usize>) -> bool {
        device::decide(&mut self.held(), user_code, person)
    }
}

/// Answers what belongs to signing in; everything else is `None`.
pub(crate) fn answer(site: &Site, asked: &Asked, segments: &[&str]) -> Option<Reply> {
    let get = asked.method == Method::GET;
    let post = asked.method == Method::POST;
    match segments {
        ["login", "oauth", "authorize"] if get => Some(web::ask(site, &asked.query)),
        ["login", "oauth", "authorize"] if post => Some(web::decided(site, &form(asked))),
        ["login", "oauth", "access_token"] if post => Some(exchange(site, &form(asked))),
        ["login", "device", "code"] if post => Some(device::code(site, &form(asked))),
        ["login", "device"] if get => Some(pages::device(site, asked.query.get("user_code").map_or("", String::as_str), "")),
        ["login", "device"] if post => Some(device::decided(site, &form(asked))),
        ["zen"] if get => Some(Reply::bytes(200, "text/plain;charset=utf-8", b"Keep it logically awesome.".to_vec())),
        ["login", ..] => Some(Reply::bytes(404, "text/html", b"<!doctype html><title>Not found</title>".to_vec())),
        _ => None,
    }
}

fn exchange(site: &Site, form: &HashMap<String, String>) -> Reply {
    if form.get("grant_type").is_some_and(|kind| kind.ends_with(":device_code")) {
        device::poll(site, form)
    } else {
        web::exchange(site, form)
    }
}

/// The fields of a body, form or JSON: GitHub takes both.
fn form(asked: &Asked) -> HashMap<String, String> {
    if asked.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return serde_json::from_slice(&asked.body).unwrap_or_default();
    }
    url::form_urlencoded::parse(&asked.body).into_owned().collect()
}

/// Refusals of this side come with HTTP 200.
fn no(error: &str, description: &str) -> Reply {
    let uri =
        "https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors";
    Reply::json(200, &json!({"error": error, "error_description": description, "error_uri": uri}))
}

fn token_reply(token: &str, scopes: &[String]) -> Reply {
    Reply::json(200, &json!({"access_token": token, "token_type": "bearer", "scope": scopes.join(",")}))
}

/// Those that have an account at GitHub and an address.
fn accounts(site: &Site) -> impl Iterator<Item = &Person> {
    site.world.people.iter().filter(|person| person.kind == Kind::Member && person.email.is_some())
}

/// The logins on offer.
pub(crate) fn logins(site: &Site) -> Vec<String> {
    accounts(site).map(|person| person.login.clone()).collect()
}

/// The scopes of an OAuth app's token stand in for those of the classic one.
pub(super) fn with_scopes(mut reply: Reply, issued: &Issued) -> Reply {
    reply.headers.retain(|(name, _)| *name != "x-oauth-scopes");
    reply.with("x-oauth-scopes", issued.scopes.join(", "))
}

fn account<'a>(site: &'a Site, login: &str) -> Option<&'a Person> {
    accounts(site).find(|person| person.login == login)
}

fn scopes(list: &str) -> Vec<String> {
    list.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// What is granted of what was asked for: what was ticked, and no more than a test lets people grant.
fn granted(held: &Held, asked: Vec<String>) -> Vec<String> {
    match &held.granted {
        Some(most) => asked.into_iter().filter(|scope| most.contains(scope)).collect(),
        None => asked,
    }
}

/// `GET /user` and what lies below, for whoever the token belongs to.
pub(super) fn user(site: &Site, segments: &[&str], issued: &Issued) -> Option<(Reply, &'static str)> {
    let person = site.world.people.get(issued.person)?;
    let email = person.email.clone().unwrap_or_default();
    let not_found = || crate::reply::stock(crate::secrets::Vendor::Github, 404);
    match segments {
        ["user"] => {
            let body = json!({"login": person.login, "id": person.github_id, "type": "User", "name": person.name, "email": null});
            Some((Reply::json(200, &body), ""))
        }
        ["user", "emails"] => {
            let accepted = "user, user:email";
            if !covers(&issued.scopes, accepted) {
                return Some((not_found(), accepted));
            }
            let verified = !site.oauth.held().unverified.contains(&person.login);
            let body = json!([
                {"email": format!("{}@users.noreply.example", person.login), "primary": false, "verified": true, "visibility": null},
                {"email": email, "primary": true, "verified": verified, "visibility": "private"},
            ]);
            Some((Reply::json(200, &body), accepted))
        }
        ["user", "memberships", "orgs", name] => {
            let accepted = "read:org, admin:org";
            let here = name.eq_ignore_ascii_case(&site.world.config.organization) && person.is_here(site.world.today());
            if !here || !covers(&issued.scopes, accepted) {
                return Some((not_found(), accepted));
            }
            let body = json!({"state": "active", "role": "member", "organization": {"login": site.world.config.organization}});
            Some((Reply::json(200, &body), accepted))
        }
        _ => None,
    }
}

/// Whether scopes contain one of the accepted ones; the wider includes the narrower.
pub(super) fn covers(scopes: &[String], accepted: &str) -> bool {
    let wider = |scope: &str| -> &'static [&'static str] {
        match scope {
            "read:org" => &["read:org", "write:org", "admin:org"],
            "read:enterprise" => &["read:enterprise", "admin:enterprise"],
            "manage_billing:enterprise" => &["manage_billing:enterprise", "admin:enterprise"],
            "read:user" => &["read:user", "user"],
            "user:email" => &["user:email", "user"],
            "user" => &["user"],
            "admin:org" => &["admin:org"],
            "repo" => &["repo"],
            "manage_billing:copilot" => &["manage_billing:copilot"],
            _ => &[],
        }
    };
    let mut any = accepted.split(',').map(str::trim).filter(|scope| !scope.is_empty()).peekable();
    any.peek().is_none() || any.any(|scope| wider(scope).iter().any(|wide| scopes.iter().any(|has| has == wide)))
}
