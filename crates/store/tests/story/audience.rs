//! Who asks changes no figure: only the rows of the member table are left out. What was ignored is counted again when asked.

use crate::engines;
use crate::organization::*;
use std::collections::BTreeSet;
use tacho_domain::report::{Audience, Overview, Question};
use tacho_domain::{Fact, IdentityRef, Measure, SubjectId, Window};
use tacho_store::{By, MatchKind};

#[tokio::test]
async fn figures_are_everyones_whoever_asks_and_names_are_read_for_the_shown_rows_only() {
    let today = day("2026-03-02");
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        let people: Vec<IdentityRef> = (1..6).map(|number| IdentityRef::github(number, &format!("login-{number}"))).collect();
        let mut facts: Vec<Fact> =
            people.iter().zip(1..).map(|(who, number)| usage(today, who, &[(Measure::Interactions, number)])).collect();
        for (who, name) in people.iter().zip(["Ada", "Ben", "Chiara"]) {
            facts.push(person(who, Some(name), Some(&format!("{name}@acme.example"))));
        }
        put(store, organization, &slice(id, today, b"1", &facts)).await;
        let ask = async |audience: Audience| -> Overview {
            let question = Question { audience, ..Question::overview(organization, Window::day(today)) };
            store.overview(&question, &TOOLS).await.unwrap()
        };
        let all = ask(Audience::Everyone).await;
        let unmatched: Vec<SubjectId> = all.members.rows.iter().filter(|row| row.unmatched).map(|row| row.subject).collect();
        let members = store.list_members(organization).await.unwrap();
        let ben = members.iter().find(|member| member.name.as_deref() == Some("Ben")).unwrap().id;
        assert_eq!((all.members.total_rows, unmatched.len()), (5, 2));
        let named = BTreeSet::from([ben, unmatched[0], SubjectId(9_999)]);
        for (audience, names) in [(Audience::Nobody, vec![]), (Audience::Only(named), vec!["Ben"])] {
            let seen = ask(audience).await;
            let shown: Vec<&str> = seen.members.rows.iter().map(|row| row.name.as_str()).collect();
            assert_eq!((shown, seen.members.hidden_rows), (names.clone(), 5 - names.len()));
            let whole = Overview { members: all.members.clone(), ..seen };
            assert_eq!(whole, all, "but for the member table");
        }
        let use_of = store.interactions_by_identity(organization, Window::day(today)).await.unwrap();
        let mut sums: Vec<i64> = use_of.into_values().collect();
        sums.sort_unstable();
        assert_eq!(sums, [1, 2, 3, 4, 5]);
        database.drop().await;
    }
}

#[tokio::test]
async fn an_ignored_identity_is_counted_again_once_it_is_taken_back() {
    let today = day("2026-03-02");
    for database in engines::both().await {
        let store = &database.store;
        let organization = store.ensure_organization("Acme", NOW).await.unwrap();
        let id = integration(store, organization, &COPILOT).await;
        put(
            store,
            organization,
            &slice(id, today, b"1", &[usage(today, &IdentityRef::github(7, "bot"), &[(Measure::Interactions, 4)])]),
        )
        .await;
        let bot = store.list_identities(organization).await.unwrap().into_iter().find(|row| row.label == "bot").unwrap().id;
        let rate = async || store.match_rate(organization, Window::day(today)).await.unwrap();
        assert!(
            !store.split_identity(organization, bot, By::Operator, NOW).await.unwrap(),
            "it has no member and is not ignored"
        );
        assert!(store.ignore_identity(organization, bot, By::Operator, NOW).await.unwrap());
        assert_eq!((rate().await.people, rate().await.ignored), (0, 1));
        assert!(store.split_identity(organization, bot, By::Operator, NOW).await.unwrap());
        assert_eq!((rate().await.people, rate().await.ignored), (1, 0));
        let row = store.find_identity(organization, bot).await.unwrap().unwrap();
        assert_eq!((row.how, row.member), (MatchKind::Unmatched, None));
        let words = store.list_people_changes(organization, 1, None).await.unwrap()[0].what.clone();
        assert_eq!(words, "bot is counted among the people again");
        database.drop().await;
    }
}
