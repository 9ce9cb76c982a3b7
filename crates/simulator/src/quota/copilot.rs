//! `GET /copilot_internal/user` in every shape that was seen of it.
//!
//! The endpoint is undocumented. The shapes are those that clients in the open handle, for example
//! <https://github.com/steipete/CodexBar> and <https://github.com/robinebers/openusage>, read 2026-11-21.

use crate::quota::accounts::Copilot;
use crate::quota::usage::{Standing, instant};
use serde_json::{Value, json};

/// The answer for a kind of account.
pub(crate) fn body(login: &str, kind: Copilot, at: &Standing) -> Value {
    let (plan, sku) = plan(kind);
    let mut body = json!({"login": login, "copilot_plan": plan, "access_type_sku": sku});
    match kind {
        // The older free plan tells what is left beside what there is a month, and nothing else.
        Copilot::FreeOld => {
            body["limited_user_reset_date"] = json!(at.next_month());
            body["monthly_quotas"] = json!({"chat": at.limit, "completions": 4_000});
            body["limited_user_quotas"] = json!({"chat": at.left(), "completions": 4_000 - at.beside(4_000, 300)});
            return body;
        }
        Copilot::UserBudget | Copilot::Placeholder | Copilot::Unlimited | Copilot::CreditsOnly => {
            body["organization_login_list"] = json!(["octo-demo"]);
        }
        _ => {}
    }
    if !matches!(kind, Copilot::Paid | Copilot::Overage | Copilot::Free) {
        body["token_based_billing"] = json!(true);
    }
    // Placeholders come without a date.
    if kind != Copilot::Placeholder {
        body["quota_reset_date"] = json!(at.next_month());
        body["quota_reset_date_utc"] = json!(instant(at.next_month()));
    }
    body["quota_snapshots"] = snapshots(kind, at);
    body
}

const fn plan(kind: Copilot) -> (&'static str, &'static str) {
    match kind {
        Copilot::Paid => ("individual", "plus_monthly_subscriber_quota"),
        Copilot::Free | Copilot::FreeCredits => ("individual", "free_limited_copilot"),
        Copilot::FreeOld => ("free", "free_limited_copilot"),
        Copilot::Student => ("individual", "free_educational_quota"),
        Copilot::Overage => ("individual_pro", "individual_pro"),
        Copilot::Unlimited | Copilot::Placeholder | Copilot::CreditsOnly | Copilot::UserBudget => {
            ("business", "copilot_for_business_seat_quota")
        }
    }
}

fn snapshots(kind: Copilot, at: &Standing) -> Value {
    match kind {
        Copilot::Free | Copilot::FreeCredits => json!({
            "chat": measured("chat", at),
            "completions": measured("completions", &Standing { used: f64::from(at.beside(2_000, 100)), limit: 2_000.0, ..*at }),
            "premium_interactions": nothing("premium_interactions", 0),
        }),
        Copilot::Placeholder => json!({
            "premium_interactions": nothing("premium_interactions", 100),
            "chat": nothing("chat", 100),
            "completions": nothing("completions", 100),
        }),
        Copilot::Unlimited => json!({
            "premium_interactions": unlimited("premium_interactions"),
            "chat": unlimited("chat"),
            "completions": unlimited("completions"),
        }),
        // An organization's seat: the pool is not the person's, so there is a count and nothing to hold it against.
        Copilot::CreditsOnly => {
            let mut premium = unlimited("premium_interactions");
            premium["credits_used"] = json!(at.used);
            let mut chat = unlimited("chat");
            chat["credits_used"] = json!(0);
            json!({"premium_interactions": premium, "chat": chat})
        }
        Copilot::UserBudget => json!({"premium_interactions": {
            "entitlement": at.limit,
            "quota_remaining": at.left(),
            "percent_remaining": left_percent(at),
            "token_based_billing": true,
        }}),
        Copilot::Overage => {
            let mut premium = measured("premium_interactions", at);
            premium["overage_permitted"] = json!(true);
            json!({"premium_interactions": premium, "chat": unlimited("chat")})
        }
        Copilot::Paid | Copilot::Student | Copilot::FreeOld => json!({
            "premium_interactions": measured("premium_interactions", at),
            "chat": unlimited("chat"),
            "completions": unlimited("completions"),
        }),
    }
}

fn left_percent(at: &Standing) -> f64 {
    ((100.0 - at.percent()) * 10.0).round() / 10.0
}

fn measured(id: &str, at: &Standing) -> Value {
    json!({
        "quota_id": id,
        "entitlement": at.limit,
        "remaining": at.left().floor(),
        "quota_remaining": at.left(),
        "percent_remaining": left_percent(at),
        "unlimited": false,
        "has_quota": at.left() > 0.0,
        "overage_count": (-at.left()).max(0.0),
        "overage_permitted": false,
        "timestamp_utc": instant(at.today),
    })
}

fn unlimited(id: &str) -> Value {
    json!({"quota_id": id, "unlimited": true, "entitlement": 0, "remaining": 0, "percent_remaining": 100.0, "overage_count": 0})
}

fn nothing(id: &str, percent_remaining: u32) -> Value {
    json!({"quota_id": id, "unlimited": false, "entitlement": 0, "remaining": 0, "percent_remaining": percent_remaining})
}
