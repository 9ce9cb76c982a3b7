//! The page that every report has: the same cells as REST, heads that sort, words that search, filters in the address, and for
//! each role what it may see.

use crate::house::House;
use axum::http::StatusCode;
use serde_json::Value;
use tacho_domain::report::{Cell, Question, Report, ReportName};
use tacho_domain::{Permission, Role, SubjectId, Window};
use tacho_render::Written;
use tacho_store::Known;

async fn report(house: &House, name: &ReportName) -> Report {
    let window = Window::ending(house.now.day().minus(1), 28);
    let known = Known { profiles: &crate::house::TOOLS, today: house.now.day() };
    house.store.report(name, &Question::overview(house.organization, window), &known).await.unwrap().unwrap()
}

/// The part of a page that is the section of that id.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let begin = page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}"));
    page[begin..].split("</section>").next().unwrap()
}

/// The texts of a table's cells, tags taken off.
fn rows(section: &str) -> Vec<Vec<String>> {
    let Some(body) = section.split("<tbody>").nth(1) else { return Vec::new() };
    let body = body.split("</tbody>").next().unwrap();
    let plain = |cell: &str| {
        let mut text = String::new();
        for part in cell.split('<') {
            text.push_str(part.split_once('>').map_or(part, |(_, after)| after));
        }
        text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#38;", "&")
    };
    let cells = |row: &str| {
        row.split("</t").filter(|cell| cell.contains("<t")).map(|cell| plain(&cell[cell.find("<t").unwrap()..])).collect()
    };
    body.split("</tr>").filter(|row| row.contains("<tr>")).map(|row| cells(row.split_once("<tr>").unwrap().1)).collect()
}

#[tokio::test]
async fn every_cell_of_the_report_stands_on_its_page_and_in_rest() {
    let house = House::seeded(7).await;
    let report = report(&house, &ReportName::Overview).await;
    let page = house.get("/").await.text;
    let json = house.get("/api/v1/reports/overview").await.json();
    assert!(report.sections.len() >= 5);
    for (place, known) in report.sections.iter().enumerate() {
        let shown = rows(section(&page, &known.id));
        assert_eq!(shown.len(), known.table.rows.len(), "{}", known.id);
        for (row, cells) in shown.iter().zip(&known.table.rows) {
            let told: Vec<String> = cells.iter().map(Written::shown).collect();
            assert_eq!(*row, told, "{}", known.id);
        }
        assert_eq!(json["sections"][place]["id"], known.id);
        assert_eq!(json["sections"][place]["table"]["rows"].as_array().unwrap().len(), known.table.rows.len());
    }
    // Read back as the answer was read: the last digit of a share is the reader's.
    let groups: Value = serde_json::from_str(&serde_json::to_string(&report.groups).unwrap()).unwrap();
    assert_eq!(json["groups"], groups);
}

#[tokio::test]
async fn heads_sort_words_search_and_pages_turn() {
    let house = House::seeded(30).await;
    let by = |query: &str| format!("/?{query}");
    let sorted = house.get(&by("sort=interactions&limit=5")).await.text;
    let members = section(&sorted, "members");
    assert_eq!(members.matches("aria-sort").count(), 1, "{members}");
    assert!(members.contains(r#"data-column="interactions" class="number" aria-sort="ascending""#));
    assert!(members.contains(r#"<a href="/?sort=interactions&#38;order=desc&#38;limit=5#members">Interactions</a>"#));
    assert!(members.contains(r#"href="/?sort=interactions&#38;page=2&#38;limit=5#members" rel="next""#));
    let report = report(&house, &ReportName::Overview).await;
    let table = &report.section("members").unwrap().table;
    let place = table.column("interactions").unwrap();
    let mut least: Vec<&Cell> = table.rows.iter().map(|row| &row[place]).filter(|cell| **cell != Cell::Nothing).collect();
    least.sort_by_key(|cell| match cell {
        Cell::Count(value) => *value,
        other => panic!("{other:?}"),
    });
    let shown: Vec<String> = rows(members).into_iter().map(|row| row[place].clone()).collect();
    assert_eq!(shown, least[..5].iter().map(|cell| cell.shown()).collect::<Vec<_>>());

    let name = table.rows[3][0].words().unwrap().to_owned();
    let found = house.get(&by(&format!("search={}", name.split(' ').next().unwrap()))).await.text;
    let members = section(&found, "members");
    assert!(rows(members).iter().any(|row| row[0] == name) && rows(members).len() < 20);
    assert!(members.contains(">All rows</a>"));
    let none = house.get(&by("search=zyzzyva")).await.text;
    assert!(section(&none, "members").contains("No row has these words."));

    for (query, words) in
        [("sort=colour", "`sort`"), ("section=secrets", "`section`"), ("order=up", "`order`"), ("team=77", "`team`")]
    {
        let answer = house.get(&format!("/api/v1/reports/overview?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(words), "{}", answer.text);
    }
}

#[tokio::test]
async fn without_comparison_nothing_of_the_days_before_is_shown() {
    let house = House::seeded(7).await;
    let (with, without) = (house.get("/").await.text, house.get("/?compare=0").await.text);
    assert!(with.contains("class=\"change") && with.contains(" against ") || with.contains("<span>against"));
    assert!(!without.contains("class=\"change") && !without.contains("<span>against") && !without.contains("Days before"));
    let json = house.get("/api/v1/reports/overview?compare=0").await.json();
    assert!(json["groups"][0]["figures"].as_array().unwrap().iter().all(|figure| figure["before"]["unit"] == "unknown"));
}

#[tokio::test]
async fn every_figure_explains_itself() {
    let house = House::seeded(7).await;
    let page = house.get("/").await.text;
    for figure in report(&house, &ReportName::Overview).await.groups.iter().flat_map(|group| &group.figures) {
        let card = page.split(&format!("id=\"figure-{}\"", figure.id)).nth(1).unwrap().split("</article>").next().unwrap();
        assert!(card.contains(&format!("aria-label=\"About {}\"", figure.label)), "{}", figure.id);
        for part in ["<dt>Days</dt>", "<dt>Last synced</dt>", "<dt>Coverage</dt>", "href=\"#members\""] {
            assert!(card.contains(part), "{}: {part}", figure.id);
        }
    }
}

#[tokio::test]
async fn the_header_has_the_ways_that_a_role_may_go_and_one_for_each_connected_tool() {
    let house = House::seeded(4).await;
    for role in Role::ALL {
        let cookie = house.user(role).await;
        let page = house.page(&cookie, "/").await.text;
        let ways = page.split("aria-label=\"Pages\"").nth(1).unwrap().split("</nav>").next().unwrap();
        for way in ["/", "/tools/pair", "/tools/shell", "/tools/canvas", "/members", "/teams", "/seats", "/cost", "/settings"] {
            assert!(ways.contains(&format!("href=\"{way}\"")), "{role}: {way}");
        }
        assert_eq!(ways.contains("href=\"/me\""), role.may(Permission::ViewOwnData), "{role}");
    }
    let empty = House::empty().await;
    assert!(!empty.get("/").await.text.contains("href=\"/tools/"), "nothing is connected");
}

#[tokio::test]
async fn a_member_is_found_by_name_only_by_those_who_may_see_them() {
    let house = House::seeded(7).await;
    let listed = house.store.list_members(house.organization).await.unwrap();
    let chiara = listed.iter().find(|member| member.name.as_deref() == Some("Chiara Moreau")).unwrap().id;
    let owner = house.user(Role::Owner).await;
    let asked = house.page(&owner, "/?member=chiara&days=90&team=").await;
    assert_eq!(asked.header("location"), format!("/?days=90&member={}", chiara.0), "{}", asked.status);
    let several = house.page(&owner, "/?member=person").await.text;
    assert!(several.contains("Several members fit") && several.contains("Grace Haddad"));
    let nobody = house.page(&owner, "/?member=zyzzyva").await.text;
    assert!(nobody.contains("No such member"));
    let (member, cookie) = house.person(Role::Member).await;
    assert!(house.store.link_user(house.organization, member, Some(SubjectId(chiara.0))).await.unwrap());
    let other = house.page(&cookie, "/?member=Grace").await.text;
    assert!(other.contains("No such member") && !other.contains("Haddad"));
    assert_eq!(house.page(&cookie, "/?member=Chiara").await.status, StatusCode::SEE_OTHER);
    let viewer = house.user(Role::Viewer).await;
    let hidden = house.page(&viewer, &format!("/?member={}", chiara.0)).await.text;
    assert!(!hidden.contains("Chiara"), "a number is not led back to a name");
}

#[tokio::test]
async fn whoever_is_no_member_learns_how_to_become_one() {
    let house = House::seeded(4).await;
    for (role, words) in [
        (Role::Member, "linked to no member yet"),
        (Role::Owner, "href=\"/settings/users\""),
        (Role::Viewer, "Your role shows totals only"),
    ] {
        let cookie = house.user(role).await;
        let page = house.page(&cookie, "/me").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains(words), "{role}: {words}");
        assert_eq!(house.page(&cookie, "/reports/me/report.json").await.status, StatusCode::NOT_FOUND, "{role}");
    }
}

#[tokio::test]
async fn another_members_page_is_not_there_for_those_who_may_not_see_it() {
    let house = House::seeded(7).await;
    let listed = house.store.list_members(house.organization).await.unwrap();
    let (own, other) = (listed[0].id, listed[1].id);
    let (member, cookie) = house.person(Role::Member).await;
    assert!(house.store.link_user(house.organization, member, Some(own)).await.unwrap());
    let at = |id: SubjectId| {
        [
            format!("/members/{}", id.0),
            format!("/reports/member-{}/report.json", id.0),
            format!("/api/v1/reports/member-{}", id.0),
        ]
    };
    for path in at(other) {
        assert_eq!(house.page(&cookie, &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in at(own) {
        assert_eq!(house.page(&cookie, &path).await.status, StatusCode::OK, "{path}");
    }
    let viewer = house.user(Role::Viewer).await;
    assert_eq!(house.page(&viewer, &at(own)[0]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.page(&viewer, &at(own)[1]).await.status, StatusCode::NOT_FOUND);
    for name in ["nothing", "tool-", "member-x", "reconciliation-1"] {
        let status = house.page(&viewer, &format!("/reports/{name}/report.json")).await.status;
        assert!(matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN), "{name}: {status}");
    }
}

#[tokio::test]
async fn looking_at_one_member_is_written_down_by_number() {
    let house = House::seeded(7).await;
    let id = house.store.list_members(house.organization).await.unwrap()[2].id.0;
    let manager = house.user(Role::Manager).await;
    for path in [format!("/members/{id}"), format!("/members/{id}?days=7"), format!("/reports/member-{id}/report.json")] {
        assert_eq!(house.page(&manager, &path).await.status, StatusCode::OK, "{path}");
    }
    let rows = house.store.list_audit(house.organization, &tacho_store::AuditFilter::default()).await.unwrap();
    let told: Vec<(String, String)> = rows.into_iter().map(|row| (row.action.as_str().to_owned(), row.target)).collect();
    let wanted = [("individual_exported", format!("member {id} as report.json")), ("individual_viewed", format!("member {id}"))];
    for (action, target) in wanted {
        let found = told.iter().filter(|(did, to)| did == action && *to == target).count();
        assert_eq!(found, 1, "{action} {target} in {told:?}");
    }
}

#[tokio::test]
async fn a_browser_is_told_what_it_may_fetch_ahead_and_one_members_page_is_not_among_it() {
    let house = House::seeded(3).await;
    let page = house.get("/").await;
    let address = page.header("speculation-rules").trim_matches('"').to_owned();
    let rules = house.get(&address).await;
    assert_eq!(rules.header("content-type"), "application/speculationrules+json");
    let rules: Value = rules.json();
    let matched = rules["prefetch"][0]["where"]["and"][0]["href_matches"].as_array().unwrap();
    assert!(matched.iter().all(|path| !path.as_str().unwrap().starts_with("/members/")), "looking is written down");
}
