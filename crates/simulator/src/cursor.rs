//! Cursor's Admin API: members, daily usage, usage events, spend; and its records of commits.
//! <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.

mod commits;

use crate::activity::cursor::{CursorDay, CursorEvent};
use crate::anthropic::cents;
use crate::faults::Endpoint;
use crate::organization::{Kind, Person};
use crate::reply::{Reply, refusal, stock};
use crate::secrets::Vendor;
use crate::site::{Asked, Bend, Site};
use crate::truth::cursor_members;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use tacho_domain::{Day, Instant, Window};

const LONGEST_RANGE_MS: i64 = 30 * 86_400_000;
const LARGEST_PAGE: usize = 1_000;

/// Each person's counters and charged requests.
type TeamDay = HashMap<usize, (CursorDay, i64)>;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    start_date: Option<i64>,
    end_date: Option<i64>,
    page: Option<usize>,
    page_size: Option<usize>,
    email: Option<String>,
    user_id: Option<i64>,
    search_term: Option<String>,
}

pub(crate) async fn answer(site: &Site, asked: &Asked) -> Reply {
    let endpoint = match (asked.method.clone(), asked.segments().as_slice()) {
        (Method::GET, ["teams", "members"]) => Endpoint::CursorMembers,
        (Method::POST, ["teams", "daily-usage-data"]) => Endpoint::CursorDailyUsage,
        (Method::POST, ["teams", "filtered-usage-events"]) => Endpoint::CursorEvents,
        (Method::POST, ["teams", "spend"]) => Endpoint::CursorSpend,
        (Method::GET, ["analytics", "ai-code", "commits"]) => Endpoint::CursorCommits,
        _ => return refusal(Vendor::Cursor, 404, "Not Found"),
    };
    let answer = |bend| {
        if endpoint == Endpoint::CursorMembers {
            return Ok(members(site));
        }
        if endpoint == Endpoint::CursorCommits {
            return commits::answer(site, asked, bend);
        }
        let question: Question = serde_json::from_slice(&asked.body).map_err(|_| invalid("The body must be a JSON object"))?;
        match endpoint {
            Endpoint::CursorDailyUsage => daily_usage(site, &question, bend),
            Endpoint::CursorEvents => events(site, &question, bend),
            _ => spend(site, &question, bend),
        }
    };
    site.serve(endpoint, asked, || refuse(site, asked), answer).await
}

fn refuse(site: &Site, asked: &Asked) -> Option<Reply> {
    let credential = asked.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    let plain = credential.and_then(|text| STANDARD.decode(text).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    // The key is the user name, the password is empty.
    if plain != Some(format!("{}:", site.keys.secret(Vendor::Cursor))) {
        return Some(stock(Vendor::Cursor, 401));
    }
    let is_json = asked.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    if asked.method == Method::POST && !is_json {
        return Some(invalid("Content-Type must be application/json"));
    }
    site.is_cursor_limit_spent().then(|| stock(Vendor::Cursor, 429))
}

fn invalid(message: &str) -> Reply {
    refusal(Vendor::Cursor, 400, message)
}

/// The days asked for; both ends are included.
fn range(site: &Site, question: &Question) -> Result<(Window, i64, i64), Reply> {
    let end = question.end_date.unwrap_or_else(|| site.world.today().plus(1).start().millis() - 1);
    let start = question.start_date.unwrap_or(end - LONGEST_RANGE_MS);
    if end < start {
        return Err(invalid("endDate must not be before startDate"));
    }
    if end - start > LONGEST_RANGE_MS {
        return Err(invalid("Date range cannot exceed 30 days"));
    }
    let day = |ms: i64| Instant::from_millis(ms).map(Instant::day).ok_or_else(|| invalid("Invalid date"));
    Ok((Window { from: day(start)?, to: day(end)? }, start, end))
}

/// Page (counted from 1) and size.
fn paging(question: &Question, size: usize) -> Result<(usize, usize), Reply> {
    let (page, size) = (question.page.unwrap_or(1), question.page_size.unwrap_or(size));
    if page == 0 || size == 0 || size > LARGEST_PAGE {
        return Err(invalid("page must be at least 1 and pageSize between 1 and 1000"));
    }
    Ok((page, size))
}

fn members(site: &Site) -> Reply {
    let today = site.world.today();
    let members: Vec<Value> = cursor_members(&site.world)
        .map(|person| {
            json!({
                "id": person.cursor_id,
                "name": person.name,
                "email": person.email,
                "role": role(person),
                "isRemoved": person.left.is_some_and(|left| left <= today),
            })
        })
        .collect();
    Reply::json(200, &json!({"teamMembers": members}))
}

fn role(person: &Person) -> &'static str {
    if person.index == 2 { "owner" } else { "member" }
}

fn daily_usage(site: &Site, question: &Question, bend: Bend) -> Result<Reply, Reply> {
    let (window, start, end) = range(site, question)?;
    let period = json!({"startDate": start, "endDate": end});
    let history = site.world.history();
    let known = window.days().filter(|day| history.contains(*day));
    let days: Vec<(Day, TeamDay)> = known
        .map(|day| {
            (day, site.world.cursor(day).into_iter().map(|(person, it, events)| (person.index, (it, charged(&events)))).collect())
        })
        .collect();
    let rows_of = |person: &Person, all: bool| -> Vec<Value> {
        let of = |(day, them): &(Day, TeamDay)| {
            let (it, charged) = them.get(&person.index).copied().unwrap_or_default();
            (all || it.is_active()).then(|| daily_row(person, *day, &it, charged))
        };
        days.iter().filter_map(of).collect()
    };
    let people: Vec<&Person> = cursor_members(&site.world).collect();
    if question.page.is_none() && question.page_size.is_none() {
        let data: Vec<Value> = people.iter().flat_map(|person| rows_of(person, false)).collect();
        return Ok(Reply::json(200, &json!({"data": data, "period": period})));
    }
    let (page, size) = paging(question, 100)?;
    let shown = bend.page((page - 1).saturating_mul(size), size, people.len());
    let more = bend.repeat || shown.end < people.len();
    let data: Vec<Value> = people[shown].iter().flat_map(|person| rows_of(person, true)).collect();
    let pagination = json!({
        "page": page,
        "pageSize": size,
        "totalUsers": people.len(),
        "totalPages": people.len().div_ceil(size),
        "hasNextPage": more,
        "hasPreviousPage": page > 1,
    });
    Ok(Reply::json(200, &json!({"data": data, "period": period, "pagination": pagination})))
}

fn charged(events: &[CursorEvent]) -> i64 {
    i64::try_from(events.iter().filter(|event| event.chargeable).count()).unwrap_or(i64::MAX)
}

fn daily_row(person: &Person, day: Day, it: &CursorDay, charged: i64) -> Value {
    let active = it.is_active();
    let text = |text: &'static str| active.then_some(text);
    json!({
        "userId": person.cursor_number,
        "day": day,
        "date": day.start().millis(),
        "email": person.email,
        "isActive": active,
        "totalLinesAdded": it.accepted_added + it.typed_added,
        "totalLinesDeleted": it.accepted_deleted + it.typed_deleted,
        "acceptedLinesAdded": it.accepted_added,
        "acceptedLinesDeleted": it.accepted_deleted,
        "totalApplies": it.applies,
        "totalAccepts": it.accepts,
        "totalRejects": it.rejects,
        "totalTabsShown": it.tabs_shown,
        "totalTabsAccepted": it.tabs_accepted,
        "composerRequests": it.composer,
        "chatRequests": it.chat,
        "agentRequests": it.agent,
        "cmdkUsages": it.cmdk,
        "bugbotUsages": it.bugbot,
        "subscriptionIncludedReqs": it.requests() - charged,
        "usageBasedReqs": charged,
        "apiKeyReqs": 0,
        "mostUsedModel": text("claude-4.6-sonnet"),
        "applyMostUsedExtension": text(".ts"),
        "tabMostUsedExtension": text(".rs"),
        "clientVersion": text("2.3.18"),
    })
}

fn events(site: &Site, question: &Question, bend: Bend) -> Result<Reply, Reply> {
    let (window, start, end) = range(site, question)?;
    let (page, size) = paging(question, 100)?;
    let all = site.world.cursor_events(window);
    let wanted = |event: &&CursorEvent| {
        let person = &site.world.people[event.person];
        (start..=end).contains(&event.at_ms)
            && question.email.as_ref().is_none_or(|email| person.email.as_ref() == Some(email))
            && question.user_id.is_none_or(|id| person.cursor_number == id)
    };
    let all: Vec<&CursorEvent> = all.iter().filter(wanted).collect();
    let shown = bend.page((page - 1).saturating_mul(size), size, all.len());
    let more = bend.repeat || shown.end < all.len();
    let rows: Vec<Value> = shown.map(|place| event_row(site, place, all[place])).collect();
    if bend.other_envelope {
        return Ok(Reply::json(200, &json!({"totalUsageEventsCount": all.len(), "usageEventsDisplay": rows})));
    }
    Ok(Reply::json(
        200,
        &json!({
            "totalUsageEventsCount": all.len(),
            "pagination": {
                "numPages": all.len().div_ceil(size),
                "currentPage": page,
                "pageSize": size,
                "hasNextPage": more,
                "hasPreviousPage": page > 1,
            },
            "usageEvents": rows,
            "period": {"startDate": start, "endDate": end},
        }),
    ))
}

fn event_row(site: &Site, place: usize, event: &CursorEvent) -> Value {
    let person = &site.world.people[event.person];
    // The documentation writes the kinds one way, live replies the other.
    let kind = match (event.chargeable, place.is_multiple_of(3)) {
        (true, false) => "Usage-based",
        (true, true) => "USAGE_EVENT_KIND_USAGE_BASED",
        (false, false) => "Included in Business",
        (false, true) => "USAGE_EVENT_KIND_INCLUDED_IN_BUSINESS",
    };
    let is_service = person.kind == Kind::ServiceAccount;
    let mut row = json!({
        "timestamp": event.at_ms.to_string(),
        "userEmail": person.email.as_deref().unwrap_or("nightly-agent@example.com"),
        "model": event.model,
        "kind": kind,
        "maxMode": event.max_mode,
        "requestsCosts": if event.max_mode { 5 } else { 1 },
        "isTokenBasedCall": event.tokens.is_some(),
        "isChargeable": event.chargeable,
        "isHeadless": is_service,
        "chargedCents": cents(event.charged_micros),
    });
    if let Some(conversation) = event.conversation {
        row["conversationId"] = json!(conversation_id(conversation));
    }
    if is_service {
        row["serviceAccountId"] = json!("sa_nightly01");
        row["serviceAccountName"] = json!(person.name);
    }
    if let Some(tokens) = event.tokens {
        row["tokenUsage"] = json!({
            "inputTokens": tokens.input,
            "outputTokens": tokens.output,
            "cacheWriteTokens": tokens.cache_write,
            "cacheReadTokens": tokens.cache_read,
            "totalCents": cents(event.charged_micros - event.fee_micros),
        });
        row["cursorTokenFee"] = json!(cents(event.fee_micros));
    }
    row
}

fn conversation_id(number: u64) -> String {
    let text = format!("{number:016x}");
    format!("{}-{}-4{}-8{}-{}0000", &text[..8], &text[8..12], &text[12..15], &text[1..4], &text[4..12])
}

/// First day of the running billing cycle.
fn spend(site: &Site, question: &Question, bend: Bend) -> Result<Reply, Reply> {
    let (page, size) = paging(question, 100)?;
    let today = site.world.today();
    let cycle = Window { from: today.month(), to: today };
    let mut spent: HashMap<usize, (i64, i64)> = HashMap::new();
    for event in site.world.cursor_events(cycle).iter() {
        let sums = spent.entry(event.person).or_default();
        sums.0 += event.charged_micros;
        sums.1 += if event.chargeable { event.charged_micros } else { 0 };
    }
    let term = question.search_term.as_deref().unwrap_or_default().to_lowercase();
    let matches = |p: &&Person| p.name.to_lowercase().contains(&term) || p.email.as_ref().is_some_and(|e| e.contains(&term));
    let people: Vec<&Person> = cursor_members(&site.world).filter(matches).collect();
    let shown = bend.page((page - 1).saturating_mul(size), size, people.len());
    let rows: Vec<Value> = people[shown]
        .iter()
        .map(|person| {
            let (value, on_demand) = spent.get(&person.index).copied().unwrap_or_default();
            json!({
                "userId": person.cursor_id,
                "name": person.name,
                "email": person.email,
                "role": role(person),
                "spendCents": cents(on_demand),
                "overallSpendCents": cents(value),
                "fastPremiumRequests": 0,
                "hardLimitOverrideDollars": 0,
                "monthlyLimitDollars": null,
                "effectivePerUserLimitDollars": 100,
            })
        })
        .collect();
    let total_pages = people.len().div_ceil(size);
    Ok(Reply::json(
        200,
        &json!({
            "teamMemberSpend": rows,
            "subscriptionCycleStart": cycle.from.start().millis(),
            "totalMembers": people.len(),
            "totalPages": total_pages,
        }),
    ))
}
