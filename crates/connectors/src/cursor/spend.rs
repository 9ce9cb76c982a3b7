//! What the current billing cycle has come to: `POST /teams/spend`, the vendor's own totals to reconcile events with.

use super::{FIRST, FURTHER, ID, Millis, SPEND, page_after, page_of, profile};
use crate::json::{self, Known, first_value, has_key};
use crate::{Answer, Auth, Call, Misread, Read, Reply, Settings, Sink};
use serde::Deserialize;
use serde_json::json;
use tacho_domain::measure::plus;
use tacho_domain::reconcile::{Ours, VendorTotal};
use tacho_domain::{Fact, Measure, Money, TotalFact, Window};

/// The first page of members with their spend.
pub(super) fn call(window: Window, settings: &Settings, rows: u32) -> Call {
    let url = settings.url(&profile::PROFILE, &["teams", "spend"]);
    Call::post(SPEND, FIRST, window, url, Auth::BasicUser, json!({ "page": 1, "pageSize": rows }).to_string())
}

/// Reads a page into the totals `spend_micros` (charged on demand) and `overall_spend_micros` (with what is included) of
/// the cycle so far, on the day of the call, and the day on which the cycle began. Each page gives its part; totals of one name and day are added up.
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
    let began = page.subscription_cycle_start.as_ref().and_then(Millis::day);
    if let Some(day_one) = began.filter(|_| call.step == FIRST) {
        sink.fact(Fact::Total(TotalFact { day, name: CYCLE.to_owned(), value: i64::from(day_one.0) }));
    }
    let (number, rows) = page_of(call);
    let more = !call.is_replay() && !page.team_member_spend.is_empty() && page.total_pages.is_some_and(|pages| number < pages);
    Ok(Read::more(Answer::Given, if more { vec![page_after(call, rows)] } else { Vec::new() }))
}

/// The total that tells the cycle's first day, as an epoch day.
const CYCLE: &str = "cycle_first_day";

/// The cycle's spend should equal the events of its days.
pub(super) static TOTALS: &[VendorTotal] = &[
    VendorTotal {
        stream: SPEND,
        name: "overall_spend_micros",
        label: "Value of the billing cycle so far",
        ours: Ours::SinceCycleBegan { first_day: CYCLE, measure: Measure::Cost },
        when_less: "The cycle began before the days that were read, or Cursor settled prices after the events were read.",
        when_more: "Cursor tells the spend of who is a member today: what those spent who left is in ours alone.",
        when_absent: "",
    },
    VendorTotal {
        stream: SPEND,
        name: "spend_micros",
        label: "Charged in the billing cycle so far",
        ours: Ours::SinceCycleBegan { first_day: CYCLE, measure: Measure::Billed },
        when_less: "The cycle began before the days that were read, or Cursor settled prices after the events were read.",
        when_more: "Cursor tells the spend of who is a member today: what those spent who left is in ours alone.",
        when_absent: "",
    },
];

/// A saved page names only the day its cycle began, so its totals stand on that day.
pub(super) fn recognise(head: &str) -> Option<Call> {
    if !has_key(head, "teamMemberSpend") {
        return None;
    }
    let day = Millis::Text(first_value(head, "subscriptionCycleStart")?.to_owned()).day()?;
    // A file may be any page, so it does not tell when the cycle began: several pages would add their days up.
    Some(Call::replay(SPEND, FURTHER, Window::day(day)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    team_member_spend: Vec<Member>,
    total_pages: Option<u64>,
    #[serde(default)]
    _total_members: Known,
    subscription_cycle_start: Option<Millis>,
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
