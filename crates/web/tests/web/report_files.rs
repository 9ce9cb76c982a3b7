//! The files of a report: each kind is what it says, holds what the page shows, and has a name a person can file.

use crate::house::{Answer, HOSTILE, House};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use tacho_domain::Role;
use tower::ServiceExt;

/// The bytes of a file, as the owner's token asks for them.
async fn bytes(house: &House, path: &str) -> (StatusCode, String, String, Vec<u8>) {
    let request = house.asks("GET", path).body(Body::empty()).unwrap();
    let response = house.router.clone().oneshot(request).await.unwrap();
    let header = |name: &str| response.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned());
    let (status, kind, named) = (response.status(), header("content-type"), header("content-disposition"));
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
    (status, kind, named, body)
}

#[tokio::test]
async fn each_kind_is_what_it_says_and_is_named_after_report_part_and_days() {
    let house = House::seeded(5).await;
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    for (file, named, kind, begin) in [
        ("report.pdf", "overview", "application/pdf", b"%PDF-".as_slice()),
        ("report.xlsx", "overview", sheet, b"PK\x03\x04"),
        ("report.json", "overview", "application/json", b"{\"name\":\"overview\""),
        ("figures.csv", "overview-figures", "text/csv; charset=utf-8", b"Figure,Tool"),
        ("members.csv", "overview-members", "text/csv; charset=utf-8", b"Name,"),
        ("members.xlsx", "overview-members", sheet, b"PK\x03\x04"),
        ("adoption.svg", "overview-adoption", "image/svg+xml", b"<svg"),
        ("adoption.png", "overview-adoption", "image/png", b"\x89PNG\r\n"),
    ] {
        let (status, found, disposition, body) = bytes(&house, &format!("/reports/overview/{file}")).await;
        assert_eq!((status, found.as_str()), (StatusCode::OK, kind), "{file}");
        let extension = file.rsplit('.').next().unwrap();
        assert_eq!(disposition, format!("attachment; filename=\"tacho-{named}-2026-10-24-2026-11-20.{extension}\""));
        assert!(body.starts_with(begin), "{file}: {:?}", &body[..20]);
    }
}

#[tokio::test]
async fn what_is_no_part_of_a_report_has_no_file() {
    let house = House::seeded(3).await;
    for file in ["report.exe", "report.csv", "figures.pdf", "members.png", "secrets.csv", "report", ".csv", "..%2Freport.pdf"] {
        let (status, ..) = bytes(&house, &format!("/reports/overview/{file}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{file}");
    }
    let words = house.get("/reports/overview/secrets.csv").await.text;
    assert!(words.contains("<code>report.pdf</code>") && words.contains("adoption"), "{words}");
}

#[tokio::test]
async fn a_table_as_a_file_has_every_row_in_the_order_and_with_the_words_of_the_page() {
    let house = House::seeded(15).await;
    let names = |answer: Answer| -> Vec<String> {
        let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
        reader.records().map(|row| row.unwrap()[0].to_owned()).collect()
    };
    let whole = names(house.get("/reports/overview/members.csv?limit=3&page=2").await);
    assert!(whole.len() > 10, "a page of a table is no file: {whole:?}");
    let sorted = names(house.get("/reports/overview/members.csv?sort=name&order=desc").await);
    let mut expected = whole.clone();
    expected.sort_by_key(|name| std::cmp::Reverse(name.to_lowercase()));
    assert_eq!(sorted, expected);
    assert!(whole.iter().any(|name| name == HOSTILE));
    let found = names(house.get("/reports/overview/members.csv?search=haddad").await);
    assert!(!found.is_empty() && found.iter().all(|name| name.contains("Haddad")), "{found:?}");
}

#[tokio::test]
async fn the_usage_of_everyone_is_a_line_for_each_member_day_and_tool_and_adds_up() {
    let house = House::seeded(7).await;
    let answer = house.get("/reports/usage.csv?days=28&tool=pair").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"tacho-usage-2026-10-24-2026-11-20.csv\"");
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let place = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let sum: i64 = rows.iter().filter_map(|row| row[place("interactions")].parse::<i64>().ok()).sum();
    let json = house.get("/api/overview?days=28&tool=pair").await.json();
    assert_eq!(json["usage"][0]["interactions"], sum);
    let mut keys: Vec<(String, String)> =
        rows.iter().map(|row| (row[place("day")].to_owned(), row[place("name")].to_owned())).collect();
    let many = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), many, "one line for each");
    assert!(rows.iter().all(|row| &row[place("tool")] == "pair"));
    let nobody: Vec<_> = rows.iter().filter(|row| row[place("member_id")].is_empty()).collect();
    assert!(nobody.iter().all(|row| row[place("name")].starts_with("person1@")), "only person 1 is unmatched");
    for role in [Role::Admin, Role::Lead, Role::Member, Role::Viewer] {
        let cookie = house.user(role).await;
        assert_eq!(house.page(&cookie, "/reports/usage.csv").await.status, StatusCode::FORBIDDEN, "{role}");
    }
    let told = house.store.list_audit(house.organization, &tacho_store::AuditFilter::default()).await.unwrap();
    assert!(told.iter().any(|row| row.target == "usage as usage.csv"));
}

#[tokio::test]
async fn a_stranger_gets_no_file() {
    let house = House::seeded(3).await;
    for path in ["/reports/overview/report.pdf", "/reports/usage.csv", "/search?q=person"] {
        let request = Request::get(path).header("host", "tacho.example").body(Body::empty()).unwrap();
        assert_eq!(house.send(request).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}
