//! The switches over HTTP, for tests that are not written in Rust: use, faults, the current day.

use crate::faults::{Endpoint, Fault, Rule};
use crate::quota::accounts::{ACCOUNTS, Moved, find};
use crate::quota::switches::unknown;
use crate::quota::usage::{Standing, tool};
use crate::reply::Reply;
use crate::site::{Asked, Site};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tacho_domain::Day;

const ENDPOINTS: [Endpoint; 6] = [
    Endpoint::CopilotQuota,
    Endpoint::ClaudeQuota,
    Endpoint::CodexQuota,
    Endpoint::CursorQuota,
    Endpoint::CursorOldQuota,
    Endpoint::OpencodeQuota,
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Use {
    tool: String,
    account: String,
    used: Option<f64>,
    limit: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    tool: String,
    fault: String,
    retry_after: Option<u32>,
    times: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Today {
    day: Day,
}

/// Does what a call below `/simulator` says.
pub(crate) fn answer(site: &Site, asked: &Asked, what: &[&str]) -> Reply {
    let done = match (asked.method.as_str(), what) {
        ("GET", []) => return Reply::json(200, &told(site)),
        ("POST", ["use"]) => read(asked).and_then(|wanted| set_use(site, &wanted)),
        ("POST", ["faults"]) => read(asked).and_then(|wanted| add_fault(site, &wanted)),
        ("POST", ["today"]) => read(asked).map(|Today { day }| site.world.set_today(day)),
        ("DELETE", ["faults"]) => {
            site.faults.clear();
            site.faults.release();
            Ok(())
        }
        ("POST", ["release"]) => {
            site.faults.release();
            Ok(())
        }
        _ => Err(format!("`{} {}` is not known here", asked.method, asked.uri.path())),
    };
    match done {
        Ok(()) => Reply::json(200, &json!({"ok": true})),
        Err(why) => Reply::json(400, &json!({"error": why})),
    }
}

fn read<T: DeserializeOwned>(asked: &Asked) -> Result<T, String> {
    serde_json::from_slice(&asked.body).map_err(|error| error.to_string())
}

fn set_use(site: &Site, wanted: &Use) -> Result<(), String> {
    let account = find(&wanted.tool, &wanted.account).ok_or_else(|| unknown(&wanted.tool, &wanted.account).to_string())?;
    site.quota.set(account, wanted.used.map(|used| Moved { used, limit: wanted.limit }));
    Ok(())
}

fn add_fault(site: &Site, wanted: &Wrong) -> Result<(), String> {
    let fault = fault(wanted)?;
    let mut known = false;
    for endpoint in ENDPOINTS.into_iter().filter(|endpoint| tool(*endpoint) == wanted.tool) {
        let rule = Rule::always(endpoint, fault.clone());
        site.faults.add(match wanted.times {
            Some(times) => rule.times(times),
            None => rule,
        });
        known = true;
    }
    if known { Ok(()) } else { Err(format!("`{}` is no tool here: copilot, claude, codex, cursor or opencode", wanted.tool)) }
}

fn fault(wanted: &Wrong) -> Result<Fault, String> {
    let status = wanted.fault.parse::<u16>().ok().filter(|status| (400..600).contains(status));
    match (wanted.fault.as_str(), status) {
        ("hang", _) => Ok(Fault::Slow),
        ("reset", _) => Ok(Fault::CutBody),
        ("invalid-json", _) => Ok(Fault::InvalidJson),
        ("wrong-shape", _) => Ok(Fault::NoReportText),
        (_, Some(429)) => Ok(Fault::RateLimited { retry_after_seconds: wanted.retry_after }),
        (_, Some(status)) => Ok(Fault::Status(status)),
        (other, None) => Err(format!("`{other}` is no fault here: a status from 400, hang, reset, invalid-json or wrong-shape")),
    }
}

/// Accounts with their tokens and their use today, and how often each tool was asked.
fn told(site: &Site) -> Value {
    let accounts: Vec<Value> = ACCOUNTS
        .iter()
        .map(|account| {
            let at = Standing::of(site, account);
            let token = site.quota.token(account);
            json!({"tool": account.shape.tool(), "account": account.name, "token": token, "used": at.used, "limit": at.limit})
        })
        .collect();
    let traffic = site.traffic.all();
    let mut calls = serde_json::Map::new();
    for endpoint in ENDPOINTS {
        let asked = traffic.get(&endpoint).map_or(0, |calls| calls.calls);
        let sum = calls.get(tool(endpoint)).and_then(Value::as_u64).unwrap_or(0) + asked;
        calls.insert(tool(endpoint).to_owned(), json!(sum));
    }
    json!({"today": site.world.today(), "accounts": accounts, "calls": calls})
}
