//! The web flow: a page that asks, a code that works once for ten minutes, PKCE.

use super::{Issued, account, accounts, granted, no, pages, scopes, token_reply};
use crate::reply::Reply;
use crate::site::Site;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::time::Duration;
use url::{Host, Url};

const CODE_LIVES: Duration = Duration::from_mins(10);

/// A code that was not traded yet.
#[derive(Debug)]
pub(super) struct Code {
    redirect: String,
    challenge: Option<String>,
    issued: Issued,
    at: Duration,
}

type Form = HashMap<String, String>;

fn field<'a>(form: &'a Form, name: &str) -> &'a str {
    form.get(name).map_or("", String::as_str)
}

/// The page that asks, or at once the way back where everybody says yes.
pub(super) fn ask(site: &Site, query: &Form) -> Reply {
    let (client_id, _) = super::OAuth::app(site.world.config.seed);
    if field(query, "client_id") != client_id {
        return pages::missing();
    }
    let Some(redirect) = callback(field(query, "redirect_uri")) else {
        return pages::notice("The redirect_uri is not associated with this application.");
    };
    if !field(query, "code_challenge").is_empty() && field(query, "code_challenge_method") != "S256" {
        return back(
            redirect,
            &[("error", "invalid_request"), ("error_description", "Only S256 is supported"), ("state", field(query, "state"))],
        );
    }
    let held = site.oauth.held();
    let (approves, login) = (held.approves, held.login.clone());
    drop(held);
    if approves {
        let mut form = query.clone();
        let login = login.or_else(|| accounts(site).next().map(|person| person.login.clone()));
        form.insert("login".to_owned(), login.unwrap_or_default());
        form.insert("decision".to_owned(), "authorize".to_owned());
        return decided(site, &form);
    }
    pages::authorize(site, query, login.as_deref())
}

/// What the page's form says.
pub(super) fn decided(site: &Site, form: &Form) -> Reply {
    let Some(redirect) = callback(field(form, "redirect_uri")) else { return pages::missing() };
    let state = field(form, "state");
    if field(form, "decision") != "authorize" {
        let why = "The user has denied your application access.";
        return back(redirect, &[("error", "access_denied"), ("error_description", why), ("state", state)]);
    }
    let Some(person) = account(site, field(form, "login")) else { return pages::missing() };
    let mut held = site.oauth.held();
    let issued = Issued { person: person.index, scopes: granted(&held, scopes(field(form, "scope"))) };
    let code = site.oauth.fresh(&mut held, super::HEXITS, 20);
    let challenge = form.get("code_challenge").filter(|challenge| !challenge.is_empty()).cloned();
    let at = site.oauth.now(&held);
    held.codes.insert(code.clone(), Code { redirect: field(form, "redirect_uri").to_owned(), challenge, issued, at });
    drop(held);
    back(redirect, &[("code", &code), ("state", state)])
}

/// Trades a code for a token.
pub(super) fn exchange(site: &Site, form: &Form) -> Reply {
    let (client_id, client_secret) = super::OAuth::app(site.world.config.seed);
    if field(form, "client_id") != client_id || field(form, "client_secret") != client_secret {
        return no("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.");
    }
    let spent = || no("bad_verification_code", "The code passed is incorrect or expired.");
    let mut held = site.oauth.held();
    let now = site.oauth.now(&held);
    // Whatever comes of it: a code is good for one try.
    let Some(code) = held.codes.remove(field(form, "code")) else { return spent() };
    if now.saturating_sub(code.at) > CODE_LIVES {
        return spent();
    }
    if code.redirect != field(form, "redirect_uri") {
        return no("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.");
    }
    let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(field(form, "code_verifier")));
    if code.challenge.is_some_and(|challenge| challenge != proof) {
        return spent();
    }
    let scopes = code.issued.scopes.clone();
    let token = site.oauth.issue(&mut held, code.issued);
    token_reply(&token, &scopes)
}

/// The address to come back to; the simulator sends nobody off this machine.
fn callback(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let here = match url.host()? {
        Host::Domain(name) => name == "localhost" || name.ends_with(".example"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    here.then_some(url)
}

fn back(mut redirect: Url, pairs: &[(&str, &str)]) -> Reply {
    redirect.query_pairs_mut().extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    Reply::empty(302).with("location", String::from(redirect))
}
