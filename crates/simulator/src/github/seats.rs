//! Copilot's seats and their summary.

use super::Scope;
use crate::names;
use crate::organization::Person;
use crate::reply::{Reply, refusal};
use crate::secrets::Vendor;
use crate::site::{Asked, Bend, Site};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use tacho_domain::{Day, Window};

/// GitHub forgets activity after so many days.
const FORGOTTEN_AFTER_DAYS: u32 = 90;

pub(super) fn list(site: &Site, asked: &Asked, scope: Scope, bend: Bend) -> Result<Reply, Reply> {
    let number = |name: &str, otherwise: usize| {
        let text = asked.query.get(name).map_or(Ok(otherwise), |text| text.parse());
        text.map_err(|_| refusal(Vendor::Github, 422, &format!("`{name}` must be a number")))
    };
    // The real host does not refuse a larger page: it gives a hundred.
    let (page, size) = (number("page", 1)?.max(1), number("per_page", 50)?.clamp(1, 100));
    let today = site.world.today();
    let seats: Vec<&Person> = site.world.copilot_seats(today).collect();
    let shown = bend.page((page - 1).saturating_mul(size), size, seats.len());
    let more = shown.end < seats.len();
    let last_used = if shown.is_empty() { HashMap::new() } else { last_used(site) };
    let rows: Vec<Value> =
        seats[shown].iter().map(|person| seat(site, person, scope, last_used.get(&person.index).copied())).collect();
    let reply = Reply::json(200, &json!({"total_seats": seats.len(), "seats": rows}));
    let next = if bend.repeat { page } else { page + 1 };
    let url = |page| format!("{}{}?page={page}&per_page={size}", site.github_url, asked.uri.path());
    Ok(if more || bend.repeat {
        let last = seats.len().div_ceil(size);
        reply.with("link", format!("<{}>; rel=\"next\", <{}>; rel=\"last\"", url(next), url(last)))
    } else {
        reply
    })
}

/// Everyone's last active day that GitHub still remembers.
fn last_used(site: &Site) -> HashMap<usize, Day> {
    let mut last = HashMap::new();
    for day in Window::ending(site.world.today().minus(1), FORGOTTEN_AFTER_DAYS).days() {
        for person in &site.world.copilot_totals(day).active {
            last.insert(*person, day);
        }
    }
    last
}

/// First day of the month after.
fn next_month(day: Day) -> Day {
    day.month().plus(31).month()
}

fn seat(site: &Site, person: &Person, scope: Scope, last_used: Option<Day>) -> Value {
    let since = person.since[0].unwrap_or(person.joined);
    let mut assignee = json!({
        "login": person.login,
        "id": person.github_id,
        "node_id": format!("U_{}", person.github_id),
        "avatar_url": "",
        "url": format!("{}/users/{}", site.github_url, person.login),
        "type": "User",
        "site_admin": false,
    });
    if let Some(email) = &person.email {
        assignee["name"] = json!(person.name);
        assignee["email"] = json!(email);
    }
    let team = person.teams.first().map(|team| {
        let (name, slug) = names::team(*team);
        json!({"id": 9_000 + team, "name": name, "slug": slug})
    });
    let mut seat = json!({
        // Offsets other than Z occur.
        "created_at": format!("{since}T09:00:00{}", if person.index.is_multiple_of(5) { "-06:00" } else { "Z" }),
        "updated_at": format!("{since}T09:00:00Z"),
        "pending_cancellation_date": person.left.map(next_month),
        "last_activity_at": last_used.map(|day| format!("{day}T16:45:12Z")),
        "last_activity_editor": last_used.map(|_| format!("{}/1.139.0/copilot-chat/0.52.1", person.ide)),
        "last_authenticated_at": last_used.map(|day| format!("{day}T08:01:02Z")),
        "plan_type": "business",
        "assignee": assignee,
        "assigning_team": team,
    });
    if scope == Scope::Enterprise {
        seat["organization"] = json!({"login": site.world.config.organization, "id": 700_001});
    }
    seat
}

pub(super) fn summary(site: &Site) -> Reply {
    let today = site.world.today();
    let seats: Vec<&Person> = site.world.copilot_seats(today).collect();
    let cycle = Window { from: today.month(), to: today };
    let mut active = BTreeSet::new();
    for day in cycle.days() {
        active.extend(site.world.copilot_totals(day).active.iter().copied());
    }
    let added = seats.iter().filter(|person| person.since[0].unwrap_or(person.joined) >= cycle.from).count();
    let leaving = seats.iter().filter(|person| person.left.is_some_and(|left| left <= today)).count();
    Reply::json(
        200,
        &json!({
            "seat_breakdown": {
                "total": seats.len(),
                "added_this_cycle": added,
                "pending_invitation": 0,
                "pending_cancellation": leaving,
                "active_this_cycle": active.len(),
                "inactive_this_cycle": seats.len().saturating_sub(active.len()),
            },
            "seat_management_setting": "assign_selected",
            "ide_chat": "enabled",
            "platform_chat": "enabled",
            "cli": "enabled",
            "public_code_suggestions": "block",
            "plan_type": "business",
        }),
    )
}
