//! Our totals beside a vendor's own, read from slices of both.

use crate::engines;
use crate::organization::*;
use tacho_domain::reconcile::{Ours, VendorTotal};
use tacho_domain::report::{Amount, Cell, Question, Report, ReportName};
use tacho_domain::{Day, Fact, IdentityRef, IntegrationId, Measure, OrganizationId, SliceState, StreamRole, ToolProfile, Window};
use tacho_store::{Known, SliceWrite, Store};

static TOTALS: [VendorTotal; 3] = [
    VendorTotal {
        stream: "totals_daily",
        name: "people",
        label: "People",
        ours: Ours::ActivePeople,
        when_less: "The vendor knows more people.",
        when_more: "",
        when_absent: "Too few licences.",
    },
    VendorTotal {
        stream: "totals_daily",
        name: "lines",
        label: "Lines",
        ours: Ours::Sum(Measure::LinesAdded),
        when_less: "",
        when_more: "",
        when_absent: "Too few licences.",
    },
    VendorTotal {
        stream: "spend",
        name: "spent",
        label: "Spent",
        ours: Ours::SinceCycleBegan { first_day: "first", measure: Measure::Cost },
        when_less: "",
        when_more: "",
        when_absent: "",
    },
];

async fn report(store: &Store, organization: OrganizationId, id: IntegrationId, window: Window) -> Option<Report> {
    let profiles = [ToolProfile { vendor_totals: &TOTALS, ..TOOLS[0] }];
    let known = Known { profiles: &profiles, today: day("2026-03-20") };
    store.report(&ReportName::Reconciliation(id), &Question::overview(organization, window), &known).await.unwrap()
}

/// The table's lines: day of the month, total, ours, the vendor's, state.
fn lines(report: &Report) -> Vec<String> {
    let text = |cell: &Cell| match cell {
        Cell::Nothing => "-".to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Count(count) => count.to_string(),
        Cell::Money(money) => format!("${}", money.dollars()),
        Cell::Day(day) => day.to_string()[8..].to_owned(),
        other => panic!("{other:?}"),
    };
    let table = &report.section("days").unwrap().table;
    table.rows.iter().map(|row| [0, 1, 2, 3, 5].map(|place| text(&row[place])).join(" ")).collect()
}

fn activity<'a>(id: IntegrationId, day: Day, checksum: &'a [u8], facts: &'a [Fact]) -> SliceWrite<'a> {
    SliceWrite { role: StreamRole::Activity, ..slice(id, day, checksum, facts) }
}

fn totals<'a>(id: IntegrationId, day: Day, checksum: &'a [u8], facts: &'a [Fact]) -> SliceWrite<'a> {
    SliceWrite { role: StreamRole::Evidence, stream: "totals_daily", ..slice(id, day, checksum, facts) }
}

#[tokio::test]
async fn each_day_has_ours_and_the_vendors_with_what_comes_of_it() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let (first, ada, bob) = (day("2026-03-02"), IdentityRef::github(1, "ada"), IdentityRef::github(2, "bob"));
        let of = |day, who: &IdentityRef, lines, cents: i64| {
            usage(day, who, &[(Measure::Interactions, 1), (Measure::LinesAdded, lines), (Measure::Cost, cents * 10_000)])
        };
        let second = first.plus(1);
        put(store, organization, &activity(id, first, b"1", &[of(first, &ada, 3, 150), of(first, &bob, 4, 50)])).await;
        put(store, organization, &totals(id, first, b"1", &[total(first, "people", 2), total(first, "lines", 7)])).await;
        put(store, organization, &activity(id, second, b"2", &[of(second, &ada, 5, 100)])).await;
        put(store, organization, &totals(id, second, b"2", &[total(second, "people", 2), total(second, "lines", 4)])).await;
        // The vendor answered that nobody did anything, and has no totals of such a day.
        put(store, organization, &activity(id, first.plus(2), b"3", &[])).await;
        let nine = [total(first.plus(3), "people", 9)];
        let young = SliceWrite { state: SliceState::Provisional, ..totals(id, first.plus(3), b"4", &nine) };
        put(store, organization, &young).await;
        let spend = [total(second, "spent", 2_500_000), total(second, "first", i64::from(first.0))];
        let spend = SliceWrite { stream: "spend", role: StreamRole::Evidence, ..slice(id, second, b"s", &spend) };
        put(store, organization, &spend).await;
        let window = Window::new(first, first.plus(3)).unwrap();
        let told = report(store, organization, id, window).await.unwrap();
        assert_eq!(
            lines(&told),
            [
                "05 People - 9 not settled",
                "04 People 0 - no total of the vendor's",
                "03 People 1 2 ours is less",
                "03 Lines 5 4 ours is more",
                "03 Spent $2 $2.5 agrees",
                "02 People 2 2 agrees",
                "02 Lines 7 7 agrees",
            ]
        );
        assert_eq!(told.figure("agreement").unwrap().value, Amount::Share(0.6));
        assert_eq!(told.title, "Reconciliation: Test");
        // The cycle may have begun before the window.
        let late = report(store, organization, id, Window::new(second, first.plus(3)).unwrap()).await.unwrap();
        assert!(lines(&late).contains(&"03 Spent $2 $2.5 agrees".to_owned()), "{:?}", lines(&late));
        let elsewhere = store.add_organization("Elsewhere", NOW).await.unwrap();
        assert!(report(store, elsewhere, id, window).await.is_none(), "it is another organization's");
        assert!(report(store, organization, IntegrationId(4_711), window).await.is_none());
        database.drop().await;
    }
}
