//! `GET /copilot_internal/user`: a person's Copilot quotas. The address is undocumented; what its fields mean was learnt from
//! answers of nine kinds of accounts and from open clients that read it
//! (<https://github.com/steipete/CodexBar>, <https://github.com/robinebers/openusage/blob/main/docs/providers/copilot.md>, read
//! 2026-11-21).

mod older;
mod snapshot;

use super::fields::Fields;
use super::misread::Misread;
use super::told::Told;
use serde_json::Value;
use snapshot::{Account, Quota};

/// Any of these makes it an answer about Copilot.
const KNOWN: &[&str] =
    &["login", "copilot_plan", "access_type_sku", "quota_snapshots", "limited_user_quotas", "monthly_quotas", "quota_reset_date"];

/// The quota that a bar shows first, whatever else there is.
const MAIN: &str = "premium_interactions";

/// The quotas that are known: id, what a person calls it.
const QUOTAS: [(&str, &str); 4] =
    [(MAIN, "premium requests"), ("chat", "chat messages"), ("completions", "completions"), ("chat_messages", "chat messages")];

pub(super) fn read(answer: &Value) -> Result<Told, Misread> {
    let user = Fields::whole(answer, KNOWN)?;
    let mut told = Told { account: user.text("login")?, plan: plan(&user)?, ..Told::default() };
    let placeholders = take_snapshots(&user, &mut told)?;
    if !told.measures() {
        told.meters.extend(older::meters(&user)?);
    }
    told.remarks.extend(gaps(&user, &told, &placeholders)?);
    told.leave_out_unlimited();
    put_in_order(&mut told);
    Ok(told)
}

/// Takes every quota that is known by name; the labels of those that are placeholders come back.
fn take_snapshots(user: &Fields<'_>, told: &mut Told) -> Result<Vec<&'static str>, Misread> {
    let Some(snapshots) = user.object("quota_snapshots")? else { return Ok(Vec::new()) };
    let account = Account::of(user)?;
    let mut placeholders = Vec::new();
    for (id, label) in QUOTAS {
        let Some(fields) = snapshots.object(id)? else { continue };
        match snapshot::read(&fields, id, label, &account)? {
            Quota::Placeholder => placeholders.push(label),
            Quota::Counted { meter, remark } => {
                told.meters.push(meter);
                told.remarks.extend(remark);
            }
        }
    }
    Ok(placeholders)
}

/// The plan in GitHub's word. The free plans are `individual` too; there only the stock-keeping unit tells.
fn plan(user: &Fields<'_>) -> Result<Option<String>, Misread> {
    let (plan, unit) = (user.text("copilot_plan")?, user.text("access_type_sku")?);
    let is_free = unit.as_ref().is_some_and(|unit| unit.starts_with("free_"));
    Ok(match plan {
        Some(plan) if !is_free || plan.starts_with("free") => Some(plan),
        plan => unit.or(plan),
    })
}

/// What GitHub did not tell, in words.
fn gaps(user: &Fields<'_>, told: &Told, placeholders: &[&str]) -> Result<Option<String>, Misread> {
    if !placeholders.is_empty() {
        let names = placeholders.join(", ");
        return Ok(Some(format!("GitHub tells 0 of 0 for {names}: either nothing is included or nothing is counted for you.")));
    }
    if !told.meters.is_empty() {
        return Ok(None);
    }
    let known = QUOTAS.map(|(id, _)| id);
    let unknown = user.object("quota_snapshots")?.is_some_and(|snapshots| snapshots.has_others_than(&known));
    let text = if unknown {
        "GitHub told of quotas that this version does not know."
    } else {
        "GitHub told of no quota for this account."
    };
    Ok(Some(text.to_owned()))
}

/// Premium requests first; without them the one that runs out first.
fn put_in_order(told: &mut Told) {
    told.meters.sort_by_key(|meter| (meter.id != MAIN, std::cmp::Reverse(meter.percent())));
}
