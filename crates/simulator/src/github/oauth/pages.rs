//! The pages that people see on GitHub's side: plain forms, so that a browser journey can press their buttons.

use super::accounts;
use crate::reply::Reply;
use crate::site::Site;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Accounts on offer.
const OFFERED: usize = 8;

fn page(status: u16, title: &str, body: &str) -> Reply {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    Reply::bytes(status, "text/html; charset=utf-8", html.into_bytes())
}

pub(super) fn missing() -> Reply {
    page(404, "Not found", "<p>There is no such application.</p>")
}

pub(super) fn notice(text: &str) -> Reply {
    page(200, "Simulated GitHub", &format!("<p role=\"status\">{}</p>", escaped(text)))
}

/// Asks whether the app may have what it wants.
pub(super) fn authorize(site: &Site, query: &HashMap<String, String>, login: Option<&str>) -> Reply {
    let mut body = String::from("<form method=\"post\" action=\"/login/oauth/authorize\">");
    for name in ["client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"] {
        let value = query.get(name).map_or("", String::as_str);
        // Writing to a text cannot fail.
        let _ = write!(body, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value));
    }
    let scopes = query.get("scope").map_or("", String::as_str);
    let _ = write!(body, "<p>It asks for <code>{}</code>.</p>", escaped(scopes));
    body.push_str(&account_choice(site, login));
    body.push_str("<button name=\"decision\" value=\"authorize\">Authorize</button> ");
    body.push_str("<button name=\"decision\" value=\"cancel\">Cancel</button></form>");
    page(200, "Authorize Tacho", &body)
}

/// Asks for the code that a device shows.
pub(super) fn device(site: &Site, user_code: &str, problem: &str) -> Reply {
    let mut body = String::new();
    if !problem.is_empty() {
        let _ = write!(body, "<p role=\"alert\">{}</p>", escaped(problem));
    }
    body.push_str("<form method=\"post\" action=\"/login/device\">");
    let _ = write!(body, "<label>Code <input name=\"user_code\" value=\"{}\" required></label>", escaped(user_code));
    body.push_str(&account_choice(site, None));
    body.push_str("<button name=\"decision\" value=\"authorize\">Authorize</button> ");
    body.push_str("<button name=\"decision\" value=\"cancel\">Cancel</button></form>");
    page(if problem.is_empty() { 200 } else { 422 }, "Device activation", &body)
}

fn account_choice(site: &Site, login: Option<&str>) -> String {
    let mut choice = String::from("<label>Account <select name=\"login\">");
    let chosen = accounts(site).filter(|person| Some(person.login.as_str()) == login);
    for person in chosen.chain(accounts(site).filter(|person| Some(person.login.as_str()) != login).take(OFFERED)) {
        let login = escaped(&person.login);
        let _ = write!(choice, "<option value=\"{login}\">{login}</option>");
    }
    choice.push_str("</select></label> ");
    choice
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
