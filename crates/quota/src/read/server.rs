//! `GET /api/v1/status` of the Tacho server: the organization's month against its budget.

use super::fields::Fields;
use super::misread::Misread;
use super::told::Told;
use crate::{Limit, Meter, Milli, Unit};
use jiff::Timestamp;
use serde_json::Value;
use tacho_domain::Instant;

const MICROS_PER_DAY: i64 = 86_400_000_000;

pub(super) fn read(answer: &Value) -> Result<Told, Misread> {
    let answer = Fields::whole(answer, &["month", "by_tool", "organization"])?;
    let mut told = Told { account: answer.text("organization")?, ..Told::default() };
    let mut resets_at = None;
    if let Some(month) = answer.object("month")? {
        resets_at = month.instant("to")?.map(day_after);
        let limit = cents(&month, "budget_micros")?.filter(|budget| budget.0 > 0).map_or(Limit::Unknown, Limit::Of);
        match cents(&month, "spent_micros")? {
            Some(spent) => {
                told.meters.push(Meter::new("month", "this month", Unit::Cents, spent, limit)?);
                told.remarks.extend(of_month(&month)?);
            }
            None => told.remarks.push("What the month has cost is not known to the server yet.".to_owned()),
        }
    }
    for tool in answer.objects("by_tool")? {
        let (Some(id), Some(spent)) = (tool.text("tool")?, cents(&tool, "spent_micros")?) else { continue };
        let name = tool.text("name")?.unwrap_or_else(|| id.clone());
        told.meters.push(Meter::new(&format!("tool_{id}"), &name, Unit::Cents, spent, Limit::Unknown)?);
    }
    told.meters.iter_mut().for_each(|meter| meter.resets_at = resets_at);
    told.remarks.extend(own(&answer)?);
    told.remarks.extend(answer.instant("as_of")?.and_then(vendors_read));
    Ok(told)
}

/// Millionths of a dollar as cents. A month can begin with more credit notes than costs; nothing is spent then.
fn cents(fields: &Fields<'_>, key: &str) -> Result<Option<Milli>, Misread> {
    Ok(fields.micros(key)?.map(|micros| Milli(micros.max(0) / 10)))
}

/// The window's last day belongs to it; the count begins again on the next.
fn day_after(last: Instant) -> Instant {
    Instant(last.0.saturating_add(MICROS_PER_DAY))
}

fn of_month(month: &Fields<'_>) -> Result<Vec<String>, Misread> {
    let forecast = cents(month, "forecast_micros")?.map(|cents| format!("Forecast for the month: ${}.", dollars(cents)));
    let counted = match month.text("basis")?.as_deref() {
        Some("charged") => Some("Counted: use charged on top of subscriptions."),
        Some("value") => Some("Counted: all metered use at the vendors' prices, whether a subscription includes it or not."),
        Some("bill") => Some("Counted: seat fees and charged use, about what invoices will say."),
        _ => None,
    };
    let of_tools = listed("Of these tools only, since they have a budget", &month.texts("budget_of")?);
    let unknown = listed("At least this much, since no price is known for", &month.texts("unknown_model_names")?);
    Ok(forecast.into_iter().chain(counted.map(str::to_owned)).chain(of_tools).chain(unknown).collect())
}

fn listed(what: &str, names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{what}: {}.", names.join(", ")))
}

/// No age of this answer: vendors tell of costs once a day, and their mark of age would never go.
fn vendors_read(at: Instant) -> Option<String> {
    let at = Timestamp::from_microsecond(at.0).ok()?;
    Some(format!("The server last read the vendors on {}.", at.strftime("%Y-%m-%d at %H:%M UTC")))
}

fn dollars(cents: Milli) -> String {
    let whole = cents.0 / 1_000;
    format!("{}.{:02}", whole / 100, whole % 100)
}

fn own(answer: &Fields<'_>) -> Result<Option<String>, Misread> {
    let Some(me) = answer.object("me")? else { return Ok(None) };
    let (interactions, days) = (me.amount("interactions")?, me.amount("active_days")?);
    let (Some(interactions), Some(days)) = (interactions, days) else { return Ok(None) };
    let word = if days == Milli::whole(1) { "day" } else { "days" };
    Ok(Some(format!("You this month: {interactions} interactions on {days} active {word}.")))
}
