//! Anthropic's Admin API: the Claude Code report and the organization's users.
//! <https://platform.claude.com/docs/en/api/admin-api/claude-code/get-claude-code-usage-report>, read 2026-11-21.

use crate::activity::Tool;
use crate::activity::claude::ClaudePart;
use crate::faults::Endpoint;
use crate::organization::{Kind, Person};
use crate::reply::{Reply, refusal, stock};
use crate::secrets::Vendor;
use crate::site::{Asked, Bend, Site};
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use tacho_domain::Day;

/// The real default: callers that do not ask for more get twenty.
const PAGE: usize = 20;
const LARGEST_PAGE: usize = 1_000;
const ORGANIZATION_ID: &str = "5d3f2c1e-77aa-4b0e-9c55-2f1e8d7c6b5a";

pub(crate) async fn answer(site: &Site, asked: &Asked) -> Reply {
    let endpoint = match (asked.method.clone(), asked.segments().as_slice()) {
        (Method::GET, ["v1", "organizations", "usage_report", "claude_code"]) => Endpoint::ClaudeUsage,
        (Method::GET, ["v1", "organizations", "users"]) => Endpoint::ClaudeUsers,
        _ => return stock(Vendor::Anthropic, 404),
    };
    let answer = |bend| match endpoint {
        Endpoint::ClaudeUsage => usage(site, asked, bend),
        _ => users(site, asked, bend),
    };
    let reply = site.serve(endpoint, asked, || refuse(site, asked), answer).await;
    reply.with("request-id", "req_011SimulatedRequest")
}

fn refuse(site: &Site, asked: &Asked) -> Option<Reply> {
    let Some(key) = asked.header("x-api-key") else {
        return Some(refusal(Vendor::Anthropic, 401, "x-api-key header is required"));
    };
    if key != site.keys.secret(Vendor::Anthropic) {
        // An ordinary key is a key, but not one for this API.
        return Some(stock(Vendor::Anthropic, if key.starts_with("sk-ant-api") { 403 } else { 401 }));
    }
    if asked.header("anthropic-version") != Some("2023-06-01") {
        return Some(refusal(Vendor::Anthropic, 400, "anthropic-version: header is required"));
    }
    None
}

fn invalid(message: &str) -> Reply {
    refusal(Vendor::Anthropic, 400, message)
}

fn limit(asked: &Asked) -> Result<usize, Reply> {
    let Some(text) = asked.query.get("limit") else { return Ok(PAGE) };
    let wrong = || invalid("limit: must be between 1 and 1000");
    text.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit)).ok_or_else(wrong)
}

fn usage(site: &Site, asked: &Asked, bend: Bend) -> Result<Reply, Reply> {
    let text = asked.query.get("starting_at").ok_or_else(|| invalid("starting_at: field required"))?;
    let wrong = || invalid("starting_at: must be a UTC date in YYYY-MM-DD format");
    let day: Day = text.parse().ok().filter(|_| text.len() == 10).ok_or_else(wrong)?;
    if day > site.world.today() {
        return Err(invalid("starting_at: must not be in the future"));
    }
    let limit = limit(asked)?;
    let start = match asked.query.get("page") {
        Some(cursor) => start_of(cursor, day).ok_or_else(|| invalid("page: invalid cursor"))?,
        None => 0,
    };
    let days = site.world.claude(day);
    let rows: Vec<(&Person, &ClaudePart)> =
        days.iter().flat_map(|(person, it)| it.parts.iter().map(move |part| (*person, part))).collect();
    let page = bend.page(start, limit, rows.len());
    let end = page.end;
    let data: Vec<Value> = page.map(|place| row(day, place, rows[place].0, rows[place].1)).collect();
    let next = if bend.repeat { Some(start) } else { (end < rows.len()).then_some(end) };
    let next = next.map(|place| cursor_of(place, day));
    Ok(Reply::json(200, &json!({"data": data, "has_more": next.is_some(), "next_page": next})))
}

fn cursor_of(place: usize, day: Day) -> String {
    format!("page_{}", URL_SAFE_NO_PAD.encode(format!("{day}:{place}")))
}

fn start_of(cursor: &str, day: Day) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor.strip_prefix("page_")?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (of, place) = text.split_once(':')?;
    if of == day.to_string() { place.parse().ok() } else { None }
}

/// Money goes out as it does for real: cents with a fraction.
#[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^52")]
pub(crate) fn cents(micros: i64) -> f64 {
    micros as f64 / 10_000.0
}

fn row(day: Day, place: usize, person: &Person, part: &ClaudePart) -> Value {
    let actor = match &person.email {
        Some(email) if person.index % 7 == 3 => json!({"type": "user_actor", "email_address": title_case(email)}),
        Some(email) => json!({"type": "user_actor", "email_address": email}),
        None => json!({"type": "api_actor", "api_key_name": person.name}),
    };
    let actions: Map<String, Value> = part
        .edits
        .iter()
        .map(|(tool, accepted, rejected)| ((*tool).to_owned(), json!({"accepted": accepted, "rejected": rejected})))
        .collect();
    let models: Vec<Value> = part
        .models
        .iter()
        .map(|it| {
            json!({
                "model": it.model,
                "tokens": {
                    "input": it.input, "output": it.output, "cache_read": it.cache_read, "cache_creation": it.cache_write,
                },
                "estimated_cost": {"currency": "USD", "amount": cents(it.cost_micros)},
            })
        })
        .collect();
    // The text of the reference says one form, its examples show the other.
    let date = if place.is_multiple_of(4) { day.to_string() } else { format!("{day}T00:00:00Z") };
    let mut row = json!({
        "date": date,
        "actor": actor,
        "organization_id": ORGANIZATION_ID,
        "customer_type": if part.subscription { "subscription" } else { "api" },
        "terminal_type": part.terminal,
        "core_metrics": {
            "num_sessions": part.sessions,
            "lines_of_code": {"added": part.lines_added, "removed": part.lines_removed},
            "commits_by_claude_code": part.commits,
            "pull_requests_by_claude_code": part.pull_requests,
        },
        "tool_actions": actions,
        "model_breakdown": models,
    });
    if part.subscription {
        row["subscription_type"] = json!("team");
    }
    row
}

fn title_case(email: &str) -> String {
    let mut letters = email.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn users(site: &Site, asked: &Asked, bend: Bend) -> Result<Reply, Reply> {
    let limit = limit(asked)?;
    let today = site.world.today();
    let is_user = |p: &&Person| p.kind == Kind::Member && p.since[Tool::Claude as usize].is_some_and(|since| since <= today);
    let users: Vec<&Person> = site.world.people.iter().filter(is_user).collect();
    let start = match asked.query.get("after_id") {
        Some(id) => 1 + users.iter().position(|user| user.claude_id == *id).ok_or_else(|| invalid("after_id: not found"))?,
        None => 0,
    };
    let page = bend.page(start, limit, users.len());
    let has_more = bend.repeat || page.end < users.len();
    let end = if bend.repeat { start } else { page.end };
    let data: Vec<Value> = users[page.clone()]
        .iter()
        .map(|user| {
            json!({
                "type": "user",
                "id": user.claude_id,
                "email": user.email,
                "name": user.name,
                "role": if user.index == 0 { "admin" } else { "claude_code_user" },
                "added_at": format!("{}T09:30:00Z", user.since[Tool::Claude as usize].unwrap_or(today)),
            })
        })
        .collect();
    let first_id = page.clone().next().map(|place| &users[place].claude_id);
    let last_id = end.checked_sub(1).and_then(|place| users.get(place)).map(|user| &user.claude_id);
    Ok(Reply::json(200, &json!({"data": data, "has_more": has_more, "first_id": first_id, "last_id": last_id})))
}
