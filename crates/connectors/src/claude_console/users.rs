//! The organization's people: `GET /v1/organizations/users`.

use super::{ID, USERS, further, get};
use crate::json::{self, Known, has_key};
use crate::{Answer, Call, Misread, Read, Reply, Settings, Sink};
use serde::Deserialize;
use tacho_domain::person::normal_email;
use tacho_domain::{Day, Fact, IdentityRef, PersonFact, Window};

const STEP: &str = "users";

/// The first page of people, at most `rows` of them.
pub(super) fn call(window: Window, settings: &Settings, rows: u32) -> Call {
    get(USERS, STEP, window, settings, &["v1", "organizations", "users"], rows)
}

/// Reads a page.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let page: Page = json::whole(ID, call, reply, sink)?;
    for (row, user) in (1..).zip(&page.data) {
        let email = user.email.as_deref().map(normal_email).filter(|email| !email.is_empty());
        let Some(email) = email else {
            sink.skipped_line(row, "a person without an e-mail address");
            continue;
        };
        let name = user.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        let identity = IdentityRef::email(&email);
        sink.fact(Fact::Person(PersonFact { identity, name, email: Some(email), removed: false }));
    }
    // Pages follow each other by the last id: <https://platform.claude.com/docs/en/api/admin/users/list>, read 2026-11-21.
    let next = further(call, STEP, "after_id", page.has_more, page.last_id.as_deref())?;
    Ok(Read::more(Answer::Given, next))
}

/// A file of people names no day, so its call has the epoch's; person facts have none either.
pub(super) fn recognise(head: &str) -> Option<Call> {
    let ours = has_key(head, "added_at") && has_key(head, "email") && has_key(head, "role") && has_key(head, "data");
    ours.then(|| Call::replay(USERS, STEP, Window::day(Day(0))))
}

#[derive(Debug, Deserialize)]
struct Page {
    data: Vec<User>,
    #[serde(default)]
    has_more: bool,
    last_id: Option<String>,
    #[serde(default, rename = "first_id")]
    _first_id: Known,
}

#[derive(Debug, Deserialize)]
struct User {
    email: Option<String>,
    name: Option<String>,
    #[serde(default, rename = "id")]
    _id: Known,
    #[serde(default, rename = "type")]
    _type: Known,
    #[serde(default, rename = "role")]
    _role: Known,
    #[serde(default, rename = "added_at")]
    _added_at: Known,
}
