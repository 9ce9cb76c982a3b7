//! Share cards: nothing is public before somebody makes a link, and nothing after it ends; the page says what was chosen and
//! no more.

use crate::house::{Answer, House, now};
use axum::http::StatusCode;
use tacho_domain::{Role, SubjectId};
use tacho_store::AuditFilter;
use tacho_web::{Limits, Operations};

const HERE: &str = "/me/share";
const FORM: [(&str, &str); 3] = [("days", "90"), ("name", "Ada <script>"), ("ends", "7")];

/// A house with people and somebody of them who signs in: their member and cookie.
async fn home(public_url: Option<&str>) -> (House, SubjectId, String) {
    let public_url = public_url.map(|url| url.parse().unwrap());
    let house = House::operated(Limits::default(), false, Operations { public_url, ..Operations::default() }).await;
    house.seed(4).await;
    let (user, cookie) = house.person(Role::Member).await;
    let member = house.store.list_members(house.organization).await.unwrap()[0].id;
    house.store.link_user(house.organization, user, Some(member)).await.unwrap();
    (house, member, cookie)
}

/// The link that the page shows once, below the root.
fn shown(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let start = answer.text.find("id=\"link\"").unwrap();
    let url = answer.text[start..].split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    let path = url.splitn(4, '/').nth(3).unwrap();
    assert!(path.starts_with("s/") && path.len() == 45, "{url}");
    format!("/{path}")
}

async fn actions(house: &House) -> Vec<String> {
    let rows = house.store.list_audit(house.organization, &AuditFilter { limit: 50, ..AuditFilter::default() }).await.unwrap();
    rows.into_iter().map(|row| row.action.as_str().to_owned()).filter(|action| action.starts_with("share_")).collect()
}

#[tokio::test]
async fn a_card_is_public_from_the_link_on_until_it_is_revoked() {
    let (house, _, cookie) = home(Some("https://tacho.example.com")).await;
    let preview = house.page(&cookie, HERE).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    assert!(preview.text.contains("You share nothing.") && preview.text.contains("class=\"share-card\""));
    let made = house.submit(&cookie, HERE, &FORM).await;
    let link = shown(&made);
    let encoded = format!(
        "https://www.linkedin.com/sharing/share-offsite/?url=https%3A%2F%2Ftacho.example.com{}",
        link.replace('/', "%2F")
    );
    assert!(made.text.contains(&encoded), "{}", made.text);
    let listed = house.page(&cookie, HERE).await.text;
    assert!(!listed.contains(&link) && listed.contains("0 times"), "the link is shown once");

    let page = house.stranger("GET", &link).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert_eq!(page.header("x-robots-tag"), "noindex, nofollow, noarchive");
    assert_eq!(page.header("set-cookie"), "");
    assert_eq!(page.header("referrer-policy"), "strict-origin");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    let picture = format!("https://tacho.example.com{link}/card.png");
    for tag in [
        format!("<meta property=\"og:image\" content=\"{picture}\">"),
        format!("<meta property=\"og:url\" content=\"https://tacho.example.com{link}\">"),
        format!("<meta name=\"twitter:image\" content=\"{picture}\">"),
        "<meta name=\"twitter:card\" content=\"summary_large_image\">".to_owned(),
        "<meta property=\"og:image:width\" content=\"1200\">".to_owned(),
        "<meta name=\"robots\" content=\"noindex, nofollow, noarchive\">".to_owned(),
    ] {
        assert!(page.text.contains(&tag), "{tag} in {}", page.text);
    }
    assert!(!page.text.contains("<script"), "neither ours nor theirs");
    for private in ["Example &", "Person", "@example.com", "sign-out", "/me"] {
        assert!(!page.text.contains(private), "{private} in {}", page.text);
    }
    let drawn = house.stranger("GET", &format!("{link}/card.png")).await;
    assert_eq!((drawn.status, drawn.header("content-type")), (StatusCode::OK, "image/png"));
    let listed = house.page(&cookie, HERE).await.text;
    assert!(listed.contains("1 time<"), "the page was opened once, the picture is not counted: {listed}");

    let revoke = listed.split("action=\"").find(|rest| rest.contains("/revoke")).unwrap().split('"').next().unwrap().to_owned();
    let (_, stranger) = house.person(Role::Owner).await;
    assert_eq!(house.submit(&stranger, &revoke, &[]).await.status, StatusCode::NOT_FOUND, "not theirs");
    assert_eq!(house.submit(&cookie, &revoke, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.stranger("GET", &link).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.stranger("GET", &format!("{link}/card.png")).await.status, StatusCode::NOT_FOUND, "nor what was kept");
    assert_eq!(actions(&house).await, ["share_revoked", "share_created"]);
}

#[tokio::test]
async fn a_link_ends_and_a_guess_finds_nothing() {
    let (house, _, cookie) = home(None).await;
    let link = shown(&house.submit(&cookie, HERE, &FORM).await);
    house.wait(7 * 86_400 - 1);
    assert_eq!(house.stranger("GET", &link).await.status, StatusCode::OK);
    house.wait(1);
    for gone in [link.as_str(), "/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/s/x", "/s/'%20or%201"] {
        for address in [gone.to_owned(), format!("{gone}/card.png")] {
            let answer = house.stranger("GET", &address).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
            assert!(!answer.text.contains(&link[3..]), "the secret is not told again");
        }
    }
}

#[tokio::test]
async fn what_is_shared_stays_as_it_was_and_goes_with_the_member() {
    let (house, member, cookie) = home(None).await;
    let fields = [("days", "28"), ("name", "Ada"), ("ends", "90"), ("organization", "1")];
    let link = shown(&house.submit(&cookie, HERE, &fields).await);
    let before = house.stranger("GET", &link).await.text;
    assert!(before.contains("Example &#38; Sons") && before.contains("of 28"), "{before}");
    house.wait(20 * 86_400);
    assert_eq!(house.stranger("GET", &link).await.text, before, "frozen");
    house.store.erase_member(house.organization, member, tacho_store::By::Operator, now()).await.unwrap();
    assert_eq!(house.stranger("GET", &link).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn where_nobody_outside_can_come_the_page_says_so_and_offers_the_picture() {
    for (url, reachable) in [("http://127.0.0.1:8080", false), ("https://tacho.corp", false), ("https://tacho.example.com", true)]
    {
        let (house, _, cookie) = home(Some(url)).await;
        let made = house.submit(&cookie, HERE, &FORM).await;
        assert_eq!(made.text.contains("linkedin.com"), reachable, "{url}");
        assert_eq!(made.text.contains("nobody outside your network can open"), !reachable, "{url}");
        assert!(made.text.contains("Download the picture"));
    }
}

#[tokio::test]
async fn the_form_keeps_what_was_typed_and_takes_only_what_is_offered() {
    let (house, _, cookie) = home(None).await;
    let long = "x".repeat(61);
    for wrong in ["", long.as_str()] {
        let answer = house.submit(&cookie, HERE, &[("days", "28"), ("name", wrong), ("ends", "90")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("id=\"name-error\"") && answer.text.contains("You share nothing."));
        assert!(answer.text.contains("value=\"28\" selected") && answer.text.contains("value=\"90\" selected"));
    }
    for (field, value) in [("days", "29"), ("ends", "1000"), ("days", "x")] {
        assert_eq!(house.submit(&cookie, HERE, &[(field, value)]).await.status, StatusCode::BAD_REQUEST, "{field}={value}");
    }
    assert!(actions(&house).await.is_empty());
    let picture = house.page(&cookie, "/me/share/card.png?days=28&name=Ada&download=1").await;
    assert_eq!((picture.status, picture.header("content-type")), (StatusCode::OK, "image/png"));
    assert!(picture.header("content-disposition").starts_with("attachment; filename=\"tacho-"));
}

#[tokio::test]
async fn an_account_that_is_no_member_is_told_and_a_viewer_may_not() {
    let house = House::patient().await;
    let owner = house.user(Role::Owner).await;
    let page = house.page(&owner, HERE).await;
    assert!(page.status == StatusCode::OK && page.text.contains("linked to no member yet"));
    assert!(house.submit(&owner, HERE, &FORM).await.text.contains("linked to no member yet"));
    assert_eq!(house.page(&owner, "/me/share/card.png").await.status, StatusCode::NOT_FOUND);
    let viewer = house.user(Role::Viewer).await;
    assert_eq!(house.page(&viewer, HERE).await.status, StatusCode::FORBIDDEN);
}
