//! Who sees whose numbers: every role looks at every face of the member table. Totals are the same for all; names are not.

use crate::house::{HOSTILE, House};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use tacho_domain::audit::Action;
use tacho_domain::{Role, SubjectId, UserId};
use tacho_store::{AuditFilter, By};

/// The organization: seven people in three tools, one of whom nobody has matched; members 2 and 3 are in a team.
struct Scene {
    house: House,
    /// Person's number, by member.
    members: BTreeMap<u32, SubjectId>,
}

impl Scene {
    async fn build() -> Self {
        let house = House::seeded(7).await;
        let listed = house.store.list_members(house.organization).await.unwrap();
        let members: BTreeMap<u32, SubjectId> = (0..7)
            .filter_map(|person| {
                let email = format!("person{person}@example.com");
                Some((person, listed.iter().find(|member| member.email.as_deref() == Some(&email))?.id))
            })
            .collect();
        assert_eq!(members.len(), 6, "all but person 1");
        let team = house.store.add_team(house.organization, "Platform").await.unwrap();
        for person in [2, 3] {
            let from = house.now.day().minus(90);
            house
                .store
                .put_team_member(house.organization, team, members[&person], (from, None), By::Operator, house.now)
                .await
                .unwrap();
        }
        Self { house, members }
    }

    /// A user of that role who is the member that person is.
    async fn user(&self, role: Role, person: Option<u32>) -> (UserId, String) {
        let (id, cookie) = self.house.person(role).await;
        let member = person.map(|person| self.members[&person]);
        assert!(self.house.store.link_user(self.house.organization, id, member).await.unwrap());
        (id, cookie)
    }

    async fn audited(&self, action: Action) -> Vec<(String, String)> {
        let filter = AuditFilter { action: Some(action), ..AuditFilter::default() };
        let rows = self.house.store.list_audit(self.house.organization, &filter).await.unwrap();
        rows.into_iter().map(|row| (row.target, row.detail.to_string())).collect()
    }
}

/// The people whom a text names, by their names and addresses.
fn named(text: &str) -> Vec<u32> {
    let names = ["<img src=x", "person1@", "Chiara Moreau", "Dmitri Tanaka", "Elif Silva", "Femi Novak", "Grace Haddad"];
    let escaped = HOSTILE.split(' ').next().unwrap().replace('<', "&#60;");
    let holds = |(person, name): &(u32, &str)| {
        text.contains(name) || text.contains(&format!("person{person}@")) || (*person == 0 && text.contains(&escaped))
    };
    (0..).zip(names).filter(holds).map(|(person, _)| person).collect()
}

/// Every figure of a page by its id.
fn figures(page: &str) -> BTreeMap<String, String> {
    let cards = page.split("data-figure=\"").skip(1);
    cards.map(|card| (card.split('"').next().unwrap().to_owned(), card.split(['>', '<']).nth(1).unwrap().to_owned())).collect()
}

#[tokio::test]
async fn each_role_sees_the_rows_it_may_and_everyones_totals() {
    let scene = Scene::build().await;
    let everyone = vec![0, 1, 2, 3, 4, 5, 6];
    let (_, owner) = scene.user(Role::Owner, None).await;
    let whole_page = figures(&scene.house.page(&owner, "/").await.text);
    let mut whole = scene.house.page(&owner, "/api/overview?limit=500").await.json();
    assert!(whole_page.len() >= 10 && whole["members"].take()["rows"].as_array().unwrap().len() == 7);
    let cases = [
        (Role::Owner, None, everyone.clone(), ""),
        (Role::Manager, None, everyone, ""),
        (Role::Lead, Some(2), vec![2, 3], "members of your teams; totals are of everyone."),
        (Role::Lead, Some(4), vec![4], "members of your teams; totals are of everyone."),
        (Role::Lead, None, vec![], "linked to no member"),
        (Role::Admin, Some(2), vec![2], "You see your own row; totals are of everyone."),
        (Role::Admin, None, vec![], "linked to no member"),
        (Role::Member, Some(3), vec![3], "You see your own row; totals are of everyone."),
        (Role::Member, None, vec![], "linked to no member"),
        (Role::Viewer, Some(3), vec![], "shows totals only"),
    ];
    for (role, person, expected, words) in cases {
        let (_, cookie) = scene.user(role, person).await;
        let told = format!("{role} as {person:?}");
        let page = scene.house.page(&cookie, "/?page=1").await;
        assert_eq!(page.status, StatusCode::OK, "{told}");
        assert_eq!(figures(&page.text), whole_page, "{told}");
        assert_eq!(named(&page.text), expected, "{told}: page");
        assert!(page.text.contains(words), "{told}: {words}");
        assert_eq!(page.text.contains("class=\"sight\""), expected.len() < 7, "{told}");

        let csv = scene.house.page(&cookie, "/reports/overview/members.csv").await;
        assert_eq!((csv.status, csv.text.lines().count()), (StatusCode::OK, expected.len() + 1), "{told}: {}", csv.text);
        assert_eq!(named(&csv.text), expected, "{told}: file");

        let answer = scene.house.page(&cookie, "/api/overview?limit=500").await;
        assert_eq!(named(&answer.text), expected, "{told}: REST");
        let mut json = answer.json();
        let members = json["members"].take();
        assert_eq!(json, whole, "{told}: all but the member table");
        assert_eq!(members["total_rows"], expected.len(), "{told}");
        assert_eq!(members["hidden_rows"], 7 - expected.len(), "{told}");

        for path in [
            "/reports/overview/figures.csv",
            "/reports/overview/usage.csv",
            "/reports/overview/adoption.csv",
            "/api/ai-usage/dashboard",
        ] {
            assert_eq!(named(&scene.house.page(&cookie, path).await.text), Vec::<u32>::new(), "{told}: {path}");
        }
    }
}

#[tokio::test]
async fn a_page_of_rows_that_are_not_there_tells_nothing_of_the_hidden_ones() {
    let scene = Scene::build().await;
    let (_, cookie) = scene.user(Role::Member, Some(3)).await;
    for query in ["page=2", "page=7", "limit=1&page=3"] {
        let answer = scene.house.page(&cookie, &format!("/api/overview?{query}")).await.json();
        assert_eq!(answer["members"]["rows"], serde_json::json!([]), "{query}");
        assert_eq!(answer["members"]["total_rows"], 1, "{query}");
    }
}

#[tokio::test]
async fn a_token_reaches_no_further_than_its_scopes() {
    let scene = Scene::build().await;
    let token = async |scopes: &str| {
        let scopes = tacho_domain::Scopes::parse(scopes).unwrap();
        let wanted = tacho_web::TokenWanted {
            name: &scopes.to_string(),
            user: None,
            role: Role::Owner,
            scopes,
            expires_at: None,
            made_by: None,
        };
        let token =
            tacho_web::new_api_token(&scene.house.store, scene.house.organization, &wanted, scene.house.now).await.unwrap();
        let request = axum::http::Request::get("/api/overview?limit=500").header("host", "tacho.example");
        let request = request.header("authorization", format!("Bearer {}", crate::house::open(&token)));
        named(&scene.house.send(request.body(axum::body::Body::empty()).unwrap()).await.text)
    };
    assert_eq!(token("view_aggregates").await, Vec::<u32>::new());
    assert_eq!(token("view_aggregates view_own_data").await, Vec::<u32>::new(), "it belongs to nobody");
    assert_eq!(token("view_aggregates view_all_data").await.len(), 7);
}

#[tokio::test]
async fn looking_at_others_is_written_down_once_an_hour_and_taking_them_away_each_time() {
    let scene = Scene::build().await;
    let (_, manager) = scene.user(Role::Manager, None).await;
    let (_, member) = scene.user(Role::Member, Some(3)).await;
    let (_, viewer) = scene.user(Role::Viewer, None).await;
    for cookie in [&member, &viewer] {
        for path in ["/", "/reports/overview/members.csv", "/api/overview"] {
            scene.house.page(cookie, path).await;
        }
    }
    assert!(scene.audited(Action::IndividualViewed).await.is_empty(), "one's own numbers are no news");
    assert!(scene.audited(Action::IndividualExported).await.is_empty());
    for _ in 0..2 {
        for path in ["/", "/?days=90", "/api/overview", "/reports/overview/members.csv", "/reports/overview/usage.csv"] {
            scene.house.page(&manager, path).await;
        }
    }
    let viewed = scene.audited(Action::IndividualViewed).await;
    let targets: Vec<&str> = viewed.iter().map(|(target, _)| target.as_str()).collect();
    assert_eq!(targets, ["member table by REST", "report overview"]);
    assert_eq!(viewed[1].1, r#"{"from":"2026-10-24","rows":7,"to":"2026-11-20"}"#);
    let exported = scene.audited(Action::IndividualExported).await;
    assert_eq!(exported.iter().map(|(target, _)| target.as_str()).collect::<Vec<_>>(), ["report overview as members.csv"; 2]);
    let (_, other) = scene.user(Role::Owner, None).await;
    scene.house.page(&other, "/").await;
    assert_eq!(scene.audited(Action::IndividualViewed).await.len(), 3, "each user for themselves");
}

#[tokio::test]
async fn whoever_may_not_see_integrations_learns_that_numbers_are_old_but_not_why() {
    let scene = Scene::build().await;
    let failure = tacho_store::StoredFailure {
        kind: "auth".into(),
        cause: "The key was revoked.".into(),
        fix: "Make a new key.".into(),
        at: scene.house.now,
    };
    let integrations = scene.house.store.list_integrations(scene.house.organization).await.unwrap();
    let outcome = tacho_store::Outcome { failure: Some(failure), ..tacho_store::Outcome::default() };
    scene.house.store.put_integration_outcome(scene.house.organization, integrations[0].id, &outcome).await.unwrap();
    for (role, told) in
        [(Role::Manager, true), (Role::Admin, true), (Role::Lead, false), (Role::Member, false), (Role::Viewer, false)]
    {
        let (_, cookie) = scene.user(role, None).await;
        let page = scene.house.page(&cookie, "/").await.text;
        assert!(page.contains("Pair could not be synced"), "{role}");
        assert_eq!(page.contains("The key was revoked."), told, "{role}");
        assert_eq!(page.contains("id=\"sources\""), told, "{role}");
        assert_eq!(page.contains("/settings/people?show=unmatched"), role == Role::Admin, "{role}");
    }
}
