//! The Delivery page: where it stands, what narrows it, and that it is there before anything is connected.

use crate::house::House;
use axum::http::StatusCode;
use tacho_domain::Role;

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
