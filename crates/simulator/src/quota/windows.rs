//! Vendors that tell a share of rolling windows: Claude, Codex, OpenCode.
//!
//! The endpoints are undocumented; the shapes are those that clients in the open handle, for example
//! <https://github.com/steipete/CodexBar>, read 2026-11-21.

use crate::quota::usage::{Standing, instant};
use serde_json::{Value, json};
use tacho_domain::Day;

fn tomorrow(at: &Standing) -> Day {
    at.today.plus(1)
}

fn next_week(at: &Standing) -> Day {
    at.today.week().plus(7)
}

/// `GET api.anthropic.com/api/oauth/usage`: windows, the list of limits that came beside them in 2026, extra use in cents.
pub(crate) fn claude(extra: bool, at: &Standing) -> Value {
    let (session, week) = (instant(tomorrow(at)), instant(next_week(at)));
    let mut body = json!({
        "five_hour": {"utilization": at.percent(), "resets_at": session},
        "seven_day": {"utilization": at.beside(100, 600), "resets_at": week},
        "seven_day_opus": null,
        "seven_day_sonnet": null,
    });
    if extra {
        body["extra_usage"] = json!({"is_enabled": true, "monthly_limit": 2_050, "used_credits": at.beside(2_050, 500)});
        return body;
    }
    let limit = |kind: &str, group: &str, percent: f64, resets_at: &str, scope: Value| json!({"kind": kind, "group": group, "percent": percent, "resets_at": resets_at, "scope": scope, "is_active": group == "session"});
    let model = json!({"model": {"id": null, "display_name": "Opus"}, "surface": null});
    body["limits"] = json!([
        limit("session", "session", at.percent(), &session, Value::Null),
        limit("weekly_all", "weekly", f64::from(at.beside(100, 600)), &week, Value::Null),
        limit("weekly_scoped", "weekly", f64::from(at.beside(100, 250)), &week, model),
    ]);
    body
}

/// `GET chatgpt.com/backend-api/wham/usage`: windows by their length, and those of single models.
pub(crate) fn codex(at: &Standing) -> Value {
    let window = |percent: f64, until: Day, seconds: u32| json!({"used_percent": percent, "reset_at": until.start().millis() / 1_000, "limit_window_seconds": seconds});
    let windows = |percent: f64, week: f64| {
        json!({
            "allowed": percent < 100.0,
            "limit_reached": percent >= 100.0,
            "primary_window": window(percent, tomorrow(at), 18_000),
            "secondary_window": window(week, next_week(at), 604_800),
        })
    };
    json!({
        "plan_type": "pro",
        "rate_limit": windows(at.percent(), f64::from(at.beside(100, 450))),
        "additional_rate_limits": [{
            "limit_name": "GPT-5.3-Codex-Spark",
            "metered_feature": "gpt_5_3_codex_spark",
            "rate_limit": windows(f64::from(at.beside(100, 300)), f64::from(at.beside(100, 200))),
        }],
        "credits": {"has_credits": false, "unlimited": false, "balance": "0"},
    })
}

/// `GET opencode.ai/zen/go/v1/usage`: three windows.
pub(crate) fn opencode(at: &Standing) -> Value {
    let window = |percent: f64, until: Day| json!({"percent": percent, "resetsAt": instant(until)});
    json!({"usage": {
        "rolling": window(at.percent(), tomorrow(at)),
        "weekly": window(f64::from(at.beside(100, 500)), next_week(at)),
        "monthly": window(f64::from(at.beside(100, 600)), at.next_month()),
    }})
}
