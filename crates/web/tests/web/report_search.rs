//! Search finds members whom the asker may see, teams, tools, pages, and how figures are made; and nothing else.

use crate::house::House;
use tacho_domain::Role;

async fn found(house: &House, cookie: &str, words: &str) -> String {
    let page = house.page(cookie, &format!("/search?q={words}")).await;
    assert_eq!(page.status, 200, "{words}");
    page.text.split("<main").nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn members_are_found_by_those_who_may_see_them() {
    let house = House::seeded(7).await;
    let listed = house.store.list_members(house.organization).await.unwrap();
    let chiara = listed.iter().find(|member| member.name.as_deref() == Some("Chiara Moreau")).unwrap().id;
    let owner = house.user(Role::Owner).await;
    assert!(found(&house, &owner, "chiara").await.contains(&format!("<a href=\"/members/{}\">Chiara Moreau</a>", chiara.0)));
    let (member, own) = house.person(Role::Member).await;
    assert!(house.store.link_user(house.organization, member, Some(chiara)).await.unwrap());
    assert!(found(&house, &own, "chiara").await.contains("Chiara Moreau"));
    for (cookie, words) in
        [(own, "haddad"), (house.user(Role::Viewer).await, "chiara"), (house.user(Role::Admin).await, "chiara")]
    {
        let text = found(&house, &cookie, words).await;
        assert!(text.contains("Nothing found") && !text.contains("/members/"), "{words}: {text}");
    }
}

#[tokio::test]
async fn the_definition_of_a_tools_acceptance_is_found_by_its_name() {
    let house = House::seeded(4).await;
    let viewer = house.user(Role::Viewer).await;
    let text = found(&house, &viewer, "acceptance+pair").await;
    assert!(text.contains("<a href=\"/tools/pair\">Acceptance, Pair"), "{text}");
    assert!(text.contains("accepted / <code>shown</code>"), "{text}");
    let figure = found(&house, &viewer, "active+members").await;
    assert!(figure.contains("href=\"/#figure-active_members\""), "{figure}");
}

#[tokio::test]
async fn pages_tools_and_teams_are_found_as_far_as_a_role_goes() {
    let house = House::seeded(4).await;
    house.store.add_team(house.organization, "Platform <b>").await.unwrap();
    let (owner, viewer) = (house.user(Role::Owner).await, house.user(Role::Viewer).await);
    assert!(found(&house, &owner, "audit").await.contains("href=\"/settings/audit\""));
    assert!(!found(&house, &viewer, "audit").await.contains("href=\"/settings/audit\""));
    let team = found(&house, &viewer, "plat").await;
    assert!(team.contains("Platform &#60;b&#62;") && team.contains("href=\"/teams/"));
    assert!(found(&house, &viewer, "canvas").await.contains("href=\"/tools/canvas\""));
}

#[tokio::test]
async fn odd_words_are_said_back_as_text() {
    let house = House::seeded(2).await;
    let owner = house.user(Role::Owner).await;
    for words in ["%3Cscript%3Ealert(1)%3C/script%3E", "%00", "%25_%27", "%60code%60", ""] {
        let text = found(&house, &owner, words).await;
        assert!(!text.contains("<script>"), "{words}");
    }
}
