//! What the current billing cycle has come to: `POST /teams/spend`, the vendor's own totals to reconcile events with.

use super::{FIRST, ID, Millis, SPEND, page_after, page_of, profile};
use crate::json::{self, Known, first_value, has_key};
use crate::{Answer, Auth, Call, Misread, Read, Reply, Settings, Sink};
use serde::Deserialize;
use serde_json::json;
use tacho_domain::measure::plus;
use tacho_domain::{Fact, Money, TotalFact, Window};

/// The first page of members with their spend.
pub(super) fn call(window: Window, settings: &Settings, rows: u32) -> Call {
    let url = settings.url(&profile::PROFILE, &["teams", "spend"]);
    Call::post(SPEND, FIRST, window, url, Auth::BasicUser, json!({ "page": 1, "pageSize": rows }).to_string())
}

/// Reads a page into the totals `spend_micros` (charged on demand) and `overall_spend_micros` (with what is included) of
/// the cycle so far, on the day of the call. Each page gives its part; totals of one name and day are added up.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let page: Page = json::whole(ID, call, reply, sink)?;
    let day = call.window.from;
    // Cents with fractions since 2026-06-04: <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.
    let sum = |cents: fn(&Member) -> Option<f64>| {
        let members = page.team_member_spend.iter();
        members.map(|member| cents(member).and_then(Money::from_cents).map(|money| money.0)).fold(None, plus)
    };
    let totals =
        [("spend_micros", sum(|member| member.spend_cents)), ("overall_spend_micros", sum(|member| member.overall_spend_cents))];
    for (name, value) in totals {
        // Members come in the order of their spend, so many pages of a large team may come to nothing. They say nothing:
        // pages with the same facts would look like one page sent twice.
        if let Some(value) = value.filter(|value| call.step == FIRST || *value != 0) {
            sink.fact(Fact::Total(TotalFact { day, name: name.to_owned(), value }));
        }
    }
    let (number, rows) = page_of(call);
    let more = !call.is_replay() && !page.team_member_spend.is_empty() && page.total_pages.is_some_and(|pages| number < pages);
    Ok(Read::more(Answer::Given, if more { vec![page_after(call, rows)] } else { Vec::new() }))
}

/// A saved page names only the day its cycle began, so its totals stand on that day.
pub(super) fn recognise(head: &str) -> Option<Call> {
    if !has_key(head, "teamMemberSpend") {
        return None;
    }
    let day = Millis::Text(first_value(head, "subscriptionCycleStart")?.to_owned()).day()?;
    Some(Call::replay(SPEND, FIRST, Window::day(day)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    team_member_spend: Vec<Member>,
    total_pages: Option<u64>,
    #[serde(default)]
    _total_members: Known,
    #[serde(default)]
    _subscription_cycle_start: Known,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    spend_cents: Option<f64>,
    overall_spend_cents: Option<f64>,
    #[serde(default)]
    _user_id: Known,
    #[serde(default)]
    _name: Known,
    #[serde(default)]
    _email: Known,
    #[serde(default)]
    _role: Known,
    #[serde(default)]
    _fast_premium_requests: Known,
    #[serde(default)]
    _hard_limit_override_dollars: Known,
    #[serde(default)]
    _monthly_limit_dollars: Known,
    #[serde(default)]
    _effective_per_user_limit_dollars: Known,
}
