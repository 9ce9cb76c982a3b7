//! One vendor's endpoints against each other.

mod client;

use client::{Vendors, json, millionths, number, small};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::Window;
use tacho_simulator::{Config, Tool};

#[tokio::test]
async fn organization_totals_are_the_sums_of_the_users() {
    let vendors = Vendors::start(small()).await;
    for age in [2, 3, 9, 12] {
        let day = client::today().minus(age);
        let users = vendors.users_of(day).await.unwrap();
        for (path, id) in [("orgs/{org}", "organization"), ("enterprises/{enterprise}", "enterprise")] {
            let totals = vendors.report(&format!("/{path}/copilot/metrics/reports/{id}-1-day?day={day}")).await.unwrap();
            assert_eq!(totals.len(), 1);
            for counter in
                ["/user_initiated_interaction_count", "/code_generation_activity_count", "/loc_added_sum", "/loc_deleted_sum"]
            {
                let sum: i64 = users.iter().map(|row| number(row, counter)).sum();
                assert_eq!(number(&totals[0], counter), sum, "{day} {counter}");
            }
            let active = vendors.running.truth().active_by_tool(Window::ending(day, 28), Tool::Copilot);
            assert_eq!(number(&totals[0], "/monthly_active_users"), i64::try_from(active.members + active.unmatched).unwrap());
        }
    }
}

#[tokio::test]
async fn breakdowns_reconcile_with_the_counters_of_their_row() {
    let vendors = Vendors::start(small()).await;
    for row in vendors.users_of(client::today().minus(3)).await.unwrap() {
        for (array, counters) in [
            ("totals_by_feature", &["user_initiated_interaction_count", "code_acceptance_activity_count", "loc_added_sum"][..]),
            (
                "totals_by_language_feature",
                &["code_generation_activity_count", "code_acceptance_activity_count", "loc_deleted_sum"],
            ),
        ] {
            for counter in counters {
                let sum: i64 = row[array].as_array().unwrap().iter().map(|part| number(part, &format!("/{counter}"))).sum();
                assert_eq!(sum, number(&row, &format!("/{counter}")), "{array} {counter}");
            }
        }
        assert!(
            row["totals_by_language_feature"]
                .as_array()
                .unwrap()
                .iter()
                .all(|p| p.get("user_initiated_interaction_count").is_none())
        );
    }
}

#[tokio::test]
async fn latest_reports_hold_the_same_rows_as_their_days() {
    let vendors = Vendors::start(Config { members: 40, ..small() }).await;
    let latest = vendors.report("/orgs/{org}/copilot/metrics/reports/users-28-day/latest").await.unwrap();
    let mut by_day: BTreeMap<String, usize> = BTreeMap::new();
    for row in &latest {
        *by_day.entry(row["day"].as_str().unwrap().to_owned()).or_default() += 1;
        assert_eq!(row["report_end_day"], "2026-11-18");
    }
    assert!(by_day.len() > 20);
    for (day, rows) in by_day {
        assert_eq!(vendors.users_of(day.parse().unwrap()).await.unwrap().len(), rows, "{day}");
    }
    let totals = vendors.report("/orgs/{org}/copilot/metrics/reports/organization-28-day/latest").await.unwrap();
    assert_eq!(totals[0]["day_totals"].as_array().unwrap().len(), 28);
}

#[tokio::test]
async fn credits_of_users_are_the_quantity_on_the_bill() {
    let vendors = Vendors::start(Config::new(1, client::today())).await;
    let truth = vendors.running.truth();
    let mut charged = 0;
    for age in 2..30 {
        let day = client::today().minus(age);
        let users = vendors.users_of(day).await.unwrap();
        let used: i64 = users.iter().map(|row| millionths(row, "/ai_credits_used", 1e6)).sum();
        let date = day.date();
        let query = format!("year={}&month={}&day={}", date.year(), date.month(), date.day());
        let bill: Value = json(vendors.github(&format!("/organizations/{{org}}/settings/billing/ai_credit/usage?{query}"))).await;
        let sum = |pointer: &str| bill["usageItems"].as_array().unwrap().iter().map(|i| millionths(i, pointer, 1e6)).sum::<i64>();
        assert_eq!(sum("/grossQuantity"), used, "{day}");
        assert_eq!(sum("/grossAmount"), sum("/discountAmount") + sum("/netAmount"));
        let expected = truth.bill(day).unwrap();
        assert_eq!((sum("/grossAmount"), sum("/netAmount")), (expected.gross_micros, expected.net_micros));
        charged += sum("/netAmount");
    }
    assert!(charged > 0, "the included credits run out at the end of a month");
}

#[tokio::test]
async fn spend_of_the_cycle_is_the_sum_of_its_events() {
    let vendors = Vendors::start(Config { members: 60, ..small() }).await;
    let cycle = Window { from: client::today().month(), to: client::today() };
    let mut by_email: BTreeMap<String, [i64; 2]> = BTreeMap::new();
    for event in vendors.events_of(cycle, 500).await {
        let sums = by_email.entry(event["userEmail"].as_str().unwrap().to_owned()).or_default();
        let micros = millionths(&event, "/chargedCents", 1e4);
        sums[0] += micros;
        sums[1] += if event["isChargeable"] == true { micros } else { 0 };
    }
    let spend = json(vendors.cursor("/teams/spend", &serde_json::json!({"page": 1, "pageSize": 100}))).await;
    assert_eq!(spend["subscriptionCycleStart"], cycle.from.start().millis());
    for row in spend["teamMemberSpend"].as_array().unwrap() {
        let sums = by_email.remove(row["email"].as_str().unwrap()).unwrap_or_default();
        assert_eq!([millionths(row, "/overallSpendCents", 1e4), millionths(row, "/spendCents", 1e4)], sums);
    }
    assert_eq!(by_email.into_keys().collect::<Vec<_>>(), ["nightly-agent@example.com"]);
}

#[tokio::test]
async fn seats_match_their_summary_the_truth_and_the_users_of_reports() {
    let vendors = Vendors::start(Config { members: 400, ..small() }).await;
    let mut seats: Vec<Value> = Vec::new();
    let mut next = Some("/orgs/{org}/copilot/billing/seats?per_page=100".to_owned());
    while let Some(path) = next.take() {
        let reply = vendors.github(&path).send().await.unwrap();
        let link = reply.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let page: Value = reply.json().await.unwrap();
        assert!(page["seats"].as_array().unwrap().len() <= 100);
        seats.extend(page["seats"].as_array().unwrap().iter().cloned());
        let url = link
            .and_then(|link| link.split(',').find(|l| l.contains("rel=\"next\"")).map(|l| l[1..l.find('>').unwrap()].to_owned()));
        next = url.map(|url| url.strip_prefix(vendors.running.base_url(tacho_simulator::Vendor::Github)).unwrap().to_owned());
    }
    let ids: BTreeSet<i64> = seats.iter().map(|seat| number(seat, "/assignee/id")).collect();
    assert_eq!(ids.len(), seats.len());
    assert_eq!(vendors.running.truth().seats(Tool::Copilot), u32::try_from(seats.len()).ok());
    let summary = json(vendors.github("/orgs/{org}/copilot/billing")).await;
    assert_eq!(number(&summary, "/seat_breakdown/total"), i64::try_from(seats.len()).unwrap());
    let without_email: Vec<_> = seats.iter().filter(|seat| seat["assignee"].get("email").is_none()).collect();
    assert_eq!(without_email.len(), 1);
    assert!(
        seats.iter().any(|seat| seat["last_activity_at"].is_null())
            && seats.iter().any(|s| s["pending_cancellation_date"].is_string())
    );
    let day = client::today().minus(4);
    let users = vendors.users_of(day).await.unwrap();
    assert!(users.iter().all(|row| ids.contains(&row["user_id"].as_i64().unwrap())));
    let teams = vendors.report(&format!("/orgs/{{org}}/copilot/metrics/reports/user-teams-1-day?day={day}")).await.unwrap();
    assert!(teams.len() > 200 && teams.iter().all(|row| ids.contains(&number(row, "/user_id"))));
}

#[tokio::test]
async fn a_small_team_is_left_out_of_user_teams() {
    let vendors = Vendors::start(Config { members: 5, ..small() }).await;
    let path = format!("/enterprises/{{enterprise}}/copilot/metrics/reports/user-teams-1-day?day={}", client::today().minus(4));
    assert_eq!(vendors.report(&path).await, Some(Vec::new()));
}

#[tokio::test]
async fn graphql_names_members_with_verified_addresses_and_teams_page_by_page() {
    let vendors = Vendors::start(Config { members: 250, ..small() }).await;
    let organization = vendors.running.organization().to_owned();
    let ask = async |query: &str, after: Option<&str>| {
        let body = serde_json::json!({"query": query, "variables": {"organization": organization, "after": after}});
        let url = vendors.url(tacho_simulator::Vendor::Github, "/graphql");
        let asked =
            vendors.client.post(url).bearer_auth(vendors.running.secrets().github).header("x-github-api-version", "2026-03-10");
        json(asked.header("accept", "application/json").json(&body)).await
    };
    let (mut after, mut logins, mut unverified) = (None::<String>, BTreeSet::new(), 0);
    loop {
        let page = ask("membersWithRole(first: 100)", after.as_deref()).await["data"]["organization"]["membersWithRole"].take();
        for node in page["nodes"].as_array().unwrap() {
            assert!(logins.insert(node["login"].as_str().unwrap().to_owned()));
            unverified += usize::from(node["organizationVerifiedDomainEmails"].as_array().unwrap().is_empty());
        }
        after = page["pageInfo"]["endCursor"].as_str().map(str::to_owned);
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert!(logins.len() > 200, "{}", logins.len());
    assert_eq!(unverified, 1, "the contractor has no address on the organization's domain");
    let teams = ask("teams(first: 20)", None).await;
    let teams = teams["data"]["organization"]["teams"]["nodes"].as_array().unwrap();
    let members = teams.iter().flat_map(|team| team["members"]["nodes"].as_array().unwrap());
    assert!(teams.len() == 3 && members.clone().all(|member| logins.contains(member["login"].as_str().unwrap())));
}
