//! What pages and REST do with budgets and with seats that are not to be called idle: each act is done once, here, and
//! written down.

use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::people::{Refused, at, by, member};
use crate::problem::Problem;
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_domain::budget::{Basis, Budget};
use tacho_domain::seats::{ExclusionReason, SeatExclusion};
use tacho_domain::{Day, Money, SubjectId, ToolId};

/// No month costs more: a billion dollars.
const MOST: Money = Money(1_000_000_000_000_000);

/// A tool by its id; `None`: all of them.
fn tool(site: &Site, id: Option<&str>) -> Result<Option<ToolId>, Refused> {
    let Some(id) = id else { return Ok(None) };
    if let Some(profile) = site.tools().iter().find(|profile| profile.id == id) {
        return Ok(Some(ToolId::new(profile.id)));
    }
    let known: Vec<String> = site.tools().iter().map(|profile| format!("`{}`", profile.id)).collect();
    Err(Refused::Field("tool", format!("is no tool: send one of {}, or none for all of them", known.join(", "))))
}

/// What a tool is called; all of them where none is named.
pub(crate) fn tool_name(site: &Site, id: Option<&ToolId>) -> String {
    let Some(id) = id else { return "All tools".to_owned() };
    let profile = site.tools().iter().find(|profile| profile.id == id.as_str());
    profile.map_or_else(|| id.to_string(), |profile| profile.name.to_owned())
}

fn no_budget(id: i64) -> Problem {
    Problem::not_found(format!("There is no budget `{id}`."))
}

/// Sets what may be spent in a month on a tool, or on all of them together.
pub(crate) async fn put_budget(
    site: &Site,
    caller: &Caller,
    tool_id: Option<&str>,
    (basis, monthly): (Basis, Money),
) -> Result<Budget, Refused> {
    let tool = tool(site, tool_id)?;
    if monthly.0 <= 0 || monthly > MOST {
        return Err(Refused::Field("monthly_micros", "must be more than nothing and at most a billion dollars".into()));
    }
    let (store, organization) = (site.store(), caller.organization);
    let id = store
        .put_budget(organization, tool.as_ref(), (basis, monthly), by(caller), site.now())
        .await
        .map_err(at("monthly_micros"))?;
    let detail = json!({ "done": "set", "basis": basis, "monthly_micros": monthly });
    audit::note(site, caller, Action::BudgetChanged, &format!("budget of {}", tool_name(site, tool.as_ref())), detail).await?;
    Ok(Budget { id, tool, basis, monthly })
}

/// Takes a budget away.
pub(crate) async fn remove_budget(site: &Site, caller: &Caller, id: i64) -> Result<(), Refused> {
    let known = site.store().list_budgets(caller.organization).await?;
    let budget = known.into_iter().find(|budget| budget.id == id).ok_or_else(|| no_budget(id))?;
    if !site.store().remove_budget(caller.organization, id).await? {
        return Err(no_budget(id).into());
    }
    let detail = json!({ "done": "removed", "basis": budget.basis, "monthly_micros": budget.monthly });
    let target = format!("budget of {}", tool_name(site, budget.tool.as_ref()));
    Ok(audit::note(site, caller, Action::BudgetChanged, &target, detail).await?)
}

/// Whose seats stay, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Staying<'a> {
    pub(crate) member: SubjectId,
    /// A tool's id; `None`: every seat of theirs.
    pub(crate) tool: Option<&'a str>,
    pub(crate) reason: ExclusionReason,
    pub(crate) until: Option<Day>,
}

fn no_exclusion(id: i64) -> Problem {
    Problem::not_found(format!("There is no exclusion `{id}`."))
}

/// Says that a member's seats are not idle. What was said of the same seats before is replaced.
pub(crate) async fn put_exclusion(site: &Site, caller: &Caller, staying: Staying<'_>) -> Result<SeatExclusion, Refused> {
    let tool = tool(site, staying.tool)?;
    member(site, caller, staying.member).await?;
    let now = site.now();
    if staying.until.is_some_and(|until| until < now.day()) {
        return Err(Refused::Field("until", "The last day is in the past.".into()));
    }
    let (reason, until, who) = (staying.reason, staying.until, staying.member);
    let put = site.store().put_seat_exclusion(caller.organization, (who, tool.as_ref()), (reason, until), by(caller), now);
    let Some(id) = put.await? else {
        return Err(Refused::Conflict("member", "is merged into another one or pseudonymised: choose who they are now".into()));
    };
    let detail = json!({ "done": "set", "tool": tool, "reason": reason, "until": until });
    audit::note(site, caller, Action::SeatExclusionChanged, &format!("member {}", who.0), detail).await?;
    Ok(SeatExclusion { id, member: who, tool, reason, until })
}

/// Takes an exclusion away.
pub(crate) async fn remove_exclusion(site: &Site, caller: &Caller, id: i64) -> Result<(), Refused> {
    let known = site.store().list_seat_exclusions(caller.organization).await?;
    let exclusion = known.into_iter().find(|one| one.id == id).ok_or_else(|| no_exclusion(id))?;
    if !site.store().remove_seat_exclusion(caller.organization, id).await? {
        return Err(no_exclusion(id).into());
    }
    let detail = json!({ "done": "removed", "tool": exclusion.tool, "reason": exclusion.reason });
    Ok(audit::note(site, caller, Action::SeatExclusionChanged, &format!("member {}", exclusion.member.0), detail).await?)
}

/// Dollars as a person types them: `1,250.50`, with a dollar sign or without.
pub(crate) fn dollars(text: &str) -> Result<Money, String> {
    let why = || "Type an amount in dollars, such as 500 or 1,250.50.".to_owned();
    let plain: String = text.trim().trim_start_matches('$').trim().replace(',', "");
    let (whole, cents) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(cents) || cents.len() > 2 {
        return Err(why());
    }
    let whole: i64 = whole.parse().map_err(|_| why())?;
    let cents: i64 = format!("{cents:0<2}").parse().map_err(|_| why())?;
    let micros = whole.checked_mul(1_000_000).and_then(|micros| micros.checked_add(cents * 10_000));
    match micros.map(Money) {
        Some(money) if money.0 > 0 && money <= MOST => Ok(money),
        Some(Money(0)) => Err("A budget must be more than nothing.".to_owned()),
        _ => Err("That is more than a billion dollars.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (text, micros) in [("500", 500_000_000), (" $1,250.5 ", 1_250_500_000), ("0.01", 10_000), ("1000000000", MOST.0)] {
            assert_eq!(dollars(text), Ok(Money(micros)), "{text}");
        }
        for text in ["", "0", "0.00", "-5", "1.234", "12e3", "1.2.3", "five", "1000000001", "99999999999999999999"] {
            assert!(dollars(text).is_err(), "{text}");
        }
    }
}
