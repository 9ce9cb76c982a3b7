//! Teams: a membership is asked as of a day; a vendor's comes from its snapshots, the others' from what a person wrote.

use crate::engines;
use crate::members::{ADMIN, called, member};
use crate::organization::*;
use std::collections::BTreeSet;
use tacho_domain::{Day, Fact, IdentityRef, IntegrationId, OrganizationId, SliceState, StreamRole, SubjectId};
use tacho_store::{SliceWrite, Store, TeamSource};

async fn snapshot(store: &Store, organization: OrganizationId, id: IntegrationId, day: Day, facts: &[Fact]) {
    let checksum = day.to_string();
    let write = SliceWrite { stream: "user_teams", role: StreamRole::Roster, ..slice(id, day, checksum.as_bytes(), facts) };
    put(store, organization, &write).await;
}

async fn names(store: &Store, organization: OrganizationId, team: i64, day: Day) -> Vec<String> {
    let members = store.list_team_members(organization, team, day).await.unwrap();
    members.into_iter().map(|member| member.name.unwrap()).collect()
}

#[tokio::test]
async fn a_vendors_team_is_as_its_newest_snapshot_up_to_the_day_says() {
    let start = day("2026-03-02");
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let (ada, bob) = (IdentityRef::github(1, "ada"), IdentityRef::github(2, "bob"));
        let stranger = IdentityRef::github(3, "stranger");
        let people = [person(&ada, Some("Ada"), Some("ada@acme.example")), person(&bob, Some("Bob"), Some("bob@acme.example"))];
        put(store, organization, &SliceWrite { stream: "roster", role: StreamRole::Roster, ..slice(id, start, b"r", &people) })
            .await;
        let on = |day| [team(day, &ada, "core"), team(day, &bob, "core"), team(day, &stranger, "core")];
        snapshot(store, organization, id, start, &on(start)).await;
        let later = start.plus(3);
        let named = |day, who: &IdentityRef| match team(day, who, "core") {
            Fact::Team(fact) => Fact::Team(tacho_domain::TeamFact { team: "Kernel".into(), ..fact }),
            other => other,
        };
        snapshot(store, organization, id, later, &[named(later, &ada)]).await;
        snapshot(store, organization, id, start.plus(5), &[]).await;
        let unanswered = SliceWrite {
            stream: "user_teams",
            role: StreamRole::Roster,
            state: SliceState::NoData,
            ..slice(id, start.plus(4), b"", &[])
        };
        put(store, organization, &unanswered).await;
        let teams = store.list_teams(organization, start).await.unwrap();
        assert_eq!(teams.len(), 1);
        assert_eq!(store.list_team_names(organization).await.unwrap(), [(teams[0].id, "Kernel".to_owned())]);
        assert_eq!((teams[0].name.as_str(), teams[0].source, teams[0].members), ("Kernel", TeamSource::Vendor(id), 2));
        let core = teams[0].id;
        for (offset, expected) in
            [(-1, &[][..]), (0, &["Ada", "Bob"]), (2, &["Ada", "Bob"]), (3, &["Ada"]), (4, &["Ada"]), (5, &[]), (90, &[])]
        {
            assert_eq!(names(store, organization, core, start.plus(offset)).await, expected, "{offset} days on");
        }
        let bob = member(store, organization, "bob@acme.example").await.id;
        assert_eq!(store.teams_of(organization, bob, start).await.unwrap(), [core]);
        assert!(store.teams_of(organization, bob, later).await.unwrap().is_empty());
        assert_eq!(store.team_mates(organization, bob, start).await.unwrap().len(), 2);
        assert!(store.team_mates(organization, bob, later).await.unwrap().is_empty());
        let history = store.list_team_history(organization, core).await.unwrap();
        let told: Vec<String> = history
            .iter()
            .map(|entry| format!("{} {}..{:?}", entry.name.as_ref().unwrap(), entry.span.from, entry.span.to))
            .collect();
        assert_eq!(told, ["Bob 2026-03-02..Some(2026-03-04)", "Ada 2026-03-02..Some(2026-03-06)"]);
        for refusal in [
            store.rename_team(organization, core, "Mine").await.map(drop),
            store.remove_team(organization, core).await.map(drop),
            store.put_team_member(organization, core, bob, (start, None), ADMIN, NOW).await.map(drop),
        ] {
            assert!(refusal.unwrap_err().to_string().starts_with("this team comes from a vendor"));
        }
        assert!(store.remove_integration(organization, id, false).await.unwrap());
        assert!(store.list_teams(organization, start).await.unwrap().is_empty());
        database.drop().await;
    }
}

#[tokio::test]
async fn a_snapshot_that_is_too_old_says_nothing_any_more() {
    let start = day("2026-03-02");
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let ada = IdentityRef::email("ada@acme.example");
        store.add_member(organization, &called("ada@acme.example", "Ada"), ADMIN, NOW).await.unwrap();
        snapshot(store, organization, id, start, &[team(start, &ada, "core")]).await;
        let core = store.list_teams(organization, start).await.unwrap()[0].id;
        assert_eq!(names(store, organization, core, start.plus(35)).await, ["Ada"]);
        assert!(names(store, organization, core, start.plus(36)).await.is_empty());
        database.drop().await;
    }
}

#[tokio::test]
async fn memberships_by_hand_hold_from_their_first_to_their_last_day() {
    let start = day("2026-03-02");
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let ada = store.add_member(organization, &called("ada@acme.example", "Ada"), ADMIN, NOW).await.unwrap();
        let bob = store.add_member(organization, &called("bob@acme.example", "Bob"), ADMIN, NOW).await.unwrap();
        let (core, web) =
            (store.add_team(organization, "Core").await.unwrap(), store.add_team(organization, " Web ").await.unwrap());
        let error = store.add_team(organization, "core").await.unwrap_err();
        assert_eq!(error.to_string(), "`name` `core` is another team's");
        assert!(store.rename_team(organization, web, "Core").await.unwrap_err().is_invalid());
        assert!(store.add_team(organization, " ").await.unwrap_err().is_invalid());
        let put = async |team, who, from, to| store.put_team_member(organization, team, who, (from, to), ADMIN, NOW).await;
        assert!(put(core, ada, start, Some(start.plus(4))).await.unwrap());
        assert!(put(core, ada, start.plus(5), Some(start.plus(9))).await.unwrap());
        assert!(put(core, bob, start.plus(2), None).await.unwrap());
        assert!(put(core, ada, start, Some(start.minus(1))).await.unwrap_err().is_invalid());
        assert!(!put(99, ada, start, None).await.unwrap());
        assert!(!put(core, SubjectId(99), start, None).await.unwrap());
        let history = store.list_team_history(organization, core).await.unwrap();
        assert_eq!(history.len(), 2, "what touches becomes one: {history:?}");
        for (offset, expected) in [(-1, &[][..]), (0, &["Ada"]), (2, &["Ada", "Bob"]), (9, &["Ada", "Bob"]), (10, &["Bob"])] {
            assert_eq!(names(store, organization, core, start.plus(offset)).await, expected, "{offset} days on");
        }
        assert!(store.end_team_member(organization, core, bob, start.plus(3), ADMIN, NOW).await.unwrap());
        assert!(!store.end_team_member(organization, core, bob, start.plus(3), ADMIN, NOW).await.unwrap(), "it has ended");
        assert_eq!(names(store, organization, core, start.plus(3)).await, ["Ada", "Bob"]);
        assert_eq!(names(store, organization, core, start.plus(4)).await, ["Ada"]);
        assert_eq!(store.team_mates(organization, ada, start.plus(3)).await.unwrap(), BTreeSet::from([ada, bob]));
        // Bob turns out to be Ada: she is in the team on all of their days, and counts once.
        assert!(store.merge_members(organization, bob, ada, ADMIN, NOW).await.unwrap());
        assert_eq!(store.list_teams(organization, start.plus(3)).await.unwrap()[0].members, 1);
        assert!(store.end_team_member(organization, core, ada, start.plus(1), ADMIN, NOW).await.unwrap());
        assert!(names(store, organization, core, start.plus(2)).await.is_empty(), "it ends for both of her");
        assert!(store.remove_team(organization, core).await.unwrap());
        assert!(!store.remove_team(organization, core).await.unwrap());
        assert_eq!(store.list_teams(organization, start).await.unwrap().len(), 1);
        database.drop().await;
    }
}
