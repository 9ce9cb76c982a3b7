//! The Delivery page: where it stands, what narrows it, and that it is there before anything is connected.

use crate::house::House;
use crate::seeds::{code_host, pull_request, write_pull_requests};
use axum::http::StatusCode;
use tacho_domain::delivery::{Signal, SignalKind};
use tacho_domain::{Fact, Role};

#[tokio::test]
async fn it_is_among_the_pages_for_whoever_sees_totals() {
    let house = House::seeded(6).await;
    for role in Role::ALL {
        let cookie = house.user(role).await;
        let page = house.page(&cookie, "/delivery").await;
        assert_eq!(page.status, StatusCode::OK, "{role}: {}", page.text);
        assert!(page.text.contains("href=\"/delivery\" aria-current=\"page\""), "{role}");
    }
    let owner = house.user(Role::Owner).await;
    let page = house.page(&owner, "/delivery?days=90").await.text;
    assert!(page.contains("href=\"/cost?days=90\""), "the days go along");
    assert!(house.page(&owner, "/cost?days=90").await.text.contains("href=\"/delivery?days=90\""));
    let found = house.page(&owner, "/search?q=delivery").await.text;
    assert!(found.contains("href=\"/delivery\""), "{found}");
}

#[tokio::test]
async fn every_face_answers_and_none_invents_a_number() {
    let house = House::seeded(6).await;
    let report = house.get("/api/v1/reports/delivery").await;
    assert_eq!(report.status, StatusCode::OK, "{}", report.text);
    for face in ["report.json", "report.pdf", "report.xlsx", "figures.csv"] {
        let answer = house.get(&format!("/reports/delivery/{face}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{face}: {}", answer.text);
    }
    let page = house.page(&house.user(Role::Owner).await, "/delivery").await.text;
    assert!(page.contains("No repositories are connected yet") && page.contains("Connect a host of code"), "{page}");
    let page = house.page(&house.user(Role::Member).await, "/delivery").await.text;
    assert!(page.contains("No repositories are connected yet") && !page.contains("Connect a host of code"), "{page}");
    assert_eq!(report.json()["is_empty"], true, "nothing is connected that tells of pull requests: {}", report.text);
}

/// Number 1 with the trailer of an agent, number 2 with the branch of another, number 3 with nothing; merged yesterday.
async fn merged(house: &House) {
    let integration = code_host(house, house.organization).await;
    let day = house.now.day().minus(1);
    let fact = |(number, signal): (u32, Option<(SignalKind, &str)>)| {
        let mut fact = pull_request(day, (7, "acme/api"), number, "ada@example.com");
        fact.signals.extend(signal.map(|(kind, agent)| Signal { kind, agent: agent.to_owned() }));
        Fact::PullRequest(Box::new(fact))
    };
    let signs = [(1, Some((SignalKind::Trailer, "amazon_q"))), (2, Some((SignalKind::Branch, "codex"))), (3, None)];
    write_pull_requests(house, house.organization, integration, day, &signs.map(fact)).await;
}

#[tokio::test]
async fn every_face_of_the_list_says_which_agent_left_what() {
    let house = House::seeded(6).await;
    merged(&house).await;
    let (by_id, by_branch) = ("Amazon Q: commit trailer", "Codex: branch prefix");
    let owner = house.user(Role::Owner).await;
    let page = house.page(&owner, "/delivery").await.text;
    assert!(page.contains(by_id) && page.contains(by_branch) && !page.contains("an agent:"), "{page}");
    for face in ["/api/v1/reports/delivery", "/reports/delivery/pull_requests.csv", "/reports/delivery/report.json"] {
        let text = house.get(face).await.text;
        assert!(text.contains(by_id) && text.contains(by_branch), "{face}: {text}");
    }
    // What is shown is what is found and put in order.
    let found = house.page(&owner, "/delivery?search=amazon+q&section=pull_requests").await.text;
    assert!(found.contains(by_id) && !found.contains(by_branch), "{found}");
    let sorted = house.get("/api/v1/reports/delivery?section=pull_requests&sort=why&order=desc").await.text;
    assert!(sorted.find(by_branch) < sorted.find(by_id), "{sorted}");
}
