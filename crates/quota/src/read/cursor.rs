//! Cursor's billing cycle: `GET /api/usage-summary` in cents, and the older `GET /api/usage` in requests. Both addresses are
//! undocumented; what they tell: <https://github.com/robinebers/openusage/blob/main/docs/providers/cursor.md> (read 2026-11-21).

use super::fields::Fields;
use super::misread::Misread;
use super::told::Told;
use crate::{Limit, Meter, Milli, Unit};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;
use tacho_domain::Instant;

/// Fields of the present answer.
const SUMMARY: &[&str] = &["billingCycleEnd", "membershipType", "limitType", "isUnlimited", "individualUsage", "teamUsage"];

/// The one entry of the older answer that counts against the plan; the others are models of the past.
const COUNTED: &str = "gpt-4";

pub(super) fn read(answer: &Value) -> Result<Told, Misread> {
    let fields = Fields::whole(answer, &[SUMMARY, &[COUNTED, "startOfMonth"]].concat())?;
    let mut told = if SUMMARY.iter().any(|key| fields.has(key)) { summary(&fields)? } else { older(&fields)? };
    told.leave_out_unlimited();
    Ok(told)
}

fn summary(answer: &Fields<'_>) -> Result<Told, Misread> {
    let mut told = Told { plan: answer.text("membershipType")?, ..Told::default() };
    let person = answer.object("individualUsage")?;
    let team = answer.object("teamUsage")?;
    let on_demand = used_part(person.as_ref(), "onDemand")?;
    if let Some(plan) = used_part(person.as_ref(), "plan")?
        && let Some(mut meter) = part(&plan, "plan", "included usage")?
    {
        meter.overage_permitted = goes_on(person.as_ref(), team.as_ref())?;
        told.meters.push(meter);
    }
    if answer.flag("isUnlimited")? == Some(true) && told.meters.is_empty() {
        told.meters.push(Meter::new("plan", "included usage", Unit::Cents, Milli(0), Limit::Unlimited)?);
    }
    // One's own limit says more than the sum over all colleagues.
    let rest = match on_demand {
        Some(own) => part(&own, "on_demand", "on-demand usage")?,
        None => match used_part(team.as_ref(), "onDemand")? {
            Some(shared) => part(&shared, "team_on_demand", "the team's on-demand usage")?,
            None => None,
        },
    };
    told.meters.extend(rest);
    if let Some(pooled) = used_part(team.as_ref(), "pooled")? {
        told.meters.extend(part(&pooled, "team_pool", "the team's pool")?);
    }
    let resets_at = answer.instant("billingCycleEnd")?;
    told.meters.iter_mut().for_each(|meter| meter.resets_at = resets_at);
    Ok(told)
}

/// Whether use beyond the plan goes on, on one's own account or the team's; `None` where neither is told.
fn goes_on(person: Option<&Fields<'_>>, team: Option<&Fields<'_>>) -> Result<Option<bool>, Misread> {
    let mut answer = None;
    for whole in [person, team].into_iter().flatten() {
        if let Some(part) = whole.object("onDemand")? {
            answer = Some(answer == Some(true) || part.flag("enabled")? != Some(false));
        }
    }
    Ok(answer)
}

/// A part that is not switched off.
fn used_part<'a>(whole: Option<&Fields<'a>>, key: &str) -> Result<Option<Fields<'a>>, Misread> {
    let Some(part) = whole.map(|whole| whole.object(key)).transpose()?.flatten() else { return Ok(None) };
    Ok((part.flag("enabled")? != Some(false)).then_some(part))
}

/// The meter of one part: in cents against its limit, else the share, else the cents alone.
fn part(part: &Fields<'_>, id: &str, label: &str) -> Result<Option<Meter>, Misread> {
    let limit = part.amount("limit")?.filter(|limit| limit.0 > 0);
    let by_remainder = |remaining: Milli| limit.map(|limit| Milli((limit.0 - remaining.0).max(0)));
    let used = part.amount("used")?.or(part.number("remaining")?.and_then(by_remainder));
    let (used, limit, unit) = match (used, limit, part.amount("totalPercentUsed")?) {
        (Some(used), Some(limit), _) => (used, Limit::Of(limit), Unit::Cents),
        (_, _, Some(share)) => (share, Limit::Of(Milli::whole(100)), Unit::Percent),
        (Some(used), None, None) => (used, Limit::Unknown, Unit::Cents),
        (None, _, None) => return Ok(None),
    };
    Ok(Some(Meter::new(id, label, unit, used, limit)?))
}

fn older(answer: &Fields<'_>) -> Result<Told, Misread> {
    let mut told = Told::default();
    if let Some(counted) = answer.object(COUNTED)? {
        let limit = counted.amount("maxRequestUsage")?.filter(|limit| limit.0 > 0).map_or(Limit::Unknown, Limit::Of);
        if let Some(used) = counted.amount("numRequests")? {
            let mut meter = Meter::new("requests", "requests", Unit::Requests, used, limit)?;
            meter.resets_at = answer.instant("startOfMonth")?.and_then(a_month_later);
            told.meters.push(meter);
        }
    }
    Ok(told)
}

/// `startOfMonth` is when the month of the account began, not the calendar's; it ends on the same day of the next.
fn a_month_later(start: Instant) -> Option<Instant> {
    let start = Timestamp::from_microsecond(start.0).ok()?.to_zoned(TimeZone::UTC);
    let end = start.checked_add(1.month()).ok()?;
    Some(Instant(end.timestamp().as_microsecond()))
}
