//! Our totals against the vendors' own, as the simulated vendors give them: they count the same people, so they agree.

use crate::filled::{column, figure, on_each_engine, table};
use tacho_domain::report::{Amount, Cell, ReportName};

#[tokio::test]
async fn what_the_vendors_add_up_themselves_is_what_we_add_up() {
    on_each_engine(async |filled| {
        let question = filled.question();
        for integration in filled.store.list_integrations(filled.organization).await.unwrap() {
            let report = filled.report(&ReportName::Reconciliation(integration.id), &question).await;
            let profile = filled.profiles.iter().find(|profile| profile.id == integration.tool.as_str()).unwrap();
            if profile.vendor_totals.is_empty() {
                assert!(report.is_empty && report.sections.is_empty(), "{}", integration.name);
                continue;
            }
            if report.is_empty {
                // A snapshot of today says nothing of older days.
                assert!(profile.vendor_totals.iter().all(|total| total.stream == "spend"), "{}", integration.name);
                continue;
            }
            let days = table(&report, "days");
            let differing: Vec<_> = days
                .rows
                .iter()
                .filter(|row| !row.iter().any(|cell| matches!(cell, Cell::Text(text) if text == "agrees")))
                .collect();
            assert_eq!(differing, Vec::<&Vec<Cell>>::new(), "{}", integration.name);
            assert_eq!(figure(&report, "agreement").value, Amount::Share(1.0), "{}", integration.name);
            assert!(days.rows.len() >= 28 * 6, "{} rows", days.rows.len());
            let ours = column(days, "ours");
            assert!(ours.iter().any(|cell| matches!(cell, Cell::Count(count) if *count > 20)), "{ours:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_billing_cycle_so_far_is_held_against_the_events_since_it_began() {
    on_each_engine(async |filled| {
        let integrations = filled.store.list_integrations(filled.organization).await.unwrap();
        let cursor = integrations.iter().find(|integration| integration.tool.as_str() == "cursor").unwrap();
        // The cycle so far, as the vendor told it today: that day's own use is not settled.
        let question =
            tacho_domain::report::Question { window: tacho_domain::Window::ending(filled.today, 28), ..filled.question() };
        let report = filled.report(&ReportName::Reconciliation(cursor.id), &question).await;
        let days = table(&report, "days");
        assert_eq!(days.rows.len(), 2, "what was charged and the value of all use: {:?}", days.rows);
        for row in &days.rows {
            let state = &row[days.column("state").unwrap()];
            assert!(matches!(state, Cell::Text(text) if text == "agrees" || text == "not settled"), "{row:?}");
            let (ours, theirs) = (&row[days.column("ours").unwrap()], &row[days.column("theirs").unwrap()]);
            let (Cell::Money(ours), Cell::Money(theirs)) = (ours, theirs) else { panic!("{row:?}") };
            assert!(ours.0 > 0 && ours.0 <= theirs.0, "the vendor's holds today's use as well: {row:?}");
        }
    })
    .await;
}
