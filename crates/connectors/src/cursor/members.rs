//! Who is in the team: `GET /teams/members`.

use super::{FIRST, ID, MEMBERS, profile};
use crate::json::{self, Known, has_key};
use crate::{Auth, Call, Misread, Read, Reply, Settings, Sink};
use serde::Deserialize;
use tacho_domain::person::normal_email;
use tacho_domain::{Day, Fact, IdentityRef, PersonFact, SeatFact, Window};

/// A file of members: it names no day, so it tells of people but not of the seats of any day.
const UNDATED: &str = "undated";

/// The list of members; it has no pages.
pub(super) fn call(window: Window, settings: &Settings) -> Call {
    let url = settings.url(&profile::PROFILE, &["teams", "members"]);
    Call::get(MEMBERS, FIRST, window, url, Auth::BasicUser)
}

/// Reads people, and the seats they hold on the day of the call.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let list: List = json::whole(ID, call, reply, sink)?;
    for (row, member) in (1..).zip(list.team_members) {
        let email = member.email.as_deref().map(normal_email).filter(|email| !email.is_empty());
        let Some(email) = email else {
            sink.skipped_line(row, "a member without an e-mail address");
            continue;
        };
        // Older answers have no `isRemoved`, and list members only: <https://cursor.com/docs/account/teams/admin-api>,
        // read 2026-11-21.
        let removed = member.is_removed.unwrap_or(false);
        let name = member.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        let identity = IdentityRef::email(&email);
        sink.fact(Fact::Person(PersonFact { identity: identity.clone(), name, email: Some(email), removed }));
        // An unpaid admin (`free-owner`) manages the team without a seat: <https://cursor.com/docs/account/teams/members>,
        // read 2026-11-21.
        let seated = !removed && member.role.as_deref() != Some("free-owner");
        if seated && call.step != UNDATED {
            sink.fact(Fact::Seat(seat(call.window.from, identity)));
        }
    }
    Ok(Read::done())
}

/// Cursor names neither the plan nor its price here, and no dates.
fn seat(day: Day, identity: IdentityRef) -> SeatFact {
    SeatFact {
        day,
        identity,
        created_at: None,
        last_activity_at: None,
        last_editor: None,
        plan: None,
        cancels_on: None,
        monthly_price: None,
    }
}

/// A saved list of members; its call has the epoch's day for want of one.
pub(super) fn recognise(head: &str) -> Option<Call> {
    has_key(head, "teamMembers").then(|| Call::replay(MEMBERS, UNDATED, Window::day(Day(0))))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    team_members: Vec<Member>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    email: Option<String>,
    name: Option<String>,
    role: Option<String>,
    is_removed: Option<bool>,
    /// Text (`user_...`), a number in older answers, or absent; people are joined by e-mail.
    #[serde(default)]
    _id: Known,
}
