//! Members by hand and from files, and every statement about people on both engines.

use crate::organization::*;
use crate::{Told, engines};
use tacho_domain::people_file::PersonLine;
use tacho_domain::{Day, IdentityId, IdentityKind, IdentityRef, Measure, OrganizationId, StreamRole, SubjectId, UserId, Window};
use tacho_store::{
    By, IdentityRow, MatchKind, Member, MemberFilter, MemberSource, MemberState, NewMember, SliceWrite, Store, Undone,
};

pub(crate) const ADMIN: By = By::User(UserId(7));

pub(crate) fn called<'a>(email: &'a str, name: &'a str) -> NewMember<'a> {
    NewMember { email, name: Some(name), ..NewMember::default() }
}

pub(crate) async fn identity(store: &Store, organization: OrganizationId, label: &str) -> IdentityRow {
    let all = store.list_identities(organization).await.unwrap();
    all.iter().find(|row| row.label == label).unwrap_or_else(|| panic!("no {label} in {all:?}")).clone()
}

pub(crate) async fn member(store: &Store, organization: OrganizationId, email: &str) -> Member {
    let all = store.list_members(organization).await.unwrap();
    all.iter().find(|row| row.email.as_deref() == Some(email)).unwrap_or_else(|| panic!("no {email} in {all:?}")).clone()
}

pub(crate) fn line(number: u32, email: &str) -> PersonLine {
    PersonLine { line: number, email: email.to_owned(), ..PersonLine::default() }
}

/// The chapter of the story: the organization has the members and identities of the chapters before.
pub(crate) async fn tell_people(store: &Store, organization: OrganizationId, told: &mut Told) {
    let (today, later) = (day("2026-03-03"), NOW.plus_seconds(60));
    told.tell("identities", store.list_identities(organization).await.unwrap());
    let ci = identity(store, organization, "ci").await;
    told.tell("identity", store.find_identity(organization, ci.id).await.unwrap());
    let window = Window::ending(today, 28);
    told.tell("rate", store.match_rate(organization, window).await.unwrap());
    let carol = store.add_member(organization, &called("Carol@Acme.example", " Carol King "), ADMIN, NOW).await.unwrap();
    let left = NewMember { left_on: Some(today), github_login: Some("@Carol"), ..called("carol.king@acme.example", "Carol K.") };
    assert!(store.put_member(organization, carol, &left, By::Operator, NOW).await.unwrap());
    told.tell("carol", store.find_member(organization, carol).await.unwrap());
    let ada = member(store, organization, "ada@acme.example").await;
    assert!(store.match_identity(organization, ci.id, carol, ADMIN, NOW).await.unwrap());
    assert!(store.split_identity(organization, ci.id, By::Token, NOW).await.unwrap());
    assert!(store.ignore_identity(organization, ci.id, ADMIN, NOW).await.unwrap());
    assert!(store.refuse_suggestion(organization, ci.id, ada.id, ADMIN, NOW).await.unwrap());
    told.tell("suggestions", store.list_suggestions(organization).await.unwrap());
    let team = store.add_team(organization, "Platform").await.unwrap();
    assert!(store.rename_team(organization, team, "platform").await.unwrap());
    assert!(store.put_team_member(organization, team, carol, (today.minus(9), None), ADMIN, NOW).await.unwrap());
    assert!(store.put_team_member(organization, team, ada.id, (today, Some(today)), ADMIN, NOW).await.unwrap());
    assert!(store.end_team_member(organization, team, carol, today, ADMIN, later).await.unwrap());
    assert!(store.merge_members(organization, carol, ada.id, ADMIN, later).await.unwrap());
    told.tell("teams", store.list_teams(organization, today).await.unwrap());
    told.tell("names of teams", store.list_team_names(organization).await.unwrap());
    told.tell("team", store.list_team_members(organization, team, today).await.unwrap());
    told.tell("history", store.list_team_history(organization, team).await.unwrap());
    let core = store.list_teams(organization, today).await.unwrap().into_iter().find(|team| team.name == "core").unwrap();
    told.tell("a vendor's history", store.list_team_history(organization, core.id).await.unwrap());
    told.tell("teams of", store.teams_of(organization, ada.id, today).await.unwrap());
    told.tell("mates", store.team_mates(organization, ada.id, today).await.unwrap());
    let search = MemberFilter { search: "ADA".into(), team: Some((team, today)), limit: 9, ..MemberFilter::default() };
    told.tell("page", store.page_members(organization, &search).await.unwrap());
    let lines =
        [PersonLine { teams: vec!["Platform".into(), "New".into()], ..line(2, "dan@acme.example") }, line(3, "bob@acme.example")];
    told.tell("imported", store.import_people(organization, &lines, By::Operator, later).await.unwrap());
    let changes = store.list_people_changes(organization, 50, None).await.unwrap();
    told.tell("changes", &changes);
    let merge = changes.iter().find(|change| change.what.contains("the same person")).unwrap();
    told.tell("undone", store.undo_people_change(organization, merge.id, ADMIN, later).await.unwrap());
    told.tell("once more", store.undo_people_change(organization, merge.id, ADMIN, later).await.unwrap());
    told.tell("page of changes", store.list_people_changes(organization, 2, Some(merge.id)).await.unwrap());
    assert!(store.remove_team(organization, team).await.unwrap());
    let bob = member(store, organization, "bob@acme.example").await;
    assert!(store.erase_member(organization, bob.id, ADMIN, later).await.unwrap());
    told.tell("members", store.list_members(organization).await.unwrap());
    told.tell("identities", store.list_identities(organization).await.unwrap());
}

#[tokio::test]
async fn a_member_by_hand_gets_what_is_certainly_theirs_and_nothing_else() {
    let today = day("2026-03-02");
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let who = [
            IdentityRef::github(7, "Ada-L"),
            IdentityRef::email("ada@acme.example"),
            IdentityRef::email("ada@other.example"),
            IdentityRef::github_login("ada-l"),
            IdentityRef::api_key("ada-l"),
        ];
        let facts: Vec<_> = who.iter().map(|who| usage(today, who, &[(Measure::Interactions, 1)])).collect();
        put(store, organization, &slice(id, today, b"1", &facts)).await;
        let new = NewMember { github_login: Some("Ada-L"), ..called("ada@acme.example", "Ada") };
        let ada = store.add_member(organization, &new, ADMIN, NOW).await.unwrap();
        let how: Vec<_> =
            store.list_identities(organization).await.unwrap().into_iter().map(|row| (row.how, row.member)).collect();
        let (login, nobody) = ((MatchKind::ByLogin, Some(ada)), (MatchKind::Unmatched, None));
        assert_eq!(how, [login, (MatchKind::ByAddress, Some(ada)), nobody, login, nobody]);
        let later = [usage(today.plus(1), &IdentityRef::github(8, "ADA-L"), &[(Measure::Interactions, 1)])];
        put(store, organization, &slice(id, today.plus(1), b"1", &later)).await;
        assert_eq!(identity(store, organization, "ADA-L").await.how, MatchKind::ByLogin, "who comes later is known by the login");
        let rate = store.match_rate(organization, Window::day(today)).await.unwrap();
        assert_eq!((rate.people, rate.matched, rate.unmatched_interactions, rate.all_interactions), (4, 3, 1, 4));
        database.drop().await;
    }
}

#[tokio::test]
async fn an_address_or_a_login_belongs_to_one_member_only() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let new = NewMember { github_login: Some("ada"), ..called("ada@acme.example", "Ada") };
        let ada = store.add_member(organization, &new, ADMIN, NOW).await.unwrap();
        let bob = store.add_member(organization, &called("bob@acme.example", "Bob"), ADMIN, NOW).await.unwrap();
        for (wrong, field) in [
            (called("ADA@acme.example", "Other"), "`email` `ada@acme.example` is another member's"),
            (called("ada", "Other"), "`email` `ada` is not an e-mail address"),
            (called("", "Other"), "`email` is empty"),
            (
                NewMember { github_login: Some("Ada"), ..called("o@acme.example", "O") },
                "`github_login` `ada` is another member's",
            ),
            (NewMember { github_login: Some("a b"), ..called("o@acme.example", "O") }, "`github_login` `a b` is not"),
            (called("o@acme.example", "O\nP"), "`name` is longer"),
        ] {
            let error = store.add_member(organization, &wrong, ADMIN, NOW).await.unwrap_err();
            assert!(error.is_invalid() && error.to_string().starts_with(field), "{error}");
            let error = store.put_member(organization, bob, &wrong, ADMIN, NOW).await.unwrap_err();
            assert!(error.is_invalid() && error.to_string().starts_with(field), "{error}");
        }
        assert_eq!(store.list_people_changes(organization, 9, None).await.unwrap().len(), 2, "nothing was written");
        assert!(!store.put_member(organization, SubjectId(99), &called("x@acme.example", "X"), ADMIN, NOW).await.unwrap());
        // The former address means Ada to a roster, but a person may give it to somebody else.
        assert!(store.put_member(organization, ada, &called("a.l@acme.example", "Ada L."), ADMIN, NOW).await.unwrap());
        let id = integration(store, organization, &COPILOT).await;
        let people = [person(&IdentityRef::github(7, "al"), Some("A. Lovelace"), Some("ada@acme.example"))];
        let roster = SliceWrite { stream: "roster", role: StreamRole::Roster, ..slice(id, day("2026-03-02"), b"r", &people) };
        put(store, organization, &roster).await;
        assert_eq!(store.list_members(organization).await.unwrap().len(), 2);
        let found = store.find_member(organization, ada).await.unwrap().unwrap();
        assert_eq!(
            (found.name.as_deref(), found.identities),
            (Some("Ada L."), 1),
            "a roster does not change a name that a person wrote"
        );
        store.add_member(organization, &called("ada@acme.example", "Another Ada"), ADMIN, NOW).await.unwrap();
        assert_eq!(store.list_members(organization).await.unwrap().len(), 3);
        database.drop().await;
    }
}

#[tokio::test]
async fn adding_and_changing_a_member_can_be_undone() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let today = day("2026-03-02");
        let facts = [usage(today, &IdentityRef::email("ada@acme.example"), &[(Measure::Interactions, 1)])];
        put(store, organization, &slice(id, today, b"1", &facts)).await;
        let before = store.directory(organization).await.unwrap();
        let ada = store.add_member(organization, &called("ada@acme.example", "Ada"), ADMIN, NOW).await.unwrap();
        let added = store.list_people_changes(organization, 1, None).await.unwrap()[0].clone();
        assert_eq!((added.what.as_str(), added.can_undo, added.by), ("Ada was added", true, ADMIN));
        assert!(store.put_member(organization, ada, &called("al@acme.example", "Ada L."), ADMIN, NOW).await.unwrap());
        let overtaken = store.undo_people_change(organization, added.id, ADMIN, NOW).await.unwrap();
        assert!(matches!(overtaken, Undone::Overtaken(_)), "{overtaken:?}");
        assert_eq!(store.undo_people_change(organization, added.id + 1, ADMIN, NOW).await.unwrap(), Undone::Done);
        assert_eq!(store.find_member(organization, ada).await.unwrap().unwrap().email.as_deref(), Some("ada@acme.example"));
        assert_eq!(store.undo_people_change(organization, added.id, ADMIN, NOW).await.unwrap(), Undone::Done);
        assert!(store.list_members(organization).await.unwrap().is_empty());
        assert_eq!(store.directory(organization).await.unwrap(), before);
        assert_eq!(store.undo_people_change(organization, 99, ADMIN, NOW).await.unwrap(), Undone::NotFound);
        database.drop().await;
    }
}

#[tokio::test]
async fn pages_of_members_hold_each_once() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        for number in 0..7 {
            let email = format!("p{number}@acme.example");
            let left_on = (number == 3).then(|| day("2026-03-01"));
            let new = NewMember { left_on, ..called(&email, "Ünal Person") };
            store.add_member(organization, &new, ADMIN, NOW).await.unwrap();
        }
        let mut seen = Vec::new();
        loop {
            let filter =
                MemberFilter { after: seen.last().copied(), limit: 3, search: "ünal".into(), ..MemberFilter::default() };
            let page = store.page_members(organization, &filter).await.unwrap();
            if page.is_empty() {
                break;
            }
            seen.extend(page.iter().map(|member| member.id));
        }
        assert_eq!(seen.len(), 7);
        assert!(seen.is_sorted());
        for (state, count) in [(MemberState::Left, 1), (MemberState::Present, 6), (MemberState::Erased, 0)] {
            let filter = MemberFilter { state: Some(state), limit: 99, ..MemberFilter::default() };
            assert_eq!(store.page_members(organization, &filter).await.unwrap().len(), count, "{state:?}");
        }
        database.drop().await;
    }
}

#[tokio::test]
async fn a_file_of_people_is_taken_over_line_by_line_and_says_what_it_left_out() {
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let today: Day = NOW.day();
        let facts = [usage(today, &IdentityRef::github(1, "ada-l"), &[(Measure::Interactions, 1)])];
        put(store, organization, &slice(id, today, b"1", &facts)).await;
        let teams = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let lines = [
            PersonLine { github_login: Some("ada-l".into()), teams: teams(&["Core", "Web"]), ..line(2, "ada@acme.example") },
            PersonLine { name: Some("Bob".into()), teams: teams(&["core"]), ..line(3, "bob@acme.example") },
            PersonLine { github_login: Some("ada-l".into()), ..line(4, "carol@acme.example") },
        ];
        let imported = store.import_people(organization, &lines, ADMIN, NOW).await.unwrap();
        assert_eq!((imported.added, imported.changed, imported.matched, imported.teams), (2, 0, 1, 2));
        assert_eq!(imported.refused.len(), 1);
        assert!(imported.refused[0].0 == 4 && imported.refused[0].1.contains("`ada-l` is another member's"), "{imported:?}");
        let again = store.import_people(organization, &lines[..2], ADMIN, NOW).await.unwrap();
        assert_eq!((again.added, again.changed, again.matched, again.teams), (0, 0, 0, 0), "the same file changes nothing");
        let moved = PersonLine { left_on: Some(today), teams: teams(&["Web"]), ..line(2, "ada@acme.example") };
        let tomorrow = NOW.plus_seconds(86_400);
        let imported = store.import_people(organization, &[moved], ADMIN, tomorrow).await.unwrap();
        assert_eq!((imported.added, imported.changed), (0, 1));
        let ada = member(store, organization, "ada@acme.example").await;
        assert_eq!((ada.left_on, ada.source, ada.github_login.as_deref()), (Some(today), MemberSource::File, Some("ada-l")));
        assert_eq!(store.teams_of(organization, ada.id, today).await.unwrap().len(), 2, "the day before stays as it was");
        assert_eq!(store.teams_of(organization, ada.id, today.plus(1)).await.unwrap().len(), 1);
        assert_eq!(identity(store, organization, "ada-l").await.kind, IdentityKind::GithubId);
        assert_eq!(store.find_identity(organization, IdentityId(999)).await.unwrap(), None);
        database.drop().await;
    }
}
