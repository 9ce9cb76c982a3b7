//! Pseudonymising for good: nothing names the person any more, every figure is the same, and what a vendor says again
//! lands on the pseudonym.

use crate::engines::{self, Database};
use crate::matching::totals;
use crate::members::{ADMIN, called, identity, line, member};
use crate::organization::*;
use std::io::Cursor;
use tacho_domain::report::Question;
use tacho_domain::{Fact, IdentityRef, IntegrationId, Measure, OrganizationId, StreamRole, Window};
use tacho_store::{ArchivedReply, By, NewMember, SliceWrite, Store};

const NAMES: [&str; 6] = ["lovelace", "ada@acme", "ada.l@acme", "ada-l", "4711", "ada@mail"];

fn ada() -> IdentityRef {
    IdentityRef::github(4711, "ada-l")
}

fn people() -> [Fact; 2] {
    [
        person(&ada(), Some("Ada Lovelace"), Some("ada@acme.example")),
        person(&IdentityRef::github(4712, "bob"), Some("Bob"), Some("bob@acme.example")),
    ]
}

async fn roster(store: &Store, organization: OrganizationId, id: IntegrationId, facts: &[Fact], checksum: &[u8]) {
    let write = SliceWrite { stream: "roster", role: StreamRole::Roster, ..slice(id, day("2026-03-02"), checksum, facts) };
    put(store, organization, &write).await;
}

/// Ada with three identities, a former address, a member who was merged into her, a team and a history of decisions.
async fn filled(store: &Store) -> (OrganizationId, IntegrationId) {
    let today = day("2026-03-02");
    let organization = store.ensure_organization("Acme", NOW).await.unwrap();
    let id = integration(store, organization, &COPILOT).await;
    roster(store, organization, id, &people(), b"r").await;
    let mail = IdentityRef::email("ada@mail.example");
    let facts = [
        usage(today, &ada(), &[(Measure::Interactions, 5)]),
        usage(today, &mail, &[(Measure::Interactions, 3)]),
        usage(today, &IdentityRef::github(4712, "bob"), &[(Measure::Interactions, 2)]),
        team(today, &ada(), "core"),
    ];
    put(store, organization, &slice(id, today, b"1", &facts)).await;
    let member = member(store, organization, "ada@acme.example").await.id;
    let mail = identity(store, organization, "ada@mail.example").await.id;
    assert!(store.match_identity(organization, mail, member, ADMIN, NOW).await.unwrap());
    let new = NewMember { github_login: Some("ada-l"), ..called("ada.l@acme.example", "Ada Lovelace") };
    assert!(store.put_member(organization, member, &new, ADMIN, NOW).await.unwrap());
    let double = store.add_member(organization, &called("lovelace@acme.example", "A. Lovelace"), ADMIN, NOW).await.unwrap();
    assert!(store.merge_members(organization, double, member, ADMIN, NOW).await.unwrap());
    let by_hand = store.add_team(organization, "Platform").await.unwrap();
    assert!(store.put_team_member(organization, by_hand, member, (today, None), ADMIN, NOW).await.unwrap());
    for (seq, (stream, body)) in [
        ("users_daily", r#"{"user_id":4711,"n":5}"#),
        ("roster", r#"[{"login":"ada-l"},{"login":"bob"}]"#),
        ("seats", r#"{"login":"bob","n":14711}"#),
        ("late", r#"{"email":"Ada@MAIL.example"}"#),
    ]
    .into_iter()
    .enumerate()
    {
        let window = Window::ending(today, 1);
        let seq = u32::try_from(seq).unwrap();
        let reply = |seq, body: &str| ArchivedReply {
            seq,
            step: "report".into(),
            status: 200,
            window,
            body: Box::new(Cursor::new(body.as_bytes().to_vec())),
        };
        store.put_archive(organization, id, stream, window, vec![reply(seq, body), reply(seq + 1, "{}")], NOW).await.unwrap();
    }
    (organization, id)
}

async fn names_nobody(database: &Database) {
    for row in database.dump().await {
        let row = row.to_lowercase();
        assert!(NAMES.iter().all(|name| !row.contains(name)), "{row}");
    }
}

#[tokio::test]
async fn nothing_names_the_person_and_every_figure_is_the_same() {
    let window = Window::ending(day("2026-03-02"), 7);
    for database in engines::both().await {
        let store = &database.store;
        let (organization, id) = filled(store).await;
        let named = database.dump().await.into_iter().filter(|row| NAMES.iter().any(|name| row.to_lowercase().contains(name)));
        assert!(named.count() > 8, "there is something to forget");
        let who = member(store, organization, "ada.l@acme.example").await.id;
        let question = Question::overview(organization, window);
        let before = (
            totals(store, organization, window).await,
            store.overview(&question, &TOOLS).await.unwrap(),
            store.directory(organization).await.unwrap(),
            store.match_rate(organization, window).await.unwrap(),
            store.teams_of(organization, who, window.to).await.unwrap(),
        );
        assert!(store.erase_member(organization, who, ADMIN, NOW).await.unwrap());
        assert!(!store.erase_member(organization, who, ADMIN, NOW).await.unwrap(), "it is done");
        names_nobody(&database).await;
        let mut overview = store.overview(&question, &TOOLS).await.unwrap();
        let row = overview.members.rows.iter_mut().find(|row| row.subject == who).unwrap();
        assert_eq!(row.name, format!("Erased {}", who.0));
        row.name = "Ada Lovelace".to_owned();
        let after = (
            totals(store, organization, window).await,
            overview,
            store.directory(organization).await.unwrap(),
            store.match_rate(organization, window).await.unwrap(),
            store.teams_of(organization, who, window.to).await.unwrap(),
        );
        assert_eq!(before, after);
        let kept = store.list_archive(organization, id, None, window).await.unwrap();
        let kept: Vec<&str> = kept.iter().map(|entry| entry.stream.as_str()).collect();
        assert_eq!(kept, ["seats", "seats"], "only the fetch that does not name her is kept");
        let found = store.find_member(organization, who).await.unwrap().unwrap();
        assert_eq!((found.erased, found.email, found.identities), (true, None, 2));
        let words: Vec<String> =
            store.list_people_changes(organization, 9, None).await.unwrap().into_iter().map(|change| change.what).collect();
        assert!(words[0].ends_with("was pseudonymised for good"), "{words:?}");
        assert!(store.list_people_changes(organization, 9, None).await.unwrap().iter().all(|change| !change.can_undo));
        database.drop().await;
    }
}

#[tokio::test]
async fn what_a_vendor_says_again_lands_on_the_pseudonym() {
    let today = day("2026-03-02");
    let window = Window::ending(today.plus(9), 28);
    for database in engines::both().await {
        let store = &database.store;
        let (organization, id) = filled(store).await;
        let who = member(store, organization, "ada.l@acme.example").await.id;
        assert!(store.erase_member(organization, who, ADMIN, NOW).await.unwrap());
        let identities = database.dump_of(&["identities"]).await.len();
        // In this process, and in one that never knew the keys.
        let replica = Store::open(&database.url.clone().into(), 2).await.unwrap();
        for (offset, store) in [(1, store), (2, &replica)] {
            let day = today.plus(offset);
            let facts = [
                usage(day, &IdentityRef::github(4711, "ada-lovelace"), &[(Measure::Interactions, 7)]),
                usage(day, &IdentityRef::email("ada@mail.example"), &[(Measure::Interactions, 1)]),
            ];
            put(store, organization, &slice(id, day, b"2", &facts)).await;
            roster(store, organization, id, &people(), format!("again {offset}").as_bytes()).await;
        }
        assert_eq!(database.dump_of(&["identities"]).await.len(), identities, "nobody new");
        // Names that were not known before are hers all the same, and are not written either.
        let day = today.plus(3);
        let facts = [
            usage(day, &IdentityRef::github_login("Ada-L"), &[(Measure::Interactions, 1)]),
            usage(day, &IdentityRef::email("ada.l@acme.example"), &[(Measure::Interactions, 1)]),
            person(&IdentityRef::api_key("lovelace's key"), Some("Ada Lovelace"), Some("lovelace@acme.example")),
            usage(day, &IdentityRef::api_key("lovelace's key"), &[(Measure::Interactions, 1)]),
        ];
        put(&replica, organization, &slice(id, day, b"3", &facts)).await;
        names_nobody(&database).await;
        let directory = store.directory(organization).await.unwrap();
        assert_eq!(directory.identities(who).count(), 5);
        let overview = store.overview(&Question::overview(organization, window), &TOOLS).await.unwrap();
        let row = overview.members.rows.iter().find(|row| row.subject == who).unwrap();
        assert_eq!(row.interactions, Some(5 + 3 + 2 * (7 + 1) + 3));
        assert_eq!(store.list_members(organization).await.unwrap().len(), 2, "no member is made of her again");
        replica.close().await;
        database.drop().await;
    }
}

#[tokio::test]
async fn somebody_pseudonymised_cannot_be_brought_back() {
    for database in engines::both().await {
        let store = &database.store;
        let (organization, _) = filled(store).await;
        let who = member(store, organization, "ada.l@acme.example").await.id;
        let bob = member(store, organization, "bob@acme.example").await.id;
        assert!(store.erase_member(organization, who, By::Operator, NOW).await.unwrap());
        let again = called("ada@acme.example", "Ada");
        let hers = store.list_identities(organization).await.unwrap().into_iter().find(|row| row.member == Some(who)).unwrap().id;
        let bobs = identity(store, organization, "bob").await.id;
        for refusal in [
            store.add_member(organization, &again, ADMIN, NOW).await.map(drop),
            store.put_member(organization, who, &called("new@acme.example", "Ada"), ADMIN, NOW).await.map(drop),
            store.put_member(organization, bob, &again, ADMIN, NOW).await.map(drop),
            store.match_identity(organization, hers, bob, ADMIN, NOW).await.map(drop),
            store.split_identity(organization, hers, ADMIN, NOW).await.map(drop),
            store.ignore_identity(organization, hers, ADMIN, NOW).await.map(drop),
            store.match_identity(organization, bobs, who, ADMIN, NOW).await.map(drop),
            store.merge_members(organization, who, bob, ADMIN, NOW).await.map(drop),
            store.merge_members(organization, bob, who, ADMIN, NOW).await.map(drop),
        ] {
            let error = refusal.unwrap_err();
            assert!(error.is_invalid() && error.to_string().contains("pseudonymised"), "{error}");
        }
        let imported = store.import_people(organization, &[line(2, "ada.l@acme.example")], ADMIN, NOW).await.unwrap();
        assert_eq!((imported.added, imported.refused.len()), (0, 1));
        names_nobody(&database).await;
        database.drop().await;
    }
}
