//! Seats: who holds one, page by page, and the summary. What a seat's `last_activity_at` says is forgotten by GitHub
//! after 90 idle days, so that only a daily snapshot keeps it
//! (<https://docs.github.com/en/rest/copilot/copilot-user-management>, read 2026-11-21).

use super::value::Count;
use super::{ID, NEXT_PAGE};
use crate::{Answer, Call, Headers, Misread, Read, Reply, Sink, json};
use serde::Deserialize;
use std::collections::BTreeMap;
use tacho_domain::person::normal_email;
use tacho_domain::{Day, Fact, IdentityRef, Instant, Money, PersonFact, SeatFact, TotalFact};
use url::Url;

/// `seats` is required: without it, the reply is another document.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    total_seats: Count,
    seats: Vec<Seat>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Seat {
    assignee: Option<Assignee>,
    created_at: Option<String>,
    last_activity_at: Option<String>,
    last_activity_editor: Option<String>,
    pending_cancellation_date: Option<String>,
    plan_type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Assignee {
    id: Count,
    login: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

impl Seat {
    fn last_activity(&self) -> Option<Instant> {
        self.last_activity_at.as_deref().and_then(Instant::parse)
    }

    fn fact(self, day: Day, identity: IdentityRef) -> SeatFact {
        let last_activity_at = self.last_activity();
        SeatFact {
            day,
            identity,
            created_at: self.created_at.as_deref().and_then(Instant::parse),
            last_activity_at,
            last_editor: self.last_activity_editor.filter(|editor| !editor.is_empty()),
            cancels_on: self.pending_cancellation_date.as_deref().and_then(|date| date.parse().ok()),
            monthly_price: self.plan_type.as_deref().and_then(list_price),
            plan: self.plan_type,
        }
    }
}

/// List prices per seat and month (<https://docs.github.com/en/copilot/get-started/plans>, read 2026-11-21).
fn list_price(plan: &str) -> Option<Money> {
    match plan.to_ascii_lowercase().as_str() {
        "business" => Some(Money(19_000_000)),
        "enterprise" => Some(Money(39_000_000)),
        _ => None,
    }
}

/// Reads a page of seats. An enterprise lists a person once per organization or team that grants the seat, in no stable
/// order: the one with the newest activity is the seat.
pub(super) fn read_page(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let next = next_page(call, reply.headers);
    let page: Page = whole(call, reply, sink)?;
    let day = call.window.to;
    if call.step != NEXT_PAGE
        && let Some(value) = page.total_seats.0
    {
        sink.fact(Fact::Total(TotalFact { day, name: "total_seats".to_owned(), value }));
    }
    let mut newest: BTreeMap<i64, Seat> = BTreeMap::new();
    for (number, seat) in (1u64..).zip(page.seats) {
        match seat.assignee.as_ref().and_then(|assignee| assignee.id.0) {
            None => sink.skipped_line(number, "a seat that names no assignee"),
            Some(id) if newest.get(&id).is_some_and(|known| known.last_activity() >= seat.last_activity()) => {}
            Some(id) => {
                newest.insert(id, seat);
            }
        }
    }
    for (id, mut seat) in newest {
        let assignee = seat.assignee.take().unwrap_or_default();
        let identity = IdentityRef::github(id, assignee.login.as_deref().unwrap_or(&id.to_string()));
        let email = assignee.email.as_deref().map(normal_email).filter(|email| email.contains('@'));
        if email.is_some() {
            let name = assignee.name.filter(|name| !name.trim().is_empty());
            sink.fact(Fact::Person(PersonFact { identity: identity.clone(), name, email, removed: false }));
        }
        sink.fact(Fact::Seat(seat.fact(day, identity)));
    }
    Ok(Read::more(Answer::Given, next.into_iter().collect()))
}

/// The call for `Link: <...>; rel="next"`, which is to be followed rather than counted up to, and only on the host asked.
pub(super) fn next_page(call: &Call, headers: &Headers) -> Option<Call> {
    let links = headers.get("link")?.split(',');
    let next = links.filter_map(|link| {
        let (address, attributes) = link.trim().strip_prefix('<')?.split_once('>')?;
        attributes.split(';').any(|part| part.trim().eq_ignore_ascii_case("rel=\"next\"")).then_some(address)
    });
    let url = next.filter_map(|address| Url::parse(address).ok()).find(|url| url.origin() == call.url.origin())?;
    Some(Call { step: NEXT_PAGE, url, ..call.clone() })
}

#[derive(Deserialize)]
struct Summary {
    seat_breakdown: Breakdown,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Breakdown {
    total: Count,
    added_this_cycle: Count,
    pending_invitation: Count,
    pending_cancellation: Count,
    active_this_cycle: Count,
    inactive_this_cycle: Count,
}

/// Reads the summary of an organization's seats.
pub(super) fn read_summary(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let Breakdown { total, added_this_cycle, pending_invitation, pending_cancellation, active_this_cycle, inactive_this_cycle } =
        whole::<Summary>(call, reply, sink)?.seat_breakdown;
    for (name, count) in [
        ("seat_total", total),
        ("seat_added_this_cycle", added_this_cycle),
        ("seat_pending_invitation", pending_invitation),
        ("seat_pending_cancellation", pending_cancellation),
        ("seat_active_this_cycle", active_this_cycle),
        ("seat_inactive_this_cycle", inactive_this_cycle),
    ] {
        if let Some(value) = count.0 {
            sink.fact(Fact::Total(TotalFact { day: call.window.to, name: name.to_owned(), value }));
        }
    }
    Ok(Read::done())
}

/// Fields of seats that GitHub documents and no fact is made of.
const UNUSED: &[&str] = &[
    "updated_at",
    "last_authenticated_at",
    "assigning_team",
    "organization",
    "node_id",
    "avatar_url",
    "gravatar_id",
    "url",
    "html_url",
    "followers_url",
    "following_url",
    "gists_url",
    "starred_url",
    "subscriptions_url",
    "organizations_url",
    "repos_url",
    "events_url",
    "received_events_url",
    "type",
    "site_admin",
    "starred_at",
    "user_view_type",
    "seat_management_setting",
    "public_code_suggestions",
    "ide_chat",
    "platform_chat",
    "cli",
    "plan_type",
];

fn whole<T: serde::de::DeserializeOwned>(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<T, Misread> {
    json::whole(ID, call, reply, &mut super::drift::Quiet { known: UNUSED, sink })
}
