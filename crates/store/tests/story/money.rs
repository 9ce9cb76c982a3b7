//! Seats and costs: what the reports read, budgets, and seats that are not to be called idle.

use crate::members::{ADMIN, called, member};
use crate::organization::*;
use crate::{Told, engines};
use tacho_domain::budget::Basis;
use tacho_domain::report::{Amount, Cell, Question, Report, ReportName};
use tacho_domain::seats::ExclusionReason;
use tacho_domain::{
    Day, Fact, IdentityRef, IntegrationId, Measure, Money, OrganizationId, SeatFact, SliceState, StreamRole, SubjectId, Window,
};
use tacho_store::{By, Known, SliceWrite, Store};

async fn report(store: &Store, organization: OrganizationId, name: ReportName, window: Window) -> Report {
    let known = Known { profiles: &TOOLS, today: window.to.plus(1) };
    store.report(&name, &Question::overview(organization, window), &known).await.unwrap().unwrap()
}

/// The chapter of the story: the organization has the members and seats of the chapters before.
pub(crate) async fn tell_money(store: &Store, organization: OrganizationId, told: &mut Told) {
    let ada = member(store, organization, "ada@acme.example").await.id;
    let bob = member(store, organization, "bob@acme.example").await.id;
    let (leave, until) = (ExclusionReason::Leave, Some(day("2026-04-01")));
    let first = store.put_seat_exclusion(organization, (ada, Some(&COPILOT)), (leave, until), ADMIN, NOW).await.unwrap();
    let again = (ExclusionReason::AllowList, None);
    let same = store.put_seat_exclusion(organization, (ada, Some(&COPILOT)), again, By::Token, NOW).await.unwrap();
    assert_eq!(first, same, "what was said of the same seats is replaced");
    let other = store.put_seat_exclusion(organization, (bob, None), (leave, until), ADMIN, NOW).await.unwrap().unwrap();
    assert!(store.put_seat_exclusion(organization, (SubjectId(9_999), None), again, ADMIN, NOW).await.unwrap().is_none());
    told.tell("exclusions", store.list_seat_exclusions(organization).await.unwrap());
    assert!(store.remove_seat_exclusion(organization, other).await.unwrap());
    assert!(!store.remove_seat_exclusion(organization, other).await.unwrap());
    let put = async |tool, basis, dollars| {
        let monthly = (basis, Money::from_dollars(dollars).unwrap());
        store.put_budget(organization, tool, monthly, ADMIN, NOW).await
    };
    let all = put(None, Basis::Bill, 500.0).await.unwrap();
    assert_eq!(put(None, Basis::Bill, 600.0).await.unwrap(), all, "a budget keeps its number");
    let copilot = put(Some(&COPILOT), Basis::Value, 20.0).await.unwrap();
    assert!(put(Some(&COPILOT), Basis::Value, 0.0).await.unwrap_err().is_invalid());
    told.tell("budgets", store.list_budgets(organization).await.unwrap());
    assert!(store.list_budgets(OrganizationId(organization.0 + 1)).await.unwrap().is_empty());
    assert!(store.remove_budget(organization, copilot).await.unwrap());
    assert!(!store.remove_budget(organization, copilot).await.unwrap());
    let window = Window::ending(day("2026-03-03"), 28);
    for name in [ReportName::Seats, ReportName::Cost] {
        told.tell("report", report(store, organization, name, window).await);
    }
    let known = Known { profiles: &TOOLS, today: window.to.plus(1) };
    let standing = store.standing(organization, Some(ada), &known).await.unwrap();
    assert_eq!((standing.costs.basis, standing.costs.budget), (Basis::Bill, Some(Money(600_000_000))));
    assert!(standing.costs.spent.is_some() && standing.member.is_some(), "{standing:?}");
    told.tell("standing", standing);
    let elsewhere = store.standing(OrganizationId(organization.0 + 1), Some(ada), &known).await.unwrap();
    assert!(elsewhere.costs.spent.is_none() && elsewhere.member.is_none() && elsewhere.last_synced.is_none());
}

fn held(day: Day, who: &IdentityRef, since: Option<Day>, last: Option<Day>) -> Fact {
    let Fact::Seat(seat) = seat(day, who, Some(19.0)) else { unreachable!() };
    let (created_at, last_activity_at) = (since.map(Day::start), last.map(Day::start));
    Fact::Seat(SeatFact { created_at, last_activity_at, ..seat })
}

async fn list(store: &Store, organization: OrganizationId, id: IntegrationId, day: Day, facts: &[Fact]) {
    let checksum = day.to_string();
    let write = SliceWrite { stream: "seats", role: StreamRole::Roster, ..slice(id, day, checksum.as_bytes(), facts) };
    put(store, organization, &write).await;
}

/// Name and class of each row.
fn classes(report: &Report) -> Vec<(String, String)> {
    let table = &report.section("seats").unwrap().table;
    let words = |row: &[Cell], id| row[table.column(id).unwrap()].words().unwrap().to_owned();
    table.rows.iter().map(|row| (words(row, "name"), words(row, "class"))).collect()
}

#[tokio::test]
async fn a_seat_is_judged_by_all_that_was_ever_known_of_its_use() {
    let today = day("2026-11-20");
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let [counted, forgotten, never, undated, young] =
            ["counted", "forgotten", "never", "undated", "young"].map(|name| IdentityRef::email(&format!("{name}@acme.example")));
        let long_ago = Some(today.minus(300));
        // An old list still knows an activity that the vendor has forgotten since; it holds the seat without a first day.
        let old =
            [held(today.minus(100), &forgotten, long_ago, Some(today.minus(170))), held(today.minus(100), &undated, None, None)];
        list(store, organization, id, today.minus(100), &old).await;
        let month_old = [held(today.minus(40), &undated, None, None)];
        list(store, organization, id, today.minus(40), &month_old).await;
        let newest = [
            held(today, &counted, long_ago, None),
            held(today, &forgotten, long_ago, None),
            held(today, &never, long_ago, None),
            held(today, &undated, None, None),
            held(today, &young, Some(today.minus(3)), None),
        ];
        list(store, organization, id, today, &newest).await;
        for (offset, interactions) in [(200, 4), (45, 7), (44, 0), (2, 0)] {
            let day = today.minus(offset);
            let facts = [usage(day, &counted, &[(Measure::Interactions, interactions)])];
            put(store, organization, &SliceWrite { state: SliceState::Final, ..slice(id, day, b"u", &facts) }).await;
        }
        let window = Window::ending(today.minus(1), 28);
        let ask = async || report(store, organization, ReportName::Seats, window).await;
        let pair = |name: &str, class: &str| (format!("{name}@acme.example"), class.to_owned());
        let found = ask().await;
        let expected = [
            pair("never", "Never used"),
            pair("undated", "Never used"),
            pair("forgotten", "Idle 90 days or more"),
            pair("counted", "Idle 30 to 59 days"),
            pair("young", "New"),
        ];
        assert_eq!(classes(&found), expected);
        assert_eq!(found.figure("waste_per_month").unwrap().value, Amount::Money(Money(4 * 19_000_000)));
        // They turn out to be a member who is away.
        let away = store.add_member(organization, &called("never@acme.example", "Nell"), ADMIN, NOW).await.unwrap();
        let merged = store.add_member(organization, &called("nell@acme.example", "Nell N."), ADMIN, NOW).await.unwrap();
        let leave = (ExclusionReason::Leave, Some(today));
        assert!(store.put_seat_exclusion(organization, (merged, None), leave, ADMIN, NOW).await.unwrap().is_some());
        assert!(store.merge_members(organization, merged, away, ADMIN, NOW).await.unwrap());
        assert!(classes(&ask().await).contains(&("Nell".to_owned(), "Excluded".to_owned())));
        assert!(store.erase_member(organization, away, ADMIN, NOW).await.unwrap());
        assert!(store.list_seat_exclusions(organization).await.unwrap().is_empty(), "who was away is nobody's business any more");
        let earlier = report(store, organization, ReportName::Seats, Window::ending(today.minus(60), 28)).await;
        assert!(earlier.is_empty, "no list was read then");
        database.drop().await;
    }
}
