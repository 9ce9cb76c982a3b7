//! Cursor's usage summary of one person, and the answer that came before it.
//!
//! The endpoints are undocumented; the shapes are those that clients in the open handle, for example
//! <https://github.com/steipete/CodexBar>, read 2026-11-21.

use crate::quota::accounts::Cursor;
use crate::quota::usage::{Standing, instant};
use serde_json::{Value, json};

/// The answer for a kind of account; amounts in cents.
pub(crate) fn body(kind: Cursor, at: &Standing) -> Value {
    let cycle = |membership: &str, individual: Value, team: Value| {
        json!({
            "billingCycleStart": instant(at.today.month()),
            "billingCycleEnd": instant(at.next_month()),
            "membershipType": membership,
            "individualUsage": individual,
            "teamUsage": team,
        })
    };
    let money = |used: f64, limit: f64| json!({"enabled": true, "used": used, "limit": limit, "remaining": limit - used});
    match kind {
        Cursor::Pro => {
            let mut plan = money(at.used, at.limit);
            plan["totalPercentUsed"] = json!(at.percent());
            let on_demand = money(f64::from(at.beside(10_000, 100)), 10_000.0);
            cycle("pro", json!({"plan": plan, "onDemand": on_demand}), json!({}))
        }
        // A seat of a team: the plan has no amount of its own, the person's own on-demand limit counts.
        Cursor::Enterprise => {
            let share = f64::from(at.beside(100, 90));
            let plan =
                json!({"enabled": true, "limit": 0, "autoPercentUsed": 0, "apiPercentUsed": share, "totalPercentUsed": share});
            let team = money(f64::from(at.beside(600_000, 200)), 600_000.0);
            let mut body =
                cycle("enterprise", json!({"plan": plan, "onDemand": money(at.used, at.limit)}), json!({"onDemand": team}));
            body["limitType"] = json!("team");
            body
        }
        Cursor::Old => json!({
            "gpt-4": {"numRequests": at.used, "numRequestsTotal": at.used, "maxRequestUsage": at.limit},
            "startOfMonth": instant(at.today.month()),
        }),
    }
}
