//! The permission table: written down, and walked. Every route is asked for with every role, with ids of the role's own
//! organization and with those of another one; routes that are added later are walked without a word here, unless their
//! address has a name for which nothing is seeded.

use crate::house::House;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;
use tacho_domain::{Role, UserId};
use tacho_web::{Gate, Limits, RouteRow, permissions_page, route_table};
use tower::ServiceExt;

use crate::seeds::{MARK, Seeds};

#[test]
fn the_written_table_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/permissions.md");
    #[expect(clippy::disallowed_methods, reason = "whoever changes permissions writes the table anew so")]
    if std::env::var_os("TACHO_WRITE_DOCS").is_some() {
        std::fs::write(&path, permissions_page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == permissions_page(),
        "docs/permissions.md is out of date: run TACHO_WRITE_DOCS=1 cargo nextest run -p tacho-web permissions"
    );
}

/// Two organizations in one house.
struct Town {
    house: House,
    own: Seeds,
    other: Seeds,
    roles: BTreeMap<Role, UserId>,
}

impl Town {
    async fn build() -> Self {
        let plenty = NonZeroU32::new(1_000_000).unwrap();
        let limits = Limits { sign_in_per_minute: plenty, connect_per_minute: plenty, requests_per_minute: plenty };
        let mut house = House::with(limits, false).await;
        let organization = house.organization;
        // The other one has more of everything, so that its last ids name nothing in the first.
        let other = house.store.add_organization(&format!("{MARK} Works"), house.now).await.unwrap();
        house.seed(4).await;
        house.organization = other;
        house.seed(12).await;
        house.organization = organization;
        let house = house;
        let own = crate::seeds::seed(&house, organization, "own", 1).await;
        let other = crate::seeds::seed(&house, other, MARK, 9).await;
        let mut roles = BTreeMap::new();
        for role in Role::ALL {
            roles.insert(role, house.person(role).await.0);
        }
        crate::seeds::apart(&house, &own, &other).await;
        Self { house, own, other, roles }
    }

    /// A request by whoever has a role, in a session of its own: some addresses end sessions.
    async fn ask(&self, row: &RouteRow, path: &str, role: Option<Role>) -> (StatusCode, String) {
        let mut request = Request::builder().method(row.method.clone()).uri(path).header("host", "tacho.example");
        if let Some(role) = role {
            let cookie = self.house.session(self.house.organization, self.roles[&role]).await;
            request = request.header("cookie", cookie);
        }
        let (kind, body) = match (row.method == Method::GET, path.starts_with("/api/")) {
            (true, _) => (None, ""),
            (false, true) => (Some("application/json"), "{}"),
            (false, false) => (Some("application/x-www-form-urlencoded"), ""),
        };
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let response = self.house.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let stream = parts.headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        // A stream of events has no end to be waited for.
        let text = if stream { Vec::new() } else { axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec() };
        (parts.status, String::from_utf8_lossy(&text).into_owned())
    }
}

/// Reading first, taking away last, so that what is asked for is still there.
fn in_order() -> Vec<RouteRow> {
    let mut rows = route_table();
    let takes_away = |row: &RouteRow| {
        row.method == Method::DELETE || ["remove", "revoke", "erase", "sign-out"].iter().any(|word| row.path.contains(word))
    };
    rows.sort_by_key(|row| (row.method != Method::GET, takes_away(row), row.path.clone(), row.method.to_string()));
    rows
}

#[tokio::test]
async fn every_route_lets_in_whom_the_table_says_and_nobody_else() {
    let town = Town::build().await;
    let mut asked = 0;
    for row in in_order() {
        let own = town.own.fill(&row.path);
        let place = format!("{} {}", row.method, row.path);
        for role in Role::ALL {
            let (status, text) = town.ask(&row, &own.path, Some(role)).await;
            asked += 1;
            assert!(!status.is_server_error(), "{place} as {role}: {status} {text}");
            assert!(!text.contains(MARK), "{place} as {role} shows the other organization");
            if row.gate == Gate::Open {
                continue;
            }
            if row.gate.lets_in(role) {
                // Where several permissions open a door, each of them opens its own rows: the organization's, one's own.
                let some_rows =
                    own.named && matches!(row.gate, Gate::NeedsOne(any) if any.iter().any(|permission| !role.may(*permission)));
                let refused = status == StatusCode::UNAUTHORIZED || (status == StatusCode::FORBIDDEN && !some_rows);
                assert!(!refused, "{place} as {role}: the table lets them in, but the answer was {status} {text}");
                // Else the other organization's ids could be refused because the address never finds anything.
                let lost = !some_rows && row.method == Method::GET && own.named && status == StatusCode::NOT_FOUND;
                assert!(!lost, "{place} as {role}: what was seeded is not found at {}", own.path);
            } else {
                assert_eq!(status, StatusCode::FORBIDDEN, "{place} as {role}: {text}");
            }
        }
    }
    assert!(asked > 100, "{asked}");
}

#[tokio::test]
async fn a_visitor_is_sent_to_sign_in_wherever_there_is_a_gate() {
    let town = Town::build().await;
    for row in route_table() {
        let (status, text) = town.ask(&row, &town.own.fill(&row.path).path, None).await;
        let place = format!("{} {}", row.method, row.path);
        assert!(!status.is_server_error(), "{place}: {status}");
        assert!(!text.contains(MARK), "{place}");
        if row.gate != Gate::Open {
            let sent = status == StatusCode::UNAUTHORIZED || (status == StatusCode::SEE_OTHER && !row.path.starts_with("/api/"));
            assert!(sent, "{place} as a visitor: {status} {text}");
        }
    }
}

#[tokio::test]
async fn ids_of_another_organization_name_nothing_for_any_role() {
    let town = Town::build().await;
    let before = crate::seeds::picture(&town.house, town.other.organization).await;
    let mut asked = 0;
    for row in in_order() {
        let Some(path) = town.other.fill_foreign(&row.path) else { continue };
        let place = format!("{} {}", row.method, row.path);
        for role in Role::ALL {
            let (status, text) = town.ask(&row, &path, Some(role)).await;
            asked += 1;
            assert!(!text.contains(MARK), "{place} as {role} shows the other organization: {text}");
            if !row.gate.lets_in(role) {
                assert_eq!(status, StatusCode::FORBIDDEN, "{place} as {role}");
                continue;
            }
            // A form that is read before the row is looked for may be found wanting first.
            let nothing = match row.method {
                Method::GET => status == StatusCode::NOT_FOUND,
                _ => matches!(status.as_u16(), 400 | 404 | 415 | 422),
            };
            assert!(nothing, "{place} as {role} with an id of the other organization: {status} {text}");
        }
    }
    assert!(asked > 30, "{asked}");
    assert_eq!(crate::seeds::picture(&town.house, town.other.organization).await, before, "the other organization was changed");
}
