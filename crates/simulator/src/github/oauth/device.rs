//! The device flow, with every answer that makes a client wait, slow down or stop.

use super::{Held, Issued, OAuth, account, granted, no, pages, scopes, token_reply};
use crate::reply::Reply;
use crate::site::Site;
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;

const LIVES: Duration = Duration::from_mins(15);
/// No vowels and nothing that looks like something else.
const CODE_LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";

/// What a device's owner said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Pending,
    Refused,
    /// By that person.
    Confirmed(usize),
}

/// A device that waits.
#[derive(Debug)]
pub(super) struct Device {
    user_code: String,
    scopes: Vec<String>,
    at: Duration,
    interval: Duration,
    polled: Duration,
    decided: Decision,
}

type Form = HashMap<String, String>;

fn field<'a>(form: &'a Form, name: &str) -> &'a str {
    form.get(name).map_or("", String::as_str)
}

fn disabled() -> Reply {
    no("device_flow_disabled", "Device Flow must be explicitly enabled for this App")
}

/// Gives a device its codes.
pub(super) fn code(site: &Site, form: &Form) -> Reply {
    let (client_id, _) = OAuth::app(site.world.config.seed);
    if field(form, "client_id") != client_id {
        return Reply::json(404, &json!({"error": "Not Found"}));
    }
    let mut held = site.oauth.held();
    if !held.device_flow {
        return disabled();
    }
    let device_code = site.oauth.fresh(&mut held, super::HEXITS, 40);
    let letters = site.oauth.fresh(&mut held, CODE_LETTERS, 8);
    let user_code = format!("{}-{}", &letters[..4], &letters[4..]);
    let at = site.oauth.now(&held);
    let device = Device {
        user_code: user_code.clone(),
        scopes: scopes(field(form, "scope")),
        at,
        interval: Duration::from_secs(5),
        polled: at,
        decided: Decision::Pending,
    };
    held.devices.insert(device_code.clone(), device);
    Reply::json(
        200,
        &json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": format!("{}/login/device", site.github_url),
            "expires_in": LIVES.as_secs(),
            "interval": 5,
        }),
    )
}

/// Asked again and again, until the person has decided.
pub(super) fn poll(site: &Site, form: &Form) -> Reply {
    let (client_id, _) = OAuth::app(site.world.config.seed);
    if field(form, "client_id") != client_id {
        return no("incorrect_client_credentials", "The client_id passed is incorrect.");
    }
    let mut held = site.oauth.held();
    let now = site.oauth.now(&held);
    if !held.device_flow {
        return disabled();
    }
    let Some(device) = held.devices.get_mut(field(form, "device_code")) else {
        return no("incorrect_device_code", "The device_code provided is not valid.");
    };
    if now.saturating_sub(device.at) > LIVES {
        return no("expired_token", "This 'device_code' has expired.");
    }
    let early = now.saturating_sub(device.polled) < device.interval;
    device.polled = now;
    if early {
        device.interval += Duration::from_secs(5);
        let body = json!({
            "error": "slow_down",
            "error_description": "Too many requests have been made in the same timeframe.",
            "interval": device.interval.as_secs(),
        });
        return Reply::json(200, &body);
    }
    match device.decided {
        Decision::Pending => no("authorization_pending", "The authorization request is still pending."),
        Decision::Refused => no("access_denied", "The authorization request was denied."),
        Decision::Confirmed(person) => {
            let asked = device.scopes.clone();
            held.devices.remove(field(form, "device_code"));
            let scopes = granted(&held, asked);
            let token = site.oauth.issue(&mut held, Issued { person, scopes: scopes.clone() });
            token_reply(&token, &scopes)
        }
    }
}

/// What the page's form says.
pub(super) fn decided(site: &Site, form: &Form) -> Reply {
    let person = account(site, field(form, "login")).map(|person| person.index);
    let person = person.filter(|_| field(form, "decision") == "authorize");
    let user_code = field(form, "user_code").trim().to_uppercase();
    if !decide(&mut site.oauth.held(), &user_code, person) {
        return pages::device(site, &user_code, "The code is wrong or has expired.");
    }
    pages::notice(if person.is_some() { "Congratulations, you're all set!" } else { "The device was refused." })
}

pub(super) fn decide(held: &mut Held, user_code: &str, person: Option<usize>) -> bool {
    match held.devices.values_mut().find(|device| device.user_code == user_code && device.decided == Decision::Pending) {
        Some(device) => {
            device.decided = person.map_or(Decision::Refused, Decision::Confirmed);
            true
        }
        None => false,
    }
}
