//! The Overview as HTML: its figures are the report's, its states are designed, its text is safe.

use crate::house::{HOSTILE, House, TOOLS};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use tacho_domain::report::{Overview, Question};
use tacho_domain::{ToolId, Window};
use tacho_render::words::{amount, count};
use tacho_store::{NewIntegration, Outcome, StoredFailure};

async fn report(house: &House, days: u32) -> Overview {
    let window = Window::ending(house.now.day().minus(1), days);
    house.store.overview(&Question::overview(house.organization, window), &TOOLS).await.unwrap()
}

#[tokio::test]
async fn every_figure_of_the_report_stands_on_the_page() {
    let house = House::seeded(7).await;
    let page = house.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    let report = report(&house, 28).await;
    assert!(report.figures.len() >= 10);
    for figure in &report.figures {
        let at = page.text.find(&format!(r#"data-figure="{}""#, figure.id)).unwrap_or_else(|| panic!("no {}", figure.id));
        let shown = page.text[at..].split(['>', '<']).nth(1).unwrap();
        assert_eq!(shown, amount(figure.value), "{}", figure.id);
    }
    for (tool, row) in report.usage.iter().zip(&report.members.rows) {
        assert!(page.text.contains(&count(tool.interactions.unwrap())));
        assert!(page.text.contains(&format!(r#"<td class="number">{}</td>"#, count(row.interactions.unwrap()))));
    }
}

#[tokio::test]
async fn a_hostile_name_is_text_and_an_unmatched_identity_is_marked() {
    let house = House::seeded(7).await;
    let page = house.get("/").await.text;
    assert!(!page.contains(HOSTILE) && !page.contains("<img src=x"));
    assert!(page.contains("&#60;img src=x onerror=alert(1)&#62; &#38; &#34;Bo&#34;"));
    assert!(page.contains("person1@example.com"));
    assert!(page.contains("Some active identities match no member"));
    let csv = house.get("/reports/overview/members.csv").await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"tacho-overview-members-2026-10-24-2026-11-20.csv\"");
    assert_eq!(csv.text.lines().count(), 8);
}

#[tokio::test]
async fn an_empty_house_says_how_to_connect_a_tool() {
    let house = House::empty().await;
    let page = house.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    for words in ["Connect a tool", "tacho connect pair_api", "/api/ai-usage/connect", "&#34;provider&#34;", "key-..."] {
        assert!(page.text.contains(words) || page.text.contains(&words.replace("&#34;", "\"")), "{words}");
    }
    assert!(!page.text.contains("class=\"cards\""));
}

#[tokio::test]
async fn a_connected_tool_without_data_asks_for_patience_and_shows_no_zero() {
    let house = House::empty().await;
    let (tool, settings) = (ToolId::new("pair"), BTreeMap::new());
    let new = NewIntegration {
        connector: "pair_api",
        tool: &tool,
        name: "Our Pair",
        settings: &settings,
        credential: None,
        owner: None,
    };
    house.store.add_integration(house.organization, &new, house.now).await.unwrap();
    let page = house.get("/").await.text;
    assert!(page.contains("No data in these days") && page.contains("Our Pair"));
    assert!(!page.contains("Connect a tool") && !page.contains("data-figure"));
}

#[tokio::test]
async fn a_failure_is_shown_with_its_fix_and_the_last_good_numbers() {
    let house = House::seeded(3).await;
    let failure = StoredFailure {
        kind: "auth".into(),
        cause: "The key was <revoked>.".into(),
        fix: "Make a new key and run `tacho connect pair_api`.".into(),
        at: house.now.plus_seconds(-600),
    };
    let outcome =
        Outcome { last_synced_at: None, failure: Some(failure.clone()), next_try_at: Some(house.now.plus_seconds(600)) };
    let integrations = house.store.list_integrations(house.organization).await.unwrap();
    house.store.put_integration_outcome(house.organization, integrations[0].id, &outcome).await.unwrap();
    house.store.put_stream_failure(house.organization, integrations[1].id, "user_teams", Some(&failure)).await.unwrap();
    let page = house.get("/").await.text;
    for words in [
        "Pair could not be synced",
        "The key was &#60;revoked&#62;.",
        "<code>tacho connect pair_api</code>",
        "Next try 2026-11-21 09:10 UTC",
        "Shell: user teams is not available",
        "data-figure=\"interactions\"",
        "3 days are provisional",
        "days have no data",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[tokio::test]
async fn no_data_is_a_dash_with_its_reason_and_never_zero() {
    let house = House::seeded(4).await;
    let page = house.get("/?tool=shell&days=7").await.text;
    let at = page.find("data-figure=\"metered_charged\"").unwrap();
    let shown = &page[at..at + 200];
    assert!(shown.contains("title=\"No data: no connected tool reports this for these days\">-</p>"), "{shown}");
    assert!(!page.contains("acceptance_pair"), "filtered out");
}

#[tokio::test]
async fn every_chart_has_words_and_a_table_behind_it() {
    let house = House::seeded(5).await;
    let page = house.get("/").await.text;
    for (id, title) in
        [("adoption", "AI adoption"), ("usage", "Use by tool"), ("heatmap", "Activity"), ("acceptance", "Acceptance by week")]
    {
        let section = page.split(&format!("id=\"{id}\"")).nth(1).unwrap_or_else(|| panic!("no {id}"));
        let section = section.split("</section>").next().unwrap();
        for part in [title, "role=\"img\"", "<desc", "<figcaption>", "<table", &format!("/reports/overview/{id}.csv")] {
            assert!(section.contains(part), "{id}: {part}");
        }
        let csv = house.get(&format!("/reports/overview/{id}.csv")).await;
        assert_eq!(csv.status, StatusCode::OK, "{id}");
        let rows = section.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap().matches("<tr>").count();
        assert_eq!(csv.text.lines().count(), rows + 1, "{id}");
    }
    assert_eq!(house.get("/reports/overview/secrets.csv").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_address_holds_the_view_and_links_keep_it() {
    let house = House::seeded(60).await;
    let page = house.get("/?days=90&tool=pair&limit=5").await.text;
    for link in [
        r#"<a href="/?days=90&#38;tool=pair&#38;page=2&#38;limit=5#members" rel="next">"#,
        r#"<a href="/?tool=pair&#38;limit=5">28 days</a>"#,
        r#"<a href="/?tool=pair&#38;window=last_month&#38;limit=5">"#,
        r#"<a href="/?days=90&#38;limit=5" aria-current="true"><i class="dot series-0"></i>Pair</a>"#,
        r#"<a href="/?days=90&#38;tool=pair&#38;compare=0&#38;limit=5" aria-current="true">Compare"#,
        r#"<input type="hidden" name="tool" value="pair">"#,
        r#"name="from" value="2026-08-23""#,
        r#"<a href="/seats?days=90&#38;tool=pair">Seats</a>"#,
        r#"href="/reports/overview/report.pdf?days=90&#38;tool=pair" download>PDF</a>"#,
    ] {
        let link = link.replace("tool=pair&#38;window=last_month", "window=last_month&#38;tool=pair");
        assert!(page.contains(&link), "{link}");
    }
    let last = house.get("/?days=90&tool=pair&page=500").await;
    assert!(last.text.contains("none of 20"), "beyond the last page");
    let wrong = house.get("/?days=never").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text.contains("<code>days</code>"));
}

#[tokio::test]
async fn a_chosen_theme_is_in_the_first_byte() {
    let house = House::empty().await;
    for (cookie, theme) in [("tacho_theme=dark", "dark"), ("tacho_theme=\"><script>", "system"), ("a=b", "system")] {
        let request = house.asks("GET", "/").header("cookie", cookie).body(axum::body::Body::empty()).unwrap();
        assert!(house.send(request).await.text.contains(&format!("<html lang=\"en\" data-theme=\"{theme}\">")));
    }
}

#[tokio::test]
async fn the_small_pages_look_as_they_were_left() {
    let house = House::empty().await;
    let main = |text: &str| {
        let inner = text.split("<main id=\"main\">").nth(1).unwrap().split("</main>").next().unwrap();
        inner.trim().to_owned()
    };
    insta::assert_snapshot!("ask_for_link", main(&house.stranger("GET", "/sign-in").await.text));
    insta::assert_snapshot!("sign_in", main(&house.stranger("GET", &format!("/sign-in/{}", "A".repeat(43))).await.text));
    insta::assert_snapshot!("connect", main(&house.get("/").await.text));
}
